"""Processes of the simulation: clients, writers, relays and projectors, each calling the kernel's own code.

Each function here returns the main function of one process. Clients send a command and send it again; writers decide;
relays publish; projectors follow, store their tables, and crash. Only clients cannot crash, because their record of the
answers is what the checker judges.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from shared.commit import Commit, Stamp
from shared.decider import CommandEnvelope, Outcome
from shared.errors import BrokerUnreachable, Unreachable
from shared.events import MAX_EVENTS
from shared.follower import Follower, follow
from shared.operations import drive
from shared.projection import Projection, Projector
from shared.relay import Relay
from shared.testing.faults import FaultPlan, RemoteLedger
from shared.testing.history import Delivery, Following, History
from shared.testing.memory_broker import SimulatedCursors, SimulatedPublisher, SimulatedTables, StoredTable, Streams
from shared.testing.memory_broker import read_stream as stream_of
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.schedule import Mailbox, Process, World
from shared.testing.toys import Workload
from shared.writer import LogWriter

REPLY_MS = 400
TRIES = 8


@dataclass(frozen=True, slots=True)
class Code:
    """The kernel classes under test. A negative control, which must fail, puts a broken class in the place of one."""

    writer: type[LogWriter[Any]] = LogWriter
    follower: type[Follower] = Follower
    relay: type[Relay] = Relay
    tables: type[SimulatedTables] = SimulatedTables


@dataclass(slots=True)
class Cluster:
    """What all processes of one schedule share: ledger, broker, faults, history, and the mailboxes of the writers."""

    world: World
    faults: FaultPlan
    history: History
    ledger: MemoryLedger
    code: Code
    workloads: list[Workload]
    streams: Streams = field(default_factory=Streams)
    cursors: dict[str, int] = field(default_factory=dict)
    stored_table: StoredTable = field(default_factory=StoredTable)
    writer_mailboxes: dict[str, list[Mailbox]] = field(default_factory=dict)
    projectors: dict[str, Projector[Any]] = field(default_factory=dict)
    known_positions: dict[str, int] = field(default_factory=dict)
    running_clients: int = 0

    @property
    def logs(self) -> list[str]:
        """The names of all logs in the schedule."""
        return [workload.log for workload in self.workloads]

    def remote_ledger(self, process: Process) -> RemoteLedger:
        """Return the ledger as this process reaches it, through faults, until it crashes."""
        who = f"{process.name}#{process.life}"
        return RemoteLedger(
            process, self.faults, self.ledger, lambda what, document: self.history.sending(who, what, document)
        )

    def deliver(self, box: Mailbox, message: object) -> None:
        """Put a message into a mailbox after a random delay. A fault may lose the message or deliver it twice."""
        if self.faults.occurs("messages"):
            if self.world.chance(0.5):
                return
            self.world.after(self.world.rng.randint(20, 1500), lambda: box.put(message))
        self.world.after(self.faults.latency(), lambda: box.put(message))


@dataclass(frozen=True, slots=True)
class Request:
    """A command on its way to a writer, with the mailbox to which the answer goes."""

    order: CommandEnvelope
    answer_to: Mailbox


# Clients


def client(cluster: Cluster, workload: Workload, number: int, orders: int) -> Callable[[Process], None]:
    """Return a client process that sends `orders` random commands one after the other.

    Without an answer it sends the same command again, to any writer of the log.
    """

    def main(process: Process) -> None:
        box, rng = Mailbox(process), cluster.world.rng
        for k in range(orders):
            process.sleep(rng.randint(1, 150))
            order = _order(cluster, workload, number, k)
            for _ in range(TRIES):
                cluster.history.add_line(process.name, f"asks {order.id}: {order.command}")
                cluster.deliver(rng.choice(cluster.writer_mailboxes[workload.log]), Request(order, box))
                outcome = _await(box, order)
                if outcome is not None:
                    break
        cluster.running_clients -= 1
        if not cluster.running_clients:
            cluster.faults.end(in_ms=rng.randint(100, 600))

    return main


def _order(cluster: Cluster, workload: Workload, number: int, k: int) -> CommandEnvelope:
    """Draw the next command. Some reuse an earlier id, with or without another digest."""
    rng, log = cluster.world.rng, workload.log
    command = workload.order(rng, number, cluster.world.now)
    key = f"{log}-c{number}-{k}"
    if workload.remember and rng.random() < 0.2:
        key += ".d1" if rng.random() < 0.5 else ".d2"
    mine = cluster.history.orders[log]
    if workload.remember and k and rng.random() < 0.08:
        key = rng.choice(sorted(each for each in mine if each.startswith(f"{log}-c{number}-")))
        key = key.partition(".")[0] + rng.choice(("", ".d1"))
    if key in mine:
        return mine[key]
    seen: tuple[tuple[str, int], ...] = ()
    if workload.follows is not None and rng.random() < 0.7:
        seen = ((workload.follows, cluster.known_positions.get(workload.follows, 0)),)
    mine[key] = CommandEnvelope(key, f"client {number}", command, seen=seen)
    return mine[key]


def _await(box: Mailbox, order: CommandEnvelope) -> Outcome | None:
    """Return the answer to this command, or None at the timeout. Late answers to other commands are dropped."""
    while True:
        message: Any = box.take(timeout_ms=REPLY_MS)
        if message is None:
            return None
        about, outcome = message
        if about == order:
            answer: Outcome = outcome
            return answer


# Writers


class ImmediateExecutor(Executor):
    """Executor that runs work when it is submitted, in place of a thread.

    So the plan that a writer makes during an insert is either ready before the insert arrives, or lost in a crash.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


def writer(cluster: Cluster, workload: Workload, box: Mailbox) -> Callable[[Process], None]:
    """Return a writer process that takes the waiting requests from its mailbox, decides them as one batch, and answers.

    The writer starts with nothing but the ledger, which it reads at its start or when it has to.
    """

    def main(process: Process) -> None:
        rng, ledger = cluster.world.rng, cluster.remote_ledger(process)
        log_writer = cluster.code.writer(
            workload.log,
            workload.decider,
            stamp=_stamps(cluster),
            remember=workload.remember,
            at_most=rng.choice((1, 2, MAX_EVENTS)),
        )
        beside = rng.choice((None, ImmediateExecutor()))
        taken: list[Request] = []
        process.at_crash.append(lambda: _redeliver(cluster, workload, taken))

        def run(steps: Any) -> Any:
            return drive(steps, ledger, sleep=lambda _: process.sleep(rng.randint(5, 150)), beside=beside)

        if rng.random() < 0.5:
            run(log_writer.catch_up())
        while True:
            message = box.take(timeout_ms=500)
            if workload.follows is not None and rng.random() < 0.1:
                run(log_writer.catch_up(workload.follows))
            if message is None:
                continue
            taken += [message, *box.take_waiting(rng.randint(0, 4))]
            deliveries = [_delivery(cluster, workload, process, request.order) for request in taken]
            outcomes = run(log_writer.handle([request.order for request in taken]))
            for request, delivery, outcome in zip(taken, deliveries, outcomes, strict=True):
                _answer(cluster, workload, delivery, outcome)
                cluster.deliver(request.answer_to, (request.order, outcome))
            taken.clear()

    return main


def _stamps(cluster: Cluster) -> Callable[[], Stamp]:
    """Return a source of stamps whose clock is wrong, and jumps, where the faults say so."""
    rng = cluster.world.rng

    def stamp() -> Stamp:
        skew = rng.randint(-5000, 5000) if cluster.faults.occurs("skew") else 0
        return Stamp(f"{rng.getrandbits(128):032x}", rng.randbytes(32), max(0, cluster.world.now + skew))

    return stamp


def _delivery(cluster: Cluster, workload: Workload, process: Process, order: CommandEnvelope) -> Delivery:
    """Record that a writer received a command."""
    who = f"{process.name}#{process.life}"
    delivery = Delivery(order, workload.log, who, cluster.world.now, cluster.ledger.head(workload.log))
    cluster.history.deliveries.append(delivery)
    return delivery


def _answer(cluster: Cluster, workload: Workload, delivery: Delivery, outcome: Outcome) -> None:
    """Record the answer to a command, with the heads of the logs at that moment."""
    delivery.own_after = cluster.ledger.head(workload.log)
    if workload.follows is not None:
        delivery.followed_after = cluster.ledger.head(workload.follows)
    cluster.history.answered(delivery, outcome)
    cluster.known_positions[workload.log] = max(outcome.n, cluster.known_positions.get(workload.log, 0))


def _redeliver(cluster: Cluster, workload: Workload, taken: list[Request]) -> None:
    """Deliver the requests that a crashed writer had not answered to any writer, as a queue would do."""
    for request in taken:
        if cluster.world.chance(0.7):
            cluster.deliver(cluster.world.rng.choice(cluster.writer_mailboxes[workload.log]), request)


# Relays and projectors


def relay(cluster: Cluster) -> Callable[[Process], None]:
    """Return a relay process that publishes commits from the ledger to the streams.

    It reconnects after each failure.
    """

    def main(process: Process) -> None:
        rng = cluster.world.rng
        cursors = SimulatedCursors(process, cluster.faults, cluster.cursors)
        current: Relay | None = None
        while True:
            try:
                if current is None:
                    current = cluster.code.relay(cluster.remote_ledger(process), cursors, logs=cluster.logs, queue=str)
                publisher = SimulatedPublisher(process, cluster.streams, cluster.faults)
                while True:
                    current.step(publisher, at_most=rng.randint(1, 20))
                    process.sleep(rng.randint(20, 200))
            except (BrokerUnreachable, Unreachable):
                process.sleep(rng.randint(10, 200))

    return main


def projector(cluster: Cluster, projection: Projection[Any]) -> Callable[[Process], None]:
    """Return a process that loads the stored table, follows all logs, and stores its table now and then."""

    def main(process: Process) -> None:
        rng = cluster.world.rng
        tables = cluster.code.tables(process, cluster.faults, cluster.stored_table)
        live_table = _load_table(process, tables, projection)
        cluster.projectors[process.name] = live_table
        following = Following(f"{process.name}#{process.life}", live_table.cut)
        cluster.history.followings.append(following)
        saved_cut = live_table.cut

        def apply(commit: Commit) -> None:
            cluster.history.applied(following, commit)
            live_table.take_in(commit)

        def idle() -> None:
            nonlocal saved_cut
            if live_table.cut != saved_cut and rng.random() < 0.4:
                tables.keep(live_table)
                saved_cut = live_table.cut

        def source() -> Iterator[Commit | None]:
            return stream_of(process, cluster.streams, cluster.faults, cluster.logs)

        start = {log: live_table.cut[log] for log in cluster.logs}
        follower = cluster.code.follower(cluster.remote_ledger(process), start, apply)
        follow(follower, source, idle=idle, stop=lambda: False, sleep=lambda _: process.sleep(rng.randint(5, 300)))

    return main


def _load_table(process: Process, tables: SimulatedTables, projection: Projection[Any]) -> Projector[Any]:
    """Load the stored table, and retry until the store answers."""
    while True:
        try:
            return tables.load(projection)
        except Unreachable:
            process.sleep(100)
