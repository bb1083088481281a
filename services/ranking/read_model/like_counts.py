"""Valid likes = cast ∖ (retracted ∪ voided ∪ held), as sets of like addresses.

Promises: the same counts in whatever order the logs come. Memory holds only exceptions, so an ordinary like costs no
more than its share of a counter. An exception to a like that has not arrived yet waits for it, so no count is ever too
low. Held and voided follow the order of `vote.cases` alone; an admission hold is a field of the like itself, and lasts
until the first release of that like, whichever of the two arrives first.
Does not promise that an address names a like: the events that hold, void or retract name only likes of their entry.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from services.voting.events import LikeCast
from shared.commit import Columns, Run

RETRACTED, VOIDED, HELD = 1, 2, 4
#: The release arrived before the like: its admission hold, if it has one, is over.
RELEASED = 8
OUT = RETRACTED | VOIDED | HELD

Place = tuple[int, int]  # where an event is in its log: commit and index
_NOWHERE: Place = (0, -1)


class Likes:
    """The likes of all partitions. `latest` is the newest time of a like or unlike in it, ms since the epoch."""

    __slots__ = ("_cast", "_exceptions", "_out", "_seen", "_waiting", "latest")

    def __init__(self) -> None:
        self.latest = 0
        self._cast: defaultdict[str, Counter[str]] = defaultdict(Counter)  # campaign day -> entry -> likes
        self._exceptions: defaultdict[str, dict[str, int]] = defaultdict(dict)  # entry -> address -> flags
        self._seen: dict[str, Place] = {}  # log -> its last like
        # Neither is stored: both are derived from the exceptions and the places.
        self._out: Counter[str] = Counter()  # entry -> likes that have arrived and do not count
        self._waiting: dict[str, dict[str, str]] = {}  # commit -> address of a like that has not arrived -> entry

    # Changes

    def cast(self, like: LikeCast, address: str) -> None:
        """Count one like."""
        commit, _, i = address.rpartition("/")
        self._cast[like.day][like.entry] += 1
        self.latest = max(self.latest, like.at)
        self._note_arrival(commit, int(i), int(i), {address: like.entry} if like.held is not None else {})

    def cast_all(self, run: Run, commit: str) -> None:
        """Count a whole run of `like-cast`: the effect of `cast` on each of them, at the price of a few passes in C."""
        columns = run.columns
        self._count(columns)
        self.latest = max(self.latest, *columns["at"])
        holds, held = columns["held"], {}
        if holds.count(None) != run.count:
            rows = zip(range(run.first, run.first + run.count), columns["entry"], holds, strict=True)
            held = {f"{commit}/{i}": entry for i, entry, hold in rows if hold is not None}
        self._note_arrival(commit, run.first, run.first + run.count - 1, held)

    def retract(self, entry: str, like: str, at: int) -> None:
        """Retract a like: it does not count any more."""
        self.latest = max(self.latest, at)
        self._change(entry, like, on=RETRACTED)

    def hold(self, entry: str, likes: Iterable[str]) -> None:
        """Hold likes until they are released."""
        for like in likes:
            self._change(entry, like, on=HELD)

    def release(self, entry: str, likes: Iterable[str]) -> None:
        """Release held likes."""
        for like in likes:
            self._change(entry, like, off=HELD, on=0 if self._is_seen(like) else RELEASED)

    def void(self, entry: str, likes: Iterable[str]) -> None:
        """Void likes."""
        for like in likes:
            self._change(entry, like, on=VOIDED)

    def restore(self, entry: str, likes: Iterable[str]) -> None:
        """Restore voided likes."""
        for like in likes:
            self._change(entry, like, off=VOIDED)

    # Queries

    def valid(self) -> dict[str, int]:
        """Return valid likes by entry; an entry without any like is left out."""
        counts: Counter[str] = Counter()
        for cast in self._cast.values():
            counts.update(cast)
        counts.subtract(self._out)
        return dict(counts)

    def held(self) -> int:
        """Return how many likes await a decision: held, and neither voided nor retracted. Likes yet to arrive are
        included.
        """
        flags = (flags for marked in self._exceptions.values() for flags in marked.values())
        return sum(each & OUT == HELD for each in flags)

    def cast_by_day(self, entry: str) -> dict[str, int]:
        """Return the entry's likes by campaign day, valid or not."""
        return {day: cast[entry] for day, cast in sorted(self._cast.items()) if entry in cast}

    def cast_on(self, day: str) -> Mapping[str, int]:
        """Return the likes cast on a campaign day by entry, valid or not."""
        return dict(self._cast.get(day, {}))

    def exceptions(self, entry: str) -> list[tuple[str, int]]:
        """Return the address and flags of each of the entry's likes that was cast and does not count, by address."""
        marked = self._exceptions.get(entry, {}).items()
        return sorted((like, flags) for like, flags in marked if flags & OUT and self._is_seen(like))

    def entries_with_exceptions(self) -> list[str]:
        """Return the entries that have a like which was cast and does not count."""
        return sorted(entry for entry, count in self._out.items() if count)

    def does_count(self, entry: str, like: str) -> bool:
        """Return whether a like of this entry counts."""
        return self._is_seen(like) and not self._exceptions.get(entry, {}).get(like, 0) & OUT

    def total_cast(self) -> int:
        """Return the number of all likes cast, valid or not."""
        return sum(cast.total() for cast in self._cast.values())

    # Internals

    def _count(self, columns: Columns) -> None:
        day = columns.constant("day")
        if day is not None:
            self._cast[day].update(columns["entry"])
            return
        for (each, entry), count in Counter(zip(columns["day"], columns["entry"], strict=True)).items():
            self._cast[each][entry] += count

    def _note_arrival(self, commit: str, first: int, last: int, held: dict[str, str]) -> None:
        """Note that likes `first` to `last` of a commit have arrived; `held` are those that admission holds."""
        log, _, n = commit.rpartition("/")
        self._seen[log] = (int(n), last)
        waited = self._waiting.pop(commit, None)
        if waited is None and not held:
            return
        due = {like: entry for like, entry in (waited or {}).items() if first <= _place(like)[1] <= last}
        later = {like: entry for like, entry in (waited or {}).items() if like not in due}
        if later:
            self._waiting[commit] = later
        for like, entry in (due | held).items():
            flags = self._exceptions[entry].get(like, 0)
            if like in held and not flags & RELEASED:
                flags |= HELD
            self._set_flags(entry, like, flags & OUT)
            self._out[entry] += bool(flags & OUT)

    def _change(self, entry: str, like: str, *, on: int = 0, off: int = 0) -> None:
        before = self._exceptions[entry].get(like, 0)
        after = before & ~off | on
        self._set_flags(entry, like, after)
        if self._is_seen(like):
            self._out[entry] += bool(after & OUT) - bool(before & OUT)
        else:
            self._waiting.setdefault(like.rpartition("/")[0], {})[like] = entry

    def _set_flags(self, entry: str, like: str, flags: int) -> None:
        """Store the flags of a like; a like without flags is no exception any more."""
        if flags:
            self._exceptions[entry][like] = flags
        else:
            self._exceptions[entry].pop(like, None)

    def _is_seen(self, like: str) -> bool:
        return _place(like) <= self._seen.get(like.rsplit("/", 2)[0], _NOWHERE)

    # As plain data

    def dump(self) -> dict[str, Any]:
        return {
            "cast": {day: dict(cast) for day, cast in self._cast.items()},
            "exceptions": {entry: dict(marked) for entry, marked in self._exceptions.items() if marked},
            "seen": {log: list(place) for log, place in self._seen.items()},
            "latest": self.latest,
        }

    @staticmethod
    def load(data: dict[str, Any]) -> "Likes":
        likes = Likes()
        likes.latest = data["latest"]
        likes._cast.update({day: Counter(cast) for day, cast in data["cast"].items()})
        likes._seen.update({log: (n, i) for log, (n, i) in data["seen"].items()})
        for entry, marked in data["exceptions"].items():
            for like, flags in marked.items():
                likes._change(entry, like, on=flags)
        return likes


def _place(address: str) -> Place:
    _, n, i = address.rsplit("/", 2)
    return int(n), int(i)
