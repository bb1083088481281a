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
    """The scheduler of one simulation: virtual time, and a queue of actions. Everything random is drawn from `rng`."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now = 0
        self.failures: list[tuple[str, BaseException]] = []
        self.hub = getcurrent()
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = count()

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Plan an action in `delay_ms` of virtual time.

        Actions at the same time run in the order in which they were added.
        """
        heapq.heappush(self._agenda, (self.now + delay_ms, next(self._sequence), action))

    def run(self, done: Callable[[], bool], *, until_ms: int) -> bool:
        """Run planned actions until `done()` holds, a process fails, or the time `until_ms` is reached.

        Returns whether `done()` holds.
        """
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
        """Return at random whether an event of this probability happens."""
        return probability > 0 and self.rng.random() < probability


class Process:
    """One simulated operating system process, which runs `main` from its beginning at each start.

    The methods in the first half are called from outside the process, the others by `main` itself.
    """

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
        """Start the process, or start it again after a crash, at the present virtual time."""
        self.life += 1
        self.alive = True
        self.at_crash = []
        self._asleep_until = 0
        self._body = greenlet(self._run, parent=self.world.hub)
        self.world.after(0, self.waker())

    def crash(self) -> None:
        """Stop the process where it is, so that its memory is lost, and start it again a little later.

        Must not be called by the process itself.
        """
        if not self.alive:
            return
        self.end()
        for action in self.at_crash:
            action()
        self.world.after(self.world.rng.randint(1, 800), self.start)

    def end(self) -> None:
        """Stop the process where it is, for good."""
        self.alive = False
        self._waits += 1
        self._body.throw(GreenletExit)

    def suspend(self, ms: int) -> None:
        """Suspend the process as SIGSTOP does, and resume it `ms` later. Other processes run meanwhile."""
        self._asleep_until = max(self._asleep_until, self.world.now + ms)

    def waker(self, answer: Any = None, problem: BaseException | None = None) -> Callable[[], None]:
        """Return a function that ends the wait which the process is about to begin.

        The wait then returns `answer` or raises `problem`. An earlier waker no longer has an effect.
        """
        self._waits += 1
        wait_number = self._waits
        return lambda: self._wake(wait_number, answer, problem)

    # Called from within the process

    def wait(self) -> Any:
        """Let other processes run until the latest waker is called; return its answer, or raise its problem."""
        return self.world.hub.switch()

    def sleep(self, ms: int) -> None:
        """Wait for `ms` of virtual time."""
        self.world.after(ms, self.waker())
        self.wait()

    def request(self, effect: Callable[[], Any], *expected: type[Exception], request_ms: int, reply_ms: int) -> Any:
        """Run `effect` as a request to something outside the process, and return its result.

        The effect happens after `request_ms`, even if the process is dead by then, and the result arrives `reply_ms`
        later. An exception of a type in `expected` is raised here.
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
    """Queue of messages to one process, which outlives the crashes of the process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._messages: list[Any] = []
        self._waker: Callable[[], None] | None = None

    def put(self, message: Any) -> None:
        """Add a message, and wake the process if it waits for one."""
        self._messages.append(message)
        if self._waker is not None:
            waker, self._waker = self._waker, None
            waker()

    def take(self, *, timeout_ms: int) -> Any | None:
        """Wait for the next message and return it, or None if none comes within `timeout_ms`."""
        if not self._messages:
            self._waker = self._process.waker()
            self._process.world.after(timeout_ms, self._waker)
            self._process.wait()
            self._waker = None
        return self._messages.pop(0) if self._messages else None

    def take_waiting(self, at_most: int) -> list[Any]:
        """Remove and return the messages that have arrived, at most `at_most`, without waiting."""
        taken, self._messages = self._messages[:at_most], self._messages[at_most:]
        return taken
