"""Small campaigns and candidates to rank, and hypothesis strategies for more of them."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from services.moderation.campaign import (
    Campaign,
    Conversion,
    Criterion,
    Quota,
    UnitType,
    Weights,
)
from services.moderation.campaign_file.check import check
from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.quota import ScoredEntry

FILE = Path(__file__).parents[3] / "deploy" / "campaigns" / "2021-baijia.toml"
TYPES = ("state", "private", "foreign")
SEED, ROOT = b"seed", b"root"
PERCENTILE, PROP_MAX, NONE = Conversion("rank_percentile"), Conversion("prop_max"), Conversion("none")


def rank_step(start: str, step: str, floor: str) -> Conversion:
    return Conversion("rank_step", (("floor", floor), ("start", start), ("step", step)))


@cache
def campaign(
    *,
    quotas: tuple[int, ...] = (2, 2, 2),
    conversion: Conversion = PERCENTILE,
    refill: str = "next_best_overall",
    min_score: str | None = None,
) -> Campaign:
    """Return the campaign of the notice with three unit types and small quotas."""
    notice, _ = check(FILE.read_text())
    assert notice is not None
    unit_types = tuple(UnitType(code, code, code, quota) for code, quota in zip(TYPES, quotas, strict=True))
    quota = Quota(sum(quotas), refill, min_score)
    return replace(notice, unit_types=unit_types, conversion=conversion, quota=quota)


def judged_by(rules: Campaign, method: str, *, min_marks: int = 3) -> Campaign:
    return replace(rules, judging=replace(rules.judging, method=method, min_marks=min_marks))


def weighed(rules: Campaign, like_bp: int) -> Campaign:
    return replace(rules, weights=Weights(like_bp, 10_000 - like_bp))


def mark(judge: str, content: int, form: int, quality: int) -> Mark:
    return Mark(judge, (("content", content), ("form", form), ("quality", quality)))


def marks(*points: int) -> tuple[Mark, ...]:
    """Return one mark for each judge, the same points for every criterion."""
    return tuple(mark(f"judge-{n}", each, each, each) for n, each in enumerate(points))


def candidate(entry: str, likes: int = 0, *points: int, type: str = "state", handed_in: int = 0) -> Candidate:
    return Candidate(entry, type, likes, handed_in, marks(*(points or (80, 80, 80))))


def scored_entry(entry: str, type: str, final: int) -> ScoredEntry:
    return ScoredEntry(entry, type, Fraction(final))


RUBRIC = (Criterion("content", "", "", 50, ()), Criterion("form", "", "", 20, ()), Criterion("quality", "", "", 30, ()))

# Few values, so that ties are common.
_points = st.sampled_from([0, 50, 60, 75, 100])
_mark = st.tuples(_points, _points, _points)


@st.composite
def fields(draw: st.DrawFn) -> list[Candidate]:
    """Generate candidates of three types with three to six marks each."""
    size = draw(st.integers(0, 14))
    return [
        Candidate(
            entry=f"A{number:03}",
            type=draw(st.sampled_from(TYPES)),
            likes=draw(st.integers(0, 4)),
            handed_in=draw(st.integers(0, 2)),
            marks=tuple(
                mark(f"judge-{n}", *scores) for n, scores in enumerate(draw(st.lists(_mark, min_size=3, max_size=6)))
            ),
        )
        for number in range(size)
    ]


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    rules = campaign(
        quotas=draw(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))),
        conversion=draw(st.sampled_from([PERCENTILE, PROP_MAX, NONE, rank_step("30", "1.5", "0")])),
        refill=draw(st.sampled_from(["next_best_overall", "none", "proportional"])),
        min_score=draw(st.sampled_from([None, "50", "60.5"])),
    )
    like_bp = 0 if rules.conversion == NONE else draw(st.sampled_from([0, 3000, 10_000]))
    return weighed(judged_by(rules, draw(st.sampled_from(["mean", "median", "trimmed"]))), like_bp)
