"""Tests of the list of one voter's likes of all days, which is read from the voter's log."""

import pytest

from gateway.backends.like_batches import partition_of
from services.voting.queries import own_likes
from services.voting.receipts import receipt
from services.voting.voter_likes import VoterLikes, VotersLike, log_of
from shared.errors import Unreachable
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.persons import ANN, BEN, append, liked, unliked
from tests.unit.voting.stories import NOON

KEY = b"k" * 32


def test_voter_is_looked_for_in_the_log_that_the_gateway_chooses():
    voters = [f"{k:024x}" for k in range(200)]

    assert [log_of(each, 7) for each in voters] == [f"vote.{partition_of(each, 7)}" for each in voters]


def test_likes_of_all_days_are_found_and_nobody_else_s():
    ledger = MemoryLedger()
    append(ledger, "vote.0", [liked(ANN, "a"), liked(BEN, "a")], [liked(BEN, "b", day=8), liked(ANN, "b", day=9)])

    assert VoterLikes(ledger).of(ANN, 1) == [
        VotersLike("vote.0/1/0", "a", "2021-06-07", NOON, held=False, retracted=False),
        VotersLike("vote.0/2/1", "b", "2021-06-09", NOON, held=False, retracted=False),
    ]


def test_like_that_was_taken_back_meanwhile_is_found_as_taken_back():
    ledger = MemoryLedger()
    append(ledger, "vote.0", [liked(ANN, "a")])
    index = VoterLikes(ledger)
    before = [each.retracted for each in index.of(ANN, 1)]

    append(ledger, "vote.0", [unliked("vote.0/1/0", ANN, "a")])

    assert (before, [each.retracted for each in index.of(ANN, 1)]) == ([False], [True])


def test_log_that_could_not_be_read_is_read_at_the_next_question():
    ledger = MemoryLedger()
    append(ledger, "vote.0", [liked(ANN, "a")])
    index = VoterLikes(ledger)
    ledger.fail_reads(times=1)
    with pytest.raises(Unreachable):
        index.of(ANN, 1)

    assert [each.entry for each in index.of(ANN, 1)] == ["a"]


def test_own_likes_are_newest_first_with_what_became_of_each():
    likes = [
        VotersLike("vote.0/1/0", "a", "2021-06-07", NOON, held=False, retracted=False),
        VotersLike("vote.0/1/1", "b", "2021-06-07", NOON + 1, held=True, retracted=False),
        VotersLike("vote.0/2/0", "c", "2021-06-08", NOON + 2, held=False, retracted=True),
        VotersLike("vote.0/2/1", "d", "2021-06-08", NOON + 3, held=True, retracted=False),
    ]

    shown = own_likes(likes, {"vote.0/2/1": "刷赞", "vote.0/2/0": "刷赞"}.get, KEY)

    assert [(each["entry"], each["status"], each["reason"]) for each in shown] == [
        ("d", "void", "刷赞"),
        ("c", "retracted", None),
        ("b", "pending", None),
        ("a", "counted", None),
    ]
    assert [each["receipt"] for each in shown][-1] == receipt(KEY, "vote.0/1/0")
