"""Compare the methods that turn judges' marks into an expert score: each entry's score, and who would win, by each.

Promises: each method's figures come from `final_ranking.rank` by that method, with nothing else changed.
Does not promise advice: the method was locked before like week, and this shows what the choice decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from services.moderation.campaign import METHODS, Campaign
from services.ranking.analysis.judge_agreement import Agreement, agreement
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.expert_scores import pooled_judges
from services.ranking.calculation.final_ranking import Ranking, rank
from services.ranking.calculation.judge_effects import Reading
from services.ranking.calculation.marks import judge_mark
from shared.decider import Refused

Plain = dict[str, Any]


def rank_by_every_method(
    candidates: Sequence[Candidate], campaign: Campaign, *, seed: bytes, root: bytes
) -> dict[str, Ranking] | Refused:
    """Return the ranking by each method of METHODS, by method name. Refuses as `final_ranking.rank` does."""
    found: dict[str, Ranking] = {}
    for method in METHODS:
        ranked = rank(candidates, _with_method(campaign, method), seed=seed, root=root)
        if isinstance(ranked, Refused):
            return ranked
        found[method] = ranked
    return found


def agreements(candidates: Sequence[Candidate], campaign: Campaign) -> dict[str, Agreement]:
    """Return the judges' agreement about each criterion, by code, and about the weighted mark, by the empty code."""
    criteria = campaign.judging.criteria
    marks = [(row.entry, mark) for row in candidates for mark in row.marks]
    found = {"": agreement([Reading(entry, mark.judge, judge_mark(mark, criteria)) for entry, mark in marks])}
    for each in criteria:
        values = [Reading(entry, mark.judge, Fraction(dict(mark.scores)[each.code])) for entry, mark in marks]
        found[each.code] = agreement(values)
    return found


def plain(rankings: Mapping[str, Ranking], candidates: Sequence[Candidate], campaign: Campaign) -> Plain:
    """Return the comparison of methods as plain data for staff: scores, changes of winners, and judges' agreement.

    Exact values are fraction strings; correlations are floats.
    """
    own = campaign.judging.method
    winners = {method: each.winning() for method, each in rankings.items()}
    scores: dict[str, dict[str, str]] = {}
    for method, ranking in rankings.items():
        for each in ranking.entries:
            scores.setdefault(each.merit.candidate.entry, {})[method] = str(each.merit.expert.value)
    pooled = pooled_judges(candidates, lambda mark: judge_mark(mark, campaign.judging.criteria))
    return {
        "method": own,
        "scores": dict(sorted(scores.items())),
        "winners": {
            method: {"comes": sorted(names - winners[own]), "goes": sorted(winners[own] - names)}
            for method, names in winners.items()
        },
        "pooled_judges": list(pooled),
        "fell_back": _fell_back(rankings),
        "agreement": {code: _agreement_data(each) for code, each in agreements(candidates, campaign).items()},
    }


def _fell_back(rankings: Mapping[str, Ranking]) -> dict[str, list[str]]:
    """Return by method the entries that had too few marks for it, and were scored by the mean instead."""
    found = {
        method: sorted(each.merit.candidate.entry for each in ranking.entries if each.merit.expert.fell_back)
        for method, ranking in rankings.items()
    }
    return {method: entries for method, entries in found.items() if entries}


def _agreement_data(found: Agreement) -> Plain:
    return {
        "alpha": None if found.alpha is None else str(found.alpha),
        "judges": [_strings(asdict(each)) for each in found.judges],
        "entries": [_strings(asdict(each)) for each in found.entries],
    }


def _strings(data: Mapping[str, Any]) -> Plain:
    return {name: str(value) if isinstance(value, Fraction) else value for name, value in data.items()}


def _with_method(campaign: Campaign, method: str) -> Campaign:
    return replace(campaign, judging=replace(campaign.judging, method=method))
