"""Tests of the decisions on likes, as stories of events and commands."""

from typing import Any

from hypothesis import given as given_any
from hypothesis import strategies as st

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.submission.events import EntryWithdrawn
from services.voting.domain import (
    CastLike,
    ClosePoll,
    NamedLike,
    PollDecider,
    RetractLike,
    ShowLikes,
)
from services.voting.events import LikeRetracted, PollClosed
from services.voting.state import VotingState
from shared.decider import Refused
from shared.testing.bdd import Given, Spec
from tests.unit.voting.stories import (
    DAY,
    END,
    NOON,
    SEALED,
    START,
    campaign,
    liked,
    opened,
    unliked,
)

SPEC = Spec(PollDecider(3), log="vote.3")
LIMIT_MS = 5_000


def given(*facts: object, per_day: int = 20, per_type: int = 5, rehearsal: bool = True) -> Given:
    """Return a story: an open campaign (addresses 1 and 2), then these events from vote.3/3/0 on."""
    return SPEC.given(*opened(per_day=per_day, per_type=per_type, rehearsal=rehearsal), *facts)


def like(entry: str, at: int = NOON, *, voter: str = "v") -> CastLike:
    return CastLike(voter, entry, at, "web", None, SEALED)


def unlike(entry: str, at: int, *, names: NamedLike | None = None) -> RetractLike:
    return RetractLike("v", entry, at, names=names)


def named(address: str, entry: str = "a", *, at: int = NOON, day: int = 1, voter: str = "v") -> NamedLike:
    """Return a stored like as an unlike names it."""
    return NamedLike(address, liked(entry, at, day=day, voter=voter))


def test_first_like_counts():
    given().when(like("a")).then(liked("a", NOON))


def test_second_like_of_the_same_day_changes_nothing():
    given(liked("a", NOON)).when(like("a", NOON + 1)).then()


def test_like_of_the_next_day_counts_again():
    given(liked("a", NOON)).when(like("a", NOON + DAY)).then(liked("a", NOON + DAY, day=2))


def test_like_before_the_window_is_refused():
    given().when(like("a", START - 1)).refused("window-closed")


def test_like_at_the_first_instant_counts():
    given().when(like("a", START)).then(liked("a", START))


def test_like_at_the_end_of_the_window_is_refused():
    given().when(like("a", END)).refused("window-closed")


def test_like_accepted_in_time_but_after_the_poll_closed_is_late():
    given(PollClosed(3, END + LIMIT_MS)).when(like("a", END - 1)).refused("late")


def test_repeat_of_a_standing_like_after_the_poll_closed_is_told_that_it_stands():
    given(liked("a", NOON), PollClosed(3, END + LIMIT_MS)).when(like("a", NOON)).then()


def test_another_partitions_close_does_not_close_this_one():
    given(PollClosed(4, END + LIMIT_MS)).when(like("a", END - 1)).then(liked("a", END - 1, day=3))


def test_like_of_an_entry_that_is_not_shortlisted_is_refused():
    given().when(like("z")).refused("entry-unknown")


def test_like_of_a_frozen_entry_is_refused_until_it_is_unfrozen():
    frozen = desk.EntryFrozen("a", "r", "m", NOON)
    unfrozen = desk.EntryUnfrozen("a", "r", "m", NOON)

    given(frozen).when(like("a")).refused("entry-frozen")
    given(frozen, unfrozen).when(like("a")).then(liked("a", NOON))


def test_like_of_a_disqualified_entry_is_refused():
    given(desk.EntryDisqualified("a", "r", "m", NOON)).when(like("a")).refused("entry-out")


def test_like_of_an_entry_that_its_unit_withdrew_is_refused_and_its_likes_may_still_be_taken_back():
    gone = EntryWithdrawn("a", "u", "r", NOON)

    given(gone).when(like("a")).refused("entry-withdrawn")
    given(liked("a", NOON), gone).when(unlike("a", NOON + 1)).then(unliked("vote.3/3/0", "a", NOON + 1))


@given_any(st.permutations(("freeze", "withdraw", "list", "disqualify")))
def test_what_the_desk_and_the_unit_say_of_an_entry_gives_the_same_answers_in_any_order(order: list[str]):
    facts = {
        "freeze": desk.EntryFrozen("z", "r", "m", NOON),
        "withdraw": EntryWithdrawn("z", "u", "r", NOON),
        "list": desk.ShortlistConfirmed((desk.Listed("z", "A003", "state"),), "o", NOON),
        "disqualify": desk.EntryDisqualified("y", "r", "m", NOON),
    }
    decider = PollDecider(3)

    def folded(names: list[str]) -> VotingState:
        polls = decider.initial()
        for fact in (*opened(), *(facts[name] for name in names)):
            polls = decider.evolve(polls, fact, "moderation/1/0")
        return polls

    assert folded(order) == folded(sorted(order))


def test_freeze_and_disqualification_outlive_a_later_shortlist():
    again = desk.ShortlistConfirmed((desk.Listed("a", "A001", "state"), desk.Listed("z", "A003", "state")), "o", NOON)
    frozen, out = desk.EntryFrozen("z", "r", "m", NOON), desk.EntryDisqualified("a", "r", "m", NOON)

    given(frozen, out, again).when(like("z")).refused("entry-frozen")
    given(frozen, out, again).when(like("a")).refused("entry-out")
    given(frozen).when(like("z")).refused("entry-unknown")


def test_like_beyond_the_daily_limit_is_refused():
    given(liked("a", NOON), per_day=1).when(like("c", NOON + 1)).refused("daily-limit")


def test_daily_limit_comes_back_with_an_unlike():
    facts = (liked("a", NOON), unliked("vote.3/3/0", "a", NOON + 1))

    given(*facts, per_day=1).when(like("c", NOON + 2)).then(liked("c", NOON + 2))


def test_daily_limit_is_of_the_day():
    given(liked("a", NOON), per_day=1).when(like("c", NOON + DAY)).then(liked("c", NOON + DAY, day=2))


def test_like_beyond_the_limit_of_a_type_is_refused_and_another_type_is_not():
    given(liked("a", NOON), per_type=1).when(like("b", NOON + 1)).refused("type-limit")
    given(liked("a", NOON), per_type=1).when(like("c", NOON + 1)).then(liked("c", NOON + 1))


def test_corrected_type_counts_for_the_limit():
    corrected = desk.TypeCorrected("c", "state", "r", "m", NOON)

    given(corrected, liked("a", NOON), per_type=1).when(like("c", NOON + 1)).refused("type-limit")


def test_unlike_names_its_like():
    given(liked("a", NOON)).when(unlike("a", NOON + 1)).then(unliked("vote.3/3/0", "a", NOON + 1))


def test_unlike_of_the_same_instant_as_its_like_is_refused_unless_it_names_the_like():
    given(liked("a", NOON)).when(unlike("a", NOON)).refused("like-not-older")
    given(liked("a", NOON)).when(unlike("a", NOON, names=named("vote.3/3/0"))).then(unliked("vote.3/3/0", "a", NOON))


def test_unlike_of_nothing_is_refused():
    given().when(unlike("a", NOON)).refused("no-like-today")


def test_unlike_past_midnight_is_refused_while_the_like_of_the_day_before_stands():
    given(liked("a", NOON)).when(unlike("a", NOON + DAY)).refused("no-like-today")


def test_second_unlike_changes_nothing_since_the_like_is_taken_back():
    facts = (liked("a", NOON), unliked("vote.3/3/0", "a", NOON + 1))

    given(*facts).when(unlike("a", NOON + 2)).then()
    given(*facts).when(unlike("a", NOON + DAY, names=named("vote.3/3/0"))).then()


def test_named_like_of_an_earlier_day_is_taken_back_until_the_window_ends():
    taken_back = unliked("vote.3/3/0", "a", END - 1)

    given(liked("a", NOON)).when(unlike("a", END - 1, names=named("vote.3/3/0"))).then(taken_back)
    given(liked("a", NOON)).when(unlike("a", END, names=named("vote.3/3/0"))).refused("window-closed")


def test_named_like_of_a_day_that_is_no_longer_kept_is_taken_back_once():
    old, new = liked("a", NOON), liked("b", NOON + 2 * DAY, day=3)
    taken_back = unliked("vote.3/3/0", "a", NOON + 2 * DAY + 1)

    given(old, new, rehearsal=False).when(unlike("a", NOON + 2 * DAY + 1, names=named("vote.3/3/0"))).then(taken_back)
    given(old, new, taken_back, rehearsal=False).when(unlike("a", NOON + 2 * DAY + 2, names=named("vote.3/3/0"))).then()


def test_unlike_that_names_the_like_of_another_voter_or_entry_is_refused():
    given(liked("a", NOON, voter="w")).when(unlike("a", NOON + 1, names=named("vote.3/3/0", voter="w"))).refused(
        "like-foreign"
    )
    given(liked("a", NOON)).when(unlike("b", NOON + 1, names=named("vote.3/3/0"))).refused("like-foreign")


def test_unlike_that_names_an_earlier_like_is_refused_while_a_later_one_of_that_day_stands():
    facts = (liked("a", NOON), unliked("vote.3/3/0", "a", NOON + 1), liked("a", NOON + 5))

    given(*facts).when(unlike("a", NOON + 6, names=named("vote.3/3/0"))).refused("like-not-older")


def test_like_redelivered_after_a_named_unlike_of_an_earlier_clock_changes_nothing():
    """The like's gateway may run ahead of the unlike's; the unlike named the like, so it is the later order."""
    taken_back = unliked("vote.3/3/0", "a", NOON + 5)

    given(liked("a", NOON + 5)).when(unlike("a", NOON, names=named("vote.3/3/0", at=NOON + 5))).then(taken_back)
    given(liked("a", NOON + 5), taken_back).when(like("a", NOON + 5)).then()


def test_liking_again_after_an_unlike_counts():
    facts = (liked("a", NOON), unliked("vote.3/3/0", "a", NOON + 1))

    given(*facts).when(like("a", NOON + 2)).then(liked("a", NOON + 2))


def test_like_redelivered_after_its_unlike_changes_nothing():
    facts = (liked("a", NOON), unliked("vote.3/3/0", "a", NOON + 1))

    given(*facts).when(like("a", NOON)).then()
    given(*facts).when(like("a", NOON + 1)).then()


def test_unlike_overtaken_by_a_later_like_is_refused():
    facts = (liked("a", NOON), unliked("vote.3/3/0", "a", NOON + 1), liked("a", NOON + 5))

    given(*facts).when(unlike("a", NOON + 3)).refused("like-not-older")


def test_unlike_after_the_window_is_refused():
    given(liked("a", END - 1, day=3)).when(unlike("a", END)).refused("window-closed")
    given(liked("a", NOON)).when(unlike("a", END + DAY)).refused("window-closed")
    given(liked("a", END - 2, day=3), PollClosed(3, END + LIMIT_MS)).when(unlike("a", END - 1)).refused("late")


def test_moved_window_is_the_one_that_counts():
    moved = desk.WindowMoved("likes", START, END + DAY, "storm", "o", NOON)

    given(moved).when(like("a", END)).then(liked("a", END, day=4))


def test_limits_are_those_that_were_locked():
    locked = desk.RulesLocked(rules.to_data(campaign(per_day=1)), "hash", "0" * 64, "o", NOON)

    given(locked, liked("a", NOON)).when(like("c", NOON + 1)).refused("daily-limit")


def test_poll_closes_once_the_window_and_the_order_time_limit_are_over():
    given().when(ClosePoll(END + LIMIT_MS)).then(PollClosed(3, END + LIMIT_MS))
    given().when(ClosePoll(END + LIMIT_MS - 1)).refused("window-open")
    given(PollClosed(3, END + LIMIT_MS)).when(ClosePoll(END + DAY)).then()


def test_poll_without_a_shortlist_stays_open_for_like_week_may_still_be_put_off():
    unlisted, shortlist = opened()
    moved = desk.WindowMoved("likes", END + DAY, END + 2 * DAY, "no list yet", "o", END + LIMIT_MS)

    SPEC.given(unlisted).when(ClosePoll(END + LIMIT_MS)).refused("window-open")
    SPEC.given(unlisted, moved, shortlist).when(like("a", END + DAY)).then(liked("a", END + DAY, day=5))


def test_nothing_counts_before_the_campaign_is_open():
    SPEC.given().when(like("a")).refused("campaign-not-open")
    SPEC.given().when(unlike("a", NOON)).refused("campaign-not-open")
    SPEC.given().when(ClosePoll(NOON)).refused("window-open")


def test_showing_likes_decides_nothing():
    given(liked("a", NOON)).when(ShowLikes("v", NOON)).then()


def test_state_before_an_event_is_left_as_it_was():
    decider = PollDecider(3)
    before = given().state

    decider.evolve(before, liked("a", NOON), "vote.3/9/0")

    assert before.standing_likes("v", "2021-06-07") == []


def test_days_older_than_yesterday_are_forgotten():
    facts = (liked("a", NOON), liked("a", NOON + DAY, day=2, voter="w"), liked("a", NOON + 2 * DAY, day=3, voter="x"))

    state = given(*facts, rehearsal=False).state

    assert [(each.day, set(each.changes)) for each in state.days] == [("2021-06-09", {"x"}), ("2021-06-08", {"w"})]


def test_rehearsal_forgets_no_day_since_its_instants_come_in_any_order():
    facts = (liked("a", NOON + 2 * DAY, day=3), liked("a", NOON))

    given(*facts).when(like("a", NOON + 1)).then()
    given(*facts).when(like("b", NOON)).then(liked("b", NOON))


def test_order_of_a_day_that_is_forgotten_is_refused_and_not_counted_again():
    """An order ticket may be queried days later, and a query sends the same order again."""
    live = given(liked("a", NOON), liked("b", NOON + 2 * DAY, day=3, voter="w"), rehearsal=False)

    live.when(like("a", NOON)).refused("day-over")
    live.when(unlike("a", NOON + 1)).refused("day-over")
    live.when(like("a", NOON + DAY)).then(liked("a", NOON + DAY, day=2))


ORDERS = st.lists(
    st.builds(
        lambda do, voter, entry, at: like(entry, at, voter=voter) if do else RetractLike(voter, entry, at),
        st.booleans(),
        st.sampled_from("vw"),
        st.sampled_from("abc"),
        # Few instants per day of the window, so that orders coincide, and days are forgotten while others begin.
        st.builds(lambda day, ms: START + day * DAY + ms, st.integers(0, 2), st.integers(0, 19)),
    ),
    max_size=30,
)


def answered(orders: list[CastLike | RetractLike]) -> tuple[VotingState, list[tuple[Any, Any]]]:
    decider = PollDecider(3)
    state, told = given(per_day=2, rehearsal=False).state, []
    for n, order in enumerate(orders):
        decision = decider.decide(order, state)
        if isinstance(decision, Refused):
            continue
        for fact in decision:
            state = decider.evolve(state, fact, f"vote.3/{n}/0")
            told.append((order, fact))
    return state, told


def likes_that_count(state: VotingState) -> set[tuple[str, str, str]]:
    return {
        (voter, each.entry, day.day)
        for day in state.days
        for voter, changes in day.changes.items()
        for each in changes
        if each.like is not None
    }


@given_any(ORDERS)
def test_every_order_twice_in_a_row_is_the_same_as_once(orders: list[CastLike | RetractLike]):
    once, _ = answered(orders)
    twice, _ = answered([order for order in orders for _ in range(2)])

    assert likes_that_count(once) == likes_that_count(twice)


@given_any(ORDERS)
def test_accepted_orders_delivered_again_change_nothing(orders: list[CastLike | RetractLike]):
    state, told = answered(orders)
    decider = PollDecider(3)

    again = [decider.decide(order, state) for order, _ in told]

    assert all(decision in ([], Refused("day-over"), Refused("like-not-older")) for decision in again)


@given_any(ORDERS)
def test_like_is_never_cast_again_while_it_stands(orders: list[CastLike | RetractLike]):
    """It is checked on the events alone, and every order is sent once more at the end: an order of a forgotten day must
    not count twice.
    """
    _, told = answered([*orders, *orders])

    stands: set[tuple[str, str, str]] = set()
    for _, fact in told:
        key = fact.voter, fact.entry, fact.day
        assert (key in stands) is isinstance(fact, LikeRetracted)
        stands ^= {key}


LOGS: dict[str, tuple[object, ...]] = {
    "moderation": (
        *opened(),
        desk.EntryFrozen("a", "r", "m", NOON),
        desk.TypeCorrected("c", "state", "r", "m", NOON),
        desk.WindowMoved("likes", START, END + DAY, "storm", "o", NOON),
        desk.ClockMoved(NOON, "o"),
        desk.EntryDisqualified("b", "r", "m", NOON),
    ),
    "submission": (EntryWithdrawn("a", "u", "r", NOON), EntryWithdrawn("z", "u", "r", NOON)),
    "vote.3": (
        liked("a", NOON),
        unliked("vote.3/1/0", "a", NOON + 1),
        liked("c", NOON + DAY, day=2),
        PollClosed(3, END),
    ),
}


@given_any(st.permutations([log for log, facts in LOGS.items() for _ in facts]))
def test_any_interleaving_of_the_logs_gives_the_same_state(order: list[str]):
    def folded(logs: list[str]) -> VotingState:
        decider, at = PollDecider(3), dict.fromkeys(LOGS, 0)
        polls = decider.initial()
        for log in logs:
            polls = decider.evolve(polls, LOGS[log][at[log]], f"{log}/{at[log] + 1}/0")
            at[log] += 1
        return polls

    assert folded(order) == folded(sorted(order))


@given_any(ORDERS)
def test_no_voter_passes_the_daily_limit(orders: list[CastLike | RetractLike]):
    state, _ = answered(orders)

    voters = {(voter, day.day) for day in state.days for voter in day.changes}
    assert all(len(state.standing_likes(voter, day)) <= 2 for voter, day in voters)
