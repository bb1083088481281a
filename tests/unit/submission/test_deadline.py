"""Until when a unit may hand in: the window's end, a moderator's date, or a late pass."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from services.submission.eligibility import deadline
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_service import form

DAY = 86_400_000
END = int(datetime(2021, 5, 29, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
Put = Callable[..., str]


def of(town: Town, entry: str | None, *, at: int) -> tuple[int, str] | None:
    town.ok("roll_unit", "U1", "unit", unit="U1")  # submission reads what moderation has written
    return deadline(town._services["submission"].log.state, "U1", entry=entry, at=at)


def test_the_window_s_end_holds_before_and_after_it(town: Town) -> None:
    assert [of(town, None, at=at) for at in (END - 90 * DAY, END - 1, END)] == [(END, "window")] * 3


def test_a_return_has_the_moderator_s_date_alone(town: Town, upload: Put) -> None:
    town.appoint("mo", "小莫", "moderator")
    town.ok("hand_in", "U1", "unit", **form(upload))
    remarks = [{"item": "title", "words": "改"}]
    town.ok("return_entry", "mo", "moderator", entry="U1-1", version=1, remarks=remarks, until=END - DAY)

    assert of(town, "U1-1", at=END - 2 * DAY) == (END - DAY, "return")
    assert of(town, "U1-1", at=END - 1) == (END, "window")
    assert of(town, "U1-1", at=END + 1) == (END, "window")


def test_a_return_after_the_window_holds_until_its_date_and_says_so_afterwards(town: Town, upload: Put) -> None:
    town.appoint("mo", "小莫", "moderator")
    town.ok("hand_in", "U1", "unit", **form(upload))
    remarks = [{"item": "title", "words": "改"}]
    town.ok("return_entry", "mo", "moderator", entry="U1-1", version=1, remarks=remarks, until=END + DAY)

    assert [of(town, "U1-1", at=at) for at in (END, END + DAY)] == [(END + DAY, "return")] * 2


def test_a_late_pass_holds_after_the_window(town: Town) -> None:
    town.ok("grant_late_pass", "olga", "organiser", unit="U1", until=END + DAY, reason="停电")

    assert of(town, None, at=END - 1) == (END, "window")
    assert of(town, None, at=END) == (END + DAY, "late-pass")
    assert of(town, None, at=END + DAY) == (END, "window")
