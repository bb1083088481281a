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


@dataclass(frozen=True, slots=True)
class CastLike:
    voter: str
    entry: str
    at: int  # acceptance, campaign ms
    door: str
    held: str | None
    signals: Sealed


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


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a (voter, entry, day). `like` is the address of the standing like, None after an unlike."""

    day: str
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
class Polls:
    """What a partition knows."""

    partition: int = 0
    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's time
    entries: Map[str, Listing] = field(default_factory=Map)
    changes: Map[str, tuple[Change, ...]] = field(default_factory=Map)
    closed: bool = False

    def last_change(self, voter: str, entry: str, day: str) -> Change | None:
        for change in self.changes.get(voter, ()):
            if change.entry == entry and change.day == day:
                return change
        return None

    def forgets(self, voter: str, day: str) -> bool:
        """Whether what the voter did on this day is known no more: nothing of it can be decided again."""
        return any(day < _day_before(each.day) for each in self.changes.get(voter, ()))

    def standing(self, voter: str, day: str) -> list[Change]:
        """The likes of a voter that stand on a day."""
        return [each for each in self.changes.get(voter, ()) if each.day == day and each.like is not None]


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
                change = Change(fact.day, fact.entry, fact.at, address, fact.held is not None)
                return _changed(polls, fact.voter, change)
            case LikeRetracted():
                return _changed(polls, fact.voter, Change(fact.day, fact.entry, fact.at, None))
            case PollClosed():
                return replace(polls, closed=polls.closed or fact.partition == polls.partition)
            case _:
                return _told(polls, fact)

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


def _changed(polls: Polls, voter: str, change: Change) -> Polls:
    """Keep the change in place of the one before, and forget what is older than the day before it."""
    oldest = _day_before(change.day)
    kept = tuple(
        each
        for each in polls.changes.get(voter, ())
        if each.day >= oldest and not (each.entry == change.entry and each.day == change.day)
    )
    return replace(polls, changes=polls.changes.set(voter, (*kept, change)))


@lru_cache(maxsize=1024)
def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _told(polls: Polls, fact: Any) -> Polls:
    """What the desk says, and who withdrew; all else leaves the polls as they are."""
    match fact:
        case desk.CampaignOpened():
            opened = rules.from_data(fact.campaign)
            return replace(polls, campaign=opened, clock=fact.now if fact.rehearsal else None)
        case desk.RulesLocked():
            return replace(polls, campaign=rules.from_data(fact.campaign))
        case desk.WindowMoved() if polls.campaign is not None:
            moved = polls.campaign.moved(fact.window, rules.Window(fact.start, fact.end))
            return replace(polls, campaign=moved)
        case desk.ClockMoved():
            return replace(polls, clock=fact.now)
        case desk.ShortlistConfirmed():
            listed = {
                each.entry: replace(polls.entries.get(each.entry, Listing()), type=each.type, listed=True)
                for each in fact.entries
            }
            return replace(polls, entries=polls.entries.update(listed))
        case desk.EntryFrozen():
            return _listed(polls, fact.entry, frozen=True)
        case desk.EntryUnfrozen():
            return _listed(polls, fact.entry, frozen=False)
        case desk.EntryDisqualified():
            return _listed(polls, fact.entry, out=True)
        case EntryWithdrawn():
            return _listed(polls, fact.entry, withdrawn=True)
        case desk.TypeCorrected():
            return _listed(polls, fact.entry, type=fact.type)
        case _:
            return polls


def _listed(polls: Polls, entry: str, **change: Any) -> Polls:
    listing = polls.entries.get(entry, Listing())
    return replace(polls, entries=polls.entries.set(entry, replace(listing, **change)))


def _cast(order: CastLike, polls: Polls) -> list[object] | Refused:
    campaign = polls.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    day = campaign.day_of(order.at)
    last = polls.last_change(order.voter, order.entry, day)
    if last is not None and (last.like is not None or last.at >= order.at):
        return []  # liked already, or an order that a later one has overtaken: no news
    if last is None and polls.forgets(order.voter, day):
        return Refused("day-over")  # a ticket asked days later: whether that like stands cannot be seen any more
    refused = _closed(order.at, polls, campaign) or _barred(order.entry, polls) or _spent(order, polls, day)
    if refused is not None:
        return refused
    return [LikeCast(order.voter, order.entry, day, order.at, order.door, order.held, order.signals)]


def _retract(order: RetractLike, polls: Polls) -> list[object] | Refused:
    campaign = polls.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    day = campaign.day_of(order.at)
    last = polls.last_change(order.voter, order.entry, day)
    if last is None and polls.forgets(order.voter, day):
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
    listed = any(each.listed for each in polls.entries.values())
    return polls.campaign is not None and listed and at >= closing_time(polls.campaign)


def closing_time(campaign: rules.Campaign) -> int:
    """When the partitions close: the window's end and the time that an accepted order may still take."""
    return campaign.window("likes").end + campaign.likes.order_time_limit_s * 1000


def _closed(at: int, polls: Polls, campaign: rules.Campaign) -> Refused | None:
    window = campaign.window("likes")
    if not window.contains(at):
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    return Refused("late") if polls.closed else None


def _barred(entry: str, polls: Polls) -> Refused | None:
    listing = polls.entries.get(entry)
    if listing is None or not listing.listed:
        return Refused("entry-unknown")
    if listing.out:
        return Refused("entry-out")
    if listing.withdrawn:
        return Refused("entry-withdrawn")
    return Refused("entry-frozen") if listing.frozen else None


def _spent(order: CastLike, polls: Polls, day: str) -> Refused | None:
    assert polls.campaign is not None
    limits = polls.campaign.likes
    standing = polls.standing(order.voter, day)
    if len(standing) >= limits.per_day:
        return Refused("daily-limit", detail={"limit": limits.per_day})
    kind = polls.entries[order.entry].type
    if sum(polls.entries[each.entry].type == kind for each in standing) >= limits.per_type:
        return Refused("type-limit", detail={"limit": limits.per_type, "type": kind})
    return None
