"""What clients saw, as JSON lines, and whether the record agrees with it.

One history for all fault tests. `broken(history, place)` judges after the faults are over; an empty list means that all
holds, otherwise each line names its invariant:

    logs       numbers are dense; chain and roots verify; times never go back
    likes      an acknowledged order is in the ledger exactly once, under its receipt; a refused one is not; one that
               nobody knows of is there 0 or 1 times
    limits     no voter is over a limit, no like lies outside the window, none follows the close of its partition
    commands   a command that was accepted is in the ledger once; its answer never changes; a refused one is not there
    table      the stored table equals the fold from commit 1 at its cut, byte for byte
    ranking    a rebuild, from the streams and from the ledger, gives the same table and digest
    voters     what a voter is shown at the end is what the voter last did

Does not judge while anything is still on its way: `load.settle` waits for that.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from deploy.log_commands import verified
from deploy.run import log_names
from services.moderation.campaign import Campaign, from_data
from services.moderation.events import CampaignOpened, ShortlistConfirmed
from services.ranking.projection import RankingProjection
from services.ranking.rebuild import SOURCES, rebuild_and_compare
from services.voting.events import LikeCast, LikeRetracted, PollClosed
from services.voting.receipts import address_of
from shared.commit import Recorded
from shared.errors import Corrupt
from shared.projection import ProjectionStore, Projector, advance
from tests.integration.places import PARTITIONS, Place

UNKNOWN = "unknown"
Change = tuple[str, str, int]  # voter, entry, at: what makes an order the same one, however often it is sent


@dataclass(frozen=True, slots=True)
class LikeSeen:
    """One sending of one order, and what was heard of it."""

    voter: str
    entry: str
    do: str
    at: int
    status: str  # as the gateway says it; `unknown` where the connection broke or nobody knows
    code: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class CommandSeen:
    """One sending of one command. `fact` is what its event holds and no other's."""

    key: str
    log: str
    fact: str
    status: str  # ok, refused or unknown
    answer: str = ""  # canonical JSON, without the word that it is a repeat


@dataclass(frozen=True, slots=True)
class ListSeen:
    """The likes that a voter was shown when all was quiet."""

    voter: str
    entries: tuple[str, ...]


Seen = LikeSeen | CommandSeen | ListSeen


@dataclass(slots=True)
class History:
    """Kept in memory, and in a file for whoever looks after a failure."""

    path: Path
    seen: list[Seen] = field(default_factory=list)
    counted: int = 0  # likes that were said to be
    accepted: int = 0  # commands that were
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seen: Seen) -> None:
        line = orjson.dumps({"seen": type(seen).__name__, **asdict(seen)}, option=orjson.OPT_APPEND_NEWLINE)
        with self.lock:
            self.seen.append(seen)
            self.counted += isinstance(seen, LikeSeen) and seen.status == "counted"
            self.accepted += isinstance(seen, CommandSeen) and seen.status == "ok"
            with self.path.open("ab") as file:
                file.write(line)

    def of(self, kind: type[Any]) -> list[Any]:
        with self.lock:
            return [each for each in self.seen if isinstance(each, kind)]


def broken(history: History, place: Place) -> list[str]:
    """Every invariant that does not hold. See the module."""
    record = Record.read(place)
    return [
        *_logs(place),
        *_likes(history, record, place),
        *_limits(record),
        *_commands(history, record),
        *_table(place),
        *_ranking(place),
        *_voters(history),
    ]


@dataclass(slots=True)
class Record:
    """The ledger, as the checks need it."""

    events: dict[str, list[Recorded]]

    @staticmethod
    def read(place: Place) -> "Record":
        names = log_names(PARTITIONS)
        return Record({log: [each for commit in place.commits(log) for each in commit.recorded()] for log in names})

    @property
    def votes(self) -> list[list[Recorded]]:
        return [self.events[f"vote.{p}"] for p in range(PARTITIONS)]

    def changes(self, kind: type[Any]) -> Counter[Change]:
        facts = (each.event for log in self.votes for each in log)
        return Counter((fact.voter, fact.entry, fact.at) for fact in facts if isinstance(fact, kind))

    def casts(self) -> dict[str, LikeCast]:
        """By address."""
        return {each.address: each.event for log in self.votes for each in log if isinstance(each.event, LikeCast)}


def _logs(place: Place) -> Iterator[str]:
    for log in log_names(PARTITIONS):
        try:
            verified(place.ledger, log)
        except Corrupt as problem:
            yield f"logs: {problem}"
        commits = place.commits(log)
        if [each.n for each in commits] != list(range(1, len(commits) + 1)):
            yield f"logs: {log} is not dense"
        if [each.time for each in commits] != sorted(each.time for each in commits):
            yield f"logs: {log} goes back in time"


def _likes(history: History, record: Record, place: Place) -> Iterator[str]:
    casts = record.casts()
    stored = {"like": record.changes(LikeCast), "unlike": record.changes(LikeRetracted)}
    sent: dict[tuple[str, Change], list[LikeSeen]] = defaultdict(list)
    for each in history.of(LikeSeen):
        sent[each.do, (each.voter, each.entry, each.at)].append(each)
        if each.receipt:
            like = casts.get(address_of(place.keys.receipt, each.receipt) or "")
            if like is None or (like.voter, like.entry) != (each.voter, each.entry):
                yield f"likes: the receipt of {each} names {like}"
            elif each.status == "counted" and like.at != each.at:
                yield f"likes: the receipt of {each} names another order, {like}"
    for (do, change), attempts in sent.items():
        times, statuses = stored[do][change], {each.status for each in attempts}
        if "counted" in statuses and times != 1:
            yield f"likes: {do} {change} was counted and is stored {times} times"
        elif times > 1:
            yield f"likes: {do} {change} is stored {times} times"
        elif statuses == {"refused"} and times:
            yield f"likes: {do} {change} was refused and is stored"
    for do, changes in stored.items():
        for change in changes.keys() - {change for each, change in sent if each == do}:
            yield f"likes: {do} {change} is stored and nobody sent it"


def _limits(record: Record) -> Iterator[str]:
    desk = [each.event for each in record.events["moderation"]]
    campaign: Campaign = next(from_data(each.campaign) for each in desk if isinstance(each, CampaignOpened))
    types = {
        listed.entry: listed.type for each in desk if isinstance(each, ShortlistConfirmed) for listed in each.entries
    }
    window, limits = campaign.window("likes"), campaign.likes
    for log in record.votes:
        standing: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)  # voter and day -> entry -> address
        closed = False
        for recorded in log:
            match recorded.event:
                case PollClosed():
                    closed = True
                case LikeRetracted() as fact:
                    if standing[fact.voter, fact.day].pop(fact.entry, None) != fact.like:
                        yield f"limits: {recorded.address} takes back what does not stand"
                case LikeCast() as fact:
                    mine = standing[fact.voter, fact.day]
                    if fact.entry in mine:
                        yield f"limits: {recorded.address} likes what is liked already"
                    mine[fact.entry] = recorded.address
                    if len(mine) > limits.per_day:
                        yield f"limits: {recorded.address} is one too many a day"
                    if max(Counter(types[entry] for entry in mine).values()) > limits.per_type:
                        yield f"limits: {recorded.address} is one too many of a type"
                    if closed or not window.contains(fact.at) or campaign.day_of(fact.at) != fact.day:
                        yield f"limits: {recorded.address} is out of its time"


def _commands(history: History, record: Record) -> Iterator[str]:
    facts = {log: " ".join(repr(each.event) for each in events) for log, events in record.events.items()}
    sent: dict[str, list[CommandSeen]] = defaultdict(list)
    for each in history.of(CommandSeen):
        sent[each.key].append(each)
    for key, attempts in sent.items():
        first = attempts[0]
        times, statuses = facts[first.log].count(first.fact), {each.status for each in attempts}
        answers = {each.answer for each in attempts if each.status != UNKNOWN}
        if len(answers) > 1:
            yield f"commands: {key} was answered {sorted(answers)}"
        if times > 1:
            yield f"commands: {key} is stored {times} times"
        if "ok" in statuses and times != 1:
            yield f"commands: {key} was accepted and is stored {times} times"
        if statuses == {"refused"} and times:
            yield f"commands: {key} was refused and is stored"


def _table(place: Place) -> Iterator[str]:
    kept = ProjectionStore(place.database).load(RankingProjection())
    fold = advance(Projector(RankingProjection()), place.ledger, kept.cut)
    if kept.canonical() != fold.canonical():
        yield f"table: at {kept.cut} it is not the fold from commit 1"


def _ranking(place: Place) -> Iterator[str]:
    for source in SOURCES:
        rebuilt = rebuild_and_compare(place.settings, source=source)
        if not rebuilt.equal:
            yield f"ranking: rebuilt from the {source} it differs: {rebuilt.difference}"


def _voters(history: History) -> Iterator[str]:
    """Only where the last order about an entry had a certain answer: otherwise both are right."""
    last: dict[str, dict[str, LikeSeen]] = defaultdict(dict)
    for each in history.seen:
        match each:
            case LikeSeen() if each.status != "refused":
                last[each.voter][each.entry] = each
            case ListSeen():
                for entry, order in last[each.voter].items():
                    if order.status != UNKNOWN and (order.do == "like") != (entry in each.entries):
                        yield f"voters: {order} and then {each.voter} is shown {each.entries}"
