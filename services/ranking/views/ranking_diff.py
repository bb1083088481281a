"""Differences between the winners of two rankings: who enters, who leaves, and whose place, seat or score changes.

Promises: the same differences for the same two rankings, in the order of the newer ranking, with the entries that leave
at the end. Each difference has a reason, which rests on the rows and the disqualifications alone: if a place changes
and the score does not, the reason is that other entries moved.
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
    """The position of an entry in one ranking: place in its unit type, seat (if any) and final score."""

    type: str
    place: int
    seat: str | None
    seat_reason: str | None
    final: str  # exact, as a fraction


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that enters the winners, leaves them, or changes its position among them, and why."""

    entry: str
    kind: str  # CAME, WENT or MOVED, among the winners
    why: str
    before: Position | None  # None: the entry was not ranked
    after: Position | None


def changes(before: Sequence[Row], after: Sequence[Row], *, disqualified: Mapping[str, int]) -> list[dict[str, Any]]:
    """Compare the rows of two rankings, and return the differences among the winners as plain data.

    `disqualified` has the disqualified entries, which gives the reason why an entry left.
    """
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
