"""Tests of marks that pages fill in field by field, of the declaration of independence, and of entries put off."""

from typing import Any

import pytest

from services.scoring import declaration, queries
from services.scoring.decisions.commands import DeclareIndependence, EditMark, NoteReading
from services.scoring.decisions.marking import try_out
from services.scoring.events import (
    Criterion,
    IndependenceDeclared,
    MarkDrafted,
    ReadingOpened,
    ReadingSkipped,
    SheetSubmitted,
)
from services.scoring.state import ScoringState
from shared.decider import Refused
from tests.unit.scoring.stories import (
    JUDGES,
    MARKS,
    NOON,
    appointed,
    assigned,
    drafted,
    fixed,
    given,
    given_score,
    handed_in,
    opened,
    revised,
    staffed,
    under_way,
)

ALL = {f"mark.{code}": points for code, points in MARKS.items()}
UNDECLARED = (*opened(), *handed_in(), *staffed(), *map(appointed, JUDGES), fixed(), assigned("ann", "U1-1"))


def edit(
    revision: int = 0, *, give: bool = False, device: str = "p1", sequence: int = 1, at: int = NOON, **fields: Any
) -> EditMark:
    """Return a change of ann's mark of U1-1; the keyword `content` stands for the field `mark.content`."""
    named = {name if name == "words" else f"mark.{name}": value for name, value in fields.items()}
    return EditMark("ann", "U1-1", revision, named, give, device, sequence, at)


def draft(device: str = "p1", sequence: int = 1, *, words: str | None = None, at: int = NOON, **points: int) -> Any:
    return MarkDrafted("ann", "U1-1", tuple(Criterion(*each) for each in points.items()), words, at, device, sequence)


def filled(*facts: object) -> dict[str, Any]:
    state: ScoringState = given(*under_way(), *facts).state
    return queries.filled_in(state, "ann", "U1-1")


class TestEditing:
    def test_fields_are_stored_one_by_one(self):
        given(*under_way()).when(edit(content=80)).then(draft(content=80))
        given(*under_way(), draft(content=80)).when(edit(1, words="好", sequence=2)).then(
            draft(content=80, words="好", sequence=2)
        )

    def test_emptied_field_is_stored_as_empty(self):
        given(*under_way(), draft(content=80)).when(edit(1, content=None, sequence=2)).then(draft(sequence=2))

    def test_field_that_another_page_changed_is_refused_with_both_values(self):
        refused = given(*under_way(), draft("p2", content=80)).when(edit(0, content=70)).decision

        stored = {"value": 80, "revision": 1, "at": NOON}
        fields = {"mark.content": {"yours": 70, "stored": stored}}
        assert refused == Refused("draft-changed", None, {"revision": 1, "fields": fields})

    def test_fields_that_do_not_overlap_are_merged(self):
        given(*under_way(), draft("p2", content=80)).when(edit(0, form=70)).then(draft(content=80, form=70))

    def test_same_value_from_two_pages_is_no_conflict(self):
        given(*under_way(), draft("p2", content=80)).when(edit(0, content=80)).then()

    def test_page_whose_answer_was_lost_goes_on_without_a_conflict_with_itself(self):
        given(*under_way(), draft(content=80)).when(edit(0, content=85, sequence=2)).then(draft(content=85, sequence=2))

    def test_change_that_arrives_late_changes_nothing(self):
        given(*under_way(), draft(content=85, sequence=2)).when(edit(0, content=80)).then()

    def test_field_that_there_is_not_is_refused(self):
        given(*under_way()).when(edit(style=1)).refused("criteria-differ")
        given(*under_way()).when(edit(content="80")).refused("mark-out-of-range")
        odd = EditMark("ann", "U1-1", 0, {"likes": 1}, False, "p1", 1, NOON)
        given(*under_way()).when(odd).refused("draft-field-unknown")


class TestGiving:
    def test_mark_is_given_as_the_page_shows_it(self):
        given(*under_way(), draft(**MARKS)).when(edit(1, give=True, sequence=2, **MARKS)).then(
            given_score("ann", "U1-1")
        )

    def test_mark_that_was_typed_offline_arrives_with_its_fields_in_one_commit(self):
        given(*under_way()).when(edit(give=True, **MARKS)).then(draft(**MARKS), given_score("ann", "U1-1"))

    def test_mark_that_arrives_twice_is_given_once(self):
        story = given(*under_way(), draft(**MARKS), given_score("ann", "U1-1"))

        story.when(edit(give=True, **MARKS)).then()

    def test_mark_over_another_page_s_is_refused(self):
        story = given(
            *under_way(), draft("p2", content=10, form=10, quality=10), given_score("ann", "U1-1", content=10)
        )

        story.when(edit(0, give=True, **MARKS)).refused("draft-changed")

    def test_mark_that_does_not_name_a_field_that_is_filled_in_is_refused(self):
        refused = given(*under_way(), draft("p2", words="好", **MARKS)).when(edit(1, give=True, **MARKS)).decision

        assert refused == Refused("criteria-differ", "marks", {"missing": ["words"], "extra": []})

    def test_low_mark_needs_words_and_an_unfinished_one_its_criteria(self):
        given(*under_way()).when(edit(give=True, content=10, form=10, quality=10)).refused("mark-needs-words")
        given(*under_way()).when(edit(give=True, content=80)).refused("criteria-differ")

    def test_change_over_a_mark_is_a_draft_until_it_is_given_again(self):
        story = (*under_way(), draft(**MARKS), given_score("ann", "U1-1"))

        given(*story).when(edit(2, form=71, sequence=2)).then(draft(**{**MARKS, "form": 71}, sequence=2))
        changed = (*story, draft(**{**MARKS, "form": 71}, sequence=2))
        given(*changed).when(edit(3, give=True, sequence=3, **{**MARKS, "form": 71})).then(
            revised("ann", "U1-1", form=71)
        )

    def test_marks_of_the_api_count_as_changes_too(self):
        story = (*under_way(), drafted("ann", "U1-1", content=80), given_score("ann", "U1-1"))

        given(*story).when(edit(1, form=71)).refused("draft-changed")
        assert filled(drafted("ann", "U1-1", content=80), given_score("ann", "U1-1"))["revision"] == 2

    def test_handed_in_sheet_takes_no_change(self):
        given(*under_way(), SheetSubmitted("ann", NOON)).when(edit(content=80)).refused("sheet-submitted")


def test_filled_in_shows_what_is_stored_and_whether_it_is_the_mark():
    before, given_one = filled(draft(content=80)), filled(draft(**MARKS), given_score("ann", "U1-1"))

    assert before == {
        "entry": "U1-1", "revision": 1, "at": NOON, "stage": "draft", "given": None, "total": None,
        "fields": {"mark.content": {"value": 80, "revision": 1, "at": NOON}},
    }  # fmt: skip
    assert (given_one["given"], given_one["total"], given_one["stage"]) == (NOON, "81.00", "marked")
    assert {name: each["value"] for name, each in given_one["fields"].items()} == ALL


class TestIndependence:
    def test_is_declared_before_the_first_entry(self):
        given(*UNDECLARED).when(edit(content=80)).refused("independence-undeclared")
        given(*UNDECLARED).when(NoteReading("ann", "U1-1", skip=False, at=NOON)).refused("independence-undeclared")

    def test_declaration_is_an_event_with_the_hash_of_its_wording(self):
        story = given(*UNDECLARED)

        story.when(DeclareIndependence("ann", declaration.WORDS, NOON)).then(
            IndependenceDeclared("ann", declaration.WORDS, NOON)
        )

    def test_again_is_nothing_new(self):
        given(*under_way()).when(DeclareIndependence("ann", declaration.WORDS, NOON)).then()

    def test_other_wording_and_other_people_are_refused(self):
        given(*under_way()).when(DeclareIndependence("ann", "0" * 64, NOON)).refused("declaration-outdated")
        given(*under_way()).when(DeclareIndependence("zoe", declaration.WORDS, NOON)).refused("judge-unknown")


class TestReading:
    def test_first_opening_is_noted_once(self):
        opening = NoteReading("ann", "U1-1", skip=False, at=NOON)

        given(*under_way()).when(opening).then(ReadingOpened("ann", "U1-1", NOON))
        given(*under_way(), ReadingOpened("ann", "U1-1", NOON)).when(opening).then()

    def test_entry_is_put_off_until_it_is_drafted(self):
        skip = NoteReading("ann", "U1-1", skip=True, at=NOON)

        given(*under_way()).when(skip).then(ReadingSkipped("ann", "U1-1", NOON))
        given(*under_way(), draft(content=80)).when(skip).then()

    def test_entry_of_others_is_refused(self):
        given(*under_way()).when(NoteReading("eva", "U1-1", skip=True, at=NOON)).refused("not-assigned")

    @pytest.mark.parametrize(
        ("facts", "stage"),
        [
            ((), "new"),
            ((ReadingOpened("ann", "U1-1", NOON),), "opened"),
            ((ReadingOpened("ann", "U1-1", NOON), ReadingSkipped("ann", "U1-1", NOON)), "skipped"),
            ((ReadingSkipped("ann", "U1-1", NOON), draft(content=1)), "draft"),
            ((given_score("ann", "U1-1"),), "marked"),
            ((given_score("ann", "U1-1"), draft(content=1)), "draft"),
        ],
        ids=["new", "opened", "skipped", "draft after skipping", "marked", "draft over a mark"],
    )
    def test_list_says_how_far_the_judge_is(self, facts: tuple[object, ...], stage: str):
        state: ScoringState = given(*under_way(), *facts).state

        assert queries.stage(state, "ann", "U1-1") == stage


def test_practice_mark_is_weighed_by_the_rubric_and_refused_like_a_real_one():
    state: ScoringState = given(*under_way()).state

    assert try_out(MARKS, None, state) == "81.00"
    assert try_out(dict.fromkeys(MARKS, 10), "理由", state) == "10.00"
    refused = try_out(dict.fromkeys(MARKS, 10), None, state)
    assert isinstance(refused, Refused)
    assert refused.code == "mark-needs-words"
