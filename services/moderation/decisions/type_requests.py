"""A unit asks for another unit type of its entry, and a moderator decides.

Promises: only the entry's own unit asks, with a reason, and until the entry has a poster number, whose letter stands
for the type; a request is decided once, and one that is declined says why.
Does not promise that the roll follows: a later entry of the unit is handed in with the roll's type again.
"""

from dataclasses import dataclass

from services.moderation.decisions import review
from services.moderation.events import TypeCorrected, TypeCorrectionAsked, TypeCorrectionDeclined
from services.moderation.state import DISQUALIFIED, WITHDRAWN, ModerationState
from shared.decider import Decision, Refused
from shared.names import is_visible

REFUSALS = frozenset(
    {
        "not-yours",
        "type-unknown",
        "type-unchanged",
        "type-request-missing",
        "reason-missing",
        "words-missing",
        "entry-shortlisted",
    }
)


@dataclass(frozen=True, slots=True)
class AskTypeCorrection:
    """Command: ask for another unit type of an entry. `unit` is whoever asks."""

    entry: str
    type: str
    reason: str
    unit: str
    at: int


@dataclass(frozen=True, slots=True)
class DecideTypeCorrection:
    """Command: give the entry the type that its unit asks for, or decline with words."""

    entry: str
    agrees: bool
    words: str
    by: str
    at: int
    turn: int | None = None


def request(command: AskTypeCorrection, state: ModerationState) -> Decision:
    """Decide on a request. The same request again changes nothing; another one replaces it."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    handed = state.handed.get(command.entry)
    if handed is None or handed.versions[-1].unit != command.unit:
        return Refused("not-yours", "entry")
    status, dossier = state.status(command.entry), state.dossier(command.entry)
    if status in (DISQUALIFIED, WITHDRAWN):
        return Refused(f"entry-{status}")
    if dossier.number is not None:
        return Refused("entry-shortlisted", detail={"number": dossier.number})
    if command.type not in {each.code for each in state.campaign.unit_types}:
        return Refused("type-unknown", "type", {"type": command.type})
    if command.type == state.type_of(command.entry):
        return Refused("type-unchanged", "type")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    before = dossier.type_request
    if before is not None and (before.type, before.reason) == (command.type, command.reason.strip()):
        return []
    return [TypeCorrectionAsked(command.entry, command.type, command.reason.strip(), command.unit, command.at)]


def decide(command: DecideTypeCorrection, state: ModerationState) -> Decision:
    """Decide on the request of a unit that is not decided yet."""
    if (missing := review.missing_entry(command.entry, state)) is not None:
        return missing
    asked = state.dossier(command.entry).type_request
    if asked is None:
        return Refused("type-request-missing", "entry")
    if (changed := review.decided_meanwhile(command.entry, command.turn, state)) is not None:
        return changed
    if not command.agrees:
        if not is_visible(command.words):
            return Refused("words-missing", "words")
        return [TypeCorrectionDeclined(command.entry, command.words.strip(), command.by, command.at)]
    if state.dossier(command.entry).disqualified is not None:
        return Refused("entry-disqualified")
    assert state.campaign is not None
    if asked.type not in {each.code for each in state.campaign.unit_types}:  # the rules were replaced
        return Refused("type-unknown", "type", {"type": asked.type})
    return [TypeCorrected(command.entry, asked.type, asked.reason, command.by, command.at)]
