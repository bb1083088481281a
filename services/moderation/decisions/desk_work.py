"""The desk's own work: who has which share of the queue, and what machines noticed.

Promises: a share goes to somebody who is a moderator; it binds nobody, since any moderator may decide on any entry;
what a machine notices about a version is stored as its last result for each source, and decides nothing.
Does not promise that a machine is right.
"""

from dataclasses import dataclass

from services.moderation.decisions import review
from services.moderation.events import EntriesHandedOver, EntryChecked, ItemCheck
from services.moderation.queue_index import IN_TURN
from services.moderation.state import SUBMITTED, ModerationState
from shared.decider import Decision, Refused

MODERATOR = "moderator"
MOST_ENTRIES = 1_000
REFUSALS = frozenset({"staff-unknown", "entry-unknown", "version-unknown", "campaign-not-open"})


@dataclass(frozen=True, slots=True)
class HandOver:
    """Command: give entries that wait to a moderator as a share, or to nobody (`to` None).

    Without `entries` it takes the next `count` that are nobody's share, in the order of the queue.
    """

    to: str | None
    entries: tuple[str, ...]
    count: int
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class NoteCheck:
    """Command: store what a machine found in a version of an entry."""

    entry: str
    version: int
    source: str
    items: tuple[ItemCheck, ...]
    at: int


@dataclass(frozen=True, slots=True)
class NoteChecks:
    """Command: store what machines found, several results at once; results of unknown versions are passed over."""

    checks: tuple[NoteCheck, ...]


def hand_over(command: HandOver, state: ModerationState) -> Decision:
    """Decide on a share. Entries that do not wait any more, or are that moderator's already, are passed over."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    member = state.staff.get(command.to or "")
    if command.to is not None and (member is None or MODERATOR not in member.roles):
        return Refused("staff-unknown", "to")
    unknown = [each for each in command.entries if each not in state.handed]
    if unknown:
        return Refused("entry-unknown", "entries", {"entry": unknown[0]})
    chosen = dict.fromkeys(command.entries) if command.entries else dict.fromkeys(_next(command.count, state))
    given = [each for each in chosen if state.status(each) == SUBMITTED and state.dossier(each).share != command.to][
        :MOST_ENTRIES
    ]
    return [EntriesHandedOver(tuple(given), command.to, command.by, command.at)] if given else []


def note_check(command: NoteCheck, state: ModerationState) -> Decision:
    """Decide on storing a result. The same result again changes nothing."""
    if (missing := review.missing_entry(command.entry, state)) is not None:
        return missing
    if not 1 <= command.version <= state.handed[command.entry].latest:
        return Refused("version-unknown", "version")
    known = state.dossier(command.entry).checks.get((command.version, command.source))
    if known is not None and known.items == command.items:
        return []
    return [EntryChecked(command.entry, command.version, command.source, command.items, command.at)]


def note_checks(command: NoteChecks, state: ModerationState) -> Decision:
    """Decide on storing several results."""
    decided = [note_check(each, state) for each in command.checks]
    return [event for each in decided if not isinstance(each, Refused) for event in each]


def _next(count: int, state: ModerationState) -> list[str]:
    found: list[str] = []
    for entry in state.index.walk(SUBMITTED, (), IN_TURN):
        if len(found) >= count:
            break
        if state.dossier(entry).share is None:
            found.append(entry)
    return found
