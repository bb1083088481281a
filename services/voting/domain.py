"""May this voter like this entry now?

One state a partition: the likes of its voters, today's and yesterday's, beside what the desk says (windows, clock,
shortlist, freezes) and which entries their units withdrew.
Promises: at most one standing like for a voter, an entry and a campaign day, inside the window and the limits; an order
that is not newer than the last change of its (voter, entry, day) changes nothing, so repeats, redeliveries after an
unlike, and retries are harmless without remembering ids; an order of a day that is forgotten is refused.
Does not promise: who the voter is. Voters are pseudonyms here.
"""

from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.moderation import campaign as rules
from services.voting.events import LikeCast, LikeRetracted, PollClosed
from services.voting.state import (
    Change,
    VotingState,
    change_of,
    standing_likes,
    with_change,
    with_fact,
)
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


Command = CastLike | RetractLike | ShowLikes | ClosePoll


class PollDecider:
    """See `shared.decider.Decider`. Made for one partition."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    def initial(self) -> VotingState:
        return VotingState(self._partition)

    def evolve(self, polls: VotingState, fact: Any, address: str) -> VotingState:
        match fact:
            case LikeCast():
                change = Change(fact.entry, fact.at, address, fact.held is not None)
                return with_change(polls, fact.voter, fact.day, change)
            case LikeRetracted():
                return with_change(polls, fact.voter, fact.day, Change(fact.entry, fact.at, None))
            case PollClosed():
                return replace(polls, closed=polls.closed or fact.partition == polls.partition)
            case _:
                desk = with_fact(polls.desk, fact)
                return polls if desk is polls.desk else replace(polls, desk=desk)

    def decide(self, order: Command, polls: VotingState) -> list[object] | Refused:
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


def _cast(order: CastLike, polls: VotingState) -> list[object] | Refused:
    campaign = polls.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    day = campaign.day_of(order.at)
    changes = polls.changes(order.voter, day)
    last = change_of(changes, order.entry)
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


def _retract(order: RetractLike, polls: VotingState) -> list[object] | Refused:
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


def _close(order: ClosePoll, polls: VotingState) -> list[object] | Refused:
    if polls.closed:
        return []
    if not is_over(polls, order.at):
        return Refused("window-open")
    return [PollClosed(polls.partition, order.at)]


def is_over(polls: VotingState, at: int) -> bool:
    """Whether no like can be in time any more. Without a shortlist like week has not begun, and may be put off."""
    listed = any(each.listed for each in polls.desk.entries.values())
    return polls.campaign is not None and listed and at >= closing_time(polls.campaign)


def closing_time(campaign: rules.Campaign) -> int:
    """When the partitions close: the window's end and the time that an accepted order may still take."""
    return campaign.window("likes").end + campaign.likes.order_time_limit_s * 1000


def _closed(at: int, polls: VotingState, campaign: rules.Campaign) -> Refused | None:
    window = campaign.windows.likes
    if not window.contains(at):
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    return Refused("late") if polls.closed else None


def _barred(entry: str, polls: VotingState) -> Refused | None:
    listing = polls.desk.entries.get(entry)
    if listing is None or not listing.listed:
        return Refused("entry-unknown")
    if listing.out:
        return Refused("entry-out")
    if listing.withdrawn:
        return Refused("entry-withdrawn")
    return Refused("entry-frozen") if listing.frozen else None


def _spent(order: CastLike, polls: VotingState, changes: tuple[Change, ...]) -> Refused | None:
    assert polls.campaign is not None
    limits = polls.campaign.likes
    standing = standing_likes(changes)
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
