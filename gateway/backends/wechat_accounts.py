"""The accounts at WeChat that this gateway is the door of, and what it keeps about them. Made in `app.py`.

Promises: without a secrets file there are no such doors, and every route of theirs says so.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.backends.wechat_pushes import Answered
from gateway.http.problems import Problem
from gateway.wechat.account import Account, Accounts
from gateway.wechat.client import Follower, Identity, MiniSession
from gateway.wechat.signature import Nonces
from shared import metrics

SERVICE, SUBSCRIPTION, MINI = "service", "subscription", "mini"
LINKS_KNOWN = 50_000


class Calls(Protocol):
    """What is asked of WeChat; `gateway.wechat.client.WeChat` is one. Raises CallFailed."""

    async def identity(self, account: Account, code: str, *, budget_s: float) -> Identity: ...

    async def mini_session(self, account: Account, code: str, *, budget_s: float) -> MiniSession: ...

    async def follower(self, account: Account, openid: str, *, budget_s: float) -> Follower: ...


class Tickets(Protocol):
    """Who keeps the JS tickets; `tokens.ServiceTokens` is one. Raises CallFailed."""

    async def ticket(self, account: Account) -> str: ...


class Known:
    """Links that this gateway has heard of, name to voter: they never change."""

    def __init__(self, most: int = LINKS_KNOWN) -> None:
        self._most = most
        self._voters: OrderedDict[str, str] = OrderedDict()

    def get(self, name: str) -> str | None:
        return self._voters.get(name)

    def note(self, name: str, voter: str) -> None:
        self._voters[name] = voter
        while len(self._voters) > self._most:
            self._voters.popitem(last=False)

    def drop(self, name: str) -> None:
        self._voters.pop(name, None)


@dataclass(slots=True)
class Doors:
    """See the module."""

    accounts: Accounts
    calls: Calls
    tickets: Tickets
    answer_s: float = 2.5  # of a push: WeChat waits 5 s, and the network has its share
    answered: Answered = field(default_factory=Answered)
    known: Known = field(default_factory=Known)
    nonces: dict[str, Nonces] = field(default_factory=lambda: {SERVICE: Nonces(), SUBSCRIPTION: Nonces()})
    unforgotten: set[str] = field(default_factory=set)  # keys of unsubscriptions that are not done yet
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def pushing(self) -> dict[str, Account]:
        """The accounts whose messages come here."""
        accounts = {SERVICE: self.accounts.service}
        if self.accounts.subscription is not None:
            accounts[SUBSCRIPTION] = self.accounts.subscription
        return accounts

    @property
    def has_others(self) -> bool:
        """Whether a person may be known by another openid, so that a UnionID is of use."""
        return self.accounts.subscription is not None or self.accounts.miniprogram is not None

    def owe(self, key: str) -> None:
        """An unsubscription is not done yet."""
        self.unforgotten.add(key)
        metrics.UNFORGOTTEN.set(len(self.unforgotten))

    def settle(self, key: str) -> None:
        """It is."""
        self.unforgotten.discard(key)
        metrics.UNFORGOTTEN.set(len(self.unforgotten))

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Have this done while the answer goes out."""
        task = asyncio.create_task(work)
        self.tasks.add(task)  # asyncio itself keeps no task alive
        task.add_done_callback(self.tasks.discard)


def opened(doors: Doors | None) -> Doors:
    """The doors. Raises Problem where there are none."""
    if doors is None:
        raise Problem("wechat-off")
    return doors
