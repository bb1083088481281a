"""May a window be moved so?

Promises: what has begun keeps its start and is only ever made longer, what is over stays over, nothing ends in the
past, phases keep their order, and no two overlap that did not before: so no hand-in, like or mark that was in time
becomes late, and none that was late becomes timely by the back door (a late pass is the front door).
A likes window has begun only with a shortlist: without one nothing could be liked, and it may still be put off.
"""

from itertools import combinations

from shared.decider import Refused

from .campaign import PHASES, Campaign, Window

REFUSALS = frozenset(
    {
        "window-unknown",
        "window-impossible",
        "window-over",
        "window-begun",
        "window-in-the-past",
        "window-order",
        "window-overlap",
    }
)


def objection(campaign: Campaign, name: str, *, to: Window, at: int, listed: bool) -> Refused | None:
    """Why the window `name` may not be moved there at this moment, if so."""
    if name not in PHASES:
        return Refused("window-unknown", "window")
    if to.start >= to.end:
        return Refused("window-impossible", "end")
    present = campaign.window(name)
    if present.start <= at and (name != "likes" or listed):
        if present.end <= at:
            return Refused("window-over", "window", {"end": present.end})
        if to.start != present.start or to.end < present.end:
            return Refused("window-begun", "start", {"start": present.start, "end": present.end})
    elif to.start < at:
        return Refused("window-in-the-past", "start", {"now": at})
    return _clash(campaign, campaign.moved(name, to))


def _clash(before: Campaign, after: Campaign) -> Refused | None:
    for first, second in combinations(PHASES, 2):
        if after.window(second).start < after.window(first).start:
            return Refused("window-order", "start", {"first": first, "second": second})
        if _overlap(after, first, second) and not _overlap(before, first, second):
            return Refused("window-overlap", "start", {"first": first, "second": second})
    return None


def _overlap(campaign: Campaign, first: str, second: str) -> bool:
    return campaign.window(second).start < campaign.window(first).end
