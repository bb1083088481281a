"""Like batches as a gateway encodes them, for tests."""

from collections.abc import Sequence
from typing import Any

import bson

from services.voting.orders import COLUMNS


def batch(orders: Sequence[dict[str, Any]], **seen: Any) -> bytes:
    """Return a batch with the orders as columns. A field that an order does not name is null, as `held` mostly is."""
    columns = {name: [order.get(name) for order in orders] for name in COLUMNS}
    return bson.encode({"v": 1, "seen": {"moderation": 1, **seen}, "orders": columns})
