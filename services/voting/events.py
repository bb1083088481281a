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
