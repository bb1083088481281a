"""A judge's sheet: the entries to mark, the marks that count, and drafts of marks that are not given yet.

Promises: a draft never counts and never replaces a mark; every version of both stays in the log.
A sheet belongs to one judge: whether an entry may be marked at all is decided with `state.ScoringState`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from immutables import Map

from services.moderation import campaign as rules
from services.scoring.events import (
    ConflictDeclared,
    Criterion,
    EntriesAssigned,
    EntriesReassigned,
    IndependenceDeclared,
    MarkDrafted,
    ReadingOpened,
    ReadingSkipped,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
)

Marking = (
    EntriesAssigned
    | EntriesReassigned
    | ConflictDeclared
    | IndependenceDeclared
    | ReadingOpened
    | ReadingSkipped
    | MarkDrafted
    | ScoreGiven
    | ScoreRevised
    | SheetSubmitted
    | ScoreExcluded
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A judge's current mark of an entry: points by criterion, the judge's words, and whether it was excluded.

    `version` is the version of the entry that was marked. Times are campaign time in ms.
    """

    version: int
    marks: tuple[Criterion, ...]
    words: str | None
    at: int
    first_at: int  # when the judge first marked the entry
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A judge's draft of a mark, which does not count. Criteria may be missing."""

    marks: tuple[Criterion, ...]
    words: str | None
    at: int


WORDS_FIELD, MARK_FIELD = "words", "mark."  # names of the fields that a judge fills in: `words`, `mark.<criterion>`


@dataclass(frozen=True, slots=True)
class Touched:
    """When a field of an entry changed last: the revision, the time, and which page sent it (see `MarkDrafted`)."""

    revision: int = 0
    at: int = 0
    device: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Edits:
    """How often what a judge filled in for an entry has changed, and when each field did so last."""

    revision: int = 0
    at: int = 0
    fields: Map[str, Touched] = field(default_factory=Map)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The entries that are assigned to one judge, with the judge's marks and drafts by entry.

    The mark is None until the entry is marked. An entry that the judge is recused from, or that was taken away, is
    removed.
    """

    entries: Map[str, Mark | None] = field(default_factory=Map)
    drafts: Map[str, Draft] = field(default_factory=Map)
    assigned_at: int | None = None  # when the judge first got entries
    submitted_at: int | None = None
    edits: Map[str, Edits] = field(default_factory=Map)  # by entry
    opened: Map[str, int] = field(default_factory=Map)  # entry -> when the judge opened it first
    skipped: frozenset[str] = frozenset()  # entries that the judge put off
    independent_at: int | None = None  # when the judge declared to be independent
    independence: str = ""  # the hash of the wording that the judge declared


def values_of(filled: Mark | Draft | None) -> dict[str, int | str]:
    """Return what a judge filled in for an entry, by the name of the field, without empty fields."""
    if filled is None:
        return {}
    words: dict[str, int | str] = {WORDS_FIELD: filled.words} if filled.words else {}
    return {**{f"{MARK_FIELD}{each.criterion}": each.points for each in filled.marks}, **words}


def evolve(sheet: Sheet, fact: Marking) -> Sheet:
    """Return the sheet after an event about its judge. The caller passes only events of that judge."""
    match fact:
        case EntriesAssigned():
            entries = sheet.entries.update({each: sheet.entries.get(each) for each in fact.entries})
            first = fact.at if sheet.assigned_at is None else sheet.assigned_at
            return replace(sheet, entries=entries, assigned_at=first)
        case EntriesReassigned():
            return _without_entries(sheet, fact.entries)
        case ConflictDeclared():
            return _without_entries(sheet, (fact.entry,))
        case MarkDrafted():
            touched = _with_edit(sheet, fact, device=fact.device, sequence=fact.sequence)
            return replace(touched, drafts=sheet.drafts.set(fact.entry, Draft(fact.marks, fact.words, fact.at)))
        case IndependenceDeclared():
            return replace(sheet, independent_at=fact.at, independence=fact.words)
        case ReadingOpened():
            return replace(sheet, opened=sheet.opened.set(fact.entry, fact.at))
        case ReadingSkipped():
            return replace(sheet, skipped=sheet.skipped | {fact.entry})
        case ScoreGiven() | ScoreRevised():
            before = sheet.entries.get(fact.entry)
            first = fact.at if before is None else before.first_at
            mark = Mark(fact.version, fact.marks, fact.words, fact.at, first)
            touched = _without_draft(_with_edit(sheet, fact), fact.entry)
            return replace(touched, entries=sheet.entries.set(fact.entry, mark))
        case ScoreExcluded():
            mark_then = sheet.entries.get(fact.entry)
            if mark_then is None:
                return sheet
            return replace(sheet, entries=sheet.entries.set(fact.entry, replace(mark_then, excluded=True)))
        case SheetSubmitted():
            return replace(sheet, submitted_at=fact.at)
        case _:
            assert_never(fact)


def exclude(sheet: Sheet, entries: Collection[str]) -> Sheet:
    """Return the sheet whose marks of these entries do not count. An entry without a mark is left alone."""
    marks = {each: sheet.entries.get(each) for each in entries}
    out = {each: replace(mark, excluded=True) for each, mark in marks.items() if mark is not None}
    return replace(sheet, entries=sheet.entries.update(out))


def weighted_e2(marks: Sequence[Criterion], criteria: Sequence[rules.Criterion]) -> int:
    """Return a judge's weighted mark in hundredths of a point. A missing criterion counts as 0.

    It is exact, because weights are per cent.
    """
    return rules.weighted_e2({each.criterion: each.points for each in marks}, criteria)


def _with_edit(
    sheet: Sheet, fact: MarkDrafted | ScoreGiven | ScoreRevised, *, device: str = "", sequence: int = 0
) -> Sheet:
    """Return the sheet with one change more of an entry; fields with the same value as before count as unchanged."""
    entry = fact.entry
    edits = sheet.edits.get(entry, Edits())
    before = values_of(sheet.drafts.get(entry) or sheet.entries.get(entry))
    after = values_of(Draft(fact.marks, fact.words, fact.at))
    touched = Touched(edits.revision + 1, fact.at, device, sequence)
    changed = {name: touched for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    edits = Edits(touched.revision, fact.at, edits.fields.update(changed))
    return replace(sheet, edits=sheet.edits.set(entry, edits), skipped=sheet.skipped - {entry})


def _without_entries(sheet: Sheet, removed: Sequence[str]) -> Sheet:
    entries = sheet.entries
    for each in removed:
        sheet = _without_draft(sheet, each)
        entries = entries.delete(each) if each in entries else entries
        sheet = replace(sheet, skipped=sheet.skipped - {each})
    return replace(sheet, entries=entries)


def _without_draft(sheet: Sheet, entry: str) -> Sheet:
    return replace(sheet, drafts=sheet.drafts.delete(entry)) if entry in sheet.drafts else sheet
