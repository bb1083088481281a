"""RPC service of ranking: turn a call into plain values, let the decider decide, and answer.

Holds the state (cohort, proposals, signatures, exhibition) in memory, and no likes: a method that needs the table reads
the stored table and the commits since. The methods about the result are in `rpc/result.py`, and the methods that
explain and recount in `rpc/analysis.py`.
"""

from nameko.rpc import rpc

from services.moderation.campaign import from_data
from services.ranking import queries, schemas
from services.ranking.analysis import rule_sheet
from services.ranking.analysis.invented_entries import invent
from services.ranking.analysis.method_comparison import plain as side_by_side
from services.ranking.analysis.method_comparison import rank_by_every_method
from services.ranking.analysis.scenarios import to_data
from services.ranking.analysis.tryout import try_rules
from services.ranking.calculation.final_ranking import format_score
from services.ranking.calculation.quota import moves
from services.ranking.decisions.cuts_and_cohort import FixCohort, TakeCut, cohort_refusal
from services.ranking.decisions.exhibition import OpenExhibition, TakeDown
from services.ranking.decisions.save_scenario import SaveScenario
from services.ranking.domain import RankingDecider
from services.ranking.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.ranking.read_model.daily_totals import DailyTotals, public_instant
from services.ranking.read_model.ranking_input import (
    candidates_of,
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


# Base classes are named by their modules: nameko takes every class with RPC methods in this namespace for a service.
class RankingService(result.ResultCalls, analysis.AnalysisCalls):
    """nameko service of ranking: all RPC methods, and the log that their commands are stored in."""

    name = service_name("ranking")
    log = EventLog(OWN_LOG, RankingDecider(), follows=FOLLOWED_LOGS)

    # Commands

    @rpc
    @call(schemas.Nothing, roles=("operator", "organiser"))
    def take_cut(self, call: Call) -> Reply:
        state = self._state
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        logs = queries.logs_of(state.campaign.likes.partitions)
        cut = queries.heads(self.log.ledger, logs, known=state.cut.cut if state.cut else {})
        outcome = self._submit(call, TakeCut(cut.to_data(), self._at(call)))
        return stored(outcome, {"cut": cut.to_data()})

    @rpc
    @call(schemas.Nothing, roles=("operator", "organiser"))
    def fix_cohort(self, call: Call) -> Reply:
        if refused := cohort_refusal(self._state, self._at(call)):
            return refusal(refused)
        now = self._table(call)
        command = FixCohort(now.cut.to_data(), now.table.polls_closed, contenders(now.table), self._at(call))
        outcome = self._submit(call, command, now.cut)
        return stored(outcome, {"entries": len(self._state.cohort or ())})

    @rpc
    @call(schemas.Nothing, roles=("organiser",))
    def open_exhibition(self, call: Call) -> Reply:
        outcome = self._submit(call, OpenExhibition(call.actor, self._at(call)))
        return stored(outcome, {"entries": len(self._state.exhibition or ())})

    @rpc
    @call(schemas.TakeDownEntry, roles=("organiser", "moderator"))
    def take_down(self, call: Call) -> Reply:
        command = TakeDown(call.body["entry"], call.body["reason"], call.actor, self._at(call))
        return stored(self._submit(call, command), {"entry": call.body["entry"]})

    @rpc
    @call(schemas.SaveScenario, roles=READERS)
    def save_scenario(self, call: Call) -> Reply:
        """Save a scenario (a recount with a change) under a name. The service computes the outcome itself."""
        found = self._recount(call, self._moment(call), call.body)
        if isinstance(found, Refused):
            return refusal(found)
        answer, recount, change = found
        command = SaveScenario(
            name=call.body["name"],
            reason=call.body["reason"],
            change=to_data(change),
            cut=answer["cut"],
            official_digest=answer["official_digest"],
            digest=answer["digest"],
            enters=recount.enters,
            leaves=recount.leaves,
            by=call.actor,
            at=self._at(call),
        )
        return stored(self._submit(call, command), answer)

    # Queries

    @rpc
    @call(schemas.Nothing)
    def rule_sheet(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return the rules in force in plain words, with a worked example."""
        state = self._state
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        sheet = rule_sheet.plain(state.campaign, state.rule_hash)
        return {"ok": {**sheet, "locked": state.rule_hash is not None}}

    @rpc
    @call(schemas.DraftRules, roles=("organiser", "operator"))
    def draft_rule_sheet(self, call: Call) -> Reply:
        """Return a rule set that is not in force in plain words, with a worked example."""
        try:
            campaign = from_data(call.body["rules"])
            return {"ok": rule_sheet.plain(campaign)}
        except (TypeError, KeyError, AttributeError, ValueError):
            return {"invalid": {"rules": ["No rule set."]}}

    @rpc
    @call(schemas.RehearsedRules, roles=("organiser", "operator"))
    def rehearse_rules(self, call: Call) -> Reply:
        """Return what a rule set that is not in force makes of invented entries, voters and judges."""
        body = call.body
        try:
            campaign = from_data(body["rules"])
            rows = invent(campaign, entries=body["entries"], voters=body["voters"], seed=body["seed"])
            found = try_rules(rows, campaign)
        except (TypeError, KeyError, AttributeError, ValueError):
            return {"invalid": {"rules": ["No rule set."]}}
        if isinstance(found, Refused):
            return refusal(marks_missing(found))
        names = {each.code: {"zh": each.zh, "en": each.en} for each in campaign.unit_types}
        ranked = sorted(found.entries, key=lambda each: each.overall)
        return {
            "ok": {
                "entries": [
                    {
                        "entry": each.merit.candidate.entry,
                        "type": names[each.merit.candidate.type],
                        "place": each.place,
                        "likes": each.merit.candidate.likes,
                        "like_points": format_score(each.merit.like_points),
                        "expert": format_score(each.merit.expert.value),
                        "final": format_score(each.merit.final),
                        "is_winner": each.seat is not None,
                    }
                    for each in ranked
                ],
                "winners": sum(each.seat is not None for each in ranked),
                "moved": len(moves(found.seats)),
            }
        }

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def methods(self, call: Call) -> Reply:
        """Compare all score methods, not only the method of the rules: scores, winners, and judges' agreement."""
        table = self._table(call).table
        if table.rules is None:
            return refusal(Refused("campaign-not-open"))
        candidates = candidates_of(table)
        if missing := readings_missing(candidates, table):
            return refusal(missing)
        found = rank_by_every_method(candidates, table.rules, seed=self.log.keys.lot, root=lot_root(table))
        if isinstance(found, Refused):
            return refusal(marks_missing(found))
        return {"ok": side_by_side(found, candidates, table.rules)}

    @rpc
    @call(schemas.Nothing)
    def views(self, call: Call) -> Reply:
        """Return all public views of the present table. A gateway calls this when it starts.

        The table that the projector stored may lack most of the campaign while the projector catches up.
        """
        current = self._table(call)
        now = self._at(call)
        daily = DailyTotals(self.log.ledger, self._store()).at(public_instant(current.table, now))
        cut, all_views = current.cut.to_data(), views(current.table, current.cut, daily, now=now)
        return {"ok": {"views": {name: {"cut": cut, "data": data} for name, data in all_views.items()}}}
