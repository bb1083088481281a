"""Group likes by what they have in common: the hour, the door, the network, the address, the browser (cohorts). Pure.

Promises: a group names no voter; groups of fewer than FEWEST voters are told as one number, so that no single person
stands out; the same likes give the same groups in the same order.
Does not say whether likes are genuine, and not whether they count: holds, voids and exclusions are ranking's.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.voting.events import LikeCast, LikeRetracted
from shared.zones import local_time

#: By what likes are grouped without their signals, and by which signal each other kind groups them.
CLEAR = ("hour", "first-hour", "door")
SIGNALS = {"network": "net", "address": "addr", "device": "device", "agent": "ua", "site": "site"}
KINDS = (*CLEAR, *SIGNALS)
FEWEST = 3  # voters of a group that is told by itself
MOST_GROUPS = 200
MOST_LIKES = 500_000  # that are grouped at once
TOP_ENTRIES = 5
NONE = ""  # the group of likes without the signal


class TooManyLikes(Exception):
    """More likes than MOST_LIKES were chosen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which likes are grouped, and by what. `since` and `until` are instants in ms, `entry` an entry's id, or None."""

    grouping: str
    zone: str
    entry: str | None = None
    since: int | None = None
    until: int | None = None

    def takes(self, like: LikeCast) -> bool:
        """Return whether a like is among the chosen ones."""
        return (
            (self.entry is None or like.entry == self.entry)
            and (self.since is None or like.at >= self.since)
            and (self.until is None or like.at < self.until)
        )


@dataclass(slots=True)
class Cohorts:
    """The chosen likes as they are read, log by log. `signals` opens the sealed signals of a like, for kinds that need
    them.
    """

    choice: Choice
    signals: Callable[[LikeCast], Mapping[str, str]]
    _likes: dict[str, tuple[str, str, str, int]] = field(default_factory=dict)  # address -> key, voter, entry, at
    _first: dict[str, int] = field(default_factory=dict)  # voter -> the instant of the first like ever

    def take(self, fact: object, address: str) -> None:
        """Take an event of a vote log. Raises TooManyLikes, and whatever opening a signal raises."""
        if isinstance(fact, LikeRetracted):
            self._likes.pop(fact.like, None)
        elif isinstance(fact, LikeCast):
            if self.choice.grouping == "first-hour":
                self._first[fact.voter] = min(fact.at, self._first.get(fact.voter, fact.at))
            if self.choice.takes(fact):
                if len(self._likes) >= MOST_LIKES:
                    raise TooManyLikes
                self._likes[address] = (self._key(fact), fact.voter, fact.entry, fact.at)

    def groups(self) -> dict[str, Any]:
        """Return the groups as plain data, the largest first, and how much is in those that are not told."""
        found: dict[str, list[tuple[str, str, int]]] = {}
        for key, voter, entry, at in self._likes.values():
            found.setdefault(self._final(key, voter), []).append((voter, entry, at))
        rows = [_row(key, likes) for key, likes in found.items()]
        told = sorted((row for row in rows if row["voters"] >= FEWEST), key=lambda row: (-row["likes"], row["key"]))
        small = [row for row in rows if row["voters"] < FEWEST]
        return {
            "grouping": self.choice.grouping,
            "likes": len(self._likes),
            "voters": len({voter for _, voter, _, _ in self._likes.values()}),
            "groups": told[:MOST_GROUPS],
            "more": len(told[MOST_GROUPS:]),
            "small": {"groups": len(small), "likes": sum(row["likes"] for row in small), "fewest": FEWEST},
        }

    def addresses(self, group: str) -> list[str]:
        """Return the addresses of the likes of one group, in order; none of a group of fewer than FEWEST voters."""
        chosen = [
            (address, voter) for address, (key, voter, _, _) in self._likes.items() if self._final(key, voter) == group
        ]
        return sorted(address for address, _ in chosen) if len({voter for _, voter in chosen}) >= FEWEST else []

    def _key(self, like: LikeCast) -> str:
        if self.choice.grouping == "hour":
            return _hour(like.at, self.choice.zone)
        if self.choice.grouping == "first-hour":
            return NONE  # known at the end
        return (
            like.door if self.choice.grouping == "door" else self.signals(like).get(SIGNALS[self.choice.grouping], NONE)
        )

    def _final(self, key: str, voter: str) -> str:
        return _hour(self._first[voter], self.choice.zone) if self.choice.grouping == "first-hour" else key


def _hour(at: int, zone: str) -> str:
    return local_time(at, zone).strftime("%Y-%m-%d %H:00")


def _row(key: str, likes: list[tuple[str, str, int]]) -> dict[str, Any]:
    entries = Counter(entry for _, entry, _ in likes)
    return {
        "key": key,
        "likes": len(likes),
        "voters": len({voter for voter, _, _ in likes}),
        "first_at": min(at for _, _, at in likes),
        "last_at": max(at for _, _, at in likes),
        "entries": [
            {"entry": entry, "likes": count}
            for entry, count in sorted(entries.items(), key=lambda each: (-each[1], each[0]))[:TOP_ENTRIES]
        ],
    }
