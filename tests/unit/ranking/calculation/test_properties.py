"""Properties of every result, by any rules: order does not matter, likes never harm, seats add up, ranks close up."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import hypothesis
import pytest
from hypothesis import strategies as st

from services.moderation.campaign import CONVERSIONS, METHODS, REFILLS, Campaign
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.conversions import like_points
from services.ranking.calculation.final_ranking import RankedEntry, Ranking, rank
from services.ranking.calculation.quota import TYPE_QUOTA, moves
from tests.unit.ranking.examples import (
    ROOT,
    SEED,
    TYPES,
    campaign,
    candidate,
    judged_by,
    marks,
    weighed,
)
from tests.unit.ranking.fields import (
    JUDGES,
    TYPICAL,
    conversions,
    few,
    panels,
    rule_sets,
    whole,
)

pytestmark = pytest.mark.slow  # generates examples for minutes

EVERY_RULE = st.tuples(st.sampled_from(METHODS), st.sampled_from(CONVERSIONS), st.sampled_from(REFILLS)).flatmap(
    lambda names: rule_sets(*names)
)
FIELDS = st.sampled_from([few, whole]).flatmap(panels)
FEWER = hypothesis.settings(max_examples=40)  # a field and a rule set cost ten times what likes alone do


def ranked(rows: list[Candidate], rules: Campaign) -> Ranking:
    ranking = rank(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(ranking, Ranking)
    return ranking


def entry_of(ranking: Ranking, entry: str) -> RankedEntry:
    return next(each for each in ranking.entries if each.merit.candidate.entry == entry)


# Order


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE, st.randoms(use_true_random=False))
def test_order_of_entries_and_judges_and_criteria_changes_no_byte(rows, rules, dice):
    shuffled = [
        replace(
            each,
            marks=tuple(
                replace(mark, scores=tuple(dice.sample(mark.scores, len(mark.scores))))
                for mark in dice.sample(each.marks, len(each.marks))
            ),
        )
        for each in dice.sample(rows, len(rows))
    ]

    assert ranked(rows, rules).digest() == ranked(shuffled, rules).digest()


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE, st.permutations(JUDGES))
def test_names_of_judges_change_no_byte(rows, rules, names):
    other = dict(zip(JUDGES, names, strict=True))
    renamed = [
        replace(each, marks=tuple(replace(mark, judge=other[mark.judge]) for mark in each.marks)) for each in rows
    ]

    assert ranked(rows, rules).digest() == ranked(renamed, rules).digest()


# Likes


@pytest.mark.parametrize("name", CONVERSIONS)
@hypothesis.given(data=st.data(), likes=st.lists(st.integers(0, 50), min_size=1, max_size=20), more=st.integers(1, 60))
def test_more_likes_never_lower_own_points(name, data, likes, more):
    conversion = data.draw(conversions(name))
    mine = data.draw(st.integers(0, len(likes) - 1))

    before = like_points(conversion, likes)
    after = like_points(conversion, [count + more * (n == mine) for n, count in enumerate(likes)])

    assert before[mine] <= after[mine]


@FEWER
@hypothesis.given(st.data(), FIELDS.filter(bool), EVERY_RULE, st.integers(1, 60))
def test_more_likes_never_lower_own_final_score_nor_place_nor_seat(data, rows, rules, more):
    mine = data.draw(st.sampled_from(rows))
    raised = [replace(each, likes=each.likes + more) if each is mine else each for each in rows]

    before, after = (entry_of(ranked(each, rules), mine.entry) for each in (rows, raised))

    assert before.merit.final <= after.merit.final
    assert before.place >= after.place
    assert before.overall >= after.overall


@pytest.mark.parametrize("name", CONVERSIONS)
@hypothesis.given(data=st.data(), likes=st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_points_lie_between_nothing_and_100_and_follow_the_likes(name, data, likes):
    points = like_points(data.draw(conversions(name)), likes)

    ordered = sorted(zip(likes, points, strict=True))
    assert all(0 <= each <= 100 for each in points)
    assert [each for _, each in ordered] == sorted(points)


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE)
def test_likes_of_one_type_leave_the_points_of_another_alone(rows, rules):
    rules = replace(rules, conversion=replace(rules.conversion, population="type"))
    boosted = [replace(each, likes=each.likes * 7 + 1) if each.type == TYPES[0] else each for each in rows]

    before, after = (
        {each.merit.candidate.entry: each.merit.like_points for each in ranked(one, rules).entries}
        for one in (rows, boosted)
    )

    others = [each.entry for each in rows if each.type != TYPES[0]]
    assert [before[entry] for entry in others] == [after[entry] for entry in others]


# Seats


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE)
def test_seats_are_the_total_and_an_entry_has_one_at_most(rows, rules):
    ranking = ranked(rows, rules)

    takers = Counter(each.entry for each in ranking.seats if each.entry)
    assert rules.quota.total == len(ranking.seats)
    assert set(takers.values()) <= {1}
    assert set(takers) == {each.merit.candidate.entry for each in ranking.winners()}


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE)
def test_trace_is_the_seats_that_moved_or_stayed_empty(rows, rules):
    ranking = ranked(rows, rules)

    moved = {each.seat for each in ranking.seats if each.from_type != each.to_type}
    assert moved == {each.seat for each in moves(ranking.seats)}
    assert all(each.why == TYPE_QUOTA for each in ranking.seats if each.seat not in moved)
    assert all(
        each.to_type == entry_of(ranking, each.entry).merit.candidate.type for each in ranking.seats if each.entry
    )


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE)
def test_nobody_below_the_minimum_has_a_seat(rows, rules):
    least = rules.quota.min_score  # without a minimum even a score below 0 may win, to which judges' effects can lead

    assert least is None or all(each.merit.final >= Fraction(least) for each in ranked(rows, rules).winners())


# Who leaves


@pytest.mark.parametrize("method", ["mean", "median", "trimmed"])
@FEWER
@hypothesis.given(st.data(), FIELDS.filter(bool))
def test_entry_that_leaves_lets_ranks_close_up(method, data, rows):
    """Entries of its type that were below it gain a place, and no entry of another type moves."""
    rules = weighed(judged_by(campaign(), method, min_marks=1), 0)
    gone = data.draw(st.sampled_from(rows))

    before = ranked(rows, rules)
    after = ranked([each for each in rows if each is not gone], rules)

    fallen = entry_of(before, gone.entry).place
    for each in after.entries:
        old = entry_of(before, each.merit.candidate.entry).place
        assert each.place == old - (each.merit.candidate.type == gone.type and old > fallen)


def test_disqualified_leader_lets_points_close_up():
    rows = [candidate("A", 90), candidate("B", 70), candidate("C", 10)]

    after = ranked(rows[1:], campaign())

    assert [entry_of(ranked(rows, campaign()), each).merit.like_points for each in "ABC"] == [100, 50, 0]
    assert [entry_of(after, each).merit.like_points for each in "BC"] == [100, 0]


# Weights


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE)
def test_weight_of_nothing_for_likes_makes_the_final_score_the_experts(rows, rules):
    assert all(each.merit.final == each.merit.expert.value for each in ranked(rows, weighed(rules, like_bp=0)).entries)


@FEWER
@hypothesis.given(FIELDS, EVERY_RULE.filter(lambda rules: rules.conversion.name != "none"))
def test_weight_of_all_for_likes_makes_the_final_score_the_points(rows, rules):
    assert all(each.merit.final == each.merit.like_points for each in ranked(rows, weighed(rules, 10_000)).entries)


@pytest.mark.parametrize("method", METHODS)
def test_likes_alone_need_no_marks(method):
    rules = weighed(judged_by(campaign(), method), 10_000)
    rows = [replace(candidate("A", 5), marks=()), replace(candidate("B", 9), marks=marks(90)), candidate("C", 1)]

    ranking = ranked(rows, rules)

    assert [each.merit.candidate.entry for each in ranking.entries] == ["B", "A", "C"]
    assert entry_of(ranking, "A").merit.expert.value == 0


def test_experts_alone_rank_a_campaign_without_likes_by_their_marks_and_ties_by_hand_in():
    rules = weighed(campaign(conversion=replace(campaign().conversion, name="none")), 0)
    rows = [
        candidate("A", 0, 80, 80, 80, handed_in=2),
        candidate("B", 0, 80, 80, 80, handed_in=1),
        candidate("C", 0, 90, 90, 90),
    ]

    ranking = ranked(rows, rules)

    assert [each.merit.candidate.entry for each in ranking.entries] == ["C", "B", "A"]
    assert [each.decided_by for each in ranking.entries] == ["first", "final_score", "earlier_hand_in"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conversion", CONVERSIONS)
@pytest.mark.parametrize("refill", REFILLS)
def test_field_of_nobody_has_every_seat_empty(method, conversion, refill):
    rules = campaign(quotas=(2, 0, 3), conversion=TYPICAL[conversion], refill=refill)

    ranking = ranked([], judged_by(rules, method))

    assert ranking.entries == ()
    assert [each.entry for each in ranking.seats] == [None] * 5


# Fields that notices forget


@pytest.mark.parametrize(
    ("name", "points"),
    [
        pytest.param("rank_percentile", 50, id="all in the middle"),
        pytest.param("rank_step", Fraction("99.5"), id="all on the mean of their places"),
        pytest.param("prop_max", 0, id="no share of nothing"),
        pytest.param("prop_max_capped", 0, id="no share of a cap of nothing"),
        pytest.param("log_prop", 0, id="no logarithm of nothing"),
        pytest.param("bands", 60, id="the band of the middle"),
        pytest.param("none", 0, id="no points at all"),
    ],
)
def test_field_without_a_single_like_gives_everybody_the_same(name, points):
    assert like_points(TYPICAL[name], [0, 0, 0]) == [points] * 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_field_that_ties_in_all_is_parted_by_the_lot_alone(method, conversion):
    rules = judged_by(campaign(quotas=(2, 2, 0), conversion=TYPICAL[conversion]), method)
    rows = [candidate(f"A{n}", 7, type=TYPES[n % 2]) for n in range(8)]

    ranking = ranked(rows, weighed(rules, 0 if conversion == "none" else 3000))

    assert [each.decided_by for each in ranking.entries] == ["first", "lot", "lot", "lot"] * 2
    assert len(ranking.winners()) == 4
    assert len({each.merit.final for each in ranking.entries}) == 1


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_single_entry_of_a_type_is_first_of_it_whatever_its_likes(conversion):
    rules = campaign(quotas=(1, 1, 0), conversion=TYPICAL[conversion])
    rows = [candidate("A", 0, type="private"), candidate("B", 3), candidate("C", 5)]

    ranking = ranked(rows, weighed(rules, 0 if conversion == "none" else 3000))

    assert (entry_of(ranking, "A").place, entry_of(ranking, "A").seat.seat) == (1, "private-01")
