"""Limit the questions to WeChat about the codes that browsers and mini-programs bring.

Each question counts against the account's quota at WeChat, which all voters share, and anybody can make a code up.

Promises: a code that is brought twice at the same time is asked for once. One OAuth state brings a few codes at most.
A network address that brings wrong codes waits, however many it sends side by side; right codes cost it nothing, since
a whole factory may share one address.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.admission.buckets import Buckets
from gateway.admission.turnstile import too_fast
from gateway.http.problems import Problem
from gateway.http.single_flight import SingleFlight
from gateway.wechat.errors import CodeRefused
from gateway.wechat.oauth import STATE_LIFE_S

WRONG_CODES = 20  # of one address in a minute
AT_ONCE = 20  # questions of one address that wait for their answer
STATE_TRIES = 3  # codes that come with one state
_MINUTE_S = 60
Question = Callable[[], Awaitable[Any]]


class SignInCodes:
    """Ask WeChat about sign-in codes, within the limits of this gateway process."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._wrong = Buckets(WRONG_CODES / _MINUTE_S, WRONG_CODES)
        self._tries = Buckets(1 / STATE_LIFE_S, STATE_TRIES)
        self._asking: Counter[str] = Counter()
        self._questions: SingleFlight[Any] = SingleFlight(most=2_000, at_once=1_000)

    async def exchange(self, code: str, question: Question, *, address: str, state: str = "") -> Any:
        """Return what WeChat answers to `question` about this code.

        `address` is the hash of the client's address, and empty if unknown; `state` is the nonce of a verified OAuth
        state. Raise Problem `oauth-state` if the state has brought too many codes, `too-fast` if the address has, and
        what `question` raises.
        """

        async def count_and_ask() -> Any:
            self._refuse_if_often(address, state)
            self._asking[address] += 1
            try:
                return await question()
            except CodeRefused:
                self._wrong.take(address, self._now())
                raise
            finally:
                self._asking[address] -= 1
                if not self._asking[address]:
                    del self._asking[address]

        return await self._questions.run((state, code), count_and_ask)

    def _refuse_if_often(self, address: str, state: str) -> None:
        now = self._now()
        if address and (wait_s := self._wrong.wait_s(address, now)):
            raise too_fast(wait_s)
        if address and self._asking[address] >= AT_ONCE:
            raise too_fast(1)
        if state and self._tries.take(state, now):
            raise Problem("oauth-state")
