"""RPC methods of letters: what is proposed, approved and sent, contacts, and what the sender asks for.

`service.py` hosts them beside the campaign's own. They make no decisions.
Promises: an address leaves the service only to organisers who ask for one contact, to the contact itself, and to the
sender, for a letter that was approved. No address is logged.
"""

import hashlib
from typing import Any

from nameko.rpc import rpc

from services.moderation import letter_texts, letters
from services.moderation import message_schemas as schemas
from services.moderation.decisions import letters as decisions
from services.moderation.events import MessageContactSet
from services.moderation.letters import Proposal
from services.moderation.outbox import (
    CHANNELS,
    EMAIL,
    FAILED,
    SENDING,
    SENT,
    SMS,
    TOPIC_OF,
    TOPICS,
    UNSURE,
    WAITING,
    WECHAT,
    WITHDRAWN,
    Letter,
)
from services.moderation.state import CONTACT, STAFF, ModerationState, now
from shared.decider import Outcome, Refused
from shared.events import Sealed
from shared.personal import DELETED, PersonalFields
from shared.reference_numbers import reference_number
from shared.rpc import Call, Reply, call, refusal, stored
from shared.stamps import wall_ms

SENDERS = ("organiser",)
READERS = ("organiser", "auditor")
RECEIVERS = ("unit", "moderator", "judge", *READERS)
UNADDRESSED, PROPOSED = "unaddressed", "proposed"
_ADDRESSES = {EMAIL: "email", SMS: "phone"}  # channel -> field of a contact
#: For each database the channels of the sender and the wall time at which it last asked; lost when the process ends.
_SENDER_CHANNELS: dict[Any, tuple[list[str], int]] = {}
_NO_LETTER = Refused("letter-unknown", "letter")
View = dict[str, Any]


class MessageMethods:
    """The methods of letters; the service that hosts them has the `log`."""

    log: Any

    # Contacts

    @rpc
    @call(schemas.SetContact, roles=RECEIVERS)
    def set_message_contact(self, call: Call) -> Reply:
        """Set or remove the addresses to which letters to a contact go.

        Organisers set anybody's, a unit and other staff their own alone.
        """
        contact = call.body["contact"]
        if not _may_touch(call, contact):
            return refusal(Refused("not-yours", "contact"))
        if not letters.contact_exists(contact, self._outbox_state):  # checked before sealing creates a key
            return refusal(Refused("contact-unknown", "contact"))
        before = self._outbox_state.outbox.contacts.get(contact)
        email, phone = (self._seal(contact, call.body[each], before, each) for each in ("email", "phone"))
        command = decisions.SetMessageContact(
            contact, email, phone, call.body["lang"], call.actor, self._letter_time(call)
        )
        return stored(self._decide(call, command), {"contact": contact})

    @rpc
    @call(schemas.OneContact, roles=RECEIVERS)
    def message_contact(self, call: Call) -> Reply:
        """Return the addresses of one contact, in clear."""
        contact = call.body["contact"]
        if not _may_touch(call, contact):
            return refusal(Refused("not-yours", "contact"))
        found = self._outbox_state.outbox.contacts.get(contact)
        fields = [each for each in (found.email, found.phone) if each is not None] if found is not None else []
        text = self._personal_fields.text_lookup(fields)
        email, phone = (text(each) if each is not None else "" for each in _addresses(found))
        lang = found.lang if found is not None else "zh"
        wechat = {"is_sent": WECHAT in self._sender()["channels"], "topics": _topics(contact, self._outbox_state)}
        return {"ok": {"contact": contact, "email": email, "phone": phone, "lang": lang, "wechat": wechat}}

    @rpc
    @call(schemas.Consent, roles=("unit",))
    def give_wechat_consent(self, call: Call) -> Reply:
        """Note that a cadre of the unit that calls agreed in WeChat to one message about a topic."""
        contact, body = letters.unit_contact(call.actor), call.body
        before = self._outbox_state.outbox.consents_of(contact).get(body["topic"])
        openid = self._personal_fields.seal_text(
            contact, body["openid"], current=before.openid if before is not None else None
        )
        assert openid is not None
        command = decisions.GiveWeChatConsent(
            contact, body["topic"], body["template"], openid, call.actor, self._letter_time(call)
        )
        return stored(self._decide(call, command), {"topic": body["topic"]})

    @rpc
    @call(schemas.Topic, roles=("unit",))
    def withdraw_wechat_consent(self, call: Call) -> Reply:
        """Take back what a cadre of the unit that calls agreed to in WeChat."""
        contact, topic = letters.unit_contact(call.actor), call.body["topic"]
        command = decisions.WithdrawWeChatConsent(contact, topic, call.actor, self._letter_time(call))
        return stored(self._decide(call, command), {"topic": topic})

    # Letters

    @rpc
    @call(schemas.Letters, roles=READERS)
    def letters(self, call: Call) -> Reply:
        """Return a page of letters in one state, by default those that are proposed, with their texts."""
        state, body = self._outbox_state, call.body
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        wanted = body["state"] or PROPOSED
        views = [each for each in self._views(state, wanted) if body["kind"] in (None, each["kind"])]
        names = [each["letter"] for each in views]
        start = names.index(body["after"]) + 1 if body["after"] in names else 0
        page = views[start : start + body["limit"]]
        more = start + body["limit"] < len(views)
        return {
            "ok": {
                "letters": page,
                "total": len(views),
                "next": page[-1]["letter"] if more else None,
                "counts": _counts(state),
                "sender": self._sender(),
            }
        }

    @rpc
    @call(schemas.OneLetter, roles=READERS)
    def letter(self, call: Call) -> Reply:
        """Return one letter with its text and what each channel answered."""
        state, name = self._outbox_state, call.body["letter"]
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        found = state.outbox.letters.get(name)
        if found is not None and found.approved is not None:
            return {"ok": _letter_view(found, state)}
        proposal = letters.called_for(state).get(name)
        if proposal is None:
            return refusal(_NO_LETTER)
        view = _proposal_view(proposal, state, page=self._page)
        return {"ok": view | ({"state": WITHDRAWN, "why": found.why, "by": found.by} if found is not None else {})}

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def unit_letters(self, call: Call) -> Reply:
        """Return what organisers wrote to the unit that calls, the newest first, whether or not it has an address."""
        to = letters.unit_contact(call.actor)
        found = [each.approved for each in self._outbox_state.outbox.letters.values() if each.state != WITHDRAWN]
        written = [each for each in found if each is not None and each.to == to and each.kind == letters.BROADCAST]
        times = self._outbox_state.outbox.letters
        rows = [{"title": each.title, "words": each.words, "at": times[each.letter].at} for each in written]
        return {"ok": {"letters": sorted(rows, key=lambda row: -row["at"])}}

    @rpc
    @call(schemas.Nothing, roles=SENDERS)
    def letter_audiences(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return the groups of units that a broadcast may go to, each with its units."""
        return {"ok": {"audiences": letters.audiences(self._outbox_state)}}

    @rpc
    @call(schemas.Letters, roles=("operator", *READERS))
    def message_counts(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return how many letters are in each state, and `open`: those that are approved and not settled."""
        return {"ok": _counts(self._outbox_state)}

    @rpc
    @call(schemas.Draft, roles=SENDERS)
    def draft_letters(self, call: Call) -> Reply:
        """Propose one letter with the same text to each of these contacts."""
        body = call.body
        batch = f"draft.{hashlib.sha256(call.id.encode()).hexdigest()[:12]}"
        command = decisions.DraftLetters(
            batch, body["kind"], tuple(body["to"]), body["title"], body["words"], call.actor, self._letter_time(call)
        )
        return stored(self._decide(call, command), {"batch": batch, "letters": len(body["to"])})

    @rpc
    @call(schemas.Approve, roles=SENDERS)
    def approve_letters(self, call: Call) -> Reply:
        """Let letters go out whose text is still the one that the organiser read, or none of them."""
        state = self._outbox_state
        if state.campaign is None:
            return refusal(Refused("campaign-not-open"))
        holds, found, changed = {each.name: each for each in letters.proposed(state)}, [], []
        for each in call.body["letters"]:
            proposal = holds.get(each["letter"])
            text = letters.rendered(proposal, state, page=self._page) if proposal is not None else None
            if text is None or letters.letter_digest(text) != each["digest"]:
                changed.append(each["letter"])
            else:
                found.append(text)
        command = decisions.ApproveLetters(tuple(found), tuple(changed), call.actor, self._letter_time(call))
        return stored(self._decide(call, command), {"approved": len(found)})

    @rpc
    @call(schemas.Named, roles=SENDERS)
    def withdraw_letters(self, call: Call) -> Reply:
        command = decisions.WithdrawLetters(tuple(call.body["letters"]), call.actor, self._letter_time(call))
        outcome = self._decide(call, command)
        return stored(outcome, {"withdrawn": sum(len(each.letters) for each in outcome.events)})

    @rpc
    @call(schemas.Named, roles=SENDERS)
    def resume_letters(self, call: Call) -> Reply:
        command = decisions.ResumeLetters(tuple(call.body["letters"]), call.actor, self._letter_time(call))
        outcome = self._decide(call, command)
        return stored(outcome, {"resumed": sum(len(each.letters) for each in outcome.events)})

    # The sender

    @rpc
    @call(schemas.Due, roles=("operator",))
    def due_deliveries(self, call: Call) -> Reply:
        """Withdraw what no longer holds, and return the letters to send now, and those whose attempt was interrupted.

        Each holds the address in clear, and `channels`, which the sender gives back with the attempt. `failed` is how
        many letters an organiser must decide on.
        """
        outcome = self._decide(call, decisions.WithdrawReversed(self._letter_time(call)))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        state, wall = self._outbox_state, wall_ms()
        _SENDER_CHANNELS[self.log.database] = (list(call.body["channels"]), wall)
        due, interrupted = [], []
        for name in sorted(state.outbox.unfinished):
            letter = state.outbox.letters[name]
            usable = _usable(letter, state, call.body["channels"])
            channel = decisions.next_channel(letter, tuple(usable))
            if letter.state == SENDING and letter.last is not None:
                begun = letter.last.begun
                interrupted.append(self._delivery(letter, begun.channel, begun.attempt, usable, state))
            elif channel is not None and decisions.is_due(letter, wall):
                due.append(self._delivery(letter, channel, len(letter.attempts) + 1, usable, state))
            if len(due) == call.body["limit"]:
                break
        failed = sum(state.outbox.letters[name].state in (FAILED, UNSURE) for name in state.outbox.unfinished)
        deliveries = {"due": [each for each in due if each], "interrupted": [each for each in interrupted if each]}
        return {"ok": {**deliveries, "failed": failed}}

    @rpc
    @call(schemas.Begin, roles=("operator",))
    def begin_delivery(self, call: Call) -> Reply:
        body = call.body
        command = decisions.BeginDelivery(
            body["letter"], body["channel"], body["attempt"], tuple(body["channels"]), wall_ms(),
            self._letter_time(call),
        )  # fmt: skip
        return stored(self._decide(call, command), {"letter": body["letter"]})

    @rpc
    @call(schemas.End, roles=("operator",))
    def end_delivery(self, call: Call) -> Reply:
        body = call.body
        command = decisions.EndDelivery(
            body["letter"], body["attempt"], body["state"], body["code"], tuple(body["channels"]), wall_ms(),
            self._letter_time(call),
        )  # fmt: skip
        return stored(self._decide(call, command), {"letter": body["letter"]})

    # Helpers

    @property
    def _outbox_state(self) -> ModerationState:
        state: ModerationState = self.log.state
        return state

    @property
    def _page(self) -> str:
        return str(self.log.settings.public_url)

    @property
    def _personal_fields(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)

    def _letter_time(self, call: Call) -> int:
        return call.at or now(self._outbox_state, wall_ms())

    def _decide(self, call: Call, command: decisions.Command) -> Outcome:
        outcome: Outcome = self.log.submit(call.envelope(command), timeout_s=call.left_s)
        return outcome

    def _channels(self) -> list[str]:
        return list(self._sender()["channels"])

    def _sender(self) -> View:
        channels, at = _SENDER_CHANNELS.get(self.log.database, ([], None))
        return {"channels": channels, "seen_at": at}

    def _seal(self, contact: str, text: str, before: MessageContactSet | None, field: str) -> Sealed | None:
        if not text:
            return None
        current: Sealed | None = getattr(before, field) if before is not None else None
        return self._personal_fields.seal_text(contact, text, current=current)

    def _views(self, state: ModerationState, wanted: str) -> list[View]:
        if wanted == PROPOSED:
            return [_proposal_view(each, state, page=self._page) for each in letters.proposed(state)]
        found = [each for each in state.outbox.letters.values() if _state_of(each, state) == wanted]
        found.sort(key=lambda each: (-each.at, each.name))
        return [_letter_view(each, state) for each in found]

    def _delivery(
        self, letter: Letter, channel: str, attempt: int, usable: list[str], state: ModerationState
    ) -> View | None:
        """Return what the sender needs for one attempt; None if the contact was forgotten meanwhile."""
        approved = letter.approved
        assert approved is not None
        contact, consent = state.outbox.contacts.get(approved.to), state.outbox.consent(approved.to, approved.kind)
        sealed: Sealed | None = None
        if channel == WECHAT:
            sealed = consent.openid if consent is not None else None
        elif contact is not None:
            sealed = getattr(contact, _ADDRESSES[channel])
        address = self._personal_fields.text_lookup([sealed])(sealed) if sealed is not None else ""
        is_interrupted = letter.state == SENDING
        if address in ("", DELETED) and not is_interrupted:
            return None
        link = self._invitation_link(letters.unit_of(approved.to), state) if approved.kind == "invitation" else ""
        title, about = approved.title, {"template": "", "scene": 0, "page": ""}
        if channel == WECHAT:  # a card with a title of a few characters, whose text is the letter's title
            lang = contact.lang if contact is not None else "zh"
            topic = TOPIC_OF.get(approved.kind, "")
            title, words = letter_texts.topic_title(topic, lang), approved.title
            if consent is not None:
                page = f"{self._page}/unit" if self._page else ""
                about = {"template": consent.template, "scene": TOPICS[topic], "page": page}
        elif channel == SMS:  # a short message holds the title, and the link that nobody could do without
            words = link
        else:
            words = letter_texts.fill(approved.words, {"link": link}) if link else approved.words
        return {
            "letter": letter.name,
            "channel": channel,
            "attempt": attempt,
            "channels": usable,
            "address": address,
            "title": title,
            "words": words,
            **about,
        }

    def _invitation_link(self, unit: str, state: ModerationState) -> str:
        invited = state.invited.get(unit)
        if invited is None:
            return ""
        text = reference_number(self.log.keys.receipt, "cadre invitation", f"{unit} {invited.invitation}")
        return f"{self._page}/unit/join/{unit}/{text}"


def _may_touch(call: Call, contact: str) -> bool:
    if "unit" in call.roles:
        return contact == letters.unit_contact(call.actor)
    return "organiser" in call.roles or contact == f"{STAFF}.{call.actor}"


def _addresses(contact: MessageContactSet | None) -> tuple[Sealed | None, Sealed | None]:
    return (contact.email, contact.phone) if contact is not None else (None, None)


def _topics(contact: str, state: ModerationState) -> list[View]:
    """Return the topics to which a unit's cadres can agree in WeChat, and since when one is agreed to."""
    agreed = state.outbox.consents_of(contact)
    return [
        {"topic": topic, "scene": scene, "agreed_at": agreed[topic].at if topic in agreed else None}
        for topic, scene in TOPICS.items()
    ]


def _addressed(to: str, kind: str, state: ModerationState) -> list[str]:
    """Return the channels by which a letter of this kind can reach a contact."""
    contact, found = state.outbox.contacts.get(to), []
    for each in CHANNELS:
        if each == WECHAT:
            is_there = state.outbox.consent(to, kind) is not None
        else:
            is_there = contact is not None and getattr(contact, _ADDRESSES[each]) is not None
        if is_there:
            found.append(each)
    return found


def _usable(letter: Letter, state: ModerationState, channels: list[str]) -> list[str]:
    assert letter.approved is not None
    held = _addressed(letter.approved.to, letter.approved.kind, state)
    return [each for each in held if each in channels]


def _state_of(letter: Letter, state: ModerationState) -> str:
    """Return the state of a letter as people see it: one that waits for an address is unaddressed."""
    if letter.state == WAITING and letter.approved is not None:
        held = _addressed(letter.approved.to, letter.approved.kind, state)
        if decisions.next_channel(letter, tuple(held)) is None:
            return UNADDRESSED
    return letter.state


def _counts(state: ModerationState) -> dict[str, int]:
    counts = dict.fromkeys(schemas.STATES, 0)
    counts[PROPOSED] = len(letters.proposed(state)) if state.campaign is not None else 0
    for letter in state.outbox.letters.values():
        counts[_state_of(letter, state)] += 1
    settled = (SENT, WITHDRAWN, PROPOSED)
    return counts | {"open": sum(count for name, count in counts.items() if name not in settled)}


def _receiver(contact: str, kind: str, state: ModerationState) -> View:
    return {
        "to": contact,
        "unit": letters.unit_of(contact),
        "staff": contact.removeprefix(f"{STAFF}.") if not contact.startswith(f"{CONTACT}.") else "",
        "channels": _addressed(contact, kind, state),
    }


def _about(entry: str | None, state: ModerationState) -> View:
    if entry is None or entry not in state.handed:
        return {"number": "", "entry_title": "", "unit_name": ""}
    name, _ = state.unit_names(entry)
    latest = state.handed[entry].versions[-1]
    return {
        "number": state.dossier(entry).number or "", "entry_title": latest.title, "unit_name": name or latest.unit,
    }  # fmt: skip


def _proposal_view(proposal: Proposal, state: ModerationState, *, page: str) -> View:
    text = letters.rendered(proposal, state, page=page)
    return {
        **_receiver(proposal.to, proposal.kind, state),
        **_about(proposal.entry, state),
        "letter": proposal.name,
        "kind": proposal.kind,
        "state": PROPOSED,
        "title": text.title,
        "words": text.words,
        "digest": letters.letter_digest(text),
        "at": proposal.at,
        "by": "",
        "why": "",
        "attempts": [],
    }


def _letter_view(letter: Letter, state: ModerationState) -> View:
    approved = letter.approved
    return {
        **_receiver(*((approved.to, approved.kind) if approved is not None else ("", "")), state),
        **_about(approved.entry if approved is not None else None, state),
        "letter": letter.name,
        "kind": approved.kind if approved is not None else letter.name.partition(".")[0],
        "state": _state_of(letter, state),
        "title": approved.title if approved is not None else "",
        "words": approved.words if approved is not None else "",
        "digest": letters.letter_digest(approved) if approved is not None else "",
        "at": letter.at,
        "by": letter.by,
        "why": letter.why,
        "attempts": [_attempt_view(each) for each in letter.attempts],
    }


def _attempt_view(attempt: Any) -> View:
    ended = attempt.ended
    return {
        "channel": attempt.begun.channel,
        "attempt": attempt.begun.attempt,
        "at": attempt.begun.at if ended is None else ended.at,
        "state": SENDING if ended is None else ended.state,
        "code": "" if ended is None else ended.code,
        "again": None if ended is None else ended.again,
    }
