"""Tests of the assignment solver: limits, balance, conflicts, and independence of the input's order."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import assume, settings
from hypothesis import given as over
from hypothesis import strategies as st

from services.scoring.assignment import solver
from services.scoring.assignment.conflicts import Reader, Unit, conflict
from services.scoring.assignment.solver import (
    Entry,
    Infeasible,
    Judge,
    Lack,
    Limits,
    Readings,
    assign,
    by_draw,
    draw,
    eligible,
    substitute,
)
from tests.files import ROOT


def entry(k: int, *, employer: str = "", city: str = "", readers: str = "", barred: str = "") -> Entry:
    unit = Unit(f"U{k}", employer, city)
    return Entry(f"U{k}-1", unit, frozenset(readers.split()), frozenset(barred.split()))


def judge(name: str, *, employer: str = "", city: str = "", declared: str = "", load: int = 0) -> Judge:
    return Judge(name, Reader(employer, city, frozenset(declared.split())), load)


def feasible(found: Readings | Infeasible) -> Readings:
    assert not isinstance(found, Infeasible), found
    return found


def lacks(found: Readings | Infeasible) -> tuple[Lack, ...]:
    assert isinstance(found, Infeasible)
    return found.lacks


ABC = [judge("a"), judge("b"), judge("c")]


class TestAssign:
    def test_each_entry_gets_as_many_judges_as_it_needs(self):
        found = feasible(assign([entry(1), entry(2)], ABC, Limits(3, 10), "s"))

        assert found == {"a": ("U1-1", "U2-1"), "b": ("U1-1", "U2-1"), "c": ("U1-1", "U2-1")}

    def test_readers_that_an_entry_has_are_counted_and_not_asked_again(self):
        found = feasible(assign([entry(1, readers="a x")], ABC, Limits(3, 10), "s"))

        assert [each for entries in found.values() for each in entries] == ["U1-1"]
        assert "a" not in found

    def test_nothing_missing_is_nothing_new(self):
        assert assign([entry(1, readers="x y z")], ABC, Limits(3, 10), "s") == {}

    def test_no_entries_are_nothing_new(self):
        assert assign([], ABC, Limits(3, 10), "s") == {}

    def test_loads_of_before_are_levelled(self):
        bench = [judge("a", load=2), judge("b"), judge("c")]

        found = feasible(assign([entry(k) for k in range(4)], bench, Limits(1, 10), "s"))

        assert {name: len(entries) for name, entries in found.items()} == {"b": 2, "c": 2}

    def test_the_best_balance_is_found_where_the_lot_offers_an_entry_none_of_the_free_judges(self):
        bench = [judge(f"j{k:02}", load=0 if k in (7, 12) else 2) for k in range(16)]

        found = feasible(assign([entry(k) for k in range(4)], bench, Limits(1, 10), "s"))

        assert {name: len(entries) for name, entries in found.items()} == {"j07": 2, "j12": 2}

    def test_the_best_balance_is_found_where_conflicts_bend_it(self):
        # a and b may read all, c only the last: c must get it, whatever the lots are.
        entries = [*(entry(k, barred="c") for k in range(4)), entry(4)]

        found = feasible(assign(entries, ABC, Limits(1, 10), "s"))

        assert {name: len(each) for name, each in found.items()} == {"a": 2, "b": 2, "c": 1}
        assert found["c"] == ("U4-1",)

    @pytest.mark.parametrize(
        ("unit", "reader", "same_city"),
        [
            (Unit("U1", "唐山港", ""), Reader("唐山港", ""), False),
            (Unit("U1", "Tangshan Port", ""), Reader(" TANGSHAN port ", ""), False),
            (Unit("U1", "唐山港(集团)", ""), Reader("唐山港(集团)", ""), False),
            (Unit("U1", "", "唐山"), Reader("", "唐山"), True),
            (Unit("U1", "", ""), Reader("", "", frozenset({"U1"})), False),
        ],
        ids=["employer", "case and blanks", "full-width brackets", "city", "declared unit"],
    )
    def test_conflict_is_kept_away(self, unit: Unit, reader: Reader, same_city: bool):
        bench = [Judge("a", reader), judge("b")]

        found = feasible(assign([Entry("U1-1", unit)], bench, Limits(1, 10, same_city), "s"))

        assert found == {"b": ("U1-1",)}

    @pytest.mark.parametrize(
        ("unit", "reader"),
        [
            (Unit("U1", "", ""), Reader("", "")),
            (Unit("U1", "a", "唐山"), Reader("b", "唐山")),
            (Unit("U1", "a", ""), Reader("b", "", frozenset({"U2"}))),
        ],
        ids=["nothing known", "same city where the rules allow it", "another unit declared"],
    )
    def test_what_is_no_conflict_is_assigned(self, unit: Unit, reader: Reader):
        assert assign([Entry("U1-1", unit)], [Judge("a", reader)], Limits(1, 10), "s") == {"a": ("U1-1",)}

    def test_another_seed_is_another_assignment(self):
        entries = [entry(k) for k in range(12)]
        bench = [judge(name) for name in "abcdef"]

        assert len({str(assign(entries, bench, Limits(2, 10), f"seed {k}")) for k in range(5)}) > 1


class TestInfeasible:
    def test_too_few_judges_are_named(self):
        found = lacks(assign([entry(1)], ABC[:2], Limits(3, 10), "s"))

        assert (Lack("U1-1", 1, "judges", ("a", "b")),) == found

    def test_no_judges_at_all_are_named(self):
        assert (Lack("U1-1", 3, "judges", ()),) == lacks(assign([entry(1)], [], Limits(3, 10), "s"))

    def test_entry_with_too_many_conflicts_is_named(self):
        entries = [entry(1), entry(2, employer="x")]
        bench = [judge("a", employer="x"), judge("b"), judge("c")]

        assert (Lack("U2-1", 1, "conflicts", ("b", "c")),) == lacks(assign(entries, bench, Limits(3, 10), "s"))

    def test_recusals_are_conflicts(self):
        found = lacks(assign([entry(1, barred="b")], ABC, Limits(3, 10), "s"))

        assert (Lack("U1-1", 1, "conflicts", ("a", "c")),) == found

    def test_full_judges_are_named(self):
        found = lacks(assign([entry(1), entry(2)], ABC, Limits(3, 1), "s"))

        assert sum(each.missing for each in found) == 3
        assert {("entries-per-judge", ("a", "b", "c"))} == {(each.limit, each.judges) for each in found}

    def test_entries_that_compete_for_one_judge_name_only_that_judge(self):
        # There is enough room overall, but only a may read 1 and 2, and a can take only one more.
        entries = [entry(1, barred="b c"), entry(2, barred="b c"), entry(3)]
        bench = [judge("a", load=1), judge("b"), judge("c")]

        (lack,) = lacks(assign(entries, bench, Limits(1, 2), "s"))

        assert lack.entry in ("U1-1", "U2-1")
        assert (lack.limit, lack.judges, lack.missing) == ("entries-per-judge", ("a",), 1)


class TestSubstitute:
    def test_the_judge_with_most_room_is_taken(self):
        bench = [judge("a", load=3), judge("b", load=1), judge("c", load=2)]

        assert substitute(entry(1), bench, Limits(3, 10), "s") == "b"

    def test_equal_room_is_decided_by_lot_whatever_the_order(self):
        chosen = {substitute(entry(1), order, Limits(3, 10), "s") for order in (ABC, ABC[::-1])}

        assert {by_draw(entry(1), ABC, "s")[0]} == chosen

    @pytest.mark.parametrize(
        "bench",
        [[], [judge("a", load=2)], [judge("a", employer="x")], [judge("r")], [judge("q")]],
        ids=["nobody", "full", "in conflict", "reads it already", "stepped back"],
    )
    def test_nobody_fit_is_none(self, bench: list[Judge]):
        assert substitute(entry(1, employer="x", readers="r", barred="q"), bench, Limits(3, 2), "s") is None


# Properties

unhurried = settings(deadline=None)  # a busy machine must not fail the test
codes = st.sampled_from(["", "x", "y"])
cities = st.sampled_from(["", "p", "q"])
benches = st.lists(
    st.builds(
        judge,
        st.sampled_from("abcdefgh"),
        employer=codes,
        city=cities,
        declared=st.sampled_from(["", "U1", "U2 U3"]),
        load=st.integers(0, 2),
    ),
    max_size=7,
    unique_by=lambda each: each.judge,
)
fields = st.lists(
    st.tuples(codes, cities, st.sampled_from(["", "a", "b c"]), st.sampled_from(["", "d", "a"])), max_size=8
)
limits = st.builds(Limits, st.integers(1, 3), st.integers(1, 6), st.booleans())


def entries_of(field: list[tuple[str, str, str, str]]) -> list[Entry]:
    return [
        entry(k, employer=employer, city=city, readers=readers, barred=barred)
        for k, (employer, city, readers, barred) in enumerate(field)
    ]


@unhurried
@over(fields, benches, limits, st.text(max_size=3))
def test_an_assignment_holds_every_limit(field, bench: list[Judge], bounds: Limits, seed: str):
    entries = entries_of(field)
    found = assign(entries, bench, bounds, seed)
    assume(not isinstance(found, Infeasible))

    new = Counter(each for names in feasible(found).values() for each in names)
    for each in entries:
        assert new[each.entry] == max(0, bounds.marks - len(each.readers))
    for each in bench:
        mine = feasible(found).get(each.judge, ())
        assert len(mine) == len(set(mine))
        assert not mine or each.load + len(mine) <= bounds.entries
        for one in entries:
            if one.entry in mine:
                assert each.judge not in one.readers | one.barred
                assert conflict(each.reader, one.unit, same_city=bounds.same_city) is None


@unhurried
@over(fields, benches, limits, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(field, bench: list[Judge], bounds: Limits, chance: random.Random):
    entries = entries_of(field)
    shuffled = (chance.sample(entries, len(entries)), chance.sample(bench, len(bench)))

    assert assign(entries, bench, bounds, "s") == assign(*shuffled, bounds, "s")


@unhurried
@over(fields, benches, limits)
def test_infeasible_names_entries_with_the_limit_that_stops_them(field, bench: list[Judge], bounds: Limits):
    entries = {each.entry: each for each in entries_of(field)}
    found = assign(entries.values(), bench, bounds, "s")
    assume(isinstance(found, Infeasible))

    assert lacks(found)
    for each in lacks(found):
        short = entries[each.entry]
        able = tuple(sorted(one.judge for one in eligible(short, bench, bounds)))
        assert 0 < each.missing <= bounds.marks - len(short.readers)
        match each.limit:
            case "judges":
                assert len(bench) < bounds.marks
            case "conflicts":
                assert able == each.judges
                assert len(able) + len(short.readers) < bounds.marks
            case limit:
                assert limit == "entries-per-judge"
                assert able == each.judges


def brute_force(entries: list[Entry], bench: list[Judge], bounds: Limits) -> int | None:
    """Return the least sum of squared loads over all possible assignments, or None if there is none."""
    options = [
        list(
            combinations([each.judge for each in eligible(one, bench, bounds)], max(0, bounds.marks - len(one.readers)))
        )
        for one in entries
    ]
    best: int | None = None
    for choice in product(*options):
        new = Counter(name for names in choice for name in names)
        if all(not new[each.judge] or each.load + new[each.judge] <= bounds.entries for each in bench):
            squares = sum((each.load + new[each.judge]) ** 2 for each in bench)
            best = squares if best is None else min(best, squares)
    return best


@settings(max_examples=60, deadline=None)
@over(
    st.lists(st.tuples(codes, cities, st.sampled_from(["", "a"]), st.sampled_from(["", "b"])), min_size=1, max_size=4),
    st.lists(
        st.builds(judge, st.sampled_from("abcde"), employer=codes, load=st.integers(0, 2)),
        min_size=1,
        max_size=4,
        unique_by=lambda each: each.judge,
    ),
    st.builds(Limits, st.integers(1, 2), st.integers(1, 3)),
)
def test_balance_and_feasibility_are_those_of_trying_everything(field, bench: list[Judge], bounds: Limits):
    entries = entries_of(field)

    found = assign(entries, bench, bounds, "s")

    best = brute_force(entries, bench, bounds)
    if isinstance(found, Infeasible):
        assert best is None
    else:
        assert best == sum((each.load + len(found.get(each.judge, ()))) ** 2 for each in bench)


@unhurried
@over(fields, benches, limits, st.integers(1, 4))
def test_offering_fewer_judges_first_costs_neither_feasibility_nor_balance(
    field, bench: list[Judge], bounds: Limits, offered: int
):
    entries = entries_of(field)
    whole = assign(entries, bench, bounds, "s")
    kept, solver._OFFERED = solver._OFFERED, offered
    try:
        thin = assign(entries, bench, bounds, "s")
    finally:
        solver._OFFERED = kept

    assert isinstance(whole, Infeasible) == isinstance(thin, Infeasible)
    if not isinstance(whole, Infeasible):
        loads = [
            sorted(each.load + len(feasible(found).get(each.judge, ())) for each in bench) for found in (whole, thin)
        ]
        assert sum(each * each for each in loads[0]) == sum(each * each for each in loads[1])


# As large as the first campaign, and larger


def province(entries: int, judges: int) -> tuple[list[Entry], list[Judge]]:
    """Return a field of twelve cities, in which each judge works for the employer of a unit."""
    field = [entry(k, employer=f"e{k}", city=f"c{k % 12}") for k in range(entries)]
    bench = [judge(f"j{k:03d}", employer=f"e{k * 7}", city=f"c{k % 12}") for k in range(judges)]
    return field, bench


@pytest.mark.parametrize("same_city", [False, True], ids=["cities mixed", "own city excluded"])
def test_the_first_campaign_is_assigned_in_seconds_and_evenly(same_city: bool):
    field, bench = province(320, 12)

    started = time.perf_counter()
    found = feasible(assign(field, bench, Limits(3, 120, same_city), "2021"))

    assert time.perf_counter() - started < 60
    assert {80} == {len(each) for each in found.values()}


def test_a_single_reading_too_many_for_the_caps_is_infeasible():
    field, bench = province(80, 12)

    assert not isinstance(assign(field, bench, Limits(3, 20), "s"), Infeasible)
    assert isinstance(assign([*field, entry(80)], bench, Limits(3, 20), "s"), Infeasible)


def test_most_entries_keep_their_judges_when_one_entry_leaves():
    field, bench = province(60, 8)

    before = feasible(assign(field, bench, Limits(3, 60), "s"))
    after = feasible(assign(field[1:], bench, Limits(3, 60), "s"))

    kept = sum(len(set(before[each]) & set(after[each])) for each in before)
    assert kept > 150  # of 177: prices belong to pairs, not to places in a list


SCRIPT = """
from tests.unit.scoring.assignment.test_solver import province, assign, Limits
print(sorted(assign(*province(60, 20), Limits(3, 60), "s").items()))
"""


def test_the_hash_seed_of_the_process_changes_nothing():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(k)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for k in (1, 2)
    }

    assert len(outputs) == 1


def test_an_assignment_is_stored_so_its_bytes_are_golden():
    """A repeated assignment must give the same result years later: this test fails if the lot or the optimum
    changed.
    """
    found = feasible(assign([entry(k) for k in range(4)], [judge(each) for each in "abcd"], Limits(2, 3), "golden"))

    assert found == GOLDEN
    assert draw("golden", "U0-1", "a") == 399_444_187


GOLDEN = {"a": ("U0-1", "U3-1"), "b": ("U1-1", "U2-1"), "c": ("U1-1", "U2-1"), "d": ("U0-1", "U3-1")}
