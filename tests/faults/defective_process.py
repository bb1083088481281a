"""A process of the product with one defect: `python -m tests.faults.defective_process DEFECT[=VALUE] WORDS…`.

A test starts it in place of the product's own process, with the words that `deploy.run` would get. The defects are
subclasses and wrappers in this module; the product has no switch for any of them.

`shift_clock` is a fault of the machine: Python's wall clock, shifted at any time by as many ms as a file contains. All
others are negative controls: each breaks one promise, and the judge must notice it.
"""

import mmap
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LATE_S = 0.5
DROPPED = 5  # every fifth message is dropped


class WallClock:
    """The test's handle on a shifted clock: sets the shift of the process that reads the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.move(0)

    def move(self, ms: int) -> None:
        """Set the shift, in ms."""
        # Written in place, because the process has mapped the file.
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(ms.to_bytes(8, "little", signed=True))


def shift_clock(path: str) -> None:
    """Shift `time.time_ns` and `time.time`, the only two ways by which the product and its libraries read the clock."""
    with open(path, "rb") as file:
        moved = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    unshifted = time.time_ns

    def time_ns() -> int:
        return unshifted() + int.from_bytes(moved[:8], "little", signed=True) * 1_000_000

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


def acknowledge_early(_: str) -> None:
    """Let the ledger report a commit as stored half a second before it stores it."""
    from deploy import run
    from shared.ledger import insert_one_by_one
    from shared.mongo_ledger import MongoLedger

    class HastyLedger(MongoLedger):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            self.later: queue.Queue[tuple[float, Any]] = queue.Queue()
            threading.Thread(target=self._store, daemon=True).start()

        def insert(self, document: Any) -> None:
            self.later.put((time.monotonic() + LATE_S, document))

        def insert_all(self, documents: Any) -> list[Any]:
            return insert_one_by_one(self.insert, documents)

        def _store(self) -> None:
            while True:
                due, document = self.later.get()
                time.sleep(max(0.0, due - time.monotonic()))
                super().insert(document)

    run.MongoLedger = HastyLedger  # type: ignore[misc]


def claim_counted(_: str) -> None:
    """Let the gateway answer `counted` where a like is only accepted."""
    from gateway.backends.like_batches import _Batch

    answer = _Batch.answer

    def replacement(self: Any, answers: list[dict[str, Any]]) -> None:
        counted = {"status": "counted", "receipt": "", "remaining": 0}
        answer(self, [counted if each["status"] == "accepted" else each for each in answers])

    _Batch.answer = replacement  # type: ignore[method-assign]


def log_voters(_: str) -> None:
    """Let the gateway log who likes."""
    from gateway.backends.like_batches import Likes, log_

    order = Likes.order

    async def replacement(self: Any, voter: str, *given: Any, **more: Any) -> Any:
        log_.info("a like", by=voter)
        return await order(self, voter, *given, **more)

    Likes.order = replacement  # type: ignore[method-assign]


def drop_messages(_: str) -> None:
    """Let the relay drop every fifth message and report it as sent."""
    from shared.streams import ConfirmedPublisher

    publish, count = ConfirmedPublisher.publish, iter(range(sys.maxsize))

    def lose(self: Any, queue: str, body: bytes) -> None:
        if next(count) % DROPPED:
            publish(self, queue, body)

    ConfirmedPublisher.publish = lose  # type: ignore[method-assign]


def skip_gaps(_: str) -> None:
    """Let a projector continue after a gap in a stream, without reading the missing commits from the ledger."""
    from shared.follower import Follower

    def offer(self: Any, commit: Any) -> None:
        if commit.n > self.positions[commit.log]:
            self._take(commit)

    Follower.offer = offer  # type: ignore[method-assign]
    _read_ledger_once(Follower)


def wait_at_gaps(_: str) -> None:
    """Let a projector wait at a gap in a stream for the missing commits, without reading them from the ledger."""
    from shared.follower import Follower

    offer = Follower.offer

    def only_the_next(self: Any, commit: Any) -> None:
        if commit.n == self.positions[commit.log] + 1:
            offer(self, commit)

    Follower.offer = only_the_next  # type: ignore[method-assign]
    _read_ledger_once(Follower)


def _read_ledger_once(follower: Any) -> None:
    """Let a follower read the ledger when it subscribes, and never again."""
    catch_up, done = follower.catch_up, set[int]()

    def catch_up_once(self: Any, upto: Any = None) -> None:
        if id(self) not in done:
            catch_up(self, upto)
            # Reading the moderation log alone, to look for the campaign, is not the subscription yet.
            if len(self.positions) > 1:
                done.add(id(self))

    follower.catch_up = catch_up_once


DEFECTS: dict[str, Callable[[str], None]] = {
    each.__name__: each
    for each in (shift_clock, acknowledge_early, claim_counted, log_voters, drop_messages, skip_gaps, wait_at_gaps)
}


def main() -> None:
    """Apply the defect, then run the product's process with the remaining words."""
    defect, *words = sys.argv[1:]
    name, _, value = defect.partition("=")
    DEFECTS[name](value)
    from deploy import run

    sys.argv = ["run", *words]
    run.main()


if __name__ == "__main__":
    main()
