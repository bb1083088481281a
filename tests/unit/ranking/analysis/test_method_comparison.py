"""Comparison of all score methods: who would win by each, and where a method fell back to another."""

from deploy.commands.entry_names import EntryNames
from deploy.commands.ranking import method_lines
from services.moderation.campaign import METHODS
from services.ranking.analysis.method_comparison import plain, rank_by_every_method
from services.ranking.calculation.candidates import Candidate
from tests.unit.ranking.examples import (
    ROOT,
    SEED,
    campaign,
    judged_by,
    marks,
    weighed,
)

# By marks alone: A's mean is 80 and its median 90, B's are both 85, C's are both 70.
MARKS = {"A": (90, 90, 60), "B": (85, 85, 85), "C": (70, 70, 70)}
RULES = weighed(judged_by(campaign(quotas=(1, 0, 0), refill="none"), "mean"), 0)


def comparison(points=MARKS, rules=RULES):
    rows = [Candidate(entry, "state", 0, 0, marks(*each)) for entry, each in points.items()]
    found = rank_by_every_method(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(found, dict)
    return plain(found, rows, rules)


def test_each_method_has_its_scores_and_says_who_comes_and_who_goes() -> None:
    found = comparison()

    assert found["method"] == "mean"
    assert list(found["scores"]["A"]) == list(METHODS)
    assert [found["scores"]["A"][each] for each in ("mean", "median", "trimmed")] == ["80", "90", "80"]
    assert found["winners"]["median"] == {"comes": ["A"], "goes": ["B"]}
    assert found["winners"]["mean"] == {"comes": [], "goes": []}


def test_agreement_is_told_of_the_weighted_mark_and_of_each_criterion() -> None:
    found = comparison()["agreement"]

    assert list(found) == ["", "content", "form", "quality"]
    assert found[""]["entries"][0] == {
        "entry": "A",
        "marks": 3,
        "spread": "30",
        "sigma": found[""]["entries"][0]["sigma"],
    }
    assert [each["judge"] for each in found[""]["judges"]] == ["judge-0", "judge-1", "judge-2"]


def test_entries_that_trimmed_takes_the_mean_of_are_named_and_counted_for_people() -> None:
    five = (90, 90, 60, 60, 60)

    found = comparison({**MARKS, "C": five})

    assert found["fell_back"] == {"trimmed": ["A", "B"]}
    assert (
        "trimmed: +0 −0（2 项评分不足 5 个，按平均计 / 2 entries with fewer than 5 marks use the mean）"
        in method_lines(found, EntryNames())
    )
    assert comparison(dict.fromkeys("ABC", five))["fell_back"] == {}


def test_judges_without_a_scale_of_their_own_are_named() -> None:
    found = comparison()

    assert found["pooled_judges"] == ["judge-0", "judge-1", "judge-2"]
    assert any(each.endswith("judge-0, judge-1, judge-2") for each in method_lines(found, EntryNames()))
