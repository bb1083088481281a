"""The whole state of one simulator: its accounts, people, grants, faults and journal. It is kept in memory only."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from tests.wechat_sim.accounts import Account
from tests.wechat_sim.faults import Faults
from tests.wechat_sim.grants import Grants
from tests.wechat_sim.journal import Journal
from tests.wechat_sim.people import People

PATIENCE_S = 5.0
RESENDS = 3


class World:
    """The state that all handlers share.

    `patience_s` is how long an answer to a push is awaited, and the time between two sendings.
    """

    def __init__(
        self,
        accounts: dict[str, Account],
        *,
        seed: int = 1,
        bound: bool = True,
        patience_s: float = PATIENCE_S,
        resends: int = RESENDS,
    ) -> None:
        self.accounts = accounts
        self.patience_s = patience_s
        self.resends = resends
        self.people = People(seed, accounts, bound=bound)
        self.clock = Clock()
        self.grants = Grants(self.clock)
        self.faults = Faults()
        self.journal = Journal()
        self.menus: dict[str, dict[str, Any]] = {}
        self.cleared: dict[str, int] = {}
        self.consents: set[tuple[str, str, str, int]] = set()  # appid, openid, template and scene of one message each
        self.inbox: dict[tuple[str, str], list[dict[str, Any]]] = {}  # by appid and openid
        self.message_ids = itertools.count(time.time_ns() // 1_000)

    def of_appid(self, appid: str) -> Account | None:
        """Return the account with this appid, or None."""
        return next((each for each in self.accounts.values() if each.appid == appid), None)


@dataclass(slots=True)
class Clock:
    """The clock of tokens and codes, which a test may move forward. Signatures use the real time."""

    ahead_s: float = field(default=0.0)

    def __call__(self) -> float:
        return time.time() + self.ahead_s
