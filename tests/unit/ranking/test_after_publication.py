"""From publication on: the notice, objections, finality, certificates, and the effect of a disqualification."""

import re
from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from gateway.routes import ROUTES
from gateway.staff.closing_desk import SETTLED_AT
from services.moderation import events as desk
from services.ranking import events as own
from services.ranking.decisions.certificates import (
    Award,
    CertificateStatus,
    IssueCertificates,
    RevokeCertificate,
    number_of,
    status_of,
)
from services.ranking.decisions.exhibition import OpenExhibition, TakeDown
from services.ranking.decisions.objections import DecideObjection, DecideObjections, FileObjection
from services.ranking.decisions.result import (
    FinaliseResult,
    ProposeResult,
    PublishResult,
    SignResult,
    obstacles,
    obstacles_to_final,
)
from services.ranking.domain import RankingDecider
from services.ranking.views import result_views
from services.submission.events import EntrySubmitted, EntryWithdrawn
from shared.decider import Refused
from shared.events import Sealed, build_all
from shared.national_calendar import Calendar
from shared.testing.bdd import Given, Spec
from tests.unit.ranking.stories import (
    DAY,
    END,
    SEED,
    campaign,
    fold_logs,
    locked,
    opened,
    organiser,
)

CUT = {"moderation": 6}
DIGEST, OTHER = "a" * 64, "b" * 64
UNTIL = END + 8 * DAY
WORDS, CONTACT = Sealed("k1.w"), Sealed("k1.c")
NUMBER, SECOND = "A" * 16, "B" * 16
KEY = bytes(32)
VALID = CertificateStatus("valid")
RANKING = Spec(RankingDecider(), log="ranking")


def row(entry: str, place: int, *, winner: bool = True) -> dict[str, Any]:
    seat = {"seat": f"state-0{place}" if winner else None, "seat_reason": "type-quota" if winner else None}
    return {"entry": entry, "type": "state", "place": place, "winner": winner, "final": f"{100 - place}/1", **seat}


def proposed(k: int, winners: tuple[str, ...], digest: str) -> own.ResultProposed:
    rows = [row(each, place) for place, each in enumerate(winners, start=1)]
    return own.ResultProposed(f"P{k}", CUT, locked().rule_hash, digest, winners, {"rows": rows}, by="o1", at=END)


def signed(by: str, k: int = 1, digest: str = DIGEST) -> own.ResultSigned:
    return own.ResultSigned(f"P{k}", digest, by, at=END)


def disqualified(entry: str, at: int = END + DAY) -> desk.EntryDisqualified:
    return desk.EntryDisqualified(entry, "made up", by="o1", at=at)


def dismissed(staff: str) -> desk.StaffAppointed:
    return replace(organiser(staff), roles=())


BEGUN = (opened(), organiser("o1"), organiser("o2"), organiser("o3"), organiser("m1", "moderator"), locked())
COHORT = own.CohortFixed(CUT, ("a", "b", "c"), at=END)
SIGNED = (*BEGUN, COHORT, proposed(1, ("a", "b"), DIGEST), signed("o1"), signed("o2"))
PUBLISHED = (*SIGNED, own.ResultPublished("P1", DIGEST, "o1", END, UNTIL, "weekends"), own.SeedRevealed("00", END))
FILED = own.ObjectionFiled(NUMBER, "P1", "a", WORDS, CONTACT, END + 1)
FINAL = (*PUBLISHED, own.ResultFinal("P1", DIGEST, "o1", UNTIL))
# P2 puts c in the place of a.
CORRECTED = (
    disqualified("a"),
    proposed(2, ("b", "c"), OTHER),
    signed("o1", 2, OTHER),
    signed("o2", 2, OTHER),
    own.ResultPublished("P2", OTHER, "o1", UNTIL + DAY, UNTIL + 9 * DAY, "weekends"),
)


def given(*events: object) -> Given:
    return RANKING.given(*events)


def publish(by: str = "o1") -> PublishResult:
    return PublishResult("P1", DIGEST, SEED.hex(), Calendar(), by, END)


# Signatures


def test_signature_of_who_was_dismissed_since_does_not_count() -> None:
    decision = given(*SIGNED, dismissed("o2")).when(publish()).decision

    assert decision == Refused("signatures-missing", detail={"have": 1, "needed": 2})


def test_third_organiser_may_take_the_place_of_who_was_dismissed() -> None:
    then = given(*SIGNED, dismissed("o2"), signed("o3")).when(publish())

    assert isinstance(then.decision, list)
    assert isinstance(then.decision[0], own.ResultPublished)


CHANGES = {
    "appointed again": (dismissed("o2"), organiser("o2")),
    "another password": (replace(organiser("o2"), password=Sealed("c1.other")),),
    "a link for a new one": (desk.PasswordLinkIssued("o2", "c7", None, END + DAY, "o1", END),),
    "a password by a link": (desk.PasswordSet("o2", Sealed("c1.other"), "c7", END),),
    "the own password": (desk.PasswordSet("o2", Sealed("c1.other"), None, END),),
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_signature_counts_only_while_office_and_password_stand_as_before_the_proposal(
    changes: tuple[object, ...],
) -> None:
    after_signing = given(*SIGNED, *changes).when(publish()).decision
    assert after_signing == Refused("signatures-missing", detail={"have": 1, "needed": 2})

    given(*SIGNED[:-1], *changes).when(SignResult("P1", DIGEST, "o2", END)).refused("office-changed")


def test_organiser_who_was_made_after_the_proposal_does_not_sign_it() -> None:
    given(*SIGNED, organiser("o4")).when(SignResult("P1", DIGEST, "o4", END)).refused("office-changed")


def test_another_name_leaves_a_signature_standing() -> None:
    renamed = replace(organiser("o2"), name=Sealed("c1.other"))

    assert isinstance(given(*SIGNED, renamed).when(publish()).decision, list)


def test_same_ranking_is_proposed_again_once_an_organiser_changed() -> None:
    organised = (*SIGNED, *CHANGES["the own password"])
    later = replace(proposed(2, ("a", "b"), DIGEST), cut={"moderation": len(organised)})

    same = replace(propose(), digest=DIGEST, winners=("a", "b"))
    given(*SIGNED).when(same).then()
    again = given(*organised).when(same).decision
    assert isinstance(again, list)
    assert again[0].proposal == "P2"
    given(*organised, later).when(SignResult("P2", DIGEST, "o2", END)).then(signed("o2", 2))


def test_who_was_dismissed_may_not_publish() -> None:
    given(*SIGNED, signed("o3"), dismissed("o2")).when(publish(by="o2")).refused("not-an-organiser")


def test_standing_signatures_are_told_beside_all() -> None:
    view = result_views.result(given(*SIGNED, dismissed("o2")).state)

    assert (view["signatures"], view["standing_signatures"]) == (["o1", "o2"], ["o1"])


# Publication by an earlier version, without a notice


def test_publication_of_before_there_were_notices_has_none() -> None:
    stored = {"proposal": ["P1"], "digest": [DIGEST], "by": ["o1"], "at": [END]}

    (lifted,) = build_all("result-published", 1, stored, 1)

    assert lifted == own.ResultPublished("P1", DIGEST, "o1", END, END, "none")


# Objections


def file(at: int, *, entry: str | None = "a", objection: str = NUMBER) -> FileObjection:
    return FileObjection(objection, entry, WORDS, CONTACT, at)


def decide(upheld: bool = False, words: str = "no", by: str = "o1") -> DecideObjection:
    return DecideObjection(NUMBER, upheld, words, by, UNTIL)


def test_objection_is_taken_from_the_publication_to_the_last_moment_of_the_notice() -> None:
    given(*PUBLISHED).when(file(END + 1)).then(FILED)
    given(*PUBLISHED).when(file(UNTIL - 1, entry=None)).then(replace(FILED, entry=None, at=UNTIL - 1))


def test_objection_after_its_deadline_is_refused_with_the_deadline() -> None:
    decision = given(*PUBLISHED).when(file(UNTIL)).decision

    assert decision == Refused("objection-late", detail={"until": UNTIL})


def test_same_objection_again_is_no_news_even_when_it_is_late() -> None:
    given(*PUBLISHED, FILED).when(file(UNTIL + 1)).then()


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param(SIGNED, file(END), "result-not-published", id="before the result is published"),
        pytest.param(PUBLISHED, file(END, entry="z"), "entry-unknown", id="about an entry that was not judged"),
    ],
)
def test_objection_is_refused(events: tuple[object, ...], order: FileObjection, code: str) -> None:
    given(*events).when(order).refused(code)


def test_entry_that_did_not_win_may_object_to_its_own_place() -> None:
    given(*PUBLISHED).when(file(END, entry="c")).then(replace(FILED, entry="c", at=END))


def test_objection_is_answered_and_the_last_answer_stands() -> None:
    first = own.ObjectionDecided(NUMBER, False, "no", "o1", UNTIL)

    given(*PUBLISHED, FILED).when(decide()).then(first)
    given(*PUBLISHED, FILED, first).when(decide(by="o2")).then()
    given(*PUBLISHED, FILED, first).when(decide(upheld=True)).then(replace(first, upheld=True))


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param(PUBLISHED, decide(), "objection-unknown", id="where there is none"),
        pytest.param((*PUBLISHED, FILED), decide(words=" \n"), "words-missing", id="without words"),
        pytest.param((*PUBLISHED, FILED), decide(by="m1"), "not-an-organiser", id="by a moderator"),
        pytest.param(
            (*PUBLISHED, FILED, own.ObjectionDecided(NUMBER, True, "yes", "o1", END), FINAL[-1]),
            decide(),
            "objection-settled",
            id="otherwise, once the result is final",
        ),
    ],
)
def test_answer_is_refused(events: tuple[object, ...], order: DecideObjection, code: str) -> None:
    given(*events).when(order).refused(code)


def test_objection_is_told_without_its_words_or_who_answered() -> None:
    answered = given(*PUBLISHED, FILED, own.ObjectionDecided(NUMBER, True, "yes", "o1", END)).state

    assert result_views.objection(answered.objections[NUMBER]) == {
        "objection": NUMBER,
        "proposal": "P1",
        "entry": "a",
        "at": END + 1,
        "state": "upheld",
        "answer": {"words": "yes", "at": END},
    }


def test_objections_come_by_pages_oldest_first() -> None:
    state = given(*PUBLISHED, FILED, replace(FILED, objection=SECOND, contact=None, at=END)).state
    first = result_views.objections_page(state, {"after": None, "limit": 1, "state": None})
    rest = result_views.objections_page(state, {"after": SECOND, "limit": 1, "state": "open"})

    page = result_views.objections(first, 1, state, lambda sealed: f"open {sealed}")

    assert [each["objection"] for each in page["objections"]] == [SECOND]
    assert (page["next"], page["open"], page["objections"][0]["contact"]) == (SECOND, 2, None)
    assert [each.filed.objection for each in rest] == [NUMBER]
    assert result_views.objections_page(state, {"after": None, "limit": 1, "state": "upheld"}) == []
    assert result_views.objections_page(state, {"after": "2" * 16, "limit": 1, "state": None}) == Refused(
        "cursor-unknown", "after"
    )


FLOOD = tuple(replace(FILED, objection=f"{'A' * 14}{letter}{other}") for letter in "BCDEF" for other in "ABCDEFGHIJKL")


def decide_all(*numbers: str, words: str = "查无实据", upheld: bool = False) -> DecideObjections:
    return DecideObjections(numbers, upheld, words, "o1", UNTIL)


def test_sixty_objections_are_decided_at_once_and_the_result_becomes_final() -> None:
    numbers = [each.objection for each in FLOOD]
    decided = [own.ObjectionDecided(each, False, "查无实据", "o1", UNTIL) for each in numbers]

    given(*PUBLISHED, *FLOOD).when(finalise()).refused("objections-open")
    given(*PUBLISHED, *FLOOD).when(decide_all(*numbers)).then(*decided)
    given(*PUBLISHED, *FLOOD, *decided).when(finalise()).then(own.ResultFinal("P1", DIGEST, "o1", UNTIL))


def test_objections_are_decided_all_or_none_and_those_with_this_answer_are_passed_over() -> None:
    first, second, *_ = [each.objection for each in FLOOD]
    done = own.ObjectionDecided(first, False, "查无实据", "o1", UNTIL)

    refused = given(*PUBLISHED, *FLOOD).when(decide_all(first, "2" * 16)).decision

    assert refused == Refused("objection-unknown", "objections", {"objection": "2" * 16})
    given(*PUBLISHED, *FLOOD, done).when(decide_all(first, second, second)).then(replace(done, objection=second))
    given(*PUBLISHED, *FLOOD).when(decide_all(first, words=" ")).refused("words-missing")


# Final


def finalise(at: int = UNTIL, *, proposal: str = "P1", digest: str = DIGEST, by: str = "o1") -> FinaliseResult:
    return FinaliseResult(proposal, digest, by, at)


def test_result_is_final_after_its_notice() -> None:
    given(*PUBLISHED).when(finalise()).then(own.ResultFinal("P1", DIGEST, "o1", UNTIL))
    given(*FINAL).when(finalise(UNTIL + 1, by="o2")).then()


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param(SIGNED, finalise(), "result-not-published", id="before it is published"),
        pytest.param(PUBLISHED, finalise(UNTIL - 1), "notice-running", id="while the notice runs"),
        pytest.param((*PUBLISHED, FILED), finalise(), "objections-open", id="while an objection is open"),
        pytest.param(PUBLISHED, finalise(digest=OTHER), "result-outdated", id="when the ranking has changed"),
        pytest.param(PUBLISHED, finalise(by="m1"), "not-an-organiser", id="by a moderator"),
        pytest.param(PUBLISHED, finalise(proposal="P7"), "proposal-unknown", id="a proposal that is none"),
        pytest.param((*PUBLISHED, *CORRECTED), finalise(UNTIL + DAY), "proposal-replaced", id="one that was replaced"),
        pytest.param(
            (*FINAL, *CORRECTED),
            finalise(UNTIL + DAY, proposal="P2", digest=OTHER),
            "notice-running",
            id="a corrected one before its own notice has ended",
        ),
    ],
)
def test_final_is_refused(events: tuple[object, ...], order: FinaliseResult, code: str) -> None:
    given(*events).when(order).refused(code)


UPHELD = (FILED, own.ObjectionDecided(NUMBER, True, "yes", "o1", END + 2))


def test_result_to_which_an_objection_is_upheld_never_becomes_final() -> None:
    decision = given(*PUBLISHED, *UPHELD).when(finalise()).decision

    assert decision == Refused("objections-upheld", detail={"objections": [NUMBER]})


def test_another_result_answers_what_was_upheld() -> None:
    order = finalise(UNTIL + 9 * DAY, proposal="P2", digest=OTHER)

    given(*PUBLISHED, *UPHELD, *CORRECTED).when(order).then(own.ResultFinal("P2", OTHER, "o1", UNTIL + 9 * DAY))


def test_objection_that_is_upheld_after_the_correction_stops_the_corrected_result() -> None:
    order = finalise(UNTIL + 9 * DAY, proposal="P2", digest=OTHER)

    given(*PUBLISHED, FILED, *CORRECTED, UPHELD[1]).when(order).refused("objections-upheld")


def test_so_does_another_decision_with_its_words() -> None:
    anew = own.ObjectionDecided(NUMBER, False, "checked again: the ranking is right", "o1", END + 3)

    given(*PUBLISHED, *UPHELD, anew).when(finalise()).then(own.ResultFinal("P1", DIGEST, "o1", UNTIL))


def test_all_that_stands_in_the_way_of_the_final_is_told() -> None:
    view = result_views.awaited_final(finalise(UNTIL - 1, digest=OTHER), given(*PUBLISHED, FILED).state)

    assert [each["code"] for each in view["obstacles"]] == ["notice-running", "objections-open", "result-outdated"]
    assert (view["notice_until"], view["open_objections"]) == (UNTIL, 1)


COMPLAINT = desk.ComplaintFiled(NUMBER, "complaint", "a", WORDS, None, UNTIL - 1)
DOUBT = desk.DisqualificationProposed("a", "copied", "", None, "o1", END + 1)


def test_every_obstacle_leads_to_a_page_that_settles_it() -> None:
    everything = given(*PUBLISHED, FILED, COMPLAINT, DOUBT, HANDED_IN, CHANGE_SET, *FAILED_LETTER)
    orders = [replace(finalise(UNTIL - 1, digest=OTHER), held=2, behind_s=behind) for behind in (60, None)]
    codes = {each.code for order in orders for each in obstacles_to_final(order, everything.state)}
    codes |= {
        each.code
        for each in obstacles_to_final(
            orders[0], given(*PUBLISHED, FILED, own.ObjectionDecided(NUMBER, True, "yes", "o1", END)).state
        )
    }
    codes |= {each.code for each in obstacles_to_final(orders[0], given().state)}
    codes |= {"marks-missing", "too-few-marks", "seed-mismatch", "campaign-not-open"}  # why there is no ranking now
    pages = {route.path for route in ROUTES if route.method == "GET"}

    assert codes - SETTLED_AT.keys() == set()
    assert {re.split(r"[?#]", path)[0] for path in SETTLED_AT.values()} - pages == set()


def test_result_with_anything_open_is_refused_as_final_and_each_open_item_is_listed() -> None:
    open_case = given(*PUBLISHED, FILED, COMPLAINT, DOUBT, HANDED_IN, CHANGE_SET, *FAILED_LETTER)
    missing = Refused("marks-missing", detail={"entries": ["b"]})
    order = replace(finalise(digest=""), held=2, refused=missing, behind_s=60)

    view = result_views.awaited_final(order, open_case.state)

    assert [(each["code"], each["detail"]) for each in view["obstacles"]] == [
        ("objections-open", {"objections": [NUMBER]}),
        ("complaints-open", {"complaints": [NUMBER]}),
        ("disqualifications-open", {"entries": ["a"]}),
        ("changes-open", {"changes": ["C1"]}),
        ("entries-undecided", {"entries": ["late"]}),
        ("letters-open", {"letters": 1, "failed": 1}),
        ("likes-held", {"likes": 2}),
        ("marks-missing", {"entries": ["b"]}),
        ("views-behind", {"seconds": 60}),
    ]
    first = open_case.when(order).decision
    assert first == Refused(
        "objections-open",
        detail={"objections": [NUMBER], "also": [each["code"] for each in view["obstacles"][1:]]},
    )


HANDED_IN = EntrySubmitted("late", 1, "u9", "state", "题", "简介", "正文", ("home",), None, (), None, END)
CHANGE_SET = desk.ChangesProposed("C1", (), "why", "o1", END)
LETTER = desk.ApprovedLetter("result.a.1", "result", "contact.u1", "a", "title", "words")
APPROVED_LETTER = desk.LettersApproved((LETTER,), "o1", END)
DELIVERY = desk.DeliveryEnded("result.a.1", "email", 1, "failed", "550", None, END)
FAILED_LETTER = (APPROVED_LETTER, DELIVERY)


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param((COMPLAINT,), finalise(), "complaints-open", id="a complaint without an answer"),
        pytest.param((HANDED_IN,), finalise(), "entries-undecided", id="an entry that no moderator decided on"),
        pytest.param(
            (HANDED_IN, desk.EntryApproved("late", 1, None, "m", END), replace(HANDED_IN, version=2)),
            finalise(),
            "entries-undecided",
            id="a corrected version that waits",
        ),
        pytest.param(
            (HANDED_IN, desk.EntryApproved("late", 1, None, "m", END), desk.DecisionUndone("late", 1, None, "m", END)),
            finalise(),
            "entries-undecided",
            id="a decision that was undone",
        ),
        pytest.param((CHANGE_SET,), finalise(), "changes-open", id="a change set"),
        pytest.param((APPROVED_LETTER,), finalise(), "letters-open", id="a letter that has not gone out"),
        pytest.param(FAILED_LETTER, finalise(), "letters-open", id="a letter that failed"),
        pytest.param(
            (*FAILED_LETTER, desk.LettersResumed(("result.a.1",), "o1", END)),
            finalise(),
            "letters-open",
            id="a letter that is tried again",
        ),
        pytest.param((), replace(finalise(), behind_s=16), "views-behind", id="views that lag"),
        pytest.param((), replace(finalise(), behind_s=None), "views-building", id="views that are being built"),
        pytest.param((DOUBT,), finalise(), "disqualifications-open", id="a disqualification that waits for its second"),
        pytest.param((), replace(finalise(), held=1), "likes-held", id="a like that is held"),
        pytest.param(
            (), replace(finalise(digest=""), refused=Refused("marks-missing")), "marks-missing", id="a missing mark"
        ),
    ],
)
def test_final_is_refused_while_something_is_open(events: tuple[object, ...], order: FinaliseResult, code: str) -> None:
    given(*PUBLISHED, *events).when(order).refused(code)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((COMPLAINT, desk.ComplaintAnswered(NUMBER, "答复", "m", UNTIL)), id="the complaint is answered"),
        pytest.param((replace(COMPLAINT, kind="suggestion"),), id="it is a suggestion"),
        pytest.param((HANDED_IN, desk.EntryRejected("late", 1, "no", "m", END)), id="the entry is rejected"),
        pytest.param((HANDED_IN, desk.EntryReturned("late", 1, (), END, "m", END)), id="it is returned to its unit"),
        pytest.param((HANDED_IN, EntryWithdrawn("late", "u9", "", END)), id="it is withdrawn"),
        pytest.param((CHANGE_SET, desk.ChangesDropped("C1", "no", "o2", END)), id="the change set is dropped"),
        pytest.param((CHANGE_SET, desk.ChangesApplied("C1", "d", "o1", "o2", END)), id="it is applied"),
        pytest.param((APPROVED_LETTER, replace(DELIVERY, state="sent")), id="the letter went out"),
        pytest.param(
            (*FAILED_LETTER, desk.LettersWithdrawn(("result.a.1",), "dropped", "o1", END)), id="it is withdrawn by hand"
        ),
        pytest.param((replace(COMPLAINT, at=UNTIL),), id="it came after the notice"),
        pytest.param(
            (DOUBT, desk.DisqualificationDeclined("a", "no", "o2", END + 2)), id="the second organiser declines"
        ),
    ],
)
def test_final_goes_through_when_what_was_open_is_settled(events: tuple[object, ...]) -> None:
    given(*PUBLISHED, *events).when(finalise()).then(own.ResultFinal("P1", DIGEST, "o1", UNTIL))


def test_exhibition_is_provisional_until_the_result_is_final() -> None:
    given(*PUBLISHED).when(OpenExhibition("o1", END)).then(own.ExhibitionOpened(("a", "b"), True, "o1", END))
    given(*FINAL).when(OpenExhibition("o1", UNTIL)).then(own.ExhibitionOpened(("a", "b"), False, "o1", UNTIL))


def test_exhibition_follows_a_corrected_result_and_whoever_moved_up_can_be_taken_down() -> None:
    shown = own.ExhibitionOpened(("a", "b"), True, "o1", END)
    corrected = given(*PUBLISHED, shown, *CORRECTED)

    corrected.when(OpenExhibition("o1", UNTIL)).then()
    corrected.when(TakeDown("c", "rights", "o1", UNTIL)).then(own.EntryTakenDown("c", "rights", "o1", UNTIL))
    corrected.when(TakeDown("a", "rights", "o1", UNTIL)).refused("entry-not-exhibited")


# A rehearsal


def propose(**other: Any) -> ProposeResult:
    rows = [row("b", 1), row("c", 2), row("a", 3, winner=False)]
    plain = ProposeResult(
        CUT, (0, 1), ("a", "b", "c"), 0, {"rows": rows}, OTHER, ("b", "c"), refused=None, by="o1", at=END
    )
    return replace(plain, **other)


def test_rehearsal_names_every_obstacle_and_the_proposal_only_the_first() -> None:
    state = given(opened(), COHORT).state
    command = propose(closed=(1,), held=2, refused=Refused("marks-missing"))

    found = [each.code for each in obstacles(command, state)]

    assert found == ["rules-not-locked", "polls-open", "likes-held", "marks-missing"]
    assert RankingDecider().decide(command, state) == Refused("rules-not-locked")


def test_rehearsal_tells_the_next_proposal_and_how_it_differs_from_the_last() -> None:
    view = result_views.rehearsal(propose(), given(*SIGNED).state)

    assert (view["proposal"], view["is_new"], view["obstacles"]) == ("P2", True, [])
    assert [(each["entry"], each["kind"]) for each in view["changes"]] == [
        ("b", "moved"),
        ("c", "came"),
        ("a", "went"),
    ]


def test_rehearsal_of_what_is_proposed_already_is_that_proposal() -> None:
    view = result_views.rehearsal(propose(digest=DIGEST), given(*SIGNED).state)

    assert (view["proposal"], view["is_new"]) == ("P1", False)


# A disqualification after the publication


def test_published_result_with_a_disqualified_winner_is_outdated() -> None:
    view = result_views.result(given(*PUBLISHED, disqualified("a")).state)

    assert view["outdated"] == ["a"]


def test_so_is_one_with_a_winner_that_was_withdrawn_and_no_certificate_is_issued_of_it() -> None:
    withdrawn = EntryWithdrawn("b", "u2", "", END + DAY)

    assert result_views.result(given(*PUBLISHED, withdrawn).state)["outdated"] == ["b"]
    given(*FINAL, withdrawn).when(issue()).refused("result-outdated")


def test_corrected_result_tells_who_moves_up_and_why_and_nobody_has_signed_it() -> None:
    view = result_views.result(given(*PUBLISHED, *CORRECTED[:2]).state)

    said = [(each["entry"], each["kind"], each["why"]) for each in view["changes"]]
    assert said == [("b", "moved", "score-changed"), ("c", "came", "newly-ranked"), ("a", "went", "disqualified")]
    assert (view["came"], view["went"], view["signatures"], view["published"]) == (["c"], ["a"], [], False)
    assert view["published_proposal"] == "P1"


def test_corrected_result_has_a_full_notice_of_its_own() -> None:
    order = PublishResult("P2", OTHER, SEED.hex(), Calendar(), "o1", UNTIL + DAY)

    (corrected,) = given(*FINAL, *CORRECTED[:-1]).when(order).decision

    assert corrected.notice_until == END + 17 * DAY  # five working days after Wednesday, 2021-06-23


# Certificates


AWARDS = {each: Award(f"title {each}", f"unit {each}", "state", k) for k, each in enumerate("abc", start=1)}


def issue(at: int = UNTIL, **other: Any) -> IssueCertificates:
    return replace(IssueCertificates("P1", AWARDS, None, KEY, "o1", at), **other)


def issued(entry: str, k: int = 1, **other: Any) -> own.CertificateIssued:
    plain = own.CertificateIssued(
        certificate=number_of(KEY, entry, k=k),
        proposal="P1",
        entry=entry,
        title=f"title {entry}",
        unit=f"unit {entry}",
        type=campaign().unit_types[0].zh,
        place=None,
        campaign=campaign().title_zh,
        organiser=campaign().organiser,
        day="2021-06-22",
        by="o1",
        at=UNTIL,
    )
    return replace(plain, **other)


def revoked(entry: str) -> own.CertificateRevoked:
    return own.CertificateRevoked(number_of(KEY, entry, k=1), "misprint", "o1", UNTIL + 1)


ISSUED = (*FINAL, issued("a"), issued("b"))


def test_each_winner_of_a_final_result_gets_a_certificate_once() -> None:
    given(*FINAL).when(issue()).then(issued("a"), issued("b"))
    given(*ISSUED).when(issue(UNTIL + DAY)).then()


def test_certificate_names_the_place_where_the_rules_say_so() -> None:
    placed = replace(campaign(), certificate_places=True)
    with_places = tuple(locked(placed) if isinstance(each, desk.RulesLocked) else each for each in FINAL)

    (first, second) = given(*with_places).when(issue()).decision

    assert (first.place, second.place) == (1, 2)


@pytest.mark.parametrize(
    ("events", "order", "code"),
    [
        pytest.param(PUBLISHED, issue(), "result-not-final", id="before the result is final"),
        pytest.param(FINAL, issue(by="m1"), "not-an-organiser", id="by a moderator"),
        pytest.param(FINAL, issue(entries=("c",)), "entry-not-winner", id="for one that did not win"),
        pytest.param((*FINAL, disqualified("a")), issue(), "result-outdated", id="of a result with a fallen winner"),
        pytest.param(FINAL, issue(proposal="P9"), "result-outdated", id="by a table of another result"),
    ],
)
def test_issue_is_refused(events: tuple[object, ...], order: IssueCertificates, code: str) -> None:
    given(*events).when(order).refused(code)


def test_certificate_whose_words_have_changed_is_issued_anew() -> None:
    renamed = {**AWARDS, "a": replace(AWARDS["a"], unit="another name")}

    given(*ISSUED).when(issue(awards=renamed)).then(issued("a", k=2, unit="another name"))


def test_revoked_certificate_is_replaced_only_where_its_entry_is_named() -> None:
    given(*ISSUED, revoked("a")).when(issue()).then()
    given(*ISSUED, revoked("a")).when(issue(entries=("a",))).then(issued("a", k=2))


@pytest.mark.parametrize(("named", "status"), [(True, "revoked"), (False, "valid")], ids=["placed", "not placed"])
def test_certificate_that_names_another_place_than_the_corrected_result_does_not_hold(named: bool, status: str) -> None:
    paper = issued("b", place=2 if named else None)
    state = given(*FINAL, paper, *CORRECTED).state  # b is the first now

    found = status_of(state.certificates[paper.certificate], state)

    assert found == (CertificateStatus("revoked", "changed", since=UNTIL + DAY) if named else VALID)
    assert found.status == status


def test_certificate_is_revoked_with_a_reason() -> None:
    order = RevokeCertificate(number_of(KEY, "a", k=1), "misprint", "o1", UNTIL + 1)

    given(*ISSUED).when(order).then(revoked("a"))
    given(*ISSUED, revoked("a")).when(order).then()
    given(*ISSUED).when(replace(order, reason=" ")).refused("reason-missing", field="reason")
    given(*ISSUED).when(replace(order, by="m1")).refused("not-an-organiser")
    given(*ISSUED).when(replace(order, certificate="Z" * 16)).refused("certificate-unknown", field="certificate")


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param((), CertificateStatus("valid"), id="as long as nothing happens"),
        pytest.param((revoked("a"),), CertificateStatus("revoked", "order", "misprint", UNTIL + 1), id="by order"),
        pytest.param(
            (disqualified("a", UNTIL + 5),),
            CertificateStatus("revoked", "disqualified", since=UNTIL + 5),
            id="by the disqualification itself",
        ),
        pytest.param(
            (proposed(2, ("b", "c"), OTHER), *CORRECTED[2:]),
            CertificateStatus("revoked", "replaced", since=UNTIL + DAY),
            id="by another result without the entry",
        ),
        pytest.param(
            (issued("a", k=2, unit="other", at=UNTIL + 7),),
            CertificateStatus("revoked", "reissued", since=UNTIL + 7),
            id="by another certificate",
        ),
    ],
)
def test_certificate_stands_or_says_why_not(then: tuple[object, ...], expected: CertificateStatus) -> None:
    state = given(*ISSUED, *then).state

    assert status_of(state.certificates[number_of(KEY, "a", k=1)], state) == expected
    if not isinstance(then[-1] if then else None, own.ResultPublished):
        assert status_of(state.certificates[number_of(KEY, "b", k=1)], state) == CertificateStatus("valid")


def test_certificates_are_counted_with_the_winners_that_have_none() -> None:
    view = result_views.certificates(given(*ISSUED, revoked("a")).state)

    assert [(each["entry"], each["status"]) for each in view["certificates"]] == [("a", "revoked"), ("b", "valid")]
    assert (view["valid"], view["without"]) == (1, 1)
    assert "by" not in view["certificates"][0]


@hypothesis.given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 9), st.integers(1, 9))
def test_numbers_of_two_certificates_differ_and_follow_from_the_key(one: str, other: str, k: int, m: int) -> None:
    first, second = number_of(KEY, one, k=k), number_of(KEY, other, k=m)

    assert (first == second) == ((one, k) == (other, m))
    assert first != number_of(b"another key", one, k=k)


# All of it


TIMES = st.sampled_from([END, UNTIL - 1, UNTIL, UNTIL + DAY])
PEOPLE = st.sampled_from(["o1", "o2", "m1"])
NUMBERS = st.sampled_from([NUMBER, SECOND])
PAPERS = st.builds(number_of, st.just(KEY), st.sampled_from("ab"), k=st.integers(1, 2))
ENTRIES = st.sampled_from([None, ("a",), ("a", "b"), ("c",)])


def orders() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda at, number: file(at, objection=number), TIMES, NUMBERS),
        st.builds(DecideObjection, NUMBERS, st.booleans(), st.sampled_from(["no", ""]), PEOPLE, TIMES),
        st.builds(lambda at, by, digest: finalise(at, by=by, digest=digest), TIMES, PEOPLE, st.sampled_from([DIGEST])),
        st.builds(lambda at, by, entries: issue(at, by=by, entries=entries), TIMES, PEOPLE, ENTRIES),
        st.builds(RevokeCertificate, PAPERS, st.just("misprint"), PEOPLE, TIMES),
    )


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(st.lists(orders(), max_size=25))
def test_whatever_is_ordered_the_final_waits_for_notice_and_answers_and_an_entry_has_one_valid_paper(
    given_orders: list[Any],
) -> None:
    decider, state = RankingDecider(), given(*PUBLISHED).state
    for order in given_orders:
        decision = decider.decide(order, state)
        for event in [] if isinstance(decision, Refused) else decision:
            if isinstance(event, own.ResultFinal):
                assert (event.at >= UNTIL, state.open_objections, state.upheld_objections) == (True, (), ())
            if isinstance(event, own.CertificateIssued):
                assert state.is_final
            state = decider.evolve(state, event, "ranking/1/0")
        repeated = decider.decide(order, state)

        assert isinstance(repeated, Refused) or list(repeated) == []
        standing_of = [each.issued.entry for each in state.certificates.values() if status_of(each, state) == VALID]
        assert len(standing_of) == len(set(standing_of))


def test_any_interleaving_with_the_desks_log_gives_the_same_state() -> None:
    events = (*ISSUED, FILED, disqualified("b"), dismissed("o3"))
    mine = [each for each in events if type(each).__module__ == own.__name__]
    theirs = [each for each in events if type(each).__module__ != own.__name__]
    third = [EntryWithdrawn("b", "u2", "", END)]

    assert fold_logs([*third, *theirs, *mine]) == fold_logs([*mine, *theirs, *third])
