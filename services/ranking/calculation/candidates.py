"""What a result is made from: one row an entry, plain values.

Promises: nothing but what the formulas read, so that rows from a live fold, a rebuild or an audit copy are equal.
Does not promise: that the entry may be ranked. Who is a candidate, and which likes are valid, is settled before.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """One judge's scores of one entry: (criterion, whole points 0-100)."""

    judge: str
    scores: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    entry: str
    type: str
    likes: int  # valid ones
    handed_in: int  # ms since the epoch, of the version that was judged
    marks: tuple[Mark, ...]
