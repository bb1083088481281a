"""The loop that counts likes: take what waits, decide it, commit once a partition, answer each.

A plain process outside eventlet, as many as operations like. Every writer consumes every partition's queue; the
partition goes to the writer of the highest rendezvous rank (consumer priority on a quorum queue with a single active
consumer), so that starting or stopping writers moves partitions. All of that may fail: two writers on one partition,
a writer that slept. The ledger's insert is the fence, and an order decided twice is answered twice with the same.

Promises: an order is answered `counted` only once its commit is on disk; a batch is acknowledged only after it is
answered, so a killed writer's batches are delivered to the next. An order that cannot be read is refused and hinders no
other; a message that is no batch goes to the queue of the dead (`queues.py`), and is not lost on the way.
Does not promise that an answer arrives; what is no batch has none, since nobody can tell whose orders were in it.
"""

import contextlib
import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from amqp.exceptions import PreconditionFailed
from kombu.connection import Connection
from kombu.message import Message
from kombu.messaging import Consumer

from services.moderation import campaign as rules
from services.voting import orders as wire
from services.voting.domain import ClosePoll, PollDecider, is_over
from services.voting.duty import Duty
from services.voting.followed_logs import FOLLOWED_BY_WRITERS
from services.voting.queues import dead_queue, vote_queue
from services.voting.state import VotingState
from shared import metrics, streams
from shared.decider import Order
from shared.errors import BrokerUnreachable, Unreachable
from shared.ledger import Ledger, read_commits
from shared.logs import logger
from shared.operations import drive, drive_together
from shared.stamps import stamp, wall_ms
from shared.writer import LogWriter, required_positions

PREFETCH = 64
TICK_S = 0.5
AHEAD_MS = 600_000  # a gateway whose clock is further ahead than this is not believed: its likes would end today
Answers = list[dict[str, Any]]  # see `orders`
log_ = logger(__name__)


def rank(writer: str, partition: int) -> int:
    """Rendezvous rank: of the writers that live, the one of the highest rank gets the partition."""
    return int.from_bytes(hashlib.sha256(f"{writer}/{partition}".encode()).digest()[:2], "big")


@dataclass(slots=True)
class Taken:
    """A batch as it came: its message, and its orders; None for each that cannot be read."""

    message: Message
    orders: list[Order | None]


class VoteWriter:
    """The partitions that this process has worked on, and one round of work."""

    def __init__(self, campaign: str, ledger: Ledger, *, receipt_key: bytes) -> None:
        self._campaign, self._ledger, self._key = campaign, ledger, receipt_key
        self._writers: dict[int, LogWriter[VotingState]] = {}
        self._beside = ThreadPoolExecutor(1, "ahead")

    def partition(self, p: int) -> LogWriter[VotingState]:
        """The writer of a partition, its state read from the ledger on first use.

        What the desk says is the same for all partitions, so it is read once and handed on.
        """
        if p not in self._writers:
            writer = LogWriter(f"vote.{p}", PollDecider(p), stamp=stamp, remember=False)
            for other in islice(self._writers.values(), 1):
                writer.state = replace(writer.state, desk=other.state.desk)
                writer.positions = dict(other.positions)
            for log in (*FOLLOWED_BY_WRITERS, writer.log):
                drive(writer.catch_up(log), self._ledger)
            metrics.ORDERS.labels(writer.log, wire.UNREADABLE["code"])  # from 0 on, so that the first is seen to come
            self._writers[p] = writer
        return self._writers[p]

    def follow(self, log: str) -> None:
        """Read what is new of a log once and tell all partitions. Raises Unreachable, FollowerStopped."""
        writers = list(self._writers.values())
        if not writers:
            return
        for commit in read_commits(self._ledger, log, min(writer.position(log) for writer in writers)):
            for writer in writers:
                if writer.position(log) == commit.n - 1:
                    writer.fold(commit)

    def decide(self, p: int, orders: Sequence[Order | None]) -> Answers:
        """Decide and store the orders of one partition; their answers, also to those that cannot be read."""
        return self.decide_all({p: orders})[p]

    def decide_all(self, orders: Mapping[int, Sequence[Order | None]]) -> dict[int, Answers]:
        """Decide and store the orders of several partitions, a commit each and one question for all; their answers."""
        started = time.monotonic()
        batches = [self._timely(self.partition(p), mine) for p, mine in orders.items()]
        self._follow_what_was_seen(chain.from_iterable(timely for timely, _ in batches))
        before = {p: self._writers[p].head.n for p in orders}
        steps = [self._writers[p].handle(timely) for p, (timely, _) in zip(orders, batches, strict=True)]
        outcomes = drive_together(steps, self._ledger, beside=self._beside)
        told = {}
        for p, (timely, ahead), found in zip(orders, batches, outcomes, strict=True):
            writer, key = self._writers[p], self._key
            answers = [
                wire.answer(order.command, outcome, writer.state, key)
                for order, outcome in zip(timely, found, strict=True)
            ]
            told[p] = answers if len(timely) == len(orders[p]) else _with_the_undecided(answers, orders[p], ahead)
            metrics.APPEND_S.labels(writer.log).observe(time.monotonic() - started)
            metrics.COMMITS.labels(writer.log).inc(writer.head.n - before[p])
            for said, times in wire.tally(told[p]).items():
                metrics.ORDERS.labels(writer.log, said).inc(times)
        return told

    def _follow_what_was_seen(self, orders: Iterable[Order]) -> None:
        """Where the ledger is away or has it not yet, each partition waits for it by itself."""
        for log, n in required_positions(orders):
            if any(writer.position(log) < n for writer in self._writers.values()):
                with contextlib.suppress(Unreachable):
                    self.follow(log)

    def _timely(self, writer: LogWriter[VotingState], orders: Sequence[Order | None]) -> tuple[list[Order], int]:
        """The orders that can be read, and whose instant can be believed; and the bound."""
        ahead = wall_ms() + AHEAD_MS if writer.state.clock is None else wire.LAST_MS
        return [order for order in orders if order is not None and order.command.at <= ahead], ahead

    def close_what_is_over(self, partitions: int, now_ms: Callable[[VotingState], int]) -> None:
        """Append PollClosed to each partition whose time has come. Raises Unreachable."""
        writers = {p: self.partition(p) for p in range(partitions)}
        still_open = {p: writer for p, writer in writers.items() if not writer.state.closed}
        if not still_open:
            return
        self.follow(wire.DESK_LOG)
        for p, writer in still_open.items():
            at = now_ms(writer.state)
            if is_over(writer.state, at):
                order = Order(f"close-{p}", "clock", ClosePoll(at))
                drive(writer.handle([order]), self._ledger)
                log_.info("poll closed", partition=p, n=writer.head.n)


def _with_the_undecided(told: Answers, orders: Sequence[Order | None], ahead: int) -> Answers:
    """The answers, with those to orders that were not decided: unreadable, or of a gateway whose clock runs ahead."""
    answers = iter(told)
    return [
        wire.UNREADABLE if order is None else next(answers) if order.command.at <= ahead else wire.CLOCK_AHEAD
        for order in orders
    ]


def campaign_time(polls: VotingState) -> int:
    """A rehearsal's clock, or the wall's."""
    return wall_ms() if polls.clock is None else polls.clock


class VoteLoop:
    """Connects the writer to its queues. `run` ends when `stop` says so."""

    def __init__(self, campaign: str, writer: VoteWriter, *, name: str, partitions: int) -> None:
        self._campaign, self._writer, self._name, self._partitions = campaign, writer, name, partitions
        self._waiting: dict[int, list[Taken]] = defaultdict(list)
        self._duty = Duty()
        self.connected = False

    def run(self, amqp_uri: str, *, stop: Callable[[], bool]) -> None:
        while not stop():
            try:
                with streams.connect(amqp_uri) as connection:
                    self._serve(connection, stop)
            except (BrokerUnreachable, Unreachable) as problem:
                log_.warning("an engine is away, trying again", problem=str(problem))
                time.sleep(0.5)
            finally:
                self.connected = False
                self._waiting.clear()  # the broker delivers them again, to whoever consumes then

    def _serve(self, connection: Connection, stop: Callable[[], bool]) -> None:
        queues = [vote_queue(self._campaign, p, rank=rank(self._name, p)) for p in range(self._partitions)]
        try:
            channel = connection.channel()
            dead_queue(self._campaign)(channel).declare()
            consumers = [
                Consumer(channel, [queue], on_message=self._taker(p), accept=None, prefetch_count=PREFETCH)
                for p, queue in enumerate(queues)
            ]
            for consumer in consumers:
                consumer.consume()
            self.connected = True
            self._rounds(connection, channel, stop)
        except PreconditionFailed as problem:
            log_.error("a queue was made with other arguments; see the runbook DeadLetters", problem=str(problem))
            raise BrokerUnreachable(str(problem)) from problem
        except streams.broker_errors(connection) as problem:
            raise BrokerUnreachable(str(problem)) from problem

    def _rounds(self, connection: Connection, channel: Any, stop: Callable[[], bool]) -> None:
        ticked = 0.0
        while not stop():
            streams.drain(connection, TICK_S)
            while sum(map(len, self._waiting.values())) < PREFETCH and streams.drain(connection, 0.0005):
                pass
            self._answer_all(channel)
            if time.monotonic() - ticked > TICK_S:
                self._duty.rest()
                # A ledger that is away is waited for where something must be stored; until then the broker hears of us.
                with contextlib.suppress(Unreachable):
                    self._writer.close_what_is_over(self._partitions, campaign_time)
                ticked = time.monotonic()

    def _taker(self, p: int) -> Callable[[Message], None]:
        def take(message: Message) -> None:
            try:
                orders = wire.read_batch(message.body)
            except ValueError as problem:
                log_.error(
                    "a message that is no batch",
                    partition=p,
                    queue=wire.dead_name(self._campaign),
                    problem=repr(problem),
                )
                metrics.INVALID_BATCHES.labels(p).inc()
                message.reject()
                return
            if not all(orders):
                log_.error("orders that cannot be read", partition=p, orders=orders.count(None), of=len(orders))
            self._waiting[p].append(Taken(message, orders))
            self._duty.given(p)

        return take

    def _answer_all(self, channel: Any) -> None:
        waiting, self._waiting = self._waiting, defaultdict(list)
        orders = {p: [order for batch in batches for order in batch.orders] for p, batches in waiting.items()}
        for p, answers in self._writer.decide_all(orders).items():
            self._answer(channel, waiting[p], answers)

    def _answer(self, channel: Any, batches: list[Taken], answers: Answers) -> None:
        at = 0
        for batch in batches:
            _reply(channel, batch.message, wire.write_answers(answers[at : at + len(batch.orders)]))
            at += len(batch.orders)
        for batch in batches:
            batch.message.ack()


def _reply(channel: Any, message: Message, body: bytes) -> None:
    """To the gateway's own queue, unconfirmed: a gateway that is gone, or given up, needs no answer."""
    reply_to = message.properties.get("reply_to")
    if not reply_to:
        return
    properties = {"correlation_id": message.properties.get("correlation_id"), "delivery_mode": 1}
    reply = channel.prepare_message(body, content_type=streams.CONTENT_TYPE, properties=properties)
    channel.basic_publish(reply, exchange="", routing_key=reply_to)


def partitions_of(ledger: Ledger, *, wait_s: float = 1.0, stop: Callable[[], bool] = lambda: False) -> int:
    """How many partitions the campaign has; waits until it is opened. 0 where `stop` came first."""
    while not stop():
        try:
            for commit in ledger.read(wire.DESK_LOG, 0, limit=1):
                opened = commit.events()[0]
                return rules.from_data(opened.campaign).likes.partitions
        except Unreachable as problem:
            log_.warning("the ledger is unreachable, trying again", problem=str(problem))
        time.sleep(wait_s)
    return 0
