"""May this voter like this entry now?

One state a partition: the likes of its voters, today's and yesterday's, beside what the desk says (windows, clock,
shortlist, freezes) and which entries their units withdrew.
Promises: at most one standing like for a voter, an entry and a campaign day, inside the window and the limits; an order
that is not newer than the last change of its (voter, entry, day) changes nothing, so repeats, redeliveries after an
unlike, and retries are harmless without remembering ids; an order of a day that is forgotten is refused.
Does not promise: who the voter is. Voters are pseudonyms here.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, assert_never

from immutables import Map

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.submission.events import EntryWithdrawn
from services.voting.events import LikeCast, LikeRetracted, PollClosed
from shared.decider import Refused
from shared.events import Sealed
from shared.values import unguarded

REFUSALS = frozenset(
    {
        "campaign-not-open",
        "window-closed",
        "late",
        "day-over",
        "entry-unknown",
        "entry-frozen",
        "entry-out",
        "entry-withdrawn",
        "daily-limit",
        "type-limit",
        "window-open",
    }
)


@unguarded
@dataclass(frozen=True, slots=True)
class CastLike:
    voter: str
    entry: str
    at: int  # acceptance, campaign ms
    door: str
    held: str | None
    signals: Sealed


@unguarded
@dataclass(frozen=True, slots=True)
class RetractLike:
    voter: str
    entry: str
    at: int


@dataclass(frozen=True, slots=True)
class ShowLikes:
    """Decides nothing: asked in turn with the likes, so that its answer holds all that were answered before."""

    voter: str
    at: int


@dataclass(frozen=True, slots=True)
class ClosePoll:
    at: int


@unguarded
@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a (voter, entry) on a day. `like`: the address of the standing like, None after an unlike."""

    entry: str
    at: int
    like: str | None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry, as the desk and its unit leave it. It may be frozen, out or withdrawn before it is listed."""

    type: str = ""
    listed: bool = False
    frozen: bool = False
    out: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What is said elsewhere: the rules and windows, a rehearsal's clock, the entries."""

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's time
    entries: Map[str, Listing] = field(default_factory=Map)


@unguarded
@dataclass(frozen=True, slots=True)
class Day:
    """The last changes of one campaign day, by voter."""

    day: str
    changes: Map[str, tuple[Change, ...]] = field(default_factory=Map)


@unguarded
@dataclass(frozen=True, slots=True)
class Polls:
    """What a partition knows. Of a live campaign's days it keeps the newest and the one before; `days` is newest first.

    A rehearsal keeps them all: there the instants are the callers', and come in any order.
    """

    partition: int = 0
    desk: Desk = Desk()
    days: tuple[Day, ...] = ()
    closed: bool = False

    @property
    def campaign(self) -> rules.Campaign | None:
        return self.desk.campaign

    @property
    def clock(self) -> int | None:
        return self.desk.clock

    def changes(self, voter: str, day: str) -> tuple[Change, ...]:
        """The last change of each entry that the voter touched on a day."""
        for each in self.days:
            if each.day == day:
                found: tuple[Change, ...] = each.changes.get(voter, ())
                return found
        return ()

    def last_change(self, voter: str, entry: str, day: str) -> Change | None:
        return _of_entry(self.changes(voter, day), entry)

    def forgets(self, day: str) -> bool:
        """Whether what was done on this day is known no more: nothing of it can be decided again."""
        return self.desk.clock is None and bool(self.days) and day < _day_before(self.days[0].day)

    def standing(self, voter: str, day: str) -> list[Change]:
        """The likes of a voter that stand on a day."""
        return _standing(self.changes(voter, day))

    def remaining(self, voter: str, at: int) -> int:
        """How many likes the voter may still give on the day of an instant."""
        campaign = self.desk.campaign
        if campaign is None:
            return 0
        return max(0, campaign.likes.per_day - len(self.standing(voter, campaign.day_of(at))))


Command = CastLike | RetractLike | ShowLikes | ClosePoll


class PollDecider:
    """See `shared.decider.Decider`. Made for one partition."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    def initial(self) -> Polls:
        return Polls(self._partition)

    def evolve(self, polls: Polls, fact: Any, address: str) -> Polls:
        match fact:
            case LikeCast():
                change = Change(fact.entry, fact.at, address, fact.held is not None)
                return _changed(polls, fact.voter, fact.day, change)
            case LikeRetracted():
                return _changed(polls, fact.voter, fact.day, Change(fact.entry, fact.at, None))
            case PollClosed():
                return replace(polls, closed=polls.closed or fact.partition == polls.partition)
            case _:
                desk = _told(polls.desk, fact)
                return polls if desk is polls.desk else replace(polls, desk=desk)

    def decide(self, order: Command, polls: Polls) -> list[object] | Refused:
        match order:
            case CastLike():
                return _cast(order, polls)
            case RetractLike():
                return _retract(order, polls)
            case ShowLikes():
                return []
            case ClosePoll():
                return _close(order, polls)
            case _:
                assert_never(order)


def _of_entry(changes: tuple[Change, ...], entry: str) -> Change | None:
    for change in changes:
        if change.entry == entry:
            return change
    return None


def _standing(changes: tuple[Change, ...]) -> list[Change]:
    return [each for each in changes if each.like is not None]


def _changed(polls: Polls, voter: str, day: str, change: Change) -> Polls:
    """Keep the change in place of the one before. With a new day in a live campaign, forget all before yesterday."""
    days = polls.days
    if not days or days[0].day != day:
        days = _with_day(polls, day)
    for i, each in enumerate(days):
        if each.day == day:
            before = each.changes.get(voter)
            kept = (*(other for other in before if other.entry != change.entry), change) if before else (change,)
            days = (*days[:i], Day(day, each.changes.set(voter, kept)), *days[i + 1 :])
            break
    # Not `replace`, which asks for the fields anew each time: this is done for every like.
    return Polls(polls.partition, polls.desk, days, polls.closed)


def _with_day(polls: Polls, day: str) -> tuple[Day, ...]:
    """The days with this one among them, unless it is forgotten."""
    if polls.forgets(day) or any(each.day == day for each in polls.days):
        return polls.days
    days = sorted((*polls.days, Day(day)), key=lambda each: each.day, reverse=True)
    if polls.desk.clock is not None:
        return tuple(days)
    yesterday = _day_before(days[0].day)
    return tuple(each for each in days if each.day >= yesterday)


@lru_cache(maxsize=1024)
def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _told(known: Desk, fact: Any) -> Desk:
    """What the desk says, and who withdrew; all else leaves it as it is."""
    match fact:
        case desk.CampaignOpened():
            opened = rules.from_data(fact.campaign)
            return replace(known, campaign=opened, clock=fact.now if fact.rehearsal else None)
        case desk.RulesLocked():
            return replace(known, campaign=rules.from_data(fact.campaign))
        case desk.WindowMoved() if known.campaign is not None:
            moved = known.campaign.moved(fact.window, rules.Window(fact.start, fact.end))
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
            return _listed(known, fact.entry, frozen=True)
        case desk.EntryUnfrozen():
            return _listed(known, fact.entry, frozen=False)
        case desk.EntryDisqualified():
            return _listed(known, fact.entry, out=True)
        case EntryWithdrawn():
            return _listed(known, fact.entry, withdrawn=True)
        case desk.TypeCorrected():
            return _listed(known, fact.entry, type=fact.type)
        case _:
            return known


def _listed(known: Desk, entry: str, **change: Any) -> Desk:
    listing = known.entries.get(entry, Listing())
    return replace(known, entries=known.entries.set(entry, replace(listing, **change)))


def _cast(order: CastLike, polls: Polls) -> list[object] | Refused:
    campaign = polls.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    day = campaign.day_of(order.at)
    changes = polls.changes(order.voter, day)
    last = _of_entry(changes, order.entry)
    if last is not None and (last.like is not None or last.at >= order.at):
        return []  # liked already, or an order that a later one has overtaken: no news
    if last is None and polls.forgets(day):
        return Refused("day-over")  # a ticket asked days later: whether that like stands cannot be seen any more
    refused = _closed(order.at, polls, campaign) or _barred(order.entry, polls)
    if refused is None and changes:
        refused = _spent(order, polls, changes)
    if refused is not None:
        return refused
    return [LikeCast(order.voter, order.entry, day, order.at, order.door, order.held, order.signals)]


def _retract(order: RetractLike, polls: Polls) -> list[object] | Refused:
    campaign = polls.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    day = campaign.day_of(order.at)
    last = polls.last_change(order.voter, order.entry, day)
    if last is None and polls.forgets(day):
        return Refused("day-over")
    if last is None or last.like is None or last.at >= order.at:
        return []
    refused = _closed(order.at, polls, campaign)
    if refused is not None:
        return refused
    return [LikeRetracted(last.like, order.voter, order.entry, day, order.at)]


def _close(order: ClosePoll, polls: Polls) -> list[object] | Refused:
    if polls.closed:
        return []
    if not is_over(polls, order.at):
        return Refused("window-open")
    return [PollClosed(polls.partition, order.at)]


def is_over(polls: Polls, at: int) -> bool:
    """Whether no like can be in time any more. Without a shortlist like week has not begun, and may be put off."""
    listed = any(each.listed for each in polls.desk.entries.values())
    return polls.campaign is not None and listed and at >= closing_time(polls.campaign)


def closing_time(campaign: rules.Campaign) -> int:
    """When the partitions close: the window's end and the time that an accepted order may still take."""
    return campaign.window("likes").end + campaign.likes.order_time_limit_s * 1000


def _closed(at: int, polls: Polls, campaign: rules.Campaign) -> Refused | None:
    window = campaign.windows.likes
    if not window.contains(at):
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    return Refused("late") if polls.closed else None


def _barred(entry: str, polls: Polls) -> Refused | None:
    listing = polls.desk.entries.get(entry)
    if listing is None or not listing.listed:
        return Refused("entry-unknown")
    if listing.out:
        return Refused("entry-out")
    if listing.withdrawn:
        return Refused("entry-withdrawn")
    return Refused("entry-frozen") if listing.frozen else None


def _spent(order: CastLike, polls: Polls, changes: tuple[Change, ...]) -> Refused | None:
    assert polls.campaign is not None
    limits = polls.campaign.likes
    standing = _standing(changes)
    if len(standing) >= limits.per_day:
        return Refused("daily-limit", detail={"limit": limits.per_day})
    entries = polls.desk.entries
    kind = entries[order.entry].type
    if (
        len(standing) >= limits.per_type
        and sum(entries[each.entry].type == kind for each in standing) >= limits.per_type
    ):
        return Refused("type-limit", detail={"limit": limits.per_type, "type": kind})
    return None
