"""Differences between two rankings: who enters, who leaves, and who changes place, seat or score, and why.

Promises: plain rows in, plain values out; the same differences for the same two rankings, in the order of the newer
one, with those that left at the end. Does not promise causes beyond what the rows and the disqualifications show: a
place that changes with an unchanged score changed because other entries moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

CAME, WENT, MOVED = "came", "went", "moved"
# Why. For a winner that came in, `after` also holds the reason of its seat (`calculation/quota.py`).
DISQUALIFIED, NOT_RANKED, OUTRANKED = "disqualified", "not-ranked", "outranked"
SCORE, OTHERS = "score-changed", "others-moved"
FIRST_RANKED, SEATED = "newly-ranked", "seat-won"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """The position of an entry in one ranking."""

    type: str
    place: int
    seat: str | None
    seat_reason: str | None
    final: str  # exact, as a fraction


@dataclass(frozen=True, slots=True)
class Change:
    """One difference among the winners."""

    entry: str
    kind: str  # CAME, WENT or MOVED, among the winners
    why: str
    before: Position | None  # None: the entry was not ranked
    after: Position | None


def changes(before: Sequence[Row], after: Sequence[Row], *, disqualified: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the differences among the winners, as plain data."""
    old, new = ({row["entry"]: row for row in rows} for rows in (before, after))
    found = [_change(entry, old.get(entry), row, disqualified) for entry, row in new.items()]
    left = [_change(entry, row, None, disqualified) for entry, row in old.items() if entry not in new]
    ordered = sorted((each for each in (*found, *left) if each is not None), key=lambda each: each.kind == WENT)
    return [asdict(each) for each in ordered]


def _change(entry: str, old: Row | None, new: Row | None, disqualified: Mapping[str, int]) -> Change | None:
    before, after = _position(old), _position(new)
    won, wins = bool(old and old["winner"]), bool(new and new["winner"])
    if wins and not won:
        return Change(entry, CAME, FIRST_RANKED if before is None else SEATED, before, after)
    if won and not wins:
        why = DISQUALIFIED if entry in disqualified else NOT_RANKED if after is None else OUTRANKED
        return Change(entry, WENT, why, before, after)
    if wins and before is not None and after is not None and before != after:
        return Change(entry, MOVED, SCORE if before.final != after.final else OTHERS, before, after)
    return None


def _position(row: Row | None) -> Position | None:
    if row is None:
        return None
    return Position(row["type"], row["place"], row["seat"], row["seat_reason"], row["final"])
