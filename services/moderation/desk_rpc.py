"""RPC methods of the moderators' desk: the queue, decisions on entries, bulks, shares, and reports.

`service.py` hosts them beside the campaign's own. They make no decisions.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nameko.rpc import rpc

from services.moderation import domain, queries, queue_queries, reasons, reports, schemas
from services.moderation.decisions import bulk, desk_work, review, second_opinion, type_requests
from services.moderation.events import Hit, ItemCheck, Remark
from services.moderation.hint_store import HintStore
from services.moderation.queue_filters import NEAR_DUPLICATE
from services.moderation.state import ModerationState, now
from shared.decider import Outcome, Refused
from shared.errors import Unreachable
from shared.logs import logger
from shared.rpc import Call, Reply, call, refusal, stored
from shared.stamps import wall_ms

_STORES: dict[Any, HintStore] = {}
log_ = logger(__name__)
MODERATORS = ("moderator", "organiser")
READERS = ("moderator", "organiser", "auditor")


class DeskMethods:
    """The methods of the desk; the service that hosts them has the `log`."""

    log: Any

    # Commands about one entry

    @rpc
    @call(schemas.OneEntry, roles=("moderator",))
    def claim(self, call: Call) -> Reply:
        command = review.Claim(call.body["entry"], call.actor, self._at(call))
        outcome = self._submit(call, command)
        held = self._state.dossier(command.entry).claim
        answer = {"by": held.by, "until": held.until} if held is not None else {"by": None, "until": None}
        return stored(outcome, {"entry": command.entry, **answer})

    @rpc
    @call(schemas.Approve, roles=("moderator",))
    def approve(self, call: Call) -> Reply:
        return self._about(call, review.Approve(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Return, roles=("moderator",))
    def return_entry(self, call: Call) -> Reply:
        body = call.body | {"remarks": _remarks(call.body["remarks"])}
        return self._about(call, review.Return(**body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Reject, roles=("moderator",))
    def reject(self, call: Call) -> Reply:
        body = call.body | {"remarks": _remarks(call.body["remarks"])}
        return self._about(call, review.Reject(**body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Reasoned, roles=MODERATORS)
    def freeze(self, call: Call) -> Reply:
        return self._about(call, review.Freeze(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Reasoned, roles=MODERATORS)
    def unfreeze(self, call: Call) -> Reply:
        return self._about(call, review.Unfreeze(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Disqualify, roles=("organiser",))
    def disqualify(self, call: Call) -> Reply:
        return self._about(call, review.Disqualify(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Opinion, roles=("organiser",))
    def confirm_disqualification(self, call: Call) -> Reply:
        return self._about(call, review.ConfirmDisqualification(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.SecondOpinion, roles=("moderator",))
    def give_second_opinion(self, call: Call) -> Reply:
        return self._about(call, second_opinion.GiveSecondOpinion(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Flag, roles=MODERATORS)
    def flag_entry(self, call: Call) -> Reply:
        return self._about(call, review.FlagEntry(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Unflag, roles=MODERATORS)
    def unflag_entry(self, call: Call) -> Reply:
        return self._about(call, review.UnflagEntry(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.ReviewedVersion, roles=("moderator",))
    def undo_decision(self, call: Call) -> Reply:
        """Undo the last decision on a version, within ten minutes."""
        return self._about(call, bulk.UndoDecision(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.AskTypeCorrection, roles=("unit",))
    def ask_type_correction(self, call: Call) -> Reply:
        command = type_requests.AskTypeCorrection(**call.body, unit=call.actor, at=self._at(call))
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, reports.type_request_view(command.entry, self._state))

    @rpc
    @call(schemas.OneEntry, roles=("unit",))
    def type_correction(self, call: Call) -> Reply:
        """Return what became of the unit's request for another type."""
        handed = self._state.handed.get(call.body["entry"])
        if handed is None or handed.versions[-1].unit != call.actor:
            return refusal(Refused("not-yours", "entry"))
        return {"ok": reports.type_request_view(call.body["entry"], self._state)}

    @rpc
    @call(schemas.Opinion, roles=MODERATORS)
    def decide_type_correction(self, call: Call) -> Reply:
        return self._about(call, type_requests.DecideTypeCorrection(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.NoteCheck, roles=("operator",))
    def note_check(self, call: Call) -> Reply:
        """Store what a machine found; workers call this."""
        items = tuple(
            ItemCheck(each["item"], each["state"], each["why"], tuple(Hit(**hit) for hit in each["hits"]))
            for each in call.body["items"]
        )
        command = desk_work.NoteCheck(**call.body | {"items": items}, at=self._at(call))
        return stored(self._submit(call, command), {"entry": command.entry, "version": command.version})

    @rpc
    @call(schemas.CorrectUnitName, roles=("organiser",))
    def correct_unit_name(self, call: Call) -> Reply:
        return self._about(call, review.CorrectUnitName(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.CorrectType, roles=("organiser",))
    def correct_type(self, call: Call) -> Reply:
        return self._about(call, review.CorrectType(**call.body, by=call.actor, at=self._at(call)))

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def take_checks(self, call: Call) -> Reply:
        """Take results of machine checks into the log; the clock calls this."""
        waiting = self._hints.waiting_checks()
        if not waiting:
            return {"ok": {"checks": 0}}
        at = self._at(call)
        command = desk_work.NoteChecks(tuple(replace(each, at=at) for each in waiting))
        outcome = self._submit(call, command)
        if outcome.refused is None:
            self._hints.mark_noted(waiting)
        return stored(outcome, {"checks": len(waiting)})

    # Many entries at once

    @rpc
    @call(schemas.BulkPreview, roles=("moderator",))
    def preview_bulk(self, call: Call) -> Reply:
        """Return exactly what a bulk would touch, with the digest that confirms it, and why the rest is left alone."""
        command = self._bulk(call, digest="")
        found = bulk.answers(command, self._state)
        touched = tuple(each for each in command.entries if not isinstance(found[each[0]], Refused))
        listed = bulk.DecideInBulk(**queries.shallow(command) | {"entries": touched})
        return {"ok": reports.preview_view(command, listed, found, self._state)}

    @rpc
    @call(schemas.Bulk, roles=("moderator",))
    def decide_in_bulk(self, call: Call) -> Reply:
        command = self._bulk(call, digest=call.body["digest"])
        before = self._state
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, reports.bulk_result_view(command, before, self._state))

    @rpc
    @call(schemas.OneBulk, roles=("moderator",))
    def undo_bulk(self, call: Call) -> Reply:
        command = bulk.UndoBulk(call.body["bulk"], call.actor, self._at(call))
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, reports.undo_view(command.bulk, self._state))

    @rpc
    @call(schemas.Nothing, roles=MODERATORS)
    def bulks(self, call: Call) -> Reply:
        return {"ok": reports.bulks_view(self._state, at=self._at(call))}

    @rpc
    @call(schemas.HandOver, roles=MODERATORS)
    def hand_over(self, call: Call) -> Reply:
        body = call.body | {"entries": tuple(call.body["entries"])}
        outcome = self._submit(call, desk_work.HandOver(**body, by=call.actor, at=self._at(call)))
        given = [entry for each in outcome.events for entry in getattr(each, "entries", ())]
        return stored(outcome, {"to": call.body["to"], "entries": given})

    # Reports

    @rpc
    @call(schemas.Queue, roles=MODERATORS)
    def queue(self, call: Call) -> Reply:
        found = queue_queries.queue_view(self._state, call.body, at=self._at(call), by=call.actor, hinted=self._hinted)
        return refusal(found) if isinstance(found, Refused) else {"ok": found}

    @rpc
    @call(schemas.OneEntry, roles=READERS)
    def desk(self, call: Call) -> Reply:
        entry, state = call.body["entry"], self._state
        if entry not in state.handed:
            return refusal(Refused("entry-unknown", "entry"))
        hinted = [flag for flag, entries in self._hinted.items() if entry in entries]
        return {"ok": queries.desk_view(entry, state, at=self._at(call), hinted=hinted)}

    @rpc
    @call(schemas.OneEntry, roles=READERS)
    def notes(self, call: Call) -> Reply:
        """Return what is known about an entry beside its content: hints, near-duplicates, and its history."""
        entry, state = call.body["entry"], self._state
        if entry not in state.handed:
            return refusal(Refused("entry-unknown", "entry"))
        return {"ok": reports.notes_view(entry, state, self._duplicates(entry), at=self._at(call))}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def pace(self, call: Call) -> Reply:
        return {"ok": reports.pace_view(self._state, at=self._at(call))}

    @rpc
    @call(schemas.Work, roles=MODERATORS)
    def work(self, call: Call) -> Reply:
        found = reports.work_view(self._state, call.body, by=call.actor)
        return refusal(found) if isinstance(found, Refused) else {"ok": found}

    @rpc
    @call(schemas.Nothing)
    def reasons(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        return {"ok": reports.reasons_view(reasons.templates(self._state.campaign))}

    # Helpers of all methods

    @property
    def _state(self) -> ModerationState:
        state: ModerationState = self.log.state
        return state

    @property
    def _hinted(self) -> queue_queries.Hinted:
        """Return the flags that are computed beside the logs; none while the database does not answer."""
        try:
            return {NEAR_DUPLICATE: self._hints.flagged()}
        except Unreachable as problem:
            log_.warning("hints cannot be read", problem=str(problem))
            return {}

    def _duplicates(self, entry: str) -> Sequence[dict[str, Any]]:
        try:
            return self._hints.duplicates_of(entry)
        except Unreachable as problem:
            log_.warning("hints cannot be read", problem=str(problem))
            return ()

    @property
    def _hints(self) -> HintStore:
        database = self.log.database
        if database not in _STORES:
            _STORES[database] = HintStore(database)
        return _STORES[database]

    def _at(self, call: Call) -> int:
        """Return the campaign time of a call; `call.at` 0 stands for now."""
        return call.at or now(self._state, wall_ms())

    def _submit(self, call: Call, command: domain.Command) -> Outcome:
        outcome: Outcome = self.log.submit(call.envelope(command), timeout_s=call.left_s)
        return outcome

    def _bulk(self, call: Call, *, digest: str) -> bulk.DecideInBulk:
        body = call.body
        return bulk.DecideInBulk(
            bulk=hashlib.sha256(call.id.encode()).hexdigest()[:16],
            kind=body["kind"],
            entries=tuple((each["entry"], each["version"]) for each in body["entries"]),
            grade=body["grade"],
            remarks=_remarks(body["remarks"]),
            until=body["until"],
            reason=body["reason"],
            digest=digest,
            by=call.actor,
            at=self._at(call),
        )

    def _about(self, call: Call, command: Any) -> Reply:
        """Submit a command about an entry, and return the entry's new state."""
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, queries.desk_view(command.entry, self._state, at=self._at(call)))


def _remarks(given: Sequence[dict[str, str]]) -> tuple[Remark, ...]:
    return tuple(Remark(**each) for each in given)
