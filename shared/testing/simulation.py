"""Simulation: writers, clients, relays and followers under one seed, judged by a checker.

    report = simulate(seed)
    python -m shared.testing.simulation --seed 17 [--verbose]      replay one schedule, and print its events
    python -m shared.testing.simulation --seed 0 --count 2000    run many

The code that runs is the kernel's own: `LogWriter` under `drive`, `Relay`, `Follower` under `follow`, `Projector`.
Ledger, broker, network, clocks and scheduler are in memory. A schedule draws how many processes of each kind there are,
how often each fault occurs (`faults.py`), and every latency. Then faults stop, the system must recover, and
`checker.py` judges.
"""

import argparse
import importlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from structlog.testing import capture_logs

from shared.commit import Document
from shared.testing import actors, toys
from shared.testing.actors import Cluster, Code
from shared.testing.checker import Checker, Truth, Violation
from shared.testing.faults import FaultPlan
from shared.testing.history import History
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.schedule import Mailbox, Process, World

_PARTS = ("writer", "follower", "relay", "tables")
FAULTS_END_MS = 2_500
LIMIT_MS = 90_000


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one schedule: its violations, some figures and, if requested, its events as text.

    Without violations all invariants hold.
    """

    seed: int
    violations: list[Violation]
    figures: dict[str, int]
    story: list[str] = field(default_factory=list)

    @property
    def invariants(self) -> set[str]:
        """The names of the invariants that the schedule broke."""
        return {violation.invariant for violation in self.violations}

    def __str__(self) -> str:
        found = "\n".join(f"  {each.invariant}: {each.message}" for each in self.violations[:10])
        return f"seed {self.seed}: {len(self.violations)} violations\n{found}"


Workloads = Callable[[World], list[toys.Workload]]


def toy_workloads(world: World) -> list[toys.Workload]:
    """Return the workloads of an ordinary schedule: the till, and one or two booths (`toys.py`)."""
    return [toys.till(), *(toys.booth(p) for p in range(1 + world.chance(0.3)))]


class _RecordingLedger(MemoryLedger):
    """Records in the history when each commit was stored."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def insert(self, document: Document) -> None:
        super().insert(document)
        self._history.stored(document)


def simulate(
    seed: int, *, code: Code | None = None, workloads: Workloads = toy_workloads, verbose: bool = False
) -> Report:
    """Run one schedule under faults, check all invariants, and report. The same seed gives the same report.

    `code` replaces the kernel's classes, `workloads` the toys; with `verbose` the report has the events as text.
    """
    world = World(seed)
    history = History(world, verbose=verbose)
    faults = FaultPlan.draw(world, end_ms=FAULTS_END_MS)
    cluster = Cluster(world, faults, history, _RecordingLedger(history), code or Code(), workloads(world))
    processes = _create_processes(cluster)
    with capture_logs():
        for process in processes:
            process.start()
        settled = world.run(lambda: _all_settled(cluster), until_ms=LIMIT_MS)
        for process in processes:
            process.end()
    violations = _judge(cluster, settled)
    return Report(seed, violations, _figures(cluster), history.lines)


def _create_processes(cluster: Cluster) -> list[Process]:
    """Draw how many processes of each kind there are, and create them."""
    rng, world = cluster.world.rng, cluster.world
    processes = []
    for workload in cluster.workloads:
        cluster.writer_mailboxes[workload.log] = []
        for k in range(rng.choice((1, 2, 2, 3))):
            process = Process(world, f"writer {workload.log} {'abc'[k]}")
            box = Mailbox(process)
            process.main = actors.writer(cluster, workload, box)
            cluster.writer_mailboxes[workload.log].append(box)
            processes.append(process)
        for number in range(rng.choice((2, 2, 3))):
            orders = rng.randint(2, 6)
            cluster.running_clients += 1
            main = actors.client(cluster, workload, number, orders)
            processes.append(Process(world, f"client {workload.log} {number}", main))
    for k in range(rng.choice((1, 1, 2))):
        processes.append(Process(world, f"relay {'ab'[k]}", actors.relay(cluster)))
    for k in range(rng.choice((1, 2, 2))):
        processes.append(Process(world, f"projector {'ab'[k]}", actors.projector(cluster, toys.Tally())))
    return processes


def _all_settled(cluster: Cluster) -> bool:
    """Whether everything is answered, and each stream, each live table and the stored table have every commit."""
    if cluster.running_clients or cluster.faults.in_flight or cluster.world.now < cluster.faults.end_ms:
        return False
    heads = {log: cluster.ledger.head(log) for log in cluster.logs}
    if not cluster.stored_table.cut.covers(heads):
        return False
    tables = all(projector.cut.covers(heads) for projector in cluster.projectors.values())
    return tables and all(len(set(cluster.streams.numbers[log])) >= n for log, n in heads.items())


def _judge(cluster: Cluster, settled: bool) -> list[Violation]:
    """Check every invariant."""
    truths = {b.log: Truth(b, _all_commits(cluster.ledger, b.log)) for b in cluster.workloads}
    for truth in truths.values():
        if truth.workload.follows is not None:
            truth.followed = truths[truth.workload.follows].events
    checker = Checker(cluster.history, list(truths.values()))
    for who, failure in cluster.world.failures:
        checker.broken("settled", f"{who} failed: {failure!r}")
    if not settled and not cluster.world.failures:
        checker.broken("settled", f"not settled after {LIMIT_MS} ms, without faults since {cluster.faults.end_ms} ms")
    checker.check_logs()
    checker.check_answers()
    checker.check_sendings()
    checker.check_followers()
    checker.check_tables(cluster.stored_table.history, toys.Tally())
    for who, projector in sorted(cluster.projectors.items()):
        checker.check_table(who, projector)
    for log in cluster.logs:
        checker.check_stream(log, cluster.streams.numbers[log])
    return checker.violations


def _all_commits(ledger: MemoryLedger, log: str) -> list[Any]:
    """Return all stored commits, also those behind a hole."""
    found = (ledger.get(log, n) for n in range(1, ledger.head(log) + 1))
    return [commit for commit in found if commit is not None]


def _figures(cluster: Cluster) -> dict[str, int]:
    """Return how many commands, answers, commits and faults there were."""
    deliveries = cluster.history.deliveries
    return {
        "orders": sum(map(len, cluster.history.orders.values())),
        "deliveries": len(deliveries),
        "answers": sum(each.outcome is not None for each in deliveries),
        "commits": len(cluster.history.stored_at),
        "virtual_ms": cluster.world.now,
        **cluster.faults.occurred,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the schedules that the command line names, and print their violations. Returns 1 if there are any, else 0."""
    parser = argparse.ArgumentParser(description="Replay one schedule, or run many.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="print the events of each schedule")
    for part in _PARTS:
        parser.add_argument(f"--{part}", metavar="MODULE:CLASS", help=f"use this {part} in place of the kernel's")
    chosen = parser.parse_args(arguments)
    parts = {part: getattr(chosen, part) for part in _PARTS}
    code = Code(**{part: _load(name) for part, name in parts.items() if name})
    started, totals, bad = time.monotonic(), Counter[str](), 0
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        report = simulate(seed, code=code, verbose=chosen.verbose)
        totals.update(report.figures)
        if chosen.verbose:
            print("\n".join(report.story))
        if report.violations:
            bad += 1
            print(report)
    took_s = time.monotonic() - started
    print(f"{chosen.count} schedules in {took_s:.1f} s, {bad} broken; {dict(totals)}")
    return 1 if bad else 0


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


if __name__ == "__main__":
    sys.exit(main())
