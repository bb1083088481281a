"""The state of one vote partition: what decisions on likes depend on.

It holds the likes of the partition's voters, today's and yesterday's, which likes were taken back, moderation's facts
(windows, clock, shortlist, freezes), and which entries their units withdrew. States are values: `with_change` and
`with_fact` return new values.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.submission.events import EntryWithdrawn
from shared.values import unguarded


@unguarded
@dataclass(frozen=True, slots=True)
class Change:
    """The latest like or unlike of one entry by one voter on one day. `at` is campaign time in ms.

    `like` is the address (the id of the event) of the like, or None after an unlike. `held` says that admission held
    the like.
    """

    entry: str
    at: int
    like: str | None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The facts about an entry that decide whether it takes likes. `listed` means that it is on the shortlist, `out`
    that it is disqualified. An entry may be frozen, out or withdrawn before it is listed.
    """

    type: str = ""
    listed: bool = False
    frozen: bool = False
    out: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """The facts from other services: the rules with their windows, a rehearsal's clock, and the entries by id."""

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's campaign time; None in a live campaign
    entries: Map[str, Listing] = field(default_factory=Map)


@unguarded
@dataclass(frozen=True, slots=True)
class Day:
    """The latest likes and unlikes of one campaign day (YYYY-MM-DD), by voter: one change for each entry."""

    day: str
    changes: Map[str, tuple[Change, ...]] = field(default_factory=Map)


@unguarded
@dataclass(frozen=True, slots=True)
class VotingState:
    """The folded state that one vote partition decides on. `days` is newest first; `closed` ends all likes.

    `retracted` has the addresses of all likes that were taken back, also of days that are no longer kept; they are few.

    A live campaign keeps the newest day and the day before it. A rehearsal keeps all days, because its callers choose
    the instants, in any order.
    """

    partition: int = 0
    desk: Desk = Desk()
    days: tuple[Day, ...] = ()
    closed: bool = False
    retracted: Map[str, bool] = field(default_factory=Map)

    @property
    def campaign(self) -> rules.Campaign | None:
        return self.desk.campaign

    @property
    def clock(self) -> int | None:
        return self.desk.clock

    def changes(self, voter: str, day: str) -> tuple[Change, ...]:
        """Return a voter's latest change (like or unlike) of each entry on a day (YYYY-MM-DD)."""
        for each in self.days:
            if each.day == day:
                found: tuple[Change, ...] = each.changes.get(voter, ())
                return found
        return ()

    def last_change(self, voter: str, entry: str, day: str) -> Change | None:
        """Return a voter's latest change (like or unlike) of an entry on a day, or None."""
        return change_of(self.changes(voter, day), entry)

    def has_dropped(self, day: str) -> bool:
        """Return whether the changes of a day are no longer kept, so that no order of that day can be decided."""
        return self.desk.clock is None and bool(self.days) and day < _day_before(self.days[0].day)

    def standing_likes(self, voter: str, day: str) -> list[Change]:
        """Return a voter's likes of a day that were not taken back; a like that admission holds is among them."""
        return standing_likes(self.changes(voter, day))

    def remaining(self, voter: str, at: int) -> int:
        """Return how many more likes a voter may give on the campaign day of the instant `at` (ms since the epoch).

        Outside the likes window it is 0.
        """
        campaign = self.desk.campaign
        if campaign is None or self.closed or not campaign.windows.likes.contains(at):
            return 0
        return max(0, campaign.likes.per_day - len(self.standing_likes(voter, campaign.day_of(at))))


def change_of(changes: tuple[Change, ...], entry: str) -> Change | None:
    """Return the change (like or unlike) of an entry among a voter's changes of one day, or None."""
    for change in changes:
        if change.entry == entry:
            return change
    return None


def standing_likes(changes: tuple[Change, ...]) -> list[Change]:
    """Return which of a voter's changes of one day are likes, not unlikes."""
    return [each for each in changes if each.like is not None]


def with_change(state: VotingState, voter: str, day: str, change: Change) -> VotingState:
    """Return the state with a voter's change of an entry on a day, in place of the earlier change of that entry.

    In a live campaign, the first change of a new day drops all days but that day and the day before it.
    """
    days = state.days
    if not days or days[0].day != day:
        days = _with_day(state, day)
    for i, each in enumerate(days):
        if each.day == day:
            before = each.changes.get(voter)
            kept = (*(other for other in before if other.entry != change.entry), change) if before else (change,)
            days = (*days[:i], Day(day, each.changes.set(voter, kept)), *days[i + 1 :])
            break
    # Not `replace`, which looks the fields up each time: this runs for every like.
    return VotingState(state.partition, state.desk, days, state.closed, state.retracted)


def _with_day(state: VotingState, day: str) -> tuple[Day, ...]:
    """Return the days including this one, unless it is one that is no longer kept."""
    if state.has_dropped(day) or any(each.day == day for each in state.days):
        return state.days
    days = sorted((*state.days, Day(day)), key=lambda each: each.day, reverse=True)
    if state.desk.clock is not None:
        return tuple(days)
    yesterday = _day_before(days[0].day)
    return tuple(each for each in days if each.day >= yesterday)


@lru_cache(maxsize=1024)
def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def with_fact(known: Desk, fact: Any) -> Desk:
    """Return the facts from other services after an event of moderation or a withdrawal of an entry.

    Any other event returns the same object.
    """
    match fact:
        case desk.CampaignOpened():
            opened = rules.from_data(fact.campaign)
            return replace(known, campaign=opened, clock=fact.now if fact.rehearsal else None)
        case desk.RulesLocked() | desk.RulesReplaced():
            return replace(known, campaign=rules.from_data(fact.campaign))
        case desk.WindowMoved() if known.campaign is not None:
            moved = known.campaign.with_window(fact.window, rules.Window(fact.start, fact.end))
            return replace(known, campaign=moved)
        case desk.ClockMoved():
            return replace(known, clock=fact.now)
        case desk.ShortlistConfirmed():
            listed = {
                each.entry: replace(known.entries.get(each.entry, Listing()), type=each.type, listed=True)
                for each in fact.entries
            }
            return replace(known, entries=known.entries.update(listed))
        case desk.EntryFrozen():
            return _with_listing(known, fact.entry, frozen=True)
        case desk.EntryUnfrozen():
            return _with_listing(known, fact.entry, frozen=False)
        case desk.EntryDisqualified():
            return _with_listing(known, fact.entry, out=True)
        case EntryWithdrawn():
            return _with_listing(known, fact.entry, withdrawn=True)
        case desk.TypeCorrected():
            return _with_listing(known, fact.entry, type=fact.type)
        case _:
            return known


def _with_listing(known: Desk, entry: str, **change: Any) -> Desk:
    listing = known.entries.get(entry, Listing())
    return replace(known, entries=known.entries.set(entry, replace(listing, **change)))
