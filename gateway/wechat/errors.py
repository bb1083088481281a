"""Errors between the gateway and WeChat as one tree, and the meaning of WeChat's error codes for the caller.

WeChatError
├── BadAccount            the account's settings cannot be used; reported at start, to the organiser
├── NotWeChat             not proven to come from WeChat: refuse it without giving a reason
│   ├── BadSignature      a signature that is wrong or missing
│   ├── Stale             its time differs from ours by more than five minutes
│   ├── Replayed          its nonce was used before with another body
│   ├── Undecipherable    not a ciphertext of this account: key, length, padding or receiver
│   ├── BadMessage        signed perhaps, but not a message: broken XML, a DOCTYPE, missing or repeated fields
│   └── BadState          an OAuth state that we did not make for this browser, or too old
└── CallFailed            a call to WeChat that failed; `errcode` is WeChat's, 0 if it sent none
    ├── Away              no readable answer before the deadline: the caller may try later
    ├── Busy              -1: still busy after retries with jitter
    ├── BreakerOpen       the call was not made: it failed too often, or its quota is spent
    ├── TokenRefused      40001, 40014, 42001 after the one refresh
    ├── CodeRefused       40029, 40163, 42003: the code is spent or wrong; send the person through OAuth again
    ├── Misconfigured     40013, 40125, 40164, 48001 …: an organiser must act; repeated calls change nothing
    ├── QuotaSpent        45009: the quota of today
    │   └── PaceSpent     45011: the quota of this minute
    ├── NotAFollower      40003, 43004: the openid belongs to another account, or does not follow this one
    ├── UserBlocked       40226, 50002: WeChat considers the person's account risky
    └── Refused           any other code

`CallFailed` and its subclasses carry the code and the message that WeChat answered.
"""

from typing import ClassVar

from shared.errors import BaijiaError


class WeChatError(BaijiaError):
    """Root of the errors of WeChat's protocol."""


class BadAccount(WeChatError):
    """The settings of a WeChat account cannot be used. Raised at start, with a text for the organiser."""


class NotWeChat(WeChatError):
    """A request is not proven to come from WeChat, so it is refused without giving a reason."""


class BadSignature(NotWeChat):
    """The signature of a request is wrong or missing."""


class Stale(NotWeChat):
    """The timestamp of a request differs from our clock by more than five minutes."""


class Replayed(NotWeChat):
    """The nonce of a request was used before with another body."""


class Undecipherable(NotWeChat):
    """A text is not a ciphertext that was made with this account's key and for this account."""


class BadMessage(NotWeChat):
    """The body of a request cannot be read as a message."""


class BadState(NotWeChat):
    """The state that came back from OAuth was not made by us for this browser, or is too old."""


class CallFailed(WeChatError):
    """A call to WeChat failed. The text has the call's name, WeChat's code and message, but no openid and no token."""

    outcome: ClassVar = "failed"  # as the metrics count it

    def __init__(self, call: str, errcode: int = 0, errmsg: str = "") -> None:
        super().__init__(f"{call}: {errcode} {errmsg}".strip())
        self.call = call
        self.errcode = errcode
        self.errmsg = errmsg


class Away(CallFailed):
    """A call got no readable answer before its deadline."""

    outcome = "away"


class Busy(CallFailed):
    """WeChat still answers that it is busy, after all retries."""

    outcome = "busy"


class BreakerOpen(CallFailed):
    """A call was not made, because its circuit breaker is open."""

    outcome = "not-asked"


class TokenRefused(CallFailed):
    """WeChat does not accept the access token, not even after it was refreshed."""

    outcome = "token"


class CodeRefused(CallFailed):
    """The OAuth or login code is spent or wrong, so the person must go through WeChat again."""

    outcome = "code"


class Misconfigured(CallFailed):
    """The account's settings, at WeChat or in our secrets file, are wrong. Repeating the call changes nothing."""

    outcome = "misconfigured"


class QuotaSpent(CallFailed):
    """The number of calls that WeChat allows for today is used up."""

    outcome = "quota"


class PaceSpent(QuotaSpent):
    """The number of calls that WeChat allows for this minute is used up.

    A single person can cause this, so it has a metric value of its own.
    """

    outcome = "pace"


class NotAFollower(CallFailed):
    """The openid belongs to another account, or does not follow this one."""

    outcome = "not-a-follower"


class UserBlocked(CallFailed):
    """WeChat considers this person's account risky."""

    outcome = "blocked"


class Refused(CallFailed):
    """WeChat answered with a code that we do not treat in a special way."""

    outcome = "refused"


BUSY = -1
DAY_QUOTA, MINUTE_QUOTA = 45009, 45011
_TOKEN = {40001, 40014, 42001}
_OF: dict[int, type[CallFailed]] = {
    BUSY: Busy,
    **dict.fromkeys((40029, 40163, 42003), CodeRefused),
    # appid, secret, IP whitelist, missing parameters, permissions revoked or never granted
    **dict.fromkeys((40013, 40125, 40164, 41001, 41002, 41004, 48001, 48004), Misconfigured),
    DAY_QUOTA: QuotaSpent,
    MINUTE_QUOTA: PaceSpent,
    **dict.fromkeys((40003, 43004), NotAFollower),
    **dict.fromkeys((40226, 50002), UserBlocked),
}

_ANY: tuple[type[CallFailed], ...] = (Away, BreakerOpen, TokenRefused, Refused, *_OF.values())
#: All outcomes of a call, as the metrics count them.
OUTCOMES = {"ok", *(each.outcome for each in _ANY)}


def failure(call: str, errcode: int, errmsg: str, *, with_token: bool) -> CallFailed:
    """Return the error that a code of WeChat's means, for its caller to raise. `with_token` as in `calls.Call`.

    A call without an access token gets 40001 when the account's secret is wrong.
    """
    if errcode in _TOKEN:
        return (TokenRefused if with_token else Misconfigured)(call, errcode, errmsg)
    return _OF.get(errcode, Refused)(call, errcode, errmsg)
