"""Tickets of accepted orders: the order itself, sealed, so that whoever asks hands it back and nothing is kept here.

Promises: what opens was sealed here, unchanged; who reads an address, in a log of a proxy or over a shoulder, learns
neither the voter nor the entry. Does not promise an end: asking again is harmless for as long as likes are counted.
"""

import hmac
from typing import Any

import orjson

from shared.errors import Corrupt
from shared.events import Sealed
from shared.sealing import Sealer

_ID = "t"


class OrderTickets:
    """`key` is the campaign's key of receipts."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(hmac.digest(key, b"order ticket", "sha256"), key_id=_ID)

    def make(self, order: dict[str, Any]) -> str:
        return self._sealer.seal(orjson.dumps(order)).removeprefix(f"{_ID}.").rstrip("=")

    def read(self, text: str) -> dict[str, Any] | None:
        """The order; None where the ticket is none of ours."""
        try:
            clear = self._sealer.open(Sealed(f"{_ID}.{text}{'=' * (-len(text) % 4)}"))
        except Corrupt:
            return None
        order: dict[str, Any] = orjson.loads(clear)
        return order
