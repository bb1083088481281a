"""What WeChat grants an account for two hours: the access token, and with it the ticket for pages' signatures.

Promises: asks, keeps nothing. One owner elsewhere keeps both for the whole campaign: many asking would use up the
quota, and a forced token kills the one that the others hold.
"""

import time
from dataclasses import dataclass, field

from gateway.wechat.account import Account
from gateway.wechat.calls import Answer, Call, Caller, Question
from gateway.wechat.errors import Refused

STABLE_TOKEN = Call(name="stable_token", method="POST", path="/cgi-bin/stable_token")
TICKET = Call(name="getticket", method="GET", path="/cgi-bin/ticket/getticket", with_token=True)


@dataclass(frozen=True, slots=True)
class Grant:
    """A value that WeChat takes for a while."""

    value: str = field(repr=False)
    life_s: int


class Grants:
    """Raises CallFailed."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def token(self, account: Account, *, budget_s: float, force: bool = False) -> Grant:
        """The account's stable token: the same until five minutes before its end, then a new one beside it.

        `force` makes a new one and kills the old: 20 times a day, and 30 s apart, else the old one is given again.
        """
        body = {
            "grant_type": "client_credential",
            "appid": account.appid,
            "secret": account.secret,
            "force_refresh": force,
        }
        question = Question(call=STABLE_TOKEN, params={}, body=body)
        answer = await self._caller.ask(account, question, end=time.monotonic() + budget_s)
        return _grant(STABLE_TOKEN, answer, "access_token")

    async def ticket(self, account: Account, token: str, *, budget_s: float) -> Grant:
        """The JS-SDK ticket. Raises TokenRefused where the token is of no use."""
        question = Question(call=TICKET, params={"type": "jsapi", "access_token": token})
        answer = await self._caller.ask(account, question, end=time.monotonic() + budget_s)
        return _grant(TICKET, answer, "ticket")


def _grant(call: Call, answer: Answer, name: str) -> Grant:
    value, life_s = answer.get(name), answer.get("expires_in")
    if not isinstance(value, str) or not isinstance(life_s, int):
        raise Refused(call.name, errmsg=f"answered without {name} or expires_in")
    return Grant(value, life_s)
