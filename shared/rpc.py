"""How services are asked, and how they answer: plain objects over nameko's RPC.

    call   {"id", "actor", "roles", "correlation", "causation", "deadline", "at", "seen", "at_least", "body"}
    answer {"ok": {...}, "log": "submission", "n": 12}
         | {"refused": {"code", "field", "detail"}}
         | {"invalid": {"field.path": ["words", …]}}

`deadline` is wall time in ms: a call that comes later is not begun, and an answer that would come later is Overdue,
which the caller sees as `{"refused": {"code": "overdue"}}`: the order may still take effect, the same id asks again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from shared.decider import Order, Outcome, Refused
from shared.errors import FollowerStopped, Overdue, Unreachable
from shared.logs import logger
from shared.stamps import wall_ms

REFUSALS = frozenset({"role-missing", "overdue", "stopped"})  # of any service, whatever it decides
Reply = dict[str, Any]
Answer = Callable[[Any, dict[str, Any]], Reply]
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One call, its body already valid."""

    id: str
    actor: str
    at: int
    deadline: int
    body: dict[str, Any]
    roles: tuple[str, ...] = ()
    correlation: str = ""
    causation: str = ""
    seen: dict[str, int] = field(default_factory=dict)
    at_least: dict[str, int] = field(default_factory=dict)

    @property
    def left_s(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, (self.deadline - wall_ms()) / 1000)

    def is_overdue(self) -> bool:
        """The deadline has come: what takes long asks for it in between."""
        return self.left_s <= 0

    def order(self, command: object) -> Order:
        """The command on its way to a log."""
        seen = tuple(sorted(self.seen.items()))
        return Order(self.id, self.actor, command, self.correlation, self.causation, seen)


Method = Callable[[Any, Call], Reply]


def refusal(refused: Refused) -> Reply:
    return {"refused": {"code": refused.code, "field": refused.field, "detail": refused.detail}}


def stored(outcome: Outcome, ok: Mapping[str, Any]) -> Reply:
    """The answer to a command: what became of it, and where the log stands."""
    if outcome.refused is not None:
        return refusal(outcome.refused)
    return {"ok": {**ok, "repeated": outcome.repeated}, "log": outcome.log, "n": outcome.n}


def call(schema: type[Schema], *, roles: tuple[str, ...] | None = None) -> Callable[[Method], Answer]:
    """Wrap a service method: read the envelope, validate the body, keep the deadline, turn failures into answers.

    Goes under `@rpc`. Lets in callers who have one of `roles`, where they are named: the gateway has asked before,
    this is the second fence. Waits for `at_least` before the method runs, so a caller reads its own writes.
    """

    def wrap(method: Method) -> Answer:
        @wraps(method)
        def answer(service: Any, call: dict[str, Any]) -> Reply:
            if roles is not None and not set(roles) & set(call.get("roles", ())):
                return refusal(Refused("role-missing", detail={"roles": list(roles)}))
            try:
                body = schema(unknown=RAISE).load(call.get("body") or {})
            except ValidationError as problem:
                return {"invalid": flat(problem.messages)}
            asked = read_call(call, body)
            if asked.is_overdue():
                return refusal(Refused("overdue"))
            try:
                if asked.at_least:
                    service.log.wait(asked.at_least, timeout_s=asked.left_s)
                return method(service, asked)
            except (Overdue, Unreachable) as late:
                log_.warning("overdue", method=method.__name__, problem=str(late))
                return refusal(Refused("overdue"))
            except FollowerStopped as stop:
                return refusal(Refused("stopped", detail={"event": stop.address}))

        return answer

    return wrap


def read_call(call: Mapping[str, Any], body: dict[str, Any]) -> Call:
    """The envelope as a Call. Raises KeyError, TypeError where the caller is not ours."""
    return Call(
        id=call["id"],
        actor=call["actor"],
        at=int(call["at"]),
        deadline=int(call["deadline"]),
        body=body,
        roles=tuple(call.get("roles", ())),
        correlation=call.get("correlation", ""),
        causation=call.get("causation", ""),
        seen=dict(call.get("seen") or {}),
        at_least=dict(call.get("at_least") or {}),
    )


def flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as `{"a.0.b": [words]}`."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            found |= flat(inner, f"{path}.{key}" if path else str(key))
        return found
    return {path: [str(each) for each in messages]}
