"""Tests of scoring's decisions and state, as stories of events and commands."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from services.moderation import events as desk
from services.scoring import state as panels
from services.scoring.decisions.commands import (
    AppointJudge,
    Assign,
    AssignThirdReadings,
    Command,
    DeclareConflict,
    ExcludeScore,
    GiveScore,
    Reassign,
    SaveDraft,
    SubmitSheet,
)
from services.scoring.domain import MOST_JUDGES, REFUSALS, ScoringDecider
from services.scoring.events import (
    AnchorsChosen,
    EntriesAssigned,
    JudgeAppointed,
    ScoreExcluded,
    ScoreRevised,
    SheetSubmitted,
    ThirdReadingCalled,
)
from services.scoring.state import ScoringState
from services.submission.events import EntryWithdrawn, RollChunk, RollImported
from shared.commit import MAX_EVENTS
from shared.decider import Refused, fold
from shared.events import Sealed
from tests.files import ROOT, parse_module
from tests.unit.scoring.stories import (
    COMMITMENT,
    END,
    ENTRIES,
    JUDGES,
    MARKS,
    NAME,
    NOON,
    START,
    UNITS,
    appointed,
    approved,
    assigned,
    dismissed,
    drafted,
    fixed,
    give,
    given,
    given_score,
    handed_in,
    marks,
    opened,
    ready,
    revised,
    staffed,
    stepped_back,
    submitted,
    taken_away,
    under_way,
)

DISQUALIFIED = desk.EntryDisqualified("U1-1", "抄袭", "olga", NOON)
WITHDRAWN = EntryWithdrawn("U1-1", "U1", "", NOON)
EXCLUDED = ScoreExcluded("ann", "U1-1", "未看视频", "olga", NOON)


def appoint(judge: str = "ann", **change: Any) -> AppointJudge:
    order = AppointJudge(judge, NAME, "河北大学", "保定", ("U1",), "olga", NOON)
    return replace(order, **change)


def step_back(judge: str, entry: str, *, reason: str = "旧同事") -> DeclareConflict:
    return DeclareConflict(judge, entry, Sealed(reason), NOON)


def exclude(judge: str = "ann", entry: str = "U1-1", *, reason: str = "未看视频") -> ExcludeScore:
    return ExcludeScore(judge, entry, reason, "olga", NOON)


ASSIGN = Assign(None, "olga", NOON)


def new_readings(*facts: object) -> list[EntriesAssigned]:
    decided = given(*facts).when(ASSIGN).decision
    assert not isinstance(decided, Refused)
    return [each for each in decided if isinstance(each, EntriesAssigned)]


@pytest.mark.parametrize(
    "command",
    [
        appoint(),
        ASSIGN,
        Reassign("ann", None, Sealed("病假"), "olga", NOON),
        AssignThirdReadings("clock", NOON),
        give("ann", "U1-1"),
        SaveDraft("ann", "U1-1", {}, "好", NOON),
        step_back("ann", "U1-1"),
        SubmitSheet("ann", NOON),
        exclude(),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_is_decided_before_the_campaign_opens(command: Command):
    given().when(command).refused("campaign-not-open")


class TestAppointJudge:
    def test_staff_with_the_role_becomes_a_judge(self):
        given(*opened(), *handed_in(), *staffed("ann")).when(appoint(conflicts=("U2", "U1", "U2"))).then(
            JudgeAppointed("ann", NAME, "河北大学", "保定", ("U1", "U2"), "olga", NOON)
        )

    def test_same_data_again_is_nothing_new(self):
        known = JudgeAppointed("ann", NAME, "河北大学", "保定", ("U1",), "other", START)

        given(*opened(), *handed_in(), *staffed("ann"), known).when(appoint()).then()

    def test_other_data_mends_the_appointment(self):
        known = JudgeAppointed("ann", NAME, "河北大学", "保定", ("U1",), "other", START)

        given(*opened(), *handed_in(), *staffed("ann"), known).when(appoint(name=Sealed("c1.new"))).then(
            JudgeAppointed("ann", Sealed("c1.new"), "河北大学", "保定", ("U1",), "olga", NOON)
        )

    def test_staff_without_the_role_is_refused(self):
        clerk = desk.StaffAppointed("ann", Sealed("c1.n"), ("moderator",), Sealed("c1.x"), "olga", START)

        given(*opened(), *handed_in(), clerk).when(appoint()).refused("not-a-judge", field="judge")

    def test_conflict_with_a_unit_that_is_not_in_the_roll_is_refused(self):
        given(*opened(), *handed_in(), *staffed("ann")).when(appoint(conflicts=("U1", "U9"))).refused(
            "unit-unknown", field="conflicts"
        )

    def test_one_judge_more_than_events_in_a_commit_is_refused(self):
        crowd = [f"j{k:03d}" for k in range(MOST_JUDGES)]
        full = (*opened(), *handed_in(), *staffed(*crowd, "ann"), *map(appointed, crowd))

        given(*full).when(appoint()).refused("too-many-judges")
        assert MOST_JUDGES < MAX_EVENTS  # the choice of the anchors is one more event

    def test_a_full_jury_can_still_be_mended(self):
        crowd = [f"j{k:03d}" for k in range(MOST_JUDGES)]
        full = (*opened(), *handed_in(), *staffed(*crowd), *map(appointed, crowd))

        given(*full).when(appoint("j000")).then(JudgeAppointed("j000", NAME, "河北大学", "保定", ("U1",), "olga", NOON))


class TestAssign:
    def test_every_entry_gets_its_judges(self):
        readings = new_readings(*ready())

        assert sorted([*ENTRIES] * 3) == sorted(entry for each in readings for entry in each.entries)
        assert {2, 3} == {len(each.entries) for each in readings}

    def test_again_is_nothing_new(self):
        given(*under_way()).when(ASSIGN).then()

    def test_only_what_is_short_is_assigned(self):
        given(*under_way(), stepped_back("eva", "U4-1")).when(ASSIGN).then(assigned("dai", "U4-1"))

    def test_before_the_cohort_is_fixed_it_is_refused(self):
        given(*opened(), *handed_in(), *staffed(), appointed("ann")).when(ASSIGN).refused("cohort-not-fixed")

    def test_seed_of_ones_own_is_refused_in_a_live_campaign(self):
        live = (*opened(rehearsal=False), *handed_in(), *staffed(), *map(appointed, JUDGES), fixed())

        given(*live).when(replace(ASSIGN, seed="mine")).refused("seed-fixed", field="seed")

    def test_seed_of_ones_own_is_taken_in_a_rehearsal(self):
        decisions = {str(given(*ready()).when(replace(ASSIGN, seed=f"s{k}")).decision) for k in range(8)}

        assert len(decisions) > 1

    def test_seed_of_the_campaign_is_the_commitment_of_the_locked_rules(self):
        own = given(*ready()).when(ASSIGN).decision
        same = given(*ready()).when(replace(ASSIGN, seed=COMMITMENT)).decision

        assert own == same

    def test_entries_that_are_out_get_no_judge(self):
        readings = new_readings(*ready(), DISQUALIFIED)

        assert set(ENTRIES[1:]) == {entry for each in readings for entry in each.entries}

    def test_infeasible_names_entry_limit_and_judges(self):
        conflicted = [appointed(each, employer="唐山港") for each in JUDGES[:3]]

        refused = given(*ready(), *conflicted).when(ASSIGN).decision

        assert refused == Refused(
            "assignment-infeasible",
            detail={
                "short": [{"entry": "U2-1", "missing": 1, "limit": "conflicts", "judges": ["dai", "eva"]}],
                "count": 1,
            },
        )

    def test_entry_whose_hand_in_is_not_read_yet_is_asked_for_again(self):
        given(*opened(), *handed_in(), *staffed(), *map(appointed, JUDGES), fixed("U9-1")).when(ASSIGN).refused(
            "entry-unknown"
        )

    def test_entry_whose_approval_was_taken_back_is_not_assigned(self):
        returned = desk.EntryReturned("U4-1", 1, (), START, by="mo", at=START)
        rejected = desk.EntryRejected("U4-1", 1, "r", by="mo", at=START)
        given(*ready(), returned).when(ASSIGN).refused("entry-unknown")
        given(*ready(), rejected).when(ASSIGN).refused("entry-unknown")
        again = given(*ready(), rejected, approved("U4-1", version=2)).when(ASSIGN).decision
        assert again == given(*ready()).when(ASSIGN).decision

    def test_dismissed_judges_get_nothing_and_their_unread_entries_move(self):
        given(*under_way(), dismissed("eva")).when(ASSIGN).then(assigned("dai", "U4-1"))

    def test_mark_of_a_dismissed_judge_still_counts(self):
        given(*under_way(), given_score("eva", "U4-1"), dismissed("eva")).when(ASSIGN).then()

    def test_excluded_mark_is_made_up_by_another_judge(self):
        given(*under_way(), given_score("eva", "U4-1"), ScoreExcluded("eva", "U4-1", "r", "olga", NOON)).when(
            ASSIGN
        ).then(assigned("dai", "U4-1"))

    def test_entries_that_join_the_cohort_later_are_assigned(self):
        late = (submitted("U1"), approved("U1-1"))
        before = (*opened(), *handed_in(*UNITS), *late, *staffed(), *map(appointed, JUDGES), fixed("U2-1"))
        readers = tuple(assigned(each, "U2-1") for each in JUDGES[:3])

        readings = new_readings(*before, *readers, fixed("U1-1"))

        assert {("U1-1",)} == {each.entries for each in readings}
        assert sorted({each.judge for each in readings}) == [each.judge for each in readings]
        assert len(readings) == 3

    def test_conflict_that_a_new_roll_shows_moves_the_entry(self):
        moved = replace(UNITS[3], employer="燕山大学")
        roll = (RollChunk("r2", 0, (moved,)), RollImported("r2", 1, 1, "d", "olga", NOON))

        given(*under_way(), appointed("eva", employer="燕山大学"), *roll).when(ASSIGN).then(assigned("dai", "U4-1"))

    def test_conflict_that_a_new_roll_no_longer_shows_stays(self):
        blank = replace(UNITS[3], employer="")
        roll = (RollChunk("r2", 0, (blank,)), RollImported("r2", 1, 1, "d", "olga", NOON))
        judge = appointed("eva", employer=UNITS[3].employer)

        before, after = (given(*under_way(), judge, *later).state.conflict("eva", "U4-1") for later in ((), roll))

        assert (before, after) == ("employer", "employer")


class TestGiveScore:
    def test_mark_of_an_assigned_entry_is_given(self):
        given(*under_way()).when(give("ann", "U1-1")).then(given_score("ann", "U1-1"))

    def test_mark_names_the_version_that_was_approved(self):
        given(*under_way(), approved("U1-1", version=3)).when(give("ann", "U1-1")).then(
            given_score("ann", "U1-1", version=3)
        )

    def test_marks_stand_in_the_order_of_the_rubric(self):
        order = GiveScore("ann", "U1-1", dict(reversed(MARKS.items())), None, NOON)

        given(*under_way()).when(order).then(given_score("ann", "U1-1"))

    def test_other_marks_revise(self):
        given(*under_way(), given_score("ann", "U1-1")).when(give("ann", "U1-1", at=NOON + 1, form=71)).then(
            revised("ann", "U1-1", at=NOON + 1, form=71)
        )

    def test_other_words_revise(self):
        given(*under_way(), given_score("ann", "U1-1")).when(give("ann", "U1-1", words="好")).then(
            ScoreRevised("ann", "U1-1", 1, marks(), "好", NOON)
        )

    def test_same_marks_are_nothing_new(self):
        given(*under_way(), given_score("ann", "U1-1")).when(give("ann", "U1-1", at=NOON + 1)).then()

    def test_order_that_a_later_one_overtook_changes_nothing(self):
        given(*under_way(), given_score("ann", "U1-1", at=NOON + 5)).when(give("ann", "U1-1", form=1)).then()

    @pytest.mark.parametrize("points", [0, 100], ids=["least", "most"])
    def test_bounds_of_a_mark_are_marks(self, points: int):
        given(*under_way()).when(give("ann", "U1-1", form=points)).then(given_score("ann", "U1-1", form=points))

    @pytest.mark.parametrize("points", [-1, 101, 80.5, True, "80"], ids=repr)
    def test_mark_out_of_range_is_refused(self, points: Any):
        given(*under_way()).when(give("ann", "U1-1", form=points)).refused("mark-out-of-range", field="marks/form")

    @pytest.mark.parametrize(
        ("told", "detail"),
        [
            ({"content": 80, "form": 70}, {"missing": ["quality"], "extra": []}),
            ({**MARKS, "style": 1}, {"missing": [], "extra": ["style"]}),
            ({}, {"missing": ["content", "form", "quality"], "extra": []}),
        ],
        ids=["one too few", "one too many", "none"],
    )
    def test_other_criteria_than_the_rubric_are_refused(self, told: dict[str, int], detail: dict[str, Any]):
        refused = given(*under_way()).when(GiveScore("ann", "U1-1", told, None, NOON)).decision

        assert refused == Refused("criteria-differ", "marks", detail)

    @pytest.mark.parametrize("at", [START - 1, END], ids=["before", "at the end"])
    def test_mark_outside_the_window_is_refused(self, at: int):
        given(*under_way()).when(give("ann", "U1-1", at=at)).refused("window-closed")

    @pytest.mark.parametrize("at", [START, END - 1], ids=["first instant", "last instant"])
    def test_mark_at_the_edges_of_the_window_is_given(self, at: int):
        given(*under_way()).when(give("ann", "U1-1", at=at)).then(given_score("ann", "U1-1", at=at))

    def test_moved_window_is_the_one_that_counts(self):
        moved = desk.WindowMoved("judging", START, END + 10, "雨", "olga", NOON)

        given(*under_way(), moved).when(give("ann", "U1-1", at=END)).then(given_score("ann", "U1-1", at=END))

    def test_entry_of_other_judges_is_refused(self):
        given(*under_way()).when(give("dai", "U1-1")).refused("not-assigned", field="entry")

    def test_entry_recused_from_is_refused_as_conflicted(self):
        given(*under_way(), stepped_back("ann", "U1-1")).when(give("ann", "U1-1")).refused("conflicted")

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"employer": "第一机床厂"}, "employer"),
            ({"conflicts": ("U1",)}, "declared"),
        ],
        ids=["employer", "declared unit"],
    )
    def test_conflict_that_came_to_light_later_is_refused(self, change: dict[str, Any], why: str):
        refused = given(*under_way(), appointed("ann", **change)).when(give("ann", "U1-1")).decision

        assert refused == Refused("conflicted", "entry", {"why": why})

    def test_same_city_is_a_conflict_where_the_rules_say_so(self):
        facts = (*ready(same_city_conflicts=True), assigned("ann", "U1-1"), appointed("ann", city="石家庄"))

        given(*facts).when(give("ann", "U1-1")).refused("conflicted")

    def test_same_city_is_none_by_default(self):
        given(*under_way(), appointed("ann", city="石家庄")).when(give("ann", "U1-1")).then(given_score("ann", "U1-1"))

    @pytest.mark.parametrize(
        ("fact", "code"),
        [(DISQUALIFIED, "entry-out"), (WITHDRAWN, "entry-withdrawn")],
        ids=["disqualified", "withdrawn"],
    )
    def test_entry_that_has_left_is_refused_with_the_reason_why_it_left(self, fact: object, code: str):
        given(*under_way(), fact).when(give("ann", "U1-1")).refused(code, field="entry")

    def test_entry_that_nobody_knows_is_refused(self):
        given(*under_way()).when(give("ann", "U9-1")).refused("entry-unknown", field="entry")

    def test_judge_that_nobody_appointed_is_refused(self):
        given(*under_way()).when(give("zoe", "U1-1")).refused("judge-unknown")

    def test_judge_without_the_role_is_refused(self):
        given(*under_way(), dismissed("ann")).when(give("ann", "U1-1")).refused("not-a-judge")

    def test_mark_after_the_sheet_is_refused(self):
        done = (given_score("eva", "U4-1"), SheetSubmitted("eva", NOON))

        given(*under_way(), *done).when(give("eva", "U4-1", form=1)).refused("sheet-submitted")

    def test_mark_that_was_excluded_cannot_be_given_again(self):
        given(*under_way(), given_score("ann", "U1-1"), EXCLUDED).when(give("ann", "U1-1", form=1)).refused(
            "score-excluded"
        )


class TestDeclareConflict:
    def test_entry_goes_at_once_to_the_judge_with_most_room(self):
        given(*under_way()).when(step_back("ann", "U1-1")).then(
            stepped_back("ann", "U1-1"), assigned("dai", "U1-1", by="ann")
        )

    def test_judge_with_a_conflict_is_passed_over(self):
        given(*under_way(), appointed("dai", employer="第一机床厂")).when(step_back("ann", "U1-1")).then(
            stepped_back("ann", "U1-1"), assigned("eva", "U1-1", by="ann")
        )

    def test_it_is_accepted_where_nobody_can_take_over(self):
        full = (assigned("dai", *ENTRIES), stepped_back("dai", "U1-1"), stepped_back("eva", "U1-1"))

        given(*under_way(), *full).when(step_back("ann", "U1-1")).then(stepped_back("ann", "U1-1"))

    def test_what_is_out_is_no_load_any_more(self):
        facts = (*ready(max_entries_per_judge=1), *(assigned(each, "U1-1") for each in JUDGES[:3]))
        full = (assigned("dai", "U2-1"), assigned("eva", "U3-1"), replace(DISQUALIFIED, entry="U2-1"))

        given(*facts, *full).when(step_back("ann", "U1-1")).then(
            stepped_back("ann", "U1-1"), assigned("dai", "U1-1", by="ann")
        )

    def test_judges_at_their_cap_take_no_more(self):
        facts = (*ready(max_entries_per_judge=1), *(assigned(each, "U1-1") for each in JUDGES[:3]))
        full = (assigned("dai", "U2-1"), assigned("eva", "U2-1"))

        given(*facts, *full).when(step_back("ann", "U1-1")).then(stepped_back("ann", "U1-1"))

    def test_it_is_accepted_after_the_mark_and_after_the_sheet(self):
        done = (given_score("eva", "U4-1"), SheetSubmitted("eva", NOON))

        given(*under_way(), *done).when(step_back("eva", "U4-1")).then(
            stepped_back("eva", "U4-1"), assigned("dai", "U4-1", by="eva")
        )

    def test_mark_that_stood_at_the_end_is_not_taken_back(self):
        facts = (*under_way(), given_score("eva", "U4-1"))
        again = desk.WindowMoved("judging", START, END + 9, "缺评", "olga", END + 5)
        order = step_back("eva", "U4-1")

        given(*facts).when(replace(order, at=END)).refused("mark-stands", field="entry")
        given(*facts, again).when(replace(order, at=END + 6)).refused("mark-stands", field="entry")
        assert not isinstance(given(*facts).when(replace(order, at=END - 1)).decision, Refused)

    def test_what_is_unmarked_is_stepped_back_from_even_after_the_end(self):
        order = replace(step_back("eva", "U4-1"), at=END)

        given(*under_way()).when(order).then(
            stepped_back("eva", "U4-1", at=END), EntriesAssigned("dai", ("U4-1",), "eva", END)
        )

    def test_it_is_accepted_before_anything_is_assigned(self):
        given(*ready()).when(step_back("ann", "U1-1")).then(stepped_back("ann", "U1-1"))

    def test_entry_that_is_out_is_not_assigned_again(self):
        given(*under_way(), DISQUALIFIED).when(step_back("ann", "U1-1")).then(stepped_back("ann", "U1-1"))

    def test_entry_with_judges_enough_is_not_assigned_again(self):
        given(*under_way(), assigned("dai", "U1-1")).when(step_back("ann", "U1-1")).then(stepped_back("ann", "U1-1"))

    def test_judges_who_handed_in_take_no_more(self):
        done = (assigned("dai", "U2-1"), given_score("dai", "U2-1"), SheetSubmitted("dai", NOON))

        given(*under_way(), *done).when(step_back("ann", "U1-1")).then(
            stepped_back("ann", "U1-1"), assigned("eva", "U1-1", by="ann")
        )

    def test_again_is_nothing_new(self):
        given(*under_way(), stepped_back("ann", "U1-1")).when(step_back("ann", "U1-1")).then()

    def test_missing_reason_is_refused(self):
        given(*under_way()).when(step_back("ann", "U1-1", reason="")).refused("reason-missing", field="reason")

    def test_unknown_entry_is_refused(self):
        given(*under_way()).when(step_back("ann", "U9-1")).refused("entry-unknown", field="entry")

    def test_unknown_judge_is_refused(self):
        given(*under_way()).when(step_back("zoe", "U1-1")).refused("judge-unknown", field="judge")


class TestSubmitSheet:
    def test_whole_sheet_goes_in(self):
        given(*under_way(), given_score("eva", "U4-1")).when(SubmitSheet("eva", NOON)).then(SheetSubmitted("eva", NOON))

    def test_unmarked_entries_are_listed(self):
        refused = given(*under_way(), given_score("cui", "U2-1")).when(SubmitSheet("cui", NOON)).decision

        assert refused == Refused("sheet-incomplete", detail={"entries": ["U1-1", "U3-1"]})

    def test_entries_that_are_out_or_in_conflict_need_no_mark(self):
        hindered = (DISQUALIFIED, stepped_back("cui", "U2-1"), appointed("cui", conflicts=("U3",)))

        given(*under_way(), *hindered).when(SubmitSheet("cui", NOON)).then(SheetSubmitted("cui", NOON))

    def test_excluded_marks_need_no_other(self):
        done = (given_score("eva", "U4-1"), ScoreExcluded("eva", "U4-1", "r", "olga", NOON))

        given(*under_way(), *done).when(SubmitSheet("eva", NOON)).then(SheetSubmitted("eva", NOON))

    def test_after_the_window_it_is_accepted_since_nothing_can_change(self):
        given(*under_way(), given_score("eva", "U4-1")).when(SubmitSheet("eva", END)).then(SheetSubmitted("eva", END))

    def test_again_is_nothing_new(self):
        done = (given_score("eva", "U4-1"), SheetSubmitted("eva", NOON))

        given(*under_way(), *done).when(SubmitSheet("eva", NOON + 1)).then()

    def test_empty_sheet_is_refused(self):
        given(*under_way()).when(SubmitSheet("dai", NOON)).refused("not-assigned")

    def test_unknown_judge_is_refused(self):
        given(*under_way()).when(SubmitSheet("zoe", NOON)).refused("judge-unknown")


class TestExcludeScore:
    def test_given_mark_is_excluded_with_a_reason(self):
        given(*under_way(), given_score("ann", "U1-1")).when(exclude()).then(EXCLUDED)

    def test_again_is_nothing_new(self):
        given(*under_way(), given_score("ann", "U1-1"), EXCLUDED).when(exclude(reason="other")).then()

    def test_mark_that_nobody_gave_is_refused(self):
        given(*under_way()).when(exclude()).refused("score-unknown")

    def test_mark_that_was_recused_is_refused(self):
        given(*under_way(), given_score("ann", "U1-1"), stepped_back("ann", "U1-1")).when(exclude()).refused(
            "score-unknown"
        )

    def test_blank_reason_is_refused(self):
        given(*under_way(), given_score("ann", "U1-1")).when(exclude(reason="  ")).refused("reason-missing")


# Properties

unhurried = settings(deadline=None)  # a busy machine must not fail the test
DECIDER = ScoringDecider()
BEGIN = fold(DECIDER, ready(min_marks=2, anchor_entries=1, third_reading="10"))
names, entries = st.sampled_from([*JUDGES, "zoe"]), st.sampled_from([*ENTRIES, "U9-1"])
instants = st.integers(START - 1, END)
orders: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        AppointJudge,
        names,
        st.just(NAME),
        st.sampled_from(["", "唐山港"]),
        st.just(""),
        st.just(()),
        st.just("olga"),
        instants,
    ),
    st.builds(Assign, st.sampled_from([None, "a", "b"]), st.just("olga"), instants),
    st.builds(DeclareConflict, names, entries, st.just("旧同事"), instants),
    st.builds(
        GiveScore,
        names,
        entries,
        st.fixed_dictionaries({each: st.integers(-1, 101) for each in MARKS}),
        st.sampled_from([None, "好"]),
        instants,
    ),
    st.builds(
        SaveDraft,
        names,
        entries,
        st.dictionaries(st.sampled_from([*MARKS, "style"]), st.integers(-1, 101)),
        st.sampled_from([None, "好"]),
        instants,
    ),
    st.builds(Reassign, names, st.none(), st.sampled_from(["", "病假"]), st.just("olga"), instants),
    st.builds(Reassign, names, st.tuples(entries), st.just("病假"), st.just("olga"), instants),
    st.builds(AssignThirdReadings, st.just("clock"), instants),
    st.builds(SubmitSheet, names, instants),
    st.builds(ExcludeScore, names, entries, st.just("r"), st.just("olga"), instants),
)


def run(commands: Sequence[Command], state: ScoringState) -> ScoringState:
    for command in commands:
        decision = DECIDER.decide(command, state)
        for event in [] if isinstance(decision, Refused) else decision:
            state = DECIDER.evolve(state, event, "scoring/1/0")
    return state


@unhurried
@over(st.lists(orders, max_size=25))
def test_each_command_twice_is_the_same_as_once(commands: list[Command]):
    doubled = [each for command in commands for each in (command, command)]

    assert run(commands, BEGIN) == run(doubled, BEGIN)


@unhurried
@over(st.lists(orders, max_size=25))
def test_no_judge_ever_has_more_than_the_cap_or_an_entry_recused_from(commands: list[Command]):
    panel = run([ASSIGN, *commands], BEGIN)

    for judge, sheet in panel.sheets.items():
        assert len(sheet.entries) <= panel.limits.entries
        assert all(judge not in panel.recused.get(entry, frozenset()) for entry in sheet.entries)
        assert set(sheet.drafts) <= set(sheet.entries)


@unhurried
@over(st.lists(orders, max_size=25))
def test_sheet_that_was_handed_in_changes_no_more_but_by_recusal_and_exclusion(commands: list[Command]):
    before = run([ASSIGN, *commands], BEGIN)
    others = [each for each in commands if not isinstance(each, DeclareConflict | ExcludeScore)]

    after = run(others, before)

    done = [judge for judge, sheet in before.sheets.items() if sheet.submitted_at is not None]
    assert [before.sheets[each] for each in done] == [after.sheets[each] for each in done]


@unhurried
@over(st.lists(orders, max_size=25))
def test_every_refusal_is_declared(commands: list[Command]):
    state = BEGIN
    for command in commands:
        decision = DECIDER.decide(command, state)
        assert not isinstance(decision, Refused) or decision.code in REFUSALS
        state = run([command], state)


def test_refusals_are_those_of_the_source():
    folder = ROOT / "services" / "scoring"
    calls = [
        node for path in folder.rglob("*.py") for node in ast.walk(parse_module(path)) if isinstance(node, ast.Call)
    ]

    codes = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Refused" and isinstance(call.args[0], ast.Constant)
    }

    assert codes == REFUSALS


LOGS: dict[str, tuple[object, ...]] = {
    "moderation": (
        *opened(),
        *staffed(),
        *(approved(each) for each in ENTRIES),
        desk.ShortlistConfirmed((desk.Listed("U1-1", "A001", "other"),), "olga", NOON),
        desk.TypeCorrected("U1-1", "public", "r", "olga", NOON),
        desk.ClockMoved(NOON, "olga"),
        DISQUALIFIED,
    ),
    "submission": tuple(each for each in (*handed_in(), WITHDRAWN) if not isinstance(each, desk.EntryApproved)),
    "ranking": (fixed("U1-1", "U2-1"), fixed("U3-1", "U4-1")),
    "scoring": (
        *map(appointed, JUDGES),
        assigned("ann", *ENTRIES),
        given_score("ann", "U1-1"),
        revised("ann", "U1-1", form=1),
        EXCLUDED,
        stepped_back("ann", "U2-1"),
        assigned("bob", "U2-1"),
        given_score("bob", "U2-1"),
        SheetSubmitted("bob", NOON),
        AnchorsChosen(("U3-1",), "olga", NOON),
        assigned("eva", "U3-1", "U4-1"),
        drafted("eva", "U3-1", form=1),
        taken_away("eva", "U3-1"),
        ThirdReadingCalled("U2-1", 1_200, 4, NOON),
    ),
}


@unhurried
@over(st.permutations([log for log, facts in LOGS.items() for _ in facts]))
def test_any_interleaving_of_the_logs_folds_to_the_same_state(order: list[str]):
    queues = {log: iter(facts) for log, facts in LOGS.items()}
    in_turn = fold(DECIDER, [fact for facts in LOGS.values() for fact in facts])

    assert in_turn == fold(DECIDER, [next(queues[log]) for log in order])


def test_old_states_stay_as_they_were():
    before = fold(DECIDER, under_way())
    kept = replace(before)

    panels.evolve(before, given_score("ann", "U1-1"))

    assert kept == before
    assert before.sheet("ann").entries["U1-1"] is None
