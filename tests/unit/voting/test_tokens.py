"""Tests of WeChat's tokens: one owner, renewal in time, and no overwriting by a process that slept."""

from dataclasses import replace

import pytest

from services.voting.tokens import (
    COOL_MS,
    EARLY_MS,
    FORCED_APART_MS,
    JITTER_MS,
    LEASE_MS,
    StoredToken,
    TokenSource,
    TokenUnavailable,
)
from tests.unit.voting.token_stores import Clock, MemoryTokenStore, Mint

NAME = "service/access"
HOUR_MS = 3_600_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mint() -> Mint:
    return Mint()


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


def source(store: MemoryTokenStore, mint: Mint, clock: Clock, me: str = "one") -> TokenSource:
    return TokenSource(store, mint, me=me, now=clock.now, sleep=clock.sleep)


def test_token_is_asked_for_once_and_kept_for_all(store: MemoryTokenStore, mint: Mint, clock: Clock):
    tokens = [source(store, mint, clock, me).token(NAME).token for me in ("one", "two", "one")]

    assert tokens == ["t1", "t1", "t1"]
    assert mint.asked == [(NAME, False)]


@pytest.mark.parametrize(
    ("left_ms", "asked"),
    [(EARLY_MS + JITTER_MS + 1000, 1), (EARLY_MS - JITTER_MS - 1000, 2)],
    ids=["not before it is time", "five minutes before its end"],
)
def test_token_is_renewed_early(store: MemoryTokenStore, mint: Mint, clock: Clock, left_ms: int, asked: int):
    one = source(store, mint, clock)
    clock.ms = one.token(NAME).expires - left_ms

    one.token(NAME)

    assert len(mint.asked) == asked


def test_while_one_renews_the_others_have_the_old_token(store: MemoryTokenStore, mint: Mint, clock: Clock):
    one, other, heard = source(store, mint, clock), source(store, mint, clock, "other"), []
    clock.ms = one.token(NAME).expires - 1000
    mint.meanwhile = lambda: heard.append(other.token(NAME).token)

    renewed = one.token(NAME).token

    assert (renewed, heard, len(mint.asked)) == ("t2", ["t1"], 2)


def test_first_token_is_waited_for_by_who_does_not_renew_it(store: MemoryTokenStore, mint: Mint, clock: Clock):
    leased = StoredToken(fence=1, holder="one", leased_until=clock.ms + LEASE_MS)
    store.swap(NAME, leased, fence=0)
    stored = replace(leased, fence=2, holder="", leased_until=0, token="t9", renew_at=clock.ms + 9_000, expires=2**62)
    clock.meanwhile = lambda: store.kept.update({NAME: stored})

    assert source(store, mint, clock, "other").token(NAME).token == "t9"
    assert mint.asked == []


def test_owner_who_slept_through_its_lease_overwrites_nothing(store: MemoryTokenStore, mint: Mint, clock: Clock):
    one, other = source(store, mint, clock), source(store, mint, clock, "other")

    def slept() -> None:
        mint.meanwhile = lambda: None
        clock.ms += LEASE_MS + 1
        assert other.token(NAME).token == "t2"

    mint.meanwhile = slept

    assert one.token(NAME).token == "t2"  # the token that it fetched itself is dropped
    assert store.load(NAME).token == "t2"


def test_refused_token_is_renewed_by_force_once(store: MemoryTokenStore, mint: Mint, clock: Clock):
    one, other = source(store, mint, clock), source(store, mint, clock, "other")
    one.token(NAME)
    clock.ms += HOUR_MS

    tokens = [each.token(NAME, stale="t1").token for each in (one, other, one)]

    assert tokens == ["t2", "t2", "t2"]
    assert mint.asked == [(NAME, False), (NAME, True)]


def test_second_force_waits_as_wechat_wants(store: MemoryTokenStore, mint: Mint, clock: Clock):
    one = source(store, mint, clock)
    one.token(NAME)
    one.token(NAME, stale="t1")
    clock.ms += FORCED_APART_MS - 1

    with pytest.raises(TokenUnavailable):
        one.token(NAME, stale="t2")
    clock.ms += 1

    assert one.token(NAME, stale="t2").token == "t3"


def test_failure_leaves_the_old_token_while_it_lasts(store: MemoryTokenStore, mint: Mint, clock: Clock):
    one = source(store, mint, clock)
    clock.ms = one.token(NAME).expires - 60_000
    mint.broken = True

    assert [one.token(NAME).token for _ in range(3)] == ["t1"] * 3
    assert len(mint.asked) == 2  # after a failure there is a pause
    clock.ms += COOL_MS + 1
    mint.broken = False
    assert one.token(NAME).token == "t3"


def test_without_any_token_failure_is_said_in_time(store: MemoryTokenStore, mint: Mint, clock: Clock):
    mint.broken = True
    started = clock.ms

    for within_s in (2.5, 2.5):
        with pytest.raises(TokenUnavailable):
            source(store, mint, clock).token(NAME, within_s=within_s)

    assert clock.ms - started <= 2600
    assert len(mint.asked) == 1  # the second caller waits, because a failed request is not repeated at once


def test_token_that_lasts_a_minute_is_not_renewed_at_once(store: MemoryTokenStore, mint: Mint, clock: Clock):
    mint.lasts_s = 60
    one = source(store, mint, clock)
    one.token(NAME)
    clock.ms += 29_000
    one.token(NAME)

    assert len(mint.asked) == 1
