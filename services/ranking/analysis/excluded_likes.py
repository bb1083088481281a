"""Count the likes that a scenario would exclude, by day or by address, and an entry's likes for each day.

The address of a like is the id of its event, `<log>/<n>/<i>`, not an IP address. The table counts likes by day, and
knows each exception (a like that was cast but does not count) by its address alone; the day of an exception is read
from the ledger.
Promises: only likes that count can be excluded, and each only once, even if both its day and its address are named.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from services.ranking.read_model.like_counts import EXCLUDED, HELD, RETRACTED, VOIDED, Likes
from services.voting.events import LikeCast
from shared.errors import Overdue
from shared.ledger import PAGE, Ledger

LikesByAddress = Mapping[str, LikeCast]  # by address


@dataclass(frozen=True, slots=True)
class DayOfLikes:
    """One entry's likes of one campaign day. Likes that were cast and then retracted, voided or held do not count."""

    day: str
    cast: int
    retracted: int
    voided: int
    held: int
    usual: int | None = None  # likes cast that day for the median of its peers, the lower of two; None without peers

    @property
    def valid(self) -> int:
        """How many likes of the day count."""
        return self.cast - self.retracted - self.voided - self.held


def by_day(
    likes: Likes, entry: str, likes_by_address: LikesByAddress, *, peers: Sequence[str] = ()
) -> tuple[DayOfLikes, ...]:
    """Return an entry's likes for each day on which it was liked. A like that is both voided and held is under voided.

    `likes_by_address` must hold the entry's exceptions (its likes that do not count). `peers` are the entries that each
    day is compared with, the entry itself among them.
    """
    out: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for address, flags in likes.exceptions(entry):
        reason = next((flag for flag in (RETRACTED, VOIDED, EXCLUDED, HELD) if flags & flag), 0)
        out[likes_by_address[address].day][reason] += 1
    return tuple(
        DayOfLikes(
            day,
            cast,
            out[day][RETRACTED],
            out[day][VOIDED] + out[day][EXCLUDED],
            out[day][HELD],
            _usual(likes, day, peers),
        )
        for day, cast in likes.cast_by_day(entry).items()
    )


def _usual(likes: Likes, day: str, peers: Sequence[str]) -> int | None:
    cast = likes.cast_on(day)
    return median_low([cast.get(each, 0) for each in peers]) if peers else None


def count_excluded(
    likes: Likes, *, days: Sequence[str], addresses: Iterable[str], likes_by_address: LikesByAddress
) -> dict[str, int]:
    """Return for each entry how many of the likes that count now a scenario would exclude; 0 is left out.

    The scenario excludes the likes of `days` and of `addresses` (ids of their events). `likes_by_address` must hold the
    likes of `addresses`, and if there are `days`, also the likes of all exceptions.
    """
    excluded: Counter[str] = Counter()
    for day in set(days):
        excluded.update(likes.cast_on(day))
    for entry in likes.entries_with_exceptions() if days else ():
        excluded[entry] -= sum(likes_by_address[address].day in days for address, _ in likes.exceptions(entry))
    for address in set(addresses):
        like = likes_by_address[address]
        excluded[like.entry] += like.day not in days and likes.does_count(like.entry, address)
    return {entry: count for entry, count in sorted(excluded.items()) if count}


def unknown_days(likes: Likes, days: Iterable[str], window: tuple[str, str]) -> list[str]:
    """Return the days that lie outside like week and have no like, because naming them is probably a mistake.

    `window` is the first and the last day of like week.
    """
    first, last = window
    return sorted({day for day in days if not first <= day <= last and not likes.cast_on(day)})


def excepted_addresses(likes: Likes, entries: Iterable[str]) -> list[str]:
    """Return the addresses of these entries' exceptions: their likes that were retracted, voided or held."""
    return [address for entry in entries for address, _ in likes.exceptions(entry)]


def read_likes(
    ledger: Ledger, addresses: Iterable[str], *, overdue: Callable[[], bool] = lambda: False
) -> LikesByAddress:
    """Read the likes with these addresses (`<log>/<n>/<i>`) from the ledger, and return them by address.

    An address that is not the address of a like is left out. Raises Overdue once `overdue` returns True, Unreachable.
    """
    wanted: defaultdict[str, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for address in addresses:
        log, n, i = address.rsplit("/", 2)
        wanted[log][int(n)].add(int(i))
    found: dict[str, LikeCast] = {}
    for log, by_commit in wanted.items():
        numbers = sorted(by_commit)
        while numbers:
            if overdue():
                raise Overdue(f"{len(numbers)} commits of {log} have yet to be read")
            near = len([n for n in numbers[:PAGE] if n < numbers[0] + PAGE])
            commits = ledger.read(log, numbers[0] - 1, limit=numbers[near - 1] - numbers[0] + 1, commands=False)
            for commit in commits:
                if commit.n in by_commit:
                    events = commit.events()
                    likes = [(i, events[i]) for i in by_commit[commit.n] if i < len(events)]
                    found |= {f"{log}/{commit.n}/{i}": like for i, like in likes if isinstance(like, LikeCast)}
            numbers = numbers[near:]
    return found
