"""Decisions for which the rules or a moderator want a second person, and requests of units for another type."""

from dataclasses import replace
from typing import Any

import pytest

from services.moderation.campaign import Campaign, ModerationRules
from services.moderation.decisions.review import (
    Approve,
    ConfirmDisqualification,
    Disqualify,
    FlagEntry,
    Reject,
    Return,
    UnflagEntry,
)
from services.moderation.decisions.second_opinion import GiveSecondOpinion
from services.moderation.decisions.type_requests import AskTypeCorrection, DecideTypeCorrection
from services.moderation.events import (
    DisqualificationDeclined,
    DisqualificationProposed,
    EntryApproved,
    EntryDisqualified,
    EntryFlagged,
    EntryRejected,
    EntryReturned,
    EntryUnflagged,
    Remark,
    SecondOpinionAsked,
    SecondOpinionGiven,
    TypeCorrected,
    TypeCorrectionAsked,
    TypeCorrectionDeclined,
)
from shared.testing.bdd import Given
from tests.unit.moderation.test_domain import (
    CAMPAIGN,
    CLAIMED,
    DAY,
    DISQUALIFIED,
    REVIEW,
    WITHDRAWN,
    given,
    handed,
    listed,
)

REMARKS = (Remark("text", "太短"),)
STRICT: Campaign = replace(CAMPAIGN, moderation=ModerationRules(("rejection", "symbols"), True))
REJECT = Reject("U1-1", 1, "虚假", "mo", REVIEW, REMARKS)
APPROVE = Approve("U1-1", 1, None, "mo", REVIEW)
RETURN = Return("U1-1", 1, REMARKS, REVIEW + DAY, "mo", REVIEW)
REJECTION_ASKED = SecondOpinionAsked("U1-1", 1, "rejected", "rejection", None, REMARKS, None, "虚假", "mo", REVIEW)
AGREED = SecondOpinionGiven("U1-1", 1, True, "", "ma", REVIEW + 5)
GIVE = GiveSecondOpinion("U1-1", 1, True, "", "ma", REVIEW + 5)
SYMBOLS = EntryFlagged("U1-1", "symbols", "国旗", "mo", REVIEW)


def strict(*events: object) -> Given:
    return given(handed(), *events, campaign=STRICT)


def test_rejection_waits_for_a_second_person_where_the_rules_say_so() -> None:
    strict().when(REJECT).then(REJECTION_ASKED)
    strict(REJECTION_ASKED).when(replace(REJECT, at=REVIEW + 1)).then()
    strict().when(APPROVE).then(EntryApproved("U1-1", 1, None, "mo", REVIEW))
    given(handed()).when(REJECT).then(EntryRejected("U1-1", 1, "虚假", "mo", REVIEW, REMARKS))


def test_agreed_rejection_is_made_in_the_name_of_whoever_proposed_it() -> None:
    strict(REJECTION_ASKED).when(GIVE).then(AGREED, EntryRejected("U1-1", 1, "虚假", "mo", REVIEW + 5, REMARKS))


def test_opinion_that_is_given_again_changes_nothing() -> None:
    strict(REJECTION_ASKED, AGREED, EntryRejected("U1-1", 1, "虚假", "mo", REVIEW + 5, REMARKS)).when(GIVE).then()


def test_declined_rejection_leaves_the_entry_waiting() -> None:
    declined = SecondOpinionGiven("U1-1", 1, False, "证据不足", "ma", REVIEW + 5)

    strict(REJECTION_ASKED).when(replace(GIVE, agrees=False, words="证据不足")).then(declined)
    assert strict(REJECTION_ASKED, declined).state.status("U1-1") == "submitted"
    strict(REJECTION_ASKED, declined).when(REJECT).then(REJECTION_ASKED)


@pytest.mark.parametrize(
    ("events", "change", "code"),
    [
        ((REJECTION_ASKED,), {"by": "mo"}, "second-person-needed"),
        ((REJECTION_ASKED,), {"agrees": False}, "words-missing"),
        ((REJECTION_ASKED,), {"version": 2}, "version-changed"),
        ((), {}, "second-opinion-missing"),
        ((REJECTION_ASKED, WITHDRAWN), {}, "entry-withdrawn"),
        ((REJECTION_ASKED, DISQUALIFIED), {}, "entry-disqualified"),
        ((REJECTION_ASKED, CLAIMED), {}, "claimed-by-other"),
        ((REJECTION_ASKED, handed(version=2)), {"version": 2}, "second-opinion-missing"),
        ((), {"entry": "U9-1"}, "entry-unknown"),
    ],
)
def test_opinions_that_are_refused(events: tuple[object, ...], change: dict[str, Any], code: str) -> None:
    strict(*events).when(replace(GIVE, **change)).refused(code)


def test_while_an_opinion_is_open_only_whoever_asked_may_decide_otherwise() -> None:
    strict(REJECTION_ASKED).when(replace(APPROVE, by="ma")).refused("second-opinion-open")
    strict(REJECTION_ASKED).when(APPROVE).then(EntryApproved("U1-1", 1, None, "mo", REVIEW))


def test_any_decision_on_symbols_of_party_or_state_needs_a_second_person() -> None:
    because = {"because": "symbols"}
    approval = SecondOpinionAsked("U1-1", 1, "approved", "symbols", None, (), None, "", "mo", REVIEW)
    returned = SecondOpinionAsked("U1-1", 1, "returned", "symbols", None, REMARKS, REVIEW + DAY, "", "mo", REVIEW)

    strict(SYMBOLS).when(APPROVE).then(approval)
    strict(SYMBOLS).when(RETURN).then(replace(returned, **because))
    strict(SYMBOLS, approval).when(GIVE).then(AGREED, EntryApproved("U1-1", 1, None, "mo", REVIEW + 5))
    strict(SYMBOLS, returned).when(GIVE).then(AGREED, EntryReturned("U1-1", 1, REMARKS, REVIEW + DAY, "mo", REVIEW + 5))
    given(handed(), SYMBOLS).when(APPROVE).then(EntryApproved("U1-1", 1, None, "mo", REVIEW))


def test_whoever_takes_the_flag_of_symbols_off_does_not_decide_alone() -> None:
    removed = EntryUnflagged("U1-1", "symbols", "mo", REVIEW)
    approval = SecondOpinionAsked("U1-1", 1, "approved", "symbols", None, (), None, "", "mo", REVIEW)

    strict(SYMBOLS, removed).when(APPROVE).then(approval)
    strict(SYMBOLS, approval, removed).when(APPROVE).then()
    strict(SYMBOLS, removed).when(replace(APPROVE, by="ma")).then(EntryApproved("U1-1", 1, None, "ma", REVIEW))
    given(handed(), SYMBOLS, removed).when(APPROVE).then(EntryApproved("U1-1", 1, None, "mo", REVIEW))


def test_moderator_may_ask_for_a_second_person_whatever_the_rules_say() -> None:
    asked = SecondOpinionAsked("U1-1", 1, "approved", "asked", None, (), None, "", "mo", REVIEW)

    given(handed()).when(replace(APPROVE, second=True)).then(asked)


def test_deadline_that_passed_while_the_opinion_was_open_is_refused() -> None:
    asked = SecondOpinionAsked("U1-1", 1, "returned", "asked", None, REMARKS, REVIEW + DAY, "", "mo", REVIEW)

    given(handed(), asked).when(replace(GIVE, at=REVIEW + DAY)).refused("deadline-past")


def test_flags_are_put_on_and_taken_off_once() -> None:
    put, off = FlagEntry("U1-1", "symbols", "国旗", "mo", REVIEW), UnflagEntry("U1-1", "symbols", "mo", REVIEW)

    given(handed()).when(put).then(SYMBOLS)
    given(handed(), SYMBOLS).when(put).then()
    given(handed(), SYMBOLS).when(off).then(EntryUnflagged("U1-1", "symbols", "mo", REVIEW))
    given(handed()).when(off).then()
    given().when(put).refused("entry-unknown")


# Disqualification

DISQUALIFY = Disqualify("U1-1", "虚假", "olga", REVIEW, "照片出自他处", "e" * 64)
PROPOSED = DisqualificationProposed("U1-1", "虚假", "照片出自他处", "e" * 64, "olga", REVIEW)
CONFIRM = ConfirmDisqualification("U1-1", True, "", "otto", REVIEW + 5)


def test_disqualification_holds_its_evidence() -> None:
    out = EntryDisqualified("U1-1", "虚假", "olga", REVIEW, "照片出自他处", "e" * 64)

    given(handed()).when(DISQUALIFY).then(out)


def test_disqualification_needs_two_organisers_where_the_rules_say_so() -> None:
    strict().when(DISQUALIFY).then(PROPOSED)
    strict(PROPOSED).when(DISQUALIFY).then()
    assert strict(PROPOSED).state.status("U1-1") == "submitted"
    out = EntryDisqualified("U1-1", "虚假", "otto", REVIEW + 5, "照片出自他处", "e" * 64, "olga")
    strict(PROPOSED).when(CONFIRM).then(out)
    strict(PROPOSED, out).when(CONFIRM).then()


def test_proposed_disqualification_is_declined_with_words() -> None:
    declined = DisqualificationDeclined("U1-1", "照片是自己的", "otto", REVIEW + 5)

    strict(PROPOSED).when(replace(CONFIRM, agrees=False, words="照片是自己的")).then(declined)
    strict(PROPOSED, declined).when(CONFIRM).refused("disqualification-missing")


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        ((PROPOSED,), replace(CONFIRM, by="olga"), "second-person-needed"),
        ((PROPOSED,), replace(CONFIRM, agrees=False), "words-missing"),
        ((), CONFIRM, "disqualification-missing"),
        ((PROPOSED,), replace(DISQUALIFY, by="otto"), "disqualification-open"),
    ],
)
def test_disqualifications_that_are_refused(events: tuple[object, ...], command: object, code: str) -> None:
    strict(*events).when(command).refused(code)


# Types that units ask for

ASK = AskTypeCorrection("U1-1", "public", "名册填错", "U1", REVIEW)
ASKED = TypeCorrectionAsked("U1-1", "public", "名册填错", "U1", REVIEW)
DECIDE = DecideTypeCorrection("U1-1", True, "", "mo", REVIEW + 5)


def test_unit_asks_for_another_type_and_a_moderator_decides() -> None:
    given(handed()).when(ASK).then(ASKED)
    given(handed(), ASKED).when(ASK).then()
    given(handed(), ASKED).when(DECIDE).then(TypeCorrected("U1-1", "public", "名册填错", "mo", REVIEW + 5))
    given(handed(), ASKED).when(replace(DECIDE, agrees=False, words="名册无误")).then(
        TypeCorrectionDeclined("U1-1", "名册无误", "mo", REVIEW + 5)
    )


def test_later_request_replaces_the_open_one() -> None:
    other = TypeCorrectionAsked("U1-1", "private", "名册填错", "U1", REVIEW)

    given(handed(), ASKED).when(replace(ASK, type="private")).then(other)
    assert given(handed(), ASKED, other).state.dossier("U1-1").type_request == other


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        ((), replace(ASK, unit="U2"), "not-yours"),
        ((), replace(ASK, entry="U9-1"), "not-yours"),
        ((), replace(ASK, type="kings"), "type-unknown"),
        ((), replace(ASK, type="state"), "type-unchanged"),
        ((), replace(ASK, reason=" "), "reason-missing"),
        ((WITHDRAWN,), ASK, "entry-withdrawn"),
        ((DISQUALIFIED,), ASK, "entry-disqualified"),
        ((listed(("U1-1", "A001", "state")),), ASK, "entry-shortlisted"),
        ((), DECIDE, "type-request-missing"),
        ((ASKED,), replace(DECIDE, agrees=False), "words-missing"),
        ((ASKED, DISQUALIFIED), DECIDE, "entry-disqualified"),
    ],
)
def test_requests_and_answers_that_are_refused(events: tuple[object, ...], command: object, code: str) -> None:
    given(handed(), *events).when(command).refused(code)


def test_decision_is_about_what_was_seen_and_not_about_what_another_did_meanwhile() -> None:
    returned = EntryReturned("U1-1", 1, REMARKS, REVIEW + DAY, "wei", REVIEW)
    asked = TypeCorrectionAsked("U1-1", "private", "厂已改制", "U1", REVIEW)
    meanwhile = {"turn": 1, "by": "wei"}

    for command in (APPROVE, replace(RETURN, until=REVIEW + 2 * DAY), REJECT):
        given(handed(), returned).when(replace(command, turn=0)).refused("entry-decided-meanwhile", detail=meanwhile)
    given(handed(), EntryFlagged("U1-1", "attention", "", "wei", REVIEW)).when(replace(APPROVE, turn=0)).then(
        EntryApproved("U1-1", 1, None, "mo", REVIEW)
    )
    given(handed(), returned).when(replace(APPROVE, turn=1)).then(EntryApproved("U1-1", 1, None, "mo", REVIEW))
    given(handed(), asked).when(replace(APPROVE, turn=0)).refused(
        "entry-decided-meanwhile", detail={"turn": 1, "by": "U1"}
    )


def test_second_person_agrees_with_what_they_saw_and_not_with_what_replaced_it() -> None:
    other = replace(REJECTION_ASKED, reason="抄袭")
    given(handed(), REJECTION_ASKED, other, campaign=STRICT).when(replace(GIVE, turn=1)).refused(
        "entry-decided-meanwhile", detail={"turn": 2, "by": "mo"}
    )

    proposed = DisqualificationProposed("U1-1", "抄袭", "", None, "olga", REVIEW)
    confirm = ConfirmDisqualification("U1-1", True, "", "oscar", REVIEW, turn=1)
    again = replace(proposed, reason="刷赞")
    given(handed(), proposed, again, campaign=STRICT).when(confirm).refused(
        "entry-decided-meanwhile", detail={"turn": 2, "by": "olga"}
    )

    asked = TypeCorrectionAsked("U1-1", "private", "厂已改制", "U1", REVIEW)
    grant = DecideTypeCorrection("U1-1", True, "", "mo", REVIEW, turn=1)
    given(handed(), asked).when(grant).then(TypeCorrected("U1-1", "private", "厂已改制", "mo", REVIEW))
    given(handed(), asked, replace(asked, type="other")).when(grant).refused(
        "entry-decided-meanwhile", detail={"turn": 2, "by": "U1"}
    )
