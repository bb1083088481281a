"""Authenticators of staff: setting one up, signing in with its codes, recovery codes, and losing it."""

from pathlib import Path
from typing import Any

import pyotp
import pytest

from services.moderation import account_rpc
from services.moderation.campaign import to_data
from services.moderation.campaign_file import check
from shared.step_up_proofs import StepUpProofs
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import KEYS, Town

FILE = CAMPAIGN_FILE.read_text()
PASSWORD = "battery staple"
PAIR = {"staff": "mo", "password": PASSWORD}
START = 1_750_000_000


class Clock:
    """The wall clock of the telephone and the service, in seconds."""

    def __init__(self) -> None:
        self.now = START

    def code(self, secret: str, *, in_s: int = 30) -> str:
        """Let this time pass, and return what the telephone shows then."""
        self.now += in_s
        return pyotp.TOTP(secret).at(self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(account_rpc, "wall_ms", lambda: clock.now * 1000)
    return clock


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.open(FILE)
    town.appoint("mo", "莫", "moderator", password=PASSWORD)
    return town


def named(begun: dict[str, Any]) -> dict[str, Any]:
    """Return what the form of an authenticator that was begun carries, besides the code."""
    return {name: begun[name] for name in ("authenticator", "made_from")}


def add(
    town: Town, clock: Clock, staff: str = "mo", role: str = "moderator", *, name: str | None = None
) -> tuple[str, list[str]]:
    """Set an authenticator up, of this name or of a new one, and return its secret and the recovery codes."""
    begun = town.ok("begin_authenticator", staff, role, authenticator=name)
    code = clock.code(begun["secret"])
    added = town.ok("add_authenticator", staff, role, **named(begun), code=code)
    return begun["secret"], added["recovery_codes"]


def test_authenticator_counts_once_a_code_of_it_was_shown(town: Town, clock: Clock) -> None:
    begun = town.ok("begin_authenticator", "mo", "moderator")
    wrong = {**named(begun), "code": "000000"}

    assert town.no("add_authenticator", "mo", "moderator", **wrong) == "code-refused"
    assert town.ok("login", **PAIR)["staff"] == "mo"
    secret, codes = add(town, clock)

    assert len(set(codes)) == 10
    assert town.no("login", **PAIR) == "code-needed"
    assert town.no("login", **PAIR, code="000000") == "login-refused"
    assert town.ok("login", **PAIR, code=clock.code(secret))["staff"] == "mo"


def test_secret_of_one_person_is_none_of_another(town: Town, clock: Clock) -> None:
    begun = town.ok("begin_authenticator", "mo", "moderator")
    others = {**named(begun), "code": clock.code(begun["secret"])}

    assert town.no("add_authenticator", "olga", "organiser", **others) == "code-refused"


def test_code_is_asked_only_after_a_right_password(town: Town, clock: Clock) -> None:
    secret, _ = add(town, clock)

    assert town.no("login", staff="mo", password="x", code=clock.code(secret)) == "login-refused"


def test_code_is_let_in_once(town: Town, clock: Clock) -> None:
    secret, _ = add(town, clock)
    code = clock.code(secret)

    assert town.ok("login", **PAIR, code=code)["staff"] == "mo"
    assert town.no("login", **PAIR, code=code) == "login-refused"
    assert town.no("prove_again", "mo", "moderator", session="s1", code=code) == "step-up-refused"


def test_recovery_code_works_once_however_it_is_typed(town: Town, clock: Clock) -> None:
    _, (first, second, *_) = add(town, clock)

    assert town.ok("login", **PAIR, code=f"{first[:4]}-{first[4:8]} {first[8:]}".lower())["staff"] == "mo"
    assert town.no("login", **PAIR, code=first) == "login-refused"
    assert town.ok("prove_again", "mo", "moderator", session="s1", code=second)["until"] > 0
    assert town.ok("my_security", "mo", "moderator") == {
        "has_authenticator": True, "is_demanded": False, "recovery_left": 8, "made_from": 3,
    }  # fmt: skip


def test_digits_that_look_like_letters_stand_for_them_in_a_recovery_code(town: Town, clock: Clock) -> None:
    _, codes = add(town, clock, name="abcdefghijklmnop")
    first = next(each for each in codes if set(each) & set("OIB"))

    typed = first.translate(str.maketrans("OIB", "018"))

    assert town.ok("login", **PAIR, code=typed)["staff"] == "mo"


def test_code_and_not_the_password_proves_again_who_one_is(town: Town, clock: Clock) -> None:
    needs = [town.ok("step_up_needs", "gateway", "operator", staff="mo")["needs"]]
    secret, _ = add(town, clock)
    needs.append(town.ok("step_up_needs", "gateway", "operator", staff="mo")["needs"])

    assert needs == ["password", "code"]
    assert town.no("prove_again", "mo", "moderator", session="s1", password=PASSWORD) == "step-up-refused"
    proof = town.ok("prove_again", "mo", "moderator", session="s1", code=clock.code(secret))["proof"]
    assert StepUpProofs(KEYS.session).holds(proof, "s1", "mo")


def test_new_authenticator_takes_the_place_of_the_old_one(town: Town, clock: Clock) -> None:
    old, (lost, *_) = add(town, clock)
    new, _ = add(town, clock)

    assert town.no("login", **PAIR, code=clock.code(old)) == "login-refused"
    assert town.no("login", **PAIR, code=lost) == "login-refused"
    assert town.ok("login", **PAIR, code=clock.code(new))["staff"] == "mo"


@pytest.mark.parametrize("is_same", [True, False], ids=["the removed one", "another one"])
def test_page_that_was_left_open_brings_no_removed_authenticator_back(
    town: Town, clock: Clock, *, is_same: bool
) -> None:
    stale = town.ok("begin_authenticator", "mo", "moderator")
    add(town, clock, name=stale["authenticator"] if is_same else None)
    town.ok("remove_authenticator", "mo", "moderator", session="")

    sent = {**named(stale), "code": clock.code(stale["secret"])}

    assert town.no("add_authenticator", "mo", "moderator", **sent) == "authenticator-changed"
    assert town.ok("my_security", "mo", "moderator")["has_authenticator"] is False


def test_page_that_was_left_open_removes_no_later_authenticator(town: Town, clock: Clock) -> None:
    add(town, clock)
    seen = town.ok("my_security", "mo", "moderator")["made_from"]
    secret, _ = add(town, clock)

    refused = town.no("remove_authenticator", "mo", "moderator", session="", made_from=seen)

    assert refused == "authenticator-changed"
    assert town.ok("login", **PAIR, code=clock.code(secret))["staff"] == "mo"


def test_other_sessions_end_with_a_new_authenticator_and_this_one_goes_on(town: Town, clock: Clock) -> None:
    mine, other = (str(town.ok("login", **PAIR)["session"]) for _ in range(2))
    begun = town.ok("begin_authenticator", "mo", "moderator")
    code = clock.code(begun["secret"])
    town.ok("add_authenticator", "mo", "moderator", **named(begun), code=code, session=mine)

    standing = [
        "ok" in town.call("moderation.use_session", "gateway", "operator", session=each) for each in (mine, other)
    ]

    assert standing == [True, False]


def test_whoever_loses_the_telephone_comes_back_by_a_new_link(town: Town, clock: Clock) -> None:
    add(town, clock)

    appointed = {"staff": "mo", "name": "莫", "roles": ["moderator"], "new_link": True}
    link = town.ok("appoint_staff", "olga", "organiser", **appointed)["link"]
    town.ok("set_password", staff="mo", link=link, password="quiet lantern")

    assert town.ok("login", staff="mo", password="quiet lantern")["staff"] == "mo"


def test_authenticator_is_removed_unless_the_campaign_demands_it(tmp_path: Path, clock: Clock) -> None:
    town = Town(tmp_path)
    town.open(FILE + '\n[staff]\nsecond_factor = ["organiser"]\n')
    town.appoint("mo", "莫", "moderator", password=PASSWORD)
    add(town, clock)
    add(town, clock, "olga", "organiser")

    town.ok("remove_authenticator", "mo", "moderator", session="")

    assert town.ok("login", **PAIR)["must_add_authenticator"] is False
    assert town.no("remove_authenticator", "olga", "organiser", session="") == "authenticator-demanded"


def test_campaign_says_who_must_have_one(tmp_path: Path, clock: Clock) -> None:
    town = Town(tmp_path)
    town.open(FILE + '\n[staff]\nsecond_factor = ["organiser"]\n')
    before = town.ok("login", staff="olga", password="correct horse")["must_add_authenticator"]
    listed = {each["staff"]: each["must_add_authenticator"] for each in town.ok("staff", "olga", "organiser")["staff"]}
    secret, _ = add(town, clock, "olga", "organiser")
    pair = {"staff": "olga", "password": "correct horse"}
    after = town.ok("login", **pair, code=clock.code(secret))["must_add_authenticator"]

    assert (before, listed, after) == (True, {"olga": True, "otto": True}, False)


def test_rules_of_a_campaign_that_demands_none_keep_their_hash() -> None:
    campaign, _ = check.check(FILE)
    assert campaign is not None
    assert "second_factor" not in to_data(campaign)


def test_no_secret_and_no_code_stands_in_the_ledger(town: Town, clock: Clock) -> None:
    secret, codes = add(town, clock)
    town.ok("login", **PAIR, code=codes[0])

    stored = repr([each.document for each in town.ledger.read("moderation", 0)])

    assert [text for text in (secret, *codes) if text in stored] == []
