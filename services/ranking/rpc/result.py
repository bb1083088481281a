"""RPC methods about the result: proposal, signatures, publication, objections, finality and certificates.

They do what the pure decisions cannot do: they compute the ranking, pass in the national table of holidays, seal
(encrypt) what an objector writes, and derive reference numbers from the campaign's keys.
"""

from dataclasses import asdict
from typing import Any

from nameko.rpc import rpc

from services.ranking import queries, schemas
from services.ranking.decisions import objections
from services.ranking.decisions.certificates import IssueCertificates, RevokeCertificate, issue
from services.ranking.decisions.objections import DecideObjection, DecideObjections, FileObjection
from services.ranking.decisions.release import ScheduleRelease, due
from services.ranking.decisions.result import FinaliseResult, ProposeResult, PublishResult, SignResult
from services.ranking.events import ResultProposed
from services.ranking.read_model.conflicted_marks import conflicted_marks
from services.ranking.read_model.ranking_input import awards, ranking, ranking_without, winner_names
from services.ranking.read_model.table import Table
from services.ranking.rpc.base import READERS, RankingCalls
from services.ranking.state import Proposal
from services.ranking.views import result_views
from shared.decider import Refused
from shared.names import is_visible
from shared.national_calendar import national_calendar
from shared.personal import PersonalFields, person
from shared.projection import Projector
from shared.reference_numbers import reference_number
from shared.rpc import (
    Call,
    Reply,
    call,
    refusal,
    stored,
)
from shared.stamps import wall_ms

ORGANISERS = ("organiser",)
OBJECTION = "objection"  # the vault's name for this kind of subject


class ResultCalls(RankingCalls):
    """The RPC methods about the result: proposal, signatures, publication, objections, finality, certificates."""

    # Proposal, signatures, publication, final

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def rehearse_result(self, call: Call) -> Reply:
        """Return what `propose_result` would propose now. Writes nothing."""
        now = self._table(call)
        self._read(call, now.cut.to_data())
        command = self._proposed(call, now)
        view = result_views.rehearsal(command, self._state)
        return {"ok": {**view, "conflicted_marks": conflicted_marks(now.table)}}

    @rpc
    @call(schemas.OneEntry, roles=READERS)
    def result_without(self, call: Call) -> Reply:
        """Return how the ranking would change if an entry were disqualified now. Writes nothing."""
        now, entry = self._table(call), call.body["entry"]
        if entry not in (now.table.cohort or ()) or not now.table.entries[entry].is_ranked:
            return refusal(Refused("entry-unknown", "entry"))
        seed = self.log.keys.lot
        before = ranking(now.table, seed=seed)
        if before.refused is not None:
            return refusal(before.refused)
        return {
            "ok": result_views.effect_of_disqualification(
                entry, before, ranking_without(now.table, entry, seed=seed), self._state
            )
        }

    @rpc
    @call(schemas.Nothing, roles=ORGANISERS)
    def propose_result(self, call: Call) -> Reply:
        now = self._table(call)
        command = self._proposed(call, now)
        outcome = self._submit(call, command, now.cut)
        for proposed in outcome.events or (self._state.proposal,):  # without an event, this ranking is proposed already
            if isinstance(proposed, ResultProposed | Proposal):
                facts = {"proposal": proposed.proposal, "digest": proposed.digest, "winners": len(proposed.winners)}
                return stored(outcome, {**facts, "conflicted_marks": conflicted_marks(now.table)})
        return stored(outcome, {})

    @rpc
    @call(schemas.Sign, roles=ORGANISERS)
    def sign_result(self, call: Call) -> Reply:
        command = SignResult(call.body["proposal"], call.body["digest"], call.actor, self._at(call))
        outcome = self._submit(call, command)
        return stored(outcome, self._signing(call))

    @rpc
    @call(schemas.Release, roles=ORGANISERS)
    def schedule_release(self, call: Call) -> Reply:
        command = ScheduleRelease(call.body["proposal"], call.body["at"], call.actor, self._at(call))
        return stored(self._submit(call, command), {"proposal": call.body["proposal"], "release_at": call.body["at"]})

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def release_due(self, call: Call) -> Reply:
        """Publish the proposal whose scheduled time has come. The clock process calls this every few seconds."""
        found = due(self._state, self._at(call))
        return refusal(found) if isinstance(found, Refused) else self._publish(call, found.proposal, by=found.by)

    @rpc
    @call(schemas.Publish, roles=ORGANISERS)
    def publish_result(self, call: Call) -> Reply:
        return self._publish(call, call.body["proposal"], by=call.actor)

    def _publish(self, call: Call, proposal: str, *, by: str) -> Reply:
        now, seed = self._table(call), self.log.keys.lot
        digest = ranking(now.table, seed=seed).digest
        names = winner_names(now.table)
        command = PublishResult(proposal, digest, seed.hex(), national_calendar(), by, self._at(call), names)
        outcome = self._submit(call, command, now.cut)
        notice = self._state.published
        facts = {"proposal": proposal}
        if notice is not None:
            facts |= {"digest": notice.proposal.digest}
            facts |= {"notice_until": notice.notice_until, "notice_basis": notice.notice_basis}
        return stored(outcome, facts)

    @rpc
    @call(schemas.Finalise, roles=ORGANISERS)
    def finalise_result(self, call: Call) -> Reply:
        now, proposal = self._table(call), call.body["proposal"]
        outcome = self._submit(call, self._finalising(call, now, proposal), now.cut)
        published = self._state.published  # of a result that was final before, it has another digest than the table now
        facts = {"proposal": proposal}
        return stored(outcome, facts | ({"digest": published.proposal.digest} if published is not None else {}))

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def result(self, call: Call) -> Reply:
        return {"ok": self._signing(call)}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def awaited_final(self, call: Call) -> Reply:
        """Return everything that prevents the published result from becoming final now. Writes nothing."""
        now = self._table(call)
        self._read(call, now.cut.to_data())
        view = result_views.awaited_final(self._finalising(call, now, ""), self._state)
        return {"ok": {**view, "conflicted_marks": conflicted_marks(now.table)}}

    # Objections

    @rpc
    @call(schemas.FileObjection, roles=("operator",))
    def file_objection(self, call: Call) -> Reply:
        """File an objection. The gateway calls this in its own name, so that the log does not record who objects."""
        body, at = call.body, self._at(call)
        number = reference_number(self.log.keys.receipt, "objection", call.id)
        if number not in self._state.objections and (refused := objections.filing_refusal(self._state, at)):
            return refusal(refused)  # before the vault creates a key for it
        if not is_visible(body["words"]):
            return refusal(Refused("words-missing", "words"))
        whose, contact = person(OBJECTION, number), (body["contact"] or "").strip()
        words = self._personal.seal_text(whose, body["words"].strip())
        sealed = self._personal.seal_text(whose, contact) if contact else None
        outcome = self._submit(call, FileObjection(number, body["entry"] or None, words, sealed, at))
        return stored(outcome, self._objection(number))

    @rpc
    @call(schemas.DecideObjection, roles=ORGANISERS)
    def decide_objection(self, call: Call) -> Reply:
        command = DecideObjection(**call.body, by=call.actor, at=self._at(call))
        return stored(self._submit(call, command), self._objection(command.objection))

    @rpc
    @call(schemas.DecideObjections, roles=ORGANISERS)
    def decide_objections(self, call: Call) -> Reply:
        body = {**call.body, "objections": tuple(call.body["objections"])}
        outcome = self._submit(call, DecideObjections(**body, by=call.actor, at=self._at(call)))
        return stored(outcome, {"decided": len(outcome.events), "open": len(self._state.open_objections)})

    @rpc
    @call(schemas.OneObjection)
    def objection(self, call: Call) -> Reply:
        if call.body["objection"] not in self._state.objections:
            return refusal(Refused("objection-unknown", "objection"))
        return {"ok": self._objection(call.body["objection"])}

    @rpc
    @call(schemas.Objections, roles=ORGANISERS)
    def objections(self, call: Call) -> Reply:
        page = result_views.objections_page(self._state, call.body)
        if isinstance(page, Refused):
            return refusal(page)
        fields = [each for found in page for each in (found.filed.words, found.filed.contact) if each is not None]
        text_of = self._personal.text_lookup(fields)
        return {"ok": result_views.objections(page, call.body["limit"], self._state, text_of)}

    # Certificates

    @rpc
    @call(schemas.Issue, roles=ORGANISERS)
    def issue_certificates(self, call: Call) -> Reply:
        """Issue at most MAX_EVENTS certificates, as many as one commit may hold.

        Call it again until `without` in the answer, the number of winners without a valid certificate, is 0.
        """
        now = self._table(call)
        outcome = self._submit(call, self._issuing(call, now), now.cut)
        return stored(outcome, {"issued": len(outcome.events), **result_views.certificate_counts(self._state)})

    @rpc
    @call(schemas.Issue, roles=ORGANISERS)
    def certificates_due(self, call: Call) -> Reply:
        """Return what `issue_certificates` would issue now, or its refusal. Writes nothing."""
        now = self._table(call)
        self._read(call, now.cut.to_data())
        found = issue(self._issuing(call, now), self._state)
        if isinstance(found, Refused):
            return refusal(found)
        return {"ok": {"certificates": [asdict(each) for each in found]}}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def certificate_texts(self, call: Call) -> Reply:
        """Return the texts of the certificates of all winners of the published result, before or after they are issued.

        So the organiser learns of a name that cannot be printed while there is time.
        """
        table, campaign = self._table(call).table, self._state.campaign
        if table.published is None or campaign is None:
            return refusal(Refused("result-not-published"))
        whose = {"campaign": campaign.title_zh, "organiser": campaign.organiser}
        rows = [
            {"entry": entry, "title": each.title, "unit": each.unit, "type": campaign.unit_type(each.type).zh, **whose}
            for entry, each in sorted(awards(table).items())
        ]
        return {"ok": {"certificates": rows}}

    @rpc
    @call(schemas.Revoke, roles=ORGANISERS)
    def revoke_certificate(self, call: Call) -> Reply:
        command = RevokeCertificate(**call.body, by=call.actor, at=self._at(call))
        return stored(self._submit(call, command), self._certificate(command.certificate))

    @rpc
    @call(schemas.OneCertificate)
    def certificate(self, call: Call) -> Reply:
        if call.body["certificate"] not in self._state.certificates:
            return refusal(Refused("certificate-unknown", "certificate"))
        return {"ok": self._certificate(call.body["certificate"])}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def certificates(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        return {"ok": result_views.certificates(self._state)}

    # How

    def _signing(self, call: Call) -> dict[str, Any]:
        """Return the last proposal for whoever is to sign it, with the marks in conflict now."""
        view = result_views.result(self._state)
        return (
            view
            if view["proposal"] is None
            else {**view, "conflicted_marks": conflicted_marks(self._table(call).table)}
        )

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)

    def _proposed(self, call: Call, now: Projector[Table]) -> ProposeResult:
        ranked, cohort = ranking(now.table, seed=self.log.keys.lot), now.table.cohort
        return ProposeResult(
            cut=now.cut.to_data(),
            closed=now.table.polls_closed,
            cohort=None if cohort is None else tuple(cohort),
            held=now.table.likes.held(),
            table=ranked.table,
            digest=ranked.digest,
            winners=ranked.winners,
            refused=ranked.refused,
            by=call.actor,
            at=self._at(call),
        )

    def _finalising(self, call: Call, now: Projector[Table], proposal: str) -> FinaliseResult:
        ranked = ranking(now.table, seed=self.log.keys.lot)
        return FinaliseResult(
            proposal=proposal,
            digest=ranked.digest,
            by=call.actor,
            at=self._at(call),
            held=now.table.likes.held(),
            refused=ranked.refused,
            behind_s=queries.behind_s(self.log.ledger, self._store(), tuple(now.cut), wall_ms()),
        )

    def _objection(self, number: str) -> dict[str, Any]:
        found = self._state.objections.get(number)
        return {} if found is None else result_views.objection(found)

    def _issuing(self, call: Call, now: Projector[Table]) -> IssueCertificates:
        published, entries = now.table.published, call.body["entries"]
        return IssueCertificates(
            proposal="" if published is None else published.proposal,
            awards=awards(now.table),
            entries=None if entries is None else tuple(entries),
            key=self.log.keys.receipt,
            by=call.actor,
            at=self._at(call),
        )

    def _certificate(self, number: str) -> dict[str, Any]:
        found = self._state.certificates.get(number)
        return {} if found is None else result_views.certificate(found, self._state)
