"""Decide which names belong to the same person, and void likes that a person gave twice: the decider of `vote.cases`,
which also holds who may read the signals of likes (`signal_openings.py`).

A person is one voter, under the pseudonym of the service account's openid. Other names of the same person (the openid
at the subscription account or the mini-program, a UnionID) become known later, each as a link to the voter that stays.
Promises: another name leads to one voter for ever (the first link holds); links never form a circle; of likes that a
person gave twice for an entry and a day, the like of the older pseudonym counts; a like that was voided once is not
voided again, so a restoration on appeal is final.
Does not check that a link is true. The caller has seen the proof (`gateway/voters`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, assert_never

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.voting import signal_openings
from services.voting.events import (
    SAME_PERSON,
    DoublesVoided,
    LikesRestored,
    SignalsOpened,
    SignalsOpeningAsked,
    SignalsOpeningRefused,
    VoidDecided,
    VoterLinked,
)
from services.voting.signal_openings import AskToOpenSignals, DecideOpening, Opening
from shared.decider import Refused
from shared.events import MAX_EVENTS, Sealed

ACCOUNTS = ("subscription", "mini", "open", "service")
REFUSALS = frozenset({"link-taken", "link-to-self"}) | signal_openings.REFUSALS


@dataclass(frozen=True, slots=True)
class LinkVoter:
    """Command: link another name of the same person to a voter. Names are pseudonyms.

    `person` is the other name in clear, sealed (encrypted), or None if it is not stored.
    """

    voter: str
    account: str
    other: str
    person: Sealed | None
    at: int


@dataclass(frozen=True, slots=True)
class StandingLike:
    """A like that counts now (a standing like), as its partition's log recorded it."""

    voter: str
    entry: str
    day: str
    at: int
    like: str  # the address of the LikeCast


@dataclass(frozen=True, slots=True)
class VoidDoubles:
    """Command: void doubles, likes that a person gave twice under two names. `found` is what `doubles` returned."""

    found: tuple[StandingLike, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Persons:
    """The state of `vote.cases`: known names of persons, and the campaign's rules and clock."""

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's campaign time; None in a live campaign
    links: Map[str, str] = field(default_factory=Map)  # another name -> the voter that it was linked to
    voided: Map[str, bool] = field(default_factory=Map)  # the address of every double that this log ever voided
    void: Map[str, str] = field(default_factory=Map)  # address of a like that is void now -> why
    excluded: Map[str, str] = field(default_factory=Map)  # likewise, by a change set, which nothing undoes
    openings: Map[str, Opening] = field(default_factory=Map)  # who asked to read the signals of likes, by name

    def voter_of(self, name: str) -> str:
        """Return the voter that a name is linked to, through any number of links, or the name itself without a link."""
        while name in self.links:
            name = self.links[name]
        return name

    def why_void(self, address: str) -> str | None:
        """Return why the like at this address does not count: SAME_PERSON or an officer's words; None if it does."""
        return self.excluded.get(address) or self.void.get(address)

    def people(self) -> list[frozenset[str]]:
        """Return the persons who have more than one name, each as the set of their names."""
        named: dict[str, set[str]] = {}
        for other in self.links:
            voter = self.voter_of(other)
            named.setdefault(voter, {voter}).add(other)
        return [frozenset(names) for _, names in sorted(named.items())]


Command = LinkVoter | VoidDoubles | AskToOpenSignals | DecideOpening


class PersonDecider:
    """Decides links and doubles, and folds the logs `vote.cases` and moderation (a Decider)."""

    def initial(self) -> Persons:
        return Persons()

    def evolve(self, persons: Persons, fact: Any, address: str) -> Persons:  # noqa: ARG002 -- a decider's signature
        match fact:
            case VoterLinked():
                return replace(persons, links=persons.links.set(fact.other, fact.voter))
            case DoublesVoided():
                voided = persons.voided.update(dict.fromkeys(fact.likes, True))
                return replace(persons, voided=voided, void=_with_reason(persons.void, fact.likes, fact.reason))
            case VoidDecided():
                return replace(persons, void=_with_reason(persons.void, fact.likes, fact.reason))
            case LikesRestored():
                return replace(persons, void=_without(persons.void, fact.likes))
            case desk.LikesExcluded():
                return replace(persons, excluded=_with_reason(persons.excluded, fact.likes, fact.reason))
            case SignalsOpeningAsked() | SignalsOpened() | SignalsOpeningRefused():
                opening = signal_openings.after(persons.openings.get(fact.opening), fact)
                return replace(persons, openings=persons.openings.set(fact.opening, opening))
            case desk.CampaignOpened():
                opened = rules.from_data(fact.campaign)
                return replace(persons, campaign=opened, clock=fact.now if fact.rehearsal else None)
            case desk.RulesReplaced():
                return replace(persons, campaign=rules.from_data(fact.campaign))
            case desk.ClockMoved():
                return replace(persons, clock=fact.now)
            case _:
                return persons

    def decide(self, order: Command, persons: Persons) -> list[object] | Refused:
        match order:
            case LinkVoter():
                return _link(order, persons)
            case VoidDoubles():
                return _void(order, persons)
            case AskToOpenSignals():
                return signal_openings.propose(order, persons.openings)
            case DecideOpening():
                return signal_openings.decide(order, persons.openings)
            case _:
                assert_never(order)


def _with_reason(void: Map[str, str], likes: Iterable[str], reason: str) -> Map[str, str]:
    return void.update(dict.fromkeys(likes, reason))


def _without(void: Map[str, str], likes: Iterable[str]) -> Map[str, str]:
    """Return the void likes without these, in time that grows with these alone."""
    with void.mutate() as left:
        for each in likes:
            left.pop(each, None)
        return left.finish()


def _link(order: LinkVoter, persons: Persons) -> list[object] | Refused:
    voter = persons.voter_of(order.voter)
    if order.voter == order.other:
        return Refused("link-to-self")
    if persons.voter_of(order.other) == voter:
        return []  # linked already, perhaps through other names
    if order.other in persons.links:
        return Refused("link-taken", field="other")
    return [VoterLinked(voter, order.account, order.other, order.person, order.at)]


def _void(order: VoidDoubles, persons: Persons) -> list[object]:
    fresh = sorted(
        (each for each in order.found if each.like not in persons.voided), key=lambda each: (each.voter, each.entry)
    )
    events: list[object] = [
        DoublesVoided(voter, entry, tuple(sorted(each.like for each in likes)), SAME_PERSON, order.at)
        for (voter, entry), likes in groupby(fresh, key=lambda each: (each.voter, each.entry))
    ]
    return events[:MAX_EVENTS]  # the next round finds the rest again


def doubles(likes: Mapping[str, Sequence[StandingLike]], begun: Mapping[str, tuple[int, str]]) -> list[StandingLike]:
    """Return the doubles among the likes of one person, who has several pseudonyms: of the likes for one entry and day,
    all but the like of the oldest pseudonym.

    `likes` is by pseudonym; `begun` has, for each pseudonym, the time and the address of its first like ever.
    """
    kept: set[tuple[str, str]] = set()
    found = []
    for voter in sorted(likes, key=lambda each: begun[each]):
        for like in likes[voter]:
            if (like.entry, like.day) in kept:
                found.append(like)
        kept |= _days(likes[voter])
    return found


def _days(likes: Iterable[StandingLike]) -> set[tuple[str, str]]:
    return {(each.entry, each.day) for each in likes}
