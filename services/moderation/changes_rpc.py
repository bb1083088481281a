"""RPC methods of change sets and outages. `service.py` hosts them beside the desk's. They make no decisions."""

from dataclasses import asdict
from typing import Any

from nameko.rpc import rpc

from services.moderation import desk_rpc, schemas
from services.moderation.decisions import changes, outages
from services.moderation.events import Correction
from services.moderation.state import ChangeSet, ModerationState, Outage
from shared.decider import Refused
from shared.reference_numbers import reference_number
from shared.rpc import Call, Reply, call, refusal, stored

ORGANISERS = ("organiser",)
READERS = ("organiser", "auditor", "operator")
View = dict[str, Any]


class ChangeMethods(desk_rpc.DeskMethods):
    """The methods of change sets and outages."""

    # Change sets

    @rpc
    @call(schemas.ProposeChanges, roles=ORGANISERS)
    def propose_changes(self, call: Call) -> Reply:
        corrections = tuple(Correction(**{**each, "likes": tuple(each["likes"])}) for each in call.body["corrections"])
        command = changes.ProposeChanges(corrections, call.body["reason"], call.actor, self._at(call))
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, {"changes": next(each.changes for each in outcome.events)})

    @rpc
    @call(schemas.ApplyChanges, roles=ORGANISERS)
    def apply_changes(self, call: Call) -> Reply:
        """Apply a change set; `preview` is what ranking computed of it now, with ranking's seal."""
        body, given = call.body, call.body["preview"]
        sealed = f"{body['changes']} {given['digest']} {given['applied']} {given['sound']}"
        if given["seal"] != reference_number(self.log.keys.receipt, "changes-preview", sealed):
            return refusal(Refused("preview-outdated", "digest"))
        preview = changes.Preview(given["digest"], given["applied"], given["sound"])
        command = changes.ApplyChanges(body["changes"], body["digest"], preview, call.actor, self._at(call))
        outcome = self._submit(call, command)
        return stored(outcome, {"changes": body["changes"], "corrections": max(0, len(outcome.events) - 1)})

    @rpc
    @call(schemas.DropChanges, roles=ORGANISERS)
    def drop_changes(self, call: Call) -> Reply:
        command = changes.DropChanges(call.body["changes"], call.body["words"], call.actor, self._at(call))
        return stored(self._submit(call, command), {"changes": call.body["changes"]})

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def change_sets(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return all change sets, the newest first."""
        found = sorted(self._state.changes.values(), key=lambda each: -int(each.proposed.changes[1:]))
        return {"ok": {"sets": [change_set_view(each, self._state) for each in found]}}

    @rpc
    @call(schemas.OneChangeSet, roles=READERS)
    def change_set(self, call: Call) -> Reply:
        found = self._state.changes.get(call.body["changes"])
        if found is None:
            return refusal(Refused("changes-unknown", "changes"))
        return {"ok": change_set_view(found, self._state)}

    # Outages

    @rpc
    @call(schemas.Outage, roles=ORGANISERS)
    def declare_outage(self, call: Call) -> Reply:
        outcome = self._submit(call, outages.DeclareOutage(**call.body, by=call.actor, at=self._at(call)))
        return stored(outcome, outages_view(self._state, at=self._at(call)))

    @rpc
    @call(schemas.Outage, roles=READERS)
    def preview_outage(self, call: Call) -> Reply:
        """Return which windows an outage would move, or why it would be refused. Writes nothing."""
        command = outages.DeclareOutage(**call.body, by=call.actor, at=self._at(call))
        found = outages.declare(command, self._state)
        if isinstance(found, Refused):
            return refusal(found)
        declared: Any = found[0]
        return {"ok": {"minutes": call.body["minutes"], "moved": [asdict(each) for each in declared.moved]}}

    @rpc
    @call(schemas.RevokeOutage, roles=ORGANISERS)
    def revoke_outage(self, call: Call) -> Reply:
        outcome = self._submit(call, outages.RevokeOutage(**call.body, by=call.actor, at=self._at(call)))
        return stored(outcome, outages_view(self._state, at=self._at(call)))

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def outages(self, call: Call) -> Reply:
        if self._state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return {"ok": outages_view(self._state, at=self._at(call))}


def change_set_view(found: ChangeSet, state: ModerationState) -> View:
    """Return a change set as plain data, with what became of it."""
    proposed, settled = found.proposed, found.applied or found.dropped
    return {
        "changes": proposed.changes,
        "state": "open" if settled is None else "applied" if found.applied is not None else "dropped",
        "corrections": [{**asdict(each), "likes": list(each.likes)} for each in proposed.corrections],
        "reason": proposed.reason,
        "two_persons": changes.needs_two(proposed.corrections, state),
        "by": proposed.by,
        "at": proposed.at,
        "settled_by": None if settled is None else settled.by,
        "settled_at": None if settled is None else settled.at,
        "words": None if found.dropped is None else found.dropped.words,
        "digest": None if found.applied is None else found.applied.digest,
    }


def outages_view(state: ModerationState, *, at: int) -> View:
    """Return all declared outages, and by how many minutes like week may still be lengthened."""
    campaign = state.campaign
    assert campaign is not None
    return {
        "hours": campaign.likes.outage_hours,
        "minutes_left": outages.allowed_ms(state) // outages.MINUTE_MS,
        "likes": asdict(campaign.window("likes")),
        "outages": [_outage_view(each, at=at) for each in state.outages],
    }


def _outage_view(each: Outage, *, at: int) -> View:
    declared, revoked = each.declared, each.revoked
    until = outages.revocable_until(declared)
    return {
        "outage": declared.outage,
        "start": declared.start,
        "end": declared.end,
        "minutes": declared.extension_ms // outages.MINUTE_MS,
        "moved": [asdict(each) for each in declared.moved],
        "reason": declared.reason,
        "evidence": declared.evidence,
        "by": declared.by,
        "at": declared.at,
        "revocable_until": until,
        "revocable": revoked is None and at < until,
        "revoked_by": None if revoked is None else revoked.by,
        "revoked_at": None if revoked is None else revoked.at,
        "words": None if revoked is None else revoked.words,
    }
