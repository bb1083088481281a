"""The nameko shell of scoring: seals names, asks the domain, answers.

A judge's own methods never name a judge: the actor is the judge.
"""

from functools import wraps
from typing import Any

from nameko.rpc import rpc

from shared.decider import Refused
from shared.events import Sealed
from shared.hosting import EventLog, service_name
from shared.personal import PersonalFields, person
from shared.rpc import Call, Method, Reply, call, refusal, stored

from . import domain, queries, schemas
from .events import EntriesAssigned
from .panel import Panel

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
    log = EventLog("scoring", domain.PanelDecider(), follows=("moderation", "submission", "ranking"))

    # commands

    @rpc
    @call(schemas.AppointJudge, roles=("organiser", "operator"))
    @once_open
    def appoint_judge(self, call: Call) -> Reply:
        body = call.body
        known = self._panel.judges.get(body["judge"])
        standing = known.name if known is not None else None
        name = self._personal.seal_text(person("staff", body["judge"]), body["name"], standing=standing)
        conflicts = tuple(body["conflicts"])
        order = domain.AppointJudge(body["judge"], name, body["employer"], body["city"], conflicts, call.actor, call.at)
        return stored(self._submit(call, order), {**body, "conflicts": sorted(set(conflicts))})

    @rpc
    @call(schemas.Seeded, roles=DESK)
    @once_open
    def assign(self, call: Call) -> Reply:
        outcome = self._submit(call, domain.Assign(call.body["seed"], call.actor, call.at))
        given = [each for each in outcome.events if isinstance(each, EntriesAssigned)]
        judges = [{"judge": each.judge, "entries": len(each.entries)} for each in given]
        return stored(outcome, {"assigned": sum(len(each.entries) for each in given), "judges": judges})

    @rpc
    @call(schemas.GiveScore, roles=JUDGE)
    @once_open
    def give_score(self, call: Call) -> Reply:
        words = _lines(call.body["words"] or "") or None
        entry = call.body["entry"]
        outcome = self._submit(call, domain.GiveScore(call.actor, entry, call.body["marks"], words, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, self._own(call.actor, entry))

    @rpc
    @call(schemas.DeclareConflict, roles=JUDGE)
    @once_open
    def declare_conflict(self, call: Call) -> Reply:
        entry, words = call.body["entry"], _lines(call.body["reason"])
        reason = self._personal.seal_text(person("staff", call.actor), words) if words else Sealed("")
        outcome = self._submit(call, domain.DeclareConflict(call.actor, entry, reason, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        reassigned = any(isinstance(each, EntriesAssigned) for each in outcome.events)
        short = queries.is_short(self._panel, entry)
        return stored(outcome, {"entry": entry, "reassigned": reassigned, "short": short})

    @rpc
    @call(schemas.Nothing, roles=JUDGE)
    @once_open
    def submit_sheet(self, call: Call) -> Reply:
        outcome = self._submit(call, domain.SubmitSheet(call.actor, call.at))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        row = queries.judge_row(self._panel, call.actor)
        return stored(outcome, {each: row[each] for each in ("judge", "marked", "submitted_at")})

    @rpc
    @call(schemas.ExcludeScore, roles=DESK)
    @once_open
    def exclude_score(self, call: Call) -> Reply:
        judge, entry = call.body["judge"], call.body["entry"]
        order = domain.ExcludeScore(judge, entry, _lines(call.body["reason"]), call.actor, call.at)
        outcome = self._submit(call, order)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, {"judge": judge, "entry": entry, "short": queries.is_short(self._panel, entry)})

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
    def progress(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        panel = self._panel
        return {"ok": queries.progress(panel, self._personal.shown(each.name for each in panel.judges.values()))}

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
    def _panel(self) -> Panel:
        panel: Panel = self.log.state
        return panel

    def _submit(self, call: Call, command: domain.Command) -> Any:
        return self.log.submit(call.order(command), timeout_s=call.left_s)

    def _own(self, judge: str, entry: str) -> dict[str, Any]:
        return queries.own_entry(self._panel, judge, entry)

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)


def _answer(found: dict[str, Any] | Refused) -> Reply:
    return refusal(found) if isinstance(found, Refused) else {"ok": found}


def _lines(text: str) -> str:
    """Words as they are worth storing: one kind of line end, nothing around them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
