"""The stability report: variants are real rankings, the border holds the uncertain winners, and it is repeatable."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.campaign import METHODS
from services.ranking.analysis.rule_syntax import parse_conversion, parse_weights
from services.ranking.analysis.stability import (
    CONVERSION,
    JUDGE,
    LIKES,
    METHOD,
    WEIGHTS,
    Stability,
    Trial,
    perturb_likes,
    plain,
    share,
    stability,
)
from services.ranking.calculation.fast_ranking import FastRanking
from services.ranking.calculation.final_ranking import Ranking, rank
from shared.decider import Refused
from tests.unit.ranking.examples import (
    NONE,
    ROOT,
    SEED,
    campaign,
    campaigns,
    candidate,
    fields,
    judged_by,
    weighed,
)

DRAW = SEED, ROOT


def report_on(rows, rules, **more) -> Stability:
    report = stability(rows, rules, draw=DRAW, **more)
    assert isinstance(report, Stability)
    return report


def winners(rows, rules) -> frozenset[str]:
    ranked = rank(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(ranked, Ranking)
    return frozenset(each.merit.candidate.entry for each in ranked.winners())


NEAR = [candidate("A", 900, 90, 90), candidate("B", 100, 80, 80), candidate("C", 99, 80, 80), candidate("D", 1, 60, 60)]
TWO_SEATS = judged_by(campaign(quotas=(2, 0, 0), refill="none"), "mean", min_marks=1)


@settings(max_examples=25)
@given(fields(), campaigns())
def test_each_variant_of_the_rules_has_the_winners_of_its_own_ranking(rows, rules) -> None:
    for trial in report_on(rows, rules, variants=20).trials:
        if trial.kind == METHOD:
            assert winners(rows, judged_by(rules, trial.name)) == trial.winners
        if trial.kind == CONVERSION:
            assert winners(rows, replace(rules, conversion=parse_conversion(trial.name))) == trial.winners
        if trial.kind == WEIGHTS:
            assert winners(rows, replace(rules, weights=parse_weights(trial.name))) == trial.winners


@settings(max_examples=25)
@given(fields(), campaigns(), st.integers(0, 30))
def test_each_variant_of_the_likes_has_the_winners_of_its_own_ranking(rows, rules, spread) -> None:
    rows = sorted(rows, key=lambda each: each.entry)
    fast = FastRanking(rows, rules, draw=SEED + ROOT)
    trials = [
        each for each in report_on(rows, rules, variants=30, spread=spread, seed="s").trials if each.kind == LIKES
    ]

    for number, trial in enumerate(trials, start=1):
        likes = perturb_likes(fast, spread, f"s/{number}")
        moved = [replace(row, likes=each) for row, each in zip(rows, likes, strict=True)]
        assert winners(moved, rules) == trial.winners


def test_a_judge_left_out_is_a_variant_each() -> None:
    rules = judged_by(campaign(), "mean", min_marks=1)

    names = [each.name for each in report_on([candidate("E", 1, 70, 71)], rules).trials if each.kind == JUDGE]

    assert names == ["judge-0", "judge-1"]


def test_every_other_method_and_conversion_is_tried_and_the_own_ones_are_not() -> None:
    report = plain(report_on(NEAR, TWO_SEATS, variants=50))

    tried = {kind: [each["name"] for each in report["trials"] if each["kind"] == kind] for kind in (METHOD, CONVERSION)}
    assert [each for each in METHODS if each != "mean"] == tried[METHOD]
    assert "rank_percentile" not in tried[CONVERSION]
    assert len(tried[CONVERSION]) == 5


def test_likes_without_weight_leave_conversions_and_weights_out() -> None:
    rules = weighed(judged_by(campaign(conversion=NONE), "mean", min_marks=1), 0)

    kinds = {each.kind for each in report_on(NEAR, rules, variants=100).trials}

    assert kinds == {METHOD, JUDGE, LIKES}


def test_the_border_is_who_wins_in_some_variants_and_not_in_all() -> None:
    report = plain(report_on(NEAR, TWO_SEATS, variants=400, spread=5))

    assert {"B", "C"} == {each["entry"] for each in report["border"]}
    assert {"A": "100.0", "B": report["border"][0]["share"]} == report["winners"]
    assert report["border"][0]["final"] > report["border"][1]["final"]
    assert 50 < float(report["border"][0]["share"]) < 100
    assert report["kinds"]["likes"]["with_changes"] > 0
    assert report["unofficial"]


def test_who_wins_in_every_variant_and_not_in_the_result_is_on_the_border_with_whom_it_replaces() -> None:
    official = rank(NEAR, judged_by(campaign(quotas=(1, 0, 0)), "mean", min_marks=1), seed=SEED, root=ROOT)
    assert isinstance(official, Ranking)

    shaken = Stability(official, (Trial(METHOD, "median", frozenset("B")),), spread=5, seed="")

    assert [each.merit.candidate.entry for each in shaken.border] == ["B", "A"]


def test_likes_are_moved_to_the_nearest_whole_like() -> None:
    rules = judged_by(campaign(), "mean", min_marks=1)
    few, more = ([candidate(f"A{n}", likes, 80) for n in range(200)] for likes in (9, 30))

    assert {9} == set(perturb_likes(FastRanking(few, rules, draw=b""), 5, "any"))  # less than half a like either way
    assert {29, 30, 31} <= set(perturb_likes(FastRanking(more, rules, draw=b""), 5, "any")) <= {29, 30, 31, 32}


def test_weights_are_moved_by_five_and_ten_points_either_way() -> None:
    names = [each.name for each in report_on(NEAR, TWO_SEATS, variants=50).trials if each.kind == WEIGHTS]

    assert names == ["20/80", "25/75", "35/65", "40/60"]


def test_the_order_of_rows_throws_no_die() -> None:
    reports = [plain(report_on(rows, TWO_SEATS, variants=200)) for rows in (NEAR, NEAR[::-1])]

    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    ("wins", "of", "told"), [(9_999, 10_000, "99.9"), (10_000, 10_000, "100.0"), (1, 10_000, "0.1"), (0, 10_000, "0.0")]
)
def test_share_is_all_or_nothing_only_where_every_variant_or_none_says_so(wins: int, of: int, told: str) -> None:
    assert share(wins, of) == told


def test_the_same_seed_gives_the_same_report_and_another_throws_other_dice() -> None:
    first, again, other = (plain(report_on(NEAR, TWO_SEATS, variants=200, seed=seed)) for seed in ("a", "a", "b"))

    assert first == again
    assert first["trials"] != other["trials"]


@settings(max_examples=20)
@given(fields(), campaigns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, rules, dice) -> None:
    shuffled = dice.sample(rows, len(rows))

    assert plain(report_on(rows, rules, variants=25)) == plain(report_on(shuffled, rules, variants=25))


def test_no_spread_changes_no_winner() -> None:
    report = report_on(NEAR, TWO_SEATS, variants=60, spread=0)

    assert {winners(NEAR, TWO_SEATS)} == {each.winners for each in report.trials if each.kind == LIKES}


def test_what_cannot_be_ranked_has_no_report() -> None:
    refused = stability([candidate("A", 1, 80)], campaign(), draw=DRAW)

    assert isinstance(refused, Refused)
    assert refused.code == "too-few-marks"


@pytest.mark.parametrize("variants", [0, 1, 7])
def test_the_number_of_variants_is_kept(variants: int) -> None:
    assert len(report_on(NEAR, TWO_SEATS, variants=variants).trials) == variants
