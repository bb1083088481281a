"""RPC service of scoring: seal names and reasons, pass commands to the domain, and answer with views.

The methods for judges take no judge name: the judge is the actor of the call.
"""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from nameko.rpc import rpc

from services.scoring import domain, queries, schemas
from services.scoring.decisions import commands, marking
from services.scoring.events import EntriesAssigned, EntriesReassigned, ThirdReadingCalled
from services.scoring.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.scoring.reports import progress
from services.scoring.state import ScoringState
from shared.decider import Refused
from shared.events import Sealed
from shared.hosting import EventLog, service_name
from shared.personal import PersonalFields, person
from shared.rpc import (
    Call,
    Method,
    Reply,
    call,
    refusal,
    stored,
)
from shared.stamps import wall_ms

JUDGE, DESK, WATCH = ("judge",), ("organiser",), ("organiser", "auditor")


def requires_campaign(method: Method) -> Method:
    """Decorate a service method: refuse the call with `campaign-not-open` before the campaign opens.

    It first waits for the log positions that the caller has seen (`call.seen`).
    """

    @wraps(method)
    def answer(service: Any, call: Call) -> Reply:
        if service.log.state.campaign is None and call.seen:
            service.log.wait(call.seen, timeout_s=call.left_s)
        if service.log.state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return method(service, call)

    return answer


class ScoringService:
    """nameko service of scoring: each method answers one RPC call of the gateway or the command line."""

    name = service_name("scoring")
    log = EventLog(OWN_LOG, domain.ScoringDecider(), follows=FOLLOWED_LOGS)

    # Commands

    @rpc
    @call(schemas.AppointJudge, roles=("organiser", "operator"))
    @requires_campaign
    def appoint_judge(self, call: Call) -> Reply:
        body = call.body
        known = self._state.judges.get(body["judge"])
        current = known.name if known is not None else None
        name = self._personal.seal_text(person("staff", body["judge"]), body["name"], current=current)
        conflicts = tuple(body["conflicts"])
        command = commands.AppointJudge(
            body["judge"], name, body["employer"], body["city"], conflicts, call.actor, call.at
        )
        outcome = self._submit(call, command)
        marks = [each for each in progress.conflicted_marks(self._state) if each["judge"] == body["judge"]]
        return stored(outcome, {**body, "conflicts": sorted(set(conflicts)), "conflicted_marks": marks})

    @rpc
    @call(schemas.Assign, roles=DESK)
    @requires_campaign
    def assign(self, call: Call) -> Reply:
        body = call.body
        outcome = self._submit(call, commands.Assign(body["seed"], call.actor, call.at, body["confirm"] or ""))
        marks = progress.conflicted_marks(self._state)
        return stored(outcome, {**_readings(outcome.events), "conflicted_marks": marks})

    @rpc
    @call(schemas.Reassign, roles=DESK)
    @requires_campaign
    def reassign(self, call: Call) -> Reply:
        body = call.body
        if body["judge"] not in self._state.judges:  # checked first: sealing would create a key for a stranger
            return refusal(Refused("judge-unknown", "judge", {"judge": body["judge"]}))
        entries = None if body["entries"] is None else tuple(body["entries"])
        reason = self._seal_reason(body["judge"], body["reason"])
        outcome = self._submit(call, commands.Reassign(body["judge"], entries, reason, call.actor, call.at))
        moved = sum(len(each.entries) for each in outcome.events if isinstance(each, EntriesReassigned))
        return stored(outcome, {"judge": body["judge"], "moved": moved, **_readings(outcome.events)})

    @rpc
    @call(schemas.Nothing, roles=("organiser", "operator"))
    @requires_campaign
    def assign_third_readings(self, call: Call) -> Reply:
        outcome = self._submit(call, commands.AssignThirdReadings(call.actor, self._at(call)))
        called = sum(1 for each in outcome.events if isinstance(each, ThirdReadingCalled))
        return stored(outcome, {"called": called, **_readings(outcome.events)})

    @rpc
    @call(schemas.GiveScore, roles=JUDGE)
    @requires_campaign
    def give_score(self, call: Call) -> Reply:
        words = _lines(call.body["words"] or "") or None
        entry = call.body["entry"]
        outcome = self._submit(call, commands.GiveScore(call.actor, entry, call.body["marks"], words, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, self._entry_view(call.actor, entry))

    @rpc
    @call(schemas.SaveDraft, roles=JUDGE)
    @requires_campaign
    def save_draft(self, call: Call) -> Reply:
        words = _lines(call.body["words"] or "") or None
        entry = call.body["entry"]
        outcome = self._submit(call, commands.SaveDraft(call.actor, entry, call.body["marks"], words, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, self._entry_view(call.actor, entry))

    @rpc
    @call(schemas.EditMark, roles=JUDGE)
    @requires_campaign
    def edit_mark(self, call: Call) -> Reply:
        """Change fields of a mark as a page shows them, and give the mark if the page says so."""
        body = call.body
        filled = {
            name: (_lines(value) or None) if isinstance(value, str) else value for name, value in body["fields"].items()
        }
        command = commands.EditMark(
            call.actor,
            body["entry"],
            body["revision"],
            filled,
            body["give"],
            body["device"] or "",
            body["sequence"],
            call.at,
        )
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, queries.filled_in(self._state, call.actor, body["entry"]))

    @rpc
    @call(schemas.DeclareIndependence, roles=JUDGE)
    @requires_campaign
    def declare_independence(self, call: Call) -> Reply:
        outcome = self._submit(call, commands.DeclareIndependence(call.actor, call.body["words"], call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, queries.independence(self._state, call.actor))

    @rpc
    @call(schemas.NoteReading, roles=JUDGE)
    @requires_campaign
    def note_reading(self, call: Call) -> Reply:
        """Note that the judge opened an entry, or put it off."""
        entry = call.body["entry"]
        outcome = self._submit(call, commands.NoteReading(call.actor, entry, call.body["skip"], call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, {"entry": entry, "stage": queries.stage(self._state, call.actor, entry)})

    @rpc
    @call(schemas.DeclareConflict, roles=JUDGE)
    @requires_campaign
    def declare_conflict(self, call: Call) -> Reply:
        entry, reason = call.body["entry"], self._seal_reason(call.actor, call.body["reason"])
        outcome = self._submit(call, commands.DeclareConflict(call.actor, entry, reason, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        reassigned = any(isinstance(each, EntriesAssigned) for each in outcome.events)
        short = progress.is_short(self._state, entry)
        return stored(outcome, {"entry": entry, "reassigned": reassigned, "short": short})

    @rpc
    @call(schemas.Nothing, roles=JUDGE)
    @requires_campaign
    def submit_sheet(self, call: Call) -> Reply:
        outcome = self._submit(call, commands.SubmitSheet(call.actor, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        row = progress.judge_row(self._state, call.actor)
        return stored(outcome, {each: row[each] for each in ("judge", "marked", "submitted_at")})

    @rpc
    @call(schemas.ExcludeScore, roles=DESK)
    @requires_campaign
    def exclude_score(self, call: Call) -> Reply:
        judge, entry = call.body["judge"], call.body["entry"]
        command = commands.ExcludeScore(judge, entry, _lines(call.body["reason"]), call.actor, call.at)
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, {"judge": judge, "entry": entry, "short": progress.is_short(self._state, entry)})

    # Queries

    @rpc
    @call(schemas.Nothing, roles=JUDGE)
    @requires_campaign
    def my_assignments(self, call: Call) -> Reply:
        return _answer(queries.own_sheet(self._state, call.actor))

    @rpc
    @call(schemas.EntryOnly, roles=JUDGE)
    @requires_campaign
    def my_entry(self, call: Call) -> Reply:
        entry = call.body["entry"]
        refused = self._hidden_from(call.actor, entry)
        if refused is not None:
            return refusal(refused)
        return {"ok": {**self._entry_view(call.actor, entry), "rubric": queries.rubric(self._state)}}

    @rpc
    @call(schemas.EntryOnly, roles=JUDGE)
    @requires_campaign
    def filled_in(self, call: Call) -> Reply:
        """Return what the judge has filled in for an entry, field by field, with its revision."""
        entry = call.body["entry"]
        refused = self._hidden_from(call.actor, entry)
        return refusal(refused) if refused else {"ok": queries.filled_in(self._state, call.actor, entry)}

    @rpc
    @call(schemas.Practice, roles=JUDGE)
    @requires_campaign
    def try_mark(self, call: Call) -> Reply:
        """Return the total of a mark of the practice entry. Nothing is stored."""
        words = _lines(call.body["words"] or "") or None
        found = marking.try_out(call.body["marks"], words, self._state)
        return refusal(found) if isinstance(found, Refused) else {"ok": {"total": found}}

    @rpc
    @call(schemas.Nothing, roles=WATCH)
    @requires_campaign
    def progress(self, call: Call) -> Reply:
        state = self._state
        shown = self._personal.text_lookup(each.name for each in state.judges.values())
        return {"ok": progress.progress(state, shown, at=self._at(call))}

    @rpc
    @call(schemas.WithSeed, roles=WATCH)
    @requires_campaign
    def propose_assignment(self, call: Call) -> Reply:
        return _answer(queries.proposal(self._state, call.body["seed"]))

    @rpc
    @call(schemas.JudgeOnly, roles=WATCH)
    @requires_campaign
    def unmarked_entries(self, call: Call) -> Reply:
        """Return the entries that a judge still has to mark."""
        return _answer(queries.unmarked_of(self._state, call.body["judge"]))

    @rpc
    @call(schemas.EntryOnly, roles=WATCH)
    @requires_campaign
    def marks_of_entry(self, call: Call) -> Reply:
        return _answer(queries.marks_of(self._state, call.body["entry"]))

    # Helpers of all methods

    @property
    def _state(self) -> ScoringState:
        state: ScoringState = self.log.state
        return state

    def _submit(self, call: Call, command: commands.Command) -> Any:
        return self.log.submit(call.envelope(command), timeout_s=call.left_s)

    def _at(self, call: Call) -> int:
        """Return the campaign time of a call. Calls of the campaign's own clock process carry none."""
        return call.at or (self._state.clock if self._state.rehearsal else wall_ms())

    def _seal_reason(self, judge: str, words: str) -> Sealed:
        """Seal a text with the judge's own key. A blank text stays empty."""
        words = _lines(words)
        return self._personal.seal_text(person("staff", judge), words) if words else Sealed("")

    def _hidden_from(self, judge: str, entry: str) -> Refused | None:
        """Return why a judge may not read an entry, or None."""
        sheet = self._state.sheet(judge)
        if entry not in sheet.entries:
            return Refused("not-assigned", "entry", {"entry": entry})
        return Refused("independence-undeclared") if sheet.independent_at is None else None

    def _entry_view(self, judge: str, entry: str) -> dict[str, Any]:
        return queries.own_entry(self._state, judge, entry)

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)


def _answer(found: dict[str, Any] | Refused) -> Reply:
    return refusal(found) if isinstance(found, Refused) else {"ok": found}


def _readings(events: Iterable[object]) -> dict[str, Any]:
    """Return how many new readings there are, and for which judges."""
    given = [each for each in events if isinstance(each, EntriesAssigned)]
    judges = [{"judge": each.judge, "entries": len(each.entries)} for each in given]
    return {"assigned": sum(len(each.entries) for each in given), "judges": judges}


def _lines(text: str) -> str:
    """Return a text with uniform line ends and without surrounding blanks."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
