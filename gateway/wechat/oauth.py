"""Sending a person to WeChat's authorise page and knowing them again when they come back.

Promises: a state that comes back is taken only in the browser that it was made for, unchanged, and in time; it keeps to
WeChat's rule of 128 bytes of letters and digits. Does not promise that it comes back once: its nonce tells, and
WeChat's code can be spent only once.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from gateway.wechat.account import Account
from gateway.wechat.errors import BadState

PAGE = "/connect/oauth2/authorize"
STATE_MAX_CHARS = 128
STATE_LIFE_S = 600
REFERENCE_MAX_BYTES = 48  # as much as fits: 4 of time, 8 of nonce, 16 of MAC and 48 are 122 letters
_TIME, _NONCE, _MAC = 4, 8, 16


@dataclass(frozen=True, slots=True)
class State:
    """What went to WeChat and came back. `reference` is the caller's: an entry, a handoff."""

    reference: str
    nonce: str


def address(account: Account, *, base: str, redirect: str, state: str) -> str:
    """WeChat's silent authorisation (`snsapi_base`). WeChat wants the names in this order, and the fragment."""
    query = {
        "appid": account.appid,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{base}{PAGE}?{urlencode(query)}#wechat_redirect"


def make_state(key: bytes, reference: str, *, browser: str, now_s: int) -> str:
    """`browser` is the random value of a cookie that only this browser holds."""
    said = reference.encode()
    if len(said) > REFERENCE_MAX_BYTES:
        raise ValueError(f"a reference has at most {REFERENCE_MAX_BYTES} bytes")
    body = (now_s + STATE_LIFE_S).to_bytes(_TIME, "big") + secrets.token_bytes(_NONCE) + said
    return base64.b32encode(_mac(key, browser, body) + body).decode().rstrip("=")


def read_state(key: bytes, text: str, *, browser: str, now_s: int) -> State:
    """Raises BadState."""
    if len(text) > STATE_MAX_CHARS or not browser:
        raise BadState("no state of ours")
    try:
        packed = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError as problem:
        raise BadState("no state of ours") from problem
    mac, body = packed[:_MAC], packed[_MAC:]
    if not hmac.compare_digest(mac, _mac(key, browser, body)):
        raise BadState("made for another browser, or by somebody else")
    if int.from_bytes(body[:_TIME], "big") < now_s:
        raise BadState("too old")
    return State(body[_TIME + _NONCE :].decode(), body[_TIME : _TIME + _NONCE].hex())


def _mac(key: bytes, browser: str, body: bytes) -> bytes:
    """The cookie has its length said before it, so that no other split of the same bytes has the same MAC."""
    said = browser.encode()
    return hmac.digest(key, b"wechat oauth state" + len(said).to_bytes(4, "big") + said + body, "sha256")[:_MAC]
