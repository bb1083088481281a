"""Tests of words on a mark, drafts, and the marks of a judge who leaves."""

import pytest

from services.moderation import events as desk
from services.scoring import judge_sheet
from services.scoring.decisions.commands import SaveDraft, SubmitSheet
from services.scoring.events import (
    Criterion,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
)
from services.scoring.state import ScoringState
from shared.decider import Refused
from tests.unit.scoring.stories import (
    END,
    MARKS,
    NOON,
    START,
    appointed,
    assigned,
    campaign,
    dismissed,
    drafted,
    even,
    give,
    given,
    given_score,
    marks,
    ready,
    revised,
    stepped_back,
    taken_away,
    under_way,
)

DAY = 86_400_000
ALL = ("content", "form", "quality")


def even_marks(points: int) -> dict[str, int]:
    return dict.fromkeys(ALL, points)


def save(judge: str, entry: str, *, at: int = NOON, words: str | None = None, **points: int) -> SaveDraft:
    return SaveDraft(judge, entry, points, words, at)


class TestWords:
    @pytest.mark.parametrize("points", [59, 96, 0, 100])
    def test_mark_outside_the_band_needs_words(self, points: int):
        refused = given(*under_way()).when(give("ann", "U1-1", **even_marks(points))).decision

        assert refused == Refused("mark-needs-words", "words", {"total": f"{points}.00", "below": 60, "above": 95})

    @pytest.mark.parametrize("points", [60, 95])
    def test_mark_at_the_edge_of_the_band_needs_none(self, points: int):
        order = give("ann", "U1-1", **even_marks(points))

        given(*under_way()).when(order).then(given_score("ann", "U1-1", **even_marks(points)))

    def test_a_hundredth_of_a_point_decides(self):
        just_below = {"content": 59, "form": 61, "quality": 60}  # 59.70
        just_above = {"content": 95, "form": 95, "quality": 96}  # 95.30

        given(*under_way()).when(give("ann", "U1-1", **just_below)).refused("mark-needs-words", field="words")
        given(*under_way()).when(give("ann", "U1-1", **just_above)).refused("mark-needs-words", field="words")

    def test_one_low_criterion_that_others_make_up_needs_none(self):
        given(*under_way()).when(give("ann", "U1-1", form=0)).then(given_score("ann", "U1-1", form=0))

    def test_words_let_it_stand(self):
        given(*under_way()).when(give("ann", "U1-1", words="空泛", **even_marks(20))).then(
            ScoreGiven("ann", "U1-1", 1, marks(**even_marks(20)), "空泛", NOON)
        )

    def test_blank_words_are_none(self):
        given(*under_way()).when(give("ann", "U1-1", words=" \n", **even_marks(20))).refused("mark-needs-words")

    def test_revision_needs_them_as_well(self):
        given(*under_way(), given_score("ann", "U1-1")).when(give("ann", "U1-1", **even_marks(20))).refused(
            "mark-needs-words"
        )

    def test_band_is_the_campaigns(self):
        facts = (*ready(words_below=0, words_above=100), assigned("ann", "U1-1"))

        given(*facts).when(give("ann", "U1-1", **even_marks(0))).then(given_score("ann", "U1-1", **even_marks(0)))


class TestDrafts:
    def test_some_marks_are_kept(self):
        given(*under_way()).when(save("ann", "U1-1", content=90)).then(drafted("ann", "U1-1", content=90))

    def test_words_alone_are_kept(self):
        given(*under_way()).when(save("ann", "U1-1", words="待看视频")).then(drafted("ann", "U1-1", words="待看视频"))

    def test_marks_stand_in_the_order_of_the_rubric(self):
        given(*under_way()).when(save("ann", "U1-1", quality=1, content=90)).then(
            drafted("ann", "U1-1", content=90, quality=1)
        )

    def test_same_again_is_nothing_new(self):
        given(*under_way(), drafted("ann", "U1-1", form=9)).when(save("ann", "U1-1", form=9, at=NOON + 1)).then()

    def test_nothing_at_first_is_nothing_new(self):
        given(*under_way()).when(save("ann", "U1-1")).then()

    def test_nothing_later_clears_the_draft(self):
        given(*under_way(), drafted("ann", "U1-1", form=9)).when(save("ann", "U1-1", at=NOON + 1)).then(
            drafted("ann", "U1-1", at=NOON + 1)
        )

    def test_draft_that_a_later_one_overtook_changes_nothing(self):
        given(*under_way(), drafted("ann", "U1-1", form=9, at=NOON + 5)).when(save("ann", "U1-1", form=8)).then()

    def test_draft_older_than_the_mark_changes_nothing(self):
        given(*under_way(), given_score("ann", "U1-1", at=NOON + 5)).when(save("ann", "U1-1", form=8)).then()

    def test_mark_stands_beside_a_later_draft(self):
        before = given(*under_way(), given_score("ann", "U1-1")).state
        after = given(*under_way(), given_score("ann", "U1-1"), drafted("ann", "U1-1", form=1, at=NOON + 1)).state

        assert after.sheet("ann").entries == before.sheet("ann").entries
        assert list(after.readings()) == list(before.readings())

    def test_draft_alone_leaves_the_entry_unmarked(self):
        state: ScoringState = given(*under_way(), drafted("eva", "U4-1", **MARKS)).state

        assert state.unmarked_entries("eva") == ("U4-1",)
        given(*under_way(), drafted("eva", "U4-1", **MARKS)).when(SubmitSheet("eva", NOON)).refused("sheet-incomplete")

    def test_mark_ends_the_draft(self):
        state: ScoringState = given(*under_way(), drafted("ann", "U1-1", form=1), given_score("ann", "U1-1")).state

        assert dict(state.sheet("ann").drafts) == {}

    def test_same_mark_given_over_a_draft_ends_it(self):
        facts = (*under_way(), given_score("ann", "U1-1"), drafted("ann", "U1-1", form=1, at=NOON + 1))

        given(*facts).when(give("ann", "U1-1", at=NOON + 2)).then(revised("ann", "U1-1", at=NOON + 2))

    @pytest.mark.parametrize("gone", [stepped_back("ann", "U1-1"), taken_away("ann", "U1-1")], ids=["recused", "moved"])
    def test_draft_goes_with_the_entry(self, gone: object):
        state: ScoringState = given(*under_way(), drafted("ann", "U1-1", form=1), gone).state

        assert dict(state.sheet("ann").drafts) == {}

    def test_low_draft_needs_no_words_yet(self):
        given(*under_way()).when(save("ann", "U1-1", **even_marks(1))).then(drafted("ann", "U1-1", **even_marks(1)))

    def test_criterion_that_the_rubric_does_not_have_is_refused(self):
        refused = given(*under_way()).when(save("ann", "U1-1", style=1)).decision

        assert refused == Refused("criteria-differ", "marks", {"missing": [], "extra": ["style"]})

    @pytest.mark.parametrize("points", [-1, 101, True, 1.5], ids=repr)
    def test_mark_out_of_range_is_refused(self, points: int):
        given(*under_way()).when(save("ann", "U1-1", form=points)).refused("mark-out-of-range", field="marks/form")

    @pytest.mark.parametrize(
        ("order", "facts", "code"),
        [
            (save("dai", "U1-1"), (), "not-assigned"),
            (save("ann", "U9-1"), (), "entry-unknown"),
            (save("zoe", "U1-1"), (), "judge-unknown"),
            (save("ann", "U1-1", at=START - 1), (), "window-closed"),
            (save("ann", "U1-1", at=END), (), "window-closed"),
            (save("ann", "U1-1"), (stepped_back("ann", "U1-1"),), "conflicted"),
            (save("ann", "U1-1"), (appointed("ann", employer="第一机床厂"),), "conflicted"),
            (save("ann", "U1-1"), (dismissed("ann"),), "not-a-judge"),
            (save("eva", "U4-1"), (given_score("eva", "U4-1"), SheetSubmitted("eva", NOON)), "sheet-submitted"),
            (
                save("ann", "U1-1"),
                (given_score("ann", "U1-1"), ScoreExcluded("ann", "U1-1", "r", "olga", NOON)),
                "score-excluded",
            ),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )
    def test_who_may_not_mark_may_not_draft(self, order: SaveDraft, facts: tuple[object, ...], code: str):
        given(*under_way(), *facts).when(order).refused(code)


class TestMarksStay:
    def test_every_revision_is_an_event_of_its_own_and_the_last_one_stands(self):
        story = given(*under_way(), given_score("ann", "U1-1"), revised("ann", "U1-1", form=71, at=NOON + 1))

        story.when(give("ann", "U1-1", form=72, at=NOON + 2)).then(revised("ann", "U1-1", form=72, at=NOON + 2))

    def test_revision_keeps_when_the_entry_was_marked_first(self):
        state: ScoringState = given(
            *under_way(), given_score("ann", "U1-1"), revised("ann", "U1-1", form=71, at=NOON + 9)
        ).state

        mark = state.sheet("ann").entries["U1-1"]

        assert mark is not None
        assert (mark.first_at, mark.at) == (NOON, NOON + 9)

    def test_marks_of_a_dismissed_judge_count_and_the_unread_entries_do_not(self):
        state: ScoringState = given(*under_way(), given_score("ann", "U1-1"), dismissed("ann")).state

        counted = [(judge, entry) for judge, entry, _ in state.readings() if judge == "ann"]

        assert counted == [("ann", "U1-1")]

    def test_excluded_mark_counts_no_more_and_stays_on_the_sheet(self):
        facts = (*under_way(), even("ann", "U1-1", 70), ScoreExcluded("ann", "U1-1", "未看视频", "olga", NOON))
        state: ScoringState = given(*facts).state

        mark = state.sheet("ann").entries["U1-1"]

        assert mark is not None
        assert (mark.excluded, mark.marks) == (True, marks(**even_marks(70)))
        assert state.marked_entries("ann") == ()


def test_weighted_mark_is_exact_in_hundredths():
    criteria = campaign().judging.criteria

    told = [Criterion("content", 33), Criterion("form", 33), Criterion("quality", 34)]

    assert judge_sheet.weighted_e2(told, criteria) == 3_330
    assert judge_sheet.weighted_e2(told[:1], criteria) == 1_650


def test_revision_is_told_apart_from_the_first_mark():
    decided = given(*under_way(), given_score("ann", "U1-1")).when(give("ann", "U1-1", form=71)).decision

    assert [type(each) for each in decided] == [ScoreRevised]  # type: ignore[union-attr]


class TestReopened:
    """Judging was over, and the organiser reopened it at END + 5 for two days."""

    AGAIN = desk.WindowMoved("judging", START, END + 2 * DAY, "缺评", "olga", END + 5)

    def test_missing_mark_is_given_then(self):
        late = give("bob", "U1-1", at=END + 6)

        given(*under_way()).when(late).refused("window-closed")
        given(*under_way(), self.AGAIN).when(late).then(given_score("bob", "U1-1", at=END + 6))

    def test_mark_of_before_stays_as_it_is(self):
        facts = (*under_way(), given_score("ann", "U1-1"), self.AGAIN)

        given(*facts).when(give("ann", "U1-1", at=END + 6)).then()
        given(*facts).when(give("ann", "U1-1", at=END + 6, form=71)).refused("mark-settled", field="entry")
        given(*facts).when(save("ann", "U1-1", at=END + 6, form=71)).refused("mark-settled", field="entry")

    def test_mark_given_since_is_revised(self):
        facts = (*under_way(), self.AGAIN, given_score("ann", "U1-1", at=END + 6))

        given(*facts).when(give("ann", "U1-1", at=END + 7, form=71)).then(revised("ann", "U1-1", at=END + 7, form=71))

    def test_draft_of_before_is_given_then(self):
        facts = (*under_way(), drafted("ann", "U1-1", content=80), self.AGAIN)

        given(*facts).when(give("ann", "U1-1", at=END + 6)).then(given_score("ann", "U1-1", at=END + 6))

    def test_window_that_is_made_longer_in_time_settles_nothing(self):
        longer = desk.WindowMoved("judging", START, END + 2 * DAY, "延长", "olga", END - 1)
        facts = (*under_way(), given_score("ann", "U1-1"), longer)

        given(*facts).when(give("ann", "U1-1", at=END, form=71)).then(revised("ann", "U1-1", at=END, form=71))
