"""Parts of the product that run in threads of the test's process, are watched, and end with the test."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from shared import streams
from shared.commit import Commit
from shared.follower import Follower, follow
from shared.ledger import Ledger
from tests.integration.temporary_campaign import Place

PATIENCE_S = 120  # a condition that will hold is seen at once, also on a machine ten times slower
Stop = Callable[[], bool]


def wait(true: Callable[[], Any], *, what: str, within_s: float = PATIENCE_S) -> Any:
    """Poll until a condition holds; return its value. Raises AssertionError after `within_s`."""
    asking, end = threading.Event(), time.monotonic() + within_s
    while time.monotonic() < end:
        if found := true():
            return found
        asking.wait(0.02)
    raise AssertionError(f"timed out after {within_s} s waiting until: {what}")


@dataclass(slots=True)
class Reports:
    """What a thread has reported so far, and whether it has ended.

    Each wait gives up after `PATIENCE_S`, so that the test fails on what it then asserts.
    """

    seen: list[Any] = field(default_factory=list)
    over: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, what: Any) -> None:
        """Report something."""
        with self.changed:
            self.seen.append(what)
            self.changed.notify_all()

    def end(self) -> None:
        """Report the end."""
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def until(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """Wait until enough was reported or the work has ended; return what was reported."""
        with self.changed:
            self.changed.wait_for(lambda: self.over or enough(self.seen), timeout=PATIENCE_S)
            return list(self.seen)

    def wait_end(self) -> None:
        """Wait until the work has ended by itself."""
        with self.changed:
            self.changed.wait_for(lambda: self.over, timeout=PATIENCE_S)


@contextmanager
def running_thread(
    work: Callable[[Stop], None], *, over: Callable[[], None] = lambda: None
) -> Iterator[threading.Event]:
    """Run `work(stop)` in a thread beside the test.

    Setting the yielded event asks the work to stop; so does the end of the block, which raises what the work
    raised.
    """
    stop_event = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work(stop_event.is_set)
        except BaseException as failure:
            failures.append(failure)
        over()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield stop_event
    finally:
        stop_event.set()
        thread.join(PATIENCE_S)
    if failures:
        raise failures[0]
    assert not thread.is_alive()


@contextmanager
def running_follower(
    place: Place,
    logs: Sequence[str],
    *,
    apply: Callable[[Commit], None] = lambda _: None,
    amqp_uri: str | None = None,
    ledger: Ledger | None = None,
) -> Iterator[Reports]:
    """Run a follower as in a service; the block begins when it has subscribed. Reports `log/n` of each commit it
    applies.
    """
    watched, subscribed = Reports(), threading.Event()

    def take(commit: Commit) -> None:
        apply(commit)
        watched.add(f"{commit.log}/{commit.n}")

    def source() -> Iterator[Commit | None]:
        connection = streams.connect(amqp_uri or place.settings.amqp_uri)
        try:
            yield from streams.read_streams(connection, place.campaign, logs)
        finally:
            connection.release()

    follower = Follower(ledger or place.ledger, dict.fromkeys(logs, 0), take, role=place.campaign)
    with running_thread(lambda stop: follow(follower, source, idle=subscribed.set, stop=stop), over=watched.end):
        assert subscribed.wait(PATIENCE_S)
        yield watched
