"""RPC methods about the campaign file: its draft, and the set-up of a campaign by whoever holds the operator's secret.

`service.py` hosts them. Organisers edit the draft of an open campaign too, to amend the locked rules from it.
Promises: until a campaign is open its draft is read and saved by the set-up that stands, and by the operator at the
machine; from then on by organisers alone, and the set-up is over.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from nameko.rpc import rpc

from services.moderation import schemas
from services.moderation.campaign import Campaign, rule_hash, to_data
from services.moderation.campaign_file import check, templates
from services.moderation.campaign_file.form_fields import STEPS, step_of
from services.moderation.campaign_file.form_values import (
    UnreadableFile,
    kept_paths,
    read_values,
    rows_of,
    write_values,
)
from services.moderation.campaign_file.notice_text import read_notice
from services.moderation.campaign_file.page_theme import PICTURE_MAX_BYTES, embed
from services.moderation.decisions.rule_versions import hash_in_force
from services.moderation.rehearsal_store import Rehearsal, RehearsalStore
from services.moderation.setup_store import Draft, SetupStore
from services.moderation.state import ModerationState
from shared.decider import Refused
from shared.rpc import Call, Reply, call, refusal
from shared.stamps import wall_ms
from shared.zones import DEFAULT, local_time

GATEWAY = "gateway"
_PICTURES = ("theme.logo", "theme.banner")
DRAFTERS = ("organiser", "operator")


class SetupMethods:
    """The methods of set-up; the service that hosts them has the `log`."""

    log: Any

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def issue_setup_secret(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return a new secret for whoever sets the campaign up. Refused once a campaign is open."""
        if self._opened_campaign():
            return refusal(Refused("campaign-is-open"))
        secret, until = self._setup.issue_secret(now=wall_ms())
        return {"ok": {"secret": secret, "until": until}}

    @rpc
    @call(schemas.SetupSecret, roles=("operator",))
    def setup_secret(self, call: Call) -> Reply:
        """Say whether a secret would begin a set-up; it is not spent."""
        is_valid = not self._opened_campaign() and self._setup.is_valid(call.body["secret"], now=wall_ms())
        return {"ok": {}} if is_valid else refusal(Refused("setup-link-spent"))

    @rpc
    @call(schemas.SetupSecret, roles=("operator",))
    def begin_setup(self, call: Call) -> Reply:
        """Spend a secret and begin the set-up, whose name the browser holds from then on."""
        begun = None if self._opened_campaign() else self._setup.begin(call.body["secret"], now=wall_ms())
        if begun is None:
            return refusal(Refused("setup-link-spent"))
        return {"ok": {"setup": begun[0], "until": begun[1]}}

    @rpc
    @call(schemas.Setup, roles=DRAFTERS)
    def campaign_draft(self, call: Call) -> Reply:
        """Return the draft of the campaign file: its text, the values of the form, and what the check says."""
        if refused := self._setup_refusal(call):
            return refusal(refused)
        return {"ok": self._draft_view(self._setup.draft())}

    @rpc
    @call(schemas.SaveDraft, roles=DRAFTERS)
    def save_campaign_draft(self, call: Call) -> Reply:
        """Save the draft: a whole text, a template, or some values of the form."""
        if refused := self._setup_refusal(call):
            return refusal(refused)
        body, held = call.body, self._setup.draft()
        if body["template"] is not None:
            today = local_time(wall_ms(), DEFAULT).date()
            text = templates.new_file(body["template"], id=self._plain_id(), today=today)
        else:
            text = held.text if body["text"] is None else body["text"].replace("\r\n", "\n")
        try:
            text = write_values(text, body["values"]) if body["values"] else text
        except UnreadableFile:
            return refusal(Refused("campaign-file-unreadable", "text"))
        if text == held.text and held.revision:
            return {"ok": self._draft_view(held)}
        return self._save_draft(call, held, text)

    @rpc
    @call(schemas.DraftPicture, roles=DRAFTERS)
    def set_draft_picture(self, call: Call) -> Reply:
        """Put an uploaded picture into the draft, as its logo or its banner."""
        if refused := self._setup_refusal(call):
            return refusal(refused)
        body, held = call.body, self._setup.draft()
        content = decode_file(body["content"])
        picture = embed(content)
        if picture is None:
            return refusal(Refused("picture-unknown", "file"))
        try:
            text = write_values(held.text, {f"theme.{body['which']}": picture})
        except UnreadableFile:
            return refusal(Refused("campaign-file-unreadable", "text"))
        most = PICTURE_MAX_BYTES[body["which"]]
        if len(content) > most:
            return refusal(Refused("picture-too-large", "file", {"bytes": most}))
        return self._save_draft(call, held, text)

    @rpc
    @call(schemas.Rehearsal, roles=DRAFTERS)
    def request_rehearsal(self, call: Call) -> Reply:
        """Ask for a rehearsal of the whole campaign by the rules of the draft, or by those in force.

        `rule_hash` names them.
        """
        if refused := self._setup_refusal(call):
            return refusal(refused)
        held = self._setup.draft()
        view = self._draft_view(held)
        if view["in_force_hash"] == call.body["rule_hash"]:
            rules = _rules_in_force(self.log.state)
        elif view["rules"] is None:
            return refusal(Refused("campaign-file-broken"))
        elif view["rule_hash"] != call.body["rule_hash"]:
            return refusal(Refused("draft-differs", "revision", {"revision": held.revision, "at": held.at}))
        else:
            rules = view["rules"]
        RehearsalStore(self.log.database).request(call.body["rule_hash"], rules, by=call.actor, at=wall_ms())
        return {"ok": self._draft_view(held)}

    @rpc
    @call(schemas.Nothing, roles=(*DRAFTERS, "auditor"))
    def rehearsed_rules(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return what became of the rehearsal of the rules in force; None if nobody asked for one."""
        in_force = hash_in_force(self.log.state)
        found = None if in_force is None else RehearsalStore(self.log.database).find(in_force)
        return {"ok": {"in_force": None if found is None else _rehearsal_summary(found)}}

    @rpc
    @call(schemas.Notice, roles=DRAFTERS)
    def read_campaign_notice(self, call: Call) -> Reply:
        """Return what the text of a notice says of the rules, and what contradicts itself. It changes nothing."""
        if refused := self._setup_refusal(call):
            return refusal(refused)
        text = call.body["text"].replace("\r\n", "\n")
        reading = read_notice(text, year=local_time(wall_ms(), DEFAULT).year)
        return {
            "ok": {
                "text": text,
                "findings": [
                    asdict(each) | {"step": step_of(next(iter(each.values), ""))} for each in reading.findings
                ],
                "contradictions": [asdict(each) for each in reading.contradictions],
            }
        }

    def _keep_file(self, text: str, files: Mapping[str, bytes], by: str) -> None:
        """Store the file that a campaign was opened with as the draft, so that organisers find it.

        The pictures beside the file are put into it.
        """
        values = read_values(text)
        names = {path: values.get(path, "") for path in _PICTURES}
        pictures = {path: embed(files[name]) for path, name in names.items() if name in files}
        text = write_values(text, {path: written for path, written in pictures.items() if written is not None})
        held = self._setup.draft()
        if held.text != text:
            self._setup.save(text, revision=held.revision, by=by, at=wall_ms())

    def _setup_refusal(self, call: Call) -> Refused | None:
        """Return why the caller may not touch the draft, or None."""
        if "organiser" in call.roles and call.actor != GATEWAY:
            return None
        if call.actor != GATEWAY:  # the operator at the machine
            return None
        if self._opened_campaign():
            return Refused("campaign-is-open")
        stands = self._setup.stands(call.body["setup"], now=wall_ms())
        return None if stands else Refused("setup-link-spent")

    def _save_draft(self, call: Call, held: Draft, text: str) -> Reply:
        """Save a text over the draft that was `held`, and return it; refuse if somebody has saved another meanwhile."""
        saved = self._setup.save(text, revision=call.body["revision"], by=call.actor, at=wall_ms())
        if saved is None:
            return refusal(Refused("draft-differs", "revision", {"revision": held.revision, "at": held.at}))
        return {"ok": self._draft_view(saved)}

    def _draft_view(self, draft: Draft) -> dict[str, Any]:
        campaign, problems = check.check(draft.text, {}) if draft.revision else (None, [])
        try:
            values, rows, is_readable = read_values(draft.text), rows_of(draft.text), True
            kept = kept_paths(draft.text)
        except UnreadableFile:
            values, rows, kept, is_readable = {}, {}, [], False
        state: ModerationState = self.log.state
        opened = state.campaign
        if campaign is not None and opened is not None:
            campaign = replace(campaign, rehearsal=opened.rehearsal)
        named = None if campaign is None else rule_hash(campaign)
        return {
            "text": draft.text,
            "revision": draft.revision,
            "at": draft.at,
            "values": values,
            "rows": rows,
            "kept": kept,
            "is_readable": is_readable,
            "problems": [asdict(each) | {"step": step_of(each.path)} for each in problems],
            "steps": {name: [asdict(each) for each in fields] for name, fields in STEPS.items()},
            "templates": {name: {"zh": zh, "en": en} for name, (zh, en) in templates.TEMPLATES.items()},
            "rules": None if campaign is None else to_data(campaign),
            "rule_hash": named,
            "rehearsal": None if named is None else _rehearsal_view(RehearsalStore(self.log.database).find(named)),
            "last_rehearsals": [_rehearsal_summary(each) for each in RehearsalStore(self.log.database).newest()],
            "opened_hash": None if opened is None else rule_hash(_as_opened(state, opened)),
            "in_force_hash": hash_in_force(state),
            "is_locked": state.locked_rules is not None,
            "is_rehearsal": None if opened is None else opened.rehearsal,
        }

    def _opened_campaign(self) -> bool:
        state: ModerationState = self.log.state
        return state.campaign is not None

    def _plain_id(self) -> str:
        return str(self.log.settings.campaign)[:31].strip("-")

    @property
    def _setup(self) -> SetupStore:
        return SetupStore(self.log.database)


def _rehearsal_view(found: Rehearsal | None) -> dict[str, Any] | None:
    """Return a rehearsal as pages show it, without the rules that it was asked for; None if nobody asked."""
    if found is None:
        return None
    return {
        "by": found.by,
        "asked_at": found.asked_at,
        "state": found.state,
        "ended_at": found.ended_at,
        "why": found.why,
        "report": None if found.report is None else {**found.report, "findings": _placed_findings(found)},
    }


def _rehearsal_summary(found: Rehearsal) -> dict[str, Any]:
    """Return a rehearsal as a line of a list: its rules, what became of it, and what was found."""
    report = found.report or {}
    return {
        "rule_hash": found.rule_hash,
        "state": found.state,
        "asked_at": found.asked_at,
        "ended_at": found.ended_at,
        "digest": report.get("digest"),
        "findings": _placed_findings(found),
    }


def _placed_findings(found: Rehearsal) -> list[dict[str, Any]]:
    """Return what a rehearsal found, each with the step and the path of the form's field that it is about."""
    findings = (found.report or {}).get("findings", ())
    return [{**each, "path": each.get("path", ""), "step": step_of(each.get("path", ""))} for each in findings]


def _rules_in_force(state: ModerationState) -> dict[str, Any]:
    """Return the rules in force as plain data: those that were locked last, or the open ones."""
    if state.locked_rules is not None:
        return dict(state.locked_rules.campaign)
    assert state.campaign is not None  # they have a hash
    return to_data(state.campaign)


def decode_file(text: str) -> bytes:
    """Return a file that a call carries in base64; empty if it is no base64, which the check reports."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _as_opened(state: ModerationState, campaign: Campaign) -> Campaign:
    """Return the rules as a lock names them: without the commitment that the lock adds."""
    return campaign if state.locked_rules is None else replace(campaign, seed_commitment="")
