"""Tests of finding, in the logs, likes that a person gave under two names."""

import hypothesis
from hypothesis import strategies as st

from services.voting.doubles import LikesOfPersons
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.persons import (
    ANN,
    ANN_BEFORE,
    BEN,
    append,
    liked,
    unliked,
)
from tests.unit.voting.stories import NOON

PERSON = frozenset({ANN, ANN_BEFORE})


def addresses(likes: LikesOfPersons, *people: frozenset[str]) -> list[str]:
    return [each.like for each in likes.doubles(people or [PERSON], 2)]


def test_like_that_was_given_under_both_names_is_found_once():
    ledger = MemoryLedger()
    append(ledger, "vote.0", [liked(ANN_BEFORE, "a"), liked(BEN, "a")])
    append(ledger, "vote.1", [liked(ANN, "b", NOON + 1), liked(ANN, "a", NOON + 2)])

    assert addresses(LikesOfPersons(ledger)) == ["vote.1/1/1"]


def test_like_that_was_taken_back_doubles_nothing_but_tells_the_age():
    ledger = MemoryLedger()
    append(ledger, "vote.0", [liked(ANN_BEFORE, "c")], [unliked("vote.0/1/0", ANN_BEFORE, "c")])
    append(ledger, "vote.0", [liked(ANN_BEFORE, "a", NOON + 9)])
    append(ledger, "vote.1", [liked(ANN, "c", NOON + 1), liked(ANN, "a", NOON + 2)])

    assert addresses(LikesOfPersons(ledger)) == ["vote.1/1/1"]


def test_person_with_one_name_that_liked_is_not_looked_for():
    ledger = MemoryLedger()
    append(ledger, "vote.0", [liked(ANN, "a"), liked(BEN, "a")])

    assert addresses(LikesOfPersons(ledger)) == []


def test_name_that_is_linked_after_it_liked_is_read_for_from_the_start():
    ledger = MemoryLedger()
    likes = LikesOfPersons(ledger)
    append(ledger, "vote.0", [liked(ANN, "a"), liked(ANN_BEFORE, "a", NOON + 1)])
    assert addresses(likes, frozenset({BEN, "d" * 24})) == []

    assert addresses(likes) == ["vote.0/1/1"]


def test_nothing_is_read_while_there_are_no_links():
    ledger = MemoryLedger()
    ledger.fail_reads(times=1)

    assert LikesOfPersons(ledger).doubles([], 2) == []


@hypothesis.given(st.lists(st.tuples(st.sampled_from([ANN, ANN_BEFORE, BEN]), st.sampled_from("ab")), max_size=20))
def test_reading_in_steps_finds_what_reading_at_once_does(orders: list[tuple[str, str]]):
    ledger = MemoryLedger()
    in_steps = LikesOfPersons(ledger)
    for at, (voter, entry) in enumerate(orders):
        append(ledger, f"vote.{at % 2}", [liked(voter, entry, NOON + at)])
        in_steps.doubles([PERSON], 2)

    assert sorted(addresses(in_steps)) == sorted(addresses(LikesOfPersons(ledger)))
