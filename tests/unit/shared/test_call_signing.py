"""A service knows its callers by their keys: what is forged, changed, sent elsewhere or overreaching is refused."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.call_signing import CLOCK, COMMAND_LINE, GATEWAY, LIFE_MS, UNKNOWN, CallSigner, SignedCallers, key_of
from shared.security_log import SecurityLog
from shared.stamps import wall_ms

METHOD = "town.moderation.approve"


def call(**changes: Any) -> dict[str, Any]:
    body = {"entry": "U1-1", "note": "好", "share": 0.25, "list": [1, None, True, -0.0, 1e16, 10**15]}
    return {"id": "c1", "actor": "mo", "roles": ["moderator"], "deadline": wall_ms() + 5_000, "body": body, **changes}


def arrived(signed: dict[str, Any]) -> dict[str, Any]:
    """Return the call as it arrives: as JSON, with its keys in another order."""
    return dict(reversed(orjson.loads(orjson.dumps(signed)).items()))


@pytest.fixture
def callers(tmp_path: Path) -> SignedCallers:
    return SignedCallers(tmp_path, "town")


def test_call_of_the_gateway_is_genuine_in_any_role(tmp_path: Path, callers: SignedCallers):
    signed = CallSigner(tmp_path, "town", GATEWAY).sign(call(), METHOD)

    assert callers.refusal(arrived(signed), METHOD) is None


def test_forged_call_leaves_a_line_in_the_security_log_and_a_genuine_one_does_not(tmp_path: Path):
    security_log = SecurityLog(tmp_path / "security", b"", process="moderation", wall=wall_ms)
    callers = SignedCallers(tmp_path, "town", security_log=security_log)
    signed = CallSigner(tmp_path, "town", GATEWAY).sign(call(), METHOD)

    assert callers.refusal(signed, METHOD) is None
    assert callers.refusal({**signed, "actor": "olga", "caller": "whoever"}, METHOD) == UNKNOWN

    (file,) = (tmp_path / "security").glob("*.jsonl")
    (line,) = [orjson.loads(each) for each in file.read_text().splitlines()]
    assert {name: line[name] for name in line if name != "time"} == {
        "event": "call-refused",
        "process": "moderation",
        "method": METHOD,
    }


@pytest.mark.parametrize("caller", [CLOCK, COMMAND_LINE])
@pytest.mark.parametrize(
    ("roles", "expected"), [(["operator"], None), (["organiser"], UNKNOWN), (["operator", "judge"], UNKNOWN)]
)
def test_clock_and_command_line_speak_as_operator_alone(
    tmp_path: Path, callers: SignedCallers, caller: str, roles: list[str], expected: object
):
    signed = CallSigner(tmp_path, "town", caller).sign(call(roles=roles), METHOD)

    assert callers.refusal(arrived(signed), METHOD) == expected


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"roles": ["organiser"]}, id="another role"),
        pytest.param({"actor": "olga"}, id="another person"),
        pytest.param({"body": {"entry": "U2-1"}}, id="another body"),
        pytest.param({"deadline": 32_000_000_000_000}, id="a later deadline"),
        pytest.param({"caller": CLOCK}, id="another caller"),
        pytest.param({"caller": "nobody"}, id="an unknown caller"),
        pytest.param({"caller": None}, id="no caller"),
        pytest.param({"signature": "0" * 64}, id="another signature"),
        pytest.param({"signature": "签"}, id="a signature in Chinese"),
        pytest.param({"signature": None}, id="no signature"),
        pytest.param({"more": 1}, id="a field more"),
    ],
)
def test_changed_call_is_refused(tmp_path: Path, callers: SignedCallers, change: dict[str, Any]):
    signed = CallSigner(tmp_path, "town", GATEWAY).sign(call(), METHOD)

    assert callers.refusal({**signed, **change}, METHOD) == UNKNOWN


def test_call_is_refused_by_another_method_and_by_another_campaign(tmp_path: Path, callers: SignedCallers):
    signed = CallSigner(tmp_path, "town", GATEWAY).sign(call(), METHOD)

    assert callers.refusal(signed, "town.moderation.reject") == UNKNOWN
    assert SignedCallers(tmp_path, "village").refusal(signed, METHOD) == UNKNOWN


def test_call_that_would_be_valid_for_too_long_is_refused(tmp_path: Path, callers: SignedCallers):
    signed = CallSigner(tmp_path, "town", GATEWAY).sign(call(deadline=wall_ms() + 2 * LIFE_MS), METHOD)

    assert callers.refusal(signed, METHOD) == UNKNOWN


def test_key_of_a_caller_is_created_once_for_its_owner_alone(tmp_path: Path):
    first, again, other = (key_of(tmp_path, "town", each) for each in (GATEWAY, GATEWAY, CLOCK))

    assert (first == again, first == other, len(first)) == (True, False, 32)
    assert (tmp_path / "keys" / "town.calls" / GATEWAY).stat().st_mode & 0o777 == 0o600
