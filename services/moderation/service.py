"""RPC service of moderation: turn call bodies into commands to the log, and states into views.

It makes no decisions. What it adds to the domain: it checks the campaign file, hashes and seals passwords, seals names,
checks whether the vault has a key of a subject that is to be forgotten, and sets the commitment of the seed of the lot.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from nameko.rpc import rpc

from services.moderation import (
    account_rpc,
    changes_rpc,  # the module: nameko takes every class with methods in sight for a service
    domain,
    message_rpc,
    queries,
    question_rpc,
    schemas,
    setup_rpc,
)
from services.moderation.campaign import rule_hash, rule_hash_of
from services.moderation.campaign_file import check
from services.moderation.campaign_file.problems import Problem
from services.moderation.decisions import staff
from services.moderation.decisions.forget_subject import UNSUBSCRIBED
from services.moderation.desk_rpc import MODERATORS, READERS
from services.moderation.events import (
    NETWORK_KEY,
    PasswordLinkIssued,
    RulesLocked,
    StaffAppointed,
    StaffChangeProposed,
)
from services.moderation.followed_logs import FOLLOWED_LOGS, OWN_LOG
from services.moderation.state import (
    COMPLAINT,
    ROLES,
    STAFF,
    Member,
    PasswordLink,
)
from shared import passwords
from shared.decider import Outcome, Refused
from shared.errors import Forgotten
from shared.events import Sealed
from shared.hosting import EventLog, service_name
from shared.names import is_visible
from shared.personal import PersonalFields, person
from shared.reference_numbers import reference_number
from shared.rpc import (
    Call,
    Reply,
    call,
    refusal,
    stored,
)
from shared.session_store import SessionStore
from shared.stamps import wall_ms

CODE_CHARS = 8  # of the second part of a link: 40 bits beside the 80 of the link


class ModerationService(
    changes_rpc.ChangeMethods,
    setup_rpc.SetupMethods,
    message_rpc.MessageMethods,
    account_rpc.AccountMethods,
    question_rpc.QuestionMethods,
):
    """nameko service of moderation: each method answers one RPC call of the gateway or the command line."""

    name = service_name("moderation")
    log = EventLog(OWN_LOG, domain.ModerationDecider(), follows=FOLLOWED_LOGS)

    # Commands about the campaign

    @rpc
    @call(schemas.OpenCampaign, roles=("operator",))
    def open_campaign(self, call: Call) -> Reply:
        return self._open(call)

    @rpc
    @call(schemas.OpenFromSetup, roles=("operator",))
    def open_from_setup(self, call: Call) -> Reply:
        """Open the campaign for the set-up that the operator's secret began, which is over then."""
        if not self._setup.stands(call.body["setup"], now=wall_ms()):
            return refusal(Refused("setup-link-spent"))
        if len({each["staff"] for each in call.body["organisers"]}) < staff.FIRST_ORGANISERS:
            return refusal(Refused("organisers-missing", "organisers"))
        answer = self._open(call)
        if "ok" in answer:
            self._setup.end()
        return answer

    def _open(self, call: Call) -> Reply:
        files = _decode_files(call.body["files"])
        campaign, problems = check.check(call.body["file"], files)
        theme, _ = check.theme_of(call.body["file"], files)
        if campaign is None or theme is None:
            return refusal(_file_broken(problems))
        if call.body["rehearsal"] is not None:
            campaign = replace(campaign, rehearsal=call.body["rehearsal"])
        asked = call.body["now"]
        if asked is not None and not campaign.rehearsal:
            return refusal(Refused("clock-is-real", "now"))
        if self._state.campaign is None and not campaign.rehearsal and not self.log.settings.public_url:
            return refusal(Refused("public-url-missing"))
        start = campaign.window("submission").start if asked is None else asked
        moment = start if campaign.rehearsal else wall_ms()
        organisers = tuple(
            staff.FirstOrganiser(each["staff"], self._personal.seal_text(person(STAFF, each["staff"]), each["name"]))
            for each in call.body["organisers"]
        )
        texts = check.letters_of(call.body["file"])
        command = domain.OpenCampaign(campaign, moment, call.actor, organisers, call.id, theme, texts)
        outcome = self._submit(call, command)
        if outcome.refused is None:
            self._keep_file(call.body["file"], files, call.actor)
        answer = {"campaign": campaign.id, "rehearsal": campaign.rehearsal, "now": moment}
        links = {each.staff: self._link(each) for each in outcome.events if isinstance(each, PasswordLinkIssued)}
        return stored(outcome, answer | {"rule_hash": rule_hash(campaign), "links": links})

    @rpc
    @call(schemas.PageTheme, roles=("organiser", "operator"))
    def set_page_theme(self, call: Call) -> Reply:
        """Let pages look as the table `[theme]` of a whole campaign file says, and letters say what its table
        `[letters]` says, also while the rules are locked.
        """
        theme, problems = check.theme_of(call.body["file"], _decode_files(call.body["files"]))
        if theme is None:
            return refusal(_file_broken(problems))
        texts = check.letters_of(call.body["file"])
        outcome = self._submit(call, domain.SetPageTheme(theme, call.actor, self._at(call), texts))
        return stored(outcome, {"theme": sorted(theme)})

    @rpc
    @call(schemas.AppointStaff, roles=("organiser", "operator"))
    def appoint_staff(self, call: Call) -> Reply:
        """Give a person roles, with a link for a password where one is needed, or propose it to a second person."""
        body = call.body
        name = self._sealed_name(body["staff"], body["name"])
        command = staff.AppointStaff(
            body["staff"], name, tuple(body["roles"]), body["new_link"], call.id, call.actor, self._at(call)
        )
        outcome = self._submit(call, command)
        return stored(outcome, {"name": body["name"], "roles": body["roles"], **self._change(body["staff"], outcome)})

    @rpc
    @call(schemas.ConfirmStaffChange, roles=("organiser", "operator"))
    def confirm_staff_change(self, call: Call) -> Reply:
        """Confirm the change of an office that somebody else proposed."""
        command = staff.ConfirmStaffChange(call.body["change"], call.id, call.actor, self._at(call))
        outcome = self._submit(call, command)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        whom = next(each.staff for each in outcome.events if isinstance(each, StaffAppointed | PasswordLinkIssued))
        member = self._state.staff[whom]
        view = queries.member_view(whom, member, self._personal.text_lookup([member.name]))
        return stored(outcome, {"name": view["name"], "roles": view["roles"], **self._change(whom, outcome)})

    @rpc
    @call(schemas.SetPassword)
    def set_password(self, call: Call) -> Reply:
        """Set the password of a member of staff by a link, and by the code too where two people issued it."""
        body = call.body
        member = self._state.staff.get(body["staff"])
        link = member.link if member is not None else None
        if link is None or not self._holds_link(body["staff"], link, body["link"], body["code"]):
            return refusal(Refused("link-spent", "link"))
        if weak := self._weakness(body["staff"], body["password"]):
            return refusal(weak)
        try:
            sealed = self._seal_password(body["staff"], body["password"])
        except passwords.TooMany:
            return refusal(Refused("busy"))
        command = staff.SetPassword(body["staff"], link.id, sealed, self._at(call))
        return stored(self._submit(call, command), {"staff": body["staff"]})

    @rpc
    @call(schemas.ChangePassword, roles=ROLES)
    def change_password(self, call: Call) -> Reply:
        """Change one's own password, which one proves to know."""
        member, body = self._state.staff.get(call.actor), call.body
        try:
            if member is None or not self._verify(member, body["password"], known=True):
                return refusal(Refused("login-refused", "password"))
            if weak := self._weakness(call.actor, body["new_password"], "new_password"):
                return refusal(weak)
            sealed = self._seal_password(call.actor, body["new_password"])
        except passwords.TooMany:
            return refusal(Refused("busy"))
        command = staff.ChangePassword(call.actor, member.password, sealed, self._at(call))
        outcome = self._submit(call, command)
        if outcome.refused is None and body["session"]:
            self._sessions.move(body["session"], call.actor, credentials=self._credentials(call.actor) or "")
        return stored(outcome, {"staff": call.actor})

    @rpc
    @call(schemas.MoveClock, roles=("organiser", "operator"))
    def move_clock(self, call: Call) -> Reply:
        return stored(self._submit(call, domain.MoveClock(call.body["now"], call.actor)), call.body)

    @rpc
    @call(schemas.MoveWindow, roles=("organiser",))
    def move_window(self, call: Call) -> Reply:
        outcome = self._submit(call, domain.MoveWindow(**call.body, by=call.actor, at=self._at(call)))
        return stored(outcome, {name: call.body[name] for name in ("window", "start", "end")})

    @rpc
    @call(schemas.ReplaceRules, roles=("organiser",))
    def replace_rules(self, call: Call) -> Reply:
        """Put the rules of a whole campaign file in the place of rules that are not locked yet."""
        campaign, problems = check.check(call.body["file"])
        if campaign is None:
            return refusal(_file_broken(problems))
        body = call.body
        command = domain.ReplaceRules(
            campaign, body["rule_hash"], body["replaces"], body["reason"], call.actor, self._at(call)
        )
        outcome = self._submit(call, command)
        current = self._state.campaign
        answer = {"rule_hash": None if current is None else rule_hash(current)}
        return stored(outcome, answer | {"operational_tables": check.operational_tables(call.body["file"])})

    @rpc
    @call(schemas.LockRules, roles=("organiser",))
    def lock_rules(self, call: Call) -> Reply:
        """Lock the rules, with the commitment to the seed of the lot, which is one of the campaign's keys. A caller who
        names another commitment is refused.
        """
        own = hashlib.sha256(self.log.keys.lot).hexdigest()
        if call.body["seed_commitment"] not in (None, own):
            return refusal(Refused("seed-commitment-broken", "seed_commitment"))
        outcome = self._submit(call, domain.LockRules(call.body["rule_hash"], own, call.actor, self._at(call)))
        locked = next((each for each in outcome.events if isinstance(each, RulesLocked)), self._state.locked_rules)
        return stored(outcome, {"rule_hash": rule_hash_of(locked.campaign) if locked else None, "seed_commitment": own})

    @rpc
    @call(schemas.AmendRules, roles=("organiser",))
    def amend_rules(self, call: Call) -> Reply:
        """Put a later version of the locked rules in force, from a whole campaign file."""
        campaign, problems = check.check(call.body["file"])
        if campaign is None:
            return refusal(_file_broken(problems))
        command = domain.AmendRules(campaign, call.body["replaces"], call.body["reason"], call.actor, self._at(call))
        outcome = self._submit(call, command)
        locked = [each for each in outcome.events if isinstance(each, RulesLocked)]
        versions = queries.versions_view(self._state)
        answer = {"version": locked[0].version if locked else None, "versions": versions}
        return stored(outcome, answer | {"operational_tables": check.operational_tables(call.body["file"])})

    @rpc
    @call(schemas.ConfirmShortlist, roles=("organiser",))
    def confirm_shortlist(self, call: Call) -> Reply:
        command = domain.ConfirmShortlist(tuple(call.body["entries"]), call.actor, self._at(call))
        outcome = self._submit(call, command)
        return stored(outcome, queries.shortlist_view(self._state))

    # Forgetting

    @rpc
    @call(schemas.ForgetSubject, roles=("organiser", "operator"))
    def forget_subject(self, call: Call) -> Reply:
        """Have a subject forgotten. `deploy/clock/key_destruction.py` destroys the key within seconds."""
        return self._forget(call, call.body["subject"], call.body["reason"])

    @rpc
    @call(schemas.ForgetPerson, roles=("operator",))
    def forget_person(self, call: Call) -> Reply:
        """Forget a voter who unsubscribed; the gateway calls this when WeChat reports it."""
        return self._forget(call, call.body["person"], UNSUBSCRIBED)

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def end_network_key(self, call: Call) -> Reply:
        return stored(self._submit(call, domain.EndNetworkKey(self._at(call))), {"subject": NETWORK_KEY})

    # Complaints and suggestions

    @rpc
    @call(schemas.FileComplaint, roles=("operator",))
    def file_complaint(self, call: Call) -> Reply:
        """File a complaint or a suggestion. The gateway calls this in its own name, so that the log does not show who
        complains.
        """
        body = call.body
        if self._state.campaign is None:  # checked before sealing creates a key
            return refusal(Refused("campaign-not-open"))
        if not is_visible(body["words"]):
            return refusal(Refused("words-missing", "words"))
        number = reference_number(self.log.keys.receipt, "complaint", call.id)
        whose = person(COMPLAINT, number)
        words = self._personal.seal_text(whose, body["words"].strip())
        contact = self._personal.seal_text(whose, body["contact"].strip()) if (body["contact"] or "").strip() else None
        command = domain.FileComplaint(number, body["kind"], body["entry"] or None, words, contact, self._at(call))
        outcome = self._submit(call, command)
        filed = self._state.complaints.get(number)
        return stored(outcome, queries.complaint_view(filed) if filed is not None else {})

    @rpc
    @call(schemas.AnswerComplaint, roles=MODERATORS)
    def answer_complaint(self, call: Call) -> Reply:
        command = domain.AnswerComplaint(**call.body, by=call.actor, at=self._at(call))
        outcome = self._submit(call, command)
        known = self._state.complaints.get(command.complaint)
        return stored(outcome, queries.complaint_view(known) if known is not None else {})

    @rpc
    @call(schemas.AnswerComplaints, roles=MODERATORS)
    def answer_complaints(self, call: Call) -> Reply:
        numbers = tuple(call.body["complaints"])
        command = domain.AnswerComplaints(numbers, call.body["words"], by=call.actor, at=self._at(call))
        outcome = self._submit(call, command)
        left = sum(each.answered is None for each in self._state.complaints.values())
        return stored(outcome, {"answered": len(outcome.events), "open": left})

    # Queries

    @rpc
    @call(schemas.Wall)
    def campaign(self, call: Call) -> Reply:
        state, wall = self._state, call.body["wall"]
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        moment = wall_ms() if wall is None else wall
        return {"ok": queries.campaign_view(state, state.campaign, wall_ms=moment)}

    @rpc
    @call(schemas.Nothing)
    def rules(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        state = self._state
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return {"ok": queries.rules_view(state, state.campaign)}

    @rpc
    @call(schemas.Login)
    def login(self, call: Call) -> Reply:
        name = call.body["staff"]
        member = self._state.staff.get(name)
        active = member if member is not None and member.roles else None
        try:
            verified = self._verify(active, call.body["password"], known=call.body["known"])
        except passwords.TooMany:
            return refusal(Refused("busy"))
        if not verified or active is None:
            return refusal(Refused("login-refused"))
        if active.authenticator is not None:
            if not call.body["code"]:
                return refusal(Refused("code-needed", "code"))
            if not self._verify_code(call, name, active, call.body["code"]):
                return refusal(Refused("login-refused", "code"))
            active = self._state.staff[name]
        session = self._sessions.begin(
            name, credentials=str(active.credentials), agent=call.body["agent"], life_ms=call.body["life_ms"]
        )
        view = queries.member_view(name, active, self._personal.text_lookup([active.name]))
        must_add = queries.must_add_authenticator(active, self._state)
        return {"ok": view | {"session": session, "must_add_authenticator": must_add}}

    # Sessions

    @rpc
    @call(schemas.OneSession, roles=("operator",))
    def use_session(self, call: Call) -> Reply:
        """Say whether a session still stands; the gateway asks every few seconds while it is in use."""
        found = self._sessions.use(call.body["session"], self._is_present)
        return refusal(Refused("session-ended")) if found is None else {"ok": {"person": found.person}}

    @rpc
    @call(schemas.OneSession, roles=ROLES)
    def my_sessions(self, call: Call) -> Reply:
        """Return the sessions of whoever calls; `session` is the one that calls."""
        found = self._sessions.of(call.actor, self._is_present)
        mine = [asdict(each) | {"is_current": each.session == call.body["session"]} for each in found]
        return {"ok": {"sessions": [{name: each[name] for name in each if name != "person"} for each in mine]}}

    @rpc
    @call(schemas.OneSession, roles=ROLES)
    def end_session(self, call: Call) -> Reply:
        self._sessions.end(call.body["session"], call.actor)
        return {"ok": {}}

    @rpc
    @call(schemas.OneSession, roles=ROLES)
    def end_other_sessions(self, call: Call) -> Reply:
        self._sessions.end_others(call.body["session"], call.actor)
        return {"ok": {}}

    @rpc
    @call(schemas.Nothing, roles=("organiser", "operator", "auditor"))
    def staff(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        state = self._state
        sealed = [each.name for each in (*state.staff.values(), *state.staff_changes.values())]
        return {"ok": queries.staff_view(state, self._personal.text_lookup(sealed))}

    @rpc
    @call(schemas.OneComplaint)
    def complaint(self, call: Call) -> Reply:
        found = self._state.complaints.get(call.body["complaint"])
        if found is None:
            return refusal(Refused("complaint-unknown"))
        return {"ok": queries.complaint_view(found)}

    @rpc
    @call(schemas.Complaints, roles=MODERATORS)
    def complaints(self, call: Call) -> Reply:
        state, page = self._state, queries.complaints_page(self._state, call.body)
        if isinstance(page, Refused):
            return refusal(page)
        sealed = [each for found in page for each in (found.filed.words, found.filed.contact) if each is not None]
        shown = self._personal.text_lookup(sealed)
        return {"ok": queries.complaints_view(page, call.body["limit"], state, shown)}

    @rpc
    @call(schemas.Nothing, roles=READERS)
    def propose_shortlist(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        state = self._state
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        return {"ok": queries.proposal_view(state, state.campaign)}

    @rpc
    @call(schemas.Nothing)
    def shortlist(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        return {"ok": queries.shortlist_view(self._state)}

    # Helpers of all methods

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)

    def _verify(self, member: Member | None, password: str, *, known: bool) -> bool:
        """Return whether the password is that of the member; None stands for an unknown name. Raise TooMany."""
        stored_hash = self._password(member) if member is not None and member.password else None
        return passwords.verify_in_turn(stored_hash, password, known=known)

    @property
    def _sessions(self) -> SessionStore:
        return SessionStore(self.log.database, "staff")

    def _credentials(self, whom: str) -> str | None:
        """Return the mark of a person's present password, or None for a person who has none or no role."""
        member = self._state.staff.get(whom)
        return str(member.credentials) if member is not None and member.roles and member.password else None

    def _is_present(self, whom: str, mark: str) -> bool:
        return self._credentials(whom) == mark

    def _weakness(self, whom: str, password: str, field: str = "password") -> Refused | None:
        member, campaign = self._state.staff[whom], self._state.campaign
        name = self._personal.text_lookup([member.name])(member.name)
        about = (whom, name, *((campaign.id, campaign.title_zh, campaign.title_en) if campaign is not None else ()))
        reason = passwords.weakness(password, about)
        return Refused("password-weak", field, {"reason": reason}) if reason else None

    def _seal_password(self, whom: str, password: str) -> Sealed:
        return self._personal.seal(person(STAFF, whom), passwords.hash_in_turn(password))

    def _sealed_name(self, whom: str, name: str) -> Sealed:
        """Return the name sealed; the stored field again if it holds the same name, so that nothing changes."""
        known, waiting = self._state.staff.get(whom), self._state.staff_changes.get(whom)
        sealed = known.name if known is not None else None
        sealed = self._personal.seal_text(person(STAFF, whom), name, current=sealed)
        if waiting is None or (known is not None and sealed == known.name):
            return sealed
        return self._personal.seal_text(person(STAFF, whom), name, current=waiting.name)

    def _link(self, issued: PasswordLinkIssued) -> str:
        return self._link_text(issued.staff, issued.link)

    def _link_text(self, whom: str, link: str) -> str:
        return reference_number(self.log.keys.receipt, "password link", f"{whom} {link}")

    def _code(self, whom: str, change: str) -> str:
        return reference_number(self.log.keys.receipt, "password code", f"{whom} {change}")[:CODE_CHARS]

    def _holds_link(self, whom: str, link: PasswordLink, text: str, code: str | None) -> bool:
        same = hmac.compare_digest(self._link_text(whom, link.id), text)
        if link.change is None:
            return same
        return hmac.compare_digest(self._code(whom, link.change), code or "") and same

    def _change(self, whom: str, outcome: Outcome) -> dict[str, Any]:
        """Return what a change of an office gives to whoever made it: a link, or a code while it waits for another."""
        answer: dict[str, Any] = {"staff": whom, "link": None, "until": None, "change": None, "code": None}
        for each in outcome.events:
            if isinstance(each, PasswordLinkIssued):
                answer |= {"link": self._link(each), "until": each.until}
            if isinstance(each, StaffChangeProposed):
                code = self._code(whom, each.change) if each.resets else None
                answer |= {"change": each.change, "until": each.until, "code": code}
        return answer

    def _password(self, member: Member) -> bytes | None:
        try:
            return self._personal.open(member.password)
        except Forgotten:  # the person was appointed again in the seconds before the key was destroyed
            return None

    def _forget(self, call: Call, subject: str, reason: str) -> Reply:
        held = self.log.vault.holds(subject)
        outcome = self._submit(call, domain.ForgetSubject(subject, reason, held, self._at(call)))
        return stored(outcome, {"subject": subject})


def _decode_files(files: Mapping[str, str]) -> dict[str, bytes]:
    """Return the pictures beside a campaign file."""
    return {name: setup_rpc.decode_file(text) for name, text in files.items()}


def _file_broken(problems: Sequence[Problem]) -> Refused:
    return Refused("campaign-file-broken", "file", {"problems": [asdict(each) for each in problems]})
