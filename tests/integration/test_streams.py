"""Relay, streams and follower on a real broker: whatever is repeated, missing or cut, each commit is applied once."""

from collections.abc import Iterable
from itertools import islice

import bson
import pytest
from kombu.exceptions import OperationalError

from shared import metrics, streams
from shared.commit import Commit
from shared.cursors import MongoCursors
from shared.errors import BrokerUnreachable, FollowerStopped
from shared.follower import Follower, follow
from shared.projection import Projector
from shared.relay import Relay
from services.ranking.projection import RankingProjection
from tests.integration.places import Place
from tests.integration.threads import at_work, following
from tests.unit.voting.stories import NOON, liked

pytestmark = pytest.mark.slow

LOGS = ("vote.0", "vote.1")


def commits(count: int) -> list[list[object]]:
    return [[liked("a", NOON + k, voter=f"v{k}")] for k in range(count)]


def names(log: str, numbers: Iterable[int]) -> list[str]:
    return [f"{log}/{n}" for n in numbers]


def publish_all(relay: Relay, place: Place, *, at_most: int = 500) -> int:
    """Let a relay come to the end of its logs; how many commits it sent."""
    with place.broker() as connection:
        for log in LOGS:
            streams.declare(connection, place.stream(log))
        publisher = streams.ConfirmedPublisher(connection)
        return sum(iter(lambda: relay.step(publisher, at_most=at_most), 0))


def streamed(place: Place, count: int) -> list[Commit]:
    """The first `count` messages of both streams."""
    with place.broker() as connection:
        messages = streams.read_streams(connection, place.campaign, LOGS, offset="first")
        return list(islice((each for each in messages if each is not None), count))


def relay(place: Place) -> Relay:
    return place.relay(MongoCursors(place.database), LOGS)


def test_every_commit_reaches_its_stream_in_number_order(place: Place):
    place.append("vote.0", *commits(300))
    place.append("vote.1", *commits(40))

    sent = publish_all(relay(place), place)

    arrived = streamed(place, sent)
    assert sent == 340
    assert [each.n for each in arrived if each.log == "vote.0"] == list(range(1, 301))
    assert [each.n for each in arrived if each.log == "vote.1"] == list(range(1, 41))
    assert {each.log: each.document for each in arrived} == {
        "vote.0": place.commits("vote.0")[-1].document,
        "vote.1": place.commits("vote.1")[-1].document,
    }
