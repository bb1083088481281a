"""Queries on the vote logs. Nothing is decided in this module."""

from collections.abc import Callable, Iterable
from typing import Any

from services.voting.events import LikeCast
from services.voting.receipts import address_of, receipt
from services.voting.voter_likes import VotersLike
from shared.commit import Commit
from shared.ledger import Ledger


def own_likes(likes: Iterable[VotersLike], why_void: Callable[[str], str | None], key: bytes) -> list[dict[str, Any]]:
    """Return a voter's likes as plain data, newest first. `why_void` says of an address why its like is void, or None.

    `status` is counted, pending (admission holds the like), retracted or void; `reason` is why it is void.
    """
    shown = []
    for each in likes:
        why = None if each.retracted else why_void(each.address)
        shown.append(
            {
                "entry": each.entry,
                "day": each.day,
                "at": each.at,
                "status": "void" if why is not None else _status(each),
                "reason": why,
                "receipt": receipt(key, each.address),
            }
        )
    return sorted(shown, key=lambda each: (each["day"], each["at"]), reverse=True)


def _status(like: VotersLike) -> str:
    if like.retracted:
        return "retracted"
    return "pending" if like.held else "counted"


def like_of(ledger: Ledger, key: bytes, receipt: str) -> dict[str, Any] | None:
    """Return the like that a receipt stands for, as it was stored, or None for a receipt that is not ours.

    The answer includes the like's address and the root hash of its commit. It does not say whether the like still
    counts: the like may have been taken back, held or voided since, as the voter's own list shows. Raise Unreachable if
    the ledger does not answer.
    """
    address = address_of(key, receipt)
    if address is None:
        return None
    found = _commit_and_like(ledger, address)
    if found is None:
        return None
    commit, like = found
    root = bytes(commit.document["leaf_root"]).hex()
    return {"entry": like.entry, "day": like.day, "at": like.at, "address": address, "leaf_root": root}


def stored_like(ledger: Ledger, address: str) -> LikeCast | None:
    """Return the like at an address, or None if there is none. Raise Unreachable if the ledger does not answer."""
    found = _commit_and_like(ledger, address)
    return None if found is None else found[1]


def _commit_and_like(ledger: Ledger, address: str) -> tuple[Commit, LikeCast] | None:
    log, n, i = address.split("/")
    commit = ledger.get(log, int(n))
    if commit is None:
        return None
    events = commit.events()
    like = events[int(i)] if int(i) < len(events) else None
    return (commit, like) if isinstance(like, LikeCast) else None
