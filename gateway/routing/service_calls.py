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
from gateway.routing.context import Gate
from gateway.routing.route import Ask, Handler
from shared.logs import logger

DEADLINE_S = 5.0
LONG_S = 30.0  # what takes a service seconds: a film to probe, a roll to read, an assignment to solve
log_ = logger(__name__)


async def ask_service(
    gate: Gate, ask: Ask, service: str, method: str, body: Mapping[str, Any], *, deadline_s: float = DEADLINE_S
) -> dict[str, Any]:
    """What stands under `ok`, with the `position` of a command. Raises Problem."""
    return await _asked(gate, service, method, envelope(gate, ask, service, body, deadline_s=deadline_s))


async def ask_as_gateway(
    gate: Gate, service: str, method: str, body: Mapping[str, Any], *, id: str = "", deadline_s: float = DEADLINE_S
) -> dict[str, Any]:
    """A question of the gateway's own, in nobody's name: it has seen what proves it. Raises Problem.

    `id` is a command's, the same for the same command; a query needs none.
    """
    id = id or secrets.token_hex(8)
    own = gate.folded.services[service].own
    call = {
        "id": id,
        "actor": "gateway",
        "roles": ["operator"],
        "correlation": id,
        "causation": "",
        "deadline": gate.wall() + int(deadline_s * 1000),
        "at": gate.views.moment(),
        "seen": {},
        "at_least": gate.views.positions((own,)),
        "body": body,
    }
    return await _asked(gate, service, method, call)


async def _asked(gate: Gate, service: str, method: str, call: Call) -> dict[str, Any]:
    try:
        answer = await gate.services.call(service, method, call)
    except ServiceAway as away:
        raise Problem("service-away", facts={"service": service}) from away
    except ServiceLate as late:
        raise Problem("service-timeout", facts={"service": service}) from late
    except ServiceBroken as broken:
        log_.error("a service broke", service=service, method=method, request=call["correlation"], problem=str(broken))
        raise Problem("internal") from broken
    return read_answer(gate, answer)


def envelope(gate: Gate, ask: Ask, service: str, body: Mapping[str, Any], *, deadline_s: float = DEADLINE_S) -> Call:
    """The one argument of every service method."""
    logs = gate.folded.services[service]
    known = gate.views.positions(logs.names)
    return {
        "id": ask.command or ask.id,
        "actor": ask.actor,
        "roles": sorted(ask.session.roles) if ask.session else [],
        "correlation": ask.id,
        "causation": "",
        "deadline": gate.wall() + int(deadline_s * 1000),
        "at": ask.at,
        "seen": {log: n for log, n in known.items() if log != logs.own},
        "at_least": known,
        "body": body,
    }


def read_answer(gate: Gate, answer: Answer) -> dict[str, Any]:
    """`ok`, or the Problem that the service names."""
    if "refused" in answer:
        refused = answer["refused"]
        raise Problem(refused["code"], field=refused.get("field"), facts=refused.get("detail"))
    if "invalid" in answer:
        raise Problem("invalid", errors=answer["invalid"])
    told: dict[str, Any] = dict(answer["ok"])
    if "log" in answer:
        gate.views.note(answer["log"], answer["n"])
        told["position"] = {"log": answer["log"], "n": answer["n"]}
    return told


def relay(service: str, method: str, *, deadline_s: float = DEADLINE_S, public: bool = False) -> Handler:
    """Path, query and body become the call's body; its answer is ours."""

    async def handle(gate: Gate, ask: Ask) -> Response:
        body = {**ask.query, **ask.body, **ask.path}
        told = await ask_service(gate, ask, service, method, body, deadline_s=deadline_s)
        if ask.route.command:
            return responses.command(told, status=ask.route.status)
        return responses.read(ask.request, told, public=public)

    return handle
