"""The events of voting. They are its whole published language: other services use nothing else of voting."""

from dataclasses import dataclass

from shared.events import Sealed, event

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("like-cast")
@dataclass(frozen=True, slots=True)
class LikeCast:
    """A voter likes an entry."""

    voter: str
    entry: str
    day: str  # campaign day, YYYY-MM-DD, in the campaign's zone
    at: int  # acceptance, ms since the epoch
    door: str
    held: str | None  # why admission holds it, so that it does not count until released; None if it counts
    signals: Sealed


@event("like-retracted")
@dataclass(frozen=True, slots=True)
class LikeRetracted:
    """A voter takes a like back."""

    like: str  # the address of the LikeCast
    voter: str
    entry: str
    day: str
    at: int


@event("poll-closed")
@dataclass(frozen=True, slots=True)
class PollClosed:
    """This partition accepts no more likes: the likes window and the order time limit have passed."""

    partition: int
    at: int


# On vote.cases. Each event names likes of one entry by their addresses.


@event("likes-held")
@dataclass(frozen=True, slots=True)
class LikesHeld:
    """Likes that do not count until they are released."""

    case: str
    entry: str
    likes: tuple[str, ...]
    reason: str
    at: int


@event("likes-released")
@dataclass(frozen=True, slots=True)
class LikesReleased:
    """Held likes that count again."""

    case: str
    entry: str
    likes: tuple[str, ...]
    by: str
    at: int


@event("void-decided")
@dataclass(frozen=True, slots=True)
class VoidDecided:
    """Two officers voided likes."""

    case: str
    entry: str
    likes: tuple[str, ...]
    officers: tuple[str, ...]  # two officers
    reason: str
    evidence: str  # SHA-256 of the evidence
    at: int


@event("likes-restored")
@dataclass(frozen=True, slots=True)
class LikesRestored:
    """Voided likes that count again."""

    case: str
    entry: str
    likes: tuple[str, ...]
    by: str
    at: int


# Also on vote.cases: which names belong to the same person. `links.py` decides on them.


@event("voter-linked")
@dataclass(frozen=True, slots=True)
class VoterLinked:
    """The person who likes as `voter` is known at another account as `other`, which is a pseudonym too."""

    voter: str  # the pseudonym that stays
    account: str  # the account that `other` is from: subscription, mini, open (a UnionID), service (an earlier openid)
    other: str
    person: Sealed | None  # the other name itself, sealed with the person's key; None if it is not stored
    at: int


@event("doubles-voided")
@dataclass(frozen=True, slots=True)
class DoublesVoided:
    """Likes that a person gave twice for an entry and a day, under two pseudonyms: those of the younger pseudonym are
    void.

    The reason is identity, not suspicion, so no officers are named. `LikesRestored` undoes it like any other void.
    """

    voter: str  # whose likes are void
    entry: str
    likes: tuple[str, ...]
    reason: str  # SAME_PERSON
    at: int


SAME_PERSON = "same-person"
