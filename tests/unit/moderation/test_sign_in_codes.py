"""A judge signs in by a code to the number that they set themselves; nobody else does, and nobody can tell."""

from pathlib import Path
from typing import Any

import pytest

from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town

PHONE = "+8613800000000"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """An open rehearsal with a judge whose own number is set, and a sender with short messages."""
    town = Town(tmp_path)
    town.open(CAMPAIGN_FILE.read_text())
    town.appoint("jin", "金评委", "judge")
    number(town, "jin", "judge")
    town.ok("due_deliveries", "clock", "operator", channels=["sms"])
    return town


def number(town: Town, staff: str, role: str, *, by: str = "", phone: str = PHONE) -> None:
    who, roles = (by, "organiser") if by else (staff, role)
    town.ok("set_message_contact", who, roles, contact=f"staff.{staff}", email="", phone=phone)


def due(town: Town) -> dict[str, Any]:
    return town.ok("due_sign_in_code", "clock", "operator")


def code_of(message: dict[str, Any]) -> str:
    return "".join(filter(str.isdecimal, message["words"].partition("验证码")[2]))[:6]


def test_judge_signs_in_by_the_code_in_the_message(town: Town) -> None:
    asked = town.ok("request_sign_in_code", staff="JIN ")  # however the account is typed
    message = due(town)
    known = town.ok("login_by_code", request=asked["request"], code=code_of(message), agent="Chrome, SMS")

    assert message["phone"] == PHONE
    assert message["words"].startswith("【")
    assert "5 分钟内有效" in message["words"]
    assert (known["staff"], known["roles"]) == ("jin", ["judge"])
    (session,) = town.ok("moderation.my_sessions", "jin", "judge", session=known["session"])["sessions"]
    assert (session["agent"], session["is_current"]) == ("Chrome, SMS", True)


def test_code_serves_nobody_who_did_not_ask_for_it(town: Town) -> None:
    town.ok("request_sign_in_code", staff="jin")
    code = code_of(due(town))

    assert town.no("login_by_code", request="x" * 32, code=code) == "sign-in-code-refused"


def number_by_an_organiser(town: Town) -> None:
    town.appoint("both", "评委", "judge")
    number(town, "both", "judge", by="olga")


def no_number(town: Town) -> None:
    town.appoint("both", "评委", "judge")


def moderator(town: Town) -> None:
    town.appoint("both", "莫", "moderator")
    number(town, "both", "moderator")


@pytest.mark.parametrize(
    "person",
    [number_by_an_organiser, no_number, moderator, lambda _town: None],
    ids=["number set by an organiser", "no number", "no judge", "no account"],
)
def test_whoever_gets_no_code_is_answered_like_a_judge(town: Town, person: Any) -> None:
    person(town)

    asked = town.ok("request_sign_in_code", staff="both")

    assert (len(asked["request"]), due(town)) == (32, {"phone": "", "words": ""})
    assert town.no("login_by_code", request=asked["request"], code="000000") == "sign-in-code-refused"


def test_judge_who_is_dismissed_after_asking_is_not_let_in(town: Town) -> None:
    asked = town.ok("request_sign_in_code", staff="jin")
    code = code_of(due(town))
    town.ok("appoint_staff", "olga", "organiser", staff="jin", name="金评委", roles=[])

    assert town.no("login_by_code", request=asked["request"], code=code) == "sign-in-code-refused"


def test_without_a_channel_for_short_messages_it_says_so(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.open(CAMPAIGN_FILE.read_text())
    town.ok("due_deliveries", "clock", "operator", channels=["email"])

    assert town.no("request_sign_in_code", staff="jin") == "sms-sign-in-closed"


def test_second_request_within_a_minute_is_refused_for_every_account(town: Town) -> None:
    for staff in ("jin", "nobody"):
        town.ok("request_sign_in_code", staff=staff)

    assert [town.no("request_sign_in_code", staff=staff) for staff in ("jin", "nobody")] == ["sign-in-codes-many"] * 2


def test_nobody_but_the_sender_gets_a_code(town: Town) -> None:
    town.ok("request_sign_in_code", staff="jin")

    assert town.no("due_sign_in_code", "olga", "organiser") == "role-missing"
