"""RPC methods that explain and recount the ranking, now, as of an instant or at a cut. They decide nothing.

Promises: every answer names the cut (positions in the logs) that it was computed at; a recount is always marked
unofficial; staff may read an explanation at any time, and everyone else may read only the explanation of the published
result, at the cut of that result.
"""

import base64
import hmac
from collections.abc import Callable, Sequence
from typing import Any

from nameko.rpc import rpc

from services.moderation.campaign import from_data as campaign_from
from services.moderation.campaign import rule_hash
from services.moderation.events import Correction
from services.ranking import queries, schemas
from services.ranking.analysis import change_preview, excluded_likes, rule_sheet, scenarios
from services.ranking.analysis.complaint_pack import build_own_pack, build_pack
from services.ranking.analysis.explain import compare_explanations, explain, likes_alone
from services.ranking.analysis.likes_only_table import likes_table
from services.ranking.analysis.scenarios import Change, Recount
from services.ranking.analysis.stability import plain as plain_stability
from services.ranking.analysis.stability import stability
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import Ranking, is_unmarked, rank
from services.ranking.events import ScenarioSaved
from services.ranking.read_model.ranking_input import (
    candidates_of,
    lot_root,
    marks_missing,
    ranking,
    readings_missing,
)
from services.ranking.read_model.table import Table, names_of
from services.ranking.rpc.base import READERS, RankingCalls
from shared.decider import Refused
from shared.projection import Projector
from shared.reference_numbers import reference_number
from shared.rpc import Call, Reply, call, refusal
from shared.snapshots import Snapshots

Plain = dict[str, Any]
UNIT = "unit"
VARIANTS = 60  # so few that the service answers others within seconds


class AnalysisCalls(RankingCalls):
    """The RPC methods that explain the ranking of an entry, and recount the ranking with a change (scenarios)."""

    @rpc
    @call(schemas.Moment, roles=READERS)
    def table(self, call: Call) -> Reply:
        """Return the ranking as it would be proposed now, or as of the moment that the call names.

        If marks are missing at a named moment, return the table by likes alone instead.
        """
        now = self._moment(call)
        if isinstance(now, Refused):
            return refusal(now)
        ranked = ranking(now.table, seed=self.log.keys.lot)
        heads = self._table(call).cut.to_data() if call.body else now.cut.to_data()
        answer = {"digest": ranked.digest, "cut": now.cut.to_data(), "heads": heads, "table": ranked.table}
        if ranked.refused is None:
            return {"ok": answer}
        if ranked.refused.code != "marks-missing" or not call.body:
            return refusal(ranked.refused)
        likes = [] if now.table.rules is None else likes_table(candidates_of(now.table), now.table.rules)
        return {"ok": {**answer, "digest": None, "table": None, "likes": likes, "missing": ranked.refused.detail}}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def entry_names(self, call: Call) -> Reply:
        """Return poster number, unit and title of every entry that was handed in, by id, for what staff read."""
        now = self._table(call)
        return {
            "ok": {"entries": {entry: names_of(each) for entry, each in now.table.entries.items() if each.versions}}
        }

    @rpc
    @call(schemas.Nothing, roles=("organiser",))
    def held_likes(self, call: Call) -> Reply:
        """Return the addresses of the likes that await a decision, by entry, for whoever decides on them."""
        held = self._table(call).table.likes.held_likes()
        return {"ok": {"entries": [{"entry": entry, "likes": likes} for entry, likes in held.items()]}}

    @rpc
    @call(schemas.Explanation)
    def explanation(self, call: Call) -> Reply:
        """Explain one entry's result. With `other` in the body, explain it at a second moment too, and compare.

        Callers who are not staff get the explanation of the published result.
        """
        if not set(call.roles) & set(READERS):
            return self._published(call)
        first = self._explained(call, self._moment(call), by_likes_alone=_names_a_moment(call.body))
        if isinstance(first, Refused):
            return refusal(first)
        if "other" not in call.body:
            return {"ok": first}
        second = self._explained(call, self._moment(call, call.body["other"]), by_likes_alone=True)
        if isinstance(second, Refused):
            return refusal(second)
        return {"ok": {**second, "before": first, "differences": compare_explanations(first, second)}}

    @rpc
    @call(schemas.Explanation, roles=(*READERS, UNIT))
    def complaint_pack(self, call: Call) -> Reply:
        """Return the zip that answers a complaint about an entry's place, in base64, with a file name.

        Staff get it for any moment, with the ranking of the entry's type. A unit gets it for its own entry in the
        published result, and nothing of other entries.
        """
        state = self._state
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        sheet = rule_sheet.plain(state.campaign, state.rule_hash)
        if set(call.roles) & set(READERS):
            now = self._moment(call)
            found = self._explained(call, now)
            if isinstance(found, Refused) or isinstance(now, Refused):
                return refusal(found if isinstance(found, Refused) else Refused("campaign-not-open"))
            ranked = ranking(now.table, seed=self.log.keys.lot)
            names = {entry: each.number for entry, each in now.table.entries.items() if each.number}
            answer = {"digest": ranked.digest, "table": ranked.table}
            return {"ok": _pack(found, build_pack(found, answer, sheet, names))}
        if state.published is None:
            return refusal(Refused("result-not-published"))
        table = self._moment(call, {"cut": dict(state.published.proposal.cut)})
        if isinstance(table, Refused):
            return refusal(table)
        facts = table.table.entries.get(_entry(table.table, call.body["entry"]))
        if facts is None or not facts.versions or facts.versions[-1].unit != call.actor:
            return refusal(Refused("not-yours", "entry"))
        own = self._explained(call, table)
        return refusal(own) if isinstance(own, Refused) else {"ok": _pack(own, build_own_pack(own, sheet))}

    @rpc
    @call(schemas.Recount, roles=READERS)
    def recount(self, call: Call) -> Reply:
        """Rank the entries with a change (a scenario), and return who would win otherwise. Writes nothing."""
        found = self._recount(call, self._moment(call), call.body)
        return refusal(found) if isinstance(found, Refused) else {"ok": found[0]}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def scenarios(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        state = self._state
        return {"ok": {"unofficial": True, "scenarios": [_saved(each) for each in state.scenarios]}}

    @rpc
    @call(schemas.Scenario, roles=READERS)
    def scenario(self, call: Call) -> Reply:
        """Compute a saved scenario again from the same events (at its cut), and say whether the outcome is the same."""
        state = self._state
        saved = next((each for each in state.scenarios if each.name == call.body["scenario"]), None)
        if saved is None:
            return refusal(Refused("scenario-unknown", field="scenario"))
        again = self._recount(call, self._moment(call, {"cut": saved.cut}), saved.change)
        if isinstance(again, Refused):
            return refusal(again)
        now = again[0]
        same = (now["digest"], now["official_digest"]) == (saved.digest, saved.official_digest)
        return {"ok": {"unofficial": True, "saved": _saved(saved), "now": now, "same": same}}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def stability(self, call: Call) -> Reply:
        """Return who wins in some variants of the rules, the judges and the likes, few enough to take seconds.

        `baijia stability` tries more, beside this service.
        """
        now = self._table(call)
        rules, rows = now.table.rules, candidates_of(now.table)
        if rules is None:
            return refusal(Refused("campaign-not-open"))
        draw = self.log.keys.lot, lot_root(now.table)
        found = readings_missing(rows, now.table) or stability(rows, rules, draw=draw, variants=VARIANTS)
        if isinstance(found, Refused):
            return refusal(marks_missing(found))
        return {"ok": {**plain_stability(found), "cut": now.cut.to_data()}}

    @rpc
    @call(schemas.OneChangeSet, roles=READERS)
    def preview_changes(self, call: Call) -> Reply:
        """Return what a change set would do if it were applied now, with its seal for moderation. Writes nothing."""
        now = self._table(call)
        self._read(call, now.cut.to_data())
        state, table, rules = self._state, now.table, now.table.rules
        proposed = state.changes.get(call.body["changes"])
        if proposed is None or rules is None:
            return refusal(Refused("changes-unknown", "changes"))
        before = candidates_of(table)
        named = {like for each in proposed.corrections for like in each.likes}
        likes = excluded_likes.read_likes(self.log.ledger, named, overdue=call.is_overdue) if named else {}
        facts = [_correction_facts(each, table, likes) for each in proposed.corrections]
        excluded = {each["entry"]: each["likes"] for each in facts if each["kind"] == "likes"}
        after = change_preview.corrected_candidates(before, proposed.corrections, excluded=excluded)
        outcomes = self._ranked(before, table), self._ranked(after, table)
        found = change_preview.preview(proposed, facts, (before, after), outcomes, rules)
        sound = not any(each["problem"] for each in facts)
        sealed = f"{proposed.changes} {found['digest']} {state.changes_applied} {sound}"
        seal = reference_number(self.log.keys.receipt, "changes-preview", sealed)
        obstacles = [
            {"code": each.code, "field": each.field, "detail": each.detail}
            for each in outcomes[1:]
            if isinstance(each, Refused)
        ]
        answer = {"applied": state.changes_applied, "sound": sound, "seal": seal, "cut": now.cut.to_data()}
        return {"ok": {**found, **answer, "obstacles": obstacles}}

    # How

    def _ranked(self, candidates: Sequence[Candidate], table: Table) -> Ranking | Refused:
        """Return the ranking of candidates by the rules of a table, or why there is none."""
        rules = table.rules
        assert rules is not None
        if missing := readings_missing(candidates, table):
            return missing
        ranked = rank(candidates, rules, seed=self.log.keys.lot, root=lot_root(table))
        return marks_missing(ranked) if isinstance(ranked, Refused) else ranked

    def _published(self, call: Call) -> Reply:
        """Explain the entry by the published result, at its own cut, for callers who are not staff."""
        state = self._state
        if state.published is None:
            return refusal(Refused("result-not-published"))
        found = self._explained(call, self._moment(call, {"cut": dict(state.published.proposal.cut)}))
        return refusal(found) if isinstance(found, Refused) else {"ok": found}

    def _explained(
        self, call: Call, now: Projector[Table] | Refused, *, by_likes_alone: bool = False
    ) -> Plain | Refused:
        """Explain the entry that the call names; `by_likes_alone`: if marks are missing, explain by likes alone."""
        if isinstance(now, Refused):
            return now
        table, rules = now.table, now.table.rules
        if rules is None:
            return Refused("campaign-not-open")
        candidates = candidates_of(table)
        missing = readings_missing(candidates, table)
        if missing is not None and not by_likes_alone:
            return missing
        early = by_likes_alone and (missing is not None or is_unmarked(candidates, rules))
        entry = _entry(table, call.body["entry"])
        likes = excluded_likes.read_likes(
            self.log.ledger, excluded_likes.excepted_addresses(table.likes, [entry]), overdue=call.is_overdue
        )
        kind = next((each.type for each in candidates if each.entry == entry), None)
        answer = explain(
            candidates,
            likes_alone(rules) if early else rules,
            entry,
            draw=(self.log.keys.lot, lot_root(table)),
            blind=hmac.digest(self.log.keys.pseudonym, b"the judges of an entry", "sha256"),
            days=excluded_likes.by_day(
                table.likes, entry, likes, peers=[each.entry for each in candidates if each.type == kind]
            ),
        )
        if isinstance(answer, Refused):
            return marks_missing(answer)
        number = table.entries[entry].number
        official = {"digest": None, "rule_hash": rule_hash(rules)} if early else {}
        return {**answer, **official, "number": number, "cut": now.cut.to_data(), "by_likes_alone": early}

    def _recount(
        self, call: Call, now: Projector[Table] | Refused, wanted: Plain
    ) -> tuple[Plain, Recount, Change] | Refused:
        if isinstance(now, Refused):
            return now
        table, rules = now.table, now.table.rules
        if rules is None:
            return Refused("campaign-not-open")
        try:
            change = scenarios.from_data(wanted)
        except ValueError as problem:
            return Refused("rule-unreadable", detail={"words": str(problem)})
        candidates = candidates_of(table)
        if missing := readings_missing(candidates, table):
            return missing
        excluded = self._excluded(table, change, overdue=call.is_overdue)
        if isinstance(excluded, Refused):
            return excluded
        draw = self.log.keys.lot, lot_root(table)
        found = scenarios.recount(candidates, rules, change, draw=draw, excluded=excluded)
        if isinstance(found, Refused):
            return marks_missing(found)
        answer = {**scenarios.plain(found), "change": scenarios.to_data(change), "cut": now.cut.to_data()}
        return {**answer, "likes_left_out": sum(excluded.values())}, found, change

    def _excluded(self, table: Table, change: Change, *, overdue: Callable[[], bool]) -> dict[str, int] | Refused:
        if not change.names_likes:
            return {}
        likes = table.likes
        if strange := excluded_likes.unknown_days(likes, change.without_days, _days_of_likes(table)):
            return Refused("day-unknown", field="without_days", detail={"days": strange})
        # To exclude a day, the day of every exception must be known: else a like that does not count is deducted twice.
        known = excluded_likes.excepted_addresses(likes, likes.entries_with_exceptions()) if change.without_days else []
        named = excluded_likes.read_likes(self.log.ledger, {*known, *change.without_likes}, overdue=overdue)
        if strangers := sorted(set(change.without_likes) - set(named)):
            return Refused("like-unknown", field="without_likes", detail={"likes": strangers[:20]})
        return excluded_likes.count_excluded(
            likes, days=change.without_days, addresses=change.without_likes, likes_by_address=named
        )

    def _moment(self, call: Call, body: Plain | None = None) -> Projector[Table] | Refused:
        """Return the table at the moment that a call names: an instant, a cut, or now."""
        body = call.body if body is None else body
        state = self._state
        if state.campaign is None:
            return Refused("campaign-not-open")
        ledger, database = self.log.ledger, self.log.database
        logs, snapshots = queries.logs_of(state.campaign.likes.partitions), Snapshots(database)
        if body.get("cut"):
            heads = queries.heads(ledger, logs, known={})
            if not heads.covers(body["cut"]):
                return Refused("cut-unknown", field="cut", detail={"heads": heads.to_data()})
            return queries.at_cut(ledger, snapshots, body["cut"], overdue=call.is_overdue)
        if "as_of" in body:
            partitions = state.campaign.likes.partitions
            return queries.as_of(ledger, snapshots, at=body["as_of"], partitions=partitions, overdue=call.is_overdue)
        return self._table(call)


def _pack(explanation: Plain, packed: bytes) -> Plain:
    name = explanation["number"] or explanation["entry"]
    return {"name": f"{name}-explanation.zip", "zip": base64.b64encode(packed).decode()}


def _correction_facts(each: Correction, table: Table, likes: excluded_likes.LikesByAddress) -> Plain:
    """Return what a correction finds now; `problem` is a code if it names a mark or a like that is not there."""
    facts = table.entries.get(each.entry)
    counted = {
        like for like in each.likes if like in likes and likes[like].entry == each.entry
        and table.likes.does_count(each.entry, like)
    }  # fmt: skip
    strange = [like for like in each.likes if like not in likes or likes[like].entry != each.entry]
    marks = {sheet.judge for sheet in table.sheets.get(each.entry, ()) if sheet.counts and sheet.marks}
    problem = "like-unknown" if strange else ""
    if each.kind == "mark" and each.judge not in marks:
        problem = "score-unknown"
    return {
        "kind": each.kind,
        "entry": each.entry,
        "number": None if facts is None else facts.number,
        "type_before": None if facts is None or not facts.versions else facts.type,
        "type": each.type,
        "judge": each.judge,
        "named": len(each.likes),
        "likes": len(counted),
        "problem": problem,
    }


def _days_of_likes(table: Table) -> tuple[str, str]:
    campaign = campaign_from(table.campaign or {})
    window = campaign.window("likes")
    return campaign.day_of(window.start), campaign.day_of(window.end - 1)


def _names_a_moment(body: Plain) -> bool:
    """Return whether the body names a moment. Then missing marks are expected; now, they are a refusal."""
    return bool(body.get("cut")) or "as_of" in body


def _entry(table: Table, name: str) -> str:
    """Return the id of an entry that is named by its id or by its number on the poster."""
    return next((entry for entry, facts in table.entries.items() if facts.number == name), name)


def _saved(event: ScenarioSaved) -> Plain:
    return {
        "name": event.name,
        "reason": event.reason,
        "change": event.change,
        "cut": event.cut,
        "official_digest": event.official_digest,
        "digest": event.digest,
        "enters": list(event.enters),
        "leaves": list(event.leaves),
        "by": event.by,
        "at": event.at,
    }
