"""Remember used tokens until they expire, so that none is accepted twice.

Promises: a recorded key is recognised for its life. At most `most` keys are stored; a key of a like ticket, which has
twelve bytes, takes up to 110 bytes in all (`test_replay_guard.py` measures it), which is 132 MB for `MOST`. That many
are reached when one gateway records 1,000 a second, since the oldest may stay for two lives. Beyond that the older
generation is dropped early: then the half that was recorded last is recognised.
Does not promise to recognise a key that another gateway recorded: callers must tolerate a second use.
"""

from collections.abc import Callable, Hashable

MOST = 1_200_000


class ReplayGuard:
    """A bounded set of used keys, each of which is recognised for `life_s` seconds after `add` unless too many arrive.

    The keys are in two generations. After a life, or when the younger one is full, the older one is dropped as a whole.
    The longest step, dropping a full generation of 600,000 keys, took 60 ms; all others took less than 1 µs on average.
    `now_s` is the clock by which keys expire.
    """

    def __init__(self, *, life_s: float, now_s: Callable[[], float], most: int = MOST) -> None:
        self._life_s, self._now_s, self._half = life_s, now_s, max(1, most // 2)
        self._began_s = now_s()
        self._young: set[Hashable] = set()
        self._old: set[Hashable] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._young or key in self._old

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def add(self, key: Hashable) -> None:
        """Record a key as used from now on."""
        age_s = self._now_s() - self._began_s
        if age_s >= self._life_s or len(self._young) >= self._half:
            # A generation accepts keys for one life only, so after two lives all its keys have expired.
            self._old = self._young if age_s < 2 * self._life_s else set()
            self._young, self._began_s = set(), self._now_s()
        self._young.add(key)

    def discard(self, key: Hashable) -> None:
        """Remove a key, so that its token may be used again. A missing key is no error."""
        self._young.discard(key)
        self._old.discard(key)
