"""Decide orders: whether a voter may like an entry now, and take a like back.

A like may be taken back until the likes window ends. An unlike that names no like means today's; one that names a like,
by its receipt, may be of any earlier day.

An order is a voter's command to like or unlike. Voters are spread over partitions, each with its own log and state.
Promises: at most one like that counts for a voter, an entry and a campaign day, inside the window and the limits; an
order that is not newer than the latest change of its (voter, entry, day) changes nothing, so repeats, redeliveries
after an unlike, and retries are harmless without remembering ids; an order of a day that is no longer kept is refused,
unless it names its like; an unlike that changes nothing while a like stands is refused, so that nobody is told that a
standing like was taken back.
Does not know who the voter is. Voters are pseudonyms.
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
        "no-like-today",
        "like-not-older",
        "like-foreign",
        "receipt-unknown",
        "window-open",
    }
)


@unguarded
@dataclass(frozen=True, slots=True)
class CastLike:
    """Order: like an entry. `door` is how the voter came; `signals` are sealed (encrypted) facts for fraud checks.

    `held` is the reason why admission holds the like, so that it does not count until released, or None.
    """

    voter: str
    entry: str
    at: int  # acceptance, campaign time in ms since the epoch
    door: str
    held: str | None
    signals: Sealed


@dataclass(frozen=True, slots=True)
class NamedLike:
    """A stored like and its address (the id of its event), as the vote writer found it behind a receipt."""

    address: str
    cast: LikeCast


@unguarded
@dataclass(frozen=True, slots=True)
class RetractLike:
    """Order: take back the voter's like of an entry.

    Without a receipt it means the like of the day of `at` (campaign time, ms). `names` is the like behind the receipt,
    or None if there is none.
    """

    voter: str
    entry: str
    at: int
    receipt: str = ""
    names: NamedLike | None = None


@dataclass(frozen=True, slots=True)
class ShowLikes:
    """Ask for a voter's likes of the day of `at`. It decides nothing, but is handled in sequence with likes, so that
    its answer includes all likes that were answered before.
    """

    voter: str
    at: int


@dataclass(frozen=True, slots=True)
class ClosePoll:
    """Command: close the partition, so that it takes no more likes. Refused while a like can still be in time."""

    at: int


Command = CastLike | RetractLike | ShowLikes | ClosePoll


class PollDecider:
    """Decides the orders of one vote partition; folds its log and the logs of moderation and submission (a Decider)."""

    def __init__(self, partition: int) -> None:
        self._partition = partition

    def initial(self) -> VotingState:
        return VotingState(self._partition)

    def evolve(self, state: VotingState, fact: Any, address: str) -> VotingState:
        match fact:
            case LikeCast():
                change = Change(fact.entry, fact.at, address, fact.held is not None)
                return with_change(state, fact.voter, fact.day, change)
            case LikeRetracted():
                changed = with_change(state, fact.voter, fact.day, Change(fact.entry, fact.at, None))
                return replace(changed, retracted=changed.retracted.set(fact.like, True))
            case PollClosed():
                return replace(state, closed=state.closed or fact.partition == state.partition)
            case _:
                desk = with_fact(state.desk, fact)
                return state if desk is state.desk else replace(state, desk=desk)

    def decide(self, order: Command, state: VotingState) -> list[object] | Refused:
        match order:
            case CastLike():
                return _cast(order, state)
            case RetractLike():
                return _retract(order, state)
            case ShowLikes():
                return []
            case ClosePoll():
                return _close(order, state)
            case _:
                assert_never(order)


def _cast(order: CastLike, state: VotingState) -> list[object] | Refused:
    campaign = state.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    day = campaign.day_of(order.at)
    changes = state.changes(order.voter, day)
    last = change_of(changes, order.entry)
    if last is not None and (last.like is not None or last.at >= order.at):
        return []  # liked already, or a later order was handled first
    if last is None and state.has_dropped(day):
        return Refused("day-over")  # an order ticket queried days later: the like is no longer known
    refused = _window_refusal(order.at, state, campaign) or _entry_refusal(order.entry, state)
    if refused is None and changes:
        refused = _limit_refusal(order, state, changes)
    if refused is not None:
        return refused
    return [LikeCast(order.voter, order.entry, day, order.at, order.door, order.held, order.signals)]


def _retract(order: RetractLike, state: VotingState) -> list[object] | Refused:
    campaign = state.campaign
    if campaign is None:
        return Refused("campaign-not-open")
    if order.receipt or order.names is not None:
        return _retract_named(order, order.names, state, campaign)
    day = campaign.day_of(order.at)
    last = state.last_change(order.voter, order.entry, day)
    if last is None and state.has_dropped(day):
        return Refused("day-over")
    if last is not None and last.like is None:
        return []  # taken back already
    refused = _window_refusal(order.at, state, campaign)
    if refused is not None:
        return refused
    if last is None:
        return Refused("no-like-today")
    assert last.like is not None
    if last.at >= order.at:
        return Refused("like-not-older")
    return [LikeRetracted(last.like, order.voter, order.entry, day, order.at)]


def _retract_named(
    order: RetractLike, named: NamedLike | None, state: VotingState, campaign: rules.Campaign
) -> list[object] | Refused:
    """Take back the like that the order names.

    The voter knew its receipt, so the order is the later one, whatever the clocks of two gateways say. The event's
    time is never before the like's, so that the like's own order, delivered again, is not newer than it.
    """
    if named is None:
        return Refused("receipt-unknown")
    cast = named.cast
    if (cast.voter, cast.entry) != (order.voter, order.entry):
        return Refused("like-foreign")
    if named.address in state.retracted:
        last = state.last_change(order.voter, order.entry, cast.day)
        return [] if last is None or last.like is None else Refused("like-not-older")
    refused = _window_refusal(order.at, state, campaign)
    if refused is not None:
        return refused
    return [LikeRetracted(named.address, order.voter, order.entry, cast.day, max(order.at, cast.at))]


def _close(order: ClosePoll, state: VotingState) -> list[object] | Refused:
    if state.closed:
        return []
    if not is_over(state, order.at):
        return Refused("window-open")
    return [PollClosed(state.partition, order.at)]


def is_over(state: VotingState, at: int) -> bool:
    """Return whether no like can be in time any more at the instant `at` (campaign time, ms).

    Without a shortlist it is False, because like week has not begun and may still be postponed.
    """
    listed = any(each.listed for each in state.desk.entries.values())
    return state.campaign is not None and listed and at >= closing_time(state.campaign)


def closing_time(campaign: rules.Campaign) -> int:
    """Return when the partitions close, in ms since the epoch: the end of the likes window plus the time limit of an
    accepted order.
    """
    return campaign.window("likes").end + campaign.likes.order_time_limit_s * 1000


def _window_refusal(at: int, state: VotingState, campaign: rules.Campaign) -> Refused | None:
    """Return why no like is accepted at this time, or None."""
    window = campaign.windows.likes
    if not window.contains(at):
        return Refused("window-closed", detail={"start": window.start, "end": window.end})
    return Refused("late") if state.closed else None


def _entry_refusal(entry: str, state: VotingState) -> Refused | None:
    """Return why the entry takes no likes, or None."""
    listing = state.desk.entries.get(entry)
    if listing is None or not listing.listed:
        return Refused("entry-unknown")
    if listing.out:
        return Refused("entry-out")
    if listing.withdrawn:
        return Refused("entry-withdrawn")
    return Refused("entry-frozen") if listing.frozen else None


def _limit_refusal(order: CastLike, state: VotingState, changes: tuple[Change, ...]) -> Refused | None:
    """Return which limit the voter has reached, or None."""
    assert state.campaign is not None
    limits = state.campaign.likes
    standing = standing_likes(changes)
    if len(standing) >= limits.per_day:
        return Refused("daily-limit", detail={"limit": limits.per_day})
    entries = state.desk.entries
    kind = entries[order.entry].type
    if (
        len(standing) >= limits.per_type
        and sum(entries[each.entry].type == kind for each in standing) >= limits.per_type
    ):
        return Refused("type-limit", detail={"limit": limits.per_type, "type": kind})
    return None
