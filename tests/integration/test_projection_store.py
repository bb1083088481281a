"""Projections stored with their cuts on the real server: one write carries both, and no cut ever goes back."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from services.ranking.read_model.projection import RankingProjection
from shared import streams
from shared.commit import Commit
from shared.cursors import MongoCursors
from shared.cut import Cut
from shared.errors import Unreachable
from shared.follower import Follower
from shared.mongo_ledger import connect
from shared.projection import ProjectionStore, Projector, advance
from shared.testing.tcp_proxy import TcpProxy
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.voting.stories import NOON, liked, opened, unliked

pytestmark = pytest.mark.slow

LOGS = ("moderation", "vote.0", "vote.1")


def write_votes(place: Place, count: int = 60) -> None:
    """Write an open campaign and two logs of likes and unlikes, with a few events in each commit."""
    place.append("moderation", opened())
    for p in range(2):
        commits = []
        for k in range(count):
            events: list[object] = [liked("ab"[k % 2], NOON + k, voter=f"{p}-{k}-{i}") for i in range(1 + k % 5)]
            if k % 7 == 6:
                events.append(unliked(f"vote.{p}/{k}/0", "ab"[(k - 1) % 2], NOON + k, voter=f"{p}-{k - 1}-0"))
            commits.append(events)
        place.append(f"vote.{p}", *commits)


def fold_to(place: Place, cut: Cut) -> Projector[Any]:
    """Fold the ledger from commit 1 to a cut."""
    return advance(Projector(RankingProjection()), place.ledger, cut)


def image(place: Place, cut: Cut) -> bytes:
    """Return the canonical bytes of the projection at a cut."""
    return fold_to(place, cut).canonical()


def backward_steps(cuts: Iterable[Cut]) -> list[tuple[Cut, Cut]]:
    """Return the pairs of successive cuts in which the later one does not cover the earlier one."""
    seen = list(cuts)
    return [(before, after) for before, after in pairwise(seen) if not after.covers(before)]


def test_kept_table_comes_back_with_its_cut(place: Place):
    write_votes(place)
    store, cut = ProjectionStore(place.database), Cut({"moderation": 1, "vote.0": 40, "vote.1": 7})

    kept = store.keep(fold_to(place, cut))

    found = store.load(RankingProjection())
    assert kept is True
    assert found.cut == cut
    assert found.canonical() == image(place, cut)


def test_nothing_kept_is_a_fold_that_has_not_begun(place: Place):
    found = ProjectionStore(place.database).load(RankingProjection())

    assert found.cut == Cut()
    assert found.canonical() == Projector(RankingProjection()).canonical()


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param({"moderation": 1, "vote.0": 9, "vote.1": 10}, id="behind in one log"),
        pytest.param({"moderation": 1, "vote.0": 9, "vote.1": 30}, id="behind in one log, far ahead in another"),
        pytest.param({"moderation": 1, "vote.0": 9, "vote.1": 11}, id="behind in one log, as far ahead in another"),
        pytest.param({"vote.0": 40, "vote.1": 40}, id="without one log"),
        pytest.param({}, id="not begun"),
    ],
)
def test_table_that_is_behind_does_not_replace_the_kept_one(place: Place, behind: dict[str, int]):
    write_votes(place)
    store, cut = ProjectionStore(place.database), Cut({"moderation": 1, "vote.0": 10, "vote.1": 10})
    store.keep(fold_to(place, cut))

    kept = store.keep(fold_to(place, Cut(behind)))

    found = store.load(RankingProjection())
    assert kept is False
    assert found.cut == cut
    assert found.canonical() == image(place, cut)


def test_two_projectors_keep_whole_tables_that_never_go_back(place: Place):
    write_votes(place)
    orders = [
        [*place.commits("moderation"), *place.commits("vote.0"), *place.commits("vote.1")],
        [*place.commits("vote.1"), *place.commits("moderation"), *place.commits("vote.0")],
    ]
    over = threading.Event()

    def project(commits: list[Commit], every: int) -> int:
        """Store the projection every few commits, and go on if the stored one is further; return how often it was."""
        store, projector, late = ProjectionStore(place.database), Projector(RankingProjection()), 0
        for k, commit in enumerate(commits):
            projector.take_in(commit)
            if k % every == 0:
                late += not store.keep(projector)
        assert store.keep(projector)
        return late

    def read() -> list[tuple[Cut, bytes]]:
        store, seen = ProjectionStore(place.database), []
        while not over.is_set():
            found = store.load(RankingProjection())
            seen.append((found.cut, found.canonical()))
        return seen

    with ThreadPoolExecutor(4) as pool:
        reading = pool.submit(read)
        projecting = [pool.submit(project, commits, 3 + k) for k, commits in enumerate(orders)]
        late = [each.result(60) for each in projecting]
        over.set()
        seen = reading.result(60)

    last = ProjectionStore(place.database).load(RankingProjection())
    assert backward_steps(cut for cut, _ in seen) == []
    assert [cut for cut, table in dict(seen).items() if table != image(place, cut)] == []
    assert last.cut == Cut({"moderation": 1, "vote.0": 60, "vote.1": 60})
    assert sum(late) > 0


@pytest.mark.parametrize(
    "stands_at", [pytest.param(10, id="before it arrives"), pytest.param(20, id="before its answer arrives")]
)
def test_projector_cut_off_in_the_write_leaves_a_whole_table(place: Place, stands_at: int):
    write_votes(place)
    before, after = Cut({"moderation": 1, "vote.0": 10}), Cut({"moderation": 1, "vote.0": 20})
    store = ProjectionStore(place.database)
    store.keep(fold_to(place, before))

    with (
        TcpProxy.before(place.settings.mongo_uri) as proxy,
        connect(proxy.uri, timeout_ms=2_000) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        dying = ProjectionStore(client[place.settings.database])
        dying.load(RankingProjection())
        proxy.delay(0.3)
        keeping = pool.submit(dying.keep, fold_to(place, after))
        wait(lambda: store.load(RankingProjection()).cut["vote.0"] == stands_at, what="the write has reached the proxy")
        proxy.refuse()
        with pytest.raises(Unreachable):
            keeping.result(30)

    found = store.load(RankingProjection())
    assert found.cut == Cut({"moderation": 1, "vote.0": stands_at})
    assert found.canonical() == image(place, found.cut)


@pytest.mark.parametrize("at", [0, 1, 17, 59, 60], ids=lambda at: f"kept after {at} commits")
def test_kept_table_and_the_tail_give_what_commit_one_gives(place: Place, at: int):
    write_votes(place)
    store = ProjectionStore(place.database)
    store.keep(fold_to(place, Cut({"moderation": min(at, 1), "vote.0": at, "vote.1": at // 2})))

    projector = store.load(RankingProjection())
    for log in reversed(LOGS):
        for commit in place.ledger.read(log, projector.cut[log]):
            projector.take_in(commit)

    whole = Cut({"moderation": 1, "vote.0": 60, "vote.1": 60})
    assert projector.cut == whole
    assert projector.canonical() == image(place, whole)


def test_rebuild_from_streams_with_repeats_and_holes_equals_the_ledger(place: Place):
    write_votes(place)
    with place.broker() as connection:
        for log in LOGS:
            streams.declare(connection, place.campaign, log)
        publisher = streams.ConfirmedPublisher(connection)
        # the other commits never reach the streams
        place.relay(MongoCursors(place.database), LOGS).step(publisher, at_most=25)
        # these commits reach the streams twice
        place.relay(MongoCursors(place.database, owner="second"), LOGS).step(publisher, at_most=9)
        projector = Projector(RankingProjection())
        follower = Follower(place.ledger, dict.fromkeys(LOGS, 0), projector.take_in)
        messages = streams.read_streams(connection, place.campaign, LOGS, offset="first")
        came = 0
        while came < 1 + 25 + 25 + 1 + 9 + 9:
            commit = next(messages)
            if commit is not None:
                came += 1
                follower.offer(commit)
        follower.catch_up()

    whole = Cut({"moderation": 1, "vote.0": 60, "vote.1": 60})
    assert projector.cut == whole
    assert projector.canonical() == image(place, whole)


def test_deleted_table_is_folded_from_commit_one(place: Place):
    write_votes(place)
    store = ProjectionStore(place.database)
    store.keep(fold_to(place, Cut({"vote.0": 5})))

    place.database["projections"].delete_many({})

    assert store.load(RankingProjection()).cut == Cut()
