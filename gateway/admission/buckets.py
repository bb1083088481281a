"""Token buckets by key, and ladders of token buckets, which limit rates and measure how far a rate is exceeded.

A bucket is stored as one number: the time at which it will be full again (the generic cell rate algorithm). The
`limits` library takes ten times as long for each hit, and a thread; the like route needs five hits.

Promises: within any span of t seconds a key gets at most `burst + rate · t` tokens, and at least as many as a bucket
that was full at its first token. Holds at most `most` keys; if more than half as many arrive within the time that a
bucket needs to fill, the keys that were not used for longest start with a full bucket again.
"""


class Buckets:
    """Limit how often each key may act: `rate` tokens a second, of which an idle key saves at most `burst`."""

    def __init__(self, rate: float, burst: float, *, most: int = 100_000) -> None:
        self._gap_s = 1 / rate
        self._room_s = (max(burst, 1.0) - 1) / rate + 1e-6  # a microsecond more, for rounding errors in sums of floats
        self._half = max(1, most // 2)
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def wait_s(self, key: str, now: float) -> float:
        """Return the seconds until the key has a token, or 0 if it has one now. Takes no token; `now` is in seconds."""
        full_at = self._young.get(key) or self._old.get(key) or now
        return full_at - self._room_s - now if full_at > now + self._room_s else 0.0

    def take(self, key: str, now: float) -> float:
        """Take one token of the key and return 0; without a token, take none and return the seconds until there is one.

        `now` is in seconds of one monotonic clock.
        """
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
    """Measure how far a source exceeds its rate, with a token bucket at each of three rates.

    The rates are `rate`, `step · rate` and `step² · rate`. A source is a hash of an address or network. The empty key,
    which stands for an unknown source, is always within its rate.
    """

    TOP = 3

    def __init__(self, rate: float, burst: float, *, step: int, most: int = 100_000) -> None:
        self._rungs = tuple(Buckets(rate * step**k, burst * step**k, most=most) for k in range(self.TOP))

    def level(self, key: str, now: float) -> int:
        """Return the lowest level (0, 1 or 2) whose bucket still has a token for the key, or TOP if none has.

        Takes no token.
        """
        if not key:
            return 0
        for level, rung in enumerate(self._rungs):
            if not rung.wait_s(key, now):
                return level
        return self.TOP

    def take(self, key: str, level: int, now: float) -> None:
        """Take one token of the key from the bucket of `level`, which `level()` returned. Does nothing at TOP."""
        if key and level < self.TOP:
            self._rungs[level].take(key, now)
