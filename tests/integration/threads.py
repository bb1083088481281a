"""Parts of the product at work in threads of the test's own process, watched, and ended with the test."""

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
from tests.integration.places import Place

PATIENCE_S = 30
Stop = Callable[[], bool]


def wait(true: Callable[[], Any], *, what: str, within_s: float = PATIENCE_S) -> Any:
    """Ask until it is so."""
    asking, end = threading.Event(), time.monotonic() + within_s
    while time.monotonic() < end:
        if found := true():
            return found
        asking.wait(0.02)
    raise AssertionError(f"not within {within_s} s: {what}")


@dataclass(slots=True)
class Watched:
    """What was seen so far, and whether it is over. Each wait ends with patience, and the test then fails on facts."""

    seen: list[Any] = field(default_factory=list)
    over: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def see(self, what: Any) -> None:
        with self.changed:
            self.seen.append(what)
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def until(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """What was seen by the time it was enough."""
        with self.changed:
            self.changed.wait_for(lambda: self.over or enough(self.seen), timeout=PATIENCE_S)
            return list(self.seen)

    def ended(self) -> None:
        """Wait until the work is over by itself."""
        with self.changed:
            self.changed.wait_for(lambda: self.over, timeout=PATIENCE_S)


@contextmanager
def at_work(work: Callable[[Stop], None], *, over: Callable[[], None] = lambda: None) -> Iterator[threading.Event]:
    """Run `work(stop)` beside the test. Setting the event ends it; so does the end of the block, which raises what
    the work raised."""
    told = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work(told.is_set)
        except BaseException as failure:
            failures.append(failure)
        over()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield told
    finally:
        told.set()
        thread.join(PATIENCE_S)
    if failures:
        raise failures[0]
    assert not thread.is_alive()


@contextmanager
def following(
    place: Place,
    logs: Sequence[str],
    *,
    apply: Callable[[Commit], None] = lambda _: None,
    amqp_uri: str | None = None,
    ledger: Ledger | None = None,
) -> Iterator[Watched]:
    """A follower as in a service, subscribed when the block begins. Sees `log/n` of what it applied, in order."""
    watched, subscribed = Watched(), threading.Event()

    def take(commit: Commit) -> None:
        apply(commit)
        watched.see(f"{commit.log}/{commit.n}")

    def source() -> Iterator[Commit | None]:
        connection = streams.connect(amqp_uri or place.settings.amqp_uri)
        try:
            yield from streams.read_streams(connection, place.campaign, logs)
        finally:
            connection.release()

    follower = Follower(ledger or place.ledger, dict.fromkeys(logs, 0), take, role=place.campaign)
    with at_work(lambda stop: follow(follower, source, idle=subscribed.set, stop=stop), over=watched.end):
        assert subscribed.wait(PATIENCE_S)
        yield watched
