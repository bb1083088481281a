"""Who takes part in the simulation. Each is a function that runs in a process, and calls the kernel's own code.

Customers ask and ask again; writers decide; relays publish; projectors follow, keep their tables and die. Only the
customers cannot crash: they are the ones who saw what they saw.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from shared.commit import Commit, Stamp
from shared.decider import Order, Outcome
from shared.errors import BrokerUnreachable, Unreachable
from shared.events import MAX_EVENTS
from shared.follower import Follower, follow
from shared.operations import drive
from shared.projection import Projection, Projector
from shared.relay import Relay
from shared.testing.faults import DistantLedger, Weather
from shared.testing.history import Delivery, Following, History
from shared.testing.memory_broker import (
    Kept,
    SimulatedCursors,
    SimulatedPublisher,
    SimulatedTables,
    Streams,
)
from shared.testing.memory_broker import read_stream as stream_of
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.schedule import Mailbox, Process, World
from shared.testing.toys import Business
from shared.writer import LogWriter

REPLY_MS = 400
TRIES = 8


@dataclass(frozen=True, slots=True)
class Code:
    """The code under test. The negative controls put broken parts in its place."""

    writer: type[LogWriter[Any]] = LogWriter
    follower: type[Follower] = Follower
    relay: type[Relay] = Relay
    tables: type[SimulatedTables] = SimulatedTables


@dataclass(slots=True)
class Town:
    """What all share: the ledger, the broker, the weather, the history; and where the writers of a log are."""

    world: World
    weather: Weather
    history: History
    ledger: MemoryLedger
    code: Code
    businesses: list[Business]
    streams: Streams = field(default_factory=Streams)
    cursors: dict[str, int] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    shops: dict[str, list[Mailbox]] = field(default_factory=dict)
    projectors: dict[str, Projector[Any]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    customers: int = 0

    @property
    def logs(self) -> list[str]:
        return [business.log for business in self.businesses]

    def distant(self, process: Process) -> DistantLedger:
        """The ledger as a process sees it in this life."""
        who = f"{process.name}#{process.life}"
        return DistantLedger(
            process, self.weather, self.ledger, lambda what, document: self.history.sending(who, what, document)
        )

    def deliver(self, box: Mailbox, letter: object) -> None:
        """A letter on its way: it may be lost, or come twice."""
        if self.weather.strikes("letters"):
            if self.world.chance(0.5):
                return
            self.world.after(self.world.rng.randint(20, 1500), lambda: box.put(letter))
        self.world.after(self.weather.latency(), lambda: box.put(letter))


@dataclass(frozen=True, slots=True)
class Request:
    order: Order
    answer_to: Mailbox


# Customers


def customer(town: Town, business: Business, number: int, orders: int) -> Callable[[Process], None]:
    """Asks its orders one after the other; without an answer it asks the same again, of any writer."""

    def live(process: Process) -> None:
        box, rng = Mailbox(process), town.world.rng
        for k in range(orders):
            process.sleep(rng.randint(1, 150))
            order = _order(town, business, number, k)
            for _ in range(TRIES):
                town.history.say(process.name, f"asks {order.id}: {order.command}")
                town.deliver(rng.choice(town.shops[business.log]), Request(order, box))
                outcome = _await(box, order)
                if outcome is not None:
                    break
        town.customers -= 1
        if not town.customers:
            town.weather.clears(in_ms=rng.randint(100, 600))

    return live


def _order(town: Town, business: Business, number: int, k: int) -> Order:
    rng, log = town.world.rng, business.log
    command = business.order(rng, number, town.world.now)
    key = f"{log}-c{number}-{k}"
    if business.remember and rng.random() < 0.2:
        key += ".d1" if rng.random() < 0.5 else ".d2"
    mine = town.history.orders[log]
    if business.remember and k and rng.random() < 0.08:
        key = rng.choice(sorted(each for each in mine if each.startswith(f"{log}-c{number}-")))
        key = key.partition(".")[0] + rng.choice(("", ".d1"))
    if key in mine:
        return mine[key]
    seen: tuple[tuple[str, int], ...] = ()
    if business.follows is not None and rng.random() < 0.7:
        seen = ((business.follows, town.known.get(business.follows, 0)),)
    mine[key] = Order(key, f"customer {number}", command, seen=seen)
    return mine[key]


def _await(box: Mailbox, order: Order) -> Outcome | None:
    """The answer to this order; answers that come late to others are put aside."""
    while True:
        letter: Any = box.take(timeout_ms=REPLY_MS)
        if letter is None:
            return None
        about, outcome = letter
        if about == order:
            answer: Outcome = outcome
            return answer


# Writers


class AtOnce(Executor):
    """Does the work where it is handed in: what a writer plans ahead is ready before its insert arrives, or is lost."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


def writer(town: Town, business: Business, box: Mailbox) -> Callable[[Process], None]:
    """Takes what waits, decides it as one batch, answers. Starts from the ledger alone, at once or when it must."""

    def live(process: Process) -> None:
        rng, ledger = town.world.rng, town.distant(process)
        code = town.code.writer(
            business.log,
            business.decider,
            stamp=_stamps(town),
            remember=business.remember,
            at_most=rng.choice((1, 2, MAX_EVENTS)),
        )
        beside = rng.choice((None, AtOnce()))
        taken: list[Request] = []
        process.at_crash.append(lambda: _redeliver(town, business, taken))

        def run(steps: Any) -> Any:
            return drive(steps, ledger, sleep=lambda _: process.sleep(rng.randint(5, 150)), beside=beside)

        if rng.random() < 0.5:
            run(code.catch_up())
        while True:
            letter = box.take(timeout_ms=500)
            if business.follows is not None and rng.random() < 0.1:
                run(code.catch_up(business.follows))
            if letter is None:
                continue
            taken += [letter, *box.take_waiting(rng.randint(0, 4))]
            deliveries = [_delivery(town, business, process, request.order) for request in taken]
            outcomes = run(code.handle([request.order for request in taken]))
            for request, delivery, outcome in zip(taken, deliveries, outcomes, strict=True):
                _answer(town, business, delivery, outcome)
                town.deliver(request.answer_to, (request.order, outcome))
            taken.clear()

    return live


def _stamps(town: Town) -> Callable[[], Stamp]:
    """Fresh stamps by a clock that is wrong, and jumps, where the weather says so."""
    rng = town.world.rng

    def stamp() -> Stamp:
        skew = rng.randint(-5000, 5000) if town.weather.strikes("skew") else 0
        return Stamp(f"{rng.getrandbits(128):032x}", rng.randbytes(32), max(0, town.world.now + skew))

    return stamp


def _delivery(town: Town, business: Business, process: Process, order: Order) -> Delivery:
    who = f"{process.name}#{process.life}"
    delivery = Delivery(order, business.log, who, town.world.now, town.ledger.head(business.log))
    town.history.deliveries.append(delivery)
    return delivery


def _answer(town: Town, business: Business, delivery: Delivery, outcome: Outcome) -> None:
    delivery.own_after = town.ledger.head(business.log)
    if business.follows is not None:
        delivery.followed_after = town.ledger.head(business.follows)
    town.history.answered(delivery, outcome)
    town.known[business.log] = max(outcome.n, town.known.get(business.log, 0))


def _redeliver(town: Town, business: Business, taken: list[Request]) -> None:
    """What a crashed writer had not answered goes to any writer, as a queue would do."""
    for request in taken:
        if town.world.chance(0.7):
            town.deliver(town.world.rng.choice(town.shops[business.log]), request)


# Relays and projectors


def relay(town: Town) -> Callable[[Process], None]:
    def live(process: Process) -> None:
        rng = town.world.rng
        cursors = SimulatedCursors(process, town.weather, town.cursors)
        code: Relay | None = None
        while True:
            try:
                if code is None:
                    code = town.code.relay(town.distant(process), cursors, logs=town.logs, queue=str)
                publisher = SimulatedPublisher(process, town.streams, town.weather)
                while True:
                    code.step(publisher, at_most=rng.randint(1, 20))
                    process.sleep(rng.randint(20, 200))
            except (BrokerUnreachable, Unreachable):
                process.sleep(rng.randint(10, 200))

    return live


def projector(town: Town, projection: Projection[Any]) -> Callable[[Process], None]:
    """Loads its table, follows all logs, keeps its table now and then."""

    def live(process: Process) -> None:
        rng = town.world.rng
        tables = town.code.tables(process, town.weather, town.kept)
        code = _loaded(process, tables, projection)
        town.projectors[process.name] = code
        following = Following(f"{process.name}#{process.life}", code.cut)
        town.history.followings.append(following)
        kept = code.cut

        def apply(commit: Commit) -> None:
            town.history.applied(following, commit)
            code.take_in(commit)

        def idle() -> None:
            nonlocal kept
            if code.cut != kept and rng.random() < 0.4:
                tables.keep(code)
                kept = code.cut

        def source() -> Iterator[Commit | None]:
            return stream_of(process, town.streams, town.weather, town.logs)

        start = {log: code.cut[log] for log in town.logs}
        follower = town.code.follower(town.distant(process), start, apply)
        follow(follower, source, idle=idle, stop=lambda: False, sleep=lambda _: process.sleep(rng.randint(5, 300)))

    return live


def _loaded(process: Process, tables: SimulatedTables, projection: Projection[Any]) -> Projector[Any]:
    while True:
        try:
            return tables.load(projection)
        except Unreachable:
            process.sleep(100)
