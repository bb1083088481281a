"""Tests that one person is one voter: links between names, and likes given twice."""

from collections.abc import Iterator
from dataclasses import replace

import hypothesis
import pytest
from hypothesis import strategies as st

from services.moderation.events import LikesExcluded
from services.voting.events import SAME_PERSON, DoublesVoided, LikesRestored, VoidDecided, VoterLinked
from services.voting.links import (
    LinkVoter,
    PersonDecider,
    Persons,
    StandingLike,
    VoidDoubles,
    doubles,
)
from shared.decider import Refused, fold
from tests.unit.voting.stories import NOON, opened

DECIDER = PersonDecider()


def linked(voter: str, other: str, account: str = "subscription") -> VoterLinked:
    return VoterLinked(voter, account, other, None, NOON)


def link(voter: str, other: str, account: str = "subscription") -> LinkVoter:
    return LinkVoter(voter, account, other, None, NOON)


def knows(*facts: object) -> Persons:
    return fold(DECIDER, facts, log="vote.cases")


def standing_like(voter: str, entry: str, day: str = "2021-06-07", at: int = NOON) -> StandingLike:
    return StandingLike(voter, entry, day, at, f"vote.0/{voter}/{entry}{day}")


def test_link_is_stored_as_it_was_proved():
    assert DECIDER.decide(link("v", "s"), knows()) == [linked("v", "s")]


@pytest.mark.parametrize(
    ("before", "order", "decided"),
    [
        pytest.param([linked("v", "s")], link("v", "s"), [], id="the same link again is no news"),
        pytest.param(
            [linked("v", "s")], link("w", "s"), Refused("link-taken", field="other"), id="the first one holds"
        ),
        pytest.param([], link("v", "v"), Refused("link-to-self"), id="nobody is linked to themselves"),
        pytest.param([linked("v", "w")], link("w", "v"), [], id="a link back closes no circle"),
        pytest.param([linked("v", "w")], link("w", "s"), [linked("v", "s")], id="a name of a name leads to the voter"),
        pytest.param([linked("v", "w"), linked("w", "x")], link("v", "x"), [], id="known by way of another is known"),
    ],
)
def test_names_lead_to_one_voter(before: list[object], order: LinkVoter, decided: list[object] | Refused):
    assert DECIDER.decide(order, knows(*before)) == decided


def test_voter_of_a_name_is_the_one_that_stays():
    persons = knows(linked("v", "s"), linked("u", "v", "service"))

    assert [persons.voter_of(name) for name in ("s", "v", "u", "stranger")] == ["u", "u", "u", "stranger"]
    assert persons.people() == [frozenset({"s", "v", "u"})]


@hypothesis.given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=30))
def test_no_story_of_links_makes_a_circle_or_moves_a_name(pairs: list[tuple[str, str]]):
    persons = knows()
    for voter, other in pairs:
        before = {name: persons.voter_of(name) for name in persons.links}
        decided = DECIDER.decide(link(voter, other), persons)
        for fact in decided if not isinstance(decided, Refused) else ():
            persons = DECIDER.evolve(persons, fact, "vote.cases/1/0")
        for name, staying in before.items():
            assert persons.voter_of(name) == persons.voter_of(staying)

    assert all(persons.voter_of(name) not in persons.links for name in "abcdef")


def test_double_of_the_younger_name_is_found_and_others_stand():
    young = [
        standing_like("young", "a", at=NOON + 9),
        standing_like("young", "b"),
        standing_like("young", "a", day="2021-06-08"),
    ]
    likes = {"young": young, "old": [standing_like("old", "a", at=NOON + 10)]}

    found = doubles(likes, {"young": (NOON, "y"), "old": (NOON - 1, "o")})

    assert found == [young[0]]


def test_of_three_names_one_like_stands():
    likes = {name: [standing_like(name, "a")] for name in ("x", "y", "z")}
    begun = {"x": (3, ""), "y": (1, ""), "z": (2, "")}

    assert [each.voter for each in doubles(likes, begun)] == ["z", "x"]


def test_void_names_the_likes_of_each_entry_once():
    found = (standing_like("w", "b"), standing_like("w", "a"), standing_like("w", "a", day="2021-06-08"))

    decided = DECIDER.decide(VoidDoubles(found, NOON), knows())

    assert decided == [
        DoublesVoided("w", "a", tuple(sorted([found[1].like, found[2].like])), SAME_PERSON, NOON),
        DoublesVoided("w", "b", (found[0].like,), SAME_PERSON, NOON),
    ]
    assert DECIDER.decide(VoidDoubles(found, NOON + 1), knows(*decided)) == []


def test_what_the_desk_says_of_size_and_time_is_kept():
    persons = knows(*opened())

    assert persons.campaign is not None
    assert (persons.campaign.likes.partitions, persons.clock) == (8, opened()[0].now)


LIKE = "vote.0/4/0"
DOUBLE = DoublesVoided("w", "a", (LIKE,), SAME_PERSON, NOON)
BY_OFFICERS = VoidDecided("c1", "a", (LIKE,), ("o1", "o2"), "刷赞", "e" * 64, NOON)
RESTORED = LikesRestored("c1", "a", (LIKE,), "o1", NOON + 1)
EXCLUDED = LikesExcluded("C1", "a", (LIKE,), ("o1", "o2"), "刷赞", "e" * 64, NOON)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        pytest.param((), None, id="a like that counts"),
        pytest.param((DOUBLE,), SAME_PERSON, id="a double"),
        pytest.param((BY_OFFICERS,), "刷赞", id="voided by two officers"),
        pytest.param((BY_OFFICERS, RESTORED), None, id="restored"),
        pytest.param((EXCLUDED,), "刷赞", id="voided by a change set"),
        pytest.param((EXCLUDED, RESTORED), "刷赞", id="a change set stays whatever is restored"),
    ],
)
def test_why_a_like_is_void(facts: tuple[object, ...], why: str | None):
    assert knows(*facts).why_void(LIKE) == why


def test_double_that_was_restored_is_not_voided_again():
    found = StandingLike("w", "a", "2021-06-07", NOON, LIKE)

    assert DECIDER.decide(VoidDoubles((found,), NOON + 2), knows(DOUBLE, RESTORED)) == []


class CountedLikes(tuple[str, ...]):
    """Likes that count how often somebody goes through all of them."""

    reads = 0

    def __iter__(self) -> Iterator[str]:
        self.reads += 1
        return super().__iter__()


def test_likes_that_are_restored_are_read_once_however_many_are_void():
    void = tuple(f"vote.0/{n}/0" for n in range(1, 200))
    restored = CountedLikes(void[:50])

    knows(VoidDecided("c1", "a", void, ("o1", "o2"), "刷赞", "e" * 64, NOON), replace(RESTORED, likes=restored))

    assert restored.reads == 1


ADDRESSES = st.lists(st.integers(0, 12).map(lambda n: f"vote.0/{n}/0"), unique=True, max_size=8).map(tuple)


@hypothesis.given(st.lists(st.tuples(st.booleans(), ADDRESSES), max_size=12))
def test_likes_that_are_void_are_those_of_the_plain_formula(steps: list[tuple[bool, tuple[str, ...]]]):
    void: dict[str, str] = {}
    facts = []
    for n, (is_void, likes) in enumerate(steps):
        if is_void:
            facts.append(replace(BY_OFFICERS, likes=likes, reason=f"理由{n}"))
            void |= dict.fromkeys(likes, f"理由{n}")
        else:
            facts.append(replace(RESTORED, likes=likes))
            void = {each: why for each, why in void.items() if each not in set(likes)}

    assert dict(knows(*facts).void) == void
