"""A judge's sheet: the entries to mark, the standing marks, and drafts of marks that are not given yet.

Promises: a draft never counts and never takes the place of a mark; every version of both stays in the log.
Knows one judge at a time: whether an entry may be marked at all is `panel`'s to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from immutables import Map

from services.moderation import campaign as rules
from services.scoring.events import (
    ConflictDeclared,
    Criterion,
    EntriesAssigned,
    EntriesReassigned,
    MarkDrafted,
    ScoreExcluded,
    ScoreGiven,
    ScoreRevised,
    SheetSubmitted,
)

Marking = (
    EntriesAssigned
    | EntriesReassigned
    | ConflictDeclared
    | MarkDrafted
    | ScoreGiven
    | ScoreRevised
    | SheetSubmitted
    | ScoreExcluded
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A judge's standing mark of an entry."""

    version: int
    marks: tuple[Criterion, ...]
    words: str | None
    at: int
    first_at: int  # when the entry was marked first
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    marks: tuple[Criterion, ...]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The entries that a judge has, without those recused from or taken away; None where nothing is marked yet."""

    entries: Map[str, Mark | None] = field(default_factory=Map)
    drafts: Map[str, Draft] = field(default_factory=Map)
    assigned_at: int | None = None  # the first time
    submitted_at: int | None = None


def evolve(sheet: Sheet, fact: Marking) -> Sheet:
    """The sheet of the judge that the fact names, after it."""
    match fact:
        case EntriesAssigned():
            entries = sheet.entries.update({each: sheet.entries.get(each) for each in fact.entries})
            first = fact.at if sheet.assigned_at is None else sheet.assigned_at
            return replace(sheet, entries=entries, assigned_at=first)
        case EntriesReassigned():
            return _without(sheet, fact.entries)
        case ConflictDeclared():
            return _without(sheet, (fact.entry,))
        case MarkDrafted():
            return replace(sheet, drafts=sheet.drafts.set(fact.entry, Draft(fact.marks, fact.words, fact.at)))
        case ScoreGiven() | ScoreRevised():
            before = sheet.entries.get(fact.entry)
            first = fact.at if before is None else before.first_at
            mark = Mark(fact.version, fact.marks, fact.words, fact.at, first)
            return replace(_undrafted(sheet, fact.entry), entries=sheet.entries.set(fact.entry, mark))
        case ScoreExcluded():
            mark_then = sheet.entries.get(fact.entry)
            if mark_then is None:
                return sheet
            return replace(sheet, entries=sheet.entries.set(fact.entry, replace(mark_then, excluded=True)))
        case SheetSubmitted():
            return replace(sheet, submitted_at=fact.at)
        case _:
            assert_never(fact)


def weighted_e2(marks: Sequence[Criterion], criteria: Sequence[rules.Criterion]) -> int:
    """The weighted mark in hundredths of a point; a criterion that has no points yet counts nought."""
    return rules.weighted_e2({each.criterion: each.points for each in marks}, criteria)


def _without(sheet: Sheet, gone: Sequence[str]) -> Sheet:
    entries = sheet.entries
    for each in gone:
        sheet = _undrafted(sheet, each)
        entries = entries.delete(each) if each in entries else entries
    return replace(sheet, entries=entries)


def _undrafted(sheet: Sheet, entry: str) -> Sheet:
    return replace(sheet, drafts=sheet.drafts.delete(entry)) if entry in sheet.drafts else sheet
