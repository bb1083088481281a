"""When the projector puts its table aside, so that "as of" has little left to fold.

A commit costs a fold some 50 µs and a like in it 3 µs more (`tests/bench/test_replay.py`), so one commit weighs as much
as 16 likes; a snapshot is taken each time that a third of a second's folding has come.
"""

from shared.projection import Projector
from shared.snapshots import Snapshots

from .facts import Table

EVERY = 100_000  # likes, and 16 for each commit
_COMMIT = 16


class Aside:
    """The snapshots of a live table. `look` is called once a second or so."""

    def __init__(self, snapshots: Snapshots, begun: Projector[Table]) -> None:
        self._snapshots = snapshots
        self._last = _weight(begun)

    def look(self, projector: Projector[Table]) -> None:
        """Put the table aside where enough has come since the last time. Raises Unreachable."""
        weight = _weight(projector)
        if weight - self._last >= EVERY:
            self._snapshots.keep(projector)
            self._last = weight


def _weight(projector: Projector[Table]) -> int:
    return projector.cut.commits * _COMMIT + projector.table.likes.cast_in_all()
