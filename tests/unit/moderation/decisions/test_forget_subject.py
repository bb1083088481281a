"""Tests of forgetting and of the end of the network key: decisions, and the service with a ledger and a vault in
memory.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.clock.key_destruction import KeyDestroyer
from services.moderation.decisions.forget_subject import NETWORK_KEPT_MS, EndNetworkKey, ForgetSubject
from services.moderation.events import NETWORK_KEY, StaffAppointed, SubjectForgotten
from services.ranking.events import ResultPublished
from shared.commit import Head, form
from shared.errors import Unreachable
from shared.events import Sealed
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.moderation.test_domain import NOON, REVIEW, SPEC, given
from tests.unit.submission.hosted import Town

DAY = 86_400_000
VOTER = "voter." + "0f" * 12
OBJECTION = "objection." + "A2" * 8
OLGA = StaffAppointed("olga", Sealed("p.staff.olga.1.n"), ("organiser",), Sealed("p.staff.olga.1.x"), "root", NOON)
DISMISSED = StaffAppointed("mo", Sealed("p.staff.mo.1.n"), (), Sealed("p.staff.mo.1.x"), "olga", NOON)
MO_FORGOTTEN = SubjectForgotten("staff.mo", "asked", REVIEW)


def forget(subject: str = "staff.mo", *, held: bool = True) -> ForgetSubject:
    return ForgetSubject(subject, "asked", held, REVIEW)


def published(at: int) -> ResultPublished:
    return ResultPublished("p1", "d" * 64, "olga", at, notice_until=at, notice_basis="none")


# Decisions


def test_dismissed_staff_are_forgotten() -> None:
    given(OLGA, DISMISSED).when(forget()).then(MO_FORGOTTEN)


def test_who_has_an_office_is_dismissed_first() -> None:
    given(OLGA).when(forget("staff.olga")).refused("subject-in-office", field="subject")


def test_staff_that_the_desk_never_had_are_unknown() -> None:
    given(OLGA).when(forget("staff.mo")).refused("subject-unknown", field="subject")


def test_nobody_is_forgotten_before_there_is_a_campaign() -> None:
    SPEC.given().when(forget(VOTER)).refused("campaign-not-open")


def test_voter_is_forgotten_where_the_vault_has_a_key_and_is_no_news_where_not() -> None:
    given().when(forget(VOTER)).then(SubjectForgotten(VOTER, "asked", REVIEW))
    given().when(forget(VOTER, held=False)).then()


def test_objection_is_forgotten_where_the_vault_has_a_key_and_is_unknown_where_it_never_had_one() -> None:
    given().when(forget(OBJECTION)).then(SubjectForgotten(OBJECTION, "asked", REVIEW))
    given().when(forget(OBJECTION, held=False)).refused("subject-unknown")
    given(SubjectForgotten(OBJECTION, "asked", REVIEW)).when(forget(OBJECTION, held=False)).then()


def test_forgetting_again_is_no_news_once_the_key_is_gone() -> None:
    given(DISMISSED, MO_FORGOTTEN).when(forget(held=False)).then()


def test_who_came_back_is_forgotten_again() -> None:
    given(DISMISSED, MO_FORGOTTEN, DISMISSED).when(forget()).then(MO_FORGOTTEN)


@pytest.mark.parametrize(
    ("facts", "late_ms"),
    [
        pytest.param((), 10 * NETWORK_KEPT_MS, id="no result was published"),
        pytest.param((published(REVIEW),), NETWORK_KEPT_MS - 1, id="a moment too early"),
        pytest.param((published(REVIEW - DAY), published(REVIEW)), NETWORK_KEPT_MS - 1, id="counted from the last one"),
    ],
)
def test_network_key_is_kept(facts: tuple[object, ...], late_ms: int) -> None:
    given(*facts).when(EndNetworkKey(REVIEW + late_ms)).refused("network-key-kept")


def test_network_key_ends_90_days_after_the_result_and_once() -> None:
    end = EndNetworkKey(REVIEW + 90 * DAY)
    ended = SubjectForgotten(NETWORK_KEY, "term-over", REVIEW + 90 * DAY)

    given(published(REVIEW)).when(end).then(ended)
    given(published(REVIEW), ended).when(end).then()


# The service, and the process that follows its log


class Positions:
    """Cursors in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def load(self) -> dict[str, int]:
        return dict(self.kept)

    def keep(self, log: str, n: int) -> None:
        self.kept[log] = n


def killed(persons: set[str]) -> Iterator[str]:
    """Return a process that stops after the first step of destroying a key."""
    yield "page copied"
    raise KeyboardInterrupt(persons)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return an open rehearsal with an organiser and a dismissed moderator."""
    town = Town(tmp_path)
    town.open(CAMPAIGN_FILE.read_text())
    town.appoint("mo", "莫", "moderator")
    town.ok("appoint_staff", "olga", "organiser", staff="mo", name="莫", roles=[])
    return town


def key_destroyer(town: Town, cursors: Positions | None = None, **how: Any) -> KeyDestroyer:
    return KeyDestroyer(town.ledger, cursors or Positions(), town.vault, **how)


def subjects(town: Town) -> list[str]:
    found = [event for commit in town.ledger.read("moderation", 0) for event in commit.events()]
    return [each.subject for each in found if isinstance(each, SubjectForgotten)]


def test_who_follows_destroys_the_key(town: Town) -> None:
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
    assert town.vault.holds("staff.mo")

    forgotten = key_destroyer(town).step()

    assert forgotten == 1
    assert (town.vault.holds("staff.mo"), town.vault.holds("staff.olga")) == (False, True)
    assert town.ok("login", staff="olga", password="correct horse")["name"] == "奥尔加"
    assert town.no("login", staff="mo", password="battery staple") == "login-refused"


def test_age_of_the_last_whole_pass_grows_while_nobody_can_be_forgotten(town: Town) -> None:
    now = [0.0]
    follower = key_destroyer(town, now=lambda: now[0])
    ages = [follower.age_s()]
    for now_s, blind in ((100.0, True), (200.0, False), (205.0, False)):
        now[0] = now_s
        if blind:
            town.ledger.fail_reads(times=1)
        with contextlib.suppress(Unreachable):
            follower.step()
        ages.append(follower.age_s())

    assert ages == [0.0, 100.0, 0.0, 0.0]


def test_forgetting_twice_leaves_one_event(town: Town) -> None:
    for _ in range(2):
        town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
        key_destroyer(town).step()

    assert subjects(town) == ["staff.mo"]


def test_the_same_command_again_gets_its_first_answer(town: Town) -> None:
    first, again = (
        town.call("forget_subject", "olga", "organiser", id="k.d", subject="staff.mo", reason="asked") for _ in "12"
    )

    assert (first["n"], again["ok"]) == (again["n"], {"subject": "staff.mo", "repeated": True})


def test_many_are_forgotten_in_one_swap_of_the_key_file(town: Town) -> None:
    voters = [f"voter.{k:024x}" for k in range(5)]
    for each in voters:
        town.vault.key_of(each)
        town.ok("forget_person", "gateway", "operator", person=each)

    forgotten = key_destroyer(town).step()

    assert forgotten == 5
    assert [each for each in voters if town.vault.holds(each)] == []
    assert town.vault._keys.read().generation == 2


def test_an_unsubscribed_voter_of_whom_nothing_is_stored_leaves_no_event(town: Town) -> None:
    town.ok("forget_person", "gateway", "operator", person=VOTER)

    assert subjects(town) == []


def test_whoever_comes_back_has_a_new_name_and_needs_a_new_password(town: Town) -> None:
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
    key_destroyer(town).step()

    town.appoint("mo", "莫二", "judge")

    assert town.ok("login", staff="mo", password="battery staple")["name"] == "莫二"
    assert subjects(town) == ["staff.mo"]


def test_who_was_appointed_again_before_the_key_went_cannot_log_in_and_breaks_nothing(town: Town) -> None:
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
    town.appoint("mo", "莫", "judge")
    key_destroyer(town).step()

    assert town.no("login", staff="mo", password="battery staple") == "login-refused"
    assert [each["name"] for each in town.ok("staff", "olga", "organiser")["staff"]] == [
        "已删除 (deleted)",
        "奥尔加",
        "奥托",
    ]


def test_a_crash_before_the_position_is_kept_forgets_again_and_loses_nobody(town: Town) -> None:
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")

    kept = Positions()
    key_destroyer(town, Positions()).step()  # what it keeps is lost with it

    assert key_destroyer(town, kept).step() == 1
    assert not town.vault.holds("staff.mo")
    assert key_destroyer(town, kept).step() == 0


def test_a_ledger_that_is_away_is_asked_again(town: Town) -> None:
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
    follower = key_destroyer(town)
    town.ledger.fail_reads(times=1)
    with pytest.raises(Unreachable):
        follower.step()

    assert (follower.step(), town.vault.holds("staff.mo")) == (1, False)


def test_a_crash_while_keys_are_copied_leaves_the_position_where_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
    kept = Positions()
    with monkeypatch.context() as crash:
        crash.setattr(town.vault, "forget_steps", killed)
        with pytest.raises(KeyboardInterrupt):
            key_destroyer(town, kept).step()

    assert key_destroyer(town, kept).step() == 1
    assert not town.vault.holds("staff.mo")


def test_forgetting_takes_a_tenth_of_the_time_at_most(town: Town) -> None:
    clock = iter([0.0, 0.0, 0.0, 2.0, 21.9, 22.1, 22.1, 22.2])
    follower = key_destroyer(town, now=lambda: next(clock))
    town.ok("forget_subject", "olga", "organiser", subject="staff.mo", reason="asked")
    assert follower.step() == 1  # from 0 s to 2 s
    town.vault.key_of(VOTER)
    town.ok("forget_person", "gateway", "operator", person=VOTER)

    assert (follower.step(), follower.step()) == (0, 1)  # at 21.9 s and at 22.1 s


def test_the_network_key_is_destroyed_when_its_time_is_over(town: Town) -> None:
    opened = town.ok("campaign")["now"]
    assert town.no("end_network_key", "clock", "operator") == "network-key-kept"
    town.ledger.insert(form(Head("ranking"), [published(opened)], commands=[], stamp=stamp()))
    town.ok("move_clock", "olga", "organiser", now=opened + NETWORK_KEPT_MS)

    town.ok("end_network_key", "clock", "operator")
    key_destroyer(town).step()

    assert subjects(town) == [NETWORK_KEY]
    assert (town.vault.holds(NETWORK_KEY), town.vault.holds("staff.olga")) == (False, True)


@pytest.mark.parametrize(
    ("method", "role", "body", "expected"),
    [
        ("forget_subject", "moderator", {"subject": VOTER, "reason": "asked"}, "role-missing"),
        ("forget_person", "organiser", {"person": VOTER}, "role-missing"),
        ("end_network_key", "organiser", {}, "role-missing"),
        ("forget_subject", "organiser", {"subject": "n1", "reason": "asked"}, "invalid /subject"),
        ("forget_subject", "organiser", {"subject": "staff.mo\n", "reason": "asked"}, "invalid /subject"),
        ("forget_subject", "organiser", {"subject": VOTER, "reason": "王小明要求"}, "invalid /reason"),
        ("forget_person", "operator", {"person": "staff.mo"}, "invalid /person"),
    ],
)
def test_calls_that_do_not_fit_are_refused(
    town: Town, method: str, role: str, body: dict[str, Any], expected: str
) -> None:
    assert town.no(method, "x", role, **body) == expected
