"""From the gateway's answers to what is noted in the history. None where nobody knows."""

from collections.abc import Callable

import httpx
import orjson

from tests.faults.history import UNKNOWN, CommandSeen, LikeSeen

ACKNOWLEDGED = {"counted", "already", "gone", "pending"}
# Where a clock has jumped, a gateway finds a new ticket old, and a writer finds a gateway ahead: time mends both.
ASK_AGAIN = {"busy", "ticket-expired", "clock-ahead"}


def answer(ask: Callable[[], httpx.Response]) -> httpx.Response | None:
    """None where the connection broke or nothing came."""
    try:
        return ask()
    except httpx.TransportError:
        return None


def like_seen(voter: str, entry: str, do: str, at: int, heard: httpx.Response | None) -> LikeSeen:
    if heard is None:
        return LikeSeen(voter, entry, do, at, UNKNOWN)
    told = heard.json()
    if heard.is_success and told["status"] in ACKNOWLEDGED:
        return LikeSeen(voter, entry, do, at, told["status"], receipt=told.get("receipt", ""))
    if heard.status_code == 202 or heard.status_code >= 500:
        code = told.get("code") or told["status"]
        return LikeSeen(voter, entry, do, at, UNKNOWN, code, ticket=told.get("ticket", ""))
    if told["code"] in ASK_AGAIN:
        return LikeSeen(voter, entry, do, at, UNKNOWN, told["code"])
    return LikeSeen(voter, entry, do, at, "refused", told["code"])


def command_seen(key: str, log: str, fact: str, heard: httpx.Response | None) -> CommandSeen:
    if heard is None or heard.status_code >= 500 or heard.status_code == 429:
        return CommandSeen(key, log, fact, UNKNOWN)
    told = heard.json()
    if heard.is_success:
        del told["repeated"]
        return CommandSeen(key, log, fact, "ok", orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode())
    return CommandSeen(key, log, fact, "refused", told["code"])
