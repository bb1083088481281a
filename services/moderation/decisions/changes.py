"""Several corrections that are applied together, or not at all: a change set.

Promises: nothing of a set counts before it is applied, and then all of it does, in one commit that ends with the event
`changes-applied`. It is applied as its preview was confirmed: `digest` is that of the preview which the person saw, and
`preview` is what ranking computes at that time; if they differ, or another set was applied in between, it is refused.
Likes are voided by two persons, and an entry is disqualified by two where the rules want that: then whoever proposed
the set does not apply it. Whoever may apply a set may drop it, with words.
Does not promise that a set can be taken back: another set may correct a type again, and nothing else.
"""

from dataclasses import dataclass

from services.moderation.events import (
    ChangesApplied,
    ChangesDropped,
    ChangesProposed,
    Correction,
    EntryDisqualified,
    LikesExcluded,
    MarkExcluded,
    TypeCorrected,
)
from services.moderation.state import ChangeSet, ModerationState
from shared.decider import Decision, Refused
from shared.names import is_visible

KINDS = TYPE, DISQUALIFICATION, MARK, LIKES = ("type", "disqualification", "mark", "likes")
MOST_CORRECTIONS = 100  # each is an event, and a commit holds 256
REFUSALS = frozenset(
    {
        "changes-empty",
        "changes-unknown",
        "changes-settled",
        "changes-contradict",
        "changes-unsound",
        "correction-unchanged",
        "evidence-missing",
        "preview-outdated",
        "judge-unknown",
        "like-unknown",
    }
)


@dataclass(frozen=True, slots=True)
class ProposeChanges:
    """Command: put corrections together as a change set, which is previewed, and then applied or dropped."""

    corrections: tuple[Correction, ...]
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What ranking computes of a change set now: its digest, and how many sets were applied when it was computed.

    `is_sound` is False if a correction names a mark or a like that is not there.
    """

    digest: str
    applied: int
    is_sound: bool


@dataclass(frozen=True, slots=True)
class ApplyChanges:
    """Command: apply a change set. `digest` is that of the preview which was seen."""

    changes: str
    digest: str
    preview: Preview
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DropChanges:
    """Command: drop a change set."""

    changes: str
    words: str
    by: str
    at: int


def propose(command: ProposeChanges, state: ModerationState) -> Decision:
    """Decide on a change set. Refuse it if a correction could not be made alone, or if two of them contradict."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if not command.corrections:
        return Refused("changes-empty", "corrections")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    if (flaw := _first_flaw(command.corrections, state)) is not None:
        return flaw
    name = f"C{len(state.changes) + 1}"
    return [ChangesProposed(name, command.corrections, command.reason.strip(), command.by, command.at)]


def apply(command: ApplyChanges, state: ModerationState) -> Decision:
    """Decide on applying a change set, as it was previewed."""
    found = state.changes.get(command.changes)
    if found is None:
        return Refused("changes-unknown", "changes")
    if found.applied is not None and (found.applied.digest, found.applied.by) == (command.digest, command.by):
        return []
    if not found.is_open:
        return _settled(found)
    proposed = found.proposed
    if proposed.by == command.by and needs_two(proposed.corrections, state):
        return Refused("second-person-needed", detail={"by": proposed.by})
    if (flaw := _first_flaw(proposed.corrections, state)) is not None:
        return flaw
    if not command.preview.is_sound:
        return Refused("changes-unsound", "changes")
    if command.digest != command.preview.digest or command.preview.applied != applied_sets(state):
        return Refused("preview-outdated", "digest")
    events = [_event(each, proposed, command) for each in proposed.corrections]
    return [*events, ChangesApplied(proposed.changes, command.digest, proposed.by, command.by, command.at)]


def drop(command: DropChanges, state: ModerationState) -> Decision:
    """Decide on dropping a change set. Dropping it again changes nothing."""
    found = state.changes.get(command.changes)
    if found is None:
        return Refused("changes-unknown", "changes")
    if found.dropped is not None:
        return []
    if not found.is_open:
        return _settled(found)
    if not is_visible(command.words):
        return Refused("words-missing", "words")
    return [ChangesDropped(command.changes, command.words.strip(), command.by, command.at)]


def needs_two(corrections: tuple[Correction, ...], state: ModerationState) -> bool:
    """Return whether a set may not be applied by whoever proposed it, because of one of its corrections."""
    kinds = {each.kind for each in corrections}
    two_to_disqualify = state.campaign is not None and state.campaign.moderation.two_for_disqualification
    return LIKES in kinds or (DISQUALIFICATION in kinds and two_to_disqualify)


def applied_sets(state: ModerationState) -> int:
    """Return how many change sets have been applied."""
    return sum(each.applied is not None for each in state.changes.values())


def _settled(found: ChangeSet) -> Refused:
    last = found.applied or found.dropped
    assert last is not None
    return Refused("changes-settled", "changes", {"is_applied": found.applied is not None, "by": last.by})


def _first_flaw(corrections: tuple[Correction, ...], state: ModerationState) -> Refused | None:
    """Return why a correction cannot be made, with its place in the set, or None."""
    seen = set[tuple[str, str, str | None]]()
    for index, each in enumerate(corrections):
        key = each.kind, each.entry, each.judge
        found = Refused("changes-contradict", "entry") if key in seen else _flaw(each, state)
        if found is not None:
            detail = {**(found.detail or {}), "index": index, "entry": each.entry}
            return Refused(found.code, f"corrections/{index}/{found.field}", detail)
        seen.add(key)
    return None


def _flaw(each: Correction, state: ModerationState) -> Refused | None:
    assert state.campaign is not None
    if each.entry not in state.handed:
        return Refused("entry-unknown", "entry")
    if not is_visible(each.reason):
        return Refused("reason-missing", "reason")
    if state.dossier(each.entry).disqualified is not None:
        return Refused("entry-disqualified", "entry")
    if each.kind == TYPE:
        if each.type not in {known.code for known in state.campaign.unit_types}:
            return Refused("type-unknown", "type", {"type": each.type})
        return Refused("correction-unchanged", "type") if each.type == state.type_of(each.entry) else None
    if each.kind == MARK and not each.judge:
        return Refused("judge-unknown", "judge")
    if each.kind == LIKES and not each.likes:
        return Refused("like-unknown", "likes")
    return Refused("evidence-missing", "evidence") if each.kind == LIKES and not each.evidence else None


def _event(each: Correction, proposed: ChangesProposed, command: ApplyChanges) -> object:
    who = command.by, command.at
    match each.kind:
        case "type":
            return TypeCorrected(each.entry, each.type or "", each.reason, *who)
        case "disqualification":
            second = proposed.by if proposed.by != command.by else None
            return EntryDisqualified(each.entry, each.reason, *who, proposed.reason, each.evidence, second)
        case "mark":
            return MarkExcluded(proposed.changes, each.judge or "", each.entry, each.reason, *who)
        case _:
            officers = proposed.by, command.by
            return LikesExcluded(
                proposed.changes, each.entry, each.likes, officers, each.reason, each.evidence or "", command.at
            )
