"""Decide whether a unit may hand in (submit an entry) now, whatever the content.

Promises: a unit has at most one entry that is not withdrawn; after the window it may hand in only once with a late
pass, or to correct a returned entry until the date that was set. An approved entry stays as it was approved; a unit
whose entry was rejected or disqualified may not enter another. A version under review may be replaced: a moderator's
decision names the version that it is about, and does not apply to the next version.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.submission.events import RollRow
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
        "type-not-in-rules",
        "not-yours",
        "entry-disqualified",
        "entry-withdrawn",
        "entry-approved",
        "entry-rejected",
        "window-closed",
    }
)


@dataclass(frozen=True, slots=True)
class NextVersion:
    """What a unit that may hand in creates by it: the id of the entry, the number of its next version, the unit's type,
    and the late pass that is used up, if one is needed.
    """

    entry: str
    version: int
    type: str
    late_pass: str | None


def check_eligibility(state: SubmissionState, code: str, *, entry: str | None, at: int) -> NextVersion | Refused:
    """Check whether the unit with this code may hand in at the instant `at` (campaign time, ms): first the unit, then
    the entry, then the time. Return the version that it would create, or the first refusal.

    `entry` None means the unit's current entry, or a new entry.
    """
    found = check_entry(state, code, entry=entry)
    if isinstance(found, Refused):
        return found
    current = found.entry if found.version > 1 else None
    late_pass = _usable_late_pass(state, code, current=current, at=at)
    return late_pass if isinstance(late_pass, Refused) else replace(found, late_pass=late_pass)


def check_entry(state: SubmissionState, code: str, *, entry: str | None) -> NextVersion | Refused:
    """Check, as `check_eligibility` does, the unit and the entry, whatever the time."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    unit = state.units.get(code)
    if unit is None:
        return Refused("unit-unknown")
    if unit.level not in state.campaign.eligible_levels:
        return Refused("level-not-eligible", detail={"level": unit.level})
    if unit.type not in {each.code for each in state.campaign.unit_types}:
        return missing_types([unit])
    own = state.of_unit.get(code, ())
    if entry is not None and entry not in own:
        return Refused("not-yours", "entry")  # the same refusal whether or not that entry exists
    if any(state.status(each) == DISQUALIFIED for each in own):
        return Refused("entry-disqualified")
    current = own[-1] if own and state.status(own[-1]) != WITHDRAWN else None
    if entry not in (None, current):
        return Refused("entry-withdrawn", "entry")
    if current is None:
        return NextVersion(f"{code}-{len(own) + 1}", 1, unit.type, None)
    if state.status(current) in (APPROVED, REJECTED):
        return Refused(f"entry-{state.status(current)}")
    return NextVersion(current, state.entries[current].latest.version + 1, unit.type, None)


def missing_types(rows: Sequence[RollRow]) -> Refused:
    """Return the refusal that names the types of these rows, which the rules lack, with how many units each has."""
    units = Counter(each.type for each in rows)
    types = [
        {
            "code": code,
            "units": units[code],
            "zh": f"{code}（{units[code]} 个单位）",
            "en": f"{code} (units: {units[code]})",
        }
        for code in sorted(units)
    ]
    return Refused("type-not-in-rules", detail={"types": types})


def _usable_late_pass(state: SubmissionState, code: str, *, current: str | None, at: int) -> str | Refused | None:
    """Return the late pass that the hand-in uses, None if it needs none, or the refusal."""
    assert state.campaign is not None
    window = state.campaign.window("submission")
    if window.contains(at):
        return None
    if current is not None and at < state.verdict(current).correction_deadline:
        return None
    valid = [
        each.granted
        for each in state.passes.values()
        if each.granted.unit == code and each.used_by is None and at < each.granted.until
    ]
    if valid:
        return min(valid, key=lambda each: (each.until, each.late_pass)).late_pass
    return Refused("window-closed", detail={"start": window.start, "end": window.end})


def deadline(state: SubmissionState, code: str, *, entry: str | None, at: int) -> tuple[int, str] | None:
    """Return until when the unit may hand in the entry, and by what: `return`, `window` or `late-pass`.

    `entry` None means an entry that was never handed in. A return has one deadline, the moderator's, whether or not the
    window ends later. An instant that has passed says that it is too late. Return None before a campaign is open.
    Does not say whether the entry may be handed in at all: `check_entry` does.
    """
    if state.campaign is None:
        return None
    window = state.campaign.window("submission")
    correction = state.verdict(entry).correction_deadline if entry is not None else 0
    if at < correction:
        return correction, "return"
    if at < window.end:
        return window.end, "window"
    late_pass = _usable_late_pass(state, code, current=entry, at=at)
    if isinstance(late_pass, str):
        return state.passes[late_pass].granted.until, "late-pass"
    return (correction, "return") if correction > window.end else (window.end, "window")
