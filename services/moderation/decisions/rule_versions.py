"""Replace the rules until they are locked, lock them before like week, and decide what a later version may change.

Promises: rules are locked before like week or not at all; a later change is a new version with a reason, and earlier
versions stay visible; all versions share one seed of the lot. A part of the rules is fixed as soon as voters, units or
judges act on it.
No rules lack a unit type that the roll or an entry has, nor a theme of an entry.
Rules replace no others than those that their author saw.
A version takes effect whole or is refused in words: nothing that its file says is left out silently.
Does not promise: that a change is wise. The result names the version that it was computed by, and `differences` shows
what each version changed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.moderation.campaign import PHASES, Campaign, from_data, rule_hash, rule_hash_of, stored_hash, to_data
from services.moderation.decisions.windows import refusal_to_replace
from services.moderation.events import RulesLocked, RulesReplaced
from services.moderation.rule_gaps import Gap, gaps
from services.moderation.state import ModerationState
from shared.decider import Decision, Refused
from shared.names import is_visible

REFUSALS = frozenset(
    {
        "rules-changed",
        "rules-replaced",
        "rules-locked",
        "rules-not-locked",
        "rules-part-fixed",
        "type-not-in-rules",
        "windows-differ",
        "rules-with-gaps",
        "seed-commitment-broken",
        "likes-begun",
        "reason-missing",
    }
)
# Parts that no later version may change, and parts that it may not change once like week or judging has begun.
# The windows of the phases have their own command; the days of the notice are fixed once a notice has been published.
_FIXED = ("id", "zone", "organiser")
_FIXED_BY_LIKES = (
    "unit_types",
    "themes",
    "eligible_levels",
    "excluded_levels",
    "entry",
    "shortlist",
    "likes",
    "cohort",
)
_FIXED_BY_JUDGING = ("criteria", "anchor_entries")
_NOTICE_DAYS = ("notice_days", "holidays", "workdays")


@dataclass(frozen=True, slots=True)
class ReplaceRules:
    """Command: put another rule set in the place of rules that are not locked. The campaign keeps its rehearsal flag.

    `rule_hash` is the hash of the rule set that the organiser saw, and `replaces` that of the rules in force then.
    """

    campaign: Campaign
    rule_hash: str
    replaces: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class LockRules:
    """Command: lock the rules. `rule_hash` is the hash of the rules that the organiser saw.

    `seed_commitment` is the SHA-256 of the secret seed of the lot, in hex; it becomes part of the rules.
    """

    rule_hash: str
    seed_commitment: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AmendRules:
    """Command: put a later version of the locked rules in force, with the days of the notice that `campaign` has.

    The campaign keeps its windows, its commitment and its rehearsal flag. A file may leave out the latter two, and may
    repeat windows of an earlier version; it is refused if it says anything else. `replaces` is the hash of the version
    in force that the organiser saw.
    """

    campaign: Campaign
    replaces: str
    reason: str
    by: str
    at: int


def replace_unlocked(command: ReplaceRules, state: ModerationState) -> Decision:
    """Decide on other rules before the lock. Refuse what would change the past of units, or the names of the system."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if state.rule_versions:
        return Refused("rules-locked", detail={"rule_hash": rule_hash_of(state.rule_versions[-1].campaign)})
    current, wanted = state.campaign, replace(command.campaign, rehearsal=state.campaign.rehearsal)
    if command.rule_hash != rule_hash(wanted):
        return Refused("rules-changed", "rule_hash", {"rule_hash": rule_hash(wanted)})
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    if wanted != current and (changed := _changed_meanwhile(command.replaces, state)) is not None:
        return changed
    parts = [name for name in ("id", "zone") if getattr(current, name) != getattr(wanted, name)]
    if command.campaign.rehearsal and not current.rehearsal:
        parts.append("rehearsal")
    if current.likes.partitions != wanted.likes.partitions:
        parts.append("likes.partitions")
    if parts := [*parts, *_missing_themes(wanted, state)]:
        return Refused("rules-part-fixed", "file", {"parts": parts})
    if (missing := _refuse_missing_types(wanted, state)) is not None:
        return missing
    refused = refusal_to_replace(current, wanted, at=command.at, handed_in=bool(state.handed))
    if refused is not None or wanted == current:
        return refused or []
    reason = command.reason.strip()
    return [RulesReplaced(to_data(wanted), rule_hash(wanted), reason, command.by, command.at)]


def _missing_themes(wanted: Campaign, state: ModerationState) -> list[str]:
    """Return the list of themes, if it lacks a theme of an entry that was handed in: of its version that is approved,
    or of its latest.
    """
    known = {each.code for each in wanted.themes}
    used = set[str]()
    for entry, each in state.handed.items():
        shown = state.dossier(entry).approved_version
        used.update(each.versions[-1].themes, each.versions[shown - 1].themes if shown else ())
    return ["themes"] if used - known else []


def _refuse_missing_types(wanted: Campaign, state: ModerationState) -> Refused | None:
    """Return the refusal of rules that lack a unit type of the roll in force or of an entry, or None.

    An entry that is not handed in yet gets the type of its unit in the roll, so the roll counts before any entry does.
    """
    known = {each.code for each in wanted.unit_types}
    entries = Counter(state.type_of(entry) for entry in state.handed)
    units = state.roll_types.in_force
    if not (lost := sorted((entries.keys() | units.keys()) - known)):
        return None
    names = {each.code: each for each in state.campaign.unit_types} if state.campaign is not None else {}
    types = []
    for code in lost:
        zh, en = (names[code].zh, names[code].en) if code in names else (code, code)
        counts = {"units": units.get(code, 0), "entries": entries.get(code, 0)}
        texts = {
            "zh": f"{zh}（名册中 {counts['units']} 个单位，成果 {counts['entries']} 个）",
            "en": f"{en} (units in the roll: {counts['units']}, entries: {counts['entries']})",
        }
        types.append({"code": code, **counts, **texts})
    return Refused("type-not-in-rules", "file", {"types": types})


def lock(command: LockRules, state: ModerationState) -> Decision:
    """Decide on locking the rules. Locking the same rules again changes nothing."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if state.rule_versions:
        first = state.rule_versions[0]
        same = (rule_hash_of(first.campaign), first.seed_commitment) == (command.rule_hash, command.seed_commitment)
        current = rule_hash_of(state.rule_versions[-1].campaign)
        return [] if same else Refused("rules-locked", detail={"rule_hash": current})
    if len(command.seed_commitment) != 64 or set(command.seed_commitment) - set("0123456789abcdef"):
        return Refused("seed-commitment-broken", "seed_commitment")
    if command.rule_hash != rule_hash(state.campaign):
        return Refused("rules-changed", "rule_hash", {"rule_hash": rule_hash(state.campaign)})
    if command.at >= state.campaign.window("likes").start:
        return Refused("likes-begun", detail={"start": state.campaign.window("likes").start})
    if state.campaign.seed_commitment not in ("", command.seed_commitment):
        return Refused("seed-commitment-broken", "seed_commitment")  # the campaign file names another one
    if found := gaps(state.campaign):
        return _refuse_gaps("rule_hash", found)
    locked = replace(state.campaign, seed_commitment=command.seed_commitment)
    return [RulesLocked(to_data(locked), stored_hash(locked), command.seed_commitment, command.by, command.at)]


def amend(command: AmendRules, state: ModerationState) -> Decision:
    """Decide on a later version of the locked rules. Refuse it if it changes a part that is fixed by then."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if state.locked_rules is None:
        return Refused("rules-not-locked")
    if not is_visible(command.reason):
        return Refused("reason-missing", "reason")
    current = state.campaign
    if command.campaign.seed_commitment not in ("", current.seed_commitment):
        return Refused("seed-commitment-broken", "file")
    if moved := _windows_that_differ(command.campaign, state):
        return Refused("windows-differ", "file", {"windows": moved})
    days = {name: getattr(command.campaign.windows, name) for name in _NOTICE_DAYS}
    amended = replace(
        command.campaign,
        windows=replace(current.windows, **days),
        seed_commitment=current.seed_commitment,
        rehearsal=current.rehearsal,
    )
    touched = _changed_fixed_parts(current, amended, command.at)
    if command.campaign.rehearsal and not current.rehearsal:
        touched.append("rehearsal")
    if state.published_at is not None:
        touched += [f"windows.{name}" for name in _NOTICE_DAYS if getattr(current.windows, name) != days[name]]
    if touched:
        return Refused("rules-part-fixed", "file", {"parts": touched})
    if amended == current:
        return []
    if (changed := _changed_meanwhile(command.replaces, state)) is not None:
        return changed
    if themes := _missing_themes(amended, state):
        return Refused("rules-part-fixed", "file", {"parts": themes})
    if (missing := _refuse_missing_types(amended, state)) is not None:
        return missing
    if found := gaps(amended):
        return _refuse_gaps("file", found)
    number = state.locked_rules.version + 1
    return [
        RulesLocked(
            to_data(amended),
            stored_hash(amended),
            amended.seed_commitment,
            command.by,
            command.at,
            version=number,
            reason=command.reason.strip(),
        )
    ]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Compare two rule sets as plain data, and return each value that differs, as `path` (`likes.per_day`), `before`
    and `after`. A missing value is None.
    """
    changes: list[dict[str, Any]] = []
    for path in sorted(_leaves(before).keys() | _leaves(after).keys()):
        old, new = _leaves(before).get(path), _leaves(after).get(path)
        if old != new:
            changes.append({"path": path, "before": old, "after": new})
    return changes


def hash_in_force(state: ModerationState) -> str | None:
    """Return the hash by which people know the rules in force: those that were locked last, or the open ones."""
    if state.locked_rules is not None:
        return rule_hash_of(state.locked_rules.campaign)
    return None if state.campaign is None else rule_hash(state.campaign)


def _changed_meanwhile(replaces: str, state: ModerationState) -> Refused | None:
    """Return the refusal of rules that would replace others than those that the organiser saw, or None."""
    in_force = hash_in_force(state)
    if replaces == in_force:
        return None
    return Refused("rules-replaced", "replaces", {"seen": replaces, "in_force": in_force})


def _refuse_gaps(field: str, found: Sequence[Gap]) -> Refused:
    problems = [{"code": each.code, "zh": each.zh, "en": each.en} for each in found]
    return Refused("rules-with-gaps", field, {"gaps": [each.code for each in found], "problems": problems})


def _windows_that_differ(amended: Campaign, state: ModerationState) -> list[str]:
    """Return the windows that are neither in force nor those of an earlier version, which a file may still repeat."""
    assert state.campaign is not None
    known = [state.campaign, *(from_data(each.campaign) for each in state.rule_versions)]
    return [name for name in PHASES if amended.window(name) not in {each.window(name) for each in known}]


def _changed_fixed_parts(current: Campaign, amended: Campaign, at: int) -> list[str]:
    """Return the parts that differ although they are fixed at this time."""
    parts = [name for name in _FIXED if getattr(current, name) != getattr(amended, name)]
    if at >= current.window("likes").start:
        parts += [name for name in _FIXED_BY_LIKES if _visible_part(current, name) != _visible_part(amended, name)]
    if at >= current.window("judging").start:
        parts += [
            f"judging.{name}"
            for name in _FIXED_BY_JUDGING
            if getattr(current.judging, name) != getattr(amended.judging, name)
        ]
    # The number of partitions decides in which log a voter's likes are stored, so it is fixed from the lock on.
    if current.likes.partitions != amended.likes.partitions and "likes" not in parts:
        parts.append("likes.partitions")
    return parts


def _visible_part(campaign: Campaign, name: str) -> Any:
    """Return a part as voters and units have seen it: without the seats of a unit type."""
    value = getattr(campaign, name)
    return tuple(replace(each, quota=0) for each in value) if name == "unit_types" else value


def _leaves(data: Any, path: str = "") -> dict[str, Any]:
    if isinstance(data, Mapping):
        return {key: value for name in data for key, value in _leaves(data[name], f"{path}.{name}".strip(".")).items()}
    if isinstance(data, list):
        return {key: value for n, each in enumerate(data) for key, value in _leaves(each, f"{path}.{n}").items()}
    return {path: data}
