"""The nameko shell of scoring: seals names, asks the domain, answers.

A judge's own methods never name a judge: the actor is the judge.
"""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from nameko.rpc import rpc

from services.scoring import domain, queries, schemas
from services.scoring.decisions import commands
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


def once_open(method: Method) -> Method:
    """Refuse what comes before there is a campaign."""

    @wraps(method)
    def answer(service: Any, call: Call) -> Reply:
        if service.log.state.campaign is None and call.seen:
            service.log.wait(call.seen, timeout_s=call.left_s)
        if service.log.state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return method(service, call)

    return answer


class ScoringService:
    name = service_name("scoring")
    log = EventLog(OWN_LOG, domain.ScoringDecider(), follows=FOLLOWED_LOGS)

    # commands

    @rpc
    @call(schemas.AppointJudge, roles=("organiser", "operator"))
    @once_open
    def appoint_judge(self, call: Call) -> Reply:
        body = call.body
        known = self._panel.judges.get(body["judge"])
        standing = known.name if known is not None else None
        name = self._personal.seal_text(person("staff", body["judge"]), body["name"], current=standing)
        conflicts = tuple(body["conflicts"])
        order = commands.AppointJudge(
            body["judge"], name, body["employer"], body["city"], conflicts, call.actor, call.at
        )
        return stored(self._submit(call, order), {**body, "conflicts": sorted(set(conflicts))})

    @rpc
    @call(schemas.Seeded, roles=DESK)
    @once_open
    def assign(self, call: Call) -> Reply:
        outcome = self._submit(call, commands.Assign(call.body["seed"], call.actor, call.at))
        return stored(outcome, _readings(outcome.events))

    @rpc
    @call(schemas.Reassign, roles=DESK)
    @once_open
    def reassign(self, call: Call) -> Reply:
        body = call.body
        if body["judge"] not in self._panel.judges:  # asked first: to seal for a stranger would make a key of theirs
            return refusal(Refused("judge-unknown", "judge", {"judge": body["judge"]}))
        entries = None if body["entries"] is None else tuple(body["entries"])
        reason = self._sealed(body["judge"], body["reason"])
        outcome = self._submit(call, commands.Reassign(body["judge"], entries, reason, call.actor, call.at))
        moved = sum(len(each.entries) for each in outcome.events if isinstance(each, EntriesReassigned))
        return stored(outcome, {"judge": body["judge"], "moved": moved, **_readings(outcome.events)})

    @rpc
    @call(schemas.Nothing, roles=("organiser", "operator"))
    @once_open
    def assign_third_readings(self, call: Call) -> Reply:
        outcome = self._submit(call, commands.AssignThirdReadings(call.actor, self._at(call)))
        called = sum(1 for each in outcome.events if isinstance(each, ThirdReadingCalled))
        return stored(outcome, {"called": called, **_readings(outcome.events)})

    @rpc
    @call(schemas.GiveScore, roles=JUDGE)
    @once_open
    def give_score(self, call: Call) -> Reply:
        words = _lines(call.body["words"] or "") or None
        entry = call.body["entry"]
        outcome = self._submit(call, commands.GiveScore(call.actor, entry, call.body["marks"], words, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, self._own(call.actor, entry))

    @rpc
    @call(schemas.SaveDraft, roles=JUDGE)
    @once_open
    def save_draft(self, call: Call) -> Reply:
        words = _lines(call.body["words"] or "") or None
        entry = call.body["entry"]
        outcome = self._submit(call, commands.SaveDraft(call.actor, entry, call.body["marks"], words, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, self._own(call.actor, entry))

    @rpc
    @call(schemas.DeclareConflict, roles=JUDGE)
    @once_open
    def declare_conflict(self, call: Call) -> Reply:
        entry, reason = call.body["entry"], self._sealed(call.actor, call.body["reason"])
        outcome = self._submit(call, commands.DeclareConflict(call.actor, entry, reason, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        reassigned = any(isinstance(each, EntriesAssigned) for each in outcome.events)
        short = progress.is_short(self._panel, entry)
        return stored(outcome, {"entry": entry, "reassigned": reassigned, "short": short})

    @rpc
    @call(schemas.Nothing, roles=JUDGE)
    @once_open
    def submit_sheet(self, call: Call) -> Reply:
        outcome = self._submit(call, commands.SubmitSheet(call.actor, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        row = progress.judge_row(self._panel, call.actor)
        return stored(outcome, {each: row[each] for each in ("judge", "marked", "submitted_at")})

    @rpc
    @call(schemas.ExcludeScore, roles=DESK)
    @once_open
    def exclude_score(self, call: Call) -> Reply:
        judge, entry = call.body["judge"], call.body["entry"]
        order = commands.ExcludeScore(judge, entry, _lines(call.body["reason"]), call.actor, call.at)
        outcome = self._submit(call, order)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, {"judge": judge, "entry": entry, "short": progress.is_short(self._panel, entry)})

    # queries

    @rpc
    @call(schemas.Nothing, roles=JUDGE)
    @once_open
    def my_assignments(self, call: Call) -> Reply:
        return _answer(queries.own_sheet(self._panel, call.actor))

    @rpc
    @call(schemas.OfEntry, roles=JUDGE)
    @once_open
    def my_entry(self, call: Call) -> Reply:
        entry = call.body["entry"]
        if entry not in self._panel.sheet(call.actor).entries:
            return refusal(Refused("not-assigned", "entry", {"entry": entry}))
        return {"ok": {**self._own(call.actor, entry), "rubric": queries.rubric(self._panel)}}

    @rpc
    @call(schemas.Nothing, roles=WATCH)
    @once_open
    def progress(self, call: Call) -> Reply:
        panel = self._panel
        shown = self._personal.text_lookup(each.name for each in panel.judges.values())
        return {"ok": progress.progress(panel, shown, at=self._at(call))}

    @rpc
    @call(schemas.Seeded, roles=WATCH)
    @once_open
    def propose_assignment(self, call: Call) -> Reply:
        return _answer(queries.proposal(self._panel, call.body["seed"]))

    @rpc
    @call(schemas.OfEntry, roles=WATCH)
    @once_open
    def marks_of_entry(self, call: Call) -> Reply:
        return _answer(queries.marks_of(self._panel, call.body["entry"]))

    # the rest

    @property
    def _panel(self) -> ScoringState:
        panel: ScoringState = self.log.state
        return panel

    def _submit(self, call: Call, command: commands.Command) -> Any:
        return self.log.submit(call.order(command), timeout_s=call.left_s)

    def _at(self, call: Call) -> int:
        """Campaign time: the product's own clock names none."""
        return call.at or (self._panel.clock if self._panel.rehearsal else wall_ms())

    def _sealed(self, judge: str, words: str) -> Sealed:
        """With the judge's own key; nothing but blanks is nothing."""
        words = _lines(words)
        return self._personal.seal_text(person("staff", judge), words) if words else Sealed("")

    def _own(self, judge: str, entry: str) -> dict[str, Any]:
        return queries.own_entry(self._panel, judge, entry)

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)


def _answer(found: dict[str, Any] | Refused) -> Reply:
    return refusal(found) if isinstance(found, Refused) else {"ok": found}


def _readings(events: Iterable[object]) -> dict[str, Any]:
    """How many new readings, and whose."""
    given = [each for each in events if isinstance(each, EntriesAssigned)]
    judges = [{"judge": each.judge, "entries": len(each.entries)} for each in given]
    return {"assigned": sum(len(each.entries) for each in given), "judges": judges}


def _lines(text: str) -> str:
    """Words as they are worth storing: one kind of line end, nothing around them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
