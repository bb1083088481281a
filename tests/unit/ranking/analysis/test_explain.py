"""Explanations of one entry's result: every number is the ranking's own, and the margins are exact."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.campaign import METHODS
from services.ranking.analysis.excluded_likes import DayOfLikes
from services.ranking.analysis.explain import compare_explanations, explain
from services.ranking.analysis.rule_syntax import parse_conversion
from services.ranking.calculation.final_ranking import RankedEntry, Ranking, format_score, rank
from shared.decider import Refused
from tests.unit.ranking.examples import (
    PROP_MAX,
    ROOT,
    SEED,
    campaign,
    campaigns,
    candidate,
    fields,
    judged_by,
    mark,
    weighed,
)

DRAW, BLIND = (SEED, ROOT), b"blind"
FIVE = [candidate(f"A{n}", likes, 80, 82, 84) for n, likes in enumerate([90, 70, 70, 10, 0], start=1)]


def explained(rows, rules, entry: str, **more) -> dict[str, Any]:
    found = explain(rows, rules, entry, draw=DRAW, blind=BLIND, **more)
    assert isinstance(found, dict), found
    return found


def entry_of(rows, rules, entry: str) -> RankedEntry:
    ranked = rank(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(ranked, Ranking)
    return next(each for each in ranked.entries if each.merit.candidate.entry == entry)


def test_the_worked_example_of_the_rules_has_its_numbers_in_its_formula() -> None:
    likes = explained(FIVE, campaign(), "A2")["likes"]

    assert (likes["rank"], likes["field"], likes["points"]) == ("2.5", 5, {"exact": "125/2", "shown": "62.50"})
    assert likes["formula"]["zh"] == "100 × (5 − 2.5) ÷ (5 − 1) = 62.50"


FORMULAS = [
    ("rank_step(100,0.5,0)", "100 − 0.5 × (2.5 − 1), at least 0 = 99.25"),
    ("prop_max", "100 × 70 ÷ 90 = 77.78"),
    ("prop_max_capped(60)", "capped at 70, percentile 60: 100 × min(70, 70) ÷ 70 = 100.00"),
    ("log_prop", "100 × ln(1 + 70) ÷ ln(1 + 90) = 94.50"),
    ("bands(0.2:100,0.5:80,1:60)", "rank 2.5 of 5 is within the top 50%; points = 80.00"),
]


@pytest.mark.parametrize(("conversion", "words"), FORMULAS)
def test_each_conversion_is_told_with_its_numbers(conversion: str, words: str) -> None:
    rules = replace(campaign(), conversion=parse_conversion(conversion))

    assert words == explained(FIVE, rules, "A2")["likes"]["formula"]["en"]


@given(fields().filter(bool), campaigns(), st.sampled_from(METHODS), st.data())
def test_every_figure_is_the_rankings_own(rows, rules, method, data) -> None:
    rules, entry = judged_by(rules, method), data.draw(st.sampled_from(sorted(each.entry for each in rows)))

    found, own = explained(rows, rules, entry), entry_of(rows, rules, entry)

    merit = own.merit
    assert (merit.like_points, merit.expert.value, merit.final) == tuple(
        Fraction(each["exact"]) for each in (found["likes"]["points"], found["experts"]["score"], found["final"])
    )
    assert (own.place, own.overall) == (found["place"]["in_type"], found["place"]["overall"])
    assert (None if own.seat is None else own.seat.seat) == (found["seat"] and found["seat"]["seat"])
    assert found["likes"]["formula"]["zh"].endswith(f" = {format_score(merit.like_points)}")
    assert found["final"]["formula"]["zh"].endswith(f" = {format_score(merit.final)}")


@settings(max_examples=60)
@given(fields().filter(bool), campaigns(), st.data())
def test_so_many_more_likes_bring_one_place_more_and_one_fewer_do_not(rows, rules, data) -> None:
    entry = data.draw(st.sampled_from(sorted(each.entry for each in rows)))
    more = explained(rows, rules, entry)["more"]["place"]
    place = entry_of(rows, rules, entry).place

    def with_more(likes: int) -> int:
        return entry_of([replace(r, likes=r.likes + likes * (r.entry == entry)) for r in rows], rules, entry).place

    if more is None:
        assert place == 1
    elif more["likes"] is None:
        assert with_more(30) == place
    else:
        assert with_more(more["likes"]) < place
        assert with_more(more["likes"] - 1) == place


def test_an_entry_without_a_seat_is_told_what_a_seat_needed() -> None:
    rules = judged_by(campaign(quotas=(1, 0, 0), refill="none"), "mean", min_marks=1)
    rows = [candidate("A", 9, 80), candidate("B", 3, 79), candidate("C", 1, 60)]

    more = explained(rows, rules, "B")["more"]

    # A has 30 + 56 and B 15 + 55.3: 7 likes more make it 15 + 56 against 30 + 55.3.
    assert more["seat"] == {"likes": 7, "expert": None}
    assert explained(rows, rules, "A")["more"] == {"place": None, "seat": None}


def test_likes_beyond_the_most_of_anyone_are_told_where_they_lower_the_others() -> None:
    rules = judged_by(campaign(conversion=PROP_MAX), "mean", min_marks=1)

    more = explained([candidate("A", 10, 90), candidate("B", 5, 60)], rules, "B")["more"]["place"]

    # B has 30 + 42 once it leads, A 63 and 300 / n: 34 likes are enough, and 33 are not.
    assert more == {"likes": 29, "expert": None}


def test_an_expert_score_that_would_do_is_told_to_the_hundredth() -> None:
    rules = judged_by(weighed(campaign(quotas=(1, 0, 0), refill="none"), 0), "mean", min_marks=1)

    more = explained([candidate("A", 9, 80), candidate("B", 3, 79)], rules, "B")["more"]["place"]

    assert more == {"likes": None, "expert": "1.01"}  # with 1.00 they tie, and A has more likes


def test_judges_are_numbers_in_an_order_of_their_own_for_each_entry() -> None:
    rows = [
        replace(candidate(f"A{n:02}"), marks=tuple(mark(f"j{k}", 60 + k, 80, 80) for k in range(5))) for n in range(9)
    ]

    def contents(blind: bytes) -> list[list[int]]:
        found = [explain(rows, campaign(), each.entry, draw=DRAW, blind=blind) for each in rows]
        judges = [each["experts"]["judges"] for each in found if isinstance(each, dict)]
        assert "j1" not in str(judges)
        return [[one["criteria"][0]["points"] for one in each] for each in judges]

    first = contents(BLIND)

    assert first == contents(BLIND)
    assert first != contents(b"another")
    assert len(set(map(tuple, first))) > 1
    assert [each["judge"]["zh"] for each in explained(rows, campaign(), "A00")["experts"]["judges"]][:2] == [
        "专家 1",
        "专家 2",
    ]


def test_neighbours_are_named_with_the_rule_that_parted_them() -> None:
    rows = [candidate("A", 5, handed_in=1), candidate("B", 5, handed_in=2), candidate("C", 1)]

    ties = explained(rows, campaign(), "B")["ties"]

    assert (ties["above"]["entry"], ties["above"]["decided_by"]) == ("A", "earlier_hand_in")
    assert (ties["below"]["entry"], ties["below"]["decided_by"]) == ("C", "final_score")
    assert explained(rows, campaign(), "A")["ties"]["above"] is None


def test_a_seat_that_moved_says_from_where_and_why() -> None:
    rows = [candidate("A", 5, 90, 90, 90), candidate("B", 1, 80, 80, 80)]

    seat = explained(rows, campaign(quotas=(1, 1, 0)), "B")["seat"]

    assert (seat["seat"], seat["from"], seat["to"], seat["moved"]) == ("private-01", "private", "state", True)
    assert "best remaining entry overall" in seat["words"]["en"]


def test_days_are_told_with_what_does_not_count() -> None:
    days = (DayOfLikes("2021-06-07", cast=9, retracted=1, voided=2, held=3, usual=4),)

    assert explained(FIVE, campaign(), "A1", days=days)["likes"]["days"] == [
        {"day": "2021-06-07", "cast": 9, "retracted": 1, "voided": 2, "held": 3, "usual": 4, "valid": 3}
    ]


def test_two_moments_differ_in_what_moved() -> None:
    before = explained(FIVE, campaign(), "A4")
    after = explained([replace(each, likes=80) if each.entry == "A4" else each for each in FIVE], campaign(), "A4")

    moved = {each["figure"]: (each["before"], each["after"]) for each in compare_explanations(before, after)}

    assert moved["valid_likes"] == (10, 80)
    assert moved["like_rank"] == ("4", "2")
    assert moved["like_points"] == ("25.00", "75.00")
    assert "expert" not in moved
    assert compare_explanations(before, before) == []


@pytest.mark.parametrize(
    ("rows", "entry", "code"),
    [
        pytest.param(FIVE, "Z", "entry-not-ranked", id="an entry that is not ranked"),
        pytest.param([candidate("A", 1, 80)], "A", "too-few-marks", id="before the marks are there"),
    ],
)
def test_what_cannot_be_explained_is_refused(rows, entry: str, code: str) -> None:
    refused = explain(rows, campaign(), entry, draw=DRAW, blind=BLIND)

    assert isinstance(refused, Refused)
    assert refused.code == code
