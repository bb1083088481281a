"""Virtual time and simulated processes under one seed: the scheduler of the simulation.

A process is a greenlet. Whatever it waits for (a sleep, an answer, a message) gives control back to the scheduler,
which wakes it at a drawn instant. So ordinary blocking code, the kernel's own, runs under any interleaving, and a
process can be crashed or suspended between any two of its waits.

Promises: one seed gives one schedule, on every machine and for every hash seed. Time is in whole ms and costs nothing.
"""

import heapq
import random
from collections.abc import Callable
from itertools import count
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet


class World:
    """The scheduler: which action happens when. Everything random is drawn from `rng`."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now = 0
        self.failures: list[tuple[str, BaseException]] = []
        self.hub = getcurrent()
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = count()

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Run an action in `delay_ms`. Actions of one instant run in the order in which they were added."""
        heapq.heappush(self._agenda, (self.now + delay_ms, next(self._sequence), action))

    def run(self, done: Callable[[], bool], *, until_ms: int) -> bool:
        """Run actions until `done`, a failed process, or `until_ms`. Returns whether it is done."""
        while self._agenda and not self.failures:
            if done():
                return True
            at, _, action = heapq.heappop(self._agenda)
            if at > until_ms:
                return False
            self.now = at
            action()
        return done()

    def chance(self, probability: float) -> bool:
        """Draw whether an event of this probability happens."""
        return probability > 0 and self.rng.random() < probability


class Process:
    """One simulated operating system process: `main` runs in it, and runs from its beginning after a crash."""

    def __init__(self, world: World, name: str, main: Callable[["Process"], None] | None = None) -> None:
        self.world, self.name, self.main = world, name, main
        self.life = 0
        self.alive = False
        self.at_crash: list[Callable[[], None]] = []
        self._body: Any = None
        self._waits = 0
        self._asleep_until = 0

    # Called from outside the process

    def start(self) -> None:
        """Begin a new life, at once."""
        self.life += 1
        self.alive = True
        self.at_crash = []
        self._asleep_until = 0
        self._body = greenlet(self._run, parent=self.world.hub)
        self.world.after(0, self.waker())

    def crash(self) -> None:
        """Stop the process where it is, with all its memory, and start it again a little later. Not from within."""
        if not self.alive:
            return
        self.end()
        for action in self.at_crash:
            action()
        self.world.after(self.world.rng.randint(1, 800), self.start)

    def end(self) -> None:
        """Stop the process for good."""
        self.alive = False
        self._waits += 1
        self._body.throw(GreenletExit)

    def suspend(self, ms: int) -> None:
        """Suspend the process as SIGSTOP does, and resume it `ms` later; the others go on meanwhile."""
        self._asleep_until = max(self._asleep_until, self.world.now + ms)

    def waker(self, answer: Any = None, problem: BaseException | None = None) -> Callable[[], None]:
        """Return a function that ends the wait which the process is about to begin, with an answer or a problem."""
        self._waits += 1
        wait_number = self._waits
        return lambda: self._wake(wait_number, answer, problem)

    # Called from within the process

    def wait(self) -> Any:
        """Give control back until the latest waker is called."""
        return self.world.hub.switch()

    def sleep(self, ms: int) -> None:
        """Wait for so many ms of virtual time."""
        self.world.after(ms, self.waker())
        self.wait()

    def request(self, effect: Callable[[], Any], *expected: type[Exception], request_ms: int, reply_ms: int) -> Any:
        """Send a request and wait for the answer, which may raise one of `expected`.

        The request has its effect after `request_ms` even where the process is dead by then.
        """
        self._waits += 1
        wait_number = self._waits

        def arrive() -> None:
            answer, problem = None, None
            try:
                answer = effect()
            except expected as refusal:
                problem = refusal
            self.world.after(reply_ms, lambda: self._wake(wait_number, answer, problem))

        self.world.after(request_ms, arrive)
        return self.wait()

    def _wake(self, wait_number: int, answer: Any, problem: BaseException | None) -> None:
        if wait_number != self._waits or not self.alive:
            return
        if self.world.now < self._asleep_until:
            self.world.after(self._asleep_until - self.world.now, lambda: self._wake(wait_number, answer, problem))
        elif problem is None:
            self._body.switch(answer)
        else:
            self._body.throw(problem)

    def _run(self, _: Any = None) -> None:
        try:
            assert self.main is not None
            self.main(self)
        except Exception as failure:
            self.world.failures.append((self.name, failure))
        self.alive = False


class Mailbox:
    """Messages for one process. They outlive its crashes."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._messages: list[Any] = []
        self._waker: Callable[[], None] | None = None

    def put(self, message: Any) -> None:
        """Add a message, and wake the process where it waits for one."""
        self._messages.append(message)
        if self._waker is not None:
            waker, self._waker = self._waker, None
            waker()

    def take(self, *, timeout_ms: int) -> Any | None:
        """Return the next message, or None at the timeout."""
        if not self._messages:
            self._waker = self._process.waker()
            self._process.world.after(timeout_ms, self._waker)
            self._process.wait()
            self._waker = None
        return self._messages.pop(0) if self._messages else None

    def take_waiting(self, at_most: int) -> list[Any]:
        """Return the messages that have arrived already, at most `at_most`."""
        taken, self._messages = self._messages[:at_most], self._messages[at_most:]
        return taken
