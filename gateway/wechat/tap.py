"""The proof that a person tapped a like button on a page of ours, in the browser that the page was made for.

A link that signs in and likes at once carries it. Promises: it is accepted only in the browser whose cookie it was made
for, for half a day, so a link that is passed on signs in and likes nothing. `key` is the campaign's session key.
"""

import base64
import hmac

LIFE_S = 12 * 3600
_TIME, _MAC = 4, 12


def make_tap(key: bytes, browser: str, *, now_s: int) -> str:
    """Return a proof for the browser whose random cookie has the value `browser`."""
    until = (now_s + LIFE_S).to_bytes(_TIME, "big")
    return base64.urlsafe_b64encode(until + _mac(key, browser, until)).decode().rstrip("=")


def is_tap(key: bytes, text: str, *, browser: str, now_s: int) -> bool:
    """Return whether the text is a proof for this browser that has not expired."""
    try:
        packed = base64.urlsafe_b64decode((text + "=" * (-len(text) % 4)).encode())
    except ValueError:
        return False
    until, mac = packed[:_TIME], packed[_TIME:]
    if not browser or not hmac.compare_digest(mac, _mac(key, browser, until)):
        return False
    return now_s < int.from_bytes(until, "big")


def _mac(key: bytes, browser: str, until: bytes) -> bytes:
    return hmac.digest(key, b"like tap\0" + until + browser.encode(), "sha256")[:_MAC]
