"""Hypothesis strategies for every rule set, and for candidates with panels of every shape."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from services.moderation.campaign import POPULATIONS, Band, Campaign, Conversion
from services.ranking.calculation.candidates import Candidate
from tests.unit.ranking.examples import (
    TYPES,
    campaign,
    judged_by,
    mark,
    rank_step,
    weighed,
)

# Rules

TYPICAL = {
    **{name: Conversion(name) for name in ("rank_percentile", "prop_max", "log_prop", "none")},
    "rank_step": rank_step("100", "0.5", "0"),
    "prop_max_capped": Conversion("prop_max_capped", (("percentile", "95"),)),
    "bands": Conversion("bands", bands=(Band("0.1", "100"), Band("0.35", "80.5"), Band("1", "60")), population="all"),
}

_points = st.decimals(0, 100, places=1).map(str)


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    cents = [*sorted(draw(st.sets(st.integers(1, 99), max_size=4))), 100]
    points = sorted(draw(st.lists(_points, min_size=len(cents), max_size=len(cents))), key=Fraction, reverse=True)
    shares = [str(Decimal(each) / 100) for each in cents]
    return tuple(Band(share, each) for share, each in zip(shares, points, strict=True))


@st.composite
def conversions(draw: st.DrawFn, name: str) -> Conversion:
    population = draw(st.sampled_from(POPULATIONS))
    if name == "rank_step":
        floor, start = sorted((draw(_points), draw(_points)), key=Fraction)
        return replace(rank_step(start, draw(_points), floor), population=population)
    if name == "prop_max_capped":
        capped = draw(st.sampled_from(["0.5", "50", "90", "95", "99.9", "100"]))
        return Conversion(name, (("percentile", capped),), population=population)
    return Conversion(name, bands=draw(bands()) if name == "bands" else (), population=population)


@st.composite
def rule_sets(draw: st.DrawFn, method: str, name: str, refill: str) -> Campaign:
    rules = campaign(
        quotas=draw(st.tuples(*[st.integers(0, 4)] * 3)),
        conversion=draw(conversions(name)),
        refill=refill,
        min_score=draw(st.sampled_from([None, "50", "60.5"])),
    )
    like_bp = 0 if name == "none" else draw(st.sampled_from([0, 1, 3000, 5000, 9999, 10_000]))
    return weighed(judged_by(rules, method, min_marks=1), like_bp)


# Fields

JUDGES = tuple(f"judge-{n:02}" for n in range(12))
few = st.sampled_from([0, 50, 60, 75, 100])
whole = st.integers(0, 100)


@st.composite
def panels(draw: st.DrawFn, points: st.SearchStrategy[int]) -> list[Candidate]:
    """Generate candidates of three types, some of them empty, whose panel is one circle, two circles, or unconnected
    judges.
    """
    size = draw(st.integers(0, 16))
    circles = draw(st.sampled_from([[JUDGES[:4]], [JUDGES[:3], JUDGES[3:6]], [[each] for each in JUDGES], [JUDGES]]))
    rows = []
    for number in range(size):
        circle = draw(st.sampled_from(circles))
        judges = draw(st.lists(st.sampled_from(circle), min_size=1, max_size=7, unique=True))
        given = tuple(mark(judge, draw(points), draw(points), draw(points)) for judge in judges)
        likes = draw(st.one_of(st.integers(0, 3), st.integers(0, 5000)))
        rows.append(Candidate(f"A{number:03}", draw(st.sampled_from(TYPES)), likes, draw(st.integers(0, 2)), given))
    return rows
