"""Recounts: a change changes what it names and nothing else, and it can be saved as data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import METHODS, Weights
from services.ranking.analysis.rule_syntax import parse_conversion
from services.ranking.analysis.scenarios import (
    Change,
    Recount,
    from_data,
    plain,
    recount,
    to_data,
)
from services.ranking.calculation.final_ranking import Ranking, rank
from services.ranking.decisions import save_scenario as saving
from services.ranking.decisions.save_scenario import SaveScenario, save_scenario
from services.ranking.events import ScenarioSaved
from services.ranking.state import RankingState, evolve
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
)
from tests.unit.ranking.stories import END
from tests.unit.ranking.stories import campaign as opened

DRAW = SEED, ROOT
ONE_SEAT = judged_by(campaign(quotas=(1, 0, 0), refill="none"), "mean", min_marks=1)


def counted(rows, rules, change: Change, **excluded: int) -> Recount:
    found = recount(rows, rules, change, draw=DRAW, excluded=excluded)
    assert isinstance(found, Recount), found
    return found


def digest(rows, rules) -> str:
    ranked = rank(rows, rules, seed=SEED, root=ROOT)
    assert isinstance(ranked, Ranking)
    return ranked.digest()


@given(fields(), campaigns())
def test_no_change_is_the_record_byte_for_byte(rows, rules) -> None:
    found = counted(rows, rules, Change())

    assert digest(rows, rules) == found.changed.digest() == found.official.digest()
    assert (found.enters, found.leaves, found.dropped) == ((), (), ())


@given(fields(), campaigns(), st.data())
def test_an_entry_left_out_is_the_ranking_of_the_others(rows, rules, data) -> None:
    gone = data.draw(st.sets(st.sampled_from([each.entry for each in rows])) if rows else st.just(set()))

    found = counted(rows, rules, Change(without_entries=tuple(gone)))

    assert digest([each for each in rows if each.entry not in gone], rules) == found.changed.digest()
    assert found.dropped == ()


@given(fields().filter(bool), campaigns(), st.sampled_from(METHODS), st.sampled_from(["0/1", "0.5/0.5"]))
def test_other_rules_are_the_ranking_by_them(rows, rules, method, weights) -> None:
    data = {"method": method, "weights": weights, "conversion": "rank_step(10,1,0)"}
    other = replace(
        judged_by(rules, method),
        conversion=parse_conversion("rank_step(10,1,0)"),
        weights=Weights(0, 10_000) if weights == "0/1" else Weights(5000, 5000),
    )

    assert digest(rows, other) == counted(rows, rules, from_data(data)).changed.digest()


@given(fields().filter(bool), campaigns())
def test_likes_left_out_are_the_ranking_without_them(rows, rules) -> None:
    excluded = {each.entry: each.likes // 2 for each in rows}

    found = counted(rows, rules, Change(without_days=("2021-06-07",)), **excluded)

    assert digest([replace(each, likes=each.likes - each.likes // 2) for each in rows], rules) == found.changed.digest()


def test_likes_that_earn_no_points_may_not_keep_their_weight() -> None:
    asked = [from_data({"conversion": "none", **weights}) for weights in ({}, {"weights": "0/1"})]

    found = [recount([candidate("A", 9, 80)], ONE_SEAT, each, draw=DRAW) for each in asked]

    assert isinstance(found[0], Refused)
    assert (found[0].code, found[0].field) == ("rule-unreadable", "weights")
    assert isinstance(found[1], Recount)


def test_who_enters_and_who_leaves_is_told_with_places_and_scores() -> None:
    rows = [candidate("A", 9, 80), candidate("B", 3, 81)]

    report = plain(counted(rows, ONE_SEAT, from_data({"weights": "0/1"})))

    assert report["unofficial"]
    assert [each["entry"] for each in report["enters"]] == ["B"]
    assert report["leaves"] == [
        {
            "entry": "A",
            "type": "state",
            "place_before": 1,
            "place_after": 2,
            "final_before": "86.00",
            "final_after": "80.00",
        }
    ]
    assert report["digest"] != report["official_digest"]


def test_without_a_judge_an_entry_is_ranked_by_the_marks_that_are_left() -> None:
    rules = judged_by(ONE_SEAT, "mean", min_marks=2)
    rows = [candidate("A", 9, 90, 70), candidate("B", 3, 80, 80, 80)]

    found = counted(rows, rules, Change(without_judges=("judge-0",)))

    scores = {each.merit.candidate.entry: each.merit.expert.value for each in found.changed.entries}
    assert scores == {"A": 70, "B": 80}


def test_an_entry_that_loses_its_only_mark_is_dropped_and_named() -> None:
    rows = [candidate("A", 9, 90), replace(candidate("B", 3, 80, 70), marks=candidate("B", 3, 80, 70).marks[1:])]

    found = counted(rows, ONE_SEAT, Change(without_judges=("judge-0",)))

    assert found.dropped == ("A",)
    assert found.enters == ("B",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(Change(without_judges=("x",)), "judge-unknown", id="a judge"),
        pytest.param(Change(without_entries=("x",)), "entry-not-ranked", id="an entry"),
    ],
)
def test_who_is_not_there_cannot_be_left_out(change: Change, code: str) -> None:
    refused = recount([candidate("A")], campaign(), change, draw=DRAW)

    assert isinstance(refused, Refused)
    assert refused.code == code


_names = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True).map(lambda found: tuple(sorted(found)))


@given(
    st.builds(
        Change,
        without_judges=_names,
        without_entries=_names,
        without_days=_names,
        without_likes=_names,
        weights=st.none() | st.integers(0, 10_000).map(lambda bp: Weights(bp, 10_000 - bp)),
        conversion=st.none() | st.sampled_from([PROP_MAX, parse_conversion("bands(0.5:9,1:1)")]),
        method=st.none() | st.sampled_from(METHODS),
    )
)
def test_a_change_comes_back_from_its_data(change: Change) -> None:
    assert change == from_data(to_data(change))


# Saved under a name


def saved(**changes) -> SaveScenario:
    found = {
        "name": "median", "reason": "asked", "change": {"method": "median"}, "cut": {"vote.0": 3},
        "official_digest": "a", "digest": "b", "enters": ("A",), "leaves": ("B",), "by": "o1", "at": END,
    }  # fmt: skip
    return SaveScenario(**{**found, **changes})


def state_after(*commands: SaveScenario) -> RankingState:
    state = RankingState(campaign=opened())
    for command in commands:
        decided = save_scenario(command, state)
        assert not isinstance(decided, Refused)
        for event in decided:
            state = evolve(state, event)
    return state


def test_a_scenario_is_kept_with_all_that_came_of_it() -> None:
    assert state_after(saved()).scenarios == (
        ScenarioSaved("median", "asked", {"method": "median"}, {"vote.0": 3}, "a", "b", ("A",), ("B",), "o1", END),
    )


def test_the_same_scenario_again_is_no_news_whoever_keeps_it() -> None:
    assert save_scenario(saved(by="o2", at=END + 1), state_after(saved())) == []


def test_another_scenario_needs_another_name() -> None:
    assert save_scenario(saved(digest="c"), state_after(saved())) == Refused("scenario-exists", field="name")
    assert len(state_after(saved(), saved(name="other", digest="c")).scenarios) == 2


def test_there_is_an_end_to_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST", 1)

    assert save_scenario(saved(name="other"), state_after(saved())) == Refused("scenarios-full", detail={"most": 1})


def test_before_the_campaign_is_open_nothing_is_kept() -> None:
    assert save_scenario(saved(), RankingState()) == Refused("campaign-not-open")
