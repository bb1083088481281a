"""The same decision on many entries: exactly the confirmed list, once, and undone within ten minutes."""

from dataclasses import replace
from typing import Any

import pytest

from services.moderation import state as moderation_state
from services.moderation.decisions import bulk
from services.moderation.decisions.bulk import UNDO_MS, DecideInBulk, UndoBulk, UndoDecision
from services.moderation.decisions.desk_work import HandOver, NoteCheck
from services.moderation.events import (
    BulkDecided,
    DecisionUndone,
    EntriesHandedOver,
    EntryApproved,
    EntryChecked,
    EntryClaimed,
    EntryFrozen,
    EntryReturned,
    Hit,
    ItemCheck,
    Remark,
    StaffAppointed,
)
from services.moderation.queue_queries import queue_view
from services.moderation.schemas import Queue
from services.moderation.state import ModerationState
from services.ranking.read_model.projection import _verdict
from services.ranking.read_model.table import Table
from services.scoring import state as scoring_state
from services.submission import state as submission_state
from services.submission.events import EntryWithdrawn
from shared.decider import Refused
from shared.events import Sealed
from tests.unit.moderation.test_domain import BY_GRADE, DAY, REVIEW, given, handed, listed, opened

ENTRIES = (("U1-1", 1), ("U2-1", 1), ("U3-1", 1))
HANDED = tuple(handed(entry) for entry, _ in ENTRIES)
BULK = DecideInBulk("b1", "approved", ENTRIES, None, (), None, "", "", "mo", REVIEW)
REMARKS = (Remark("text", "太短"),)


def confirmed(command: DecideInBulk = BULK, **change: Any) -> DecideInBulk:
    changed = replace(command, **change)
    return replace(changed, digest=bulk.list_digest(changed))


def approved(entry: str, *, at: int = REVIEW) -> EntryApproved:
    return EntryApproved(entry, 1, None, "mo", at)


def decided(*entries: str, name: str = "b1", at: int = REVIEW) -> BulkDecided:
    return BulkDecided(name, "approved", confirmed().digest, entries, "mo", at)


ALL = ("U1-1", "U2-1", "U3-1")
DONE = (*HANDED, *(approved(each) for each in ALL), decided(*ALL))
UNDO = UndoBulk("b1", "ma", REVIEW + 60_000)


def undone(entry: str, by: str = "ma", at: int = REVIEW + 60_000) -> DecisionUndone:
    return DecisionUndone(entry, 1, "b1", by, at)


def test_bulk_decides_each_entry_of_the_confirmed_list() -> None:
    given(*HANDED).when(confirmed()).then(*(approved(each) for each in ALL), decided(*ALL))


def test_bulk_that_is_sent_again_changes_nothing() -> None:
    given(*DONE).when(confirmed()).then()
    given(*DONE, *(undone(each) for each in ALL)).when(confirmed()).then()


def test_empty_selection_and_another_list_than_the_confirmed_decide_nothing() -> None:
    given(*HANDED).when(confirmed(entries=())).refused("bulk-empty")
    given(*HANDED).when(replace(confirmed(), entries=ENTRIES[:2])).refused("bulk-differs")
    given(*HANDED).when(replace(confirmed(), kind="rejected", reason="虚假")).refused("bulk-differs")
    given(*HANDED).when(replace(confirmed(), grade=80)).refused("bulk-differs")


def test_entries_that_may_not_be_decided_are_answered_one_by_one() -> None:
    claimed = EntryClaimed("U1-1", "ma", REVIEW + 9, REVIEW)
    gone = EntryWithdrawn("U2-1", "U2", "", REVIEW)
    state = given(*HANDED, claimed, gone).state
    command = confirmed(entries=(*ENTRIES, ("U9-1", 1), ("U1-1", 1)))

    codes = {
        entry: each.code if isinstance(each, Refused) else "ok" for entry, each in bulk.answers(command, state).items()
    }

    assert codes == {"U1-1": "claimed-by-other", "U2-1": "entry-withdrawn", "U3-1": "ok", "U9-1": "entry-unknown"}
    given(*HANDED, claimed, gone).when(command).then(approved("U3-1"), replace(decided("U3-1"), digest=command.digest))


def test_bulk_that_can_decide_nothing_leaves_no_event() -> None:
    given(*HANDED, *(approved(each) for each in ALL)).when(confirmed()).then()


def test_bulk_never_asks_for_second_opinions() -> None:
    graded = given(*HANDED, campaign=BY_GRADE).state

    assert {each.code for each in bulk.answers(confirmed(), graded).values() if isinstance(each, Refused)} == {
        "grade-missing"
    }


def test_undone_bulk_leaves_everything_as_it_was_and_each_entry_at_its_place() -> None:
    waiting = given(*HANDED).state
    after = given(*DONE, *(undone(each) for each in ALL)).state

    given(*DONE).when(UNDO).then(*(undone(each) for each in ALL))
    assert [each["entry"] for each in page(after)] == [each["entry"] for each in page(waiting)]
    assert [after.status(each) for each in ALL] == ["submitted"] * 3
    given(*DONE, *(undone(each) for each in ALL)).when(UNDO).then()


def page(state: ModerationState) -> list[dict[str, Any]]:
    found = queue_view(state, Queue().load({}), at=REVIEW)
    assert not isinstance(found, Refused)
    entries: list[dict[str, Any]] = found["entries"]
    return entries


def test_undoing_brings_back_the_decision_that_was_replaced() -> None:
    before = EntryReturned("U1-1", 1, REMARKS, REVIEW + DAY, "ma", REVIEW - 5)
    story = (*HANDED[:1], before, approved("U1-1"), decided("U1-1"))

    given(*story).when(UNDO).then(undone("U1-1"), before)
    after = given(*story, undone("U1-1"), before).state
    assert (after.status("U1-1"), after.dossier("U1-1").decision) == ("returned", before)


@pytest.mark.parametrize(
    ("events", "code", "what"),
    [
        ((EntryFrozen("U1-1", "投诉", "ma", REVIEW + 1),), "decision-overtaken", "entry-frozen"),
        ((EntryReturned("U1-1", 1, REMARKS, REVIEW + DAY, "ma", REVIEW + 1),), "decision-overtaken", "entry-returned"),
        ((EntryWithdrawn("U1-1", "U1", "", REVIEW + 1),), "entry-withdrawn", None),
        ((handed("U1-1", 2, at=REVIEW + 1),), "version-changed", None),
        ((listed(("U1-1", "A001", "state")),), "entry-shortlisted", None),
    ],
)
def test_entry_to_which_something_has_happened_since_stays_as_it_is(
    events: tuple[object, ...], code: str, what: str | None
) -> None:
    story = (*DONE, *events)

    given(*story).when(UNDO).then(undone("U2-1"), undone("U3-1"))
    refused = bulk.undo_answers("b1", given(*story).state)["U1-1"]
    assert refused is not None
    assert (refused.code, refused.detail.get("what")) == (code, what)


def test_what_a_machine_noted_meanwhile_does_not_keep_a_bulk_from_being_undone() -> None:
    noted = EntryChecked("U1-1", 1, "words", (ItemCheck("text", "clean", None, ()),), REVIEW + 1)

    given(*DONE, noted).when(UNDO).then(*(undone(each) for each in ALL))


def test_undo_ends_after_ten_minutes() -> None:
    given(*DONE).when(replace(UNDO, at=REVIEW + UNDO_MS)).refused("undo-too-late")
    given(*DONE).when(replace(UNDO, bulk="b2")).refused("bulk-unknown")


def test_single_decision_is_undone_likewise() -> None:
    undo = UndoDecision("U1-1", 1, "mo", REVIEW + 5)
    gone = DecisionUndone("U1-1", 1, None, "mo", REVIEW + 5)

    given(*HANDED, approved("U1-1")).when(undo).then(gone)
    given(*HANDED, approved("U1-1"), gone).when(undo).then()
    given(*HANDED).when(undo).refused("decision-missing")
    given(*HANDED, approved("U1-1")).when(replace(undo, at=REVIEW + UNDO_MS)).refused("undo-too-late")
    given(*HANDED, approved("U1-1")).when(replace(undo, version=2)).refused("version-changed")
    given(*HANDED, approved("U1-1"), handed("U1-1", 2)).when(replace(undo, version=2)).refused("decision-missing")


def test_undone_approval_is_shown_by_no_service() -> None:
    facts = [approved("U1-1"), undone("U1-1")]
    submission = submission_state.SubmissionState()
    scoring, table = scoring_state.ScoringState(), Table()
    submission = submission_state.evolve(submission, handed("U1-1"))

    for fact in facts:
        submission = submission_state.evolve(submission, fact)
        scoring = scoring_state.evolve(scoring, fact)
        _verdict(table, fact)

    assert submission.public_version("U1-1") is None
    assert submission.status("U1-1") == "submitted"
    assert "U1-1" not in scoring.approved
    assert (table.entry("U1-1").verdict, table.entry("U1-1").approved) == (None, None)


# Shares and checks

APPOINTED = StaffAppointed("ma", Sealed("c1.n"), ("moderator",), Sealed(""), "olga", REVIEW)
SHARE = HandOver("ma", ("U1-1", "U2-1"), 0, "mo", REVIEW)
GIVEN = EntriesHandedOver(("U1-1", "U2-1"), "ma", "mo", REVIEW)


def test_share_goes_to_a_moderator_with_the_entries_that_wait() -> None:
    given(APPOINTED, *HANDED).when(SHARE).then(GIVEN)
    given(APPOINTED, *HANDED, GIVEN).when(SHARE).then()
    given(APPOINTED, *HANDED, approved("U1-1")).when(SHARE).then(replace(GIVEN, entries=("U2-1",)))
    given(*HANDED).when(SHARE).refused("staff-unknown")
    given(APPOINTED, *HANDED).when(replace(SHARE, entries=("U9-1",))).refused("entry-unknown")


def test_next_entries_that_are_nobodys_are_handed_over_by_number() -> None:
    given(APPOINTED, *HANDED, replace(GIVEN, entries=("U1-1",))).when(replace(SHARE, entries=(), count=1)).then(
        replace(GIVEN, entries=("U2-1",))
    )
    given(APPOINTED, *HANDED, GIVEN).when(replace(SHARE, to=None)).then(replace(GIVEN, to=None))


def test_claim_of_whoever_hands_over_ends() -> None:
    claimed = EntryClaimed("U1-1", "mo", REVIEW + 9, REVIEW)

    assert given(APPOINTED, *HANDED, claimed, GIVEN).state.dossier("U1-1").claim is None


NOTE = NoteCheck("U1-1", 1, "words", (ItemCheck("text", "hit", None, (Hit("赌博", 3, 5, 90),)),), REVIEW)
NOTED = EntryChecked("U1-1", 1, "words", NOTE.items, REVIEW)


def test_result_of_a_machine_is_stored_once_and_decides_nothing() -> None:
    given(*HANDED).when(NOTE).then(NOTED)
    given(*HANDED, NOTED).when(replace(NOTE, at=REVIEW + 9)).then()
    given(*HANDED).when(replace(NOTE, version=2)).refused("version-unknown")
    given(*HANDED).when(replace(NOTE, entry="U9-1")).refused("entry-unknown")
    assert given(*HANDED, NOTED).state.status("U1-1") == "submitted"


def test_bulk_of_a_state_that_was_read_in_another_order_is_the_same() -> None:
    first, second = ModerationState(), ModerationState()
    for fact in (opened(), *DONE):
        first = moderation_state.evolve(first, fact)
    for fact in (opened(), *DONE[3:], *DONE[:3]):
        second = moderation_state.evolve(second, fact)

    assert first == second


def test_bulk_leaves_alone_what_somebody_else_decided_since_the_list_was_shown() -> None:
    returned = EntryReturned("U2-1", 1, REMARKS, REVIEW + DAY, "wei", REVIEW)

    given(*HANDED, returned).when(confirmed()).then(approved("U1-1"), approved("U3-1"), decided("U1-1", "U3-1"))
    state = given(*HANDED, returned).state
    assert bulk.answers(confirmed(), state)["U2-1"] == Refused("entry-not-pending", detail={"status": "returned"})


def test_undoing_names_the_decision_that_was_seen_and_leaves_a_later_one_alone() -> None:
    returned = EntryReturned("U1-1", 1, REMARKS, REVIEW + DAY, "wei", REVIEW + 5)
    undo = UndoDecision("U1-1", 1, "mo", REVIEW + 10, turn=1)

    given(handed(), approved("U1-1")).when(undo).then(DecisionUndone("U1-1", 1, None, "mo", REVIEW + 10))
    given(handed(), approved("U1-1"), returned).when(undo).refused(
        "entry-decided-meanwhile", detail={"turn": 2, "by": "wei"}
    )


def test_same_decision_is_made_and_undone_again_while_the_clock_of_a_rehearsal_stands_still() -> None:
    claim = EntryClaimed("U1-1", "mo", REVIEW + DAY, REVIEW)
    undone_once = DecisionUndone("U1-1", 1, None, "mo", REVIEW)
    again = (handed(), approved("U1-1"), undone_once, claim, approved("U1-1"))

    assert given(*again).state.dossier("U1-1").claim is None
    given(*again).when(UndoDecision("U1-1", 1, "mo", REVIEW)).then(undone_once)
