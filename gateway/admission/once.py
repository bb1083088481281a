"""What has been used, within a bound.

Promises: what was noted among the last `most / 2` is known. Does not promise to know what is older, or what another
gateway has seen: who asks must be able to bear a second use.
"""

from collections.abc import Hashable


class Once:
    """Two generations: when the younger is full, the older is forgotten, so that no step takes long."""

    def __init__(self, most: int = 100_000) -> None:
        self._half = max(1, most // 2)
        self._young: set[Hashable] = set()
        self._old: set[Hashable] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._young or key in self._old

    def note(self, key: Hashable) -> None:
        if len(self._young) >= self._half:
            self._young, self._old = set(), self._young
        self._young.add(key)

    def forget(self, key: Hashable) -> None:
        """As if it had never been used."""
        self._young.discard(key)
        self._old.discard(key)
