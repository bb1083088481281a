"""Relay, streams and follower on a real broker: commits may be repeated, missing or cut off, and each is applied
once.
"""

import threading
from collections.abc import Callable, Iterable
from itertools import islice

import bson
import pytest

from services.ranking.read_model.projection import RankingProjection
from shared import streams
from shared.commit import Commit
from shared.cursors import MongoCursors
from shared.cut import Cut
from shared.errors import BrokerUnreachable, FollowerStopped
from shared.follower import Follower
from shared.mongo_ledger import MongoLedger, connect
from shared.projection import Projector
from shared.relay import Relay
from shared.testing.tcp_proxy import TcpProxy
from tests.integration.temporary_campaign import Place
from tests.integration.threads import running_follower, running_thread, wait
from tests.unit.voting.stories import NOON, liked, unliked

pytestmark = pytest.mark.slow

LOGS = ("vote.0", "vote.1")


def commits(count: int) -> list[list[object]]:
    """Return the events of so many commits, one like each."""
    return [[liked("a", NOON + k, voter=f"v{k}")] for k in range(count)]


def addresses(log: str, first: int, last: int) -> list[str]:
    return [f"{log}/{n}" for n in range(first, last + 1)]


def relay(place: Place) -> Relay:
    """Return a relay that goes on at the stored cursor."""
    return place.relay(MongoCursors(place.database), LOGS)


def declare(place: Place) -> None:
    with place.broker() as connection:
        for log in LOGS:
            streams.declare(connection, place.campaign, log)


def relay_to_end(relay: Relay, place: Place, *, at_most: int = 500) -> int:
    """Run a relay to the end of its logs; return how many commits it sent."""
    with place.broker() as connection:
        publisher = streams.ConfirmedPublisher(connection)
        return sum(iter(lambda: relay.step(publisher, at_most=at_most), 0))


def publish_these(place: Place, some: Iterable[Commit]) -> None:
    """Publish exactly these commits, in this order."""
    with place.broker() as connection:
        publisher = streams.ConfirmedPublisher(connection)
        for commit in some:
            publisher.publish(place.stream(commit.log), bson.encode(commit.document))
        publisher.flush()


def stream_commits(place: Place, count: int) -> list[Commit]:
    """Return the first `count` messages of both streams."""
    with place.broker() as connection:
        messages = streams.read_streams(connection, place.campaign, LOGS, offset="first")
        return list(islice((each for each in messages if each is not None), count))


def applied_by_follower(place: Place, some: Iterable[Commit]) -> list[str]:
    """Offer these commits to a follower; return what it applies, in order."""
    applied: list[str] = []
    follower = Follower(place.ledger, dict.fromkeys(LOGS, 0), lambda each: applied.append(f"{each.log}/{each.n}"))
    for commit in some:
        follower.offer(commit)
    return applied


def relay_loop(place: Place) -> Callable[[Callable[[], bool]], None]:
    """Return work that runs the relay's loop as `deploy.run relay` does."""

    def work(stop: Callable[[], bool]) -> None:
        while not stop():
            declare(place)
            try:
                with place.broker() as connection:
                    publisher, moving = streams.ConfirmedPublisher(connection), relay(place)
                    while not stop():
                        if not moving.step(publisher):
                            streams.drain(connection, 0.02)
            except BrokerUnreachable:
                continue

    return work


def test_every_commit_reaches_its_stream_in_number_order(place: Place):
    declare(place)
    place.append("vote.0", *commits(300))
    place.append("vote.1", *commits(40))

    sent = relay_to_end(relay(place), place)

    arrived = stream_commits(place, sent)
    assert [each.n for each in arrived if each.log == "vote.0"] == list(range(1, 301))
    assert [each.n for each in arrived if each.log == "vote.1"] == list(range(1, 41))
    stored = {(log, each.n): each.document for log in LOGS for each in place.commits(log)}
    assert {(each.log, each.n): each.document for each in arrived} == stored


def test_relay_goes_on_where_the_last_one_stopped(place: Place):
    declare(place)
    place.append("vote.0", *commits(20))
    before = relay_to_end(relay(place), place)
    place.append("vote.0", *commits(5))

    after = relay_to_end(relay(place), place)

    assert (before, after) == (20, 5)
    assert [each.n for each in stream_commits(place, 25)] == list(range(1, 26))


def test_relay_that_lost_its_cursor_repeats_and_the_follower_applies_once(place: Place):
    declare(place)
    place.append("vote.0", *commits(30))
    relay_to_end(relay(place), place)
    place.database["cursors"].delete_many({})

    again = relay_to_end(relay(place), place)

    arrived = stream_commits(place, 60)
    assert again == 30
    assert [each.n for each in arrived] == [*range(1, 31), *range(1, 31)]
    assert applied_by_follower(place, arrived) == addresses("vote.0", 1, 30)


def test_two_relays_at_once_lose_nothing(place: Place):
    declare(place)
    place.append("vote.0", *commits(120))
    place.append("vote.1", *commits(80))
    pair = [relay(place), relay(place)]

    sent = [0, 0]
    threads = [
        threading.Thread(target=lambda k=k: sent.__setitem__(k, relay_to_end(pair[k], place, at_most=7 + 4 * k)))
        for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    applied = applied_by_follower(place, stream_commits(place, sum(sent)))
    assert sent == [200, 200]
    assert [each for each in applied if each.startswith("vote.0")] == addresses("vote.0", 1, 120)
    assert [each for each in applied if each.startswith("vote.1")] == addresses("vote.1", 1, 80)


def test_relay_without_a_stream_says_so_and_keeps_no_cursor(place: Place):
    place.append("vote.0", *commits(3))
    moving = relay(place)

    with pytest.raises(BrokerUnreachable, match="unroutable"):
        relay_to_end(moving, place)

    assert moving.positions == {"vote.0": 0, "vote.1": 0}
    assert MongoCursors(place.database).load() == {}


def test_commits_that_never_reached_the_stream_are_read_from_the_ledger(place: Place):
    declare(place)
    place.append("vote.0", *commits(50))
    holes = {*range(1, 4), *range(10, 21), 37}
    shown = [each for each in place.commits("vote.0") if each.n not in holes]
    publish_these(place, shown)

    applied = applied_by_follower(place, stream_commits(place, len(shown)))

    assert applied == addresses("vote.0", 1, 50)


def test_commits_that_arrive_in_disorder_are_applied_in_order(place: Place):
    declare(place)
    place.append("vote.0", *commits(20))
    publish_these(place, reversed(place.commits("vote.0")))

    applied = applied_by_follower(place, stream_commits(place, 20))

    assert applied == addresses("vote.0", 1, 20)


def test_follower_goes_on_when_its_stream_is_deleted_under_it(place: Place):
    declare(place)
    with running_thread(relay_loop(place)), running_follower(place, LOGS) as watched:
        place.append("vote.0", *commits(20))
        watched.until(lambda seen: len(seen) >= 20)
        with place.broker() as connection:
            connection.channel().queue_delete(place.stream("vote.0"))
        place.append("vote.0", *commits(20))
        watched.until(lambda seen: len(seen) >= 40)
        place.append("vote.0", *commits(20))
        applied = watched.until(lambda seen: len(seen) >= 60)

    assert applied == addresses("vote.0", 1, 60)


def test_follower_goes_on_when_its_connection_is_cut(place: Place):
    declare(place)
    with (
        TcpProxy.before(place.settings.amqp_uri) as proxy,
        running_thread(relay_loop(place)),
        running_follower(place, LOGS, amqp_uri=proxy.uri) as watched,
    ):
        for cuts in range(1, 4):
            place.append("vote.0", *commits(20))
            proxy.cut()
            place.append("vote.0", *commits(20))
            applied = watched.until(lambda seen, cuts=cuts: len(seen) >= 40 * cuts)

    assert applied == addresses("vote.0", 1, 120)


@pytest.mark.parametrize("answers", range(1, 13))
def test_follower_goes_on_wherever_its_first_connection_is_cut(place: Place, answers: int):
    declare(place)
    place.append("vote.0", *commits(3))
    with TcpProxy.before(place.settings.amqp_uri) as proxy:
        proxy.cut_after(answers=answers)
        with running_follower(place, LOGS, amqp_uri=proxy.uri) as watched:
            applied = watched.until(lambda seen: len(seen) >= 3)

    assert applied == addresses("vote.0", 1, 3)


def test_publisher_whose_connection_is_cut_as_it_is_made_says_that_the_broker_is_away(place: Place):
    with TcpProxy.before(place.settings.amqp_uri) as proxy, streams.connect(proxy.uri) as connection:
        proxy.cut()

        with pytest.raises(BrokerUnreachable):
            streams.ConfirmedPublisher(connection)


def test_follower_without_a_broker_follows_the_ledger(place: Place):
    declare(place)
    with (
        TcpProxy.before(place.settings.amqp_uri) as proxy,
        running_follower(place, LOGS, amqp_uri=proxy.uri) as watched,
    ):
        proxy.refuse()
        place.append("vote.1", *commits(30))
        away = watched.until(lambda seen: len(seen) >= 30)
        proxy.accept()
        place.append("vote.1", *commits(10))
        applied = watched.until(lambda seen: len(seen) >= 40)

    assert away == addresses("vote.1", 1, 30)
    assert applied == addresses("vote.1", 1, 40)


def test_follower_that_starts_without_a_broker_goes_to_it_when_it_comes(place: Place):
    declare(place)
    place.append("vote.0", *commits(10))
    with TcpProxy.before(place.settings.amqp_uri) as proxy:
        proxy.refuse()
        with running_follower(place, LOGS, amqp_uri=proxy.uri) as watched:
            away = watched.until(lambda seen: len(seen) >= 10)
            proxy.accept()
            wait(lambda: proxy.connections, what="the follower is connected")
            place.append("vote.0", *commits(10))
            applied = watched.until(lambda seen: len(seen) >= 20)

    assert away == addresses("vote.0", 1, 10)
    assert applied == addresses("vote.0", 1, 20)


def test_follower_goes_on_when_broker_and_ledger_come_back(place: Place):
    declare(place)
    with (
        TcpProxy.before(place.settings.amqp_uri) as broker,
        TcpProxy.before(place.settings.mongo_uri) as server,
        connect(server.uri, timeout_ms=500) as client,
        running_follower(
            place, LOGS, amqp_uri=broker.uri, ledger=MongoLedger(client[place.settings.database])
        ) as watched,
    ):
        broker.refuse()
        server.refuse()
        place.append("vote.1", *commits(30))
        server.accept()
        watched.until(lambda seen: len(seen) >= 30)
        broker.accept()
        place.append("vote.1", *commits(10))
        applied = watched.until(lambda seen: len(seen) >= 40)

    assert applied == addresses("vote.1", 1, 40)


def test_event_that_cannot_be_applied_stops_the_follower_and_is_named(place: Place):
    declare(place)
    place.append("vote.0", *commits(2), [liked("a", NOON), unliked("vote.0/1/0", "a", NOON)], *commits(3))
    place.database["commits"].update_one({"_id": "vote.0/000000000003"}, {"$set": {"runs.1.type": "of-tomorrow"}})
    projector = Projector(RankingProjection())
    follower = Follower(place.ledger, {"vote.0": 0}, projector.take_in, role=place.campaign)

    with pytest.raises(FollowerStopped) as stopped:
        follower.catch_up()

    assert stopped.value.address == "vote.0/3/1"
    assert follower.stopped is stopped.value
    assert follower.positions == {"vote.0": 2}
    assert projector.cut == Cut({"vote.0": 2})


def test_stopped_follower_stands_where_it_is_whatever_comes(place: Place):
    declare(place)

    def apply(commit: Commit) -> None:
        if commit.n == 3:
            raise ValueError("not of this code")

    with (  # noqa: PT012
        pytest.raises(FollowerStopped, match=r"vote\.0/3") as stopped,
        running_follower(place, LOGS, apply=apply) as watched,
    ):
        place.append("vote.0", *commits(5))
        relay_to_end(relay(place), place)
        watched.wait_end()

    assert watched.seen == addresses("vote.0", 1, 2)
    assert isinstance(stopped.value.__cause__, ValueError)
