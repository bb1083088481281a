"""The share of partitions that each writer holds, as `make status` tells it, while writers come and go."""

import pytest

from deploy.local import partition_status
from tests.integration.booth import desk, open_doors
from tests.integration.places import PARTITIONS, Place
from tests.integration.processes import Process, process
from tests.integration.threads import wait

pytestmark = pytest.mark.slow


def shares(*writers: Process) -> dict[str, tuple[int, ...] | None]:
    names = (writer.environment["BAIJIA_PROCESS"] for writer in writers)
    pages = (f"http://127.0.0.1:{writer.port}/metrics" for writer in writers)
    return partition_status.held(dict(zip(names, pages, strict=True)))


def settled(*writers: Process) -> bool:
    """Whether each partition has one writer."""
    held = sorted(p for those in shares(*writers).values() for p in those or ())
    return held == list(range(PARTITIONS))


def test_partitions_are_told_by_their_writers_without_a_like_and_move_when_writers_come_and_go(place: Place):
    open_doors(place)
    # The clock puts the empty batches into the queues.
    with process(place, "clock"), process(place, "vote-writer", name="vote-writer-1") as first:
        wait(lambda: settled(first), what="the first has all")
        with process(place, "vote-writer", name="vote-writer-2") as second:
            wait(lambda: settled(first, second) and all(shares(first, second).values()), what="both have some")
            second.kill()
        wait(lambda: settled(first), what="the first has all again")

    assert [place.ledger.head(f"vote.{p}") for p in range(PARTITIONS)] == [0] * PARTITIONS


def test_empty_batch_is_answered_with_nothing_and_stores_nothing(place: Place):
    open_doors(place)
    with process(place, "vote-writer") as writer, desk(place) as gateway:
        writer.wait_ready()
        answers = gateway.ask(3)

    assert answers == []
    assert place.ledger.head("vote.3") == 0
