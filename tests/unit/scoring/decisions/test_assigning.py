"""Tests of the assignment of anchors, late judges' entries and third readings, as decisions in a story."""

from dataclasses import replace
from typing import Any

import pytest

from services.moderation import events as desk
from services.scoring.decisions.commands import AppointJudge, Assign, AssignThirdReadings, Reassign
from services.scoring.decisions.third_readings import REST_MS
from services.scoring.events import (
    AnchorsChosen,
    EntriesAssigned,
    JudgeAppointed,
    ScoreExcluded,
    SheetSubmitted,
    ThirdReadingCalled,
)
from services.scoring.reports.progress import is_short, progress
from services.scoring.state import ScoringState
from shared.decider import Refused
from shared.events import Sealed
from tests.unit.scoring.stories import (
    END,
    ENTRIES,
    JUDGES,
    NAME,
    NOON,
    START,
    appointed,
    assigned,
    drafted,
    even,
    give,
    given,
    given_score,
    ready,
    revised,
    stepped_back,
    taken_away,
    under_way,
)

ASSIGN = Assign(None, "olga", NOON)
RESTED = NOON + REST_MS
THIRDS = AssignThirdReadings("clock", RESTED)


def decided(command: object, *facts: object) -> list[Any]:
    found = given(*facts).when(command).decision
    assert not isinstance(found, Refused), found
    return list(found)


def readers_of(entry: str, events: list[Any]) -> set[str]:
    return {each.judge for each in events if isinstance(each, EntriesAssigned) and entry in each.entries}


class TestAnchors:
    def test_they_are_chosen_with_the_first_assignment_and_everybody_gets_them(self):
        chosen, *readings = decided(ASSIGN, *ready(anchor_entries=2))

        assert isinstance(chosen, AnchorsChosen)
        assert len(chosen.entries) == 2
        assert [readers_of(each, readings) for each in chosen.entries] == [set(JUDGES)] * 2
        others = set(ENTRIES) - set(chosen.entries)
        assert {len(readers_of(each, readings)) for each in others} == {3}

    def test_none_are_chosen_where_the_rules_name_none(self):
        assert {type(each) for each in decided(ASSIGN, *ready())} == {EntriesAssigned}

    def test_they_are_chosen_once(self):
        facts = (*ready(anchor_entries=2), AnchorsChosen(("U1-1", "U2-1"), "olga", NOON))

        readings = decided(ASSIGN, *facts)

        assert {type(each) for each in readings} == {EntriesAssigned}
        assert readers_of("U1-1", readings) == readers_of("U2-1", readings) == set(JUDGES)

    def test_assigning_again_is_nothing_new(self):
        facts = ready(anchor_entries=2)

        assert decided(ASSIGN, *facts, *decided(ASSIGN, *facts)) == []

    def test_judge_in_conflict_with_an_anchor_does_not_get_it(self):
        anchors = AnchorsChosen(("U1-1", "U2-1"), "olga", NOON)

        readings = decided(ASSIGN, *ready(anchor_entries=2), anchors, appointed("ann", employer="第一机床厂"))

        assert readers_of("U1-1", readings) == {*JUDGES} - {"ann"}
        assert readers_of("U2-1", readings) == {*JUDGES}

    def test_judge_who_comes_later_gets_them_too(self):
        facts = ready(anchor_entries=1)
        late = tuple(each for each in facts if each != appointed("eva"))
        first = decided(ASSIGN, *late)
        (anchor,) = first[0].entries

        then = decided(ASSIGN, *late, *first, appointed("eva"))

        assert then == [assigned("eva", anchor)]

    def test_limit_of_a_judge_holds_for_anchors_as_well(self):
        anchors = AnchorsChosen(ENTRIES[:3], "olga", NOON)
        facts = (*ready(anchor_entries=3, max_entries_per_judge=2, min_marks=1), anchors)

        refused = given(*facts).when(ASSIGN).decision

        assert refused == Refused(
            "assignment-infeasible",
            detail={
                "short": [
                    {"entry": each, "missing": 1, "limit": "entries-per-judge", "judges": [*JUDGES]}
                    for each in ENTRIES[2:]
                ],
                "count": 2,
            },
        )

    def test_disqualified_anchor_is_given_to_nobody(self):
        facts = (*ready(anchor_entries=2), AnchorsChosen(("U1-1", "U2-1"), "olga", NOON))

        readings = decided(ASSIGN, *facts, desk.EntryDisqualified("U1-1", "抄袭", "olga", NOON))

        assert readers_of("U1-1", readings) == set()

    def test_recusal_from_an_anchor_that_all_read_needs_nobody_else(self):
        facts = ready(anchor_entries=1)
        first = decided(ASSIGN, *facts)
        (anchor,) = first[0].entries

        left = given(*facts, *first, stepped_back("ann", anchor)).state

        assert not is_short(left, anchor)


class TestReassign:
    def move(self, judge: str, *entries: str, reason: str = "病假") -> Reassign:
        return Reassign(judge, entries or None, Sealed(reason), "olga", NOON)

    def test_unread_entries_move_and_the_marked_stay(self):
        facts = (*under_way(), given_score("cui", "U1-1"))

        moved, *takers = decided(self.move("cui"), *facts)

        assert moved == taken_away("cui", "U2-1", "U3-1")
        assert sorted(entry for each in takers for entry in each.entries) == ["U2-1", "U3-1"]
        assert {each.judge for each in takers} <= {"dai", "eva"}

    def test_sheet_then_holds_only_what_was_done(self):
        facts = (*under_way(), given_score("cui", "U1-1"), taken_away("cui", "U2-1", "U3-1"))
        state: ScoringState = given(*facts).state

        assert set(state.sheet("cui").entries) == {"U1-1"}
        given(*facts).when(give("cui", "U2-1")).refused("not-assigned")
        given(*facts).when(give("cui", "U1-1", form=71)).then(revised("cui", "U1-1", form=71))

    def test_draft_is_no_mark(self):
        moved, *_ = decided(self.move("eva"), *under_way(), drafted("eva", "U4-1", form=9))

        assert moved == taken_away("eva", "U4-1")

    def test_only_the_named_entries_move(self):
        moved, *_ = decided(self.move("cui", "U3-1"), *under_way())

        assert moved == taken_away("cui", "U3-1")

    def test_entry_with_judges_enough_gets_no_other(self):
        given(*under_way(), assigned("dai", "U4-1")).when(self.move("eva")).then(taken_away("eva", "U4-1"))

    def test_late_judge_gets_nothing_more_by_an_assignment(self):
        facts = (*under_way(), taken_away("eva", "U4-1"))

        given(*facts).when(ASSIGN).then(assigned("dai", "U4-1"))

    def test_late_judge_takes_no_entry_that_another_steps_back_from(self):
        facts = (*under_way(), assigned("dai", *ENTRIES), taken_away("eva", "U4-1"), stepped_back("dai", "U1-1"))

        left = decided(ASSIGN, *facts)

        assert readers_of("U1-1", left) == set()

    def test_appointing_again_opens_the_judge_to_entries(self):
        facts = (*under_way(), taken_away("eva", "U4-1"))
        again = AppointJudge("eva", NAME, "", "", (), "olga", NOON)
        reappointed = JudgeAppointed("eva", NAME, "", "", (), "olga", NOON)

        given(*facts).when(again).then(reappointed)
        given(*facts, reappointed).when(again).then()
        assert decided(ASSIGN, *facts, reappointed, assigned("dai", *ENTRIES[:3])) == [assigned("eva", "U4-1")]

    def test_where_the_limits_do_not_hold_nothing_moves_and_the_entry_is_named(self):
        facts = (*under_way(), stepped_back("dai", "U2-1"), stepped_back("eva", "U2-1"))

        refused = given(*facts).when(self.move("cui")).decision

        assert refused == Refused(
            "assignment-infeasible",
            detail={"short": [{"entry": "U2-1", "missing": 1, "limit": "conflicts", "judges": []}], "count": 1},
        )

    def test_what_can_move_moves_when_it_is_named(self):
        facts = (*under_way(), stepped_back("dai", "U2-1"), stepped_back("eva", "U2-1"))

        moved, *takers = decided(self.move("cui", "U1-1", "U3-1"), *facts)

        assert moved == taken_away("cui", "U1-1", "U3-1")
        assert sorted(entry for each in takers for entry in each.entries) == ["U1-1", "U3-1"]

    def test_only_the_moved_reading_is_made_up_where_more_is_short(self):
        facts = (*under_way(), stepped_back("ann", "U3-1"))

        _, *takers = decided(self.move("cui", "U3-1"), *facts)

        assert len(readers_of("U3-1", takers)) == 1

    def test_entries_of_a_dismissed_judge_move_too(self):
        gone = desk.StaffAppointed("eva", Sealed("c1.n"), (), Sealed("c1.x"), "olga", NOON)

        given(*under_way(), gone).when(self.move("eva")).then(taken_away("eva", "U4-1"), assigned("dai", "U4-1"))

    def test_nothing_unread_is_nothing_new(self):
        given(*under_way()).when(self.move("dai")).then()

    @pytest.mark.parametrize("entry", ["U1-1", "U4-1", "U9-1"], ids=["marked", "another's", "unknown"])
    def test_entry_that_is_not_unread_is_named(self, entry: str):
        facts = (*under_way(), given_score("cui", "U1-1"))

        refused = given(*facts).when(self.move("cui", "U2-1", entry)).decision

        assert refused == Refused("entries-not-unread", "entries", {"entries": [entry]})

    def test_missing_reason_is_refused(self):
        given(*under_way()).when(self.move("cui", reason="")).refused("reason-missing", field="reason")

    def test_unknown_judge_is_refused(self):
        given(*under_way()).when(self.move("zoe")).refused("judge-unknown", field="judge")


def marked_apart(entry: str, *points: int, at: int = NOON) -> list[object]:
    """Return a story in which the first judges have marked an entry with these totals."""
    judges = JUDGES[: len(points)]
    return [
        *(assigned(each, entry) for each in judges),
        *(even(judge, entry, each, at=at) for judge, each in zip(judges, points, strict=True)),
    ]


def called(entry: str, spread_e2: int, *, at: int = RESTED) -> ThirdReadingCalled:
    return ThirdReadingCalled(entry, spread_e2, 3, at)


TWO = ready(min_marks=2, third_reading="10.5")


class TestThirdReadings:
    def test_marks_too_far_apart_call_one_judge_more(self):
        found = decided(THIRDS, *TWO, *marked_apart("U1-1", 80, 69))

        assert found[0] == called("U1-1", 1_100)
        assert [type(each) for each in found[1:]] == [EntriesAssigned]
        assert found[1].entries == ("U1-1",)
        assert found[1].judge in JUDGES[2:]

    @pytest.mark.parametrize(("points", "calls"), [((80, 70), 0), ((80, 69), 1)], ids=["10.00", "11.00"])
    def test_limit_itself_is_allowed(self, points: tuple[int, ...], calls: int):
        told = decided(THIRDS, *TWO, *marked_apart("U1-1", *points))

        assert len([each for each in told if isinstance(each, ThirdReadingCalled)]) == calls

    def test_spread_is_that_of_the_highest_and_the_lowest(self):
        facts = (*ready(third_reading="10"), *marked_apart("U1-1", 80, 74, 69))

        assert decided(THIRDS, *facts)[0] == ThirdReadingCalled("U1-1", 1_100, 4, RESTED)

    def test_entry_whose_marks_are_not_all_there_waits(self):
        facts = (*TWO, *marked_apart("U1-1", 80), assigned("bob", "U1-1"))

        given(*facts).when(THIRDS).then()

    def test_draft_is_not_compared(self):
        facts = (
            *TWO,
            *marked_apart("U1-1", 80),
            assigned("bob", "U1-1"),
            drafted("bob", "U1-1", content=1, form=1, quality=1),
        )

        given(*facts).when(THIRDS).then()

    def test_mark_that_was_just_saved_waits(self):
        given(*TWO, *marked_apart("U1-1", 80, 60)).when(replace(THIRDS, at=RESTED - 1)).then()

    def test_sheet_that_is_handed_in_needs_no_rest(self):
        done = [SheetSubmitted(each, NOON) for each in JUDGES[:2]]

        assert decided(replace(THIRDS, at=NOON), *TWO, *marked_apart("U1-1", 80, 60), *done)[0] == called(
            "U1-1", 2_000, at=NOON
        )

    def test_again_is_nothing_new(self):
        facts = (*TWO, *marked_apart("U1-1", 80, 60))

        given(*facts, *decided(THIRDS, *facts)).when(THIRDS).then()

    def test_entry_that_more_judges_read_has_its_further_reading(self):
        given(*TWO, *marked_apart("U1-1", 80, 60, 70)).when(THIRDS).then()
        given(*TWO, *marked_apart("U1-1", 80, 60), assigned("cui", "U1-1")).when(THIRDS).then()

    def test_excluded_mark_is_not_compared(self):
        facts = (*TWO, *marked_apart("U1-1", 80, 60), ScoreExcluded("bob", "U1-1", "未看视频", "olga", NOON))

        given(*facts).when(THIRDS).then()

    def test_it_is_called_even_where_nobody_is_left(self):
        stepped = [stepped_back(each, "U1-1") for each in JUDGES[2:]]

        assert decided(THIRDS, *TWO, *marked_apart("U1-1", 80, 60), *stepped) == [called("U1-1", 2_000)]

    def test_judge_who_comes_later_gets_what_waits(self):
        gone = [stepped_back(each, "U1-1") for each in JUDGES[2:]]
        zoe = desk.StaffAppointed("zoe", Sealed("c1.n"), ("judge",), Sealed("c1.x"), "olga", START)
        facts = (*TWO, *marked_apart("U1-1", 80, 60), *gone, called("U1-1", 2_000), zoe, appointed("zoe"))

        given(*facts).when(THIRDS).then(EntriesAssigned("zoe", ("U1-1",), "clock", RESTED))

    def test_judge_in_conflict_does_not_get_it(self):
        hindered = [appointed(each, employer="第一机床厂") for each in ("cui", "dai")]

        assert decided(THIRDS, *TWO, *marked_apart("U1-1", 80, 60), *hindered)[1].judge == "eva"

    def test_recusal_from_a_third_reading_hands_it_on(self):
        facts = (
            *TWO,
            *marked_apart("U1-1", 80, 60),
            called("U1-1", 2_000),
            assigned("cui", "U1-1"),
            stepped_back("cui", "U1-1"),
        )

        assert readers_of("U1-1", decided(ASSIGN, *facts)) <= {"dai", "eva"}
        assert len(readers_of("U1-1", decided(ASSIGN, *facts))) == 1

    def test_entry_is_short_until_somebody_reads_it_and_not_complete_until_it_is_marked(self):
        facts = (
            *ready(min_marks=2, third_reading="10"),
            *disqualified("U2-1", "U3-1", "U4-1"),
            *marked_apart("U1-1", 80, 60),
        )
        call = called("U1-1", 2_000)

        stages = [
            (*facts, call),
            (*facts, call, assigned("cui", "U1-1")),
            (*facts, call, assigned("cui", "U1-1"), even("cui", "U1-1", 70)),
        ]
        told = [progress(given(*each).state, str, at=RESTED) for each in stages]

        assert [len(each["short"]) for each in told] == [1, 0, 0]
        assert told[0]["short"] == [{"entry": "U1-1", "readers": 2, "marks": 2, "minimum": 3}]
        assert [each["complete"] for each in told] == [False, False, True]
        assert [each["third_readings"] for each in told] == [
            [{"entry": "U1-1", "spread": "20.00", "at": RESTED, "marked": marked}] for marked in (False, False, True)
        ]

    def test_progress_names_what_is_apart_before_it_is_called(self):
        told = progress(given(*TWO, *marked_apart("U1-1", 80, 60)).state, str, at=NOON)

        assert told["apart"] == [{"entry": "U1-1", "spread": "20.00"}]

    def test_before_the_window_nobody_is_called(self):
        given(*TWO, *marked_apart("U1-1", 80, 60)).when(replace(THIRDS, at=START - 1)).refused("window-closed")

    def test_mark_saved_in_the_last_minutes_is_compared_at_the_end(self):
        facts = (*TWO, *marked_apart("U1-1", 80, 60, at=END - 1))

        assert decided(replace(THIRDS, at=END), *facts)[0] == called("U1-1", 2_000, at=END)
        given(*TWO, *marked_apart("U1-1", 80, 70, at=END - 1)).when(replace(THIRDS, at=END)).then()

    def test_reading_that_was_not_given_by_the_end_is_no_further_one(self):
        facts = (*TWO, *marked_apart("U1-1", 80, 60), assigned("cui", "U1-1"))

        given(*facts).when(replace(THIRDS, at=END - 1)).then()
        given(*facts).when(replace(THIRDS, at=END)).then(called("U1-1", 2_000, at=END))

    def test_rules_without_a_spread_call_nobody(self):
        given(*ready(min_marks=2), *marked_apart("U1-1", 80, 60)).when(THIRDS).refused("third-readings-unset")

    def test_before_the_cohort_is_fixed_it_is_refused(self):
        given(*ready(third_reading="10")[:-1]).when(THIRDS).refused("cohort-not-fixed")


def disqualified(*entries: str) -> list[object]:
    return [desk.EntryDisqualified(each, "r", "olga", NOON) for each in entries]
