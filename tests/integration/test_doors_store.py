"""What the gateway stores for WeChat beside the ledger, on the real server: tokens with one owner, and sessions that
are handed over once.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.voting.handoffs import Handoffs
from services.voting.tokens import Fetched, MongoTokenStore, StoredToken, TokenSource
from shared.session_store import EndedSessions, SessionStore
from shared.stamps import wall_ms
from tests.integration.temporary_campaign import Place

pytestmark = pytest.mark.slow
NAME, HANDOFF, VOTER = "service/access", "h" * 36, "a" * 24
OWNERS = 8


class SlowTokenSource:
    """Issues a new token at each call, slowly, and records how many calls overlap."""

    def __init__(self) -> None:
        self.asked, self.at_once, self.most = 0, 0, 0
        self._lock = threading.Lock()
        self.slow = threading.Event()

    def __call__(self, name: str, force: bool) -> Fetched:  # noqa: ARG002 -- the protocol's signature
        with self._lock:
            self.asked += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            mine = self.asked
        self.slow.wait(0.3)  # long enough for the other callers to arrive
        with self._lock:
            self.at_once -= 1
        return Fetched(f"t{mine}", 7200)


def run_at_once(work: Callable[[int], object]) -> list[object]:
    """Run `work` in all owners at once; return their results."""
    gate = threading.Barrier(OWNERS)

    def begin(k: int) -> object:
        gate.wait()
        return work(k)

    with ThreadPoolExecutor(OWNERS) as pool:
        return list(pool.map(begin, range(OWNERS)))


def test_shelf_swaps_on_the_fence_that_it_was_told(place: Place):
    store = MongoTokenStore(place.database)
    first = StoredToken(fence=1, token="t", renew_at=2**40, expires=2**41)

    assert store.load(NAME) == StoredToken()
    assert [store.swap(NAME, first, fence=0) for _ in range(2)] == [True, False]
    assert [store.swap(NAME, replace(first, fence=2, token="u"), fence=fence) for fence in (7, 1, 1)] == [
        False, True, False,
    ]  # fmt: skip
    assert store.load(NAME) == replace(first, fence=2, token="u")


def test_of_many_owners_one_asks_and_all_have_its_token(place: Place):
    wechat = SlowTokenSource()
    sources = [TokenSource(MongoTokenStore(place.database), wechat, me=f"owner-{k}") for k in range(OWNERS)]

    tokens = run_at_once(lambda k: sources[k].token(NAME, within_s=60).token)

    assert (tokens, wechat.asked, wechat.most) == (["t1"] * OWNERS, 1, 1)


def test_refused_token_is_renewed_by_one_of_many(place: Place):
    wechat = SlowTokenSource()
    sources = [TokenSource(MongoTokenStore(place.database), wechat, me=f"owner-{k}") for k in range(OWNERS)]
    sources[0].token(NAME)

    tokens = run_at_once(lambda k: sources[k].token(NAME, stale="t1", within_s=60).token)

    assert (tokens, wechat.asked) == (["t2"] * OWNERS, 2)


def test_of_many_takers_one_gets_the_session(place: Place):
    handoffs = Handoffs(place.database)
    assert handoffs.state(HANDOFF) == "waiting"
    assert handoffs.confirm(HANDOFF, VOTER)
    assert handoffs.state(HANDOFF) == "confirmed"

    taken = run_at_once(lambda _: Handoffs(place.database).take(HANDOFF))

    assert sorted(taken, key=str) == [None] * (OWNERS - 1) + [VOTER]
    assert handoffs.state(HANDOFF) == "taken"
    assert place.database["handoffs"].find_one({"_id": HANDOFF})["voter"] == ""


def test_handoff_that_was_taken_is_not_confirmed_again(place: Place):
    handoffs = Handoffs(place.database)
    assert [handoffs.confirm(HANDOFF, voter) for voter in (VOTER, VOTER, "b" * 24)] == [True, True, False]
    handoffs.take(HANDOFF)

    assert not handoffs.confirm(HANDOFF, VOTER)
    assert handoffs.take(HANDOFF) is None


def test_handoff_ends_after_five_minutes_and_is_swept(place: Place):
    now = [wall_ms()]
    handoffs = Handoffs(place.database, now=lambda: now[0])
    handoffs.confirm(HANDOFF, VOTER)
    now[0] += 300_000

    assert handoffs.take(HANDOFF) is None
    assert handoffs.state(HANDOFF) == "waiting"
    handoffs.confirm("i" * 36, VOTER)
    assert place.database["handoffs"].count_documents({}) == 1


def test_session_stands_until_it_is_ended_or_its_credentials_change(place: Place):
    store = SessionStore(place.database, "staff")
    mine, other = (store.begin("mo", credentials="1", agent="Chrome", life_ms=60_000) for _ in range(2))

    assert [each.session for each in store.of("mo", lambda _, mark: mark == "1")] != []
    store.move(mine, "mo", credentials="2")
    assert [store.use(each, lambda _, mark: mark == "2") is not None for each in (mine, other)] == [True, False]
    store.end(mine, "mo")
    assert store.of("mo", lambda _, mark: mark == "2") == []
    assert place.database["sessions"].count_documents({}) == 0


def test_sessions_are_swept_when_their_time_is_over(place: Place):
    now = [wall_ms()]
    store = SessionStore(place.database, "staff", now=lambda: now[0])
    ended = EndedSessions(place.database, now=lambda: now[0])
    for _ in range(2):
        store.begin("mo", credentials="1", agent="Chrome", life_ms=60_000)
        ended.end(f"s{now[0]}", expires=now[0] + 60_000)
        now[0] += 60_000

    assert place.database["sessions"].count_documents({}) == 1
    assert place.database["ended_sessions"].count_documents({}) == 1
    assert ended.all() == {}
