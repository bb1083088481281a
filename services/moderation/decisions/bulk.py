"""The same decision on many entries at once, and its undoing; also the undoing of a single decision.

Promises: a bulk touches only what stood in the list that was confirmed, entry by entry and version by version, and of
it only what still waits for a decision; the others are answered one by one. It is one command: it happens once, as a
whole, however often it is sent. For ten minutes a decision can be undone: the version waits again at the place that it
had, and a decision that had been replaced is in force again, unless something has happened to the entry since.
Does not promise that nobody has seen what was approved meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.moderation.decisions import review
from services.moderation.events import (
    BulkDecided,
    DecisionUndone,
    EntryApproved,
    EntryChecked,
    EntryRejected,
    EntryReturned,
    Remark,
    SecondOpinionAsked,
)
from services.moderation.state import APPROVED, RETURNED, SUBMITTED, WITHDRAWN, ModerationState
from shared.canonical import digest
from shared.decider import Decision, Refused
from shared.events import shape_of

UNDO_MS = 10 * 60_000
MOST_ENTRIES = 100
REFUSALS = frozenset(
    {
        "bulk-empty",
        "bulk-differs",
        "bulk-unknown",
        "entry-not-pending",
        "decision-unchanged",
        "decision-missing",
        "decision-overtaken",
        "second-person-needed",
        "undo-too-late",
    }
)
_Decided = EntryApproved | EntryReturned | EntryRejected


@dataclass(frozen=True, slots=True)
class DecideInBulk:
    """Command: decide the same on these versions of entries. `digest` is that of the list which was confirmed."""

    bulk: str
    kind: str  # approved | returned | rejected
    entries: tuple[tuple[str, int], ...]
    grade: int | None
    remarks: tuple[Remark, ...]
    until: int | None
    reason: str
    digest: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class UndoBulk:
    """Command: undo the decisions of a bulk, each one that nothing has happened to since."""

    bulk: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class UndoDecision:
    """Command: undo the last decision on a version of an entry."""

    entry: str
    version: int
    by: str
    at: int
    turn: int | None = None


def list_digest(command: DecideInBulk) -> str:
    """Return the digest of what a bulk would do and to which versions."""
    return digest(
        {
            "kind": command.kind,
            "entries": [list(each) for each in sorted(set(command.entries))],
            "grade": command.grade,
            "remarks": [[each.item, each.words] for each in command.remarks],
            "until": command.until,
            "reason": command.reason,
        }
    )


def answers(command: DecideInBulk, state: ModerationState) -> dict[str, list[object] | Refused]:
    """Return what would become of each entry of the list: its events, or why it is left alone."""
    return {entry: _answer(command, entry, version, state) for entry, version in dict(command.entries).items()}


def decide(command: DecideInBulk, state: ModerationState) -> Decision:
    """Decide on a bulk. One that is known changes nothing; one whose list is another than the confirmed is refused."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if command.bulk in state.bulks:
        return []
    if not command.entries:
        return Refused("bulk-empty", "entries")
    if list_digest(command) != command.digest:
        return Refused("bulk-differs", "digest")
    found = {entry: each for entry, each in answers(command, state).items() if not isinstance(each, Refused)}
    if not found:
        return []
    events = [event for each in found.values() for event in each]
    return [*events, BulkDecided(command.bulk, command.kind, command.digest, tuple(found), command.by, command.at)]


def undo_bulk(command: UndoBulk, state: ModerationState) -> Decision:
    """Decide on undoing a bulk. What cannot be undone any more is left alone (`undo_answers` says why)."""
    known = state.bulks.get(command.bulk)
    if known is None:
        return Refused("bulk-unknown", "bulk")
    if set(known.decided.entries) <= known.undone:
        return []
    if command.at >= known.decided.at + UNDO_MS:
        return Refused("undo-too-late", detail={"until": known.decided.at + UNDO_MS})
    found = undo_answers(command.bulk, state)
    return [
        event
        for entry, refused in found.items()
        if refused is None and entry not in known.undone
        for event in _undo(entry, command.bulk, command.by, command.at, state)
    ]


def undo_answers(bulk: str, state: ModerationState) -> dict[str, Refused | None]:
    """Return for each entry of a bulk why it cannot be undone, or None for one that can be, or is undone already."""
    known = state.bulks[bulk]
    return {
        entry: None if entry in known.undone else overtaken(entry, state, bulk=bulk) for entry in known.decided.entries
    }


def undo(command: UndoDecision, state: ModerationState) -> Decision:
    """Decide on undoing the last decision on a version."""
    if (missing := review.missing_entry(command.entry, state)) is not None:
        return missing
    latest, dossier = state.handed[command.entry].latest, state.dossier(command.entry)
    if command.version != latest:
        return Refused("version-changed", "version", {"latest": latest})
    if dossier.decision is None or dossier.decision.version != latest:
        undone = dossier.history[-1:] and isinstance(dossier.history[-1], DecisionUndone)
        return [] if undone else Refused("decision-missing", "entry")
    if (changed := review.decided_meanwhile(command.entry, command.turn, state)) is not None:
        return changed
    if command.at >= dossier.decision.at + UNDO_MS:
        return Refused("undo-too-late", detail={"until": dossier.decision.at + UNDO_MS})
    refused = overtaken(command.entry, state)
    return refused or _undo(command.entry, dossier.bulk, command.by, command.at, state)


def overtaken(entry: str, state: ModerationState, *, bulk: str | None = None) -> Refused | None:
    """Return what has happened to an entry since its decision, so that it cannot be undone any more, or None."""
    handed, dossier = state.handed[entry], state.dossier(entry)
    decided = dossier.decision
    if decided is None or (bulk is not None and dossier.bulk != bulk):
        last = next((each for each in reversed(dossier.history) if isinstance(each, _Decided | DecisionUndone)), None)
        return _since("decision-undone" if last is None else shape_of(last).name, last)
    if handed.latest != decided.version:
        return Refused("version-changed", "version", {"latest": handed.latest})
    if dossier.number is not None:
        return Refused("entry-shortlisted", detail={"number": dossier.number})
    if state.status(entry) == WITHDRAWN:
        return Refused("entry-withdrawn")
    after = dossier.history[_last_index(dossier.history, decided) + 1 :]
    since = [each for each in after if not isinstance(each, EntryChecked)]
    return _since(shape_of(since[-1]).name, since[-1]) if since else None


def _since(what: str, event: Any) -> Refused:
    by, at = getattr(event, "by", ""), getattr(event, "at", 0)
    return Refused("decision-overtaken", detail={"what": what, "by": by, "at": at})


def _last_index(history: Sequence[object], event: object) -> int:
    return max(i for i, each in enumerate(history) if each == event)


def _undo(entry: str, bulk: str | None, by: str, at: int, state: ModerationState) -> list[object]:
    dossier = state.dossier(entry)
    assert dossier.decision is not None
    undone = DecisionUndone(entry, dossier.decision.version, bulk, by, at)
    return [undone] if dossier.earlier is None else [undone, dossier.earlier]


def _answer(command: DecideInBulk, entry: str, version: int, state: ModerationState) -> list[object] | Refused:
    verdict = _verdict(command, entry, version)
    if isinstance(verdict, Refused):
        return verdict
    decided = review.decide(verdict, state)
    if isinstance(decided, Refused):
        return decided
    if not decided:
        return Refused("decision-unchanged")
    if (status := state.status(entry)) != SUBMITTED:  # somebody decided since the list was shown
        return Refused("entry-not-pending", detail={"status": status})
    if isinstance(decided[0], SecondOpinionAsked):  # an opinion is asked entry by entry, with words of its own
        return Refused("second-person-needed", detail={"by": command.by})
    return list(decided)


def _verdict(command: DecideInBulk, entry: str, version: int) -> review.Verdict | Refused:
    who = command.by, command.at
    if command.kind == APPROVED:
        return review.Approve(entry, version, command.grade, *who)
    if command.kind == RETURNED:
        return review.Return(entry, version, command.remarks, command.until or 0, *who)
    return review.Reject(entry, version, command.reason, *who, command.remarks)
