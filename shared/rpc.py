"""RPC envelope: how services are called and how they answer, as plain objects over nameko's RPC.

    call   {"id", "actor", "roles", "correlation", "causation", "deadline", "at", "seen", "at_least", "body",
            "caller", "signature"}
    answer {"ok": {...}, "log": "submission", "n": 12}
         | {"refused": {"code", "field", "detail"}}
         | {"invalid": {"/field/0/name": ["message", …]}}   (JSON pointers into the body)

`deadline` is wall time in ms since the epoch. A call that arrives after it is not begun. A call that cannot be answered
in time is answered `{"refused": {"code": "overdue"}}`: its command may still take effect, and a call with the same id
returns the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.exceptions import SCHEMA

from shared.decider import CommandEnvelope, Outcome, Refused
from shared.errors import FollowerStopped, Overdue, Unreachable
from shared.json_documents import join_pointer
from shared.logs import logger
from shared.names import is_visible
from shared.short_text import NOTHING, flaw
from shared.stamps import wall_ms

REFUSALS = frozenset({"caller-unknown", "role-missing", "overdue", "stopped"})  # codes that any service may answer with
Reply = dict[str, Any]
Answer = Callable[[Any, dict[str, Any]], Reply]
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One RPC call from the gateway, whose body is validated already.

    `at` and `deadline` are wall times in ms since the epoch. `seen` names the positions of other logs that a command is
    decided on, `at_least` the positions that the service waits for before it runs the method.
    """

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
        """Seconds until the deadline, at least 0."""
        return max(0.0, (self.deadline - wall_ms()) / 1000)

    def is_overdue(self) -> bool:
        """Return whether the deadline has passed. Long-running methods ask this between their steps."""
        return self.left_s <= 0

    def envelope(self, command: object) -> CommandEnvelope:
        """Return the envelope in which a command is submitted to a log: with the id, actor, trace and `seen` of the
        call.
        """
        seen = tuple(sorted(self.seen.items()))
        return CommandEnvelope(self.id, self.actor, command, self.correlation, self.causation, seen)


Method = Callable[[Any, Call], Reply]


def check_line(text: str) -> None:
    """Validate a short text of a body, for marshmallow. Raises ValidationError with the code of its flaw."""
    found = flaw(text)
    if found is not None:
        raise ValidationError(found.code)


def check_visible(text: str) -> None:
    """Validate that a required text shows something, for marshmallow. Raises ValidationError."""
    if not is_visible(text):
        raise ValidationError(NOTHING)


def refusal(refused: Refused) -> Reply:
    """Return the RPC answer `{"refused": {code, field, detail}}` for a refusal."""
    return {"refused": {"code": refused.code, "field": refused.field, "detail": refused.detail}}


def stored(outcome: Outcome, ok: Mapping[str, Any]) -> Reply:
    """Return the RPC answer to a command: the refusal, or `ok` with the log and the number of the commit that the
    answer rests on.
    """
    if outcome.refused is not None:
        return refusal(outcome.refused)
    return {"ok": {**ok, "repeated": outcome.repeated}, "log": outcome.log, "n": outcome.n}


def call(schema: type[Schema], *, roles: tuple[str, ...] | None = None) -> Callable[[Method], Answer]:
    """Decorate a service method: verify the signature of the call, read the envelope, validate the body with `schema`,
    check the deadline, and turn Overdue, Unreachable and FollowerStopped into answers.

    Place it under `@rpc`. A caller must have one of `roles`, if they are given; the gateway has checked this before,
    and `call_signing.py` proves that the call comes from the gateway.
    The method runs once the state includes the positions `at_least`, so that callers read their own writes.
    """

    def wrap(method: Method) -> Answer:
        @wraps(method)
        def answer(service: Any, call: dict[str, Any]) -> Reply:
            if refused := service.log.callers.refusal(call, f"{service.name}.{method.__name__}"):
                log_.error("the signature of a call does not fit", method=method.__name__)
                return refusal(refused)
            if roles is not None and not set(roles) & set(call.get("roles", ())):
                return refusal(Refused("role-missing", detail={"roles": list(roles)}))
            try:
                body = schema(unknown=RAISE).load(call.get("body") or {})
            except ValidationError as problem:
                return {"invalid": flatten_messages(problem.messages)}
            parsed = read_call(call, body)
            if parsed.is_overdue():
                return refusal(Refused("overdue"))
            try:
                if parsed.at_least:
                    service.log.wait(parsed.at_least, timeout_s=parsed.left_s)
                return method(service, parsed)
            except (Overdue, Unreachable) as late:
                log_.warning("overdue", method=method.__name__, problem=str(late))
                return refusal(Refused("overdue"))
            except FollowerStopped as stop:
                return refusal(Refused("stopped", detail={"event": stop.address}))

        return answer

    return wrap


def read_call(call: Mapping[str, Any], body: dict[str, Any]) -> Call:
    """Build a Call from an RPC envelope and its validated body.

    Raises KeyError, TypeError or ValueError for a malformed envelope, which our own gateway never sends.
    """
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


def flatten_messages(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten marshmallow's nested messages to `{"/a/0/b": [messages]}`: by JSON pointers into the body.

    What marshmallow says of an object as a whole (`_schema`) is about the object itself.
    """
    if not isinstance(messages, dict):
        return {path: [str(each) for each in messages]}
    found: dict[str, list[str]] = {}
    for key, inner in messages.items():
        for place, texts in flatten_messages(inner, path if key == SCHEMA else path + join_pointer([key])).items():
            found.setdefault(place, []).extend(texts)
    return found


class Table(fields.Dict):
    """An object with any keys, whose keys and values are checked by one field each.

    Unlike marshmallow's own it reports what is wrong with a key or a value at the key, not one level below it.
    """

    def _deserialize(self, value: Any, *more: Any, **how: Any) -> Any:
        try:
            return super()._deserialize(value, *more, **how)  # type: ignore[no-untyped-call]
        except ValidationError as problem:
            if not isinstance(problem.messages, dict):
                raise
            found = {key: inner.get("value") or inner["key"] for key, inner in problem.messages.items()}
            raise ValidationError(found) from problem
