"""Token buckets by key, and ladders of token buckets.

A bucket is stored as one number: the time at which it will be full again (the generic cell rate algorithm). The
`limits` library takes ten times as long for each hit, and a thread; the like route needs five hits.

Promises: within any span of t seconds a key gets at most `burst + rate · t` tokens, and at least as many as a bucket
that was full at its first token. Holds at most `most` keys; if more than half as many arrive within the time that a
bucket needs to fill, the keys that were not used for longest start with a full bucket again.
"""


class Buckets:
    """Token buckets with `rate` tokens a second for each key, of which at most `burst` are saved."""

    def __init__(self, rate: float, burst: float, *, most: int = 100_000) -> None:
        self._gap_s = 1 / rate
        self._room_s = (max(burst, 1.0) - 1) / rate + 1e-6  # a microsecond more, for rounding errors in sums of floats
        self._half = max(1, most // 2)
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def wait_s(self, key: str, now: float) -> float:
        """Return the seconds until the key has a token; 0 if it has one now."""
        full_at = self._young.get(key) or self._old.get(key) or now
        return full_at - self._room_s - now if full_at > now + self._room_s else 0.0

    def take(self, key: str, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one. `now` is in seconds."""
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
    """Three buckets for each source: at its rate, at `step` times that rate, and at `step²` times.

    The empty key, which stands for an unknown source, always has tokens.
    """

    TOP = 3

    def __init__(self, rate: float, burst: float, *, step: int, most: int = 100_000) -> None:
        self._rungs = tuple(Buckets(rate * step**k, burst * step**k, most=most) for k in range(self.TOP))

    def level(self, key: str, now: float) -> int:
        """Return the first bucket that still has a token; TOP if none has."""
        if not key:
            return 0
        for level, rung in enumerate(self._rungs):
            if not rung.wait_s(key, now):
                return level
        return self.TOP

    def take(self, key: str, level: int, now: float) -> None:
        """Take one token from the bucket of that level."""
        if key and level < self.TOP:
            self._rungs[level].take(key, now)
