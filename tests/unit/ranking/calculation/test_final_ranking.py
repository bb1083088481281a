"""The result: final scores, ties, rounding, refusals, and the bytes that a rebuild must reproduce."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import commitment, stored_hash
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import Ranking, e4, format_score, rank
from shared.decider import Refused
from tests.unit.ranking import oracle
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
    marks,
    rank_step,
    weighed,
)


def ranked(rows, rules, *, seed=SEED, root=ROOT) -> Ranking:
    ranking = rank(rows, rules, seed=seed, root=root)
    assert isinstance(ranking, Ranking)
    return ranking


def order(ranking: Ranking) -> list[str]:
    return [each.merit.candidate.entry for each in ranking.entries]


def finals(ranking: Ranking) -> dict[str, Fraction]:
    return {each.merit.candidate.entry: each.merit.final for each in ranking.entries}


def test_final_score_weighs_like_points_and_expert_score():
    ranking = ranked([candidate("A", 10, 80, 82, 84), candidate("B", 0, 90, 90, 90)], campaign())

    assert {"A": Fraction("87.4"), "B": Fraction(63)} == finals(ranking)


def test_notice_of_2021_weighs_its_rank_step_30_to_70():
    ranking = ranked(
        [candidate("A", 10, 80), candidate("B", 5, 80), candidate("C", 1, 80)],
        judged_by(campaign(conversion=rank_step("100", "0.5", "0")), "mean", min_marks=1),
    )

    assert {"A": Fraction(86), "B": Fraction("85.85"), "C": Fraction("85.7")} == finals(ranking)


def test_notice_of_2022_weighs_shares_of_the_most_votes_30_to_70():
    ranking = ranked([candidate("A", 1000, 80, 80, 80), candidate("B", 250, 90, 90, 90)], campaign(conversion=PROP_MAX))

    assert {"A": Fraction(86), "B": Fraction("70.5")} == finals(ranking)


def test_like_points_come_from_the_own_unit_type_alone():
    rows = [
        candidate("A", 3),
        candidate("B", 1),
        candidate("C", 900, type="private"),
        candidate("D", 5, type="private"),
    ]

    ranking = ranked(rows, campaign())

    assert {each.merit.candidate.entry: each.merit.like_points for each in ranking.entries} == {
        "A": 100,
        "B": 0,
        "C": 100,
        "D": 0,
    }


def test_like_weight_of_zero_leaves_the_experts_alone():
    ranking = ranked([candidate("A", 900, 70, 70, 70), candidate("B", 0, 71, 71, 71)], weighed(campaign(), 0))

    assert order(ranking) == ["B", "A"]


# Two entries with equal final scores, and the rule that must decide between them. A comes first in each pair.
TIES = [
    pytest.param(
        [candidate("B", 10, 0, 0, 0), candidate("A", 0, 100, 100, 100)], "expert_score", id="the higher expert score"
    ),
    pytest.param(
        [
            Candidate("B", "state", 5, 0, (mark("j", 60, 85, 80), *marks(71, 71))),
            Candidate("A", "state", 5, 0, (mark("j", 80, 65, 60), *marks(71, 71))),
        ],
        "content_mark",
        id="the higher content mark",
    ),
    pytest.param([candidate("B", 5, handed_in=7), candidate("A", 5, handed_in=6)], "earlier_hand_in", id="earlier"),
]


@pytest.mark.parametrize(("rows", "rule"), TIES)
def test_tie_is_parted_by_the_first_rule_that_differs(rows, rule):
    ranking = ranked(rows, weighed(campaign(), 5000))

    assert order(ranking) == ["A", "B"]
    assert ["first", rule] == [each.decided_by for each in ranking.entries]
    assert len(set(finals(ranking).values())) == 1


def test_tie_is_parted_by_valid_likes_where_points_are_floored():
    rows = [candidate("B", 4, handed_in=1), candidate("A", 5, handed_in=2)]

    ranking = ranked(rows, campaign(conversion=rank_step("0", "1", "0")))

    assert order(ranking) == ["A", "B"]
    assert ranking.entries[1].decided_by == "valid_likes"


def test_entry_without_marks_is_not_taken_for_the_worst_marked_one_in_a_tie():
    rules = weighed(campaign(), 10_000)
    unmarked, low = replace(candidate("A", 5, handed_in=1), marks=()), candidate("B", 5, 10, 10, 10, handed_in=2)
    apart = [candidate("C", 4, 70, 70, 70, handed_in=1), candidate("D", 4, 80, 80, 80, handed_in=2)]

    ranking = ranked([unmarked, low, *apart], rules)

    assert order(ranking) == ["A", "B", "D", "C"]
    assert [each.decided_by for each in ranking.entries] == ["first", "earlier_hand_in", "final_score", "expert_score"]
    assert (ranking.without_marks, ranking.without_hand_in) == ({"A", "B"}, frozenset())


def test_tie_that_no_rule_parts_goes_to_the_lower_lot():
    rows = [candidate(entry, 5) for entry in ("A", "B", "C", "D")]

    orders = {seed: order(ranked(rows, campaign(), seed=seed)) for seed in (b"one", b"two", b"three")}

    for seed, drawn in orders.items():
        scored = oracle.scores(rows, campaign(), seed + ROOT)
        assert sorted(scored, key=lambda entry: scored[entry][2]) == drawn
    assert len(set(map(tuple, orders.values()))) > 1


def test_lot_changes_with_the_closing_root():
    rows = [candidate(f"A{n:03}", 5) for n in range(10)]

    assert order(ranked(rows, campaign())) != order(ranked(rows, campaign(), root=b"another root"))


def test_tie_order_of_the_campaign_is_obeyed():
    rows = [candidate("B", 5, handed_in=7), candidate("A", 5, handed_in=6)]
    by_lot = replace(campaign(), tie_order=("lot",))

    ranking = ranked(rows, by_lot)

    assert ranking.entries[1].decided_by == "lot"


def test_exact_values_decide_where_rounded_ones_tie():
    # One judge of a hundred gives one point more for quality: 80.003 against 80.
    rules = judged_by(weighed(campaign(), 0), "mean", min_marks=1)
    rows = [
        Candidate("B", "state", 9, 0, marks(*[80] * 99, 80)),
        Candidate("A", "state", 0, 0, (*marks(*[80] * 99), mark("last", 80, 80, 81))),
    ]

    ranking = ranked(rows, rules)

    assert order(ranking) == ["A", "B"]
    assert "80.00" == format_score(ranking.entries[0].merit.final) == format_score(ranking.entries[1].merit.final)


def test_too_few_marks_stop_the_result_and_name_the_entries():
    rows = [candidate("C", 1, 80, 80), candidate("A", 1, 80), candidate("B", 1, 80, 80, 80)]

    assert Refused("too-few-marks", detail={"entries": ["A", "C"], "min_marks": 3}) == rank(
        rows, campaign(), seed=SEED, root=ROOT
    )


def test_seed_that_was_not_committed_is_refused():
    rules = replace(campaign(), seed_commitment=commitment(b"another"))

    assert Refused("seed-mismatch", field="seed") == rank([], rules, seed=SEED, root=ROOT)


def test_seed_that_was_committed_is_taken():
    rules = replace(campaign(), seed_commitment=commitment(SEED))

    assert order(ranked([candidate("A")], rules)) == ["A"]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([candidate("A"), candidate("A", 3)], id="an entry twice"),
        pytest.param([candidate("A", type="martian")], id="an unknown type"),
        pytest.param([Candidate("A", "state", 0, 0, marks(1, 2, 3) + marks(4))], id="a judge twice"),
    ],
)
def test_rows_that_no_service_can_hand_over_are_a_value_error(rows):
    with pytest.raises(ValueError, match=r"entry appears twice|unknown unit type|two marks"):
        rank(rows, campaign(), seed=SEED, root=ROOT)


def test_trimmed_fallback_stands_in_the_row():
    ranking = ranked(
        [candidate("A", 1, 80, 80, 80, 80), candidate("B", 0, *[70] * 5)], judged_by(campaign(), "trimmed")
    )

    assert [row["expert_method"] for row in ranking.canonical_rows()["rows"]] == ["mean", "trimmed"]


@pytest.mark.parametrize(
    ("value", "stored", "displayed"),
    [
        (Fraction("87.65"), 876500, "87.65"),
        (Fraction("0.00005"), 0, "0.00"),
        (Fraction("0.00015"), 2, "0.00"),
        (Fraction("62.125"), 621250, "62.12"),
        (Fraction("62.135"), 621350, "62.14"),
        (Fraction(200, 3), 666667, "66.67"),
        (Fraction(100), 1000000, "100.00"),
        # Rounding from the stored 84.9950 would display 85.00.
        (Fraction("84.99496"), 849950, "84.99"),
    ],
)
def test_rounding_is_half_even_and_always_from_the_exact_value(value, stored, displayed):
    assert (stored, displayed) == (e4(value), format_score(value))


def test_canonical_rows_are_plain_and_complete():
    rules = campaign(quotas=(1, 1, 0))
    rows = [candidate("A001", 7, 90, 90, 90), candidate("A002", 3, 80, 80, 81), candidate("A003", 1, 80, 80, 80)]

    data = ranked(rows, rules).canonical_rows()

    assert {"campaign": "2021-baijia", "rule_hash": stored_hash(rules)} == {
        key: data[key] for key in ("campaign", "rule_hash")
    }
    assert [row["entry"] for row in data["rows"]] == ["A001", "A002", "A003"]
    assert data["rows"][1] == {
        "entry": "A002",
        "type": "state",
        "place": 2,
        "overall": 2,
        "likes": 3,
        "like_points": "50/1",
        "like_points_e4": 500000,
        "expert": "241/3",
        "expert_e4": 803333,
        "expert_method": "mean",
        "final": "2137/30",
        "final_e4": 712333,
        "decided_by": "final_score",
        "winner": True,
        "seat": "private-01",
        "seat_reason": "refill-next-best-overall",
    }
    assert tuple(data["rows"][2][key] for key in ("winner", "seat", "seat_reason")) == (False, None, None)
    assert data["seats"] == [
        {"seat": "state-01", "from": "state", "to": "state", "entry": "A001", "why": "type-quota"},
        {"seat": "private-01", "from": "private", "to": "state", "entry": "A002", "why": "refill-next-best-overall"},
    ]


def test_rows_are_ordered_by_type_and_place():
    rows = [candidate("A", 1, type="state"), candidate("B", 1, type="private"), candidate("C", 9, type="private")]

    data = ranked(rows, campaign()).canonical_rows()

    assert [(row["type"], row["place"], row["entry"]) for row in data["rows"]] == [
        ("private", 1, "C"),
        ("private", 2, "B"),
        ("state", 1, "A"),
    ]


def test_winners_are_the_standings_with_a_seat():
    ranking = ranked([candidate("A", 2), candidate("B", 1)], campaign(quotas=(1, 0, 0)))

    assert [each.merit.candidate.entry for each in ranking.winners()] == ["A"]


def test_hundred_of_the_notice_are_filled_from_600_entries():
    dice = random.Random(20210613)
    rules = campaign(quotas=(40, 30, 30))
    rows = [
        candidate(f"A{n:03}", dice.randint(0, 900), *(dice.randint(50, 100) for _ in range(3)), type=kind)
        for n, kind in enumerate(["state"] * 400 + ["private"] * 185 + ["foreign"] * 15)
    ]

    ranking = ranked(rows, rules)

    assert len(ranking.winners()) == 100
    assert sum(seat.why == "refill-next-best-overall" for seat in ranking.seats) == 15


@given(fields(), campaigns())
def test_result_is_that_of_the_slow_oracle(rows, rules):
    data = ranked(rows, rules).canonical_rows()

    expected_rows, expected_seats = oracle.result(rows, rules, SEED + ROOT)
    assert expected_rows == [
        (
            row["type"],
            row["place"],
            row["entry"],
            Fraction(row["like_points"]),
            Fraction(row["expert"]),
            Fraction(row["final"]),
            row["seat"],
        )
        for row in data["rows"]
    ]
    assert expected_seats == [(seat["seat"], seat["to"], seat["entry"]) for seat in data["seats"]]


@given(fields(), campaigns(), st.randoms(use_true_random=False))
def test_order_of_rows_and_marks_changes_no_byte(rows, rules, dice):
    shuffled = [replace(each, marks=tuple(dice.sample(each.marks, len(each.marks)))) for each in rows]
    dice.shuffle(shuffled)

    assert ranked(rows, rules).digest() == ranked(shuffled, rules).digest()


@given(fields().filter(bool), campaigns(), st.data())
def test_more_likes_never_lower_own_place(rows, rules, data):
    mine = data.draw(st.integers(0, len(rows) - 1))
    raised = [replace(each, likes=each.likes + 2) if n == mine else each for n, each in enumerate(rows)]

    def place(ranking: Ranking) -> int:
        return next(each.place for each in ranking.entries if each.merit.candidate.entry == rows[mine].entry)

    assert place(ranked(rows, rules)) >= place(ranked(raised, rules))


@given(fields(), campaigns())
def test_seats_and_winners_are_the_same_entries(rows, rules):
    ranking = ranked(rows, rules)

    winners = {each.merit.candidate.entry for each in ranking.winners()}
    assert winners == {seat.entry for seat in ranking.seats if seat.entry}
    assert rules.quota.total == len(ranking.seats)
