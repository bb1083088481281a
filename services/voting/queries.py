"""Queries on the vote logs. Nothing is decided in this module."""

from typing import Any

from services.voting.events import LikeCast
from services.voting.receipts import address_of
from shared.ledger import Ledger


def like_of(ledger: Ledger, key: bytes, receipt: str) -> dict[str, Any] | None:
    """Return the like that a receipt stands for, as it was stored, or None for a receipt that is not ours.

    The answer includes the like's address and the root hash of its commit. It does not say whether the like still
    counts: the like may have been taken back, held or voided since, as the voter's own list shows. Raise Unreachable if
    the ledger does not answer.
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
