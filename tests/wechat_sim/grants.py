"""What the platform hands out for a while: access tokens, page tickets, codes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.wechat_sim.accounts import Account
from tests.wechat_sim.people import Person

TOKEN_LIFE_S, TICKET_LIFE_S, CODE_LIFE_S = 7_200, 7_200, 300
OVERLAP_S = 300  # an old token lives on beside its successor; a stable one is renewed as long before its end
FORCE_PAUSE_S, FORCES_A_DAY = 30, 20
DAY_S = 86_400
Clock = Callable[[], float]


class Spent(Exception):
    """An errcode, and no grant."""

    def __init__(self, errcode: int) -> None:
        super().__init__(str(errcode))
        self.errcode = errcode


@dataclass(slots=True)
class Token:
    account: Account
    value: str
    until_s: float


@dataclass(slots=True)
class Code:
    """`scope` and `snapshot` are those of the authorise page."""

    account: Account
    person: Person
    scope: str
    until_s: float
    used: bool = False


@dataclass(slots=True)
class Grants:
    clock: Clock
    _tokens: dict[str, Token] = field(default_factory=dict)
    _classic: dict[str, Token] = field(default_factory=dict)
    _stable: dict[str, Token] = field(default_factory=dict)
    _forced_s: dict[str, list[float]] = field(default_factory=dict)
    _tickets: dict[str, Token] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)

    def classic(self, account: Account) -> Token:
        """`cgi-bin/token`: a new one each time; the one before lives five minutes more."""
        old = self._classic.get(account.appid)
        if old:
            old.until_s = min(old.until_s, self.clock() + OVERLAP_S)
        made = self._classic[account.appid] = self._made(account)
        return made

    def stable(self, account: Account, *, force: bool) -> Token:
        """`cgi-bin/stable_token`: the same one until five minutes before its end; a forced one kills it."""
        old = self._stable.get(account.appid)
        if force and self._may_force(account):
            if old is not None:
                old.until_s = 0
            old = None
        if old is None or old.until_s - self.clock() <= OVERLAP_S:
            old = self._stable[account.appid] = self._made(account)
        return old

    def spoil(self, account: Account) -> None:
        """Every token of the account is worth nothing from now on."""
        for token in self._tokens.values():
            if token.account is account:
                token.until_s = 0

    def holder(self, value: str) -> Account:
        """Whose token it is. Raises Spent."""
        token = self._tokens.get(value)
        if token is None:
            raise Spent(40001)
        if token.until_s <= self.clock():
            raise Spent(42001 if token.until_s else 40001)
        return token.account

    def ticket(self, account: Account) -> Token:
        ticket = self._tickets.get(account.appid)
        if ticket is None or ticket.until_s <= self.clock():
            value = secrets.token_urlsafe(64)
            ticket = self._tickets[account.appid] = Token(account, value, self.clock() + TICKET_LIFE_S)
        return ticket

    def code(self, account: Account, person: Person, scope: str) -> str:
        value = f"0{secrets.token_hex(16)}"
        self._codes[value] = Code(account, person, scope, self.clock() + CODE_LIFE_S)
        return value

    def spend(self, account: Account, value: str, *, login: bool) -> Code:
        """The code, once. Raises Spent."""
        code = self._codes.get(value)
        if code is None or code.account is not account or (code.scope == "login") != login:
            raise Spent(40029)
        if code.used:
            raise Spent(40163)
        if code.until_s <= self.clock():
            raise Spent(40029)
        code.used = True
        return code

    def _made(self, account: Account) -> Token:
        token = Token(account, f"SIM_{secrets.token_urlsafe(96)}", self.clock() + TOKEN_LIFE_S)
        self._tokens[token.value] = token
        return token

    def _may_force(self, account: Account) -> bool:
        """Raises Spent where today's are used up; False inside the pause: the old one is given again."""
        now = self.clock()
        today = [each for each in self._forced_s.get(account.appid, []) if now - each < DAY_S]
        if today and now - today[-1] < FORCE_PAUSE_S:
            return False
        if len(today) >= FORCES_A_DAY:
            raise Spent(45009)
        self._forced_s[account.appid] = [*today, now]
        return True
