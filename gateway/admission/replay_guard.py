"""What has been used, for as long as it may be tried again.

Promises: what was noted is known for its life; at most `most` are kept, so many bytes each: up to 110 for the twelve of
a ticket, all told (`test_once.py` measures it), that is 132 MB for `MOST`. That many are used up when one gateway takes
1,000 a second, for the two lives that the oldest may lie here. Beyond it the older generation goes before its time:
then the half that was noted last is known.
Does not promise to know what another gateway has seen: who asks must be able to bear a second use.
"""

from collections.abc import Callable, Hashable

MOST = 1_200_000


class ReplayGuard:
    """Two generations: after a life, or when the younger is full, the older is forgotten at once.

    The longest step, a full generation of 600,000 that goes, took 60 ms; all others less than 1 µs on the average.

    `now_s` is the clock by which what is noted here expires.
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

    def note(self, key: Hashable) -> None:
        age_s = self._now_s() - self._began_s
        if age_s >= self._life_s or len(self._young) >= self._half:
            # Nothing is noted in a generation that is older than a life, so after two of them all in it is over.
            self._old = self._young if age_s < 2 * self._life_s else set()
            self._young, self._began_s = set(), self._now_s()
        self._young.add(key)

    def forget(self, key: Hashable) -> None:
        """As if it had never been used."""
        self._young.discard(key)
        self._old.discard(key)
