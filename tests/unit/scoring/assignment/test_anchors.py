"""Tests of the choice of anchors and their readers; small assignments are compared with every possible one."""

import random
from collections import Counter
from itertools import combinations, product

from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from services.scoring.assignment.anchors import after_readings, choose, readings
from services.scoring.assignment.conflicts import Reader, Unit
from services.scoring.assignment.solver import (
    Entry,
    Infeasible,
    Judge,
    Limits,
    assign,
    eligible,
)
from services.scoring.decisions.commands import Assign
from services.scoring.domain import ScoringDecider
from services.scoring.events import AnchorsChosen, EntriesAssigned, JudgeAppointed
from services.scoring.state import ScoringState
from services.submission.events import RollRow
from shared.decider import Refused, fold
from tests.unit.scoring.stories import (
    NAME,
    NOON,
    START,
    fixed,
    handed_in,
    opened,
    staffed,
)

unhurried = settings(deadline=None)  # a busy machine must not fail the test
TYPES = {f"e{k:02}": ("state", "private", "other")[k % 3] for k in range(12)}


class TestChoose:
    def test_each_type_has_its_turn_before_one_has_a_second(self):
        chosen = [choose(TYPES, n, "s") for n in range(13)]

        for n, entries in enumerate(chosen):
            counts = Counter(TYPES[each] for each in entries)
            assert len(entries) == len(set(entries)) == n
            assert max(counts.values(), default=0) - min((counts[each] for each in set(TYPES.values())), default=0) <= 1

    def test_fewer_entries_than_anchors_are_all_chosen(self):
        assert set(choose({"a": "x", "b": "y"}, 5, "s")) == {"a", "b"}

    def test_small_type_gives_its_turn_to_the_others(self):
        types = {"a": "x", **{f"b{k}": "y" for k in range(5)}}

        assert Counter(types[each] for each in choose(types, 4, "s")) == {"x": 1, "y": 3}

    def test_another_seed_is_another_choice(self):
        assert len({choose(TYPES, 3, f"seed {k}") for k in range(8)}) > 1

    @unhurried
    @over(
        st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from("xyz")), st.integers(0, 6), st.randoms()
    )
    def test_order_of_the_entries_changes_nothing(self, types: dict[str, str], n: int, chance: random.Random):
        shuffled = dict(chance.sample(sorted(types.items()), len(types)))

        assert choose(types, n, "s") == choose(shuffled, n, "s")


def entry(k: int, *, employer: str = "") -> Entry:
    return Entry(f"U{k}-1", Unit(f"U{k}", employer, ""))


def judge(name: str, *, employer: str = "", load: int = 0) -> Judge:
    return Judge(name, Reader(employer, ""), load)


class TestReadings:
    def test_every_judge_without_a_conflict_gets_every_anchor(self):
        entries = {each.entry: each for each in (entry(1, employer="x"), entry(2), entry(3))}

        found = readings(("U1-1", "U2-1"), entries, [judge("a", employer="x"), judge("b")], Limits(3, 9))

        assert found == {"a": ("U2-1",), "b": ("U1-1", "U2-1")}

    def test_full_judge_gets_as_many_as_there_is_room_for(self):
        entries = {each.entry: each for each in (entry(1), entry(2))}

        found = readings(("U2-1", "U1-1"), entries, [judge("a", load=8), judge("b", load=9)], Limits(3, 9))

        assert found == {"a": ("U2-1",)}

    def test_anchor_that_is_out_is_given_to_nobody(self):
        assert readings(("U9-1",), {}, [judge("a")], Limits(3, 9)) == {}

    def test_given_readings_are_readers_and_loads(self):
        entries, bench = after_readings([entry(1), entry(2)], [judge("a", load=2), judge("b")], {"a": ("U2-1",)})

        assert [each.readers for each in entries] == [frozenset(), {"a"}]
        assert [each.load for each in bench] == [3, 0]


# Properties of the whole assignment

employers = st.sampled_from(["", "x", "y"])
fields = st.lists(st.tuples(employers, st.sampled_from(["state", "other"])), min_size=1, max_size=6)
benches = st.dictionaries(st.sampled_from("abcdef"), employers, min_size=1, max_size=5)
DECIDER = ScoringDecider()


def panel_of(
    field: list[tuple[str, str]], bench: dict[str, str], *, chance: random.Random | None = None, **judging: int
) -> ScoringState:
    """Return a state that is ready to assign, with its events folded in an order drawn from `chance`."""
    rows = [RollRow(f"U{k}", f"u{k}", "grassroots", kind, "", employer, "") for k, (employer, kind) in enumerate(field)]
    judges = [JudgeAppointed(name, NAME, employer, "", (), "olga", START) for name, employer in bench.items()]
    if chance is not None:
        chance.shuffle(rows)
        chance.shuffle(judges)
    codes = [f"{each.code}-1" for each in rows]
    facts = (*opened(**judging), *handed_in(*rows), *staffed(*bench), *judges, fixed(*codes))
    return fold(DECIDER, facts)


def events_of(panel: ScoringState) -> list[object] | Refused:
    decision = DECIDER.decide(Assign(None, "olga", NOON), panel)
    return decision if isinstance(decision, Refused) else list(decision)


limits = st.fixed_dictionaries(
    {"min_marks": st.integers(1, 3), "max_entries_per_judge": st.integers(1, 7), "anchor_entries": st.integers(0, 3)}
)


@unhurried
@over(fields, benches, limits, st.randoms(use_true_random=False))
def test_order_of_units_judges_and_cohort_changes_nothing(field, bench, judging, chance: random.Random):
    in_order = events_of(panel_of(field, bench, **judging))

    assert in_order == events_of(panel_of(field, bench, chance=chance, **judging))


@unhurried
@over(fields, benches, limits)
def test_every_entry_gets_its_marks_or_is_named_and_no_limit_is_broken(field, bench, judging):
    panel = panel_of(field, bench, **judging)

    decision = events_of(panel)

    if isinstance(decision, Refused):
        named = [each["entry"] for each in decision.detail["short"]]  # type: ignore[index]
        assert decision.code == "assignment-infeasible"
        assert named
        assert set(named) <= panel.judged_entries()
        return
    after = panel
    for event in decision:
        after = DECIDER.evolve(after, event, "scoring/1/0")
    readers = Counter(each for _, each, _ in after.readings())
    assert all(readers[each] >= judging["min_marks"] for each in panel.judged_entries())
    for name, sheet in after.sheets.items():
        assert len(sheet.entries) <= judging["max_entries_per_judge"]
        assert all(after.conflict(name, each) is None for each in sheet.entries)
    for anchor in after.anchors or ():
        missing = {each for each in bench if panel.conflict(each, anchor) is None} - {
            name for name, each, _ in after.readings() if each == anchor
        }
        assert all(len(after.sheet(each).entries) == judging["max_entries_per_judge"] for each in missing)


@settings(max_examples=60, deadline=None)
@over(fields.filter(lambda each: len(each) <= 4), benches.filter(lambda each: len(each) <= 4), limits)
def test_feasibility_beside_the_anchors_is_that_of_trying_everything(field, bench, judging):
    panel = panel_of(field, bench, **judging)
    anchors = choose(
        {each: panel.type_of(each) for each in panel.judged_entries()}, judging["anchor_entries"], panel.seed
    )
    entries, judges = panel.to_assign(), panel.available_judges()
    first = readings(anchors, {each.entry: each for each in entries}, judges, panel.limits)
    rest, loads = after_readings(entries, judges, first)

    decision = events_of(panel)

    assert isinstance(decision, Refused) != any(
        holds(choice, loads, panel.limits) for choice in choices(rest, loads, panel.limits)
    )
    assert isinstance(assign(rest, loads, panel.limits, panel.seed), Infeasible) == isinstance(decision, Refused)


def choices(entries: list[Entry], bench: list[Judge], bounds: Limits):
    """Yield every way to give the entries the judges that they lack."""
    return product(
        *(
            combinations([each.judge for each in eligible(one, bench, bounds)], max(0, bounds.marks - len(one.readers)))
            for one in entries
        )
    )


def holds(choice: tuple[tuple[str, ...], ...], bench: list[Judge], bounds: Limits) -> bool:
    new = Counter(name for names in choice for name in names)
    return all(each.load + new[each.judge] <= bounds.entries for each in bench if new[each.judge])


def test_choice_of_the_anchors_comes_before_the_readings():
    decision = events_of(panel_of([("", "state")] * 4, dict.fromkeys("abcd", ""), min_marks=2, anchor_entries=2))

    assert not isinstance(decision, Refused)
    assert [type(each) for each in decision] == [AnchorsChosen, *[EntriesAssigned] * 4]
