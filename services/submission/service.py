"""RPC service of submission: turn call bodies into commands to the log, and states into views.

It makes no decisions. What it adds to the domain: it hashes access codes, splits a roll into parts, and replaces
uploads by what probing found.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from nameko.rpc import rpc

from services.moderation.campaign import Campaign
from services.submission import (
    account_methods,  # the modules: nameko takes every class with methods in sight for a service
    declaration,
    domain,
    drafts,
    link_methods,
    progress,
    queries,
    roll,
    roll_difference,
    roll_table,
    schemas,
)
from services.submission.draft_store import Drafts
from services.submission.drafts import StoredDraft
from services.submission.eligibility import check_eligibility, check_entry
from services.submission.entry_checks import Draft, file_problems, upload_allowance
from services.submission.events import AiUse, Declared, EntrySubmitted, File, RollRow
from services.submission.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.submission.link_store import LinkPages
from services.submission.media_recipes import RECIPES
from services.submission.roll import RollReading, TableRow
from services.submission.state import WITHDRAWN
from services.submission.text_search import TextIndex
from services.submission.uploads import Uploads
from shared.decider import Refused
from shared.hosting import EventLog, service_name
from shared.logs import logger
from shared.media.copies import PublicCopies
from shared.media.jobs import Jobs
from shared.media.open_storage import open_storage
from shared.media.partial_uploads import PartialUploads
from shared.media.probe import Unreadable
from shared.reference_numbers import checked_number
from shared.rpc import (
    Call,
    Reply,
    call,
    refusal,
    stored,
)
from shared.stamps import wall_ms

STAFF = ("moderator", "organiser", "auditor")
LISTED_FLAWS = 200
MIB = 1024 * 1024
ABANDONED_MS = 30 * 86_400_000
#: Codes of files that nobody can ever hand in.
REFUSED_FOR_GOOD = frozenset({"media-unreadable", "media-unsupported", "media-too-large"})
log_ = logger(__name__)

TEXTS = TextIndex()  # of this process, whichever worker of nameko asks


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file as a form names it: by its hash, with what the unit wrote about it."""

    sha256: str
    name: str | None = None
    caption: str | None = None
    alt: str | None = None
    subtitles: str | None = None


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What a form holds, before its files are looked up. `declared` is None where `consent` accepts all at once."""

    texts: Mapping[str, Any]
    files: tuple[NamedFile, ...]
    ai: tuple[AiUse, ...] = ()
    consent: str | None = None
    declared: tuple[Declared, ...] | None = None


class SubmissionService(account_methods.AccountMethods, link_methods.LinkMethods):
    """nameko service of submission: each method answers one RPC call of the gateway or the command line."""

    name = service_name("submission")
    log = EventLog(OWN_LOG, domain.SubmissionDecider(), follows=FOLLOWED_LOGS)

    # Commands

    @rpc
    @call(schemas.ImportRoll, roles=("organiser", "operator"))
    def import_roll(self, call: Call) -> Reply:
        """Store the parts of a roll (the organiser's list of eligible units), then put it in force.

        `confirm` is the digest of the difference that `compare_roll` answered; without it, or with another, nothing is
        stored. A repeated call continues where an earlier call broke off.
        """
        read = self._read_roll(call)
        if isinstance(read, Refused):
            return refusal(read)
        rows, _, _ = read
        key, _, body = call.id.partition(".")
        name = call.body["roll"] or f"roll-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        if name not in self._state.rolls and (refused := self._unconfirmed(call, rows)):
            return refusal(refused)
        parts = roll.chunks(rows)
        for i, part in enumerate(parts):
            command = replace(call.envelope(domain.ImportRollPart(name, i, part)), id=f"{key}-{i}.{body}")
            outcome = self._append(call, command)
            if outcome.refused is not None:
                return refusal(outcome.refused)
        digest = roll.roll_digest(rows)
        confirmed = call.body["confirm"] or ""
        closing = domain.CloseRoll(name, len(parts), digest, confirmed, call.actor, self._at(call))
        outcome = self._submit(call, closing)
        return stored(outcome, {"roll": name, "rows": len(rows), "parts": len(parts), "digest": digest})

    @rpc
    @call(schemas.HandIn, roles=("unit",))
    def hand_in(self, call: Call) -> Reply:
        body = call.body
        content = DraftContent(
            {name: body[name] for name in ("title", "profile", "text", "themes", "h5")},
            tuple(NamedFile(**each) for each in body["files"]),
            ai=tuple(AiUse(**each) for each in body["ai"] or ()),
            consent=body["consent"],
        )
        return self._hand_in(call, call.actor, body["entry"], content)

    @rpc
    @call(schemas.HandInDraft, roles=("unit", "organiser"))
    def hand_in_draft(self, call: Call) -> Reply:
        """Hand in a draft as it was at a revision; refused if somebody has changed it since."""
        found = self._draft_of(call)
        if isinstance(found, Refused):
            return refusal(found)
        owner, entry = found
        revision, draft = call.body["revision"], self._drafts.find(owner, entry)
        base = drafts.base_of(queries.draft_base(entry, self._state))
        if draft.revision != revision and self._receipt(call) not in self._state.receipts:
            changed = {
                name: {"stored": drafts.field_view(each)}
                for name, each in draft.fields.items()
                if each.revision > revision
            }
            return refusal(Refused("draft-changed", None, {"revision": draft.revision, "fields": changed}))
        current = entry if entry in self._state.entries else None
        answer = self._hand_in(call, owner, current, _content_of(drafts.values(draft, base)))
        if "ok" not in answer:
            return _at_fields_of_drafts(answer, drafts.values(draft, base))
        return answer | {
            "ok": answer["ok"] | {"revision": self._drafts.clear(owner, entry, revision=revision).revision}
        }

    @rpc
    @call(schemas.AppointManager, roles=("organiser",))
    def appoint_manager(self, call: Call) -> Reply:
        """Let a federation or, without one, organisers type the entry of a unit for it."""
        body = call.body
        command = domain.AppointManager(body["unit"], body["manager"] or "", body["reason"], call.actor, self._at(call))
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, queries.managed_view(body["unit"], self._state, at=self._at(call)))

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def claim_unit(self, call: Call) -> Reply:
        """Take over the unit's entry from its manager, who may type nothing for it any more."""
        outcome = self._submit(call, domain.ClaimUnit(call.actor, self._at(call)))
        return stored(outcome, {"unit": call.actor})

    @rpc
    @call(schemas.Withdraw, roles=("unit", "moderator", "organiser"))
    def withdraw(self, call: Call) -> Reply:
        unit = call.actor if "unit" in call.roles else None
        entry, reason = call.body["entry"], call.body["reason"] or ""
        outcome = self._submit(call, domain.Withdraw(entry, unit, reason, call.actor, self._at(call)))
        return stored(outcome, {"entry": entry, "status": "withdrawn"})

    @rpc
    @call(schemas.GrantLatePass, roles=("organiser",))
    def grant_late_pass(self, call: Call) -> Reply:
        late_pass = f"lp-{hashlib.sha256(call.id.encode()).hexdigest()[:16]}"
        at = self._at(call)
        outcome = self._submit(call, domain.GrantLatePass(late_pass, **call.body, by=call.actor, at=at))
        return stored(outcome, {"late_pass": late_pass, "unit": call.body["unit"], "until": call.body["until"]})

    @rpc
    @call(schemas.InspectUpload, roles=("unit",))
    def inspect_upload(self, call: Call) -> Reply:
        """Probe a file that the gateway has stored, write its copy for the public, and store its facts, so that the
        unit can submit it later. A file that is refused for good is deleted, unless somebody else has it.
        """
        campaign, sha256 = self._state.campaign, call.body["path"].rpartition("/")[2]
        if campaign is None:
            return refusal(Refused("campaign-not-open"))
        room, original = self._room(call.actor, campaign, besides=sha256), self._copies.stat_original(sha256)
        if original is not None and (
            original.bytes > room["bytes_max"] - room["bytes"] or room["files"] >= room["files_max"]
        ):
            self._discard(sha256)
            return refusal(Refused("upload-quota", detail=room))
        seen = self._copies.create(sha256)
        if isinstance(seen, Unreadable):
            if seen.code in REFUSED_FOR_GOOD:
                self._discard(sha256)
            if seen.code == "media-missing":
                log_.error("an upload cannot be read, or its copy cannot be stored", sha256=sha256, problem=seen.detail)
            return refusal(Refused(seen.code, detail={"detail": seen.detail}))
        file = File(**asdict(seen.inspected.media), name=call.body["name"])
        Uploads(self.log.database).save(call.actor, file, at=wall_ms())
        for recipe in RECIPES:  # if this is not reached, the worker finds the upload by itself
            if file.kind in recipe.kinds:
                Jobs(self.log.database).request(file.sha256, recipe.name, rank=recipe.rank)
        return {
            "ok": queries.file_facts(file)
            | {"problems": [queries.refusal_view(each) for each in file_problems(file, campaign.entry)]}
        }

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def sweep_uploads(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Delete uploads that nobody has used for ABANDONED_MS and no entry holds, files that belong to nothing, and
        partial uploads that expired.

        A file of any version of any entry stays, whatever became of the entry; so does a file that a draft names.
        """
        state, uploads, now = self._state, Uploads(self.log.database), wall_ms()
        uploads.date_undated(at=now)
        in_drafts = {(each.unit, sha256) for each in self._drafts.every() for sha256 in drafts.hashes(each)}
        dropped = uploads.drop_abandoned(
            before=now - ABANDONED_MS,
            is_held=lambda unit, sha256: state.holds(unit, sha256) or (unit, sha256) in in_drafts,
        )
        held = uploads.hashes()
        files = [
            each
            for each in self._copies.originals(older_than_s=(now - ABANDONED_MS) / 1_000)
            if each not in held and each not in state.holding
        ]
        for sha256 in files:
            self._copies.remove(sha256)
            Jobs(self.log.database).forget(sha256)
        storage = open_storage(self.log.settings)
        storage.sweep_drafts()
        partial = PartialUploads(storage.scratch).sweep()
        if dropped or files or partial:
            log_.info("uploads swept", uploads=dropped, files=len(files), partial=partial)
        return {"ok": {"uploads": dropped, "files": len(files), "partial": partial}}

    # Drafts

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def drafts(self, call: Call) -> Reply:
        """Return the drafts of the unit that are stored, each as `draft` does."""
        return {"ok": {"drafts": [self._draft_view(call, each) for each in self._drafts.of_unit(call.actor)]}}

    @rpc
    @call(schemas.DraftOf, roles=("unit", "organiser"))
    def draft(self, call: Call) -> Reply:
        """Return the draft of an entry; without a stored one, what was handed in last."""
        found = self._draft_of(call)
        if isinstance(found, Refused):
            return refusal(found)
        owner, entry = found
        return {"ok": self._draft_view(call, self._drafts.find(owner, entry))}

    @rpc
    @call(schemas.ChangeDraft, roles=("unit", "organiser"))
    def change_draft(self, call: Call) -> Reply:
        """Store a change of fields, and return the draft as it is then.

        Refused for an entry that cannot be handed in again; a closed window does not refuse it.
        """
        found = self._draft_of(call)
        if isinstance(found, Refused):
            return refusal(found)
        owner, entry = found
        current = entry if entry in self._state.entries else None
        allowed = check_entry(self._state, owner, entry=current)
        if isinstance(allowed, Refused):
            return refusal(allowed)
        base, body = drafts.base_of(queries.draft_base(entry, self._state)), call.body
        device, sequence = body["device"], body["sequence"]
        by = self._typist(call)
        change = drafts.Change(body["revision"], body["fields"], by, self._at(call), device, sequence)
        after = self._drafts.change(owner, entry, base, change)
        if isinstance(after, Refused):
            return refusal(replace(after, detail={**(after.detail or {}), "people": self._people(call, owner)}))
        self._share_uploads(call.actor, owner, list(drafts.hashes(after)))
        return {"ok": self._draft_view(call, after)}

    @rpc
    @call(schemas.DraftOf, roles=("unit", "organiser"))
    def check_draft(self, call: Call) -> Reply:
        """Return everything that a draft lacks to be handed in, each with the field of the draft, and its counts."""
        found = self._draft_of(call)
        if isinstance(found, Refused):
            return refusal(found)
        owner, entry = found
        draft, state = self._drafts.find(owner, entry), self._state
        values = drafts.values(draft, drafts.base_of(queries.draft_base(entry, state)))
        content = self._read_content(owner, _content_of(values))
        current = entry if entry in state.entries else None
        missing = queries.missing(owner, content, state, entry=current, at=self._at(call))
        views = [queries.refusal_view(each) for each in missing]
        problems = [each | {"field": _draft_field(each["field"], values)} for each in views]
        return {"ok": {"problems": problems, "counts": queries.counts(content, state), "revision": draft.revision}}

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def sweep_drafts(self, call: Call) -> Reply:
        """Delete drafts that nobody has changed for ABANDONED_MS, once the submission window is over as long ago."""
        campaign, before = self._state.campaign, self._at(call) - ABANDONED_MS
        if campaign is None or campaign.window("submission").end > before:
            return {"ok": {"drafts": 0}}
        return {"ok": {"drafts": self._drafts.drop_old(before=before)}}

    @rpc
    @call(schemas.Pasted, roles=("unit", "organiser"))
    def clean_paste(self, call: Call) -> Reply:
        """Return pasted HTML as plain paragraphs, with a count that says what was counted."""
        return {"ok": queries.paste_view(call.body["html"])}

    # Queries

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def upload_room(self, call: Call) -> Reply:
        """Return how much the unit has uploaded, in bytes and files, and how much it may.

        A unit that may not hand in now has no use for an upload, and gets the refusal that the hand-in would get.
        """
        campaign = self._state.campaign
        if campaign is None:
            return refusal(Refused("campaign-not-open"))
        found = check_eligibility(self._state, call.actor, entry=None, at=self._at(call))
        return refusal(found) if isinstance(found, Refused) else {"ok": self._room(call.actor, campaign)}

    @rpc
    @call(schemas.CompareRoll, roles=("organiser", "operator"))
    def compare_roll(self, call: Call) -> Reply:
        """Return how a roll differs from the roll in force, with the digest that confirms the import. Writes nothing.

        It refuses what `import_roll` refuses.
        """
        read = self._read_roll(call)
        if isinstance(read, Refused):
            return refusal(read)
        rows, kept, reading = read
        return {"ok": queries.difference_view(rows, kept, self._state, matched=reading.matched)}

    @rpc
    @call(schemas.Nothing)
    def declaration(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        parts = [
            {"kind": each.kind, "words": each.words, "zh": each.zh, "en": each.en} for each in declaration.DECLARATIONS
        ]
        texts = {"zh": declaration.TEXT_ZH, "en": declaration.TEXT_EN, "words": declaration.WORDS}
        return {"ok": texts | {"parts": parts}}

    @rpc
    @call(schemas.Nothing)
    def entry_rule(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return what an entry may hold, and how its texts are counted."""
        if self._state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return {"ok": queries.rule_view(self._state)}

    @rpc
    @call(schemas.Check, roles=("unit",))
    def missing(self, call: Call) -> Reply:
        body = call.body
        content = DraftContent(
            {name: body[name] for name in ("title", "profile", "text", "themes", "h5")},
            tuple(NamedFile(**each) for each in body["files"] or ()),
            ai=tuple(AiUse(**each) for each in body["ai"] or ()),
            consent=body["consent"],
        )
        draft = self._read_content(call.actor, content)
        found = queries.missing(call.actor, draft, self._state, entry=body["entry"], at=self._at(call))
        problems = [queries.refusal_view(each) for each in found]
        return {"ok": {"problems": problems, "counts": queries.counts(draft, self._state)}}

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def progress(self, call: Call) -> Reply:
        """Return where the unit's entry stands, and what happened so far."""
        state, own = self._state, self._state.of_unit.get(call.actor, ())
        entry = own[-1] if own else f"{call.actor}-1"
        manager = state.managers.get(call.actor)
        found = progress.progress(entry, state, at=self._at(call))
        told = {"manager": manager.manager if manager is not None else None}
        return {"ok": found | told | {"messages": progress.messages(call.actor, state)}}

    @rpc
    @call(schemas.OneReceipt, roles=("unit", *STAFF))
    def receipt(self, call: Call) -> Reply:
        """Return the version that a receipt is about, as it was handed in; to its unit and to staff."""
        view = queries.receipt_view(call.body["receipt"], self._state)
        if view is None or not (self._is_staff(call) or view["entry"] in self._state.of_unit.get(call.actor, ())):
            return refusal(Refused("receipt-unknown", "receipt"))
        return {"ok": view}

    @rpc
    @call(schemas.TwoVersions, roles=("unit", *STAFF))
    def comparison(self, call: Call) -> Reply:
        """Return two versions of an entry, and their difference."""
        entry, state = call.body["entry"], self._state
        if not self._is_staff(call) and entry not in state.of_unit.get(call.actor, ()):
            return refusal(Refused("not-yours", "entry"))
        view = queries.comparison_view(entry, call.body["earlier"], call.body["later"], state)
        return refusal(Refused("entry-unknown", "entry")) if view is None else {"ok": view}

    @rpc
    @call(schemas.Nothing, roles=("unit", *STAFF))
    def managed_units(self, call: Call) -> Reply:
        """Return the units whose entries the caller types for them; to staff, all that have a manager."""
        state, all_of = self._state, self._is_staff(call)
        units = [each for each, by in state.managers.items() if all_of or by.manager == call.actor]
        return {"ok": {"units": [queries.managed_view(each, state, at=self._at(call)) for each in sorted(units)]}}

    @rpc
    @call(schemas.OneVersion, roles=("unit", *STAFF))
    def entry(self, call: Call) -> Reply:
        entry, state = call.body["entry"], self._state
        if not self._is_staff(call) and entry not in state.of_unit.get(call.actor, ()):
            return refusal(Refused("not-yours", "entry"))
        view = queries.entry_view(entry, state, version=call.body["version"])
        return refusal(Refused("entry-unknown", "entry")) if view is None else {"ok": view}

    @rpc
    @call(schemas.OfUnit, roles=("unit", *STAFF))
    def entries_of_unit(self, call: Call) -> Reply:
        unit = call.body["unit"] if self._is_staff(call) else call.actor
        if unit is not None and self._is_staff(call) and not self._state.is_known_unit(unit):
            return refusal(Refused("unit-unknown", "unit"))
        entries = self._state.of_unit.get(unit or call.actor, ())
        return {"ok": {"entries": [queries.entry_view(each, self._state) for each in entries]}}

    @rpc
    @call(schemas.Entries, roles=STAFF)
    def entries(self, call: Call) -> Reply:
        state, status = self._state, call.body["status"]
        if call.body["after"] is not None and call.body["after"] not in state.entries:
            return refusal(Refused("cursor-unknown", "after"))
        chosen = [each for each in state.entries if status in (None, state.status(each))]
        keys, following = queries.page(chosen, after=call.body["after"], limit=call.body["limit"])
        views = [queries.summary_view(each, state) for each in keys]
        return {"ok": {"entries": views, "next": following, "total": len(chosen)}}

    @rpc
    @call(schemas.OneEntry)
    def public_entry(self, call: Call) -> Reply:
        view = queries.public_view(call.body["entry"], self._state)
        return refusal(Refused("entry-unknown", "entry")) if view is None else {"ok": view}

    @rpc
    @call(schemas.TextSearch)
    def search_texts(self, call: Call) -> Reply:
        """Return the public entries whose profile or text holds the words, each with the first place that does."""
        found = TEXTS.find(call.body["q"], queries.public_versions(self._state))
        return {"ok": {"entries": {entry: match._asdict() for entry, match in found.items()}}}

    @rpc
    @call(schemas.OneEntry, roles=("organiser", "operator"))
    def consent(self, call: Call) -> Reply:
        view = queries.consent_view(call.body["entry"], self._state)
        return refusal(Refused("entry-unknown", "entry")) if view is None else {"ok": view}

    @rpc
    @call(schemas.OneFile)
    def media(self, call: Call) -> Reply:
        """Return the path and facts of a stored file that the caller may see, and why the caller may see it.

        Any other file is refused as unknown.
        """
        sha256, unit = call.body["sha256"], call.actor if "unit" in call.roles else None
        found = queries.file_view(sha256, self._state, all_of=self._is_staff(call), unit=unit)
        if found is None and unit is not None:
            upload = Uploads(self.log.database).find(unit, [sha256]).get(sha256)
            found = queries.StoredFile(upload, True, ()) if upload is not None else None
        if found is None and (unit is not None or self._is_staff(call) or "judge" in call.roles):
            found = self._picture_of_link(sha256)
        if found is None:
            return refusal(Refused("upload-unknown", "sha256"))
        file = found.file
        facts = {"sha256": sha256, "kind": file.kind, "container": file.container, "bytes": file.bytes}
        seen = {"own": found.own, "shown_in": list(found.shown_in)}
        return {"ok": facts | {"path": f"{sha256[:2]}/{sha256}"} | seen}

    @rpc
    @call(schemas.OneFile, roles=("unit", *STAFF))
    def preparation(self, call: Call) -> Reply:
        """Return how far the media worker is with a file that the caller may see. Any other is refused as unknown."""
        sha256, unit = call.body["sha256"], call.actor if "unit" in call.roles else None
        found = queries.file_view(sha256, self._state, all_of=self._is_staff(call), unit=unit)
        is_own = found is not None and (unit is None or found.own)
        if not is_own and not (unit is not None and Uploads(self.log.database).find(unit, [sha256])):
            return refusal(Refused("upload-unknown", "sha256"))
        standings = Jobs(self.log.database).standings([sha256]).get(sha256, [])
        return {"ok": {"sha256": sha256, **queries.preparation_view(standings)}}

    @rpc
    @call(schemas.OneUnit, roles=("unit", "operator", *STAFF))
    def roll_unit(self, call: Call) -> Reply:
        own = "unit" in call.roles and call.body["unit"] != call.actor
        row = None if own else self._state.units.get(call.body["unit"])
        if row is None:
            return refusal(Refused("unit-unknown", "unit"))
        return {"ok": queries.unit_view(row, self._state)}

    @rpc
    @call(schemas.Units, roles=("operator",))
    def unit_names(self, call: Call) -> Reply:
        """Return the names of units in the roll by code, without those that it does not have."""
        units = self._state.units
        return {"ok": {"names": {each: units[each].name for each in call.body["units"] if each in units}}}

    @rpc
    @call(schemas.Page, roles=("operator", *STAFF))
    def roll(self, call: Call) -> Reply:
        state = self._state
        keys, following = queries.page(state.units, after=call.body["after"], limit=call.body["limit"])
        units = [queries.unit_view(state.units[each], state) for each in keys]
        name = state.roll.roll if state.roll is not None else None
        return {"ok": {"roll": name, "rows": len(state.units), "units": units, "next": following}}

    @rpc
    @call(schemas.Nothing, roles=("operator", *STAFF))
    def whole_roll(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return all units of the roll in force, in the order of their codes."""
        state = self._state
        units = [queries.unit_view(state.units[each], state) for each in sorted(state.units)]
        return {"ok": {"units": units}}

    @rpc
    @call(schemas.Nothing, roles=("operator", *STAFF))
    def roll_counts(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return how many units the roll has, and how many of them may enter, can sign in, and are invited."""
        return {"ok": queries.roll_counts(self._state)}

    @rpc
    @call(schemas.OfUnit, roles=STAFF)
    def late_passes(self, call: Call) -> Reply:
        if call.body["unit"] is not None and not self._state.is_known_unit(call.body["unit"]):
            return refusal(Refused("unit-unknown", "unit"))
        held = [each for each in self._state.passes.values() if call.body["unit"] in (None, each.granted.unit)]
        held.sort(key=lambda each: (each.granted.at, each.granted.late_pass))
        return {"ok": {"late_passes": [queries.pass_view(each) for each in held]}}

    # Helpers of all methods

    @property
    def _copies(self) -> PublicCopies:
        return PublicCopies(open_storage(self.log.settings))

    @property
    def _drafts(self) -> Drafts:
        return Drafts(self.log.database)

    def _owner(self, call: Call) -> str | Refused:
        """Return the unit whose draft a call is about: the caller's own, or one that the caller may type for."""
        unit, is_unit = call.body["unit"], "unit" in call.roles
        if is_unit and unit in (None, call.actor):
            return call.actor
        if unit is not None and domain.may_manage(self._state, unit, who=call.actor, is_staff=not is_unit):
            return str(unit)
        return Refused("not-managing", "unit")

    def _draft_of(self, call: Call) -> tuple[str, str] | Refused:
        """Return the unit and the entry whose draft a call is about: `new` stands for the unit's current entry, or its
        next one.
        """
        owner = self._owner(call)
        if isinstance(owner, Refused):
            return owner
        state, named = self._state, call.body["entry"]
        if state.campaign is None:
            return Refused("campaign-not-open")
        own = state.of_unit.get(owner, ())
        current = own[-1] if own and state.status(own[-1]) != WITHDRAWN else f"{owner}-{len(own) + 1}"
        if named in ("new", current):
            return owner, current
        return Refused("entry-withdrawn" if named in own else "not-yours", "entry")

    def _share_uploads(self, actor: str, owner: str, hashes: list[str]) -> None:
        """Note that the files of a draft are in use, and give its unit those that its manager has uploaded."""
        uploads, now = Uploads(self.log.database), wall_ms()
        uploads.touch(owner, hashes, at=now)
        if actor != owner:
            known = uploads.find(owner, hashes)
            for sha256, file in uploads.find(actor, hashes).items():
                if sha256 not in known:
                    uploads.save(owner, file, at=now)

    def _receipt(self, call: Call) -> str:
        return checked_number(self.log.keys.receipt, "hand-in", call.id)

    def _hand_in(self, call: Call, owner: str, entry: str | None, content: DraftContent) -> Reply:
        """Hand in a unit's content as the next version of its entry, and answer with the receipt."""
        hashes = [each.sha256 for each in content.files]
        Uploads(self.log.database).touch(owner, hashes, at=wall_ms())  # before they are read: no sweep takes them
        draft, is_own = self._read_content(owner, content), call.actor == owner
        by, is_staff = (None, False) if is_own else (call.actor, "unit" not in call.roles)
        command = domain.HandIn(owner, entry, draft, self._at(call), self._receipt(call), by, is_staff)
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        held = next((each for each in outcome.events if isinstance(each, EntrySubmitted)), None)
        if held is None:  # nothing changed: the current entry has exactly this content
            held = self._state.entries[self._state.of_unit[owner][-1]].latest
        view = queries.version_view(held.entry, held.version, self._state)
        assert view is not None  # the state includes the own commit
        answer = {name: view[name] for name in ("entry", "version", "receipt", "at", "digest")}
        return stored(outcome, answer | {"late_pass": held.late_pass, "status": self._state.status(held.entry)})

    def _typist(self, call: Call) -> str:
        """Return who types: the cadre whose session it is, or else the unit or the member of the staff that calls."""
        if call.body["session"] and "unit" in call.roles:
            mark = self._sessions.mark_of(call.body["session"], call.actor)
            if mark in self._state.cadres_of(call.actor):
                return str(mark)
        return call.actor

    def _people(self, call: Call, unit: str) -> dict[str, str]:
        """Return the names of those who may type a unit's draft: its cadres, and its manager if that is a unit.

        A manager reads no names of the unit's cadres.
        """
        manager = self._state.managers.get(unit)
        row = self._state.units.get(manager.manager) if manager is not None else None
        managers = {row.code: row.name} if row is not None else {}
        return managers | (self._cadre_names(unit) if call.actor == unit else {})

    def _draft_view(self, call: Call, draft: StoredDraft) -> dict[str, Any]:
        base = queries.draft_base(draft.entry, self._state)
        named = drafts.present(draft, drafts.base_of(base), "files").value or ()
        stored_files = Uploads(self.log.database).find(draft.unit, [each["sha256"] for each in named])
        view = queries.draft_view(draft, base, self._state, files=stored_files, at=self._at(call))
        return view | {"people": self._people(call, draft.unit)}

    def _room(self, unit: str, campaign: Campaign, *, besides: str = "") -> dict[str, int]:
        """Return the use and the allowance of a unit's uploads, without the file that it sends again."""
        sizes = Uploads(self.log.database).sizes(unit)
        sizes.pop(besides, None)
        bytes_max, files_max = upload_allowance(campaign.entry)
        used = {"bytes": sum(sizes.values()), "bytes_max": bytes_max, "files": len(sizes), "files_max": files_max}
        return used | {"mib": -(-used["bytes"] // MIB), "mib_max": bytes_max // MIB}

    def _discard(self, sha256: str) -> None:
        """Delete a file that was refused, unless another unit has uploaded it or an entry holds it."""
        if sha256 not in self._state.holding and sha256 not in Uploads(self.log.database).hashes():
            self._copies.remove(sha256)

    def _picture_of_link(self, sha256: str) -> queries.StoredFile | None:
        """Return the picture of a link's page, which staff and units may see, and the public never."""
        if not LinkPages(self.log.database).has_picture(sha256):
            return None
        return queries.StoredFile(File(sha256, "picture", "png", "", 0, 0, 0, 0), False, ())

    def _is_staff(self, call: Call) -> bool:
        return bool(set(STAFF) & set(call.roles))

    def _read_roll(self, call: Call) -> tuple[list[RollRow], list[RollRow], RollReading] | Refused:
        """Return the roll that a call with a file would put in force, the units in it that the file lacks, and what was
        read.

        Refused if the file has a flaw.
        """
        state = self._state
        if state.campaign is None:
            return Refused("campaign-not-open")
        read = roll.parse(_table(call), state.campaign, key=self.log.keys.access, in_force=state.units)
        if read.flaws:
            detail = {"problems": [asdict(each) for each in read.flaws[:LISTED_FLAWS]], "count": len(read.flaws)}
            return Refused("roll-broken", "csv", detail | {"counts": queries.reading_counts(read, state)})
        keep = state.units if call.body["gone"] == "keep" else state.of_unit
        rows, kept = roll_difference.complete(read.rows, state.units, keep=keep)
        return rows, kept, read

    def _unconfirmed(self, call: Call, rows: list[RollRow]) -> Refused | None:
        """Return a refusal, with the counts of the difference, unless the call confirms exactly this difference."""
        difference = roll_difference.compare(self._state.units, rows)
        if call.body["confirm"] == difference.digest:
            return None
        code = "roll-not-confirmed" if call.body["confirm"] is None else "roll-difference-differs"
        return Refused(code, "confirm", queries.difference_counts(difference))

    def _read_content(self, owner: str, content: DraftContent) -> Draft:
        """Return the draft with its probed files, and a problem for each file that is not an upload of this unit, or
        that was lost from the store since.
        """
        uploads = Uploads(self.log.database).find(owner, [each.sha256 for each in content.files])
        files, places, lost = [], [], []
        for i, each in enumerate(content.files):
            upload = uploads.get(each.sha256)
            if upload is None:
                lost.append(Refused("upload-unknown", f"files/{i}", {"sha256": each.sha256}))
                continue
            named = {field: getattr(each, field) or "" for field in ("caption", "alt", "subtitles")}
            files.append(replace(upload, name=each.name or upload.name, **named))
            places.append(i)
            original = self._copies.stat_original(upload.sha256)
            if original is None or original.bytes != upload.bytes:
                lost.append(Refused("file-lost", f"files/{i}", {"name": files[-1].name}))
        texts = content.texts
        return Draft(
            title=texts.get("title") or "",
            profile=texts.get("profile") or "",
            text=texts.get("text") or "",
            themes=tuple(texts.get("themes") or ()),
            h5=texts.get("h5") or None,
            files=tuple(files),
            consent=content.consent,
            declared=content.declared,
            ai=content.ai,
            lost=tuple(lost),
            places=tuple(places),
        )


def _content_of(values: Mapping[str, Any]) -> DraftContent:
    """Return what a draft's values say, as a hand-in says it."""
    files = tuple(
        NamedFile(
            each["sha256"],
            each.get("name"),
            values.get(f"caption.{each['sha256']}"),
            values.get(f"alt.{each['sha256']}"),
            values.get(f"subtitles.{each['sha256']}"),
        )
        for each in values.get("files") or ()
    )
    return DraftContent(values, files, ai=drafts.ai_uses(values), declared=drafts.declarations(values))


def _draft_field(field: str | None, values: Mapping[str, Any]) -> str | None:
    """Return the field of a draft that a problem is about: `files/2/caption` is `caption.<sha256>` there."""
    parts = (field or "").split("/")
    if len(parts) < 3 or parts[0] != "files":
        return field
    return f"{parts[2]}.{values['files'][int(parts[1])]['sha256']}"


def _at_fields_of_drafts(answer: Reply, values: Mapping[str, Any]) -> Reply:
    """Return a refusal in which each problem names a field of the draft."""
    refused = answer.get("refused")
    if not refused:
        return answer
    detail = dict(refused["detail"] or {})
    if "problems" in detail:
        listed = detail["problems"]
        detail["problems"] = [each | {"field": _draft_field(each["field"], values)} for each in listed]
    return {"refused": refused | {"field": _draft_field(refused["field"], values), "detail": detail}}


def _table(call: Call) -> Iterator[TableRow]:
    """Yield the rows of the roll file of a call: CSV text, or the bytes of any file in base64. Raises TableBroken."""
    if call.body["csv"] is not None:
        yield from roll_table.read_csv(call.body["csv"])
    else:
        yield from roll_table.read(base64.b64decode(call.body["file"] or ""))
