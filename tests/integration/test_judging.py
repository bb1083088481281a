"""A jury on real engines: marks, a late judge, and a third reading that the clock calls by itself.

The scoring service and the clock are real processes; the events of the other services are written to their logs.
"""

import pytest

from services.moderation import events as desk
from services.scoring import declaration
from services.scoring.decisions.third_readings import REST_MS
from services.scoring.domain import ScoringDecider
from services.scoring.events import EntriesAssigned, EntriesReassigned, ThirdReadingCalled
from shared.decider import fold
from tests.integration.processes import Caller, process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.scoring.stories import (
    END,
    JUDGES,
    MARKS,
    NOON,
    START,
    fixed,
    handed_in,
    opened,
    staffed,
)

pytestmark = pytest.mark.slow


def test_disputed_entry_gets_one_judge_more_by_the_clock_and_a_late_judge_loses_what_is_unread(place: Place) -> None:
    write_other_logs(place)
    with running_services(place, "scoring") as (caller, _):
        seen = {log: place.ledger.head(log) for log in ("moderation", "submission", "ranking")}
        for each in JUDGES:
            judge = {"judge": each, "name": f"专家{each}", "employer": "", "city": ""}
            result_of(caller.call("scoring", "appoint_judge", judge, at_least=seen, at=NOON))
            declared = {"words": declaration.WORDS}
            result_of(caller.call("scoring", "declare_independence", declared, roles=("judge",), actor=each, at=NOON))
        result_of(caller.call("scoring", "assign", {}, at=NOON))
        high, low = readers(caller, "U1-1")
        for judge, points in ((high, 90), (low, 60)):
            order = {"entry": "U1-1", "marks": {**MARKS, "content": points}}
            result_of(caller.call("scoring", "give_score", order, roles=("judge",), actor=judge, at=NOON))

        place.append("moderation", [desk.ClockMoved(NOON + REST_MS, "olga")])
        with process(place, "clock"):
            wait(lambda: events(place, ThirdReadingCalled), what="the clock has called a third reading")

        assert events(place, ThirdReadingCalled) == [ThirdReadingCalled("U1-1", 1_500, 3, NOON + REST_MS)]
        (third,) = set(readers(caller, "U1-1")) - {high, low}
        moved = result_of(caller.call("scoring", "reassign", {"judge": third, "reason": "住院"}, at=NOON + REST_MS))
        assert moved["moved"] == moved["assigned"] > 0
        assert len(readers(caller, "U1-1")) == 3
        assert third not in readers(caller, "U1-1")

    assert "住院" not in str(place.events("scoring"))
    assert len(events(place, EntriesReassigned)) == 1
    told = [fact for log in ("moderation", "submission", "ranking", "scoring") for fact in place.events(log)]
    panel = fold(ScoringDecider(), told)
    assert {len(sheet.entries) <= panel.limits.entries for sheet in panel.sheets.values()} == {True}
    assert events(place, EntriesAssigned)[-1].at == NOON + REST_MS


def test_marks_of_the_last_minute_call_a_third_reading_at_the_end_and_judging_opened_again_takes_it(
    place: Place,
) -> None:
    write_other_logs(place)
    with running_services(place, "scoring") as (caller, _):
        seen = {log: place.ledger.head(log) for log in ("moderation", "submission", "ranking")}
        for each in JUDGES:
            judge = {"judge": each, "name": f"专家{each}", "employer": "", "city": ""}
            result_of(caller.call("scoring", "appoint_judge", judge, at_least=seen, at=NOON))
            declared = {"words": declaration.WORDS}
            result_of(caller.call("scoring", "declare_independence", declared, roles=("judge",), actor=each, at=NOON))
        result_of(caller.call("scoring", "assign", {}, at=NOON))
        high, low = readers(caller, "U1-1")
        for judge, points in ((high, 90), (low, 60)):
            order = {"entry": "U1-1", "marks": {**MARKS, "content": points}}
            result_of(caller.call("scoring", "give_score", order, roles=("judge",), actor=judge, at=END - 1))

        place.append("moderation", [desk.ClockMoved(END, "olga")])
        with process(place, "clock"):
            wait(lambda: events(place, ThirdReadingCalled), what="the clock has called a third reading")

        (third,) = set(readers(caller, "U1-1")) - {high, low}
        order = {"entry": "U1-1", "marks": MARKS}
        late = {"roles": ("judge",), "at": END + 6}
        assert caller.call("scoring", "give_score", order, actor=third, **late)["refused"]["code"] == "window-closed"
        place.append("moderation", [desk.WindowMoved("judging", START, END + REST_MS, "加评", "olga", END + 5)])
        late["at_least"] = {"moderation": place.ledger.head("moderation")}
        result_of(caller.call("scoring", "give_score", order, actor=third, **late))
        assert caller.call("scoring", "give_score", order, actor=high, **late)["refused"]["code"] == "mark-settled"

    assert events(place, ThirdReadingCalled) == [ThirdReadingCalled("U1-1", 1_500, 3, END)]


def write_other_logs(place: Place) -> None:
    """Write the other services' events: rules with two marks an entry and a spread of ten points, staff, entries, and
    the cohort.
    """
    entries = handed_in()
    approvals = [each for each in entries if isinstance(each, desk.EntryApproved)]
    place.append("moderation", [*opened(min_marks=2, third_reading="10"), *staffed(), *approvals])
    place.append("submission", [each for each in entries if each not in approvals])
    place.append("ranking", [fixed()])


def readers(caller: Caller, entry: str) -> list[str]:
    """Return the judges who may read the entry."""
    own = {each: caller.call("scoring", "my_entry", {"entry": entry}, roles=("judge",), actor=each) for each in JUDGES}
    return [each for each, answer in own.items() if "ok" in answer]


def events(place: Place, kind: type) -> list[object]:
    """Return scoring's events of one kind."""
    return [each for each in place.events("scoring") if isinstance(each, kind)]


def result_of(answer: dict[str, object]) -> dict[str, object]:
    """Return the result of a call that must succeed."""
    assert "ok" in answer, answer
    return answer["ok"]  # type: ignore[return-value]
