"""The nameko shell of ranking: from a call to plain values to a decision.

Keeps the course (cohort, proposals, signatures, exhibition) in memory, and no likes: a command that needs the table
reads the stored one and what came since. The calls about the result are in `rpc/result.py`.
"""

from nameko.rpc import rpc

from services.ranking import queries, schemas
from services.ranking.analysis import rule_sheet as sheet
from services.ranking.analysis.method_comparison import by_every_method
from services.ranking.analysis.method_comparison import plain as side_by_side
from services.ranking.analysis.scenarios import to_data
from services.ranking.decisions.cuts_and_cohort import FixCohort, TakeCut, not_due
from services.ranking.decisions.exhibition import OpenExhibition, TakeDown
from services.ranking.decisions.save_scenario import SaveScenario
from services.ranking.domain import RankingDecider
from services.ranking.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.ranking.read_model.daily_totals import DailyTotals, wanted
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import (
    candidates,
    contenders,
    lot_root,
    marks_missing,
    readings_missing,
)
from services.ranking.rpc import analysis, result
from services.ranking.rpc.base import READERS
from services.ranking.views.public_views import views
from shared.decider import Refused
from shared.hosting import EventLog, service_name
from shared.rpc import (
    Call,
    Reply,
    call,
    refusal,
    stored,
)


# By their modules: nameko takes every class with calls that it finds here for a service.
class RankingService(result.ResultCalls, analysis.Analysis):
    name = service_name("ranking")
    log = EventLog(OWN_LOG, RankingDecider(), follows=FOLLOWED_LOGS)

    # Commands

    @rpc
    @call(schemas.Nothing, roles=("operator", "organiser"))
    def take_cut(self, call: Call) -> Reply:
        course = self._course
        if course.campaign is None:
            return refusal(Refused("campaign-not-open"))
        logs = queries.logs_of(course.campaign.likes.partitions)
        cut = queries.heads(self.log.ledger, logs, known=course.cut.cut if course.cut else {})
        outcome = self._submit(call, TakeCut(cut.to_data(), self._at(call)))
        return stored(outcome, {"cut": cut.to_data()})

    @rpc
    @call(schemas.Nothing, roles=("operator", "organiser"))
    def fix_cohort(self, call: Call) -> Reply:
        if refused := not_due(self._course, self._at(call)):
            return refusal(refused)
        now = self._table(call)
        command = FixCohort(now.cut.to_data(), now.table.polls_closed, contenders(now.table), self._at(call))
        outcome = self._submit(call, command, now.cut)
        return stored(outcome, {"entries": len(self._course.cohort or ())})

    @rpc
    @call(schemas.Nothing, roles=("organiser",))
    def open_exhibition(self, call: Call) -> Reply:
        outcome = self._submit(call, OpenExhibition(call.actor, self._at(call)))
        return stored(outcome, {"entries": len(self._course.exhibition or ())})

    @rpc
    @call(schemas.TakeDownEntry, roles=("organiser", "moderator"))
    def take_down(self, call: Call) -> Reply:
        command = TakeDown(call.body["entry"], call.body["reason"], call.actor, self._at(call))
        return stored(self._submit(call, command), {"entry": call.body["entry"]})

    @rpc
    @call(schemas.SaveScenario, roles=READERS)
    def save_scenario(self, call: Call) -> Reply:
        """Keep a recount under a name. What comes of it is worked out here, not taken from the caller."""
        found = self._recount(call, self._moment(call), call.body)
        if isinstance(found, Refused):
            return refusal(found)
        told, recount, change = found
        command = SaveScenario(
            name=call.body["name"],
            reason=call.body["reason"],
            change=to_data(change),
            cut=told["cut"],
            official_digest=told["official_digest"],
            digest=told["digest"],
            enters=recount.enters,
            leaves=recount.leaves,
            by=call.actor,
            at=self._at(call),
        )
        return stored(self._submit(call, command), told)

    # Queries

    @rpc
    @call(schemas.Nothing)
    def rule_sheet(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """The rules in force in plain words, with a worked example."""
        course = self._course
        if course.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return {"ok": {**sheet.plain(course.campaign), "locked": course.rule_hash is not None}}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def methods(self, call: Call) -> Reply:
        """Every score method beside the one of the rules, and how far the judges agree."""
        table = self._table(call).table
        if table.rules is None:
            return refusal(Refused("campaign-not-open"))
        rows = candidates(table)
        if missing := readings_missing(rows, table):
            return refusal(missing)
        found = by_every_method(rows, table.rules, seed=self.log.keys.lot, root=lot_root(table))
        if isinstance(found, Refused):
            return refusal(marks_missing(found))
        return {"ok": side_by_side(found, rows, table.rules)}

    @rpc
    @call(schemas.Nothing)
    def views(self, call: Call) -> Reply:
        """All views, by the table that the projector stored last: what a gateway starts from."""
        store = self._store()
        kept = store.load(RankingProjection())
        if not kept.cut.covers(call.at_least):
            kept = self._table(call)
        daily = DailyTotals(self.log.ledger, store).at(wanted(kept.table, self._at(call)))
        cut, made = kept.cut.to_data(), views(kept.table, kept.cut, daily)
        return {"ok": {"views": {name: {"cut": cut, "data": data} for name, data in made.items()}}}
