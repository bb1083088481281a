"""Likes are grouped by what they share, and no group tells of a single person."""

from collections.abc import Mapping
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from services.voting import cohorts
from services.voting.cohorts import FEWEST, Choice, Cohorts, TooManyLikes
from services.voting.events import LikeCast
from tests.unit.voting.stories import HOUR, NOON, liked, unliked

ZONE = "Asia/Shanghai"


def no_signals(_: LikeCast) -> Mapping[str, str]:
    raise AssertionError("no signal is needed")


def grouped(*facts: object, by: str = "hour", **choice: Any) -> Cohorts:
    found = Cohorts(Choice(by, ZONE, **choice), no_signals)
    for i, fact in enumerate(facts):
        found.take(fact, f"vote.0/{i + 1}/0")
    return found


def crowd(entry: str = "a", at: int = NOON, *, size: int = FEWEST, name: str = "v") -> list[LikeCast]:
    return [liked(entry, at + i, voter=f"{name}{i}") for i in range(size)]


def test_groups_are_told_with_their_entries_the_largest_first():
    found = grouped(*crowd(), *crowd("b"), *crowd("a", NOON + HOUR)).groups()

    assert found["groups"] == [
        {
            "key": "2021-06-07 12:00", "likes": 6, "voters": 3, "first_at": NOON, "last_at": NOON + 2,
            "entries": [{"entry": "a", "likes": 3}, {"entry": "b", "likes": 3}],
        },
        {
            "key": "2021-06-07 13:00", "likes": 3, "voters": 3, "first_at": NOON + HOUR, "last_at": NOON + HOUR + 2,
            "entries": [{"entry": "a", "likes": 3}],
        },
    ]  # fmt: skip
    assert (found["likes"], found["voters"], found["more"]) == (9, 3, 0)


def test_groups_of_few_voters_are_one_number_and_their_likes_are_not_listed():
    found = grouped(*crowd(size=2), *crowd("b", NOON + HOUR))

    assert [each["key"] for each in found.groups()["groups"]] == ["2021-06-07 13:00"]
    assert found.groups()["small"] == {"groups": 1, "likes": 2, "fewest": 3}
    assert found.addresses("2021-06-07 12:00") == []
    assert found.addresses("2021-06-07 13:00") == ["vote.0/3/0", "vote.0/4/0", "vote.0/5/0"]


def test_like_that_was_taken_back_is_in_no_group():
    found = grouped(*crowd(size=4), unliked("vote.0/1/0", "a", NOON + HOUR, voter="v0"))

    assert (found.groups()["likes"], found.addresses("2021-06-07 12:00")) == (
        3, ["vote.0/2/0", "vote.0/3/0", "vote.0/4/0"],
    )  # fmt: skip


def test_voters_are_grouped_by_their_first_like_ever_also_when_other_likes_are_chosen():
    likes = [*crowd(), *crowd("b", NOON + HOUR)]

    assert [each["key"] for each in grouped(*likes, by="first-hour", entry="b").groups()["groups"]] == [
        "2021-06-07 12:00"
    ]


@pytest.mark.parametrize(("grouping", "signal"), list(cohorts.SIGNALS.items()))
def test_signal_is_opened_only_for_a_group_that_needs_it(grouping: str, signal: str):
    found = Cohorts(Choice(grouping, ZONE), lambda _: {signal: "9f86d081"})
    for i, like in enumerate(crowd()):
        found.take(like, f"vote.0/{i + 1}/0")

    assert [(each["key"], each["likes"]) for each in found.groups()["groups"]] == [("9f86d081", 3)]


def test_likes_without_the_signal_are_a_group_of_their_own():
    found = Cohorts(Choice("device", ZONE), lambda _: {})
    for i, like in enumerate(crowd()):
        found.take(like, f"vote.0/{i + 1}/0")

    assert ([each["key"] for each in found.groups()["groups"]], len(found.addresses(""))) == ([""], 3)


def test_times_are_from_the_first_instant_to_before_the_second():
    found = grouped(*crowd(size=4), by="door", since=NOON + 1, until=NOON + 3)

    assert (found.groups()["likes"], found.groups()["small"]["likes"]) == (2, 2)


def test_more_likes_than_can_be_grouped_at_once_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cohorts, "MOST_LIKES", 2)

    with pytest.raises(TooManyLikes):
        grouped(*crowd())


@hypothesis.given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.integers(0, 4)), max_size=40))
def test_every_like_is_in_one_group_whatever_they_share(rows: list[tuple[str, int, int]]):
    likes = [liked(entry, NOON + hour * HOUR, voter=f"v{voter}") for entry, hour, voter in rows]

    found = grouped(*likes)
    told = found.groups()

    assert sum(each["likes"] for each in told["groups"]) + told["small"]["likes"] == len(likes) == told["likes"]
    assert sum(len(found.addresses(each["key"])) for each in told["groups"]) == told["likes"] - told["small"]["likes"]
