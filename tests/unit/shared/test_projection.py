"""Projections: the table equals the fold of the logs to its cut, however it was reached."""

import random
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commit import (
    Answered,
    Commit,
    Head,
    Stamp,
    form,
)
from shared.cut import Cut
from shared.errors import FollowerStopped, Unreachable
from shared.projection import Projector, advance
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.toys import (
    Added,
    Liked,
    Shut,
    Tally,
    Unliked,
)

entries = st.sampled_from(["A1", "A2", "A3"])
facts = (
    st.builds(Liked, st.sampled_from("uv"), entries, st.just("day-0"), st.integers(0, 9))
    | st.builds(Unliked, st.just("booth.0/1/0"), st.sampled_from("uv"), entries, st.just("day-0"), st.integers(0, 9))
    | st.builds(Added, st.sampled_from("xy"), st.integers(-3, 3))
    | st.builds(Shut, entries, st.booleans())
)
logs = st.dictionaries(
    st.sampled_from(["till", "booth.0", "booth.1"]), st.lists(st.lists(facts, min_size=1, max_size=6), max_size=5)
)


def filled(logs: dict[str, list[list[Any]]]) -> MemoryLedger:
    ledger = MemoryLedger()
    for log, commits in logs.items():
        head = Head(log)
        for events in commits:
            stamp = Stamp(f"{log}{head.n}", bytes(32), 0)
            document = form(head, events, commands=[Answered("x", "", "", "", 0, len(events))], stamp=stamp)
            ledger.insert(document)
            head = head.after(document)
    return ledger


def interleaved(ledger: MemoryLedger, names: Sequence[str], seed: int) -> list[Commit]:
    """Return all commits, each log in order, the logs interleaved at random."""
    rng, waiting = random.Random(seed), {log: ledger.read(log, 0) for log in names}
    mixed = []
    while any(waiting.values()):
        log = rng.choice([each for each in sorted(waiting) if waiting[each]])
        mixed.append(waiting[log].pop(0))
    return mixed


def folded(commits: Sequence[Commit]) -> Projector[Any]:
    projector = Projector(Tally())
    for commit in commits:
        projector.take_in(commit)
    return projector


def by_single_events(commits: Sequence[Commit]) -> bytes:
    table, tally = Tally().initial(), Tally()
    for commit in commits:
        for recorded in commit.recorded():
            tally.apply(table, recorded.event, recorded.address)
    return Projector(tally, table=table).canonical()


@given(logs)
def test_whole_runs_give_the_table_of_single_events(logs: dict[str, list[list[Any]]]) -> None:
    commits = interleaved(filled(logs), list(logs), 0)

    assert folded(commits).canonical() == by_single_events(commits)


@given(logs, st.integers(0, 9), st.integers(0, 9))
def test_any_interleaving_gives_the_same_table_and_cut(logs: dict[str, list[list[Any]]], one: int, other: int) -> None:
    ledger = filled(logs)

    first, second = (folded(interleaved(ledger, list(logs), seed)) for seed in (one, other))

    assert first.canonical() == second.canonical()
    assert first.cut == second.cut == Cut({log: len(commits) for log, commits in logs.items()})


@given(logs, st.integers(0, 15))
def test_kept_table_and_tail_give_the_table_from_zero(logs: dict[str, list[list[Any]]], at: int) -> None:
    commits = interleaved(filled(logs), list(logs), 1)
    saved = folded(commits[:at])

    table = Tally().load(orjson.loads(orjson.dumps(Tally().dump(saved.table))))
    projector = Projector(Tally(), table=table, cut=Cut(saved.cut.to_data()))
    for commit in commits[at:]:
        projector.take_in(commit)

    assert projector.canonical() == folded(commits).canonical()
    assert projector.cut == folded(commits).cut


@given(logs, st.integers(0, 15))
def test_rebuild_stops_at_the_cut_and_equals_the_live_table(logs: dict[str, list[list[Any]]], at: int) -> None:
    ledger = filled(logs)
    live = folded(interleaved(ledger, list(logs), 2)[:at])

    rebuilt = advance(Projector(Tally()), ledger, live.cut)

    assert rebuilt.cut == live.cut
    assert rebuilt.canonical() == live.canonical()


def test_rebuild_up_to_what_is_not_there_says_so() -> None:
    ledger = filled({"till": [[Added("x", 1)]]})

    with pytest.raises(Unreachable, match="till ends at 1, the cut names 2"):
        advance(Projector(Tally()), ledger, Cut({"till": 2}))


def test_event_that_does_not_fold_is_named_and_the_cut_stays() -> None:
    class Stumbling(Tally):
        def apply(self, table: Any, fact: Any, address: str) -> None:
            if isinstance(fact, Shut):
                raise KeyError(fact.entry)
            super().apply(table, fact, address)

    ledger = filled({"till": [[Added("x", 1)], [Added("x", 1), Added("x", 2), Shut("A1", True)]]})
    projector = Projector(Stumbling())
    projector.take_in(ledger.read("till", 0)[0])

    with pytest.raises(FollowerStopped) as stop:
        projector.take_in(ledger.read("till", 1)[0])

    assert stop.value.address == "till/2/2"
    assert projector.cut == Cut({"till": 1})
