"""The share of partitions that each writer holds, as `make status` shows it, while writers come and go."""

import pytest

from deploy.local import partition_status
from tests.integration.processes import Process, process
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import wait
from tests.integration.voting import batch_client, open_to_gateway

pytestmark = pytest.mark.slow


def shares(*writers: Process) -> dict[str, tuple[int, ...] | None]:
    """Return the partitions that each writer holds, by its metrics."""
    names = (writer.environment["BAIJIA_PROCESS"] for writer in writers)
    pages = (f"http://127.0.0.1:{writer.port}/metrics" for writer in writers)
    return partition_status.partitions_by_writer(dict(zip(names, pages, strict=True)))


def is_settled(*writers: Process) -> bool:
    """Return whether each partition has exactly one writer."""
    held = sorted(p for those in shares(*writers).values() for p in those or ())
    return held == list(range(PARTITIONS))


def test_partitions_are_told_by_their_writers_without_a_like_and_move_when_writers_come_and_go(place: Place):
    open_to_gateway(place)
    # The clock sends the empty batches by which writers take their partitions.
    with process(place, "clock"), process(place, "vote-writer", name="vote-writer-1") as first:
        wait(lambda: is_settled(first), what="the first writer has all partitions")
        with process(place, "vote-writer", name="vote-writer-2") as second:
            wait(
                lambda: is_settled(first, second) and all(shares(first, second).values()),
                what="both writers have partitions",
            )
            second.kill()
        wait(lambda: is_settled(first), what="the first writer has all partitions again")

    assert [place.ledger.head(f"vote.{p}") for p in range(PARTITIONS)] == [0] * PARTITIONS


def test_empty_batch_is_answered_with_nothing_and_stores_nothing(place: Place):
    open_to_gateway(place)
    with process(place, "vote-writer") as writer, batch_client(place) as gateway:
        writer.wait_ready()
        answers = gateway.send_and_wait(3)

    assert answers == []
    assert place.ledger.head("vote.3") == 0
