"""Input of a ranking: the candidates, one for each entry, as plain values.

Promises: candidates hold only what the formulas read, so candidates from a live fold, a rebuild or an audit copy are
equal. Does not check that an entry may be ranked: who is a candidate, and which likes are valid, is decided before.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """One judge's mark of one entry: whole points from 0 to 100 for each criterion, as pairs (criterion, points)."""

    judge: str
    scores: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry to be ranked, with the facts that the ranking reads: its valid likes and the marks that count."""

    entry: str
    type: str
    likes: int  # valid likes only
    handed_in: int | None  # ms since the epoch, of the version that was judged; None only in a list that is tried
    marks: tuple[Mark, ...]
