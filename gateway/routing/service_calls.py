"""Asking a service on behalf of a request: the envelope out, the answer or a Problem back.

Promises: a command is decided on a state that has read what this gateway knows to be written (its own commands' answers
and the views' cuts), so that nobody's next step is refused for what their last step has done.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.backends.ports import (
    Answer,
    Call,
    ServiceAway,
    ServiceBroken,
    ServiceLate,
)
from gateway.http import responses
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import Handler, RequestContext
from shared.logs import logger

DEADLINE_S = 5.0
LONG_S = 30.0  # what takes a service seconds: a film to probe, a roll to read, an assignment to solve
log_ = logger(__name__)


async def ask_service(
    app: AppContext,
    context: RequestContext,
    service: str,
    method: str,
    body: Mapping[str, Any],
    *,
    deadline_s: float = DEADLINE_S,
) -> dict[str, Any]:
    """What stands under `ok`, with the `position` of a command. Raises Problem."""
    return await _asked(app, service, method, envelope(app, context, service, body, deadline_s=deadline_s))


async def ask_as_gateway(
    app: AppContext, service: str, method: str, body: Mapping[str, Any], *, id: str = "", deadline_s: float = DEADLINE_S
) -> dict[str, Any]:
    """A question of the gateway's own, in nobody's name: it has seen what proves it. Raises Problem.

    `id` is a command's, the same for the same command; a query needs none.
    """
    id = id or secrets.token_hex(8)
    own = app.folded_logs.services[service].own
    call = {
        "id": id,
        "actor": "gateway",
        "roles": ["operator"],
        "correlation": id,
        "causation": "",
        "deadline": app.wall() + int(deadline_s * 1000),
        "at": app.views.moment(),
        "seen": {},
        "at_least": app.views.positions((own,)),
        "body": body,
    }
    return await _asked(app, service, method, call)


async def _asked(app: AppContext, service: str, method: str, call: Call) -> dict[str, Any]:
    try:
        answer = await app.services.call(service, method, call)
    except ServiceAway as away:
        raise Problem("service-away", facts={"service": service}) from away
    except ServiceLate as late:
        raise Problem("service-timeout", facts={"service": service}) from late
    except ServiceBroken as broken:
        log_.error("a service broke", service=service, method=method, request=call["correlation"], problem=str(broken))
        raise Problem("internal") from broken
    return read_answer(app, answer)


def envelope(
    app: AppContext, context: RequestContext, service: str, body: Mapping[str, Any], *, deadline_s: float = DEADLINE_S
) -> Call:
    """The one argument of every service method."""
    logs = app.folded_logs.services[service]
    known = app.views.positions(logs.names)
    return {
        "id": context.command or context.id,
        "actor": context.actor,
        "roles": sorted(context.session.roles) if context.session else [],
        "correlation": context.id,
        "causation": "",
        "deadline": app.wall() + int(deadline_s * 1000),
        "at": context.at,
        "seen": {log: n for log, n in known.items() if log != logs.own},
        "at_least": known,
        "body": body,
    }


def read_answer(app: AppContext, answer: Answer) -> dict[str, Any]:
    """`ok`, or the Problem that the service names."""
    if "refused" in answer:
        refused = answer["refused"]
        raise Problem(refused["code"], field=refused.get("field"), facts=refused.get("detail"))
    if "invalid" in answer:
        raise Problem("invalid", errors=answer["invalid"])
    told: dict[str, Any] = dict(answer["ok"])
    if "log" in answer:
        app.views.note(answer["log"], answer["n"])
        told["position"] = {"log": answer["log"], "n": answer["n"]}
    return told


def forward(service: str, method: str, *, deadline_s: float = DEADLINE_S, public: bool = False) -> Handler:
    """Path, query and body become the call's body; its answer is ours."""

    async def handle(app: AppContext, context: RequestContext) -> Response:
        body = {**context.query, **context.body, **context.path}
        told = await ask_service(app, context, service, method, body, deadline_s=deadline_s)
        if context.route.command:
            return responses.command(told, status=context.route.status)
        return responses.read(context.request, told, public=public)

    return handle
