"""The events of voting. Other services read them, and use nothing else of voting.

The address of a like is the id of its LikeCast event, `<log>/<n>/<i>`, not an IP address.
"""

from dataclasses import dataclass

from shared.events import Sealed, event

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("like-cast")
@dataclass(frozen=True, slots=True)
class LikeCast:
    """A voter liked an entry."""

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
    """A voter took a like back: it does not count any more."""

    like: str  # the address of the LikeCast
    voter: str
    entry: str
    day: str
    at: int


@event("poll-closed")
@dataclass(frozen=True, slots=True)
class PollClosed:
    """A vote partition closed: the likes window and the order time limit have passed, so it accepts no more likes."""

    partition: int
    at: int


# On vote.cases. Each event names likes of one entry by their addresses.


@event("likes-held")
@dataclass(frozen=True, slots=True)
class LikesHeld:
    """Likes of an entry were held: they do not count until they are released."""

    case: str
    entry: str
    likes: tuple[str, ...]
    reason: str
    at: int


@event("likes-released")
@dataclass(frozen=True, slots=True)
class LikesReleased:
    """Held likes of an entry were released: they count again."""

    case: str
    entry: str
    likes: tuple[str, ...]
    by: str
    at: int


@event("void-decided")
@dataclass(frozen=True, slots=True)
class VoidDecided:
    """Two officers voided likes of an entry: they do not count, unless they are restored."""

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
    """Voided likes of an entry were restored: they count again."""

    case: str
    entry: str
    likes: tuple[str, ...]
    by: str
    at: int


# Also on vote.cases: which names belong to the same person. `links.py` decides on them.


@event("voter-linked")
@dataclass(frozen=True, slots=True)
class VoterLinked:
    """Another name of a voter became known: the person who likes as `voter` is `other` at another WeChat account.

    Both are pseudonyms.
    """

    voter: str  # the pseudonym that stays
    account: str  # the account that `other` is from: subscription, mini, open (a UnionID), service (an earlier openid)
    other: str
    person: Sealed | None  # the other name itself, sealed with the person's key; None if it is not stored
    at: int


@event("doubles-voided")
@dataclass(frozen=True, slots=True)
class DoublesVoided:
    """Doubles were voided: likes of an entry that a person had also given under an older pseudonym on the same day.

    The reason is identity, not suspicion, so no officers are named. `LikesRestored` undoes it as it does any void.
    """

    voter: str  # whose likes are void
    entry: str
    likes: tuple[str, ...]
    reason: str  # SAME_PERSON
    at: int


# Also on vote.cases: who may read the sealed signals of likes, for how long, and why. `signal_openings.py` decides.


@event("signals-opening-asked")
@dataclass(frozen=True, slots=True)
class SignalsOpeningAsked:
    """A member of staff asked that the sealed signals of likes may be read for some hours."""

    opening: str
    by: str
    reason: str
    hours: int
    at: int


@event("signals-opened")
@dataclass(frozen=True, slots=True)
class SignalsOpened:
    """A second person agreed: analysts may group likes by their sealed signals until an instant."""

    opening: str
    by: str
    until: int
    at: int


@event("signals-opening-refused")
@dataclass(frozen=True, slots=True)
class SignalsOpeningRefused:
    """A second person did not agree that the sealed signals of likes are read."""

    opening: str
    by: str
    at: int


SAME_PERSON = "same-person"
