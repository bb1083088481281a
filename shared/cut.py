"""Cut: how far each log has been read. As-of reads, rebuilds, results and comparisons each name one."""

from collections.abc import Iterator, Mapping


class Cut(Mapping[str, int]):
    """Mapping of log name to commit number; a log that is not named has position 0. A value: `at` returns a new one."""

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
        """Return this cut with one log moved to n."""
        return Cut({**self._positions, log: n})

    def covers(self, other: Mapping[str, int]) -> bool:
        """Whether every log is read at least as far as in `other`."""
        return all(self[log] >= n for log, n in other.items())

    @property
    def commits(self) -> int:
        """How many commits the cut includes. It grows with every move, so it orders the cuts of one follower."""
        return sum(self._positions.values())

    def to_data(self) -> dict[str, int]:
        """Return a plain dictionary, log name to commit number, without the logs at 0."""
        return dict(self._positions)
