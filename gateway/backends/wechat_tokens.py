"""Cache of WeChat access tokens and JS tickets, which the voting service owns and renews.

Promises: of many concurrent requests only one calls the service.
"""

import asyncio
from dataclasses import dataclass, field

from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate, Services
from gateway.wechat.account import Account, Accounts
from gateway.wechat.errors import Away
from shared.stamps import wall_ms

DEADLINE_MS = 2_500
TICKET, ACCESS = "ticket", "access"


@dataclass(frozen=True, slots=True)
class CachedToken:
    """A WeChat access token or JS ticket, and the wall time (ms) from which it should be fetched again."""

    value: str = field(repr=False)
    renew_at: int


class ServiceTokens:
    """Fetch access tokens and JS tickets from the voting service, and cache each until it should be renewed.

    Implements `client.TokenSource` and `wechat_accounts.JsTickets`. Every method raises Away if the service does not
    answer.
    """

    def __init__(self, services: Services, accounts: Accounts) -> None:
        self._services = services
        self._names = {accounts.service.appid: "service"}
        if accounts.subscription is not None:
            self._names[accounts.subscription.appid] = "subscription"
        self._cached: dict[str, CachedToken] = {}
        self._lock = asyncio.Lock()

    async def token(self, account: Account, *, stale: str | None) -> str:
        """Return the account's access token. If WeChat has refused the token `stale`, return another one."""
        return await self._value(f"{self._names[account.appid]}/{ACCESS}", stale or "")

    async def ticket(self, account: Account) -> str:
        """Return the account's JS ticket, with which the URLs of pages are signed for WeChat's JavaScript."""
        return await self._value(f"{self._names[account.appid]}/{TICKET}", "")

    async def _value(self, name: str, stale: str) -> str:
        cached = self._cached.get(name)
        if cached is not None and cached.value != stale and wall_ms() < cached.renew_at:
            return cached.value
        async with self._lock:
            cached = self._cached.get(name)  # another task may have fetched it meanwhile
            if cached is None or cached.value == stale or wall_ms() >= cached.renew_at:
                cached = await self._fetch(name, stale)
                self._cached[name] = cached
        return cached.value

    async def _fetch(self, name: str, stale: str) -> CachedToken:
        now = wall_ms()
        call = {
            "id": f"{name}-{now}",
            "actor": "gateway",
            "roles": ["operator"],
            "at": 0,
            "deadline": now + DEADLINE_MS,
            "body": {"name": name, "stale": stale},
        }
        try:
            answer = await self._services.call("voting", "wechat_token", call)
            return CachedToken(answer["ok"]["token"], answer["ok"]["renew_at"])
        except (ServiceAway, ServiceLate, ServiceBroken, KeyError) as problem:
            raise Away("wechat_token", errmsg=type(problem).__name__) from problem
