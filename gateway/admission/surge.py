"""Detect a surge: the whole campaign gets likes far faster than in the hour before.

Each second is compared with the 99th percentile of the seconds of the last hour. Seconds that were too fast are left
out of it: otherwise 36 of them would set that percentile, and an attack would be the new normal after half a minute.
Only if the whole hour was too fast is the present rate taken for normal.

Does not judge single likes: sessions that like during a surge are only asked for a little work.
"""

HOUR_S = 3_600
LEARN_EVERY_S = 10  # sorting the seconds of an hour costs about 0.1 ms
STAYS_S = 10  # how long it stays open after the last second that was too fast
_TOO_FAST = -1


class SurgeBreaker:
    """Count likes by the second, and report a surge for ten seconds after each second that had too many.

    Too many is more than `times` the 99th percentile of the last hour, which is taken to be at least `floor`. Both are
    the `breaker_` settings of `Admission`, for one gateway's share.
    """

    def __init__(self, *, times: int, floor: float) -> None:
        self._times, self._floor = times, floor
        self._hour = [0] * HOUR_S
        self._second, self._likes, self._last = 0, 0, 0
        self._limit, self._learned, self._until = times * floor, 0, 0

    def is_open(self, now: float) -> bool:
        """Return whether there is a surge now. `now` is in seconds of the clock that `count` gets."""
        return int(now) < self._until

    def count(self, now: float) -> None:
        """Count one like that was admitted at `now`, in seconds."""
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
        """Return the 99th percentile of the seconds that were not too fast."""
        counts = sorted(each for each in self._hour if each != _TOO_FAST)
        return counts[(len(counts) * 99 - 1) // 100] if counts else self._last
