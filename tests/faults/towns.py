"""A whole stack of processes with an open campaign, for the tests of one module."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bson
from kombu.message import Message
from kombu.messaging import Consumer

from deploy.admission import rehearse
from deploy.run import log_names
from deploy.stack import Stack
from deploy.uris import Engines
from services.moderation import events as desk
from services.moderation.passwords import hashed
from services.submission.events import RollChunk, RollImported, RollRow
from services.submission.roll import roll_digest
from shared import streams
from shared.sealing import Sealer
from tests.faults.history import History, broken
from tests.faults.load import API, CLOCK, PASSWORD, STAFF, Town
from tests.integration import places
from tests.integration.booth import open_doors
from tests.integration.places import PARTITIONS, Place
from tests.integration.processes import calling
from tests.integration.threads import wait


def opened(place: Place) -> None:
    """An open campaign with staff, a roll, and three entries that may be liked."""
    open_doors(place, now=CLOCK, per_day=2, per_type=1)
    sealer = Sealer(place.keys.campaign)
    name, password = sealer.seal_text("Staff"), sealer.seal(hashed(PASSWORD))
    place.append(
        "moderation",
        [
            desk.StaffAppointed(STAFF, name, ("organiser",), password, by="o", at=CLOCK),
            desk.StaffAppointed("judge-1", name, ("judge",), password, by="o", at=CLOCK),
        ],
    )
    rows = (RollRow("U1", "Union", "grassroots", "state", "石家庄", "Works", ""),)
    place.append("submission", [RollChunk("r", 0, rows), RollImported("r", 1, 1, roll_digest(rows), "o", CLOCK)])


@contextmanager
def town(engines: Engines, data: Path, *, seed: int, through: Engines | None = None) -> Iterator[tuple[Town, Stack]]:
    """A stack that is ready, with nobody at work yet. `through`: the way of its processes to the engines."""
    # Not below `data`, whose depth leaves no room for a socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home, places.made(engines, data) as place:
        opened(place)
        rehearse(place.settings)
        stack = Stack(place.campaign, home=Path(home))
        try:
            stack.start(through or engines, data=data)
            stack.wait_ready(120)
            yield Town(place, stack.gateway_url(), History(data / "history.jsonl"), seed), stack
        finally:
            stack.stop()


def settle(town: Town, stack: Stack) -> None:
    """Wait until nothing is on its way any more: all is ready, and the stored table holds every log to its end."""
    stack.wait_ready(90)
    place = town.place

    def at_rest() -> bool:
        before = _heads(place)
        kept = place.database["projections"].find_one({"_id": "ranking/v1"}) or {"cut": {}}
        queues = sum(waiting(place))
        return queues == 0 and kept["cut"] == before and _heads(place) == before

    wait(at_rest, what="all is at rest", within_s=90)


def _heads(place: Place) -> dict[str, int]:
    """The end of each log that has begun."""
    return {log: n for log in log_names(PARTITIONS) if (n := place.ledger.head(log))}


def waiting(place: Place) -> list[int]:
    """Batches in the queue of each partition."""
    with place.broker() as connection:
        channel = connection.default_channel
        return [
            channel.queue_declare(f"{place.campaign}.vote.{p}", passive=True).message_count for p in range(PARTITIONS)
        ]


def judged(town: Town, stack: Stack) -> list[str]:
    """Settle, ask the voters, and judge: what is broken, and which page of the gateway is not what ranking says."""
    settle(town, stack)
    town.ask_voters()
    return [*broken(town.history, town.place), *_astray(town)]


def _astray(town: Town) -> Iterator[str]:
    """Pages at the end of every log that are not what ranking says."""
    heads = _heads(town.place)
    at_least = ",".join(f"{log}:{n}" for log, n in heads.items())
    with town.client() as client, calling(town.place) as caller:
        views = caller.call("ranking", "views", roles=("voter",), at_least={"ranking": heads["ranking"]})["ok"]["views"]
        for path, view in (("/campaign", "campaign"), ("/leaderboard", "board")):
            answer = client.get(f"{API}{path}", params={"at_least": at_least})
            shown, said = answer.json(), views[view]["data"]
            if answer.status_code != 200 or {name: shown.get(name) for name in said} != said:
                yield f"gateway: {path} shows {shown} and ranking says {said}"


def streamed(place: Place, log: str) -> list[int]:
    """The numbers of the commits in the stream of a log, repeats and all."""
    arrived: list[Message] = []
    with place.broker() as connection:
        queue = streams.stream_queue(place.stream(log), offset="first")
        with Consumer(connection.channel(), [queue], on_message=arrived.append, accept=None, prefetch_count=10_000):
            while streams.drain(connection, 1.0):
                pass
    return [bson.decode(each.body)["n"] for each in arrived]
