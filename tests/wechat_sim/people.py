"""The people with phones, created on demand. The same name and seed give the same openids in every run."""

import base64
import hashlib
from dataclasses import dataclass, field

from tests.wechat_sim.accounts import Account

NAME_MAX_CHARS = 64
ID_CHARS = 28  # as long as the platform's


@dataclass(slots=True)
class Person:
    """One person. `follows` maps an appid to the time since when; `session_key` comes from the last mini-program
    login.
    """

    name: str
    follows: dict[str, int] = field(default_factory=dict)
    session_key: str = ""


class People:
    """Everybody who was ever named."""

    def __init__(self, seed: int, accounts: dict[str, Account], *, bound: bool) -> None:
        self._seed = seed
        self._accounts = accounts
        self._bound = bound
        self._named: dict[str, Person] = {}
        self._of_openid: dict[tuple[str, str], Person] = {}

    def person(self, account: Account, text: str) -> Person:
        """Return the person with this name, or with this openid at the account. A new name creates a person.

        Raises ValueError if the text is empty or too long.
        """
        if not 0 < len(text) <= NAME_MAX_CHARS:
            raise ValueError(f"a name has 1 to {NAME_MAX_CHARS} characters")
        return self._of_openid.get((account.appid, text)) or self._named.get(text) or self._create(text)

    def with_openid(self, account: Account, openid: str) -> Person | None:
        """Return the person with this openid at the account, or None."""
        return self._of_openid.get((account.appid, openid))

    def openid(self, account: Account, person: Person) -> str:
        """Return the person's openid at the account."""
        return self._derived(account.appid, person.name)

    def unionid(self, person: Person) -> str | None:
        """Return the person's unionid; None if the accounts are not bound to one Open Platform account."""
        return self._derived("union", person.name) if self._bound else None

    def virtual(self, account: Account, person: Person, code: str) -> str:
        """Return an openid as on a snapshot page: it belongs to nobody, and differs each time."""
        return self._derived(f"{account.appid}/{code}", person.name)

    def _create(self, name: str) -> Person:
        person = self._named[name] = Person(name)
        for account in self._accounts.values():
            self._of_openid[account.appid, self.openid(account, person)] = person
        return person

    def _derived(self, place: str, name: str) -> str:
        digest = hashlib.sha256(f"{self._seed}/{place}/{name}".encode()).digest()
        return f"o{base64.urlsafe_b64encode(digest).decode()[: ID_CHARS - 1]}"
