"""Reports of the desk: what is known about an entry, its history, bulks, the pace, and what else waits.

Promises: a history has every event about the entry, of moderation and of submission, in the order of their times; the
pace counts decisions that stand, and its forecast is the speed of the last day that moderators worked.
Does not promise that the speed stays what it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from immutables import Map

from services.moderation.campaign import ReasonTemplate
from services.moderation.decisions import bulk
from services.moderation.events import (
    EntryChecked,
    TypeCorrected,
    TypeCorrectionAsked,
    TypeCorrectionDeclined,
)
from services.moderation.queries import View
from services.moderation.queue_filters import COMPLAINT, WORK
from services.moderation.queue_index import OLDEST
from services.moderation.state import (
    CLEAN,
    CONTENT_SOURCES,
    DISQUALIFICATION,
    HIT,
    SECOND_OPINION,
    SUBMITTED,
    TYPE_CORRECTION,
    UNCHECKED,
    WITHDRAWN,
    ModerationState,
)
from shared.decider import Refused
from shared.events import shape_of

DAY_MS = 86_400_000
LEAST_SPAN_MS = 15 * 60_000  # decisions of a shorter time say nothing of the speed
MINUTE_MS = 60_000
NEVER = "never-looked"  # why a version is not checked that no machine has seen
_OUTSIDE_FACTS = frozenset({"entry", "version", "by", "at", "reason", "words", "remarks", "items", "entries", "digest"})


def notes_view(entry: str, state: ModerationState, duplicates: Iterable[Mapping[str, Any]], *, at: int) -> View:
    """Return the hints, near-duplicates and history of an entry. `now` is the campaign time."""
    return {
        "now": at,
        "hints": _hints(entry, state),
        "duplicates": [_duplicate_view(each, state) for each in duplicates if each["entry"] in state.handed],
        "history": history_view(entry, state),
    }


def _duplicate_view(found: Mapping[str, Any], state: ModerationState) -> View:
    other = found["entry"]
    title, name = state.handed[other].versions[-1].title, state.unit_names(other)[0]
    return {**found, "title": title, "unit_name": name, "status": state.status(other)}


def _hints(entry: str, state: ModerationState) -> list[View]:
    latest, checks = state.handed[entry].latest, state.dossier(entry).checks
    found = [each for (version, _), each in checks.items() if version == latest]
    known = {each.source for each in found}
    hints = [_hint_view(each) for each in sorted(found, key=lambda each: each.source)]
    for source in CONTENT_SOURCES:
        if source not in known:
            hints.append({"source": source, "state": UNCHECKED, "at": None, "why": NEVER, "items": []})
    return hints


def _hint_view(checked: EntryChecked) -> View:
    states = {each.state for each in checked.items}
    whole = HIT if HIT in states else UNCHECKED if UNCHECKED in states or not states else CLEAN
    why = next((each.why for each in checked.items if each.state == UNCHECKED), None)
    items = [asdict(each) | {"hits": [asdict(hit) for hit in each.hits]} for each in checked.items]
    return {"source": checked.source, "state": whole, "at": checked.at, "why": why, "items": items}


def history_view(entry: str, state: ModerationState) -> list[View]:
    """Return who did what with an entry, when, and in which words, oldest first."""
    handed = state.handed[entry]
    rows = [
        _row("entry-submitted", each.at, each.unit, version=number) for number, each in enumerate(handed.versions, 1)
    ]
    if handed.withdrawal is not None:
        gone = handed.withdrawal
        rows.append(_row("entry-withdrawn", gone.at, gone.by, words=gone.reason))
    rows += [_event_row(each) for each in state.dossier(entry).history]
    return sorted(rows, key=lambda row: row["at"])


def _row(what: str, at: int, by: str | None, *, version: int | None = None, words: str = "") -> View:
    return {"what": what, "at": at, "by": by, "version": version, "words": words, "remarks": [], "facts": {}}


def _event_row(event: Any) -> View:
    words = [getattr(event, name, "") for name in ("reason", "words")]
    facts = {each.name: getattr(event, each.name) for each in fields(event) if each.name not in _OUTSIDE_FACTS}
    if isinstance(event, EntryChecked):
        facts["state"] = _hint_view(event)["state"]
    row = _row(
        shape_of(event).name,
        event.at,
        getattr(event, "by", None),
        version=getattr(event, "version", None),
        words="\n".join(each for each in words if each),
    )
    return row | {"remarks": [asdict(each) for each in getattr(event, "remarks", ())], "facts": facts}


def type_request_view(entry: str, state: ModerationState) -> View:
    """Return what became of the unit's last request for another type: none, open, granted or declined."""
    asked = state.dossier(entry).type_request
    view: View = {"entry": entry, "type": state.type_of(entry), "state": "none", "asked": None, "words": None}
    if asked is not None:
        return view | {"state": "open", "asked": {"type": asked.type, "reason": asked.reason, "at": asked.at}}
    for event in reversed(state.dossier(entry).history):
        if isinstance(event, TypeCorrectionDeclined):
            return view | {"state": "declined", "words": event.words}
        if isinstance(event, TypeCorrected):
            return view | {"state": "granted"}
        if isinstance(event, TypeCorrectionAsked):
            break
    return view


def preview_view(
    asked: bulk.DecideInBulk,
    listed: bulk.DecideInBulk,
    found: Mapping[str, list[object] | Refused],
    state: ModerationState,
) -> View:
    """Return the list that a bulk would touch, with its digest, and why each other entry would be left alone."""
    touched = dict(listed.entries)
    return {
        "kind": asked.kind,
        "entries": [_named(entry, state) | {"version": version} for entry, version in listed.entries],
        "refused": [
            _named(entry, state) | {"version": version, **_refusal(found[entry])}
            for entry, version in asked.entries
            if entry not in touched
        ],
        "digest": bulk.list_digest(listed),
    }


def bulk_result_view(command: bulk.DecideInBulk, before: ModerationState, state: ModerationState) -> View:
    """Return which entries a bulk decided, and why it left each other one alone."""
    known = state.bulks.get(command.bulk)
    decided = known.decided.entries if known is not None else ()
    found = bulk.answers(command, before)
    return {
        "bulk": command.bulk if known is not None else None,
        "kind": command.kind,
        "until": known.decided.at + bulk.UNDO_MS if known is not None else None,
        "entries": list(decided),
        "refused": [
            _named(entry, state) | {"version": version, **_refusal(found[entry])}
            for entry, version in command.entries
            if entry not in decided
        ],
    }


def undo_view(name: str, state: ModerationState) -> View:
    """Return which entries of a bulk wait again, and why each other one does not."""
    known, found = state.bulks[name], bulk.undo_answers(name, state)
    left = [entry for entry in known.decided.entries if entry not in known.undone]
    return {
        "bulk": name,
        "undone": [entry for entry in known.decided.entries if entry in known.undone],
        "refused": [_named(entry, state) | _refusal(found[entry]) for entry in left],
    }


def bulks_view(state: ModerationState, *, at: int) -> View:
    """Return the last bulks, newest first, with until when each can be undone."""
    known = sorted(state.bulks.values(), key=lambda each: (-each.decided.at, each.decided.bulk))[:20]
    return {
        "bulks": [
            {
                "bulk": each.decided.bulk,
                "kind": each.decided.kind,
                "by": each.decided.by,
                "at": each.decided.at,
                "until": each.decided.at + bulk.UNDO_MS,
                "open": at < each.decided.at + bulk.UNDO_MS and not set(each.decided.entries) <= each.undone,
                "entries": list(each.decided.entries),
                "undone": sorted(each.undone),
            }
            for each in known
        ]
    }


def _named(entry: str, state: ModerationState) -> View:
    if entry not in state.handed:
        return {"entry": entry, "title": None, "unit_name": None}
    return {
        "entry": entry,
        "title": state.handed[entry].versions[-1].title,
        "unit_name": state.unit_names(entry)[0],
    }


def _refusal(found: list[object] | Refused | None) -> View:
    if isinstance(found, Refused):
        return {"code": found.code, "detail": dict(found.detail)}
    return {"code": "claimed-by-other", "detail": {}}


def pace_view(state: ModerationState, *, at: int) -> View:
    """Return how many entries are decided and left, how long a decision takes, and when the rest will be done."""
    counted = [place for place in state.index.places.values() if place.status != WITHDRAWN]
    left = sum(place.status == SUBMITTED for place in counted)
    deadline = None if state.campaign is None else state.campaign.window("likes").start
    forecast = _forecast(state, left, at)
    everybody: Map[int, int] = Map()
    for own in state.minutes.values():
        for minute, often in own.items():
            everybody = everybody.set(minute, everybody.get(minute, 0) + often)
    return {
        "now": at,
        "done": len(counted) - left,
        "left": left,
        "median_minutes": _median(everybody),
        "forecast": forecast,
        "deadline": deadline,
        "in_time": None if forecast is None or deadline is None else forecast <= deadline,
        "people": _people(state, at),
    }


def _people(state: ModerationState, at: int) -> list[View]:
    decided: dict[str, list[int]] = {}
    for time, who, _ in state.decided_at:
        decided.setdefault(who, []).append(time)
    shares = state.index.counts(SUBMITTED).get("share", {})
    active = {name for name, member in state.staff.items() if "moderator" in member.roles}
    return [
        {
            "staff": name,
            "done": len(decided.get(name, [])),
            "last_day": sum(time > at - DAY_MS for time in decided.get(name, [])),
            "median_minutes": _median(state.minutes.get(name, Map())),
            "share": shares.get(name, 0),
            "last_at": max(decided.get(name, []), default=None),
        }
        for name in sorted(active | decided.keys() | shares.keys())
    ]


def _forecast(state: ModerationState, left: int, at: int) -> int | None:
    """Return when the rest is decided at the speed of the day before the last decision, or None without decisions."""
    last = next(state.decided_at.before(None), None)
    if not left:
        return at
    if last is None:
        return None
    recent = [key[0] for key in state.decided_at.after((last[0] - DAY_MS,))]
    span = max(last[0] - recent[0], LEAST_SPAN_MS)
    return max(at, last[0]) + span * left // len(recent)


def _median(often: Mapping[int, int]) -> int | None:
    """Return the median of minutes, of which each stands with how often it occurred; the lower one of two."""
    middle = (sum(often.values()) + 1) // 2
    for minute, count in sorted(often.items()):
        middle -= count
        if middle <= 0:
            return int(minute)
    return None


def work_view(state: ModerationState, wanted: View, *, by: str) -> View | Refused:
    """Return what waits beside the queue, oldest first: opinions, type corrections, disqualifications, complaints."""
    rows = sorted(_work(state, by), key=lambda row: (row["at"], row["id"]))
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in WORK}
    if wanted["kind"] is not None:
        rows = [row for row in rows if row["kind"] == wanted["kind"]]
    if wanted["after"] is not None:
        ids = [row["id"] for row in rows]
        if wanted["after"] not in ids:
            return Refused("cursor-unknown", "after")
        rows = rows[ids.index(wanted["after"]) + 1 :]
    shown = rows[: wanted["limit"]]
    corrected = state.index.lists.get((SUBMITTED, ("all", "")), ((), ()))[0]
    return {
        "items": shown,
        "next": shown[-1]["id"] if len(rows) > len(shown) else None,
        "counts": counts,
        "pending": state.index.count(SUBMITTED),
        "corrected": len(corrected),
        "share": state.index.count(SUBMITTED, ("share", by)),
    }


def _work(state: ModerationState, by: str) -> Iterable[View]:
    for status in {place for place, _ in state.index.lists}:
        for flag in (SECOND_OPINION, TYPE_CORRECTION, DISQUALIFICATION):
            for entry in state.index.walk(status, (("flag", flag),), OLDEST):
                dossier = state.dossier(entry)
                event: Any = {
                    SECOND_OPINION: dossier.opinion,
                    TYPE_CORRECTION: dossier.type_request,
                    DISQUALIFICATION: dossier.disqualification,
                }[flag]
                own = flag != TYPE_CORRECTION and event.by == by
                yield _work_row(flag, entry, event.at, event.by, state, own=own)
    for number, each in state.complaints.items():
        if each.answered is None:
            yield _work_row(COMPLAINT, each.filed.entry, each.filed.at, None, state, number=number)


def _work_row(
    kind: str,
    entry: str | None,
    at: int,
    by: str | None,
    state: ModerationState,
    *,
    own: bool = False,
    number: str | None = None,
) -> View:
    return {
        "id": f"{kind}.{number or entry}",
        "kind": kind,
        "complaint": number,
        "at": at,
        "by": by,
        "needs_other": own,  # the one who asks proposed it, so somebody else must answer
        **(_named(entry, state) if entry is not None else {"entry": None, "title": None, "unit_name": None}),
    }


def reasons_view(templates: Sequence[ReasonTemplate]) -> View:
    """Return the reasons that moderators may start from."""
    return {"reasons": [asdict(each) for each in templates]}
