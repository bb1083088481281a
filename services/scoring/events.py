"""What scoring says happened. Other services read these; nothing else of scoring is theirs."""

from dataclasses import dataclass
from typing import Any

from shared.events import Sealed, event, upcaster

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("judge-appointed")
@dataclass(frozen=True, slots=True)
class JudgeAppointed:
    judge: str  # a staff name with the role judge
    name: Sealed  # with the key of the person `staff.<judge>`
    employer: str
    city: str
    conflicts: tuple[str, ...]  # units that the judge has declared beforehand
    by: str
    at: int


@event("entries-assigned")
@dataclass(frozen=True, slots=True)
class EntriesAssigned:
    """Entries that a judge is to mark, besides those assigned before."""

    judge: str
    entries: tuple[str, ...]
    by: str
    at: int


@event("anchors-chosen")
@dataclass(frozen=True, slots=True)
class AnchorsChosen:
    """The entries that every judge without a conflict marks before all others, chosen once."""

    entries: tuple[str, ...]
    by: str
    at: int


@event("entries-reassigned")
@dataclass(frozen=True, slots=True)
class EntriesReassigned:
    """Entries that the judge had not marked are taken away; who takes them over follows in the same commit.

    The judge keeps what is marked, and gets no other entries until appointed again.
    """

    judge: str
    entries: tuple[str, ...]
    reason: Sealed  # with the judge's key: it may tell of an illness
    by: str
    at: int


@event("conflict-declared", v=2)
@dataclass(frozen=True, slots=True)
class ConflictDeclared:
    """The judge steps back from an entry: it is no longer assigned, and a mark already given does not count."""

    judge: str
    entry: str
    reason: Sealed  # with the judge's key, as the name: it tells of friends and relatives
    at: int


@upcaster("conflict-declared", v=1)
def _sealed_reason(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 held the reason in clear: `shared.personal` knows the mark, and shows it."""
    return {**data, "reason": f"clear.{data['reason']}"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """A mark on one criterion, 0 to 100 in whole points."""

    criterion: str
    points: int


@event("mark-drafted")
@dataclass(frozen=True, slots=True)
class MarkDrafted:
    """Kept for the judge alone. It never counts, and leaves a mark that was given as it is."""

    judge: str
    entry: str
    marks: tuple[Criterion, ...]  # as many as there are yet
    words: str | None
    at: int


@event("score-given")
@dataclass(frozen=True, slots=True)
class ScoreGiven:
    judge: str
    entry: str
    version: int  # of the entry, as it was marked
    marks: tuple[Criterion, ...]  # in the order of the rubric
    words: str | None
    at: int


@event("score-revised")
@dataclass(frozen=True, slots=True)
class ScoreRevised:
    """Takes the place of the judge's mark before; both stay on record."""

    judge: str
    entry: str
    version: int
    marks: tuple[Criterion, ...]
    words: str | None
    at: int


@event("sheet-submitted")
@dataclass(frozen=True, slots=True)
class SheetSubmitted:
    """The judge is done: no mark changes after it."""

    judge: str
    at: int


@event("score-excluded")
@dataclass(frozen=True, slots=True)
class ScoreExcluded:
    judge: str
    entry: str
    reason: str
    by: str
    at: int


@event("third-reading-called")
@dataclass(frozen=True, slots=True)
class ThirdReadingCalled:
    """The marks of an entry lie so far apart that it needs one more: no result is made without it."""

    entry: str
    spread_e2: int  # of the weighted marks, in hundredths of a point
    marks: int  # that the entry needs from now on
    at: int
