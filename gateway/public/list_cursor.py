"""Cursors of the list of entries: the place after which the next page starts, as a text for a URL.

A cursor holds the poster number and the id of the last entry of a page, so a list continues from its place also when
that entry is gone. Promises: a cursor that we did not make is refused, and no list starts again because of one.
Does not promise secrecy: a cursor spells what the page before it showed.
"""

import hmac

from gateway.http.problems import Problem
from gateway.public.entry_list import Place
from gateway.read_models.cache import Views

_NO_NUMBER = "0"
_MAC_HEX = 16


def make(key: bytes, place: Place | None) -> str:
    """Return the cursor of a place, or an empty text for None, the end of a list. `key` is the session key."""
    if place is None:
        return ""
    plain = f"{place.number or _NO_NUMBER}.{place.entry}"
    return f"{plain}.{_mac(key, plain)}"


def read(key: bytes, text: str, views: Views) -> Place | None:
    """Return the place in a cursor, or None for an empty text, the beginning of a list.

    The id of a visible entry is a cursor too. Raise Problem for any other text that `make` did not return.
    """
    if not text:
        return None
    seen = views.data("entries").get("entries", {}).get(text)
    if seen is not None:
        return Place(seen["number"], text)
    plain, _, mac = text.rpartition(".")
    number, _, entry = plain.partition(".")
    if not entry or not hmac.compare_digest(_mac(key, plain).encode(), mac.encode()):
        raise Problem("cursor-unknown", field="after")
    return Place(None if number == _NO_NUMBER else number, entry)


def _mac(key: bytes, plain: str) -> str:
    return hmac.digest(key, b"list cursor " + plain.encode(), "sha256").hex()[:_MAC_HEX]
