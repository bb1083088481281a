"""The journal of what happened in the simulator, in order, for a test to read."""

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

ENTRIES_MOST = 50_000


class Journal:
    """The latest entries, numbered from 1."""

    def __init__(self) -> None:
        self._last = 0
        self._entries: deque[dict[str, Any]] = deque(maxlen=ENTRIES_MOST)

    def note(self, kind: str, what: str, **more: Any) -> None:
        """Append an entry with its number and time."""
        self._last += 1
        self._entries.append(
            {"n": self._last, "at_ms": time.time_ns() // 1_000_000, "kind": kind, "what": what, **more}
        )

    def read(self, *, after: int, kind: str | None, most: int) -> list[dict[str, Any]]:
        """Return at most `most` entries with numbers above `after`, oldest first."""
        return list(self._some(after, kind, most))

    def _some(self, after: int, kind: str | None, most: int) -> Iterator[dict[str, Any]]:
        for entry in self._entries:
            if entry["n"] > after and kind in (None, entry["kind"]):
                if most == 0:
                    return
                most -= 1
                yield entry

    def clear(self) -> None:
        """Remove all entries. Numbers continue."""
        self._entries.clear()
