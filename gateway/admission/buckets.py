"""Token buckets by key, and ladders of them.

A bucket is one number: the moment at which it will be full again (the generic cell rate algorithm). The `limits`
library needs ten times as long for a hit, and a thread; the like route asks five times.

Promises: within any span of t seconds a key gets at most `burst + rate · t` tokens, and at least what a bucket that was
full at its first token would give. Holds at most `most` keys; where more than half as many come within the time that a
bucket needs to fill, those not seen for longest start full again.
"""


class Buckets:
    """`rate` tokens a second for each key, at most `burst` saved up."""

    def __init__(self, rate: float, burst: float, *, most: int = 100_000) -> None:
        self._gap_s = 1 / rate
        self._room_s = (max(burst, 1.0) - 1) / rate + 1e-6  # a microsecond, so that sums of floats round the right way
        self._half = max(1, most // 2)
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def wait_s(self, key: str, now: float) -> float:
        """Seconds until there is a token; 0 where there is one."""
        full_at = self._young.get(key) or self._old.get(key) or now
        return full_at - self._room_s - now if full_at > now + self._room_s else 0.0

    def take(self, key: str, now: float) -> float:
        """One token where there is one, else the seconds until there is."""
        young = self._young
        full_at = young.get(key) or self._old.get(key) or now
        if full_at > now + self._room_s:
            return full_at - self._room_s - now
        if len(young) >= self._half and key not in young:
            self._old, self._young = young, {}
            young = self._young
        young[key] = (full_at if full_at > now else now) + self._gap_s
        return 0.0


class Ladder:
    """One source measured three times: at its pace, at `step` times its pace, and at `step` times that.

    The source without a name is nobody's, and always slow enough.
    """

    TOP = 3

    def __init__(self, rate: float, burst: float, *, step: int, most: int = 100_000) -> None:
        self._rungs = tuple(Buckets(rate * step**k, burst * step**k, most=most) for k in range(self.TOP))

    def level(self, key: str, now: float) -> int:
        """The first rung that still has a token; TOP where none has."""
        if not key:
            return 0
        for level, rung in enumerate(self._rungs):
            if not rung.wait_s(key, now):
                return level
        return self.TOP

    def take(self, key: str, level: int, now: float) -> None:
        """One token from that rung."""
        if key and level < self.TOP:
            self._rungs[level].take(key, now)
