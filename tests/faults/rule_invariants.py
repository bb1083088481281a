"""Invariants of the stored likes: limits and likes windows. Pure functions for `judge.py`, which yield one line for
each violation.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from services.moderation.campaign import Window
from services.voting.events import LikeCast, LikeRetracted, PollClosed
from tests.faults.evidence import Case, OrderKey, order_key
from tests.faults.history import (
    STORED,
    LikeSeen,
    Ordered,
    WindowRequested,
    WindowShown,
)


def limits(case: Case) -> Iterator[str]:
    """Check that a voter has at most one standing like for an entry and a day, and no more likes than the rules
    allow.
    """
    allowed = case.campaign.likes
    for log in case.logs.values():
        standing: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)  # (voter, day) → entry → address
        for recorded in log:
            fact = recorded.event
            match fact:
                case LikeRetracted():
                    if standing[fact.voter, fact.day].pop(fact.entry, None) != fact.like:
                        yield f"{recorded.address} takes back a like that does not stand"
                case LikeCast():
                    mine = standing[fact.voter, fact.day]
                    if fact.entry in mine:
                        yield f"{recorded.address} is a second like of the same entry on one day"
                    mine[fact.entry] = recorded.address
                    if len(mine) > allowed.per_day:
                        yield f"{recorded.address} exceeds the limit of a day"
                    if max(Counter(case.types[entry] for entry in mine).values()) > allowed.per_type:
                        yield f"{recorded.address} exceeds the limit of a type"


def window(case: Case) -> Iterator[str]:
    """Check that each like lies in a window that was in force when it may have been decided, and precedes the close
    of its partition.

    A commit does not say which windows its writer knew, so the clients' histories bound them: no window that the
    gateway had already replaced before the order was sent, and no window that nobody had asked for when the answer
    arrived.
    """
    spans = _Spans.of(case)
    for log in case.logs.values():
        closed = False
        for recorded in log:
            fact = recorded.event
            if isinstance(fact, PollClosed):
                closed = True
            if not isinstance(fact, LikeCast):
                continue
            change = order_key(fact, live=case.live)
            in_force = spans.windows(change, case.windows)
            if closed:
                yield f"{recorded.address} follows the close of its partition"
            if case.campaign.day_of(fact.at) != fact.day:
                yield f"{recorded.address} is not of day {fact.day}"
            if not any(each.contains(fact.at) for each in in_force):
                yield f"{recorded.address} at {fact.at} is outside the windows that may have been in force, {in_force}"
    for order, in_force in spans.refused_as_closed(case.windows):
        if all(each.contains(order.at) for each in in_force):
            yield f"{order} was answered `window-closed` inside every window that may have been in force, {in_force}"


@dataclass(slots=True)
class _Spans:
    """For each order, the first and the last window by which it may have been decided, as indexes into the list of
    windows.
    """

    first: dict[OrderKey, int]
    last: dict[OrderKey, int]  # bounded by the first answer that says it is stored
    closed: list[tuple[LikeSeen, int, int]]

    @staticmethod
    def of(case: Case) -> "_Spans":
        """Walk through the history and bound the windows of each order."""
        spans, shown, asked = _Spans({}, {}, []), 0, 0
        for each in case.evidence.seen:
            match each:
                case WindowRequested():
                    asked += 1
                case WindowShown():
                    shown = _latest(case.windows, Window(each.start, each.end), upto=asked)
                case Ordered():
                    spans.first.setdefault((each.do, each.voter, each.entry, each.at), shown)
                case LikeSeen():
                    change = each.do, each.voter, each.entry, each.at
                    if each.status in STORED:
                        spans.last.setdefault(change, asked)
                    if each.code == "window-closed" and not case.live:
                        spans.closed.append((each, spans.first.get(change, 0), asked))
                case _:
                    pass
        return spans

    def windows(self, change: OrderKey | None, windows: list[Window]) -> list[Window]:
        """Return the windows by which an order may have been decided."""
        first, last = (0, math.inf) if change is None else (self.first.get(change, 0), self.last.get(change, math.inf))
        return [each for k, each in enumerate(windows) if first <= k <= last]

    def refused_as_closed(self, windows: list[Window]) -> Iterator[tuple[LikeSeen, list[Window]]]:
        """Yield each order that was answered `window-closed`, with the windows by which it may have been decided."""
        for order, first, last in self.closed:
            yield order, windows[first : last + 1]


def _latest(windows: list[Window], shown: Window, *, upto: int) -> int:
    """Return the index of the last requested window that equals this one; 0 if none does."""
    return max((k for k, each in enumerate(windows[: upto + 1]) if each == shown), default=0)
