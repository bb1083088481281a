"""Limits on sign-ins: how often somebody may guess, and how many passwords are checked at a time.

Promises: an attempt is counted before any work is done for it, so a burst passes no limit; made-up names are paced by
the network that they come from, before any name is; a device that signed in before under this name is counted by
itself, so nobody else's guesses lock it out, and waits only for other such devices. Right passwords count for nothing.
Does not promise that a person on a new device gets in while many networks guess at the same name. Each gateway counts
its own requests.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from gateway.http.limits import FailedAttempts
from gateway.http.problems import Problem

BY_NAME_AND_NETWORK, BY_NETWORK, BY_NAME, BY_DEVICE = 8, 40, 100, 8  # failures in five minutes
CODES_BY_NETWORK = 20  # requests for codes by short message in five minutes
STRANGERS, KNOWN = 4, 2  # sign-ins at a time: fewer than the calls that a service works on at a time
WAITING = 60  # that may wait for each
GUESSES = frozenset(
    {"login-refused", "link-spent", "step-up-refused", "sign-in-code-refused"}
)  # the problems that say that somebody guessed wrong


class Turns:
    """Let a bounded number of requests through at a time, and let a bounded number wait."""

    def __init__(self, at_once: int, *, waiting: int = WAITING) -> None:
        self._slots, self._left = asyncio.Semaphore(at_once), at_once + waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn. Raise Problem `busy` at once if too many wait already."""
        if self._left <= 0:
            raise Problem("busy", retry_s=1)
        self._left -= 1
        try:
            async with self._slots:
                yield
        finally:
            self._left += 1


class SignInLimits:
    """Count failed sign-ins by device, or by name and network, by network and by name; and bound the work at a time."""

    def __init__(self, *, now: Callable[[], float] = monotonic) -> None:
        self._near = FailedAttempts(BY_NAME_AND_NETWORK, now=now)
        self._by_network = FailedAttempts(BY_NETWORK, now=now)
        self._by_name = FailedAttempts(BY_NAME, now=now)
        self._by_device = FailedAttempts(BY_DEVICE, now=now)
        self._strangers, self._known = Turns(STRANGERS), Turns(KNOWN)
        self._codes = FailedAttempts(CODES_BY_NETWORK, now=now)

    def count_code(self, network: str) -> None:
        """Count a request for a code by short message. Raise Problem `login-attempts` after too many of a network."""
        self._codes.refuse_if_spent(network)
        self._codes.record_failure(network)

    @asynccontextmanager
    async def attempt(
        self, account: str, network: str, *, device: str = "", by_name: bool = True
    ) -> AsyncIterator[None]:
        """Enter the context to check a password: count the attempt, and wait for one's turn.

        `device` is the name of a device that signed in before under this account, else empty. Without `by_name` the
        failures of other networks do not count, since nobody guesses what is checked. Raise Problem
        `login-attempts` or `busy`. The attempt counts as failed if the context raises a Problem of `GUESSES`.
        """
        near = f"{account} {network}"
        counted = (
            [(self._by_device, f"{account} {device}")]
            if device
            else [(self._by_network, network), (self._near, near), *([(self._by_name, account)] if by_name else [])]
        )
        for attempts, key in counted:
            attempts.refuse_if_spent(key)
        for attempts, key in counted:
            attempts.record_failure(key)
        is_guess = False
        try:
            async with (self._known if device else self._strangers).turn():
                yield
        except Problem as problem:
            is_guess = problem.code in GUESSES
            raise
        finally:
            if not is_guess:
                for attempts, key in counted:
                    attempts.take_back(key)
        attempts, key = counted[0] if device else (self._near, near)
        attempts.record_success(key)
