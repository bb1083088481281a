"""Tests of the views of scoring: what a judge sees, and what must stay hidden."""

from collections import Counter

from services.moderation import events as desk
from services.scoring import queries
from services.scoring.decisions.commands import Assign
from services.scoring.events import AnchorsChosen, ReadingOpened, ScoreExcluded, SheetSubmitted
from services.scoring.reports import progress
from services.scoring.reports.forecast import HOUR_MS
from services.scoring.state import ScoringState
from services.submission.events import RollChunk, RollImported, RollRow
from shared.decider import Refused
from tests.unit.scoring.stories import (
    COMMITMENT,
    END,
    ENTRIES,
    JUDGES,
    NOON,
    START,
    appointed,
    assigned,
    drafted,
    fixed,
    given,
    given_score,
    handed_in,
    independent,
    opened,
    ready,
    staffed,
    stepped_back,
    taken_away,
    under_way,
)


def panel(*facts: object) -> ScoringState:
    state: ScoringState = given(*facts).state
    return state


def sheet_of(state: ScoringState, judge: str) -> dict[str, object]:
    found = queries.own_sheet(state, judge)
    assert not isinstance(found, Refused)
    return found


def test_judge_sees_the_own_marks_rubric_and_window():
    sheet = sheet_of(panel(*under_way(), given_score("eva", "U4-1", form=75)), "eva")

    assert sheet["window"] == {"start": START, "end": END}
    assert (sheet["assigned"], sheet["marked"], sheet["submitted_at"]) == (1, 1, None)
    assert sheet["entries"] == [
        {
            "entry": "U4-1",
            "unit": "U4",
            "version": 1,
            "state": "marked",
            "marks": {"content": 80, "form": 75, "quality": 90},
            "words": None,
            "total": "82.00",
            "at": NOON,
            "draft": None,
            "anchor": False,
            "stage": "marked",
        }
    ]
    assert isinstance(sheet["rubric"], list)
    assert {"code", "zh", "en", "weight", "anchors"} == set(sheet["rubric"][0])


def test_judge_sees_nothing_of_other_judges():
    alone = sheet_of(panel(*under_way()), "eva")
    others = [given_score(each, "U1-1") for each in JUDGES[:3]]

    assert alone == sheet_of(panel(*under_way(), *others, stepped_back("ann", "U2-1")), "eva")


def test_list_of_a_judge_is_shuffled_and_stable():
    state = panel(*under_way())
    names = [[each["entry"] for each in sheet_of(state, judge)["entries"]] for judge in ("ann", "bob")]  # type: ignore[attr-defined]

    assert set(ENTRIES) == set(names[0]) == set(names[1])
    assert names[0] != names[1]
    assert names[0] == [each["entry"] for each in sheet_of(state, "ann")["entries"]]  # type: ignore[attr-defined]


def test_anchors_come_first_and_are_shuffled_too():
    chosen = AnchorsChosen(("U2-1", "U3-1"), "olga", NOON)
    state = panel(*ready(anchor_entries=2), chosen, *(assigned(each, *ENTRIES) for each in JUDGES))

    orders = [[(each["entry"], each["anchor"]) for each in sheet_of(state, judge)["entries"]] for judge in JUDGES]  # type: ignore[attr-defined]

    assert all([anchor for _, anchor in order] == [True, True, False, False] for order in orders)
    assert len({order[0][0] for order in orders}) == 2


def test_each_type_is_spread_over_the_whole_list():
    codes = [f"V{k:02}" for k in range(12)]
    rows = [
        RollRow(each, each, "grassroots", "state" if k < 8 else "other", "", "", "") for k, each in enumerate(codes)
    ]
    entries = [f"{each}-1" for each in codes]
    limits = opened(max_entries_per_judge=12)
    state = panel(*limits, *handed_in(*rows), *staffed(), appointed("ann"), fixed(*entries), assigned("ann", *entries))

    types = [state.type_of(each["entry"]) for each in sheet_of(state, "ann")["entries"]]  # type: ignore[attr-defined]

    assert [Counter(types[k : k + 3]) for k in range(0, 12, 3)] == [Counter({"state": 2, "other": 1})] * 4


def test_list_counts_what_is_left_and_the_minutes_for_it():
    facts = (*under_way(), given_score("ann", "U1-1"), given_score("ann", "U2-1", at=NOON + 600_000))

    sheet = sheet_of(panel(*facts), "ann")

    assert (sheet["assigned"], sheet["marked"], sheet["left"], sheet["minutes_left"]) == (4, 2, 2, 20)


def test_own_draft_is_shown_beside_the_mark():
    facts = (*under_way(), given_score("ann", "U1-1"), drafted("ann", "U1-1", form=1, words="再看", at=NOON + 1))

    told = queries.own_entry(panel(*facts), "ann", "U1-1")

    assert (told["total"], told["draft"]) == ("81.00", {"marks": {"form": 1}, "words": "再看", "at": NOON + 1})


ENTRY_KEYS = {"entry", "unit", "version", "state", "marks", "words", "total", "at", "draft"}
SHEET_KEYS = {
    "judge", "rubric", "words_below", "words_above", "window", "assigned", "marked", "left", "minutes_left",
    "submitted_at", "histogram", "close", "close_count", "anchors", "entries", "independence", "recused",
}  # fmt: skip


def test_judges_answers_hold_these_keys_and_no_other():
    """A key may only be added if it reveals no likes, no ranks, no marks of others and no remarks of moderators."""
    chosen = AnchorsChosen(("U1-1",), "olga", NOON)
    state = panel(*ready(anchor_entries=1), chosen, assigned("ann", *ENTRIES), given_score("ann", "U1-1"))

    sheet = sheet_of(state, "ann")

    assert set(sheet) == SHEET_KEYS
    assert {frozenset(each) for each in sheet["entries"]} == {frozenset(ENTRY_KEYS | {"anchor", "stage"})}  # type: ignore[attr-defined]
    assert set(sheet["anchors"]) == {"assigned", "marked", "difference"}  # type: ignore[call-overload]
    assert set(queries.own_entry(state, "ann", "U1-1")) == ENTRY_KEYS


def test_what_moderators_write_changes_no_judges_answer():
    before = sheet_of(panel(*under_way()), "ann")
    notes = [
        desk.EntryFrozen("U1-1", "举报刷票", "mo", NOON),
        desk.EntryUnfrozen("U1-1", "查无实据", "mo", NOON),
        desk.EntryApproved("U1-1", 1, 88, "mo", NOON),
    ]

    assert before == sheet_of(panel(*under_way(), *notes), "ann")


def test_states_of_entries_say_what_is_left_to_do():
    facts = (
        desk.EntryDisqualified("U1-1", "r", "olga", NOON),
        given_score("ann", "U2-1"),
        ScoreExcluded("ann", "U2-1", "r", "olga", NOON),
        appointed("ann", conflicts=("U3",)),
    )
    sheet = sheet_of(panel(*under_way(), *facts), "ann")

    assert {
        each["entry"]: each["state"]
        for each in sheet["entries"]  # type: ignore[attr-defined]
    } == {"U1-1": "out", "U2-1": "excluded", "U3-1": "conflicted", "U4-1": "open"}
    assert (sheet["assigned"], sheet["marked"]) == (1, 0)


def test_stranger_has_no_sheet():
    assert queries.own_sheet(panel(*under_way()), "zoe") == Refused("judge-unknown", "judge", {"judge": "zoe"})


def test_total_is_exact_to_the_hundredth():
    state = panel(*under_way(), given_score("eva", "U4-1", content=33, form=33, quality=34))

    assert queries.own_entry(state, "eva", "U4-1")["total"] == "33.30"


def test_progress_counts_what_each_judge_has_done():
    facts = (given_score("eva", "U4-1"), SheetSubmitted("eva", NOON), stepped_back("ann", "U1-1"))

    told = progress.progress(panel(*under_way(), *facts), str, at=NOON)

    rows = {each["judge"]: each for each in told["judges"]}
    assert (told["minimum"], told["cap"], told["cohort"]) == (3, 4, 4)
    assert tuple(rows["eva"][each] for each in ("assigned", "marked", "submitted_at", "active")) == (1, 1, NOON, False)
    assert tuple(rows["ann"][each] for each in ("assigned", "marked", "recused", "active")) == (3, 0, 1, True)
    assert rows["ann"]["name"] == "c1.name"
    assert told["short"] == [{"entry": "U1-1", "readers": 2, "marks": 0, "minimum": 3}]
    assert told["complete"] is False


def test_progress_is_complete_when_every_standing_entry_has_its_marks():
    facts = [*under_way(), desk.EntryDisqualified("U4-1", "r", "olga", NOON)]
    given_marks = [given_score(judge, entry) for judge in JUDGES[:3] for entry in ENTRIES[:3]]

    assert progress.progress(panel(*facts, *given_marks[1:]), str, at=NOON)["complete"] is False
    assert progress.progress(panel(*facts, *given_marks), str, at=NOON)["complete"] is True


def test_progress_foresees_who_is_late_and_which_entries_that_endangers():
    facts = (*under_way(), given_score("ann", "U1-1", at=NOON + 1), given_score("bob", "U1-1", at=NOON + 1))

    told = progress.progress(panel(*facts), str, at=END - 1)

    rows = {each["judge"]: each for each in told["judges"]}
    assert (rows["ann"]["left"], rows["ann"]["late"], rows["dai"]["late"]) == (3, True, False)
    assert rows["ann"]["finish_at"] > END == told["window_end"]
    assert told["danger"][0] == {"entry": "U1-1", "late": ["cui"]}


def test_progress_shows_who_was_relieved():
    told = progress.progress(panel(*under_way(), taken_away("eva", "U4-1")), str, at=NOON)

    assert [each["judge"] for each in told["judges"] if each["relieved"]] == ["eva"]


def test_progress_before_the_cohort_says_so():
    told = progress.progress(panel(*opened(), *handed_in(), *staffed(), appointed("ann")), str, at=NOON)

    assert (told["cohort"], told["short"], told["complete"]) == (None, [], False)


def test_short_entry_is_short_until_somebody_reads_it():
    state = panel(*under_way(), stepped_back("eva", "U4-1"))

    assert progress.is_short(state, "U4-1")
    assert not progress.is_short(state, "U1-1")
    assert not progress.is_short(panel(*under_way(), assigned("dai", "U4-1"), stepped_back("eva", "U4-1")), "U4-1")


def test_proposal_is_what_would_be_assigned():
    state = panel(*ready())

    told = queries.proposal(state, None)

    assert not isinstance(told, Refused)
    decided = given(*ready()).when(Assign(None, "olga", NOON)).decision
    assert not isinstance(decided, Refused)
    assert {each.judge: len(each.entries) for each in decided} == {  # type: ignore[attr-defined]
        each["judge"]: each["then"] for each in told["judges"]
    }
    assert (told["seed"], told["missing"], told["feasible"], told["short"]) == (COMMITMENT, 12, True, [])


def test_proposal_names_the_anchors_that_would_be_chosen():
    told = queries.proposal(panel(*ready(anchor_entries=2)), None)

    assert not isinstance(told, Refused)
    chosen, *_ = given(*ready(anchor_entries=2)).when(Assign(None, "olga", NOON)).decision  # type: ignore[misc]
    assert told["anchors"] == list(chosen.entries)  # type: ignore[attr-defined]


def test_proposal_that_cannot_be_says_why():
    told = queries.proposal(panel(*opened(), *handed_in(), *staffed(), *map(appointed, JUDGES[:2]), fixed("U1-1")), "s")

    assert not isinstance(told, Refused)
    assert told["feasible"] is False
    assert told["short"] == [{"entry": "U1-1", "missing": 1, "limit": "judges", "judges": ["ann", "bob"]}]


def test_proposal_before_the_cohort_is_refused():
    assert queries.proposal(panel(*opened()), None) == Refused("cohort-not-fixed")


def test_marks_of_an_entry_are_listed_for_the_desk():
    facts = (given_score("bob", "U1-1"), given_score("ann", "U1-1"), ScoreExcluded("bob", "U1-1", "r", "olga", NOON))

    told = queries.marks_of(panel(*under_way(), *facts), "U1-1")

    assert not isinstance(told, Refused)
    assert [(each["judge"], each["excluded"], each["total"]) for each in told["marks"]] == [
        ("ann", False, "81.00"),
        ("bob", True, "81.00"),
    ]


def test_marks_of_an_unknown_entry_are_refused():
    assert queries.marks_of(panel(*under_way()), "U9-1") == Refused("entry-unknown", "entry", {"entry": "U9-1"})


def test_mark_whose_conflict_was_declared_later_is_named_wherever_marks_are_asked_for():
    marked = (given_score("ann", "U3-1"), given_score("ann", "U2-1"), given_score("bob", "U3-1"))
    later = appointed("ann", employer="唐山港\u200b", conflicts=("U3",))
    expected = [
        {"entry": "U2-1", "judge": "ann", "why": "employer"},
        {"entry": "U3-1", "judge": "ann", "why": "declared"},
    ]

    before, after = panel(*under_way(), *marked), panel(*under_way(), *marked, later)

    assert progress.progress(before, str, at=NOON)["conflicted_marks"] == []
    assert progress.progress(after, str, at=NOON)["conflicted_marks"] == expected
    assert queries.proposal(after, None)["conflicted_marks"] == expected  # type: ignore[index]
    marks = queries.marks_of(after, "U3-1")
    assert not isinstance(marks, Refused)
    assert {each["judge"]: each["conflict"] for each in marks["marks"]} == {"ann": "declared", "bob": None}


def test_mark_in_conflict_is_named_until_it_is_excluded_or_its_entry_is_out():
    facts = (given_score("ann", "U3-1"), given_score("ann", "U2-1"), appointed("ann", conflicts=("U2", "U3")))
    settled = (ScoreExcluded("ann", "U3-1", "r", "olga", NOON), desk.EntryDisqualified("U2-1", "r", "olga", NOON))

    assert progress.conflicted_marks(panel(*under_way(), *facts, *settled)) == []


def test_conflict_that_a_later_roll_brings_is_named():
    moved = RollRow("U3", "雄安新城工会", "grassroots", "private", "雄安", "（华北）制药", "")
    facts = (appointed("ann", employer="华北制药"), given_score("ann", "U3-1"))
    roll = (RollChunk("r2", 0, (moved,)), RollImported("r2", 1, 1, "digest", "olga", NOON))

    assert progress.conflicted_marks(panel(*under_way(), *facts)) == []
    assert progress.conflicted_marks(panel(*under_way(), *facts, *roll)) == [
        {"entry": "U3-1", "judge": "ann", "why": "employer"}
    ]


def test_progress_of_a_unit_type_has_its_marks_and_how_many_will_be_late():
    marks = [given_score("ann", "U1-1", at=NOON + HOUR_MS), given_score("ann", "U2-1", at=NOON + 2 * HOUR_MS)]
    facts = (*under_way(), *marks)

    told = progress.progress(panel(*facts), str, at=NOON + 3 * HOUR_MS)

    by_judge = {each["judge"]: each for each in told["judges"]}
    kinds = {each["type"]: each for each in told["types"]}
    assert sum(each["entries"] for each in told["types"]) == told["cohort"]
    assert {kind: each["needed"] for kind, each in kinds.items()} == {
        kind: 3 * each["entries"] for kind, each in kinds.items()
    }
    assert sum(each["given"] for each in told["types"]) == sum(each["marked"] for each in told["judges"])
    assert sum(each["late"] for each in told["types"]) == sum(each["left"] for each in told["judges"] if each["late"])
    ends = [each["finish_at"] for each in by_judge.values() if each["left"]]
    assert max(each["finish_at"] for each in told["types"]) == max(ends)


def test_judge_of_the_progress_has_the_conflicts_and_when_independence_was_declared():
    facts = (*opened(), *handed_in(), *staffed(), appointed("ann", conflicts=("U1",)), *independent("ann"))

    (row,) = progress.progress(panel(*facts), str, at=NOON)["judges"]

    assert (row["conflicts"], row["independent_at"]) == (["U1"], START)


def test_what_a_judge_has_not_marked_is_listed_with_how_far_it_is():
    state = panel(*under_way())
    (first, *_) = state.unmarked_entries("eva")

    told = queries.unmarked_of(panel(*under_way(), ReadingOpened("eva", first, NOON)), "eva")

    assert told["unmarked"][0] == {"entry": first, "stage": "opened"}
    assert [each["entry"] for each in told["unmarked"]] == list(state.unmarked_entries("eva"))
    assert queries.unmarked_of(state, "zoe") == Refused("judge-unknown", "judge", {"judge": "zoe"})
