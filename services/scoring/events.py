"""The events of scoring. They are its whole published language: other services use nothing else of scoring."""

from dataclasses import dataclass
from typing import Any

from shared.events import Sealed, event, upcaster

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("judge-appointed")
@dataclass(frozen=True, slots=True)
class JudgeAppointed:
    """A judge is appointed, or appointed again with other data."""

    judge: str  # a staff name with the role judge
    name: Sealed  # sealed with the key of the person `staff.<judge>`
    employer: str
    city: str
    conflicts: tuple[str, ...]  # codes of units that the judge has a conflict with
    by: str
    at: int


@event("entries-assigned")
@dataclass(frozen=True, slots=True)
class EntriesAssigned:
    """Entries that a judge is to mark, in addition to earlier ones."""

    judge: str
    entries: tuple[str, ...]
    by: str
    at: int


@event("anchors-chosen")
@dataclass(frozen=True, slots=True)
class AnchorsChosen:
    """The entries that every judge without a conflict marks before all others. They are chosen once."""

    entries: tuple[str, ...]
    by: str
    at: int


@event("entries-reassigned")
@dataclass(frozen=True, slots=True)
class EntriesReassigned:
    """Entries that the judge had not marked are taken away; the same commit assigns them to others.

    The judge's marks stay, and the judge gets no other entries until appointed again.
    """

    judge: str
    entries: tuple[str, ...]
    reason: Sealed  # sealed with the judge's key, since it may mention an illness
    by: str
    at: int


@event("conflict-declared", v=2)
@dataclass(frozen=True, slots=True)
class ConflictDeclared:
    """The judge recuses themself from an entry: it is no longer assigned to them, and a mark that they gave does not
    count.
    """

    judge: str
    entry: str
    reason: Sealed  # sealed with the judge's key, since it may mention friends and relatives
    at: int


@upcaster("conflict-declared", v=1)
def _sealed_reason(data: dict[str, Any]) -> dict[str, Any]:
    """Upgrade version 1 of the event, which stored the reason in clear text. `shared.personal` recognises the prefix
    and shows the text as it is.
    """
    return {**data, "reason": f"clear.{data['reason']}"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """A mark on one criterion, 0 to 100 in whole points."""

    criterion: str
    points: int


@event("mark-drafted")
@dataclass(frozen=True, slots=True)
class MarkDrafted:
    """A draft of a mark, for the judge alone. It never counts, and a mark that was given stays as it is."""

    judge: str
    entry: str
    marks: tuple[Criterion, ...]  # the criteria that are filled in so far
    words: str | None
    at: int


@event("score-given")
@dataclass(frozen=True, slots=True)
class ScoreGiven:
    """A judge's first mark of an entry."""

    judge: str
    entry: str
    version: int  # the version of the entry that was marked
    marks: tuple[Criterion, ...]  # in the order of the rubric
    words: str | None
    at: int


@event("score-revised")
@dataclass(frozen=True, slots=True)
class ScoreRevised:
    """A mark that replaces the judge's earlier mark of the entry; both stay in the log."""

    judge: str
    entry: str
    version: int
    marks: tuple[Criterion, ...]
    words: str | None
    at: int


@event("sheet-submitted")
@dataclass(frozen=True, slots=True)
class SheetSubmitted:
    """The judge has finished: none of their marks changes any more."""

    judge: str
    at: int


@event("score-excluded")
@dataclass(frozen=True, slots=True)
class ScoreExcluded:
    """The organiser excluded a mark; it no longer counts."""

    judge: str
    entry: str
    reason: str
    by: str
    at: int


@event("third-reading-called")
@dataclass(frozen=True, slots=True)
class ThirdReadingCalled:
    """The marks of an entry lie so far apart that it needs one more: no result is computed without it."""

    entry: str
    spread_e2: int  # spread of the weighted marks, in hundredths of a point
    marks: int  # how many marks the entry needs from now on
    at: int
