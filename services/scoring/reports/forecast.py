"""Forecast how fast judges are and who will be late.

Promises: everything is computed exactly, from the times of events alone. The pace is the median pause between a judge's
first marks of entries, because nights and meals are not work. Marks that arrive within seconds of each other were made
without a network and sent together, so pauses between them are not counted. The forecast of the finishing time assumes
nights and meals as they were until now.
A judge without a mark is assumed to be as fast as the median of the judges who have marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median_low

from services.scoring.state import ScoringState

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
SHORTEST_PAUSE_MS = 10_000  # nobody reads an entry and marks it in less


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast for one judge: marks given, marks left, pace, and when the judge will finish (campaign time, ms).

    `late` and `finish_at` are None while nothing can be forecast.
    """

    done: int
    left: int
    pause_ms: int | None  # the judge's pace
    finish_at: int | None  # None if it cannot be forecast yet
    late: bool | None

    @property
    def marks_per_hour(self) -> str | None:
        """The pace as marks per hour with one decimal, or None if it is unknown."""
        return None if not self.pause_ms else f"{HOUR_MS / self.pause_ms:.1f}"


def pause_ms(state: ScoringState, judge: str) -> int | None:
    """Return a judge's pace: the median time in ms between the first marks of one entry and the next.

    Pauses below SHORTEST_PAUSE_MS are not counted. Return None if none is left.
    """
    pauses = [later - earlier for earlier, later in pairwise(_times(state, judge))]
    pauses = [pause for pause in pauses if pause >= SHORTEST_PAUSE_MS]
    return median_low(pauses) if pauses else None


def minutes_left(state: ScoringState, judge: str) -> int | None:
    """Return the minutes of work that are left at the judge's own pace, rounded up; None if the pace is unknown."""
    pause = pause_ms(state, judge)
    return None if pause is None else -(-pause * len(state.unmarked_entries(judge)) // MINUTE_MS)


def forecasts(state: ScoringState, at: int) -> Mapping[str, Forecast]:
    """Return the forecast of every appointed judge, by name, at the instant `at` (campaign time, ms)."""
    rates = {each: rate for each in state.judges if (rate := _ms_a_mark(state, each, at)) is not None}
    middle = median_low(sorted(rates.values())) if rates else None
    return {each: _forecast(state, each, at, rates.get(each, middle)) for each in sorted(state.judges)}


def in_danger(state: ScoringState, by_judge: Mapping[str, Forecast]) -> dict[str, tuple[str, ...]]:
    """Return the entries that will lack a mark if the judges who are forecast to be late do not mark them.

    Each entry comes with the names of these judges.
    """
    safe: dict[str, int] = {}
    waits: dict[str, list[str]] = {}
    for judge, entry, mark in state.readings():
        if mark is None and by_judge[judge].late:
            waits.setdefault(entry, []).append(judge)
        else:
            safe[entry] = safe.get(entry, 0) + 1
    judged = state.judged_entries()
    return {
        entry: tuple(sorted(waits[entry]))
        for entry in sorted(waits)
        if entry in judged and safe.get(entry, 0) < state.marks_needed(entry)
    }


def _forecast(state: ScoringState, judge: str, at: int, ms_a_mark: Fraction | None) -> Forecast:
    times, left = _times(state, judge), len(state.unmarked_entries(judge))
    finish, late = None, None
    end = state.rule_set.windows.judging.end
    if not left:
        finish, late = (times[-1] if times else None), False
    elif not state.is_active(judge):
        pass  # a dismissed judge gives no more marks, and the entries are reported as short already
    elif at >= end:
        late = True
    elif ms_a_mark is not None:
        finish = at + round(left * ms_a_mark)
        late = finish > end
    return Forecast(len(state.marked_entries(judge)), left, pause_ms(state, judge), finish, late)


def _ms_a_mark(state: ScoringState, judge: str, at: int) -> Fraction | None:
    """Return the whole time since the judge could begin, divided by the number of marks; None without marks."""
    times, since = _times(state, judge), state.sheet(judge).assigned_at
    begin = max(state.rule_set.windows.judging.start, since or 0)
    return Fraction(at - begin, len(times)) if times and at > begin else None


def _times(state: ScoringState, judge: str) -> list[int]:
    return sorted(each.first_at for each in state.sheet(judge).entries.values() if each is not None)
