"""The outbox: contacts, letters that organisers drafted, and what became of every letter that was approved.

Promises: a letter is in one state at a time; what a channel answered stays in its attempts, in order. An attempt that
has begun and not ended is never taken for one that was not made.
Makes no decisions, and knows no addresses: those are sealed (encrypted) in the contacts and consents.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from immutables import Map

from services.moderation.events import (
    ApprovedLetter,
    DeliveryBegun,
    DeliveryEnded,
    LettersApproved,
    LettersDrafted,
    LettersResumed,
    LettersWithdrawn,
    MessageContactSet,
    WeChatConsentGiven,
    WeChatConsentWithdrawn,
)

WAITING, SENDING, SENT, FAILED, UNSURE, WITHDRAWN = "waiting", "sending", "sent", "failed", "unsure", "withdrawn"
LATER, NEXT = "later", "next"  # of an attempt: the channel is tried again; it is given up and another follows
UNFINISHED = (WAITING, SENDING, FAILED, UNSURE)
#: The channels, in the order in which they are tried: one that fails gives way to the next.
WECHAT, EMAIL, SMS = "wechat", "email", "sms"
CHANNELS = (WECHAT, EMAIL, SMS)
#: The topics to which a person can agree in WeChat, with the number by which WeChat knows each at the account: WeChat
#: counts one consent for each number, so two topics never share one.
TOPICS = {"review": 7101, "result": 7102, "news": 7103}
NOT_AGREED = "43101"  # WeChat's code: the person has not agreed, or not any more
#: The topic of each kind of letter that may go out by WeChat.
TOPIC_OF = {
    **dict.fromkeys(("approved", "returned", "rejected", "disqualified", "corrected"), "review"),
    **dict.fromkeys(("shortlisted", "result"), "result"),
    **dict.fromkeys(("outage", "outage-revoked", "answered", "broadcast"), "news"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to pass a letter to a channel; `ended` is None while nobody knows what became of it."""

    begun: DeliveryBegun
    ended: DeliveryEnded | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that was approved, or withdrawn before; then `approved` is None."""

    name: str
    state: str
    approved: ApprovedLetter | None
    by: str
    at: int
    attempts: tuple[Attempt, ...] = ()
    why: str = ""  # of a withdrawn letter
    resumed: int = 0  # how many attempts there were when it was tried anew

    @property
    def given_up(self) -> frozenset[str]:
        """The channels that failed since the letter was last tried anew."""
        ended = [each.ended for each in self.attempts[self.resumed :] if each.ended is not None]
        return frozenset(each.channel for each in ended if each.state in (NEXT, FAILED))

    @property
    def last(self) -> Attempt | None:
        """The latest attempt since the letter was last tried anew, or None."""
        return self.attempts[-1] if len(self.attempts) > self.resumed else None


@dataclass(frozen=True, slots=True)
class Outbox:
    """Contacts, drafts and letters, by name. `unfinished` are the names of the letters that are not settled."""

    contacts: Map[str, MessageContactSet] = field(default_factory=Map)
    drafts: Map[str, LettersDrafted] = field(default_factory=Map)
    letters: Map[str, Letter] = field(default_factory=Map)
    unfinished: frozenset[str] = frozenset()
    consents: Map[tuple[str, str], WeChatConsentGiven] = field(default_factory=Map)  # by contact and topic; unused ones

    def consent(self, to: str, kind: str) -> WeChatConsentGiven | None:
        """Return the consent under which a letter of this kind may go to a contact by WeChat, or None."""
        return self.consents.get((to, TOPIC_OF.get(kind, "")))

    def has_address(self, contact: str) -> bool:
        """Return whether a contact has an e-mail address or a phone number."""
        found = self.contacts.get(contact)
        return found is not None and (found.email, found.phone) != (None, None)

    def consents_of(self, contact: str) -> dict[str, WeChatConsentGiven]:
        """Return the unused consents of a contact, by topic."""
        found = ((topic, self.consents.get((contact, topic))) for topic in TOPICS)
        return {topic: each for topic, each in found if each is not None}


def evolve(outbox: Outbox, fact: Any) -> Outbox:
    """Return the outbox after an event. Other events change nothing."""
    match fact:
        case MessageContactSet():
            return replace(outbox, contacts=outbox.contacts.set(fact.contact, fact))
        case WeChatConsentGiven():
            return replace(outbox, consents=outbox.consents.set((fact.contact, fact.topic), fact))
        case WeChatConsentWithdrawn():
            return _without_consent(outbox, fact.contact, fact.topic)
        case LettersDrafted():
            return replace(outbox, drafts=outbox.drafts.set(fact.batch, fact))
        case LettersApproved():
            for each in fact.letters:
                outbox = _with(outbox, Letter(each.letter, WAITING, each, fact.by, fact.at))
            return outbox
        case LettersWithdrawn():
            for name in fact.letters:
                before = outbox.letters.get(name, Letter(name, WITHDRAWN, None, fact.by, fact.at))
                outbox = _with(outbox, replace(before, state=WITHDRAWN, why=fact.why, by=fact.by, at=fact.at))
            return outbox
        case LettersResumed():
            for name in fact.letters:
                before = outbox.letters[name]
                outbox = _with(outbox, replace(before, state=WAITING, resumed=len(before.attempts)))
            return outbox
        case DeliveryBegun():
            before = outbox.letters[fact.letter]
            return _with(outbox, replace(before, state=SENDING, attempts=(*before.attempts, Attempt(fact))))
        case DeliveryEnded():
            return _with(_with_used_consent(outbox, fact), _ended(outbox.letters[fact.letter], fact))
        case _:
            return outbox


def without_contact(outbox: Outbox, contact: str) -> Outbox:
    """Return the outbox without the addresses and consents of a contact who is forgotten."""
    for topic in outbox.consents_of(contact):
        outbox = _without_consent(outbox, contact, topic)
    return replace(outbox, contacts=outbox.contacts.delete(contact)) if contact in outbox.contacts else outbox


def _with_used_consent(outbox: Outbox, fact: DeliveryEnded) -> Outbox:
    """Return the outbox after an attempt. WeChat counts one message for each consent, and counts it once it takes the
    message: what was delivered, or may have been, uses the consent up, and what failed does not. Where WeChat says that
    the person does not agree (any more), there is no consent either.
    """
    approved = outbox.letters[fact.letter].approved
    is_spent = fact.state in (SENT, UNSURE) or fact.code == NOT_AGREED
    if fact.channel != WECHAT or not is_spent or approved is None:
        return outbox
    return _without_consent(outbox, approved.to, TOPIC_OF.get(approved.kind, ""))


def _without_consent(outbox: Outbox, contact: str, topic: str) -> Outbox:
    key = (contact, topic)
    return replace(outbox, consents=outbox.consents.delete(key)) if key in outbox.consents else outbox


def _ended(letter: Letter, fact: DeliveryEnded) -> Letter:
    last = replace(letter.attempts[-1], ended=fact)
    state = {LATER: WAITING, NEXT: WAITING}.get(fact.state, fact.state)
    return replace(letter, state=state, attempts=(*letter.attempts[:-1], last))


def _with(outbox: Outbox, letter: Letter) -> Outbox:
    unfinished = outbox.unfinished - {letter.name}
    if letter.state in UNFINISHED:
        unfinished |= {letter.name}
    return replace(outbox, letters=outbox.letters.set(letter.name, letter), unfinished=unfinished)
