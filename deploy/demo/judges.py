"""Generate the demo's judges and the marks that they give.

Promises: a mark depends only on the seed, the judge and the entry, not on the sequence of judging. An entry has a worth
that all judges see, and each judge has a strictness. Four of the first twelve judges work for employers on the roll of
the same seed, so that there are conflicts of interest by employer and by city.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from deploy.demo import place_names
from deploy.demo.entry_drafts import EntryDraft
from deploy.demo.units import FEDERATION_LEVELS, roll

CRITERIA = ("content", "form", "quality")
OUTSIDE = (
    "燕赵劳动关系研究院", "冀云大学公共管理学院", "太行日报社", "海河职业技术学院", "北方工运史研究会",
    "春潮影视工作室", "燕山律师事务所", "滹沱文化传播中心",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge of the demo, with the employer and city from which conflicts of interest follow."""

    code: str
    name: str
    employer: str
    city: str


def judges(seed: int, n: int = 12) -> list[Judge]:
    """Return `n` judges for the demo, of whom every third works for an employer on the roll."""
    rng = random.Random(f"{seed}/judges")
    units = [row for row in roll(seed) if row.level not in FEDERATION_LEVELS]
    names = [family + given for family in place_names.SURNAMES for given in place_names.GIVEN_NAMES]
    panel = []
    for k, name in enumerate(rng.sample(names, n)):
        unit = rng.choice(units)
        employer = unit.employer if k % 3 == 0 else OUTSIDE[k % len(OUTSIDE)]
        panel.append(Judge(f"judge-{k + 1:02d}", name, employer, unit.city))
    return panel


def mark(seed: int, judge: Judge, entry: EntryDraft) -> dict[str, int]:
    """Return the points (30 to 100) that this judge gives this entry, by criterion."""
    worth = random.Random(f"{seed}/worth/{entry.unit.code}")
    strictness = _about(random.Random(f"{seed}/strictness/{judge.code}"), 0, 5)
    mood = random.Random(f"{seed}/mark/{judge.code}/{entry.unit.code}")
    whole = _about(worth, 76, 16)
    return {
        criterion: max(30, min(100, _about(worth, whole, 6) + strictness + _about(mood, 0, 6)))
        for criterion in CRITERIA
    }


def required_explanation(total: str, *, below: int, above: int) -> str | None:
    """Return the explanation that a judge must add to a very low or very high mark, or None for other marks.

    `total` is the whole mark; `below` and `above` are the limits from the rules.
    """
    points = Decimal(total)
    if points < below:
        return "做法笼统，没有数据和实例，看不出特色"
    return "做法具体，成效有据，其他工会可以直接借鉴" if points > above else None


def weighted(marks: Mapping[str, int], weights: Mapping[str, int]) -> str:
    """Return the whole mark as a decimal text, from the points and the weights (per cent) by criterion."""
    return str(sum(Decimal(weights[each]) * points for each, points in marks.items()) / 100)


def _about(rng: random.Random, middle: int, spread: int) -> int:
    """Return an integer from a bell-shaped distribution around `middle`.

    Not `gauss`, whose result depends on the machine's logarithm.
    """
    return middle + (sum(rng.randint(-spread, spread) for _ in range(3))) // 3
