"""Short names that only we can make: of a handoff, and of the link that another account's chat sends.

Each is some plain bytes, its end in seconds, and a MAC, in URL-safe letters: nothing is kept of it until it is used,
so that who merely looks writes nothing. They fit the 48 bytes that an OAuth state carries (`wechat/oauth.py`).
Promises: what reads back was made here, for this purpose, and is not past its end.
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
    """The name of a handoff to the browser whose cookie holds `browser`: 36 letters."""
    plain = (now_s + LIFE_S).to_bytes(_TIME, "big") + secrets.token_bytes(_CHANCE) + _digest(browser)
    return _sealed(key, b"handoff", plain)


def is_handoff(key: bytes, text: str, *, now_s: int) -> bool:
    """Whether this names a handoff that has not ended."""
    return _opened(key, b"handoff", text, now_s=now_s) is not None


def is_of_browser(key: bytes, text: str, browser: str, *, now_s: int) -> bool:
    """Whether it was made for the browser with this cookie."""
    plain = _opened(key, b"handoff", text, now_s=now_s)
    return plain is not None and bool(browser) and hmac.compare_digest(plain[-_BROWSER:], _digest(browser))


def code_of(key: bytes, handoff: str) -> str:
    """Four digits that both screens show, so that nobody confirms a stranger's."""
    number = int.from_bytes(hmac.digest(key, b"code of " + handoff.encode(), "sha256")[:8], "big")
    return f"{number % _CODES:04d}"


def ends_at(handoff: str) -> int:
    """When a handoff ends, ms."""
    return int.from_bytes(_bytes(handoff)[:_TIME], "big") * 1000


def make_link(key: bytes, name: str, *, now_s: int) -> str:
    """What leads from another account's chat to the like page: `name` is the pseudonym there."""
    return _sealed(key, b"link", (now_s + LINK_LIFE_S).to_bytes(_TIME, "big") + bytes.fromhex(name))


def read_link(key: bytes, text: str, *, now_s: int) -> str | None:
    """The pseudonym; None where it is none of ours, or too old."""
    plain = _opened(key, b"link", text, now_s=now_s)
    return None if plain is None else plain[_TIME:].hex()


def _sealed(key: bytes, purpose: bytes, plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain + _mac(key, purpose, plain)).decode().rstrip("=")


def _opened(key: bytes, purpose: bytes, text: str, *, now_s: int) -> bytes | None:
    packed = _bytes(text)
    plain, mac = packed[:-_MAC], packed[-_MAC:]
    if len(plain) <= _TIME or not hmac.compare_digest(mac, _mac(key, purpose, plain)):
        return None
    return plain if now_s < int.from_bytes(plain[:_TIME], "big") else None


def _bytes(text: str) -> bytes:
    try:
        packed = base64.urlsafe_b64decode((text + "=" * (-len(text) % 4)).encode())
    except ValueError:
        return b""
    # The decoder passes over strange letters and spare bits: one name may be spelled in one way only.
    return packed if base64.urlsafe_b64encode(packed).decode().rstrip("=") == text else b""


def _mac(key: bytes, purpose: bytes, plain: bytes) -> bytes:
    return hmac.digest(key, b"door " + purpose + b"\0" + plain, "sha256")[:_MAC]


def _digest(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()[:_BROWSER]
