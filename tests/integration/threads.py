"""Parts of the product at work in threads of the test's own process, watched, and ended with the test."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from shared import streams
from shared.commit import Commit
from shared.follower import Follower, follow
from tests.integration.places import Place

PATIENCE_S = 30


@dataclass(slots=True)
class Watched:
    """What was seen so far. `until` waits for it to be enough."""

    seen: list[Any] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def see(self, what: Any) -> None:
        with self.changed:
            self.seen.append(what)
            self.changed.notify_all()

    def until(self, enough: Callable[[list[Any]], bool]) -> list[Any]:
        """What was seen by the time it was enough, or when patience ended."""
        with self.changed:
            self.changed.wait_for(lambda: enough(self.seen), timeout=PATIENCE_S)
            return list(self.seen)


@contextmanager
def at_work(work: Callable[[Callable[[], bool]], None]) -> Iterator[threading.Event]:
    """Run `work(stop)` beside the test. Setting the event ends it; so does the end of the block."""
    told = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work(told.is_set)
        except BaseException as failure:
            failures.append(failure)

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
    place: Place, logs: Sequence[str], *, apply: Callable[[Commit], None] = lambda _: None, amqp_uri: str | None = None
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

    follower = Follower(place.ledger, dict.fromkeys(logs, 0), take, role=place.campaign)
    with at_work(lambda stop: follow(follower, source, idle=subscribed.set, stop=stop)):
        assert subscribed.wait(PATIENCE_S)
        yield watched
