"""Bound the questions that anybody may have the services asked: the text of an entry, the rules, the state of a number.

Lists come from the views and ask nobody; each of these look-ups is a call. Promises: requests for the same thing at the
same time share one call. A gateway asks a few such questions at a time, and one sender has not all of them. A sender
that brings numbers that nobody has waits; numbers that exist cost nothing, since a whole factory may share one address.
Does not promise an answer while a service is slow: who comes when all places are taken is told to come again.
"""

import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import nullcontext
from typing import Any

from gateway.admission.buckets import Buckets
from gateway.admission.turnstile import too_fast
from gateway.http.limits import ConcurrencyLimit
from gateway.http.problems import Problem
from gateway.http.single_flight import SingleFlight

UNKNOWN_NUMBERS = 60  # of one sender in a minute
AT_ONCE, EACH = 64, 32  # calls that this process waits for, in all and for one sender
WAITING = 1_000  # requests that wait for them
_MINUTE_S = 60
Found = dict[str, Any]
Question = Callable[[], Awaitable[Found]]


class LookUps:
    """Ask the services for what anybody may read, within the limits of this gateway process."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._unknown = Buckets(UNKNOWN_NUMBERS / _MINUTE_S, UNKNOWN_NUMBERS)
        self._places = ConcurrencyLimit(AT_ONCE, each=EACH)
        self._calls: SingleFlight[Found] = SingleFlight(most=WAITING, at_once=AT_ONCE)

    async def find(self, key: Hashable, question: Question, *, sender: str) -> Found:
        """Return what a service answers to `question`, which `key` names. `sender` is empty if nobody knows who asks.

        Callers share the answer and must not change it. Raise Problem `busy` if too many questions wait, and what
        `question` raises.
        """
        is_asked = self._calls.runs(key)
        with nullcontext() if is_asked or not sender else self._places.slot(sender):
            return await self._calls.run(key, question)

    async def find_by_number(self, key: Hashable, question: Question, *, sender: str) -> Found:
        """Return and raise as `find` does, for a number that only those have whom it was given.

        Raise Problem `too-fast` if the sender has brought too many numbers that nobody has.
        """
        if sender and (wait_s := self._unknown.wait_s(sender, self._now())):
            raise too_fast(wait_s)
        try:
            return await self.find(key, question, sender=sender)
        except Problem as problem:
            if problem.status == 404 and sender:
                self._unknown.take(sender, self._now())
            raise
