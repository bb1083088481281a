"""May this unit hand in now, whatever it hands in?

Promises: one standing entry a unit; a new one only after the last was withdrawn; nothing after the window but by a late
pass, once, or to mend what was returned, until its date. What is approved stays as it was approved, what is rejected or
disqualified is not followed by another. A version under review may be replaced: the moderator's decision names the
version that it saw, and does not reach the next.
"""

from dataclasses import dataclass

from services.submission.state import (
    APPROVED,
    DISQUALIFIED,
    REJECTED,
    WITHDRAWN,
    SubmissionState,
)
from shared.decider import Refused

REFUSALS = frozenset(
    {
        "campaign-not-open",
        "unit-unknown",
        "level-not-eligible",
        "not-yours",
        "entry-disqualified",
        "entry-withdrawn",
        "entry-approved",
        "entry-rejected",
        "window-closed",
    }
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """That a hand-in is admitted: which entry, which version of it, and by which late pass."""

    entry: str
    version: int
    type: str
    late_pass: str | None


def admit(state: SubmissionState, code: str, *, entry: str | None, at: int) -> Ticket | Refused:
    """Who, then which entry (None: the standing one, or a new one), then when."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    unit = state.units.get(code)
    if unit is None:
        return Refused("unit-unknown")
    if unit.level not in state.campaign.eligible_levels:
        return Refused("level-not-eligible", detail={"level": unit.level})
    own = state.of_unit.get(code, ())
    if entry is not None and entry not in own:
        return Refused("not-yours", "entry")  # and not whether there is one
    if any(state.status(each) == DISQUALIFIED for each in own):
        return Refused("entry-disqualified")
    standing = own[-1] if own and state.status(own[-1]) != WITHDRAWN else None
    if entry not in (None, standing):
        return Refused("entry-withdrawn", "entry")
    if standing is not None and state.status(standing) in (APPROVED, REJECTED):
        return Refused(f"entry-{state.status(standing)}")
    late_pass = _way_in(state, code, standing=standing, at=at)
    if isinstance(late_pass, Refused):
        return late_pass
    if standing is None:
        return Ticket(f"{code}-{len(own) + 1}", 1, unit.type, late_pass)
    return Ticket(standing, state.entries[standing].latest.version + 1, unit.type, late_pass)


def _way_in(state: SubmissionState, code: str, *, standing: str | None, at: int) -> str | Refused | None:
    """The late pass that is used up, or None where none is needed."""
    assert state.campaign is not None
    window = state.campaign.window("submission")
    if window.contains(at):
        return None
    if standing is not None and at < state.verdict(standing).mend_until:
        return None
    valid = [
        each.granted
        for each in state.passes.values()
        if each.granted.unit == code and each.used_by is None and at < each.granted.until
    ]
    if valid:
        return min(valid, key=lambda each: (each.until, each.late_pass)).late_pass
    return Refused("window-closed", detail={"start": window.start, "end": window.end})
