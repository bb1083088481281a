"""A stack of all processes with an open campaign, for the tests of one module; waiting until it is idle, and judging
it.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bson
import pytest
from kombu.message import Message
from kombu.messaging import Consumer

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.admission_settings import use_rehearsal_limits
from services.moderation import campaign as rules
from services.moderation import events as desk
from services.submission.events import RollChunk, RollImported, RollRow
from services.submission.roll import roll_digest
from shared import streams
from shared.cursors import MongoCursors
from shared.passwords import hash_password
from shared.sealing import Sealer
from shared.stamps import wall_ms
from tests.faults.evidence_reader import gather_evidence, heads
from tests.faults.history import History
from tests.faults.judge import Verdict, judge
from tests.faults.load import (
    CLOCK,
    PASSWORD,
    RECOVERY_S,
    STAFF,
    STAFF_NAME,
    Workload,
)
from tests.integration.temporary_campaign import PARTITIONS, Place, temporary_campaign
from tests.integration.voting import open_to_gateway
from tests.unit.ranking.stories import approved, submitted
from tests.unit.voting import stories
from tests.unit.voting.stories import DAY

LIMITS = {"per_day": 2, "per_type": 1}
ENTRIES = {"a": "state", "b": "state", "c": "private"}


def open_campaign(place: Place, *, live: bool = False) -> None:
    """Write an open campaign to the ledger, with staff, a roll, and three entries that may be liked."""
    if live:
        _open_live_doors(place)
    else:
        open_to_gateway(place, now=CLOCK, **LIMITS)
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
    """Write a live campaign with the same rules, whose like week is open at the present wall-clock time."""
    now = wall_ms()
    week = rules.Window(now - DAY, now + DAY)
    first, shortlist = stories.opened(rehearsal=False, **LIMITS)
    assert isinstance(first, desk.CampaignOpened)
    campaign = rules.to_data(rules.from_data(first.campaign).with_window("likes", week))
    place.append("moderation", [replace(first, campaign=campaign, now=now), shortlist])
    place.append("submission", *[[submitted(entry, type=kind)] for entry, kind in ENTRIES.items()])
    place.append("moderation", [approved(entry) for entry in ENTRIES])


@contextmanager
def running_campaign(
    engines: Engines, data: Path, *, seed: int, through: Engines | None = None, live: bool = False
) -> Iterator[tuple[Workload, Stack]]:
    """Start a stack on a fresh campaign and yield its load, not yet running, and the stack.

    `through` are the addresses by which its processes reach the engines, where these are proxies.
    """
    # Not below `data`: its path is too long for a Unix socket.
    with tempfile.TemporaryDirectory(prefix="baijia-") as home, temporary_campaign(engines, data) as place:
        open_campaign(place, live=live)
        use_rehearsal_limits(place.settings)
        stack = Stack(place.campaign, home=Path(home))
        try:
            with pytest.MonkeyPatch.context() as environment:
                if live:  # its gateway does not start without
                    environment.setenv("BAIJIA_PUBLIC_URL", "http://like.example.cn")
                stack.start(through or engines, data=data)
            stack.wait_ready(120)
            yield Workload(place, stack.gateway_url(), History(data / "history.jsonl"), seed, live), stack
        finally:
            stack.stop()


def wait_until_idle(
    workload: Workload, stack: Stack, *, within_s: float = RECOVERY_S, whole: bool = True
) -> dict[str, int]:
    """Wait until nothing is in progress: all processes are ready, and every log is projected, relayed and answered.

    Returns what is still behind the end of its log when the time is over, and by how many commits; empty if all is
    well.
    """
    if whole:
        stack.wait_ready(within_s)
    end = time.monotonic() + within_s
    while (behind := _behind(workload.place)) and time.monotonic() < end:
        time.sleep(0.05)
    return behind


def _behind(place: Place) -> dict[str, int]:
    """Return what has not reached its end. Empty means that nothing moves, as nobody gives the stack any work."""
    ends = heads(place)
    kept = place.stored_cut()
    relayed = MongoCursors(place.database).load()
    behind = {f"projection of {log}": n - kept.get(log, 0) for log, n in ends.items()}
    behind |= {f"relay of {log}": n - relayed.get(log, 0) for log, n in ends.items()}
    behind |= {f"queue of vote.{p}": n for p, n in enumerate(queue_lengths(place))}
    behind["logs that still grow"] = sum(heads(place).values()) - sum(ends.values())
    return {what: by for what, by in behind.items() if by}


def queue_lengths(place: Place) -> list[int]:
    """Return the number of batches in the queue of each partition."""
    with place.broker() as connection:
        channel = connection.default_channel
        return [
            channel.queue_declare(f"{place.campaign}.vote.{p}", passive=True).message_count for p in range(PARTITIONS)
        ]


def judge_when_idle(workload: Workload, stack: Stack, *, within_s: float = RECOVERY_S, whole: bool = True) -> Verdict:
    """Wait until idle, collect the evidence, and judge it. `whole` says that no process of the stack is halted."""
    return judge(gather_evidence(workload, stack, wait_until_idle(workload, stack, within_s=within_s, whole=whole)))


def stream_numbers(place: Place, log: str) -> list[int]:
    """Return the numbers of the commits in the stream of a log, including repeats."""
    arrived: list[Message] = []
    with place.broker() as connection:
        queue = streams.stream_queue(place.stream(log), offset="first")
        with Consumer(connection.channel(), [queue], on_message=arrived.append, accept=None, prefetch_count=10_000):
            while streams.drain(connection, 1.0):
                pass
    return [bson.decode(each.body)["n"] for each in arrived]
