"""The fast ranking gives the same order and winners as `final_ranking.rank`."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import METHODS
from services.ranking.analysis.rule_syntax import parse_conversion
from services.ranking.calculation.conversions import like_points, mid_ranks
from services.ranking.calculation.fast_ranking import FastRanking, points_by_rank
from services.ranking.calculation.final_ranking import Ranking, rank
from tests.unit.ranking.examples import (
    ROOT,
    SEED,
    campaign,
    campaigns,
    candidate,
    fields,
    judged_by,
    weighed,
)

CONVERSIONS = [
    parse_conversion(each)
    for each in (
        "rank_percentile",
        "rank_step(100,0.5,0)",
        "rank_step(5,2,0)",
        "prop_max",
        "prop_max_capped(60)",
        "log_prop",
        "bands(0.1:100,0.3:80,1:60)",
        "rank_percentile(population=all)",
        "prop_max(population=all)",
    )
]


def ranked(rows, rules) -> tuple[list[str], frozenset[str]]:
    found = rank(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(found, Ranking)
    merit_order = sorted(found.entries, key=lambda each: each.overall)
    return (
        [each.merit.candidate.entry for each in merit_order],
        frozenset(each.merit.candidate.entry for each in found.winners()),
    )


def order_and_winners(fast: FastRanking) -> tuple[list[str], frozenset[str]]:
    return [each.entry for each in fast.merit_order()], fast.winners()


def fast(rows, rules) -> FastRanking:
    return FastRanking(rows, rules, draw=SEED + ROOT)


@given(fields(), campaigns(), st.sampled_from(CONVERSIONS), st.sampled_from(METHODS))
def test_order_and_winners_are_those_of_the_ranking(rows, rules, conversion, method) -> None:
    rules = judged_by(replace(rules, conversion=conversion), method)

    assert ranked(rows, rules) == order_and_winners(fast(rows, rules))


@given(fields(), campaigns(), st.sampled_from(CONVERSIONS), st.data())
def test_other_likes_give_the_ranking_of_rows_that_have_them(rows, rules, conversion, data) -> None:
    rules = replace(rules, conversion=conversion)
    likes = data.draw(st.lists(st.integers(0, 9), min_size=len(rows), max_size=len(rows)))
    liked = [replace(row, likes=each) for row, each in zip(rows, likes, strict=True)]

    once = fast(rows, rules)

    assert ranked(liked, rules) == ([each.entry for each in once.merit_order(likes)], once.winners(likes))


@given(fields(), campaigns(), campaigns(), st.sampled_from(METHODS))
def test_other_rules_give_the_ranking_by_them(rows, rules, others, method) -> None:
    others = judged_by(others, method)

    assert ranked(rows, others) == order_and_winners(fast(rows, rules).by_rules(others))


@given(fields(), campaigns(), st.sampled_from(METHODS), st.integers(0, 5))
def test_a_judge_left_out_gives_the_ranking_of_the_other_marks(rows, rules, method, number) -> None:
    rules, judge = judged_by(rules, method, min_marks=1), f"judge-{number}"
    left = [replace(row, marks=tuple(each for each in row.marks if each.judge != judge)) for row in rows]

    assert ranked(left, rules) == order_and_winners(fast(rows, rules).without_judge(judge))


@given(fields(), campaigns(), st.permutations(range(14)))
def test_order_is_that_of_the_ranking_where_entries_have_no_marks(rows, rules, drawn) -> None:
    rules = weighed(judged_by(replace(rules, conversion=CONVERSIONS[0]), "mean"), 10_000)
    rows = [replace(row, marks=()) if n in drawn[:4] else row for n, row in enumerate(rows)]

    assert ranked(rows, rules) == order_and_winners(fast(rows, rules))


def test_an_entry_without_marks_stays_where_marks_have_no_weight() -> None:
    rules = weighed(judged_by(campaign(quotas=(1, 0, 0)), "mean", min_marks=1), 10_000)
    once = fast([candidate("A", 9, 80), candidate("B", 3, 80, 70)], rules)

    assert order_and_winners(once.without_judge("judge-0")) == (["A", "B"], {"A"})


def test_all_of_a_large_type_count_where_seats_go_by_share() -> None:
    rows = [candidate(f"S{n:02}", n, 80, 80, 80) for n in range(30)]
    rows += [candidate(f"P{n}", n, 70, 70, 70, type="private") for n in range(6)]
    rules = campaign(quotas=(2, 2, 4), refill="proportional")

    # Of the four seats 30 of 36 and 6 of 36 are 3 1/3 and 2/3.
    assert ranked(rows, rules)[1] == fast(rows, rules).winners()
    assert sum(each.startswith("S") for each in fast(rows, rules).winners()) == 2 + 3


@given(fields(), campaigns(), st.data())
def test_other_expert_scores_move_only_whom_they_lift_or_sink(rows, rules, data) -> None:
    i = data.draw(st.integers(0, max(0, len(rows) - 1)))
    once = fast(rows, rules)

    same = once.merit_order(scores={} if not rows else {i: once.experts.scores[i]})

    assert once.merit_order() == same


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("conversion", [each for each in CONVERSIONS if each.name in ("rank_percentile", "bands")])
def test_the_points_of_every_mid_rank_are_known(conversion, size) -> None:
    table = points_by_rank(conversion, size)

    assert set(range(2, 2 * size + 1)) == table.keys()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.sampled_from(CONVERSIONS[:3]))
def test_points_from_the_table_are_those_of_the_conversion(likes, conversion) -> None:
    table = points_by_rank(conversion, len(likes))

    assert like_points(conversion, likes) == [table[int(2 * Fraction(rank))] for rank in mid_ranks(likes)]


def test_an_empty_field_has_no_winner() -> None:
    assert fast([], campaign()).winners() == frozenset()
