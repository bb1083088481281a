"""The loop that counts likes: take the waiting batches of orders, decide, commit once per partition, answer each batch.

It runs in plain processes outside eventlet, any number of them. Every writer consumes every partition's queue; a
partition goes to the writer with the highest rendezvous rank (consumer priority on a quorum queue with a single active
consumer), so starting or stopping writers moves partitions. This may go wrong: two writers may work on one partition,
or a writer may have slept. The ledger's insert is the fence, and an order that is decided twice gets the same answer
twice.

Promises: an order is answered `counted` only after its commit is on disk; a batch is acknowledged only after it is
answered, so the batches of a killed writer are delivered to the next one. An unreadable order is refused and does not
affect others; a message that is not a batch goes to the dead-letter queue (`queues.py`) and is not lost on the way.
Does not promise: that an answer arrives. A message that is not a batch gets none, since its senders cannot be
identified.
"""

import contextlib
import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from services.voting.domain import ClosePoll, NamedLike, PollDecider, RetractLike, is_over
from services.voting.duty import Duty
from services.voting.followed_logs import FOLLOWED_BY_WRITERS
from services.voting.queries import stored_like
from services.voting.queues import declare_dead_queue, declare_vote_queue, vote_queue
from services.voting.receipts import address_of
from services.voting.state import VotingState
from shared import metrics, streams
from shared.decider import CommandEnvelope
from shared.errors import BrokerUnreachable, Unreachable
from shared.exchanges import LIKE_ANSWERS, exchange
from shared.ledger import Ledger, read_commits
from shared.logs import logger
from shared.operations import drive, drive_together
from shared.stamps import stamp, wall_ms
from shared.writer import LogWriter, required_positions

PREFETCH = 64
TICK_S = 0.5
ANSWERS_AGAIN_S = 1.0
AHEAD_MS = (
    600_000  # orders dated further ahead than this are refused, so that a wrong clock cannot end the campaign day
)
Answers = list[dict[str, Any]]  # see `orders`
log_ = logger(__name__)


def rank(writer: str, partition: int) -> int:
    """Return a writer's rank for a partition, 0 to 65535: of the running writers, the one with the highest gets it."""
    return int.from_bytes(hashlib.sha256(f"{writer}/{partition}".encode()).digest()[:2], "big")


@dataclass(slots=True)
class ReceivedBatch:
    """A batch of orders as it arrived: its message, and its orders, with None for each order that cannot be read."""

    message: Message
    orders: list[CommandEnvelope | None]


class VoteWriter:
    """Decides the orders of vote partitions and stores them, one commit per partition and round.

    It keeps the state of every partition that this process has worked on. `receipt_key` signs receipts.
    """

    def __init__(self, campaign: str, ledger: Ledger, *, receipt_key: bytes) -> None:
        self._campaign, self._ledger, self._key = campaign, ledger, receipt_key
        self._writers: dict[int, LogWriter[VotingState]] = {}
        self._beside = ThreadPoolExecutor(1, "ahead")

    def partition(self, p: int) -> LogWriter[VotingState]:
        """Return the log writer of a partition. On first use its state is read from the ledger, which may take long.

        The facts from other services are the same for all partitions, so a further partition copies them from the
        first.
        """
        if p not in self._writers:
            writer = LogWriter(f"vote.{p}", PollDecider(p), stamp=stamp, remember=False)
            for other in islice(self._writers.values(), 1):
                writer.state = replace(writer.state, desk=other.state.desk)
                writer.positions = dict(other.positions)
            for log in (*FOLLOWED_BY_WRITERS, writer.log):
                drive(writer.catch_up(log), self._ledger)
            metrics.ORDERS.labels(
                writer.log, wire.UNREADABLE["code"]
            )  # start at 0, so that the first increase is visible
            self._writers[p] = writer
        return self._writers[p]

    def follow(self, log: str) -> None:
        """Read the new commits of a followed log once, and fold them into the states of all partitions.

        Raise Unreachable or FollowerStopped.
        """
        writers = list(self._writers.values())
        if not writers:
            return
        for commit in read_commits(self._ledger, log, min(writer.position(log) for writer in writers)):
            for writer in writers:
                if writer.position(log) == commit.n - 1:
                    writer.fold(commit)

    def decide(self, p: int, orders: Sequence[CommandEnvelope | None]) -> Answers:
        """Decide and store the orders of one partition, and return their answers in order.

        An unreadable order (None) is answered too.
        """
        return self.decide_all({p: orders})[p]

    def decide_all(self, orders: Mapping[int, Sequence[CommandEnvelope | None]]) -> dict[int, Answers]:
        """Decide and store the orders of several partitions, and return the answers of each partition in order.

        The commits of all partitions go to the ledger in one request.
        """
        started = time.monotonic()
        batches = [self._decidable(self.partition(p), mine) for p, mine in orders.items()]
        batches = [([self._with_named_like(p, each) for each in timely], ahead)
                   for p, (timely, ahead) in zip(orders, batches, strict=True)]  # fmt: skip
        self._follow_seen_positions(chain.from_iterable(timely for timely, _ in batches))
        before = {p: self._writers[p].head.n for p in orders}
        steps = [self._writers[p].handle(timely) for p, (timely, _) in zip(orders, batches, strict=True)]
        outcomes = drive_together(steps, self._ledger, beside=self._beside)
        answers_by_partition = {}
        for p, (timely, ahead), found in zip(orders, batches, outcomes, strict=True):
            writer, key = self._writers[p], self._key
            answers = [
                wire.answer(order.command, outcome, writer.state, key)
                for order, outcome in zip(timely, found, strict=True)
            ]
            answers_by_partition[p] = (
                answers if len(timely) == len(orders[p]) else _with_undecided(answers, orders[p], ahead)
            )
            metrics.APPEND_S.labels(writer.log).observe(time.monotonic() - started)
            metrics.COMMITS.labels(writer.log).inc(writer.head.n - before[p])
            for status, times in wire.tally(answers_by_partition[p]).items():
                metrics.ORDERS.labels(writer.log, status).inc(times)
        return answers_by_partition

    def _follow_seen_positions(self, orders: Iterable[CommandEnvelope]) -> None:
        """Read the log positions that the gateways had seen. If the ledger is away or behind, each partition waits for
        them by itself.
        """
        for log, n in required_positions(orders):
            if any(writer.position(log) < n for writer in self._writers.values()):
                with contextlib.suppress(Unreachable):
                    self.follow(log)

    def _decidable(
        self, writer: LogWriter[VotingState], orders: Sequence[CommandEnvelope | None]
    ) -> tuple[list[CommandEnvelope], int]:
        """Return the readable orders whose time is plausible, and the upper bound for that time."""
        ahead = wall_ms() + AHEAD_MS if writer.state.clock is None else wire.LAST_MS
        return [order for order in orders if order is not None and order.command.at <= ahead], ahead

    def _with_named_like(self, p: int, order: CommandEnvelope) -> CommandEnvelope:
        """Return the order with the like behind its receipt, read from the ledger, if it is an unlike that names one.

        Raise Unreachable.
        """
        command = order.command
        if not isinstance(command, RetractLike) or not command.receipt:
            return order
        address = address_of(self._key, command.receipt)
        if address is None or not address.startswith(f"vote.{p}/"):
            return order  # not one of this campaign, or of a voter in another partition
        like = stored_like(self._ledger, address)
        return order if like is None else replace(order, command=replace(command, names=NamedLike(address, like)))

    def close_expired_polls(self, partitions: int, now_ms: Callable[[VotingState], int]) -> None:
        """Close each partition in which no like can be in time any more, by appending PollClosed to its log.

        `now_ms` returns the campaign time of a state. Raise Unreachable.
        """
        writers = {p: self.partition(p) for p in range(partitions)}
        still_open = {p: writer for p, writer in writers.items() if not writer.state.closed}
        if not still_open:
            return
        self.follow(wire.DESK_LOG)
        for p, writer in still_open.items():
            at = now_ms(writer.state)
            if is_over(writer.state, at):
                order = CommandEnvelope(f"close-{p}", "clock", ClosePoll(at))
                drive(writer.handle([order]), self._ledger)
                log_.info("poll closed", partition=p, n=writer.head.n)


def _with_undecided(answers: Answers, orders: Sequence[CommandEnvelope | None], ahead: int) -> Answers:
    """Return the answers including those to orders that were not decided: unreadable, or from a gateway whose clock
    runs ahead.
    """
    decided = iter(answers)
    return [
        wire.UNREADABLE if order is None else next(decided) if order.command.at <= ahead else wire.CLOCK_AHEAD
        for order in orders
    ]


def campaign_time(polls: VotingState) -> int:
    """Return the campaign time in ms since the epoch: a rehearsal's clock, or the wall clock."""
    return wall_ms() if polls.clock is None else polls.clock


class ReplySender:
    """Sends answers to the gateways' own queues, unconfirmed: a gateway that is gone, or has given up, needs none.

    It has a connection of its own. While an alarm of memory or disk space is set, the broker stops reading from
    connections that publish; batches still arrive on the other connection and are acknowledged there, so likes that the
    broker holds are counted during the alarm, and only their answers are dropped.
    """

    def __init__(self, campaign: str) -> None:
        self._exchange = exchange(campaign, LIKE_ANSWERS)
        self._uri = ""
        self._connection: Connection | None = None
        self._channel: Any = None
        self._retry_at = 0.0  # monotonic time before which no new connection is tried

    @contextlib.contextmanager
    def open(self, amqp_uri: str) -> Iterator[None]:
        """Connect at the first answer of the block, and again after a failure; disconnect at its end."""
        self._uri, self._retry_at = amqp_uri, 0.0
        try:
            yield
        finally:
            if self._connection is not None:
                self._connection.release()  # what was sent arrives before the connection ends
            self._disconnect()

    def send(self, message: Message, body: bytes) -> None:
        """Send the answer to a message, or drop it where the broker takes none at the moment."""
        reply_to = message.properties.get("reply_to")
        if not reply_to:
            return
        properties = {"correlation_id": message.properties.get("correlation_id"), "delivery_mode": 1}
        with self._dropping_answers():
            if self._channel is None:
                if time.monotonic() < self._retry_at:
                    return
                self._connection = streams.connect(self._uri)
                self._channel = self._connection.channel()
                self._exchange(self._channel).declare()
            reply = self._channel.prepare_message(body, content_type=streams.CONTENT_TYPE, properties=properties)
            self._channel.basic_publish(reply, exchange=self._exchange.name, routing_key=reply_to)

    def drain(self) -> None:
        """Read what the broker has sent, so that heartbeats pass and a lost or blocked connection is noticed."""
        with self._dropping_answers():
            if self._connection is not None:
                streams.drain(self._connection, 0.0001)

    @contextlib.contextmanager
    def _dropping_answers(self) -> Iterator[None]:
        """After a failure of the broker, drop the connection and all answers for ANSWERS_AGAIN_S."""
        try:
            yield
        except BrokerUnreachable as problem:
            self._give_up(problem)
        except streams.broker_errors(self._connection or Connection(self._uri)) as problem:
            self._give_up(problem)

    def _give_up(self, problem: BaseException) -> None:
        log_.warning("answers are dropped, their likes are counted", problem=str(problem))
        self._disconnect()
        self._retry_at = time.monotonic() + ANSWERS_AGAIN_S

    def _disconnect(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()


class VoteLoop:
    """Connects a vote writer to the queues of all partitions, and runs its rounds.

    `name` is the writer's name, which decides its ranks. `connected` is False while the broker is unreachable.
    """

    def __init__(self, campaign: str, writer: VoteWriter, *, name: str, partitions: int) -> None:
        self._campaign, self._writer, self._name, self._partitions = campaign, writer, name, partitions
        self._waiting: dict[int, list[ReceivedBatch]] = defaultdict(list)
        self._duty = Duty()
        self._replies = ReplySender(campaign)
        self.connected = False

    def run(self, amqp_uri: str, *, stop: Callable[[], bool]) -> None:
        """Serve the queues until `stop` returns True. Connect again when the broker or the ledger was unreachable."""
        while not stop():
            try:
                with streams.connect(amqp_uri) as connection, self._replies.open(amqp_uri):
                    self._serve(connection, stop)
            except (BrokerUnreachable, Unreachable) as problem:
                log_.warning("an engine is away, trying again", problem=str(problem))
                time.sleep(0.5)
            finally:
                self.connected = False
                self._waiting.clear()  # the broker delivers them again, to the next consumer

    def _serve(self, connection: Connection, stop: Callable[[], bool]) -> None:
        queues = [vote_queue(self._campaign, p, rank=rank(self._name, p)) for p in range(self._partitions)]
        try:
            channel = connection.channel()
            declare_dead_queue(connection, self._campaign)
            for p in range(self._partitions):
                declare_vote_queue(connection, self._campaign, p)
            consumers = [
                Consumer(
                    channel,
                    [queue],
                    on_message=self._receiver(p),
                    accept=None,
                    prefetch_count=PREFETCH,
                    auto_declare=False,
                )
                for p, queue in enumerate(queues)
            ]
            for consumer in consumers:
                consumer.consume()
            self.connected = True
            self._rounds(connection, stop)
        except PreconditionFailed as problem:
            log_.error("a queue was made with other arguments; see the runbook DeadLetters", problem=str(problem))
            raise BrokerUnreachable(str(problem)) from problem
        except streams.broker_errors(connection) as problem:
            raise BrokerUnreachable(str(problem)) from problem

    def _rounds(self, connection: Connection, stop: Callable[[], bool]) -> None:
        ticked = 0.0
        while not stop():
            streams.drain(connection, TICK_S)
            while sum(map(len, self._waiting.values())) < PREFETCH and streams.drain(connection, 0.0005):
                pass
            self._answer_all()
            self._replies.drain()
            if time.monotonic() - ticked > TICK_S:
                self._duty.drop_stale()
                # If the ledger is away, skip this round, so that the connection to the broker stays alive. Only what
                # must be stored waits for the ledger.
                with contextlib.suppress(Unreachable):
                    self._writer.close_expired_polls(self._partitions, campaign_time)
                ticked = time.monotonic()

    def _receiver(self, p: int) -> Callable[[Message], None]:
        def receive(message: Message) -> None:
            try:
                orders = wire.read_batch(message.body)
            except ValueError as problem:
                log_.error(
                    "a message that is not a batch",
                    partition=p,
                    queue=wire.dead_name(self._campaign),
                    problem=repr(problem),
                )
                metrics.INVALID_BATCHES.labels(p).inc()
                message.reject()
                return
            if not all(orders):
                log_.error("orders that cannot be read", partition=p, orders=orders.count(None), of=len(orders))
            self._waiting[p].append(ReceivedBatch(message, orders))
            self._duty.note_batch(p)

        return receive

    def _answer_all(self) -> None:
        waiting, self._waiting = self._waiting, defaultdict(list)
        orders = {p: [order for batch in batches for order in batch.orders] for p, batches in waiting.items()}
        for p, answers in self._writer.decide_all(orders).items():
            self._answer(waiting[p], answers)

    def _answer(self, batches: list[ReceivedBatch], answers: Answers) -> None:
        at = 0
        for batch in batches:
            self._replies.send(batch.message, wire.write_answers(answers[at : at + len(batch.orders)]))
            at += len(batch.orders)
        for batch in batches:
            batch.message.ack()


def partitions_of(ledger: Ledger, *, wait_s: float = 1.0, stop: Callable[[], bool] = lambda: False) -> int:
    """Return how many vote partitions the campaign has. Waits until the campaign is opened; returns 0 if `stop` returns
    True before that.
    """
    while not stop():
        try:
            for commit in ledger.read(wire.DESK_LOG, 0, limit=1):
                opened = commit.events()[0]
                return rules.from_data(opened.campaign).likes.partitions
        except Unreachable as problem:
            log_.warning("the ledger is unreachable, trying again", problem=str(problem))
        time.sleep(wait_s)
    return 0
