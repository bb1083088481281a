"""OAuth with WeChat: the URL of the authorise page, and the signed state that identifies the browser on its return.

Promises: a state is accepted only in the browser that it was made for, unchanged, and in time; it keeps to WeChat's
rule of 128 bytes of letters and digits. Does not promise that a state is used only once: its nonce would show it, and
WeChat accepts a code only once.
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
REFERENCE_MAX_BYTES = 48  # the most that fits: 4 of time, 8 of nonce, 16 of MAC and 48 are 122 letters
_TIME, _NONCE, _MAC = 4, 8, 16


@dataclass(frozen=True, slots=True)
class State:
    """The content of a verified OAuth state. `reference` is the caller's own value, such as an entry or a handoff."""

    reference: str
    nonce: str


def authorize_url(account: Account, *, base: str, redirect: str, state: str) -> str:
    """Return the URL of WeChat's page for silent authorisation (`snsapi_base`), on the host `base`.

    The page sends the browser back to the URL `redirect`, with a code and `state`. WeChat requires the parameters in
    this order, and the fragment.
    """
    query = {
        "appid": account.appid,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{base}{PAGE}?{urlencode(query)}#wechat_redirect"


def make_state(key: bytes, reference: str, *, browser: str, now_s: int) -> str:
    """Return a signed OAuth state that carries `reference` to WeChat and back.

    `browser` is the random value of a cookie that only this browser holds. Raise ValueError if the reference is too
    long.
    """
    encoded = reference.encode()
    if len(encoded) > REFERENCE_MAX_BYTES:
        raise ValueError(f"a reference has at most {REFERENCE_MAX_BYTES} bytes")
    body = (now_s + STATE_LIFE_S).to_bytes(_TIME, "big") + secrets.token_bytes(_NONCE) + encoded
    return base64.b32encode(_mac(key, browser, body) + body).decode().rstrip("=")


def read_state(key: bytes, text: str, *, browser: str, now_s: int) -> State:
    """Verify the state that came back from WeChat in this browser, and return its content. Raise BadState."""
    if len(text) > STATE_MAX_CHARS or not browser:
        raise BadState("not a state of ours")
    try:
        packed = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError as problem:
        raise BadState("not a state of ours") from problem
    mac, body = packed[:_MAC], packed[_MAC:]
    if not hmac.compare_digest(mac, _mac(key, browser, body)):
        raise BadState("made for another browser, or by somebody else")
    if int.from_bytes(body[:_TIME], "big") < now_s:
        raise BadState("too old")
    return State(body[_TIME + _NONCE :].decode(), body[_TIME : _TIME + _NONCE].hex())


def _mac(key: bytes, browser: str, body: bytes) -> bytes:
    """Return the MAC.

    The cookie is preceded by its length, so that no other split of the same bytes has the same MAC.
    """
    encoded = browser.encode()
    return hmac.digest(key, b"wechat oauth state" + len(encoded).to_bytes(4, "big") + encoded + body, "sha256")[:_MAC]
