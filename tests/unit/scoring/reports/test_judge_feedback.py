"""Tests of the feedback to a judge on their own marks, and of how little it reveals of other judges."""

import pytest

from services.scoring.events import AnchorsChosen, ScoreExcluded, SheetSubmitted
from services.scoring.reports import judge_feedback
from services.scoring.state import ScoringState
from services.submission.events import RollRow
from tests.unit.scoring.stories import (
    ENTRIES,
    JUDGES,
    NOON,
    appointed,
    assigned,
    even,
    fixed,
    given,
    handed_in,
    opened,
    ready,
    staffed,
    stepped_back,
)

ANCHORS = ("U1-1", "U2-1")
CHOSEN = (*ready(anchor_entries=2), AnchorsChosen(ANCHORS, "olga", NOON), *(assigned(j, *ENTRIES) for j in JUDGES))


def panel(*facts: object) -> ScoringState:
    state: ScoringState = given(*facts).state
    return state


def anchors_of(judge: str, first: int, second: int, *, at: int = NOON) -> list[object]:
    return [even(judge, "U1-1", first, at=at), even(judge, "U2-1", second, at=at)]


@pytest.mark.parametrize(
    ("totals", "bins"),
    [
        ([], [0] * 10),
        ([0, 999], [2, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ([1_000, 8_999, 9_000, 10_000], [0, 1, 0, 0, 0, 0, 0, 0, 1, 2]),
    ],
    ids=["nothing", "under ten", "edges"],
)
def test_histogram_counts_by_ten_points(totals: list[int], bins: list[int]):
    assert judge_feedback.histogram(totals) == bins


def test_close_pairs_are_at_most_half_a_point_apart_the_closest_first():
    totals = {"a": 8_000, "b": 8_050, "c": 8_051, "d": 7_000}

    assert judge_feedback.close_pairs(totals, {}) == [("c", "b", 1), ("b", "a", 50)]


def test_close_pairs_are_neighbours_so_that_equal_marks_do_not_pair_with_each_other_over_and_over():
    assert judge_feedback.close_pairs({"a": 1, "b": 1, "c": 1}, {}) == [("a", "b", 0), ("b", "c", 0)]


def test_close_pairs_compete_for_the_seats_of_one_type():
    types = {"a": "state", "b": "private", "c": "state"}

    assert judge_feedback.close_pairs({"a": 30, "b": 20, "c": 10}, types) == [("a", "c", 20)]


def test_judge_of_seventy_seven_marks_gets_ten_pairs_and_none_once_the_sheet_is_in():
    rows = [RollRow(f"V{k:02}", "n", "grassroots", "state", "", "", "") for k in range(77)]
    given_marks = [even("ann", f"{each.code}-1", 60 + k % 30) for k, each in enumerate(rows)]
    entries = [f"{each.code}-1" for each in rows]
    facts = (*opened(max_entries_per_judge=99), *handed_in(*rows), *staffed(), appointed("ann"), fixed(*entries))
    story = given(*facts, assigned("ann", *entries), *given_marks)

    found = judge_feedback.feedback(story.state, "ann")
    closed = judge_feedback.feedback(
        given(*facts, assigned("ann", *entries), *given_marks, SheetSubmitted("ann", NOON)).state, "ann"
    )

    assert (len(found["close"]), found["close_count"]) == (10, 47)
    assert {each["difference"] for each in found["close"]} == {"0.00"}
    assert (closed["close"], closed["close_count"]) == ([], 0)


class TestStrictness:
    def test_it_is_told_once_three_judges_have_marked_the_anchors(self):
        two = (*CHOSEN, *anchors_of("ann", 70, 70), *anchors_of("bob", 80, 80))
        three = (*two, *anchors_of("cui", 90, 90))

        assert [judge_feedback.strictness(panel(*facts), "ann") for facts in (two, three)] == [None, "-10.00"]
        assert [judge_feedback.strictness(panel(*three), judge) for judge in ("bob", "cui")] == ["0.00", "10.00"]

    def test_it_is_not_told_before_the_own_anchors_are_all_marked(self):
        others = [fact for each in JUDGES[:3] for fact in anchors_of(each, 70, 70)]

        assert judge_feedback.strictness(panel(*CHOSEN, *others, even("dai", "U1-1", 60)), "dai") is None

    def test_marks_of_other_entries_change_nothing(self):
        facts = (*CHOSEN, *(fact for each in JUDGES[:3] for fact in anchors_of(each, 70, 80)))

        more = [even(each, "U3-1", 10) for each in JUDGES[1:3]]

        assert (
            judge_feedback.strictness(panel(*facts), "ann")
            == judge_feedback.strictness(panel(*facts, *more), "ann")
            == "0.00"
        )

    @pytest.mark.parametrize(("finished", "told"), [(3, "0.00"), (4, "0.00"), (5, "0.00")])
    def test_judge_who_comes_fourth_or_fifth_moves_nobody_elses_difference(self, finished: int, told: str):
        """Otherwise that judge's marks could be derived from the change of the difference."""
        strict = [10 * k for k in range(5)]
        facts = [
            fact
            for k, each in enumerate(JUDGES[:finished])
            for fact in anchors_of(each, 70 + (strict[k] if k > 2 else 0), 70, at=NOON + k)
        ]

        assert judge_feedback.strictness(panel(*CHOSEN, *facts), "ann") == told

    def test_anchor_that_fewer_than_three_have_marked_is_left_out(self):
        facts = (*CHOSEN, stepped_back("bob", "U1-1"), even("bob", "U2-1", 80))

        told = judge_feedback.strictness(panel(*facts, *anchors_of("ann", 10, 70), *anchors_of("cui", 20, 90)), "ann")

        assert told == "-10.00"

    def test_anchor_in_conflict_is_not_waited_for(self):
        facts = (*CHOSEN, appointed("ann", employer="第一机床厂"), even("ann", "U2-1", 70))
        others = [fact for each in JUDGES[1:4] for fact in anchors_of(each, 60, 80)]

        assert judge_feedback.strictness(panel(*facts, *others), "ann") is not None

    def test_excluded_mark_is_not_compared(self):
        marks = [fact for each in JUDGES[:4] for fact in anchors_of(each, 70, 70)]
        gone = [ScoreExcluded(each, "U1-1", "r", "olga", NOON) for each in JUDGES[:2]]

        assert judge_feedback.strictness(panel(*CHOSEN, *marks, *gone), "ann") == "0.00"

    def test_campaign_without_anchors_tells_nothing(self):
        assert (
            judge_feedback.strictness(panel(*ready(), assigned("ann", "U1-1"), even("ann", "U1-1", 70)), "ann") is None
        )


def test_feedback_speaks_of_the_own_marks_alone():
    facts = (*CHOSEN, *anchors_of("ann", 70, 70), even("ann", "U3-1", 91), even("bob", "U3-1", 12))

    assert judge_feedback.feedback(panel(*facts), "ann") == {
        "histogram": [0, 0, 0, 0, 0, 0, 0, 2, 0, 1],
        "close": [{"entries": ["U1-1", "U2-1"], "difference": "0.00"}],
        "close_count": 1,
        "anchors": {"assigned": 2, "marked": 2, "difference": None},
    }
