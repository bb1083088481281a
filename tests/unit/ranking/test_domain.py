"""From the closing of the polls to the exhibition: who may do what and when, and how each refusal is called."""

from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.ranking.calculation.cohort import Contender
from services.ranking.decisions.cuts_and_cohort import FixCohort, TakeCut, cohort_refusal
from services.ranking.decisions.exhibition import OpenExhibition, TakeDown
from services.ranking.decisions.result import ProposeResult, PublishResult, SignResult
from services.ranking.domain import REFUSALS, Command, RankingDecider
from services.ranking.events import (
    CohortFixed,
    CutTaken,
    EntryTakenDown,
    ExhibitionOpened,
    ProjectionPromoted,
    ResultProposed,
    ResultPublished,
    ResultSigned,
    SeedRevealed,
)
from services.ranking.views.result_views import result
from shared.decider import Refused, fold
from shared.national_calendar import Calendar
from shared.testing.bdd import Given, Spec
from tests.unit.ranking.stories import (
    DAY,
    END,
    SEED,
    START,
    campaign,
    fold_logs,
    locked,
    opened,
    organiser,
)

CUT = {"moderation": 6, "vote.0": 9, "vote.1": 8}
DIGEST, OTHER_DIGEST = "a" * 64, "b" * 64
TABLE: dict[str, Any] = {"rows": []}
CLOSED = (0, 1)
RANKING = Spec(RankingDecider(), log="ranking")

BEGUN = (opened(), organiser("o1"), organiser("o2"), organiser("m1", "moderator"), locked())
COHORT = CohortFixed(CUT, ("a", "b"), at=END)
JUDGED = (*BEGUN, COHORT)


def proposed(k: int = 1, digest: str = DIGEST) -> ResultProposed:
    return ResultProposed(f"P{k}", CUT, locked().rule_hash, digest, ("a", "b"), TABLE, by="o1", at=END)


def signed(by: str, k: int = 1) -> ResultSigned:
    return ResultSigned(f"P{k}", DIGEST, by, at=END)


NOTICE_UNTIL = END + 8 * DAY  # END begins Monday, 2021-06-14: five working days after it, by weekends alone


def published(proposal: str = "P1", at: int = END) -> ResultPublished:
    return ResultPublished(proposal, DIGEST, "o1", at, NOTICE_UNTIL, "weekends")


PROPOSED = (*JUDGED, proposed())
SIGNED = (*PROPOSED, signed("o1"), signed("o2"))
PUBLISHED = (*SIGNED, published(), SeedRevealed(SEED.hex(), END))
EXHIBITED = (*PUBLISHED, ExhibitionOpened(("a", "b"), True, "o1", END))


def given(*events: object) -> Given:
    return RANKING.given(*events)


def test_a_new_proposal_tells_how_its_winners_differ_from_the_signed_ones() -> None:
    first = result(given(*SIGNED).state)
    second = result(given(*SIGNED, replace(proposed(2, OTHER_DIGEST), winners=("b", "c"))).state)

    assert (first["came"], first["went"]) == ([], [])
    assert (second["came"], second["went"], second["signatures"]) == (["c"], ["a"], [])


# A cut


def test_a_cut_is_taken_when_a_log_has_moved() -> None:
    given(*BEGUN).when(TakeCut(CUT, START)).then(CutTaken(START, CUT))


def test_a_cut_where_nothing_but_rankings_own_log_has_moved_is_no_news() -> None:
    given(*BEGUN, CutTaken(START, CUT)).when(TakeCut({**CUT, "ranking": 7}, START + 5)).then()


def test_cuts_never_go_back_in_time_nor_in_any_log() -> None:
    behind = {**CUT, "moderation": 1, "vote.0": 10}

    given(*BEGUN, CutTaken(START, CUT)).when(TakeCut(behind, START - 1)).then(CutTaken(START, {**CUT, "vote.0": 10}))


def test_a_cut_before_the_campaign_is_open_is_refused() -> None:
    given().when(TakeCut(CUT, START)).refused("campaign-not-open")


# The cohort


CONTENDERS = tuple(Contender(*each) for each in [("a", "state", 5), ("b", "state", 3), ("c", "private", 0)])


def fix(closed: tuple[int, ...] = CLOSED, contenders: tuple[Contender, ...] = CONTENDERS) -> FixCohort:
    return FixCohort(CUT, closed, contenders, END)


def best(top_n: int) -> tuple[object, ...]:
    """Return the opening and the rules of a campaign in which likes decide who is judged."""
    judged = replace(campaign(), cohort=rules.Cohort("top_n_by_likes_per_type", top_n))
    return (opened(judged), locked(judged))


def test_the_whole_shortlist_is_judged() -> None:
    given(*BEGUN).when(fix()).then(CohortFixed(CUT, ("a", "b", "c"), END))


def test_the_best_of_each_type_are_judged() -> None:
    given(*best(1)).when(fix()).then(CohortFixed(CUT, ("a", "c"), END))


def test_who_ties_with_the_last_place_is_judged_too() -> None:
    tied = (*CONTENDERS, Contender("d", "state", 3), Contender("e", "state", 2))

    given(*best(2)).when(fix(contenders=tied)).then(CohortFixed(CUT, ("a", "b", "c", "d"), END))


def test_a_released_like_may_bring_an_entry_in_and_takes_none_out() -> None:
    later = tuple(Contender(*each) for each in [("a", "state", 5), ("b", "state", 6), ("c", "private", 0)])
    fixed = CohortFixed(CUT, ("a", "c"), END)

    given(*best(1), fixed).when(fix(contenders=later)).then(CohortFixed(CUT, ("a", "b", "c"), END))


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        pytest.param((), fix(), "campaign-not-open", id="before the campaign is open"),
        pytest.param(BEGUN, fix(closed=(1,)), "polls-open", id="while a partition is open"),
        pytest.param(JUDGED, fix(), "cohort-already-fixed", id="a second time"),
        pytest.param(
            (*best(1), CohortFixed(CUT, ("a", "c"), END)), fix(), "cohort-already-fixed", id="with no one new"
        ),
        pytest.param(BEGUN, fix(contenders=()), "cohort-empty", id="without a shortlist"),
    ],
)
def test_a_cohort_is_refused(events: tuple[object, ...], command: FixCohort, code: str) -> None:
    given(*events).when(command).refused(code)


def test_the_refusal_names_the_partitions_that_are_open() -> None:
    decision = RankingDecider().decide(fix(closed=(1,)), given(*BEGUN).state)

    assert Refused("polls-open", detail={"partitions": [0]}) == decision


@pytest.mark.parametrize(
    ("events", "at", "code"),
    [
        pytest.param((), END, "campaign-not-open", id="before the campaign is open"),
        pytest.param(BEGUN, END - 1, "polls-open", id="in like week"),
        pytest.param(JUDGED, END, "cohort-already-fixed", id="when it is fixed"),
        pytest.param(BEGUN, END, None, id="when likes have ended"),
        pytest.param((*best(1), COHORT), END, None, id="when it is fixed and may grow"),
        pytest.param(
            (*BEGUN, desk.WindowMoved("likes", START, END + 9, "storm", by="o1", at=START)),
            END,
            "polls-open",
            id="in a like week that was made longer",
        ),
    ],
)
def test_the_clock_learns_without_a_table_whether_a_cohort_is_due(
    events: tuple[object, ...], at: int, code: str | None
) -> None:
    refused = cohort_refusal(given(*events).state, at)

    assert code == (None if refused is None else refused.code)


# The result


def propose(**other: Any) -> ProposeResult:
    plain = ProposeResult(
        cut=CUT,
        closed=CLOSED,
        cohort=("b", "a"),
        held=0,
        table=TABLE,
        digest=DIGEST,
        winners=("a", "b"),
        refused=None,
        by="o1",
        at=END,
    )
    return replace(plain, **other)


def test_a_result_is_proposed_with_its_cut_and_the_hash_of_the_rules() -> None:
    given(*JUDGED).when(propose()).then(proposed())


def test_the_same_ranking_proposed_again_is_no_news() -> None:
    given(*SIGNED).when(propose(by="o2", at=END + 1)).then()


def test_another_ranking_is_a_new_proposal_that_nobody_has_signed() -> None:
    changed = given(*SIGNED, proposed(2, OTHER_DIGEST))

    given(*SIGNED).when(propose(digest=OTHER_DIGEST)).then(proposed(2, OTHER_DIGEST))
    changed.when(publish("P2", OTHER_DIGEST)).refused("signatures-missing")


@pytest.mark.parametrize(
    ("events", "other", "code"),
    [
        pytest.param((), {}, "campaign-not-open", id="before the campaign is open"),
        pytest.param((opened(), COHORT), {}, "rules-not-locked", id="before the rules are locked"),
        pytest.param(JUDGED, {"closed": (0,)}, "polls-open", id="while a partition is open"),
        pytest.param(BEGUN, {"cohort": None}, "cohort-not-fixed", id="before the cohort is fixed"),
        pytest.param(JUDGED, {"cohort": None}, "result-outdated", id="by a table from before the cohort"),
        pytest.param(JUDGED, {"cohort": ("a",)}, "result-outdated", id="by a table from before the cohort grew"),
        pytest.param(JUDGED, {"held": 2}, "likes-held", id="while likes are held"),
        pytest.param(JUDGED, {"refused": Refused("marks-missing")}, "marks-missing", id="while marks are missing"),
        pytest.param(JUDGED, {"refused": Refused("seed-mismatch")}, "seed-mismatch", id="with another seed"),
    ],
)
def test_a_proposal_is_refused(events: tuple[object, ...], other: dict[str, Any], code: str) -> None:
    given(*events).when(propose(**other)).refused(code)


def sign(by: str, proposal: str = "P1", digest: str = DIGEST) -> SignResult:
    return SignResult(proposal, digest, by, END)


def test_two_organisers_sign() -> None:
    given(*PROPOSED).when(sign("o1")).then(signed("o1"))
    given(*PROPOSED, signed("o1")).when(sign("o2")).then(signed("o2"))


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        pytest.param(JUDGED, sign("o1"), "proposal-unknown", id="before there is a proposal"),
        pytest.param(PROPOSED, sign("o1", "P2"), "proposal-unknown", id="a proposal that is none"),
        pytest.param((*PROPOSED, proposed(2)), sign("o1"), "proposal-replaced", id="one that another has replaced"),
        pytest.param(PROPOSED, sign("o1", digest=OTHER_DIGEST), "digest-differs", id="another digest"),
        pytest.param(PROPOSED, sign("m1"), "not-an-organiser", id="a moderator"),
        pytest.param(PROPOSED, sign("nobody"), "not-an-organiser", id="a stranger"),
        pytest.param((*PROPOSED, signed("o1")), sign("o1"), "already-signed", id="twice by one person"),
        pytest.param((*BEGUN, organiser("o3"), *PUBLISHED[5:]), sign("o3"), "result-published", id="after publication"),
        pytest.param(
            (*PROPOSED, desk.StaffAppointed("o2", organiser("o2").name, (), organiser("o2").password, by="op", at=END)),
            sign("o2"),
            "not-an-organiser",
            id="one who was dismissed",
        ),
    ],
)
def test_a_signature_is_refused(events: tuple[object, ...], command: SignResult, code: str) -> None:
    given(*events).when(command).refused(code)


def publish(proposal: str = "P1", digest: str = DIGEST, seed: bytes = SEED, by: str = "o1") -> PublishResult:
    return PublishResult(proposal, digest, seed.hex(), Calendar(), by, END)


def test_a_signed_result_is_published_and_the_seed_comes_out() -> None:
    given(*SIGNED).when(publish()).then(published(), SeedRevealed(SEED.hex(), END))


def test_a_corrected_result_is_published_without_the_seed_that_is_out() -> None:
    corrected = (*PUBLISHED, proposed(2), signed("o1", 2), signed("o2", 2))

    given(*corrected).when(publish("P2")).then(published("P2"))


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        pytest.param(JUDGED, publish(), "proposal-unknown", id="before there is a proposal"),
        pytest.param((*SIGNED, proposed(2)), publish(), "proposal-replaced", id="one that another has replaced"),
        pytest.param((*PROPOSED, signed("o1")), publish(), "signatures-missing", id="with one signature"),
        pytest.param(SIGNED, publish(digest=OTHER_DIGEST), "result-outdated", id="when the ranking has changed since"),
        pytest.param(SIGNED, publish(digest=""), "result-outdated", id="when there is no ranking any more"),
        pytest.param(SIGNED, publish(seed=b"another"), "seed-mismatch", id="with another seed"),
        pytest.param(SIGNED, publish(by="m1"), "not-an-organiser", id="by a moderator"),
    ],
)
def test_a_publication_is_refused(events: tuple[object, ...], command: PublishResult, code: str) -> None:
    given(*events).when(command).refused(code)


# The exhibition


def test_the_winners_are_exhibited_provisionally() -> None:
    given(*PUBLISHED).when(OpenExhibition("o1", END)).then(ExhibitionOpened(("a", "b"), True, "o1", END))


def test_after_a_corrected_result_the_exhibition_is_of_its_winners_and_needs_no_opening() -> None:
    other = replace(proposed(2), winners=("a", "c"))
    corrected = (*EXHIBITED, other, signed("o1", 2), signed("o2", 2), published("P2"))

    assert given(*corrected).state.exhibition == ("a", "c")
    given(*corrected).when(OpenExhibition("o1", END)).then()


def test_an_exhibition_without_a_published_result_is_refused() -> None:
    given(*SIGNED).when(OpenExhibition("o1", END)).refused("result-not-published")


def test_an_exhibited_entry_is_taken_down_with_a_reason() -> None:
    given(*EXHIBITED).when(TakeDown("b", "rights", "o1", END)).then(EntryTakenDown("b", "rights", "o1", END))


def test_taking_down_what_is_not_exhibited_is_refused() -> None:
    given(*PUBLISHED).when(TakeDown("b", "rights", "o1", END)).refused("exhibition-not-open")
    given(*EXHIBITED).when(TakeDown("b", " ", "o1", END)).refused("reason-missing", field="reason")
    given(*EXHIBITED).when(TakeDown("z", "rights", "o1", END)).refused("entry-not-exhibited", field="entry")


# Events that are not written any more


def test_promotion_of_an_earlier_version_changes_nothing() -> None:
    promoted = ProjectionPromoted("ranking", 1, CUT, DIGEST, "op", END)

    assert fold(RankingDecider(), BEGUN) == fold(RankingDecider(), [*BEGUN, promoted])


# All of them


def commands() -> st.SearchStrategy[Command]:
    people = st.sampled_from(["o1", "o2", "m1"])
    digests = st.sampled_from([DIGEST, OTHER_DIGEST])
    proposals = st.sampled_from(["P1", "P2"])
    whens = st.integers(START, END)
    return st.one_of(
        st.builds(TakeCut, st.builds(lambda n: {"moderation": n}, st.integers(1, 3)), whens),
        st.builds(fix, st.sampled_from([CLOSED, (0,)]), st.sampled_from([CONTENDERS, CONTENDERS[:2]])),
        st.builds(lambda digest, held: propose(digest=digest, held=held), digests, st.sampled_from([0, 0, 1])),
        st.builds(SignResult, proposals, digests, people, whens),
        st.builds(PublishResult, proposals, digests, st.just(SEED.hex()), st.just(Calendar()), people, whens),
        st.builds(OpenExhibition, people, whens),
        st.builds(TakeDown, st.sampled_from(["a", "b"]), st.just("rights"), people, whens),
    )


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(st.sampled_from([BEGUN, JUDGED, SIGNED, EXHIBITED]), st.lists(commands(), max_size=12))
def test_every_command_twice_is_the_same_as_once(begun: tuple[object, ...], orders: list[Command]) -> None:
    once = obeyed(begun, orders)
    twice = obeyed(begun, [order for order in orders for _ in range(2)])

    assert once == twice


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(st.lists(commands(), max_size=20))
def test_whatever_is_commanded_a_result_is_published_only_with_two_signatures(orders: list[Command]) -> None:
    events = obeyed(JUDGED, orders)

    for at, event in enumerate(events):
        if isinstance(event, ResultPublished):
            before = [each for each in events[:at] if isinstance(each, ResultSigned)]
            assert len({each.by for each in before if each.proposal == event.proposal}) >= 2


@hypothesis.given(st.lists(commands(), max_size=12))
def test_every_refusal_is_one_of_those_listed(orders: list[Command]) -> None:
    state = fold(RankingDecider(), BEGUN)

    for order in orders:
        decision = RankingDecider().decide(order, state)
        assert not isinstance(decision, Refused) or decision.code in REFUSALS


@hypothesis.given(st.data())
def test_any_interleaving_with_the_desks_log_gives_the_same_state(data: st.DataObject) -> None:
    told = [*BEGUN, desk.WindowMoved("judging", END, END + 9, "ill judges", "o1", END), desk.ClockMoved(END, "o1")]
    own = [CutTaken(START, CUT), *(each for each in EXHIBITED if each not in BEGUN)]
    turns = data.draw(st.permutations([True] * len(told) + [False] * len(own)))
    left, right = iter(told), iter(own)

    mixed = fold_logs([next(left) if turn else next(right) for turn in turns])

    assert fold_logs([*told, *own]) == mixed


def obeyed(begun: tuple[object, ...], orders: list[Command]) -> list[object]:
    """The events that the orders leave, one after the other."""
    decider, events = RankingDecider(), []
    state = fold(decider, begun)
    for order in orders:
        decision = decider.decide(order, state)
        for event in [] if isinstance(decision, Refused) else decision:
            state = decider.evolve(state, event, "ranking/1/0")
            events.append(event)
    return events
