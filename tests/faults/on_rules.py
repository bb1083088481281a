"""What must hold of the likes that are stored: limits and windows. Pure; see `judge.py`."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from services.moderation.campaign import Window
from services.voting.events import LikeCast, LikeRetracted, PollClosed
from tests.faults.evidence import Case, Change, change_of
from tests.faults.history import (
    STORED,
    LikeSeen,
    Ordered,
    WindowAsked,
    WindowShown,
)


def limits(case: Case) -> Iterator[str]:
    """At most one standing like for a voter, an entry and a day, and no more than the rules give."""
    allowed = case.campaign.likes
    for log in case.logs.values():
        standing: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)  # voter and day -> entry -> address
        for recorded in log:
            fact = recorded.event
            match fact:
                case LikeRetracted():
                    if standing[fact.voter, fact.day].pop(fact.entry, None) != fact.like:
                        yield f"{recorded.address} takes back what does not stand"
                case LikeCast():
                    mine = standing[fact.voter, fact.day]
                    if fact.entry in mine:
                        yield f"{recorded.address} likes what is liked already"
                    mine[fact.entry] = recorded.address
                    if len(mine) > allowed.per_day:
                        yield f"{recorded.address} is one too many a day"
                    if max(Counter(case.types[entry] for entry in mine).values()) > allowed.per_type:
                        yield f"{recorded.address} is one too many of a type"


def window(case: Case) -> Iterator[str]:
    """Each like lies in a window that was in force when it may have been decided, and before its partition closed.

    A commit does not say which windows its writer knew. The clients' histories bound it: not one that the gateway had
    left behind before the order was sent, and not one that nobody had asked for when its answer was heard.
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
            change = change_of(fact, live=case.live)
            in_force = spans.windows(change, case.windows)
            if closed:
                yield f"{recorded.address} follows the close of its partition"
            if case.campaign.day_of(fact.at) != fact.day:
                yield f"{recorded.address} is of another day than {fact.day}"
            if not any(each.contains(fact.at) for each in in_force):
                yield f"{recorded.address} at {fact.at} is outside of {in_force}"
    for order, in_force in spans.said_closed(case.windows):
        if all(each.contains(order.at) for each in in_force):
            yield f"{order} was told that the window is closed, in {in_force}"


@dataclass(slots=True)
class _Spans:
    """From which to which window, by their numbers, each order may have been decided."""

    first: dict[Change, int]
    last: dict[Change, int]  # by the first word that it is stored
    closed: list[tuple[LikeSeen, int, int]]

    @staticmethod
    def of(case: Case) -> "_Spans":
        spans, shown, asked = _Spans({}, {}, []), 0, 0
        for each in case.evidence.seen:
            match each:
                case WindowAsked():
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

    def windows(self, change: Change | None, windows: list[Window]) -> list[Window]:
        first, last = (0, math.inf) if change is None else (self.first.get(change, 0), self.last.get(change, math.inf))
        return [each for k, each in enumerate(windows) if first <= k <= last]

    def said_closed(self, windows: list[Window]) -> Iterator[tuple[LikeSeen, list[Window]]]:
        for order, first, last in self.closed:
            yield order, windows[first : last + 1]


def _latest(windows: list[Window], shown: Window, *, upto: int) -> int:
    """The number of the last window like this one, of those that were asked for."""
    return max((k for k, each in enumerate(windows[: upto + 1]) if each == shown), default=0)
