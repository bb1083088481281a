"""Call services from the command line: nameko RPC with a deadline, whose failures become refusals with a way out."""

import uuid
from collections.abc import Mapping
from typing import Any

import click

from deploy.commands.entry_names import EntryNames
from deploy.commands.refusals import ServiceRefusal, address_of, away, broker_away
from shared.call_signing import COMMAND_LINE
from shared.errors import BrokerUnreachable, NobodyListens, Overdue, ServiceFailed
from shared.rpc_client import RpcClient
from shared.security_log import SecurityLog, folder_of
from shared.settings import Settings
from shared.stamps import wall_ms

OPERATOR = "operator"
DEADLINE_S = 15.0
NAMES_S = 60.0
#: The methods that leave a line in the security log, with their events.
SECURITY_EVENTS = {
    "open_campaign": "staff-changed",  # it appoints the first organisers
    "issue_setup_secret": "credentials-changed",
    "appoint_staff": "staff-changed",
    "confirm_staff_change": "staff-changed",
    "staff": "sealed-words-read",
    "forget_subject": "forgetting-ordered",
}


def call_service(
    settings: Settings, service: str, method: str, body: Mapping[str, Any], *, deadline_s: float = DEADLINE_S
) -> dict[str, Any]:
    """Call a method of a service as the operator and return the `ok` part of its answer.

    Raises ServiceRefusal if the service refuses, CommandRefused if it does not answer within `deadline_s`.
    """
    answer = _answer(settings, service, method, body, deadline_s=deadline_s)
    if "ok" not in answer:
        raise ServiceRefusal(answer, _numbers_in(settings, answer))
    record_call(settings, method)
    ok: dict[str, Any] = answer["ok"]
    return ok


def entry_names(settings: Settings) -> EntryNames:
    """Return the names of all entries of the campaign. Raises as `call_service` does."""
    return EntryNames(call_service(settings, "ranking", "entry_names", {}, deadline_s=NAMES_S)["entries"])


def _answer(
    settings: Settings, service: str, method: str, body: Mapping[str, Any], *, deadline_s: float
) -> dict[str, Any]:
    call = {
        "id": uuid.uuid4().hex,
        "actor": OPERATOR,
        "roles": [OPERATOR],
        "at": 0,
        "deadline": wall_ms() + int(deadline_s * 1000),
        "body": dict(body),
    }
    name, at = f"{settings.campaign}.{service}", address_of(settings.amqp_uri)
    try:
        with RpcClient(settings, COMMAND_LINE) as services:
            return services.call(service, method, call, timeout_s=deadline_s)
    except (BrokerUnreachable, OSError) as problem:
        raise broker_away(at, problem) from problem
    except Overdue as problem:
        raise away(f"{name} 没有按时答复", f"{name} did not answer in time", code="service-timeout") from problem
    except NobodyListens as problem:
        raise away(f"{name} 没有运行", f"{name} is not running", code="service-away") from problem
    except ServiceFailed as problem:
        raise away(f"{name} 在答复时出错", f"{name} failed while it answered", code="service-failed") from problem


def _numbers_in(settings: Settings, answer: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the poster numbers of the entries that a refusal names; none if it names none, or if they are unknown."""
    detail = (answer.get("refused") or {}).get("detail") or {}
    if not detail.keys() & {"entry", "entries"}:
        return {}
    try:
        return entry_names(settings).numbers
    except click.ClickException:
        return {}


def record_call(settings: Settings, method: str) -> None:
    """Record in the security log what the operator has just done at the machine, if the log has an event for it."""
    event = SECURITY_EVENTS.get(method)
    if event is not None:
        log = SecurityLog(folder_of(settings), b"", process=COMMAND_LINE, wall=wall_ms)
        log.record(event, actor=OPERATOR, method=method)
