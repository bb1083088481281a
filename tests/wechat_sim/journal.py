"""What happened here, in order, for a test to read."""

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

ENTRIES_MOST = 50_000


class Journal:
    """The last entries, numbered from 1."""

    def __init__(self) -> None:
        self._last = 0
        self._entries: deque[dict[str, Any]] = deque(maxlen=ENTRIES_MOST)

    def note(self, kind: str, what: str, **more: Any) -> None:
        self._last += 1
        self._entries.append(
            {"n": self._last, "at_ms": time.time_ns() // 1_000_000, "kind": kind, "what": what, **more}
        )

    def read(self, *, after: int, kind: str | None, most: int) -> list[dict[str, Any]]:
        """At most `most` entries beyond `after`, oldest first."""
        return list(self._some(after, kind, most))

    def _some(self, after: int, kind: str | None, most: int) -> Iterator[dict[str, Any]]:
        for entry in self._entries:
            if entry["n"] > after and kind in (None, entry["kind"]):
                if most == 0:
                    return
                most -= 1
                yield entry

    def clear(self) -> None:
        """Forget the entries; the numbers go on."""
        self._entries.clear()
