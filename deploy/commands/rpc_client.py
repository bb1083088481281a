"""Call services from the command line: nameko RPC with a deadline, whose failures become one clear sentence."""

import uuid
from collections.abc import Mapping
from typing import Any

import click

from shared.call_signing import COMMAND_LINE
from shared.errors import BrokerUnreachable, Overdue, ServiceFailed
from shared.rpc_client import RpcClient
from shared.security_log import SecurityLog, folder_of
from shared.settings import Settings
from shared.stamps import wall_ms

OPERATOR = "operator"
DEADLINE_S = 15.0
#: The methods that leave a line in the security log, with their events.
SECURITY_EVENTS = {
    "open_campaign": "staff-changed",  # it appoints the first organisers
    "issue_setup_secret": "credentials-changed",
    "appoint_staff": "staff-changed",
    "confirm_staff_change": "staff-changed",
    "staff": "sealed-words-read",
    "forget_subject": "forgetting-ordered",
}


class Refusal(click.ClickException):
    """A service refused a call of the command line.

    `code` is the code of the refusal, or "invalid" for a malformed call.
    """

    def __init__(self, method: str, answer: Mapping[str, Any]) -> None:
        problem = answer.get("refused") or answer.get("invalid") or answer
        self.code = str(problem.get("code", "invalid"))
        super().__init__(f"{method}: {problem}")


def call_service(
    settings: Settings, service: str, method: str, body: Mapping[str, Any], *, deadline_s: float = DEADLINE_S
) -> dict[str, Any]:
    """Call a method of a service as the operator and return the `ok` part of its answer.

    Raises Refusal if the service refuses, click.ClickException if it does not answer within `deadline_s`.
    """
    call = {
        "id": uuid.uuid4().hex,
        "actor": OPERATOR,
        "roles": [OPERATOR],
        "at": 0,
        "deadline": wall_ms() + int(deadline_s * 1000),
        "body": dict(body),
    }
    name = f"{settings.campaign}.{service}"
    try:
        with RpcClient(settings, COMMAND_LINE) as services:
            answer = services.call(service, method, call, timeout_s=deadline_s)
    except (Overdue, ServiceFailed, BrokerUnreachable) as problem:
        raise click.ClickException(
            f"{name} does not answer ({problem}). Check it with `make status`, start it with `make up`."
        ) from None
    if "ok" not in answer:
        raise Refusal(method, answer)
    record_call(settings, method)
    ok: dict[str, Any] = answer["ok"]
    return ok


def record_call(settings: Settings, method: str) -> None:
    """Record in the security log what the operator has just done at the machine, if the log has an event for it."""
    event = SECURITY_EVENTS.get(method)
    if event is not None:
        log = SecurityLog(folder_of(settings), b"", process=COMMAND_LINE, wall=wall_ms)
        log.record(event, actor=OPERATOR, method=method)
