"""Decide what becomes of letters: contacts, drafts, approval, withdrawal, and each attempt to deliver one.

Promises: a letter goes out only after an organiser approved exactly the text that goes out; an empty selection is
refused; a letter that the state no longer calls for is not begun; one attempt of a letter runs at a time, and a new one
begins only where the one before has ended or was found interrupted. An attempt that may have succeeded is repeated only
on a channel whose repetition does no harm; elsewhere the letter is `unsure`, and an organiser decides.
Does not promise: that a receiver gets an e-mail only once. A sender that dies between the server's acceptance and our
event repeats it with the same Message-ID.
"""

from dataclasses import dataclass

from services.moderation.events import (
    ApprovedLetter,
    DeliveryBegun,
    DeliveryEnded,
    LettersApproved,
    LettersDrafted,
    LettersResumed,
    LettersWithdrawn,
    MessageContactSet,
    SubjectForgotten,
    WeChatConsentGiven,
    WeChatConsentWithdrawn,
)
from services.moderation.letters import (
    DRAFTED,
    DROPPED,
    REVERSED,
    called_for,
    contact_exists,
    proposed,
    reversed_letters,
)
from services.moderation.outbox import (
    CHANNELS,
    FAILED,
    LATER,
    NEXT,
    SENDING,
    SENT,
    TOPICS,
    UNSURE,
    WAITING,
    WECHAT,
    WITHDRAWN,
    Letter,
)
from services.moderation.state import CONTACT, ModerationState
from shared.decider import Decision, Refused
from shared.events import Sealed
from shared.names import is_visible

MINUTE_MS = 60_000
#: How long a channel is left alone after its first, second … failure that may pass. After the last it is given up.
PAUSES_MS = tuple(minutes * MINUTE_MS for minutes in (1, 5, 30, 120, 360))
MOST_AT_ONCE = 500
CLOCK = "clock"
REFUSALS = frozenset(
    {
        "campaign-not-open",
        "contact-unknown",
        "words-missing",
        "letters-empty",
        "letters-too-many",
        "letter-unknown",
        "letter-changed",
        "letter-sent",
        "letter-not-due",
        "topic-unknown",
    }
)


@dataclass(frozen=True, slots=True)
class SetMessageContact:
    """Command: send letters to a contact to these addresses; without one, none can be delivered."""

    contact: str
    email: Sealed | None
    phone: Sealed | None
    lang: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class GiveWeChatConsent:
    """Command: a cadre agreed, on WeChat's own page, to one message about a topic."""

    contact: str
    topic: str
    template: str
    openid: Sealed
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class WithdrawWeChatConsent:
    """Command: send no message about a topic to this contact by WeChat."""

    contact: str
    topic: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DraftLetters:
    """Command: propose a letter with this text to each of these contacts."""

    batch: str
    kind: str  # broadcast | reminder
    to: tuple[str, ...]
    title: str
    words: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class ApproveLetters:
    """Command: let these letters go out. `changed` names those whose text is not the one that the organiser read."""

    letters: tuple[ApprovedLetter, ...]
    changed: tuple[str, ...]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class WithdrawLetters:
    """Command: do not send these letters, proposed or approved."""

    letters: tuple[str, ...]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class WithdrawReversed:
    """Command: withdraw the letters that have not gone out and no longer hold. The sender gives it before it sends."""

    at: int


@dataclass(frozen=True, slots=True)
class ResumeLetters:
    """Command: try letters again that failed, or of which nobody knows whether they went out."""

    letters: tuple[str, ...]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class BeginDelivery:
    """Command: the sender is about to pass a letter to a channel. `wall` is the wall time in ms."""

    letter: str
    channel: str
    attempt: int
    channels: tuple[str, ...]  # that work and for which the contact has an address
    wall: int
    at: int


@dataclass(frozen=True, slots=True)
class EndDelivery:
    """Command: a channel answered an attempt: sent, later, failed or unsure."""

    letter: str
    attempt: int
    state: str
    code: str
    channels: tuple[str, ...]
    wall: int
    at: int


Command = (
    SetMessageContact
    | GiveWeChatConsent
    | WithdrawWeChatConsent
    | DraftLetters
    | ApproveLetters
    | WithdrawLetters
    | WithdrawReversed
    | ResumeLetters
    | BeginDelivery
    | EndDelivery
)


def decide(command: Command, state: ModerationState) -> Decision:
    """Decide a command about letters."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    match command:
        case SetMessageContact():
            return _set_contact(command, state)
        case GiveWeChatConsent():
            if command.topic not in TOPICS:
                return Refused("topic-unknown", "topic")
            return [
                WeChatConsentGiven(
                    command.contact, command.topic, command.template, command.openid, command.by, command.at
                )
            ]
        case WithdrawWeChatConsent():
            held = state.outbox.consents_of(command.contact)
            if command.topic not in held:
                return [] if command.topic in TOPICS else Refused("topic-unknown", "topic")
            withdrawn = WeChatConsentWithdrawn(command.contact, command.topic, command.by, command.at)
            is_last = len(held) == 1 and not state.outbox.has_address(command.contact)
            return [withdrawn, *([SubjectForgotten(command.contact, "asked", command.at)] if is_last else [])]
        case DraftLetters():
            return _draft(command, state)
        case ApproveLetters():
            return _approve(command, state)
        case WithdrawLetters():
            return _withdraw(command, state)
        case WithdrawReversed():
            found = tuple(reversed_letters(state))
            return [LettersWithdrawn(found, REVERSED, CLOCK, command.at)] if found else []
        case ResumeLetters():
            return _resume(command, state)
        case BeginDelivery():
            return _begin(command, state)
        case EndDelivery():
            return _end(command, state)


def next_channel(letter: Letter, channels: tuple[str, ...]) -> str | None:
    """Return the channel on which a letter is tried next, of those that work for its contact; None if there is none."""
    return next((each for each in CHANNELS if each in channels and each not in letter.given_up), None)


def is_due(letter: Letter, wall: int) -> bool:
    """Return whether a letter waits for no pause any more."""
    last = letter.last
    ended = last.ended if last is not None else None
    return letter.state == WAITING and (ended is None or ended.again is None or ended.again <= wall)


def _set_contact(command: SetMessageContact, state: ModerationState) -> Decision:
    if not contact_exists(command.contact, state):
        return Refused("contact-unknown", "contact")
    before = state.outbox.contacts.get(command.contact)
    if command.email is None and command.phone is None:
        if before is None:
            return []
        kind, _, _ = command.contact.partition(".")
        # With the last address goes the key, unless consents are left, whose names at WeChat are sealed with it: those
        # are taken back by themselves, and the key goes with the last of them.
        if kind == CONTACT and not state.outbox.consents_of(command.contact):
            return [SubjectForgotten(command.contact, "asked", command.at)]
    if before is not None and (before.email, before.phone, before.lang) == (
        command.email, command.phone, command.lang,
    ):  # fmt: skip
        return []
    return [MessageContactSet(command.contact, command.email, command.phone, command.lang, command.by, command.at)]


def _draft(command: DraftLetters, state: ModerationState) -> Decision:
    if command.batch in state.outbox.drafts:
        return []
    if not command.to:
        return Refused("letters-empty", "to")
    if len(command.to) > MOST_AT_ONCE * 10:
        return Refused("letters-too-many", "to", {"most": MOST_AT_ONCE * 10})
    unknown = next((each for each in command.to if not contact_exists(each, state)), None)
    if unknown is not None or command.kind not in DRAFTED:
        return Refused("contact-unknown", "to")
    for field, text in (("title", command.title), ("words", command.words)):
        if not is_visible(text):
            return Refused("words-missing", field)
    to = tuple(dict.fromkeys(command.to))
    return [LettersDrafted(command.batch, command.kind, to, command.title, command.words, command.by, command.at)]


def _approve(command: ApproveLetters, state: ModerationState) -> Decision:
    if not command.letters and not command.changed:
        return Refused("letters-empty", "letters")
    if len(command.letters) > MOST_AT_ONCE:
        return Refused("letters-too-many", "letters", {"most": MOST_AT_ONCE})
    waiting = {each.name for each in proposed(state)}
    changed = sorted({*command.changed, *(each.letter for each in command.letters if each.letter not in waiting)})
    known = state.outbox.letters
    if all(name in known and known[name].state != WITHDRAWN for name in changed) and not command.letters:
        return []
    if changed:
        return Refused("letter-changed", "letters", {"letters": changed[:20]})
    return [LettersApproved(command.letters, command.by, command.at)]


def _withdraw(command: WithdrawLetters, state: ModerationState) -> Decision:
    if not command.letters:
        return Refused("letters-empty", "letters")
    holds, outbox = called_for(state), state.outbox
    found = []
    for name in dict.fromkeys(command.letters):
        letter = outbox.letters.get(name)
        if letter is None and name not in holds:
            return Refused("letter-unknown", "letters")
        if letter is not None and letter.state in (SENT, SENDING):
            return Refused("letter-sent", "letters", {"letter": name})
        if letter is None or letter.state != WITHDRAWN or letter.why != DROPPED:
            found.append(name)
    return [LettersWithdrawn(tuple(found), DROPPED, command.by, command.at)] if found else []


def _resume(command: ResumeLetters, state: ModerationState) -> Decision:
    if not command.letters:
        return Refused("letters-empty", "letters")
    found = []
    for name in dict.fromkeys(command.letters):
        letter = state.outbox.letters.get(name)
        if letter is None:
            return Refused("letter-unknown", "letters")
        if letter.state in (FAILED, UNSURE):
            found.append(name)
    return [LettersResumed(tuple(found), command.by, command.at)] if found else []


def _begin(command: BeginDelivery, state: ModerationState) -> Decision:
    letter = state.outbox.letters.get(command.letter)
    if letter is None:
        return Refused("letter-unknown", "letter")
    if letter.name not in called_for(state):
        return Refused("letter-changed", "letter")
    expected = next_channel(letter, command.channels)
    if not is_due(letter, command.wall) or command.attempt != len(letter.attempts) + 1 or expected != command.channel:
        return Refused("letter-not-due", "letter")
    approved = letter.approved
    # Another letter may have used the consent up since this one was found to be due.
    if expected == WECHAT and (approved is None or state.outbox.consent(approved.to, approved.kind) is None):
        return Refused("letter-not-due", "letter")
    return [DeliveryBegun(command.letter, command.channel, command.attempt, command.at)]


def _end(command: EndDelivery, state: ModerationState) -> Decision:
    letter = state.outbox.letters.get(command.letter)
    if letter is None:
        return Refused("letter-unknown", "letter")
    last = letter.last
    if last is None or last.ended is not None or last.begun.attempt != command.attempt:
        return []  # it was noted before
    channel, outcome, again = last.begun.channel, command.state, None
    if outcome == LATER:
        tries = sum(each.begun.channel == channel for each in letter.attempts[letter.resumed :])
        if tries > len(PAUSES_MS):
            outcome = FAILED
        else:
            again = command.wall + PAUSES_MS[tries - 1]
    if outcome == FAILED:
        others = [each for each in command.channels if each != channel and each not in letter.given_up]
        outcome = NEXT if others else FAILED
    return [DeliveryEnded(command.letter, channel, command.attempt, outcome, command.code, again, command.at)]
