"""How fast the judges are, and who will be late.

Promises: from the times of events alone, exact. The pace is the median of a judge's pauses between first marks, for
nights and meals are no work; the forecast of the finishing time takes nights and meals as they were until now.
A judge without a mark is taken to be as fast as the middle one of those who have any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median_low

from services.scoring.state import ScoringState

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Forecast:
    done: int
    left: int
    pause_ms: int | None  # the pace
    finish_at: int | None  # None: nobody can tell yet
    late: bool | None

    @property
    def marks_per_hour(self) -> str | None:
        return None if not self.pause_ms else f"{HOUR_MS / self.pause_ms:.1f}"


def pause_ms(panel: ScoringState, judge: str) -> int | None:
    """The median time from one first mark to the next; None with fewer than two."""
    times = _times(panel, judge)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    return median_low(pauses) if pauses else None


def minutes_left(panel: ScoringState, judge: str) -> int | None:
    """Minutes of work, at the own pace, rounded up."""
    pause = pause_ms(panel, judge)
    return None if pause is None else -(-pause * len(panel.unmarked(judge)) // MINUTE_MS)


def forecasts(panel: ScoringState, at: int) -> Mapping[str, Forecast]:
    """Of every judge appointed, as things stand at this moment."""
    rates = {each: rate for each in panel.judges if (rate := _ms_a_mark(panel, each, at)) is not None}
    middle = median_low(sorted(rates.values())) if rates else None
    return {each: _forecast(panel, each, at, rates.get(each, middle)) for each in sorted(panel.judges)}


def in_danger(panel: ScoringState, told: Mapping[str, Forecast]) -> dict[str, tuple[str, ...]]:
    """Entries that will lack a mark if late judges are as late as they look; with those judges, by entry."""
    safe: dict[str, int] = {}
    waits: dict[str, list[str]] = {}
    for judge, entry, mark in panel.readings():
        if mark is None and told[judge].late:
            waits.setdefault(entry, []).append(judge)
        else:
            safe[entry] = safe.get(entry, 0) + 1
    standing = panel.standing()
    return {
        entry: tuple(sorted(waits[entry]))
        for entry in sorted(waits)
        if entry in standing and safe.get(entry, 0) < panel.needs(entry)
    }


def _forecast(panel: ScoringState, judge: str, at: int, ms_a_mark: Fraction | None) -> Forecast:
    times, left = _times(panel, judge), len(panel.unmarked(judge))
    finish, late = None, None
    end = panel.rule_set.windows.judging.end
    if not left:
        finish, late = (times[-1] if times else None), False
    elif not panel.is_active(judge):
        pass  # nothing more comes from a judge who was dismissed, and the entries are short already
    elif at >= end:
        late = True
    elif ms_a_mark is not None:
        finish = at + round(left * ms_a_mark)
        late = finish > end
    return Forecast(len(panel.done(judge)), left, pause_ms(panel, judge), finish, late)


def _ms_a_mark(panel: ScoringState, judge: str, at: int) -> Fraction | None:
    """All the time there was, by marks."""
    times, since = _times(panel, judge), panel.sheet(judge).assigned_at
    begin = max(panel.rule_set.windows.judging.start, since or 0)
    return Fraction(at - begin, len(times)) if times and at > begin else None


def _times(panel: ScoringState, judge: str) -> list[int]:
    return sorted(each.first_at for each in panel.sheet(judge).entries.values() if each is not None)
