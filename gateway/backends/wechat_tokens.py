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
class Kept:
    """A token or JS ticket, and the wall time (ms) from which it should be fetched again."""

    value: str = field(repr=False)
    renew_at: int


class ServiceTokens:
    """Tokens and JS tickets by way of the voting service; a `client.TokenSource`. Every method raises Away."""

    def __init__(self, services: Services, accounts: Accounts) -> None:
        self._services = services
        self._names = {accounts.service.appid: "service"}
        if accounts.subscription is not None:
            self._names[accounts.subscription.appid] = "subscription"
        self._kept: dict[str, Kept] = {}
        self._asking = asyncio.Lock()

    async def token(self, account: Account, *, stale: str | None) -> str:
        """Return the access token; a different one than `stale` if there is any."""
        return await self._value(f"{self._names[account.appid]}/{ACCESS}", stale or "")

    async def ticket(self, account: Account) -> str:
        """Return the JS ticket, with which pages are signed."""
        return await self._value(f"{self._names[account.appid]}/{TICKET}", "")

    async def _value(self, name: str, stale: str) -> str:
        kept = self._kept.get(name)
        if kept is not None and kept.value != stale and wall_ms() < kept.renew_at:
            return kept.value
        async with self._asking:
            kept = self._kept.get(name)  # another task may have fetched it meanwhile
            if kept is None or kept.value == stale or wall_ms() >= kept.renew_at:
                kept = await self._asked(name, stale)
                self._kept[name] = kept
        return kept.value

    async def _asked(self, name: str, stale: str) -> Kept:
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
            return Kept(answer["ok"]["token"], answer["ok"]["renew_at"])
        except (ServiceAway, ServiceLate, ServiceBroken, KeyError) as problem:
            raise Away("wechat_token", errmsg=type(problem).__name__) from problem
