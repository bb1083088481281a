"""May a window be moved so?

Promises: what has begun keeps its start and is only ever made longer, what is over stays over, nothing ends in the
past, phases keep their order, and no two overlap that did not before: so no hand-in, like or mark that was in time
becomes late, and none that was late becomes timely by the back door (a late pass is the front door).
A likes window has begun only with a shortlist: without one nothing could be liked, and it may still be put off.
Judging alone may be re-opened, until a result is final: no result is made without its marks, so one mark that is
missing would else stop it for good. Scoring keeps what was marked before as it is. Then it may reach into the
exhibition, which cannot open without a result.
"""

from itertools import combinations

from services.moderation.campaign import PHASES, Campaign, Window
from shared.decider import Refused

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


REOPENED = "judging"


def objection(
    campaign: Campaign, name: str, *, to: Window, at: int, listed: bool, is_final: bool = False
) -> Refused | None:
    """Why the window `name` may not be moved there at this moment, if so."""
    if name not in PHASES:
        return Refused("window-unknown", "window")
    if to.start >= to.end:
        return Refused("window-impossible", "end")
    present = campaign.window(name)
    if present.start <= at and (name != "likes" or listed):
        is_over = present.end <= at
        if is_over and (name != REOPENED or is_final):
            return Refused("window-over", "window", {"end": present.end})
        if is_over and to.end <= at:
            return Refused("window-in-the-past", "end", {"now": at})
        if to.start != present.start or to.end < present.end:
            return Refused("window-begun", "start", {"start": present.start, "end": present.end})
        if is_over:
            return None
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
