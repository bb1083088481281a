"""The campaign's WeChat accounts as this gateway process serves them, with their caches. Made in `app.py`.

Promises: without a secrets file there are no accounts, and every route that needs them answers `wechat-off`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.backends.wechat_pushes import PushReplies
from gateway.http.problems import Problem
from gateway.wechat.account import Account, Accounts
from gateway.wechat.client import Follower, Identity, MiniSession
from gateway.wechat.signature import Nonces
from shared import metrics

SERVICE, SUBSCRIPTION, MINI = "service", "subscription", "mini"
LINKS_KNOWN = 50_000


class WeChatCalls(Protocol):
    """Calls to WeChat's API, implemented by `gateway.wechat.client.WeChat`. Every method raises CallFailed."""

    async def identity(self, account: Account, code: str, *, budget_s: float) -> Identity: ...

    async def mini_session(self, account: Account, code: str, *, budget_s: float) -> MiniSession: ...

    async def follower(self, account: Account, openid: str, *, budget_s: float) -> Follower: ...


class JsTickets(Protocol):
    """Source of JS tickets, implemented by `wechat_tokens.ServiceTokens`. Raises CallFailed."""

    async def ticket(self, account: Account) -> str: ...


class VoterLinks:
    """Cache of the voter to whom each WeChat name is linked, so that the voting service is not asked each time.

    A name is a pseudonym of an openid or a UnionID. Beyond `most` names the oldest is dropped; until then a link stays,
    since it never changes.
    """

    def __init__(self, most: int = LINKS_KNOWN) -> None:
        self._most = most
        self._voters: OrderedDict[str, str] = OrderedDict()

    def get(self, name: str) -> str | None:
        """Return the voter linked to a WeChat name, or None if no link is cached."""
        return self._voters.get(name)

    def add(self, name: str, voter: str) -> None:
        """Remember that a WeChat name is linked to a voter; beyond the bound, drop the oldest names."""
        self._voters[name] = voter
        while len(self._voters) > self._most:
            self._voters.popitem(last=False)

    def drop(self, name: str) -> None:
        """Forget the link of a WeChat name, if it is cached."""
        self._voters.pop(name, None)


@dataclass(slots=True)
class WeChatAccounts:
    """WeChat accounts of one gateway process, with its API client and caches."""

    accounts: Accounts
    calls: WeChatCalls
    tickets: JsTickets
    answer_s: float = 2.5  # time to answer a push: WeChat waits 5 s, which include the network
    replies: PushReplies = field(default_factory=PushReplies)
    links: VoterLinks = field(default_factory=VoterLinks)
    nonces: dict[str, Nonces] = field(default_factory=lambda: {SERVICE: Nonces(), SUBSCRIPTION: Nonces()})
    pending_deletions: set[str] = field(default_factory=set)  # keys of unsubscriptions whose data is not yet deleted
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def pushing(self) -> dict[str, Account]:
        """The accounts that push messages to this gateway, by name."""
        accounts = {SERVICE: self.accounts.service}
        if self.accounts.subscription is not None:
            accounts[SUBSCRIPTION] = self.accounts.subscription
        return accounts

    @property
    def has_others(self) -> bool:
        """Whether a person may also have an openid at another account, so that a UnionID is useful."""
        return self.accounts.subscription is not None or self.accounts.miniprogram is not None

    def add_pending_deletion(self, key: str) -> None:
        """Record that the data of a person who unsubscribed is not yet deleted. `key` identifies their message."""
        self.pending_deletions.add(key)
        metrics.UNFORGOTTEN.set(len(self.pending_deletions))

    def remove_pending_deletion(self, key: str) -> None:
        """Record that the data of a person who unsubscribed is deleted. `key` identifies their message."""
        self.pending_deletions.discard(key)
        metrics.UNFORGOTTEN.set(len(self.pending_deletions))

    def run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a task of its own, so that it does not delay the response."""
        task = asyncio.create_task(work)
        self.tasks.add(task)  # asyncio itself holds no strong reference to a task
        task.add_done_callback(self.tasks.discard)


def require_accounts(wechat: WeChatAccounts | None) -> WeChatAccounts:
    """Return the configured WeChat accounts. Raise Problem `wechat-off` if there are none."""
    if wechat is None:
        raise Problem("wechat-off")
    return wechat
