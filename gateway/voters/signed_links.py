"""Short signed names: of a handoff, and of the link that another account's chat sends.

A name is an expiry in seconds, some plain bytes, and a MAC, in URL-safe base64. Nothing is stored about a name until it
is used, so that looking at a page writes nothing. A name fits into the 48 bytes that an OAuth state carries
(`wechat/oauth.py`). `key` is the campaign's session key in all functions.

Promises: a name that is accepted was made by this campaign's gateways for this purpose, and has not expired.
"""

import base64
import hashlib
import hmac
import secrets

LIFE_S = 300  # of a handoff
LINK_LIFE_S, LINK_CHARS = 600, 35
_TIME, _CHANCE, _BROWSER, _NAME = 4, 5, 8, 12
_MAC = 10
_CODES = 10_000


def make_handoff(key: bytes, browser: str, *, now_s: int) -> str:
    """Return a new name of a handoff (36 letters), bound to the browser whose cookie has the value `browser`."""
    plain = (now_s + LIFE_S).to_bytes(_TIME, "big") + secrets.token_bytes(_CHANCE) + _digest(browser)
    return _sign(key, b"handoff", plain)


def is_handoff(key: bytes, text: str, *, now_s: int) -> bool:
    """Return whether the text is the name of a handoff that we made and that has not expired."""
    return _verify(key, b"handoff", text, now_s=now_s) is not None


def is_of_browser(key: bytes, text: str, browser: str, *, now_s: int) -> bool:
    """Return whether the text is a valid name of a handoff that the browser with the cookie value `browser` began."""
    plain = _verify(key, b"handoff", text, now_s=now_s)
    return plain is not None and bool(browser) and hmac.compare_digest(plain[-_BROWSER:], _digest(browser))


def code_of(key: bytes, handoff: str) -> str:
    """Return the four digits of a handoff that both screens show, so that nobody confirms a stranger's handoff."""
    number = int.from_bytes(hmac.digest(key, b"code of " + handoff.encode(), "sha256")[:8], "big")
    return f"{number % _CODES:04d}"


def expires_at(handoff: str) -> int:
    """Return when the handoff with this name expires, in ms since the epoch. Does not verify the name."""
    return int.from_bytes(_decode(handoff)[:_TIME], "big") * 1000


def make_link(key: bytes, name: str, *, now_s: int) -> str:
    """Return the signed name that another account's chat puts into its link to the like page.

    `name` is the pseudonym of the person's openid at that account, which the link carries.
    """
    return _sign(key, b"link", (now_s + LINK_LIFE_S).to_bytes(_TIME, "big") + bytes.fromhex(name))


def read_link(key: bytes, text: str, *, now_s: int) -> str | None:
    """Return the pseudonym in the signed name of a link, or None if we did not make it or it has expired."""
    plain = _verify(key, b"link", text, now_s=now_s)
    return None if plain is None else plain[_TIME:].hex()


def _sign(key: bytes, purpose: bytes, plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain + _mac(key, purpose, plain)).decode().rstrip("=")


def _verify(key: bytes, purpose: bytes, text: str, *, now_s: int) -> bytes | None:
    packed = _decode(text)
    plain, mac = packed[:-_MAC], packed[-_MAC:]
    if len(plain) <= _TIME or not hmac.compare_digest(mac, _mac(key, purpose, plain)):
        return None
    return plain if now_s < int.from_bytes(plain[:_TIME], "big") else None


def _decode(text: str) -> bytes:
    try:
        packed = base64.urlsafe_b64decode((text + "=" * (-len(text) % 4)).encode())
    except ValueError:
        return b""
    # The decoder ignores foreign letters and spare bits, but a name must have exactly one spelling.
    return packed if base64.urlsafe_b64encode(packed).decode().rstrip("=") == text else b""


def _mac(key: bytes, purpose: bytes, plain: bytes) -> bytes:
    return hmac.digest(key, b"door " + purpose + b"\0" + plain, "sha256")[:_MAC]


def _digest(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()[:_BROWSER]
