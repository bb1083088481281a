"""Count valid likes by entry: the likes that were cast, without those that were retracted, voided or held.

The address of a like is the id of its event, `<log>/<n>/<i>`. An exception is a like that was cast but does not count.
Promises: the same counts in whatever order the logs come. Memory holds only exceptions by address, so an ordinary like
costs no more than its share of a counter. An exception whose like has not arrived yet waits for the like, so no count
is ever too low. Whether a like is held or voided follows the order of `vote.cases` alone; a hold by admission is a
field of the like itself, and lasts until the first release of that like, whichever of the two arrives first.
Does not check that an address names a like of the entry: the events that hold, void or retract name no others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from services.voting.events import LikeCast
from shared.commit import Columns, Run

RETRACTED, VOIDED, HELD = 1, 2, 4
#: The release arrived before the like: its admission hold, if it has one, is over.
RELEASED = 8
#: Voided by a change set, in moderation's log; flags of the logs are apart, so that their order does not matter.
EXCLUDED = 16
OUT = RETRACTED | VOIDED | HELD | EXCLUDED

Place = tuple[int, int]  # where an event is in its log: commit and index
_NOWHERE: Place = (0, -1)


class Likes:
    """Like counts of all entries over all vote partitions, by campaign day, and the exceptions by address.

    `latest` is the time of the newest like or unlike, in ms since the epoch.
    """

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
        """Count one like that was cast; `address` is the id of its event. A like that admission holds is held."""
        commit, _, i = address.rpartition("/")
        self._cast[like.day][like.entry] += 1
        self.latest = max(self.latest, like.at)
        self._note_arrival(commit, int(i), int(i), {address: like.entry} if like.held is not None else {})

    def cast_all(self, run: Run, commit: str) -> None:
        """Count a whole run of `like-cast` events as `cast` would count each of them, but faster, with passes in C.

        `commit` is `<log>/<n>`.
        """
        columns = run.columns
        self._count(columns)
        self.latest = max(self.latest, *columns["at"])
        holds, held = columns["held"], {}
        if holds.count(None) != run.count:
            rows = zip(range(run.first, run.first + run.count), columns["entry"], holds, strict=True)
            held = {f"{commit}/{i}": entry for i, entry, hold in rows if hold is not None}
        self._note_arrival(commit, run.first, run.first + run.count - 1, held)

    def retract(self, entry: str, like: str, at: int) -> None:
        """Retract a like (by address) of an entry at `at` (ms): it does not count any more."""
        self.latest = max(self.latest, at)
        self._change(entry, like, on=RETRACTED)

    def hold(self, entry: str, likes: Iterable[str]) -> None:
        """Hold likes (by address) of an entry: they do not count until they are released."""
        for like in likes:
            self._change(entry, like, on=HELD)

    def release(self, entry: str, likes: Iterable[str]) -> None:
        """Release held likes (by address) of an entry: they count again, unless they are voided or retracted."""
        for like in likes:
            self._change(entry, like, off=HELD, on=0 if self._is_seen(like) else RELEASED)

    def void(self, entry: str, likes: Iterable[str]) -> None:
        """Void likes (by address) of an entry: they do not count unless they are restored."""
        for like in likes:
            self._change(entry, like, on=VOIDED)

    def exclude(self, entry: str, likes: Iterable[str]) -> None:
        """Void likes (by address) of an entry for good, as a change set does."""
        for like in likes:
            self._change(entry, like, on=EXCLUDED)

    def restore(self, entry: str, likes: Iterable[str]) -> None:
        """Restore voided likes (by address) of an entry: they count again, unless they are held or retracted."""
        for like in likes:
            self._change(entry, like, off=VOIDED)

    # Queries

    def valid(self) -> dict[str, int]:
        """Return how many likes count, by entry. An entry that was never liked is left out."""
        counts: Counter[str] = Counter()
        for cast in self._cast.values():
            counts.update(cast)
        counts.subtract(self._out)
        return dict(counts)

    def held(self) -> int:
        """Return how many likes await a decision: they are held, and neither voided nor retracted.

        Likes whose own event has not arrived yet are included.
        """
        flags = (flags for marked in self._exceptions.values() for flags in marked.values())
        return sum(each & OUT == HELD for each in flags)

    def held_likes(self) -> dict[str, list[str]]:
        """Return the addresses of the likes that have arrived and await a decision, by entry, in their order."""
        found = {
            entry: sorted((like for like, flags in marked.items() if flags & OUT == HELD), key=_place)
            for entry, marked in sorted(self._exceptions.items())
        }
        seen = {entry: [like for like in likes if self._is_seen(like)] for entry, likes in found.items()}
        return {entry: likes for entry, likes in seen.items() if likes}

    def cast_by_day(self, entry: str) -> dict[str, int]:
        """Return how many likes of an entry were cast on each campaign day (YYYY-MM-DD), whether they count or not."""
        return {day: cast[entry] for day, cast in sorted(self._cast.items()) if entry in cast}

    def cast_on(self, day: str) -> Mapping[str, int]:
        """Return how many likes were cast on a campaign day, by entry, whether they count or not."""
        return dict(self._cast.get(day, {}))

    def exceptions(self, entry: str) -> list[tuple[str, int]]:
        """Return an entry's exceptions, its likes that were cast but do not count: (address, flags), by address.

        `flags` combines RETRACTED, VOIDED, HELD and EXCLUDED.
        """
        marked = self._exceptions.get(entry, {}).items()
        return sorted((like, flags) for like, flags in marked if flags & OUT and self._is_seen(like))

    def entries_with_exceptions(self) -> list[str]:
        """Return the ids of the entries that have an exception: a like that was cast but does not count."""
        return sorted(entry for entry, count in self._out.items() if count)

    def does_count(self, entry: str, like: str) -> bool:
        """Return whether a like of this entry, named by its address, has arrived and counts."""
        return self._is_seen(like) and not self._exceptions.get(entry, {}).get(like, 0) & OUT

    def total_cast(self) -> int:
        """Return how many likes were cast for all entries, whether they count or not."""
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
