"""Generate the demo's voters and the likes and unlikes that they send in like week.

Promises: the same seed, entries, voters and days give the same steps. Steps are sorted by time, and the times of one
voter's steps strictly increase. Exactly `n_likes` steps are likes: about 2 % repeat a like, 1 % like again after an
unlike, 0.1 % exceed a limit and 0.5 % are late. `expect` is the answer that the rules of likes demand, derived
here from the rules and not from the product's code: 20 entries a day and 5 of one type, one like per entry and day, no
like after the last day.
Does not promise to imitate fraud: no voters act in concert.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Literal

from deploy.demo.entry_drafts import EntryDraft
from shared.stamps import epoch_s

Action = Literal["like", "unlike"]
Expect = Literal["counted", "already", "daily-limit", "type-limit", "window-closed", "retracted"]

PER_DAY = 20
PER_TYPE = 5
MOST_A_VISIT = 12
DAY_MS = 86_400_000
LAST_START_S = 23 * 3600 + 30 * 60  # the longest visit ends before midnight
SHANGHAI = timedelta(hours=8)  # no summer time since 1991
# Relative number of visits in each hour from midnight: peaks at breakfast and noon, the highest after supper.
HOURS = (2, 1, 1, 1, 1, 3, 9, 18, 22, 17, 16, 20, 38, 30, 17, 15, 16, 22, 32, 42, 48, 44, 26, 9)


@dataclass(frozen=True, slots=True)
class LikeStep:
    """One like or unlike that a voter sends, and the answer (`expect`) that the rules demand."""

    voter: str
    entry_index: int
    day_index: int  # len(days) for a late like
    at_ms: int
    action: Action
    expect: Expect


def voters(seed: int, n: int = 20_000) -> list[str]:
    """Return `n` names of voters that look like WeChat's openids."""
    rng = random.Random(f"{seed}/voters")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return ["oDemo" + "".join(rng.choices(letters, k=23)) for _ in range(n)]


def likes(
    seed: int, entries: Sequence[EntryDraft], voters: Sequence[str], days: Sequence[date], n_likes: int = 100_000
) -> Iterator[LikeStep]:
    """Yield what all voters do in like week, step by step in the sequence of time.

    `entries` are the shortlisted drafts, `days` the days of the campaign's window. Raises ValueError if the voters
    cannot send that many likes in these days.
    """
    rng = random.Random(f"{seed}/likes")
    types = [entry.unit.type for entry in entries]
    taste = _Taste(rng, len(entries))
    visits = _visits(rng, len(voters), len(days))
    steps = _late_likes(rng, taste, rng.sample(voters, min(n_likes // 200, len(voters))), days)
    left = n_likes - len(steps)
    mean_extra = max(1.8, 1.6 * n_likes / max(1, len(voters) * len(days)))
    at_limit = [_exceed_daily_limit] * (n_likes // 5_000) + [_exceed_type_limit] * (n_likes // 1_250)
    while left:
        if not (visitor := next(visits, None)):
            raise ValueError(f"{len(voters)} voters cannot send {n_likes} likes in {len(days)} days")
        voter, day = visitor
        visit = _Visit(rng, voters[voter], day, types, _midnight_ms(days[day]) + _second_of_day(rng) * 1000, left)
        if at_limit:
            at_limit.pop()(visit)
        else:
            _visit_as_usual(
                visit, taste, favourite=taste.favourite(voter), wanted=1 + int(rng.expovariate(1 / mean_extra))
            )
        steps += visit.steps
        left = visit.left
    steps.sort(key=lambda step: (step.at_ms, step.voter))
    yield from steps


class _Taste:
    """Popularity of the entries (a few are liked very often, most seldom), and each voter's favourite entry."""

    def __init__(self, rng: random.Random, n: int) -> None:
        self.rng = rng
        self.by_rank = rng.sample(range(n), n)
        self.weights = list(accumulate(1 / (rank + 3) ** 0.9 for rank in range(n)))
        self.favourites: dict[int, int] = {}

    def any(self) -> int:
        return self.rng.choices(self.by_rank, cum_weights=self.weights)[0]

    def favourite(self, voter: int) -> int:
        if voter not in self.favourites:
            self.favourites[voter] = self.any()
        return self.favourites[voter]


@dataclass(slots=True)
class _Visit:
    """The steps of one voter on one day, each with the answer that the rules of likes demand."""

    rng: random.Random
    voter: str
    day: int
    types: Sequence[str]
    at_ms: int
    left: int  # likes that all voters together may still send
    standing: set[int] = field(default_factory=set)
    of_type: Counter[str] = field(default_factory=Counter)
    steps: list[LikeStep] = field(default_factory=list)

    def like(self, entry: int) -> None:
        if not self.left:
            return
        self.left -= 1
        kind = self.types[entry]
        if entry in self.standing:
            self._step(entry, "like", "already")
        elif len(self.standing) >= PER_DAY:
            self._step(entry, "like", "daily-limit")
        elif self.of_type[kind] >= PER_TYPE:
            self._step(entry, "like", "type-limit")
        else:
            self.standing.add(entry)
            self.of_type[kind] += 1
            self._step(entry, "like", "counted")

    def unlike(self, entry: int) -> None:
        if entry in self.standing:
            self.standing.remove(entry)
            self.of_type[self.types[entry]] -= 1
            self._step(entry, "unlike", "retracted")

    def has_room_for(self, entry: int) -> bool:
        return entry not in self.standing and self.of_type[self.types[entry]] < PER_TYPE

    def _step(self, entry: int, action: Action, expect: Expect) -> None:
        self.steps.append(LikeStep(self.voter, entry, self.day, self.at_ms, action, expect))
        self.at_ms += self.rng.randrange(2_000, 40_000)


def _visit_as_usual(visit: _Visit, taste: _Taste, *, favourite: int, wanted: int) -> None:
    rng = visit.rng
    for k in range(min(wanted, MOST_A_VISIT)):
        entry = favourite if k == 0 and rng.random() < 0.75 else taste.any()
        if not visit.has_room_for(entry):
            continue
        visit.like(entry)
        chance = rng.random()
        if chance < 0.021:
            visit.like(entry)
        elif chance < 0.042:
            visit.unlike(entry)
            if chance < 0.0315:
                visit.like(entry)


def _exceed_daily_limit(visit: _Visit) -> None:
    """Like 20 entries, equally many of each type, then one or two more, which exceed the daily limit."""
    kinds = sorted(set(visit.types))
    by_kind = [[entry for entry, kind in enumerate(visit.types) if kind == each_kind] for each_kind in kinds]
    a_kind = PER_DAY // len(kinds)
    for entries in by_kind:
        visit.rng.shuffle(entries)
    if len(kinds) * a_kind == PER_DAY and a_kind < PER_TYPE and all(len(entries) > a_kind for entries in by_kind):
        for place in range(a_kind):
            for entries in by_kind:
                visit.like(entries[place])
        for entries in by_kind[: visit.rng.randint(1, 2)]:
            visit.like(entries[a_kind])


def _exceed_type_limit(visit: _Visit) -> None:
    """Like six entries of one type; the sixth exceeds the limit of the type."""
    kind = visit.rng.choice(sorted(set(visit.types)))
    entries = [entry for entry, each_kind in enumerate(visit.types) if each_kind == kind]
    if len(entries) > PER_TYPE:
        for entry in visit.rng.sample(entries, PER_TYPE + 1):
            visit.like(entry)


def _visits(rng: random.Random, n_voters: int, n_days: int) -> Iterator[tuple[int, int]]:
    """Yield each pair (voter, day) once: first one day of every voter, then active voters and popular days sooner."""
    first, more = [], []
    for voter in range(n_voters):
        zeal = min(rng.paretovariate(1.3), 20)
        keys = sorted((rng.expovariate(zeal * _day_weight(day, n_days)), voter, day) for day in range(n_days))
        first += keys[:1]
        more += keys[1:]
    for _, voter, day in sorted(first) + sorted(more):
        yield voter, day


def _day_weight(day: int, n_days: int) -> int:
    """Return the weight of a day: the first day attracts more visits than the next ones, the last day most."""
    return 20 if day == n_days - 1 else 14 if day == 0 else 10


def _late_likes(rng: random.Random, taste: _Taste, voters: Sequence[str], days: Sequence[date]) -> list[LikeStep]:
    """Return one like of each of these voters, in the twelve hours after the window."""
    end_ms = _midnight_ms(days[-1]) + DAY_MS
    return [
        LikeStep(voter, taste.any(), len(days), end_ms + rng.randrange(DAY_MS // 2), "like", "window-closed")
        for voter in voters
    ]


def _midnight_ms(day: date) -> int:
    return int(epoch_s(datetime(day.year, day.month, day.day, tzinfo=UTC) - SHANGHAI)) * 1000


def _second_of_day(rng: random.Random) -> int:
    return min(rng.choices(range(24), HOURS)[0] * 3600 + rng.randrange(3600), LAST_START_S)
