"""A sorted set of keys as a value: adding or removing a key gives a new set, and leaves the old one as it was.

Promises: two sets of the same keys are equal, in whatever order the keys came; a change copies a chunk of keys and the
list of chunks, so its cost grows with the square root of the size; walking from a key costs what is walked.
Does not promise anything for keys that cannot be compared with each other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, Self

Key = tuple[Any, ...]
MOST = 128  # keys in a chunk


class SortedKeys:
    """An immutable sorted set of tuples."""

    __slots__ = ("_chunks", "_count", "_firsts")

    def __init__(self, chunks: tuple[tuple[Key, ...], ...] = (), count: int = 0) -> None:
        self._chunks, self._count = chunks, count
        self._firsts = [each[0] for each in chunks]

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Key]:
        for chunk in self._chunks:
            yield from chunk

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SortedKeys) and self._count == other._count and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"SortedKeys({list(self)!r})"

    def __contains__(self, key: Key) -> bool:
        if not self._chunks:
            return False
        chunk = self._chunks[self._chunk_of(key)]
        place = bisect_left(chunk, key)
        return place < len(chunk) and chunk[place] == key

    def add(self, key: Key) -> "Self | SortedKeys":
        """Return the set with the key; the same set if it has the key."""
        if not self._chunks:
            return SortedKeys(((key,),), 1)
        if key in self:
            return self
        i = self._chunk_of(key)
        chunk = self._chunks[i]
        place = bisect_left(chunk, key)
        chunk = (*chunk[:place], key, *chunk[place:])
        parts = (chunk,) if len(chunk) <= MOST else (chunk[: MOST // 2], chunk[MOST // 2 :])
        return SortedKeys((*self._chunks[:i], *parts, *self._chunks[i + 1 :]), self._count + 1)

    def discard(self, key: Key) -> "Self | SortedKeys":
        """Return the set without the key; the same set if it does not have the key."""
        if key not in self:
            return self
        i = self._chunk_of(key)
        chunk = self._chunks[i]
        place = bisect_left(chunk, key)
        chunk = (*chunk[:place], *chunk[place + 1 :])
        return SortedKeys((*self._chunks[:i], *((chunk,) if chunk else ()), *self._chunks[i + 1 :]), self._count - 1)

    def after(self, key: Key | None) -> Iterator[Key]:
        """Yield the keys after this key, in order; all of them for None."""
        if key is None or not self._chunks:
            yield from self
            return
        i = self._chunk_of(key)
        yield from self._chunks[i][bisect_right(self._chunks[i], key) :]
        for chunk in self._chunks[i + 1 :]:
            yield from chunk

    def before(self, key: Key | None) -> Iterator[Key]:
        """Yield the keys before this key, the last first; all of them for None."""
        i = len(self._chunks) if key is None or not self._chunks else self._chunk_of(key)
        if i < len(self._chunks) and key is not None:
            yield from reversed(self._chunks[i][: bisect_left(self._chunks[i], key)])
        for chunk in reversed(self._chunks[:i]):
            yield from reversed(chunk)

    def _chunk_of(self, key: Key) -> int:
        return max(bisect_right(self._firsts, key) - 1, 0)
