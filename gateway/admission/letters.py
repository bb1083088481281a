"""Price and order of letters: complaints, suggestions and objections, which anybody may send without an account.

Each sender has one letter free in ten minutes; the next ones cost a proof of work, and more of it beyond five a minute.
What others send never makes a sender's first letter cost anything, nor refuses it. Letters that come faster than they
can be filed wait, and the senders take turns.

Promises: no letter is refused because of how many others there are, short of `WAITING_MOST` that wait at once; a letter
that was paid for may be sent again, also after a failure. Does not promise that two people of one network never share
its free letter: the browser of the second one solves the challenge in the background.
"""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from gateway.admission.buckets import Buckets
from gateway.admission.challenges import Challenges
from gateway.http.problems import Problem

FREE_EVERY_S = 600.0  # a sender has one free letter in this time
EASY_PER_MIN = 5  # further letters of a sender at the price of an easy challenge; beyond them it is a hard one
PAID_MOST = 10_000  # commands that are remembered as paid
AT_ONCE = 4  # letters that are filed at the same time
WAITING_EACH, WAITING_MOST = 3, 2_000
_MINUTE_S = 60


class Letters:
    """Take the price of each letter, and let letters through in turn. The state belongs to one gateway."""

    def __init__(self, challenges: Challenges, *, gateways: int = 1, now: Callable[[], float] = time.monotonic) -> None:
        self._challenges, self._now = challenges, now
        easy = max(1, EASY_PER_MIN // gateways)
        self._free, self._easy = Buckets(1 / FREE_EVERY_S, 1), Buckets(easy / _MINUTE_S, easy)
        self._paid: OrderedDict[str, None] = OrderedDict()
        self.turns = Turns()

    def challenge(self, who: str) -> dict[str, Any] | None:
        """Return the challenge that the sender's next letter costs now, or None if it is free. Takes nothing."""
        if not self._free.wait_s(who, self._now()):
            return None
        return self._challenge(who, hard=bool(self._easy.wait_s(who, self._now())))

    def pay(self, who: str, command: str, solution: str) -> None:
        """Take the price of a letter: the sender's free one, or a solved challenge.

        `command` is the id of the command that files it. Raise Problem, with a challenge, if the price is not paid.
        """
        now = self._now()
        if command in self._paid:
            return
        wait_s = self._free.take(who, now)
        if wait_s:
            is_hard = bool(self._easy.wait_s(who, now))
            strength = self._challenges.check(solution, _owner(who)) if solution else 0
            if strength < (2 if is_hard else 1):
                facts = {"challenge": self._challenge(who, hard=is_hard), "seconds": math.ceil(wait_s)}
                raise Problem("letter-challenge", facts=facts, retry_s=facts["seconds"])
            self._easy.take(who, now)
        self._paid[command] = None
        while len(self._paid) > PAID_MOST:
            self._paid.popitem(last=False)

    def _challenge(self, who: str, *, hard: bool) -> dict[str, Any]:
        return self._challenges.issue(_owner(who), hard=hard)


def _owner(who: str) -> str:
    """Return the name under which challenges for a sender's letters are issued; it is no voter's."""
    return f"letter {who}"


class Turns:
    """Let `at_once` senders act at the same time, and make the others wait in turn: nobody's second before your first.

    A sender may have `each` waiting, and all together `most`.
    """

    def __init__(self, at_once: int = AT_ONCE, *, each: int = WAITING_EACH, most: int = WAITING_MOST) -> None:
        self._free, self._each, self._most = at_once, each, most
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait for the sender's turn, and hold it while the context is entered. Raise Problem if too many wait."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(who)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, who: str) -> None:
        if len(self._waiting.get(who, ())) >= self._each or sum(map(len, self._waiting.values())) >= self._most:
            raise Problem("busy")
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn came at the same moment: somebody else has it
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            who, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[who] = turns  # behind all other senders
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
