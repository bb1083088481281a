"""Every method, conversion and refill, compared with the reference implementation in `oracle.py`.

The small fields have many ties; the others have a type with 200 entries beside one with 3, and panels of every shape.
"""

import random
from fractions import Fraction

import hypothesis
import pytest
from hypothesis import strategies as st

from services.moderation.campaign import CONVERSIONS, METHODS, REFILLS, Campaign
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import Ranking, rank
from tests.unit.ranking import oracle
from tests.unit.ranking.examples import (
    ROOT,
    SEED,
    TYPES,
    campaign,
    judged_by,
    mark,
    weighed,
)
from tests.unit.ranking.fields import (
    TYPICAL,
    few,
    panels,
    rule_sets,
    whole,
)

pytestmark = pytest.mark.slow  # generates examples for minutes

DRAW = SEED + ROOT


def compared(rows: list[Candidate], rules: Campaign) -> None:
    """Assert that the product's rows and seats equal the oracle's, to the last fraction."""
    ranking = rank(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(ranking, Ranking)
    expected_rows, expected_seats = oracle.result(rows, rules, DRAW)

    assert expected_rows == [
        (
            each.merit.candidate.type,
            each.place,
            each.merit.candidate.entry,
            each.merit.like_points,
            each.merit.expert.value,
            each.merit.final,
            each.seat.seat if each.seat else None,
        )
        for each in ranking.entries
    ]
    assert expected_seats == [(each.seat, each.to_type, each.entry) for each in ranking.seats]


def crowd(sizes: tuple[int, int, int], *, seed: int, judges: int, alike: bool = False) -> list[Candidate]:
    """Generate a field of any size; each judge has their own strictness and spread, and the last has marked few
    entries.
    """
    dice = random.Random(seed)
    panel = [(f"judge-{n:02}", dice.randint(-15, 15), dice.choice([0, 4, 12])) for n in range(judges)]
    rows: list[Candidate] = []
    for kind, size in zip(TYPES, sizes, strict=True):
        for _ in range(size):
            reading = dice.sample(panel[:-1], 3) + ([panel[-1]] if len(rows) in (0, 5, 9) else [])
            given = tuple(
                mark(judge, *(80 if alike else min(100, max(0, 70 + mild + dice.randint(-wide, wide))) for _ in "123"))
                for judge, mild, wide in reading
            )
            rows.append(Candidate(f"A{len(rows):03}", kind, dice.randint(0, 60), dice.randint(0, 3), given))
    return rows


EVERY = [
    pytest.param(method, conversion, refill, id=f"{method}, {conversion}, {refill}")
    for method in METHODS
    for conversion in CONVERSIONS
    for refill in REFILLS
]


@pytest.mark.parametrize(("method", "conversion", "refill"), EVERY)
@hypothesis.settings(max_examples=4, deadline=None)
@hypothesis.given(data=st.data())
def test_small_fields_are_ranked_as_the_oracle_does(
    data: st.DataObject, method: str, conversion: str, refill: str
) -> None:
    rows = data.draw(panels(data.draw(st.sampled_from([few, whole]))))

    compared(rows, data.draw(rule_sets(method, conversion, refill)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_type_with_200_entries_beside_one_with_3_is_ranked_as_the_oracle_does(method: str, conversion: str) -> None:
    rules = campaign(quotas=(20, 20, 20), conversion=TYPICAL[conversion], refill="proportional")

    compared(
        crowd((200, 3, 0), seed=2021, judges=9),
        weighed(judged_by(rules, method), 0 if conversion == "none" else 3000),
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(6))
def test_judges_with_own_strictness_are_put_right_as_the_oracle_does(method: str, seed: int) -> None:
    """With twelve or more entries a judge has a scale of their own; the last judge has three and is pooled."""
    rules = weighed(judged_by(campaign(quotas=(6, 6, 6)), method), 3000)

    compared(crowd((20, 14, 1), seed=seed, judges=6), rules)


@pytest.mark.parametrize("method", METHODS)
def test_marks_that_are_all_equal_leave_the_rest_to_the_ties(method: str) -> None:
    rows = crowd((12, 6, 1), seed=7, judges=5, alike=True)

    compared(rows, judged_by(campaign(), method))

    assert {Fraction(80)} == set(oracle.experts(rows, method, {"content": Fraction(1)}).values())
