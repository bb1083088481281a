"""Order tickets: an accepted order, encrypted, so that the client brings it back and the server stores nothing.

Promises: a ticket that opens was made by this campaign and is unchanged; a reader of a URL that contains it, such as in
a proxy's log, learns neither the voter nor the entry. Tickets do not expire: sending an order again is harmless for as
long as likes are counted.
"""

import hmac
from typing import Any

import orjson

from shared.errors import Corrupt
from shared.events import Sealed
from shared.sealing import Sealer

_ID = "t"


class OrderTickets:
    """Encrypt accepted orders into order tickets, and decrypt them. `key` is the campaign's receipt key."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(hmac.digest(key, b"order ticket", "sha256"), key_id=_ID)

    def make(self, order: dict[str, Any]) -> str:
        """Encrypt an order and return its order ticket, a text that fits into a URL."""
        return self._sealer.seal(orjson.dumps(order)).removeprefix(f"{_ID}.").rstrip("=")

    def read(self, text: str) -> dict[str, Any] | None:
        """Decrypt an order ticket and return its order, or None if the text is not an order ticket of this campaign."""
        try:
            clear = self._sealer.open(Sealed(f"{_ID}.{text}{'=' * (-len(text) % 4)}"))
        except Corrupt:
            return None
        order: dict[str, Any] = orjson.loads(clear)
        return order
