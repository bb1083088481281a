"""A whole stack of processes with an open campaign, for the tests of one module."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bson
from kombu.message import Message
from kombu.messaging import Consumer

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.admission_settings import rehearse
from services.moderation import campaign as rules
from services.moderation import events as desk
from services.moderation.passwords import hash_password
from services.submission.events import RollChunk, RollImported, RollRow
from services.submission.roll import roll_digest
from shared import streams
from shared.cursors import MongoCursors
from shared.sealing import Sealer
from shared.stamps import wall_ms
from tests.faults.gathering import gathered, heads
from tests.faults.history import History
from tests.faults.judge import Verdict, judge
from tests.faults.load import (
    CLOCK,
    PASSWORD,
    RECOVERY_S,
    STAFF,
    STAFF_NAME,
    Town,
)
from tests.integration import places
from tests.integration.booth import open_doors
from tests.integration.places import PARTITIONS, Place
from tests.unit.ranking.stories import approved, submitted
from tests.unit.voting import stories
from tests.unit.voting.stories import DAY

LIMITS = {"per_day": 2, "per_type": 1}
ENTRIES = {"a": "state", "b": "state", "c": "private"}


def opened(place: Place, *, live: bool = False) -> None:
    """An open campaign with staff, a roll, and three entries that may be liked."""
    if live:
        _open_live_doors(place)
    else:
        open_doors(place, now=CLOCK, **LIMITS)
    sealer = Sealer(place.keys.campaign)
    name, password = sealer.seal_text(STAFF_NAME), sealer.seal(hash_password(PASSWORD))
    place.append(
        "moderation",
        [
            desk.StaffAppointed(STAFF, name, ("organiser",), password, by="o", at=CLOCK),
            desk.StaffAppointed("judge-1", name, ("judge",), password, by="o", at=CLOCK),
        ],
    )
    rows = (RollRow("U1", "Union", "grassroots", "state", "石家庄", "Works", ""),)
    place.append("submission", [RollChunk("r", 0, rows), RollImported("r", 1, 1, roll_digest(rows), "o", CLOCK)])


def _open_live_doors(place: Place) -> None:
    """As `open_doors`, in a like week that is open now by the wall."""
    now = wall_ms()
    week = rules.Window(now - DAY, now + DAY)
    first, shortlist = stories.opened(rehearsal=False, **LIMITS)
    assert isinstance(first, desk.CampaignOpened)
    campaign = rules.to_data(rules.from_data(first.campaign).with_window("likes", week))
    place.append("moderation", [replace(first, campaign=campaign, now=now), shortlist])
    place.append("submission", *[[submitted(entry, type=kind)] for entry, kind in ENTRIES.items()])
    place.append("moderation", [approved(entry) for entry in ENTRIES])


@contextmanager
def town(
    engines: Engines, data: Path, *, seed: int, through: Engines | None = None, live: bool = False
) -> Iterator[tuple[Town, Stack]]:
    """A stack that is ready, with nobody at work yet. `through`: the way of its processes to the engines."""
    # Not below `data`, whose depth leaves no room for a socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home, places.made(engines, data) as place:
        opened(place, live=live)
        rehearse(place.settings)
        stack = Stack(place.campaign, home=Path(home))
        try:
            stack.start(through or engines, data=data)
            stack.wait_ready(120)
            yield Town(place, stack.gateway_url(), History(data / "history.jsonl"), seed, live), stack
        finally:
            stack.stop()


def settle(town: Town, stack: Stack, *, within_s: float = RECOVERY_S, whole: bool = True) -> dict[str, int]:
    """Wait until nothing is on its way any more: all is ready, every log is stored in the table, relayed, and answered.

    Gives what is still behind its log's end when the time is over, and by how much: nothing, where all is well.
    """
    if whole:
        stack.wait_ready(within_s)
    end = time.monotonic() + within_s
    while (behind := _behind(town.place)) and time.monotonic() < end:
        time.sleep(0.05)
    return behind


def _behind(place: Place) -> dict[str, int]:
    """What has not come to its end. Empty: nothing moves, since nobody gives it anything to do."""
    ends = heads(place)
    kept = place.stored_cut()
    relayed = MongoCursors(place.database).load()
    behind = {f"the table in {log}": n - kept.get(log, 0) for log, n in ends.items()}
    behind |= {f"the relay in {log}": n - relayed.get(log, 0) for log, n in ends.items()}
    behind |= {f"the queue of vote.{p}": n for p, n in enumerate(waiting(place))}
    behind["a log that grows"] = sum(heads(place).values()) - sum(ends.values())
    return {what: by for what, by in behind.items() if by}


def waiting(place: Place) -> list[int]:
    """Batches in the queue of each partition."""
    with place.broker() as connection:
        channel = connection.default_channel
        return [
            channel.queue_declare(f"{place.campaign}.vote.{p}", passive=True).message_count for p in range(PARTITIONS)
        ]


def judged(town: Town, stack: Stack, *, within_s: float = RECOVERY_S, whole: bool = True) -> Verdict:
    """Settle, gather, judge. `whole`: no process of the stack is halted."""
    return judge(gathered(town, stack, settle(town, stack, within_s=within_s, whole=whole)))


def streamed(place: Place, log: str) -> list[int]:
    """The numbers of the commits in the stream of a log, repeats and all."""
    arrived: list[Message] = []
    with place.broker() as connection:
        queue = streams.stream_queue(place.stream(log), offset="first")
        with Consumer(connection.channel(), [queue], on_message=arrived.append, accept=None, prefetch_count=10_000):
            while streams.drain(connection, 1.0):
                pass
    return [bson.decode(each.body)["n"] for each in arrived]
