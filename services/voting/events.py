"""What voting says happened. Other services read these; nothing else of voting is theirs."""

from dataclasses import dataclass

from shared.events import Sealed, event

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("like-cast")
@dataclass(frozen=True, slots=True)
class LikeCast:
    voter: str
    entry: str
    day: str  # campaign day, YYYY-MM-DD, in the campaign's zone
    at: int  # acceptance, ms since the epoch
    door: str
    held: str | None  # why admission holds it: it does not count until released
    signals: Sealed


@event("like-retracted")
@dataclass(frozen=True, slots=True)
class LikeRetracted:
    like: str  # the address of the LikeCast
    voter: str
    entry: str
    day: str
    at: int


@event("poll-closed")
@dataclass(frozen=True, slots=True)
class PollClosed:
    """No like of this partition is accepted any more: the likes window and the order time limit have passed."""

    partition: int
    at: int


# On vote.cases. Each names explicit likes of one entry by their addresses.


@event("likes-held")
@dataclass(frozen=True, slots=True)
class LikesHeld:
    case: str
    entry: str
    likes: tuple[str, ...]
    reason: str
    at: int


@event("likes-released")
@dataclass(frozen=True, slots=True)
class LikesReleased:
    case: str
    entry: str
    likes: tuple[str, ...]
    by: str
    at: int


@event("void-decided")
@dataclass(frozen=True, slots=True)
class VoidDecided:
    case: str
    entry: str
    likes: tuple[str, ...]
    officers: tuple[str, ...]  # two
    reason: str
    evidence: str  # SHA-256 of the evidence
    at: int


@event("likes-restored")
@dataclass(frozen=True, slots=True)
class LikesRestored:
    case: str
    entry: str
    likes: tuple[str, ...]
    by: str
    at: int


# On vote.cases too: who is the same person. Decided by `links.py`.


@event("voter-linked")
@dataclass(frozen=True, slots=True)
class VoterLinked:
    """The person who likes as `voter` is known at another account as `other`, a pseudonym too."""

    voter: str  # the one that stays
    account: str  # whose name `other` is: subscription, mini, open (a UnionID), service (an openid from before)
    other: str
    person: Sealed | None  # the other name itself, under the person's key; None where it is not kept
    at: int


@event("doubles-voided")
@dataclass(frozen=True, slots=True)
class DoublesVoided:
    """Likes that a person gave twice, an entry and day, under two pseudonyms: the younger one's are void.

    By identity, not by suspicion: so it names no officers. `LikesRestored` undoes it like any other void.
    """

    voter: str  # whose likes are void
    entry: str
    likes: tuple[str, ...]
    reason: str  # SAME_PERSON
    at: int


SAME_PERSON = "same-person"
