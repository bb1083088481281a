"""Change sets: several corrections are applied together as they were previewed, or none of them is."""

from dataclasses import replace
from typing import Any

import pytest

from services.moderation.campaign import ModerationRules
from services.moderation.decisions.changes import ApplyChanges, DropChanges, Preview, ProposeChanges, needs_two
from services.moderation.events import (
    ChangesApplied,
    ChangesDropped,
    ChangesProposed,
    Correction,
    EntryDisqualified,
    LikesExcluded,
    MarkExcluded,
    TypeCorrected,
)
from tests.unit.moderation.test_domain import CAMPAIGN, REVIEW, SPEC, given, handed

EVIDENCE, SEEN = "e" * 64, "d" * 64
HANDED = (handed(), handed("U2-1"), handed("U3-1"))
TYPE = Correction("type", "U1-1", "填错", type="public")
OUT = Correction("disqualification", "U2-1", "虚假", evidence=EVIDENCE)
MARK = Correction("mark", "U3-1", "回避", judge="j1")
LIKES = Correction("likes", "U3-1", "机器", likes=("vote.0/3/1", "vote.1/2/0"), evidence=EVIDENCE)
ALL = (TYPE, OUT, MARK, LIKES)
PROPOSED = ChangesProposed("C1", ALL, "抽查", "olga", REVIEW)
APPLY = ApplyChanges("C1", SEEN, Preview(SEEN, 0, is_sound=True), "omar", REVIEW + 1)
APPLIED = (
    TypeCorrected("U1-1", "public", "填错", "omar", REVIEW + 1),
    EntryDisqualified("U2-1", "虚假", "omar", REVIEW + 1, "抽查", EVIDENCE, "olga"),
    MarkExcluded("C1", "j1", "U3-1", "回避", "omar", REVIEW + 1),
    LikesExcluded("C1", "U3-1", LIKES.likes, ("olga", "omar"), "机器", EVIDENCE, REVIEW + 1),
    ChangesApplied("C1", SEEN, "olga", "omar", REVIEW + 1),
)
TWO = replace(CAMPAIGN, moderation=ModerationRules(two_for_disqualification=True))


def propose(*corrections: Correction, **changes: Any) -> ProposeChanges:
    return replace(ProposeChanges(corrections or ALL, "抽查", "olga", REVIEW), **changes)


def test_changes_are_put_together_and_count_for_nothing_yet() -> None:
    state = given(*HANDED).when(propose()).then(PROPOSED)
    del state
    folded = given(*HANDED, PROPOSED).state
    assert (folded.type_of("U1-1"), folded.status("U2-1")) == ("state", "submitted")


def test_changes_are_applied_together_in_one_commit() -> None:
    given(*HANDED, PROPOSED).when(APPLY).then(*APPLIED)
    folded = given(*HANDED, PROPOSED, *APPLIED).state
    assert (folded.type_of("U1-1"), folded.status("U2-1")) == ("public", "disqualified")


def test_changes_that_were_applied_are_not_applied_again() -> None:
    done = given(*HANDED, PROPOSED, *APPLIED)
    done.when(APPLY).then()
    done.when(replace(APPLY, digest="f" * 64)).refused("changes-settled")
    done.when(DropChanges("C1", "错", "olga", REVIEW)).refused("changes-settled")


def test_changes_that_were_previewed_before_something_else_happened_are_refused() -> None:
    now = Preview("f" * 64, 0, is_sound=True)
    given(*HANDED, PROPOSED).when(replace(APPLY, preview=now)).refused("preview-outdated")
    given(*HANDED, PROPOSED).when(replace(APPLY, preview=Preview(SEEN, 1, is_sound=True))).refused("preview-outdated")


def test_changes_that_name_a_mark_or_a_like_that_is_not_there_are_refused() -> None:
    given(*HANDED, PROPOSED).when(replace(APPLY, preview=Preview(SEEN, 0, is_sound=False))).refused("changes-unsound")


def test_changes_with_void_likes_take_two_persons() -> None:
    given(*HANDED, PROPOSED).when(replace(APPLY, by="olga")).refused("second-person-needed")


@pytest.mark.parametrize(("kind", "campaign", "two"), [
    (TYPE, TWO, False), (MARK, TWO, False), (OUT, CAMPAIGN, False), (OUT, TWO, True), (LIKES, CAMPAIGN, True),
])  # fmt: skip
def test_changes_take_two_persons_where_a_part_of_them_does(kind: Correction, campaign: Any, two: bool) -> None:
    assert needs_two((kind,), given(campaign=campaign).state) == two


def test_one_organiser_applies_what_one_may_do() -> None:
    alone = ChangesProposed("C1", (OUT,), "抽查", "olga", REVIEW)
    applied = EntryDisqualified("U2-1", "虚假", "olga", REVIEW + 1, "抽查", EVIDENCE, None)
    given(*HANDED, alone).when(replace(APPLY, by="olga")).then(
        applied, ChangesApplied("C1", SEEN, "olga", "olga", REVIEW + 1)
    )


@pytest.mark.parametrize(
    ("correction", "code"),
    [
        (replace(TYPE, entry="U9-1"), "entry-unknown"),
        (replace(TYPE, type="moon"), "type-unknown"),
        (replace(TYPE, type="state"), "correction-unchanged"),
        (replace(TYPE, reason=" "), "reason-missing"),
        (replace(MARK, judge=None), "judge-unknown"),
        (replace(LIKES, likes=()), "like-unknown"),
        (replace(LIKES, evidence=None), "evidence-missing"),
    ],
)
def test_a_correction_that_could_not_be_made_alone_is_refused_with_its_place(correction: Any, code: str) -> None:
    refused = given(*HANDED).when(propose(OUT, correction)).refused(code)
    del refused


def test_changes_that_contradict_or_say_nothing_are_refused() -> None:
    given(*HANDED).when(propose(TYPE, replace(TYPE, type="private"))).refused("changes-contradict")
    given(*HANDED).when(replace(propose(), corrections=())).refused("changes-empty")
    given(*HANDED).when(propose(reason="")).refused("reason-missing")
    SPEC.given().when(propose()).refused("campaign-not-open")


def test_a_correction_that_another_decision_overtook_is_refused_when_it_is_applied() -> None:
    out = EntryDisqualified("U2-1", "撤销", "omar", REVIEW)
    given(*HANDED, PROPOSED, out).when(APPLY).refused("entry-disqualified")


def test_changes_are_dropped_with_words_and_then_stay_dropped() -> None:
    dropped = ChangesDropped("C1", "看错了", "omar", REVIEW)
    drop = DropChanges("C1", "看错了", "omar", REVIEW)
    given(*HANDED, PROPOSED).when(drop).then(dropped)
    given(*HANDED, PROPOSED).when(replace(drop, words="")).refused("words-missing")
    given(*HANDED, PROPOSED, dropped).when(drop).then()
    given(*HANDED, PROPOSED, dropped).when(APPLY).refused("changes-settled")
    given(*HANDED).when(drop).refused("changes-unknown")
    given(*HANDED).when(APPLY).refused("changes-unknown")


def test_change_sets_are_numbered() -> None:
    given(*HANDED, PROPOSED).when(propose(TYPE)).then(ChangesProposed("C2", (TYPE,), "抽查", "olga", REVIEW))
