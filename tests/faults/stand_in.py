"""A process of the product with something wrong about it: `python -m tests.faults.stand_in WRONG[=VALUE] WORDS…`.

Started by a test in place of the product's own process, with the words that `deploy.run` would get. What is wrong is
here, in subclasses and wrappers of the tests; the product has no switch for any of it.

`clock` is a fault of the machine: the wall clock that Python tells, moved by as many ms as a file says, at any time.
All others are negative controls: each breaks one promise, and the judge must see it.
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
DROPPED = 5  # every so manieth message


class WallClock:
    """Moves the wall clock of the process that reads the file. The tests' end of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.move(0)

    def move(self, ms: int) -> None:
        # Written in place: the process has it mapped.
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(ms.to_bytes(8, "little", signed=True))


def clock(path: str) -> None:
    """Whatever the product and its libraries ask of the wall clock, they ask of these two."""
    with open(path, "rb") as file:
        moved = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    told = time.time_ns

    def time_ns() -> int:
        return told() + int.from_bytes(moved[:8], "little", signed=True) * 1_000_000

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


def hasty(_: str) -> None:
    """A ledger that says that a commit is stored, and stores it later."""
    from deploy import run
    from shared.ledger import one_by_one
    from shared.mongo_ledger import MongoLedger

    class HastyLedger(MongoLedger):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            self.later: queue.Queue[tuple[float, Any]] = queue.Queue()
            threading.Thread(target=self._store, daemon=True).start()

        def insert(self, document: Any) -> None:
            self.later.put((time.monotonic() + LATE_S, document))

        def insert_all(self, documents: Any) -> list[Any]:
            return one_by_one(self.insert, documents)

        def _store(self) -> None:
            while True:
                due, document = self.later.get()
                time.sleep(max(0.0, due - time.monotonic()))
                super().insert(document)

    run.MongoLedger = HastyLedger  # type: ignore[misc]


def boastful(_: str) -> None:
    """A gateway that says `counted` of what is only accepted."""
    from gateway.backends.like_batches import _Batch

    say = _Batch.say

    def said(self: Any, answers: list[dict[str, Any]]) -> None:
        counted = {"status": "counted", "receipt": "", "remaining": 0}
        say(self, [counted if each["status"] == "accepted" else each for each in answers])

    _Batch.say = said  # type: ignore[method-assign]


def talkative(_: str) -> None:
    """A gateway that logs who likes."""
    from gateway.backends.like_batches import Likes, log_

    order = Likes.order

    async def said(self: Any, voter: str, *given: Any, **more: Any) -> Any:
        log_.info("a like", by=voter)
        return await order(self, voter, *given, **more)

    Likes.order = said  # type: ignore[method-assign]


def lossy(_: str) -> None:
    """A relay that keeps messages back, and says that it sent them."""
    from shared.streams import ConfirmedPublisher

    publish, count = ConfirmedPublisher.publish, iter(range(sys.maxsize))

    def lose(self: Any, queue: str, body: bytes) -> None:
        if next(count) % DROPPED:
            publish(self, queue, body)

    ConfirmedPublisher.publish = lose  # type: ignore[method-assign]


def skipping(_: str) -> None:
    """A projector that goes on behind a hole, and does not ask the ledger for what was in it."""
    from shared.follower import Follower

    def offer(self: Any, commit: Any) -> None:
        if commit.n > self.positions[commit.log]:
            self._take(commit)

    Follower.offer = offer  # type: ignore[method-assign]
    _read_the_ledger_once(Follower)


def waiting(_: str) -> None:
    """A projector that waits at a hole for what was in it, and does not ask the ledger."""
    from shared.follower import Follower

    offer = Follower.offer

    def only_the_next(self: Any, commit: Any) -> None:
        if commit.n == self.positions[commit.log] + 1:
            offer(self, commit)

    Follower.offer = only_the_next  # type: ignore[method-assign]
    _read_the_ledger_once(Follower)


def _read_the_ledger_once(follower: Any) -> None:
    """When it subscribes; never again."""
    catch_up, done = follower.catch_up, set[int]()

    def once(self: Any, upto: Any = None) -> None:
        if id(self) not in done:
            catch_up(self, upto)
            if len(self.positions) > 1:  # not that of the desk alone, which looks for the campaign
                done.add(id(self))

    follower.catch_up = once


WRONG: dict[str, Callable[[str], None]] = {
    each.__name__: each for each in (clock, hasty, boastful, talkative, lossy, skipping, waiting)
}


def main() -> None:
    wrong, *words = sys.argv[1:]
    name, _, value = wrong.partition("=")
    WRONG[name](value)
    from deploy import run

    sys.argv = ["run", *words]
    run.main()


if __name__ == "__main__":
    main()
