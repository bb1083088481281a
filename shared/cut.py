"""Cut: one position for each log, which says how far each log has been read.

An as-of read, a rebuild, a result and a comparison each name the cut of the events that they rest on.
"""

from collections.abc import Iterator, Mapping


class Cut(Mapping[str, int]):
    """Immutable mapping of log name to the number of the last commit that is read. A log that is not named has 0."""

    __slots__ = ("_positions",)

    def __init__(self, positions: Mapping[str, int] | None = None) -> None:
        self._positions = {log: n for log, n in sorted((positions or {}).items()) if n}

    def __getitem__(self, log: str) -> int:
        return self._positions.get(log, 0)

    def __contains__(self, log: object) -> bool:
        return log in self._positions

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cut) and self._positions == other._positions

    def __hash__(self) -> int:
        return hash(tuple(self._positions.items()))

    def __repr__(self) -> str:
        return f"Cut({self._positions!r})"

    def at(self, log: str, n: int) -> "Cut":
        """Return a new cut in which `log` is at commit `n` and every other log is where it was."""
        return Cut({**self._positions, log: n})

    def covers(self, other: Mapping[str, int]) -> bool:
        """Return whether this cut is at least as far as `other` in every log."""
        return all(self[log] >= n for log, n in other.items())

    @property
    def commits(self) -> int:
        """How many commits the cut includes, over all logs. Of two cuts of one follower, the later has more."""
        return sum(self._positions.values())

    def to_data(self) -> dict[str, int]:
        """Return the cut as a plain dictionary of log name to commit number. Logs at 0 are left out."""
        return dict(self._positions)
