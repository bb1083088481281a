"""What the platform grants for a limited time: access tokens, JS tickets, and codes of authorisation and login."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.wechat_sim.accounts import Account
from tests.wechat_sim.people import Person

TOKEN_LIFE_S, TICKET_LIFE_S, CODE_LIFE_S = 7_200, 7_200, 300
# an old token stays valid that long beside its successor; a stable one is renewed that long before it expires
OVERLAP_S = 300
FORCE_PAUSE_S, FORCES_A_DAY = 30, 20
DAY_S = 86_400
Clock = Callable[[], float]


class Refusal(Exception):
    """A refusal by the platform, with its errcode."""

    def __init__(self, errcode: int) -> None:
        super().__init__(str(errcode))
        self.errcode = errcode


@dataclass(slots=True)
class Token:
    """An access token or JS ticket of an account, and when it expires."""

    account: Account
    value: str
    until_s: float


@dataclass(slots=True)
class Code:
    """A code that can be exchanged once for an openid. `scope` is that of the authorise page, or `login`."""

    account: Account
    person: Person
    scope: str
    until_s: float
    used: bool = False


@dataclass(slots=True)
class Grants:
    """All tokens, tickets and codes of one simulator."""

    clock: Clock
    _tokens: dict[str, Token] = field(default_factory=dict)
    _classic: dict[str, Token] = field(default_factory=dict)
    _stable: dict[str, Token] = field(default_factory=dict)
    _forced_s: dict[str, list[float]] = field(default_factory=dict)
    _tickets: dict[str, Token] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)

    def classic(self, account: Account) -> Token:
        """Issue a token of `cgi-bin/token`: a new one each time; the previous one stays valid for five minutes."""
        old = self._classic.get(account.appid)
        if old:
            old.until_s = min(old.until_s, self.clock() + OVERLAP_S)
        made = self._classic[account.appid] = self._issue(account)
        return made

    def stable(self, account: Account, *, force: bool) -> Token:
        """Issue a token of `cgi-bin/stable_token`: the same one until five minutes before it expires.

        With `force` a new one is issued, and the old one is invalid at once.
        """
        old = self._stable.get(account.appid)
        if force and self._may_force(account):
            if old is not None:
                old.until_s = 0
            old = None
        if old is None or old.until_s - self.clock() <= OVERLAP_S:
            old = self._stable[account.appid] = self._issue(account)
        return old

    def spoil(self, account: Account) -> None:
        """Make every token of the account invalid."""
        for token in self._tokens.values():
            if token.account is account:
                token.until_s = 0

    def holder(self, value: str) -> Account:
        """Return the account that a token belongs to. Raises Refusal."""
        token = self._tokens.get(value)
        if token is None:
            raise Refusal(40001)
        if token.until_s <= self.clock():
            raise Refusal(42001 if token.until_s else 40001)
        return token.account

    def ticket(self, account: Account) -> Token:
        """Return the account's JS ticket; a new one if the old one has expired."""
        ticket = self._tickets.get(account.appid)
        if ticket is None or ticket.until_s <= self.clock():
            value = secrets.token_urlsafe(64)
            ticket = self._tickets[account.appid] = Token(account, value, self.clock() + TICKET_LIFE_S)
        return ticket

    def code(self, account: Account, person: Person, scope: str) -> str:
        """Issue a code for a person."""
        value = f"0{secrets.token_hex(16)}"
        self._codes[value] = Code(account, person, scope, self.clock() + CODE_LIFE_S)
        return value

    def spend(self, account: Account, value: str, *, login: bool) -> Code:
        """Use up a code and return it. Raises Refusal if it is unknown, used or expired."""
        code = self._codes.get(value)
        if code is None or code.account is not account or (code.scope == "login") != login:
            raise Refusal(40029)
        if code.used:
            raise Refusal(40163)
        if code.until_s <= self.clock():
            raise Refusal(40029)
        code.used = True
        return code

    def _issue(self, account: Account) -> Token:
        token = Token(account, f"SIM_{secrets.token_urlsafe(96)}", self.clock() + TOKEN_LIFE_S)
        self._tokens[token.value] = token
        return token

    def _may_force(self, account: Account) -> bool:
        """Return whether a new token may be forced now; not within the pause after the last one.

        Raises Refusal if today's allowance is used up.
        """
        now = self.clock()
        today = [each for each in self._forced_s.get(account.appid, []) if now - each < DAY_S]
        if today and now - today[-1] < FORCE_PAUSE_S:
            return False
        if len(today) >= FORCES_A_DAY:
            raise Refusal(45009)
        self._forced_s[account.appid] = [*today, now]
        return True
