"""Call a service on behalf of a request: send the envelope, and return the answer or raise a Problem.

Promises: a person's command is decided on a state that includes every position that this gateway knows (from the
answers to its commands and the cuts of views) in the logs that the service folds, so that it is not refused because a
service has not yet read the person's previous one. A call of the gateway itself names only the service's own log.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.responses import Response

from gateway.backends.ports import (
    Answer,
    Call,
    ServiceAway,
    ServiceBroken,
    ServiceLate,
)
from gateway.http import responses
from gateway.http.list_pages import ListPage
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import STAFF, Handler, RequestContext
from shared.logs import logger

LOOK_UP_PROBLEMS = ("busy",)
NUMBER_PROBLEMS = ("busy", "too-fast")
DEADLINE_S = 5.0
LONG_S = 30.0  # for calls that take a service seconds: reading a roll, solving an assignment
log_ = logger(__name__)


async def call_service(
    app: AppContext,
    context: RequestContext,
    service: str,
    method: str,
    body: Mapping[str, Any],
    *,
    deadline_s: float = DEADLINE_S,
) -> dict[str, Any]:
    """Call a service method in the name of the request's user, and return the `ok` part of its answer.

    After a command the result also has its `position`, as a token. A command of staff lets this gateway count anew what
    waits at the desks, so that whoever did something sees it in the side bar at once. Raise Problem if the service
    refuses or does not answer within `deadline_s` seconds.
    """
    found = await _call(app, service, method, envelope(app, context, service, body, deadline_s=deadline_s))
    if "position" in found and context.session is not None and context.session.roles & STAFF:
        app.desk_counts.clear()
    return found


async def call_as_gateway(
    app: AppContext, service: str, method: str, body: Mapping[str, Any], *, id: str = "", deadline_s: float = DEADLINE_S
) -> dict[str, Any]:
    """Call a service method as the gateway itself, without a user; the caller must have verified that it may.

    Return and raise as `call_service` does. A command needs an `id`, the same whenever it is repeated; a query needs
    none.
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
        "at": app.views.campaign_time(),
        "seen": {},
        "at_least": app.views.positions((own,)),
        "body": body,
    }
    return await _call(app, service, method, call)


async def look_up(
    app: AppContext,
    context: RequestContext,
    service: str,
    method: str,
    body: Mapping[str, Any],
    *,
    number: bool = False,
) -> dict[str, Any]:
    """Ask a service for what anybody may read, within the bounds of `admission/look_ups.py`, and return its answer.

    The call has no caller, so that all who ask share it, and must not change the answer. `number` says that the body
    holds a number that only those have whom it was given. Raises as `call_service` does, and Problem `busy` or, with
    `number`, `too-fast`.
    """
    anybody = replace(context, session=None)
    positions = app.views.positions(app.folded_logs.services[service].names)
    key = service, method, orjson.dumps(body, option=orjson.OPT_SORT_KEYS), tuple(sorted(positions.items()))
    find = app.look_ups.find_by_number if number else app.look_ups.find
    sender = context.sender(app.keys.campaign)
    return await find(key, lambda: call_service(app, anybody, service, method, body), sender=sender)


async def _call(app: AppContext, service: str, method: str, call: Call) -> dict[str, Any]:
    try:
        answer = await app.services.call(service, method, call)
    except ServiceAway as away:
        raise Problem("service-away", facts={"service": service}) from away
    except ServiceLate as late:
        raise Problem("service-timeout", facts={"service": service}) from late
    except ServiceBroken as broken:
        log_.error(
            "a service answered with an exception",
            service=service,
            method=method,
            request=call["correlation"],
            problem=str(broken),
        )
        raise Problem("internal") from broken
    return read_answer(app, answer)


def envelope(
    app: AppContext, context: RequestContext, service: str, body: Mapping[str, Any], *, deadline_s: float = DEADLINE_S
) -> Call:
    """Return the argument of a service method for this request: caller, time, known log positions, and the body."""
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
    """Return the `ok` part of a service's answer, with the position of a command, which is recorded as known.

    Raise the Problem that the service names, if it refused the call or found it invalid.
    """
    if "refused" in answer:
        refused = answer["refused"]
        raise Problem(refused["code"], field=refused.get("field"), facts=refused.get("detail"))
    if "invalid" in answer:
        raise Problem("invalid", errors=answer["invalid"])
    result: dict[str, Any] = dict(answer["ok"])
    if "log" in answer:
        app.views.note_position(answer["log"], answer["n"])
        result["position"] = app.position_tokens.make(answer["log"], answer["n"])
    return result


def forward(
    service: str, method: str, *, deadline_s: float = DEADLINE_S, public: bool = False, page: ListPage | None = None
) -> Handler:
    """Return a handler that sends path, query and body to a service method and answers with the result.

    With `public`, shared caches may store the response. With `page` the answer is one page of the service's list.
    """

    async def handle(app: AppContext, context: RequestContext) -> Response:
        body = {**_without_page(context.query, page), **context.body, **context.path}
        result = await call_service(app, context, service, method, body, deadline_s=deadline_s)
        if page is not None:
            result = page.cut(result, context.query)
        if context.route.command:
            return responses.command(result, status=context.route.status)
        return responses.read(context.request, result, public=public)

    return handle


def forward_look_up(
    service: str, method: str, *, number: bool = False, public: bool = False, page: ListPage | None = None
) -> Handler:
    """Return a handler that answers with what `look_up` finds for the query and path, as `forward` does."""

    async def handle(app: AppContext, context: RequestContext) -> Response:
        body = {**_without_page(context.query, page), **context.path}
        found = await look_up(app, context, service, method, body, number=number)
        if page is not None:
            found = page.cut(found, context.query)
        return responses.read(context.request, found, public=public)

    return handle


def _without_page(query: Mapping[str, Any], page: ListPage | None) -> Mapping[str, Any]:
    """Return the query that a service gets, which knows nothing of the gateway's pages."""
    return query if page is None else {name: each for name, each in query.items() if name not in ("after", "limit")}
