"""The breaker of the whole campaign: do likes come far faster than they did in the hour before?

Compared are whole seconds with the 99th percentile of the hour's seconds. Seconds that were too fast are not learned
from: 36 of them would be that percentile, and an attack would be the new normal after half a minute. Only where a whole
hour was too fast the present is taken for normal.

Does not promise anything about one like: those who come in such a second are asked for a little work, and no more.
"""

HOUR_S = 3_600
LEARN_EVERY_S = 10  # sorting an hour of seconds costs about 0.1 ms
STAYS_S = 10  # open for so long after the last second that was too fast
_TOO_FAST = -1


class Breaker:
    """Counts likes by the second. `times` and `floor` as in `rules.Admission`, here for one gateway's share."""

    def __init__(self, *, times: int, floor: float) -> None:
        self._times, self._floor = times, floor
        self._hour = [0] * HOUR_S
        self._second, self._likes, self._last = 0, 0, 0
        self._limit, self._learned, self._until = times * floor, 0, 0

    def is_open(self, now: float) -> bool:
        """Were there too many just now?"""
        return int(now) < self._until

    def count(self, now: float) -> None:
        """One like more."""
        second = int(now)
        if second != self._second:
            self._turn(second)
        self._likes += 1
        if self._likes > self._limit:
            self._until = second + STAYS_S

    def _turn(self, second: int) -> None:
        self._hour[self._second % HOUR_S] = self._likes if self._likes <= self._limit else _TOO_FAST
        for quiet in range(max(self._second + 1, second - HOUR_S), second):
            self._hour[quiet % HOUR_S] = 0
        self._last, self._second, self._likes = self._likes, second, 0
        if second - self._learned >= LEARN_EVERY_S:
            self._learned = second
            self._limit = self._times * max(self._usual(), self._floor)

    def _usual(self) -> int:
        """The 99th percentile of the seconds that were not too fast."""
        known = sorted(each for each in self._hour if each != _TOO_FAST)
        return known[(len(known) * 99 - 1) // 100] if known else self._last
