"""The events of scoring. Other services read them, and use nothing else of scoring."""

from dataclasses import dataclass
from typing import Any

from shared.events import Sealed, event, upcaster

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("judge-appointed")
@dataclass(frozen=True, slots=True)
class JudgeAppointed:
    """A judge was appointed, or appointed again with other data."""

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
    """Entries were assigned to a judge, who is to mark them in addition to entries that were assigned earlier."""

    judge: str
    entries: tuple[str, ...]
    by: str
    at: int


@event("anchors-chosen")
@dataclass(frozen=True, slots=True)
class AnchorsChosen:
    """The anchor entries were chosen, which every judge without a conflict marks before all others.

    They are chosen once in a campaign.
    """

    entries: tuple[str, ...]
    by: str
    at: int


@event("entries-reassigned")
@dataclass(frozen=True, slots=True)
class EntriesReassigned:
    """Entries that a judge had not marked were taken away; the same commit assigns them to other judges.

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
    """A judge recused themself from an entry: it is no longer assigned to the judge, and a mark that the judge gave it
    does not count.
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
    """A judge's points for one criterion, 0 to 100 in whole points; a part of a mark."""

    criterion: str
    points: int


@event("mark-drafted", v=2)
@dataclass(frozen=True, slots=True)
class MarkDrafted:
    """A judge saved a draft of a mark, which only the judge sees. It never counts, and does not change a mark that the
    judge gave.

    `device` is a random name of the open page that sent it, empty if unknown, and `sequence` numbers its changes.
    """

    judge: str
    entry: str
    marks: tuple[Criterion, ...]  # the criteria that are filled in so far
    words: str | None
    at: int
    device: str = ""
    sequence: int = 0


@upcaster("mark-drafted", v=1)
def _of_no_known_device(data: dict[str, Any]) -> dict[str, Any]:
    """Upgrade version 1 of the event, which did not say which page had sent the draft."""
    return {**data, "device": "", "sequence": 0}


@event("independence-declared")
@dataclass(frozen=True, slots=True)
class IndependenceDeclared:
    """A judge declared to be independent, which every judge does before reading the first entry."""

    judge: str
    words: str  # the SHA-256 of the wording that the judge was shown
    at: int


@event("reading-opened")
@dataclass(frozen=True, slots=True)
class ReadingOpened:
    """A judge opened an entry of their sheet for the first time."""

    judge: str
    entry: str
    at: int


@event("reading-skipped")
@dataclass(frozen=True, slots=True)
class ReadingSkipped:
    """A judge put an entry off. It stays on the sheet, and a draft or a mark ends this."""

    judge: str
    entry: str
    at: int


@event("score-given")
@dataclass(frozen=True, slots=True)
class ScoreGiven:
    """A judge gave an entry a first mark."""

    judge: str
    entry: str
    version: int  # the version of the entry that was marked
    marks: tuple[Criterion, ...]  # in the order of the rubric
    words: str | None
    at: int


@event("score-revised")
@dataclass(frozen=True, slots=True)
class ScoreRevised:
    """A judge replaced their earlier mark of an entry. Both marks stay in the log, and the later counts."""

    judge: str
    entry: str
    version: int
    marks: tuple[Criterion, ...]
    words: str | None
    at: int


@event("sheet-submitted")
@dataclass(frozen=True, slots=True)
class SheetSubmitted:
    """A judge submitted the sheet: none of the judge's marks changes any more."""

    judge: str
    at: int


@event("score-excluded")
@dataclass(frozen=True, slots=True)
class ScoreExcluded:
    """An organiser excluded a judge's mark of an entry: it no longer counts."""

    judge: str
    entry: str
    reason: str
    by: str
    at: int


@event("third-reading-called")
@dataclass(frozen=True, slots=True)
class ThirdReadingCalled:
    """A third reading was called: the marks of an entry lie so far apart that it needs a further judge's mark.

    No result is computed without it.
    """

    entry: str
    spread_e2: int  # spread of the weighted marks, in hundredths of a point
    marks: int  # how many marks the entry needs from now on
    at: int
