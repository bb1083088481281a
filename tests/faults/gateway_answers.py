"""Turns an HTTP answer of the gateway into what is noted in the history.

The status is `unknown` where nobody can know whether the order or command took effect.
"""

from collections.abc import Callable

import httpx
import orjson

from gateway.http.position_tokens import PositionTokens
from tests.faults.history import UNKNOWN, CommandSeen, LikeSeen

ACKNOWLEDGED = {"counted", "already", "gone", "pending"}
# After a clock has jumped, a gateway takes a new ticket for an old one, or a writer finds the gateway ahead of its own
# clock. Both pass with time, so the client asks again.
RETRY_CODES = {"busy", "ticket-expired", "clock-ahead"}


def send_request(ask: Callable[[], httpx.Response]) -> httpx.Response | None:
    """Send the request; return None if the connection broke or no answer came in time."""
    try:
        return ask()
    except httpx.TransportError:
        return None


def read_like_answer(voter: str, entry: str, do: str, at: int, heard: httpx.Response | None) -> LikeSeen:
    """Return what one sending of a like order shows. `heard` is None if no answer came."""
    if heard is None:
        return LikeSeen(voter, entry, do, at, UNKNOWN)
    told = heard.json()
    if heard.is_success and told["status"] in ACKNOWLEDGED:
        return LikeSeen(voter, entry, do, at, told["status"], receipt=told.get("receipt", ""))
    if heard.status_code == 202 or heard.status_code >= 500:
        code = told.get("code") or told["status"]
        return LikeSeen(voter, entry, do, at, UNKNOWN, code, ticket=told.get("ticket", ""))
    if told["code"] in RETRY_CODES:
        return LikeSeen(voter, entry, do, at, UNKNOWN, told["code"])
    return LikeSeen(voter, entry, do, at, "refused", told["code"])


def read_command_answer(
    key: str, log: str, fact: str, heard: httpx.Response | None, positions: PositionTokens
) -> CommandSeen:
    """Return what one sending of a command shows. `heard` is None if no answer came.

    The token of its position is another one in each answer, so the position itself is noted.
    """
    if heard is None or heard.status_code >= 500 or heard.status_code == 429:
        return CommandSeen(key, log, fact, UNKNOWN)
    told = heard.json()
    if heard.is_success:
        del told["repeated"]
        told["position"] = positions.read(told["position"], frozenset())
        return CommandSeen(key, log, fact, "ok", orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode())
    return CommandSeen(key, log, fact, "refused", told["code"])
