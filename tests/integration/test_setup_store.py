"""The draft of a campaign file and the set-up secret on the real server: one of several wins, none is spent twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.moderation.setup_store import SetupStore
from tests.integration.temporary_campaign import Place

pytestmark = pytest.mark.slow
OWNERS = 8


def run_at_once(work: Callable[[int], object]) -> list[object]:
    """Run `work` in all threads at once; return their results."""
    together = threading.Barrier(OWNERS)

    def begin(k: int) -> object:
        together.wait()
        return work(k)

    with ThreadPoolExecutor(OWNERS) as pool:
        return list(pool.map(begin, range(OWNERS)))


def test_one_of_several_savings_at_once_wins(place: Place):
    store = SetupStore(place.database)

    first = run_at_once(lambda k: store.save(f"a{k}", revision=0, by="olga", at=k))
    second = run_at_once(lambda k: store.save(f"b{k}", revision=1, by="olga", at=k))

    winners = [each for each in (*first, *second) if each is not None]
    assert len(winners) == 2
    assert store.draft() == winners[1]


def test_secret_is_spent_by_one_of_several_browsers(place: Place):
    store = SetupStore(place.database)
    secret, until = store.issue_secret(now=1_000)

    begun = [each for each in run_at_once(lambda _: store.begin(secret, now=2_000)) if each is not None]

    assert len(begun) == 1
    assert store.begin(secret, now=2_000) is None
    assert not store.is_valid(secret, now=2_000)
    session, ends = begun[0]  # type: ignore[misc]
    assert store.stands(session, now=ends - 1)
    assert not store.stands(session, now=ends)
    store.end()
    assert not store.stands(session, now=2_000)
    assert until > 1_000


def test_secret_that_has_expired_begins_nothing(place: Place):
    store = SetupStore(place.database)
    secret, until = store.issue_secret(now=1_000)

    assert store.begin(secret, now=until) is None
    assert store.begin(secret, now=until - 1) is not None
