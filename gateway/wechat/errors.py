"""What goes wrong between us and WeChat, as one tree; and what each of WeChat's own codes means for the caller.

WeChatError
├── BadAccount            the account's settings cannot be used; said at the start, to the organiser
├── NotWeChat             what came is not proven to be WeChat's: refuse it, tell nobody why
│   ├── BadSignature      a signature that does not fit, or none
│   ├── Stale             its time is more than five minutes from ours
│   ├── Replayed          its nonce came before with another body
│   ├── Undecipherable    not a ciphertext of this account: key, length, padding or receiver
│   ├── BadMessage        proven perhaps, but no message: broken XML, a DOCTYPE, fields missing or twice
│   └── BadState          an OAuth state that we did not make for this browser, or too old
└── CallFailed            a call to WeChat that gave nothing; `errcode` is WeChat's, 0 where it gave none
    ├── Away              no answer, or none that can be read, in the time left: the caller may try later
    ├── Busy              -1: it was asked again with jitter, and stays busy
    ├── BreakerOpen       not asked: it failed too often, or its quota is spent
    ├── TokenRefused      40001, 40014, 42001 after the one refresh
    ├── CodeRefused       40029, 40163, 42003: the code is spent or wrong; send the person through OAuth again
    ├── Misconfigured     40013, 40125, 40164, 48001 …: an organiser must act; repeated calls change nothing
    ├── QuotaSpent        45009 for today, 45011 for this minute
    ├── NotAFollower      40003, 43004: this openid is none of this account's, or does not follow it
    ├── UserBlocked       40226, 50002: WeChat holds the person's account for risky
    └── Refused           any other code
"""

from typing import ClassVar

from shared.errors import BaijiaError


class WeChatError(BaijiaError):
    """The root of this tree."""


class BadAccount(WeChatError):
    """Settings that cannot be used."""


class NotWeChat(WeChatError):
    """Not proven to come from WeChat."""


class BadSignature(NotWeChat):
    """The signature does not fit."""


class Stale(NotWeChat):
    """Too old, or from the future."""


class Replayed(NotWeChat):
    """A nonce that was used before, for something else."""


class Undecipherable(NotWeChat):
    """No ciphertext of this account."""


class BadMessage(NotWeChat):
    """No message."""


class BadState(NotWeChat):
    """No state of ours, or not this browser's, or too old."""


class CallFailed(WeChatError):
    """A call gave nothing. Its text holds the call's name, the code and WeChat's words: no openid, no token."""

    outcome: ClassVar = "failed"  # as the metrics count it

    def __init__(self, call: str, errcode: int = 0, errmsg: str = "") -> None:
        super().__init__(f"{call}: {errcode} {errmsg}".strip())
        self.call = call
        self.errcode = errcode
        self.errmsg = errmsg


class Away(CallFailed):
    """No answer."""

    outcome = "away"


class Busy(CallFailed):
    """Asked again, still busy."""

    outcome = "busy"


class BreakerOpen(CallFailed):
    """Not asked."""

    outcome = "not-asked"


class TokenRefused(CallFailed):
    """The access token is not taken."""

    outcome = "token"


class CodeRefused(CallFailed):
    """The OAuth or login code is spent or wrong."""

    outcome = "code"


class Misconfigured(CallFailed):
    """The account's settings at WeChat, or ours, are wrong."""

    outcome = "misconfigured"


class QuotaSpent(CallFailed):
    """No more of these calls for now."""

    outcome = "quota"


class PaceSpent(QuotaSpent):
    """No more of these calls in this minute. One person's own haste is no matter for operations."""

    outcome = "pace"


class NotAFollower(CallFailed):
    """This openid is none of this account's, or does not follow it."""

    outcome = "not-a-follower"


class UserBlocked(CallFailed):
    """WeChat holds this person's account for risky."""

    outcome = "blocked"


class Refused(CallFailed):
    """A code that has no meaning of its own here."""

    outcome = "refused"


BUSY = -1
DAY_QUOTA, MINUTE_QUOTA = 45009, 45011
_TOKEN = {40001, 40014, 42001}
_OF: dict[int, type[CallFailed]] = {
    BUSY: Busy,
    **dict.fromkeys((40029, 40163, 42003), CodeRefused),
    # appid, secret, whitelist, missing parameters, rights taken, not granted
    **dict.fromkeys((40013, 40125, 40164, 41001, 41002, 41004, 48001, 48004), Misconfigured),
    DAY_QUOTA: QuotaSpent,
    MINUTE_QUOTA: PaceSpent,
    **dict.fromkeys((40003, 43004), NotAFollower),
    **dict.fromkeys((40226, 50002), UserBlocked),
}

_ANY: tuple[type[CallFailed], ...] = (Away, BreakerOpen, TokenRefused, Refused, *_OF.values())
#: What can come of a question, as the metrics count it.
OUTCOMES = {"ok", *(each.outcome for each in _ANY)}


def failure(call: str, errcode: int, errmsg: str, *, with_token: bool) -> CallFailed:
    """What a code means. A call that carries no token gets 40001 where the account's secret is wrong."""
    if errcode in _TOKEN:
        return (TokenRefused if with_token else Misconfigured)(call, errcode, errmsg)
    return _OF.get(errcode, Refused)(call, errcode, errmsg)
