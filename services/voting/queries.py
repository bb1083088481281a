"""Reading the votes; no decision here."""

from typing import Any

from services.voting.events import LikeCast
from services.voting.receipts import address_of
from shared.ledger import Ledger


def like_of(ledger: Ledger, key: bytes, receipt: str) -> dict[str, Any] | None:
    """What a receipt stands for, as it was stored; None for a receipt that is not ours. Raises Unreachable.

    Names the commit whose root covers the like. Does not say whether the like still counts: it may have been taken
    back, held or voided since, and the voter's own list says so.
    """
    address = address_of(key, receipt)
    if address is None:
        return None
    log, n, i = address.split("/")
    commit = ledger.get(log, int(n))
    if commit is None:
        return None
    like = commit.events()[int(i)]
    if not isinstance(like, LikeCast):
        return None
    root = bytes(commit.document["leaf_root"]).hex()
    return {"entry": like.entry, "day": like.day, "at": like.at, "address": address, "leaf_root": root}
