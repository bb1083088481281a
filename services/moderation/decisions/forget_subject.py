"""Decide when a person is forgotten (the person's key in the vault is destroyed), and when the network key goes.

Promises: a person who still has a role is not forgotten, so a name never vanishes from decisions in progress, and the
last organiser stays; the network key, which encrypts the network signals of likes, is kept for `NETWORK_KEPT_MS` (90
days) after the latest publication of a result, and no longer.
Does not promise: that deciding destroys a key. `deploy/clock/key_destruction.py` follows the log and does that.
"""

from dataclasses import dataclass

from services.moderation.events import NETWORK_KEY, SubjectForgotten
from services.moderation.state import (
    CADRE,
    COMPLAINT,
    CONTACT,
    OBJECTION,
    QUESTION,
    STAFF,
    VOTER,
    ModerationState,
)
from shared.decider import Decision, Refused

DAY_MS = 86_400_000
NETWORK_KEPT_MS = 90 * DAY_MS
UNSUBSCRIBED, TERM_OVER = "unsubscribed", "term-over"
REASONS = ("asked", "mistake", UNSUBSCRIBED)
REFUSALS = frozenset({"campaign-not-open", "subject-unknown", "subject-in-office", "network-key-kept"})


@dataclass(frozen=True, slots=True)
class ForgetSubject:
    """Command: forget a subject, a person or a complaint whose data are encrypted with a key of their own.

    `held` says whether the vault had a key of the subject when the RPC service looked.
    """

    subject: str
    reason: str
    held: bool
    at: int


@dataclass(frozen=True, slots=True)
class EndNetworkKey:
    """Command: destroy the network key if its time is over. The campaign's clock process sends it every few seconds."""

    at: int


def forget(command: ForgetSubject, state: ModerationState) -> Decision:
    """Decide on forgetting a subject. Refuse for unknown staff, complaints and objections, and for staff who still have
    a role.

    Nothing changes if the subject is forgotten already and has no new key.
    """
    if state.campaign is None:
        return Refused("campaign-not-open")
    kind, _, name = command.subject.partition(".")
    if (kind == STAFF and name not in state.staff) or (kind == COMPLAINT and name not in state.complaints):
        return Refused("subject-unknown", "subject")
    if kind == QUESTION and name not in state.question_desk.questions:
        return Refused("subject-unknown", "subject")
    if kind == CONTACT and not command.held and command.subject not in state.outbox.contacts:
        return [] if command.subject in state.forgotten else Refused("subject-unknown", "subject")
    if kind == STAFF and state.staff[name].roles:
        return Refused("subject-in-office", "subject", {"roles": list(state.staff[name].roles)})
    if not command.held and command.subject in state.forgotten:
        return []
    # Moderation has no list of objections, cadres or voters. The vault has a key of each objection and cadre until they
    # are forgotten; of a voter it has none if nothing about the voter is stored.
    if not command.held and kind in (OBJECTION, CADRE):
        return Refused("subject-unknown", "subject")
    if not command.held and kind == VOTER:
        return []
    return [SubjectForgotten(command.subject, command.reason, command.at)]


def end_network_key(command: EndNetworkKey, state: ModerationState) -> Decision:
    """Decide on destroying the network key. Refuse until `NETWORK_KEPT_MS` after the latest publication of a result."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if NETWORK_KEY in state.forgotten:
        return []
    until = None if state.published_at is None else state.published_at + NETWORK_KEPT_MS
    if until is None or command.at < until:
        return Refused("network-key-kept", detail={"until": until})
    return [SubjectForgotten(NETWORK_KEY, TERM_OVER, command.at)]
