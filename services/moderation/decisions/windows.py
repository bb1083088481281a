"""Decide whether a window of the campaign may move.

Promises: a window that has begun keeps its start and only ever gets longer; a window that is over stays over; no window
ends in the past; phases keep their order; two windows overlap only if they did before. So no submission, like or mark
that was in time becomes late, or the other way round: a late submission can be accepted only with a late pass.
A likes window counts as begun only with a shortlist: without one there was nothing to like, and like week may still be
postponed.
Only the judging window may be reopened, and only until a result is final: no result is computed without all marks, so
one missing mark would otherwise block the result for good. Scoring keeps the earlier marks as they are. A reopened
judging window may reach into the exhibition, which cannot open without a result.
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


def refusal_to_move(
    campaign: Campaign, name: str, *, to: Window, at: int, listed: bool, is_final: bool = False
) -> Refused | None:
    """Return why the window `name` may not move to `to` at the instant `at` (ms since the epoch), or None if it may.

    `listed` says that a shortlist is confirmed, and `is_final` that the result is final.
    """
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
    return _clash(campaign, campaign.with_window(name, to))


def refusal_to_replace(before: Campaign, after: Campaign, *, at: int, handed_in: bool) -> Refused | None:
    """Return why the windows may not become those of `after` together, before the rules are locked, or None.

    The submission window counts as begun only with a first entry: without one there was nothing that could be late. The
    check of the campaign file keeps the order of the phases.
    """
    for name in PHASES:
        present, to = before.window(name), after.window(name)
        if to == present:
            continue
        if name == "submission" and handed_in:
            if present.end <= at:
                return Refused("window-over", "file", {"end": present.end})
            if to.start != present.start or to.end < present.end:
                return Refused("window-begun", "file", {"start": present.start, "end": present.end})
        elif to.end <= at or (to.start < at and to.start != present.start):
            return Refused("window-in-the-past", "file", {"now": at})
    return None


def _clash(before: Campaign, after: Campaign) -> Refused | None:
    for first, second in combinations(PHASES, 2):
        if after.window(second).start < after.window(first).start:
            return Refused("window-order", "start", {"first": first, "second": second})
        if _overlap(after, first, second) and not _overlap(before, first, second):
            return Refused("window-overlap", "start", {"first": first, "second": second})
    return None


def _overlap(campaign: Campaign, first: str, second: str) -> bool:
    return campaign.window(second).start < campaign.window(first).end
