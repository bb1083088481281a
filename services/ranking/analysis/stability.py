"""Stability of the result: who wins under slightly different rules, judges and likes.

The variants, in this order until their number is reached: each other method, each other conversion, weights moved by 5
and 10 points either way, each judge left out, and from then on the likes of each entry moved by up to `spread` per
cent, each by its own draw from a seeded random generator.
Promises: the same candidates, rules, number of variants and seed give the same report; each variant's winners are those
of `final_ranking.rank` (`calculation/fast_ranking.py`). Plain values in and out.
Does not promise that a variant is likely: the report shows where the margin is thin.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import Any

from services.moderation.campaign import METHODS, WHOLE_BP, Campaign, Weights
from services.ranking.analysis.rule_syntax import format_conversion, parse_conversion
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.fast_ranking import FastRanking
from services.ranking.calculation.final_ranking import RankedEntry, Ranking, format_score, rank
from shared.decider import Refused

Plain = dict[str, Any]
METHOD, CONVERSION, WEIGHTS, JUDGE, LIKES = KINDS = ("method", "conversion", "weights", "judge", "likes")
#: With parameters from real notices, or those that research/features.md 2.3 names.
CONVERSIONS = (
    "rank_percentile",
    "rank_step(100,0.5,0)",
    "prop_max",
    "prop_max_capped(95)",
    "log_prop",
    "bands(0.1:100,0.3:80,0.6:60,1:40)",
)
_MOVED_BP = (-1000, -500, 500, 1000)
VARIANTS, SPREAD_PERCENT = 1_000, 5


@dataclass(frozen=True, slots=True)
class Trial:
    """One variant that was tried, and the entries that win under it. `kind` is one of KINDS."""

    kind: str
    name: str
    winners: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stability:
    """The stability report: the official ranking, and the variants that were tried with their winners.

    `spread` is by how many per cent at most likes were moved, and `seed` the seed of the random generator.
    """

    official: Ranking
    trials: tuple[Trial, ...]
    spread: int
    seed: str

    @property
    def wins(self) -> Counter[str]:
        """The number of variants in which each entry wins, by entry."""
        return Counter(entry for each in self.trials for entry in each.winners)

    @property
    def border(self) -> tuple[RankedEntry, ...]:
        """The entries that win at least once but not always, over the official ranking and all variants.

        The entry that wins in most variants comes first.
        """
        wins, whole = self.wins, len(self.trials)
        official = self.official.winning()

        def is_fragile(entry: str) -> bool:
            return 0 < wins[entry] + (entry in official) < whole + 1

        fragile = [each for each in self.official.entries if is_fragile(each.merit.candidate.entry)]
        return tuple(sorted(fragile, key=lambda each: (-wins[each.merit.candidate.entry], each.overall)))


def stability(
    candidates: Sequence[Candidate],
    campaign: Campaign,
    *,
    draw: tuple[bytes, bytes],
    variants: int = VARIANTS,
    spread: int = SPREAD_PERCENT,
    seed: str = "",
    completed: Callable[[int], None] = lambda _: None,
) -> Stability | Refused:
    """Try variants of the rules, judges and likes, and return who wins under each.

    `draw` is the seed and root of the lot. `seed` is the seed of the random generator, `variants` how many are tried,
    and `spread` by how many per cent at most likes are moved. `completed` is called with how many variants were tried.
    Refuses as `rank` does.
    """
    official = rank(candidates, campaign, seed=draw[0], root=draw[1])
    if isinstance(official, Refused):
        return official
    ordered = sorted(candidates, key=lambda each: each.entry)  # so that the random draws do not depend on their order
    fast = FastRanking(ordered, campaign, draw=draw[0] + draw[1])
    trials = []
    for trial in islice(_trials(fast, spread, seed), variants):
        trials.append(trial)
        completed(len(trials))
    return Stability(official, tuple(trials), spread, seed)


def _trials(fast: FastRanking, spread: int, seed: str) -> Iterator[Trial]:
    campaign = fast.campaign
    for kind, name, rules in _rule_variants(campaign):
        yield Trial(kind, name, fast.by_rules(rules).winners())
    for judge in sorted({mark.judge for candidate in fast.candidates for mark in candidate.marks}):
        yield Trial(JUDGE, judge, fast.without_judge(judge).winners())
    number = 0
    while True:
        number += 1
        yield Trial(LIKES, f"±{spread}% {number}", fast.winners(perturb_likes(fast, spread, f"{seed}/{number}")))


def _rule_variants(campaign: Campaign) -> Iterator[tuple[str, str, Campaign]]:
    own = campaign.conversion
    for method in METHODS:
        if method != campaign.judging.method:
            yield METHOD, method, replace(campaign, judging=replace(campaign.judging, method=method))
    for text in CONVERSIONS if campaign.weights.like_bp else ():  # without a weight of likes, none changes anything
        other = replace(parse_conversion(text), population=own.population)
        if other != own:
            yield CONVERSION, format_conversion(other), replace(campaign, conversion=other)
    for moved in _MOVED_BP:
        like_bp = campaign.weights.like_bp + moved
        if 0 <= like_bp <= WHOLE_BP and campaign.weights.like_bp:
            name = f"{like_bp / 100:g}/{(WHOLE_BP - like_bp) / 100:g}"
            yield WEIGHTS, name, replace(campaign, weights=Weights(like_bp, WHOLE_BP - like_bp))


def perturb_likes(fast: FastRanking, spread: int, throw: str) -> list[int]:
    """Return the candidates' like counts, each moved up or down by a random share of at most `spread` per cent.

    The counts are rounded to whole likes. `throw` seeds the random generator.
    """
    dice = random.Random(hashlib.sha256(throw.encode()).digest())
    steps = range(-100 * spread, 100 * spread + 1)  # hundredths of a per cent
    moved = dice.choices(steps, k=len(fast.likes))
    return [max(0, likes + (likes * step + 5_000) // 10_000) for likes, step in zip(fast.likes, moved, strict=True)]


def plain(found: Stability) -> Plain:
    """Return the stability report as plain data, for staff only: it holds likes and scores that are not public yet."""
    official = found.official.winning()
    wins, whole = found.wins, len(found.trials)
    return {
        "unofficial": True,
        "official_digest": found.official.digest(),
        "variants": whole,
        "spread_percent": found.spread,
        "seed": found.seed,
        "kinds": {kind: _kind([each for each in found.trials if each.kind == kind], official) for kind in KINDS},
        "trials": [
            {
                "kind": each.kind,
                "name": each.name,
                "enters": sorted(each.winners - official),
                "leaves": sorted(official - each.winners),
            }
            for each in found.trials
        ],
        "winners": {entry: share(wins[entry], whole) for entry in sorted(official)},
        "border": [_fragile(each, wins[each.merit.candidate.entry], whole) for each in found.border],
    }


def _kind(trials: Sequence[Trial], official: frozenset[str]) -> Plain:
    changed = [len(each.winners - official) for each in trials]
    return {"variants": len(trials), "with_changes": sum(map(bool, changed)), "most_changed": max(changed, default=0)}


def _fragile(ranked: RankedEntry, wins: int, whole: int) -> Plain:
    merit = ranked.merit
    return {
        "entry": merit.candidate.entry,
        "type": merit.candidate.type,
        "place": ranked.place,
        "winner": ranked.seat is not None,
        "wins": wins,
        "share": share(wins, whole),
        "likes": merit.candidate.likes,
        "like_points": format_score(merit.like_points),
        "expert": format_score(merit.expert.value),
        "final": format_score(merit.final),
    }


def share(wins: int, whole: int) -> str:
    """Return `wins` of `whole` in per cent with one decimal, as text. Only `whole` wins give "100.0", and only 0 gives
    "0.0".
    """
    if wins in (0, whole):
        return "100.0" if wins == whole else "0.0"
    tenths = min(999, max(1, round(Fraction(1000 * wins, whole))))
    return f"{tenths // 10}.{tenths % 10}"
