"""Allocation of seats by unit type, and of the seats that a type cannot fill."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ranking.calculation.quota import (
    ScoredEntry,
    Seat,
    allocate,
    moves,
    shares_of,
)
from tests.unit.ranking.examples import TYPES, campaign, scored_entry

CONTENDERS = st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 100)), max_size=20)
QUOTAS = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
REFILLS = st.sampled_from(["next_best_overall", "none", "proportional"])


def ordered(*contenders: ScoredEntry) -> list[ScoredEntry]:
    return sorted(contenders, key=lambda each: -each.final)


def of(type: str, *finals: int) -> list[ScoredEntry]:
    return [scored_entry(f"{type}{n}", type, final) for n, final in enumerate(finals, start=1)]


FULL_STATE = of("state", 99, 98, 97, 96)
SHORT = ordered(*FULL_STATE, *of("private", 95, 94, 93), *of("foreign", 60))


def test_full_types_get_their_quota_by_final_score():
    seats = allocate(ordered(*of("state", 90, 80, 70), *of("private", 60, 50), *of("foreign", 40, 30)), campaign())

    assert [seat.entry for seat in seats] == ["state1", "state2", "private1", "private2", "foreign1", "foreign2"]
    assert moves(seats) == ()


def test_seat_of_a_short_type_goes_to_the_next_best_overall_and_says_so():
    seats = allocate(SHORT, campaign())

    assert (Seat("foreign-02", "foreign", "state", "state3", "refill-next-best-overall"),) == moves(seats)


def test_several_seats_go_one_by_one_to_the_best_that_are_left():
    seats = allocate(SHORT, campaign(quotas=(2, 2, 4)))

    assert [(seat.seat, seat.entry) for seat in moves(seats)] == [
        ("foreign-02", "state3"),
        ("foreign-03", "state4"),
        ("foreign-04", "private3"),
    ]


def test_seat_stays_empty_without_refill():
    seats = allocate(SHORT, campaign(refill="none"))

    assert (Seat("foreign-02", "foreign", None, None, "empty-no-refill"),) == moves(seats)


def test_seat_stays_empty_when_no_entry_is_left():
    seats = allocate(of("state", 90), campaign(quotas=(1, 1, 0)))

    assert (Seat("private-01", "private", None, None, "empty-no-entry-left"),) == moves(seats)


def test_entry_below_the_minimum_takes_no_seat_of_its_own_type_nor_of_another():
    seats = allocate(ordered(*of("state", 90, 59), *of("private", 58)), campaign(quotas=(1, 1, 0), min_score="60"))

    assert (Seat("private-01", "private", None, None, "empty-below-minimum-score"),) == moves(seats)


def test_entry_at_the_minimum_is_good_enough():
    seats = allocate(of("state", 60), campaign(quotas=(1, 0, 0), min_score="60"))

    assert [seat.entry for seat in seats] == ["state1"]


def test_score_below_zero_wins_a_seat_where_no_minimum_is_set():
    # `judge_effect` can give a score below 0.
    assert [seat.entry for seat in allocate(of("state", -5), campaign(quotas=(1, 0, 0)))] == ["state1"]


def test_minimum_of_zero_keeps_a_score_below_zero_out():
    seats = allocate(of("state", 0, -5), campaign(quotas=(2, 0, 0), min_score="0"))

    assert [(seat.entry, seat.why) for seat in seats] == [
        ("state1", "type-quota"),
        (None, "empty-below-minimum-score"),
    ]


def test_proportional_shares_seats_by_judged_entries_with_the_largest_remainder():
    # 9 and 6 judged, 4 seats to share: 2.4 and 1.6, so 2 and 2.
    field = ordered(*of("state", *range(99, 90, -1)), *of("private", *range(80, 74, -1)))

    seats = allocate(field, campaign(quotas=(1, 1, 4), refill="proportional"))

    assert [(seat.seat, seat.to_type, seat.entry) for seat in moves(seats)] == [
        ("foreign-01", "state", "state2"),
        ("foreign-02", "state", "state3"),
        ("foreign-03", "private", "private2"),
        ("foreign-04", "private", "private3"),
    ]
    assert {"refill-proportional"} == {seat.why for seat in moves(seats)}


def test_proportional_counts_the_judged_entries_that_are_below_the_minimum_too():
    field = ordered(*of("state", 90, 89, 88), *of("private", 80, 79, 78, 12, 11, 10))

    seats = allocate(field, campaign(quotas=(0, 0, 3), refill="proportional", min_score="60"))

    assert [seat.entry for seat in seats] == ["state1", "private1", "private2"]


def test_proportional_hands_on_what_a_type_cannot_take():
    left = of("state", 90, 89, 88, 87) + of("private", 80)

    assert shares_of(4, left, {"state": 4, "private": 12, "foreign": 2}) == {"state": 3, "private": 1, "foreign": 0}


def test_equal_remainders_go_to_the_type_with_more_judged_entries_then_to_the_first():
    left = of("state", 90, 89) + of("private", 80, 79) + of("foreign", 70, 69)

    assert shares_of(2, left[:4], {"state": 1, "private": 3, "foreign": 1}) == {"state": 0, "private": 2, "foreign": 0}
    assert shares_of(1, left, {"state": 2, "private": 2, "foreign": 2}) == {"state": 1, "private": 0, "foreign": 0}


def test_seats_of_a_type_are_numbered_in_the_order_of_merit():
    seats = allocate(SHORT, campaign(quotas=(4, 0, 0)))

    assert [(seat.seat, seat.entry) for seat in seats] == [
        ("state-01", "state1"),
        ("state-02", "state2"),
        ("state-03", "state3"),
        ("state-04", "state4"),
    ]


@pytest.mark.parametrize("refill", ["next_best_overall", "none", "proportional"])
def test_no_entries_leave_every_seat_empty(refill):
    seats = allocate([], campaign(refill=refill))

    assert [seat.entry for seat in seats] == [None] * 6


@given(CONTENDERS, QUOTAS, REFILLS)
def test_every_seat_stands_once_and_no_entry_sits_twice(field, quotas, refill):
    contenders = ordered(*(scored_entry(f"e{n}", *each) for n, each in enumerate(field)))

    seats = allocate(contenders, campaign(quotas=quotas, refill=refill))

    names = [f"{code}-{n:02}" for code, quota in zip(TYPES, quotas, strict=True) for n in range(1, quota + 1)]
    assert names == [seat.seat for seat in seats]
    assert [entry for entry, times in Counter(seat.entry for seat in seats if seat.entry).items() if times > 1] == []
    assert all((seat.entry is None) == (seat.to_type is None) == seat.why.startswith("empty") for seat in seats)


@given(CONTENDERS, QUOTAS, st.sampled_from(["next_best_overall", "proportional"]))
def test_refill_leaves_a_seat_empty_only_when_every_entry_sits(field, quotas, refill):
    contenders = ordered(*(scored_entry(f"e{n}", *each) for n, each in enumerate(field)))

    seats = allocate(contenders, campaign(quotas=quotas, refill=refill))

    assert min(sum(quotas), len(field)) == sum(seat.entry is not None for seat in seats)


@given(CONTENDERS, QUOTAS, REFILLS)
def test_better_entry_of_a_type_never_stands_while_a_worse_one_sits(field, quotas, refill):
    contenders = ordered(*(scored_entry(f"e{n}", *each) for n, each in enumerate(field)))

    seated = {seat.entry for seat in allocate(contenders, campaign(quotas=quotas, refill=refill))}

    for code in TYPES:
        sits = [each.entry in seated for each in contenders if each.type == code]
        assert sorted(sits, reverse=True) == sits
