"""A second and a third campaign, played from their files alone through every service, to the exhibition.

`pytest -s` prints the winners.
"""

from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from deploy.rehearsal.campaign_run import CampaignRun
from services.moderation.campaign import Campaign, rule_hash
from services.moderation.campaign_file.check import check
from services.ranking.analysis import rule_sheet
from services.ranking.analysis.method_comparison import rank_by_every_method
from services.ranking.analysis.scenarios import Change, Recount, recount
from services.ranking.analysis.stability import Stability, stability
from services.ranking.read_model.ranking_input import candidates_of, lot_root
from services.ranking.views.public_views import views
from tests.unit.ranking import oracle

HERE = Path(__file__).parent
SEED = bytes(range(32))


def rules_of(name: str) -> Campaign:
    campaign, problems = check((HERE / name).read_text())
    assert campaign is not None, problems
    return campaign


@cache
def second_campaign() -> CampaignRun:
    """Six manufacturing units, three of transport, one of research, which has two seats, and none of farming."""
    return CampaignRun(rules_of("second.toml"), (6, 3, 1, 0), 3, SEED).play()


@cache
def third_campaign() -> CampaignRun:
    """Eight large units, of which six are shortlisted, and two small ones, which have three seats."""
    return CampaignRun(rules_of("third.toml"), (8, 2), 4, SEED).play()


BOTH = [pytest.param(second_campaign, id="the second campaign"), pytest.param(third_campaign, id="the third campaign")]


@pytest.mark.parametrize("played", BOTH)
def test_published_result_is_the_oracle_s(played):
    run = played()
    table = run.table()

    expected_rows, expected_seats = oracle.result(candidates_of(table), table.rules, SEED + lot_root(table))

    rows = run.proposed.table["rows"]
    assert expected_rows == [
        (
            each["type"],
            each["place"],
            each["entry"],
            *(Fraction(each[name]) for name in ("like_points", "expert", "final")),
            each["seat"],
        )
        for each in rows
    ]
    assert expected_seats == [(each["seat"], each["to"], each["entry"]) for each in run.proposed.table["seats"]]


@pytest.mark.parametrize("played", BOTH)
def test_winners_are_published_and_exhibited(played):
    run = played()
    table = run.table()

    assert table.published is not None
    assert table.exhibition is not None
    assert table.published.digest == run.outcome.digest
    assert table.published.signatures == ["o1", "o2"]
    assert sorted(table.exhibition.entries) == sorted(run.outcome.winners)
    assert table.seed == SEED.hex()
    for row in sorted(run.proposed.table["rows"], key=lambda each: each["overall"]):
        print(row["seat"] or "-", row["entry"], row["type"], row["place"], row["final_e4"] / 10_000)


@pytest.mark.parametrize("played", BOTH)
def test_public_views_show_the_winners_by_the_types_of_the_file(played):
    run = played()

    made = views(run.table(), {}, None)

    winners = made["result"]["winners"]
    assert sorted(each["entry"] for each in winners) == sorted(run.outcome.winners)
    assert {each["type"] for each in winners} <= {each.code for each in run.campaign.unit_types}


def test_second_campaign_gives_the_short_types_seats_by_share():
    """Two seats are free: six of ten judged entries are of manufacture (1.33 of 2), three of transport (0.67)."""
    run = second_campaign()

    assert [(each["seat"], each["to"], each["why"]) for each in run.proposed.table["seats"][5:]] == [
        ("research-01", "research", "type-quota"),
        ("research-02", "manufacture", "refill-proportional"),
        ("farming-01", "transport", "refill-proportional"),
    ]
    assert len(run.outcome.winners) == run.campaign.quota.total


def test_second_campaign_has_no_like_and_every_judge_marked_every_entry():
    run = second_campaign()
    table = run.table()

    assert table.likes.total_cast() == 0
    assert {len(each.marks) for each in candidates_of(table)} == {3}
    assert {row["like_points"] for row in run.proposed.table["rows"]} == {"0/1"}
    assert {row["expert_method"] for row in run.proposed.table["rows"]} == {"zscore"}


def test_third_campaign_ranks_by_experts_alone_and_lists_what_people_like():
    run = third_campaign()
    table = run.table()

    assert all(row["final"] == row["expert"] for row in run.proposed.table["rows"])
    listed = views(table, {}, None)["popularity"]["entries"]
    likes = table.likes.valid()
    assert [each["likes"] for each in listed] == sorted((likes.get(each, 0) for each in run.listed), reverse=True)
    assert table.likes.total_cast() == 60


def test_third_campaign_takes_the_six_best_grades_of_a_type_and_fills_from_the_other():
    run = third_campaign()

    assert (
        sorted(kind for _, kind in ((each, each.split("-")[0]) for each in run.listed)) == ["large"] * 6 + ["small"] * 2
    )
    assert [(each["seat"], each["to"], each["why"]) for each in run.proposed.table["seats"]][-1] == (
        "small-03",
        "large",
        "refill-next-best-overall",
    )


def test_third_campaign_reads_anchors_by_all_and_once_more_where_two_judges_differ():
    run = third_campaign()
    panel = run.state("scoring")

    marks = {each.entry: len(each.marks) for each in candidates_of(run.table())}

    assert panel.anchors is not None
    assert len(panel.anchors) == 2
    assert panel.called
    assert marks == {each: 4 if each in panel.anchors else 3 if each in panel.called else 2 for each in run.listed}


@pytest.mark.parametrize("name", ["second", "third"])
def test_file_has_no_error_and_its_warnings_are_known(name):
    campaign, problems = check((HERE / f"{name}.toml").read_text())

    assert campaign is not None
    assert [each.code for each in problems] == {"second": ["no-time-for-review"], "third": ["gap"]}[name]


def test_cohort_of_a_campaign_without_likes_is_the_whole_shortlist():
    run = second_campaign()

    assert sorted(run.table().cohort or ()) == sorted(run.listed)


@pytest.mark.parametrize("played", BOTH)
def test_analyses_of_a_result_hold_for_any_campaign(played):
    """All methods, a recount without a judge, and a stability report: none depends on the first campaign's rules."""
    run = played()
    table = run.table()
    rows, draw = candidates_of(table), (SEED, lot_root(table))

    shaken = stability(rows, table.rules, draw=draw, variants=30)
    methods = rank_by_every_method(rows, table.rules, seed=draw[0], root=draw[1])
    again = recount(rows, table.rules, Change(without_judges=("judge-1",)), draw=draw)

    assert isinstance(shaken, Stability)
    assert isinstance(methods, dict)
    assert isinstance(again, Recount)
    official = [each.merit.candidate.entry for each in shaken.official.winners()]
    assert sorted(official) == sorted(run.outcome.winners)
    assert methods[table.rules.judging.method].digest() == run.outcome.digest == again.official.digest()
    assert len(shaken.trials) == 30


@pytest.mark.parametrize("name", sorted(each.stem for each in HERE.glob("*.toml")))
def test_rules_of_any_file_are_told_in_plain_words(name):
    campaign, _ = check((HERE / f"{name}.toml").read_text())
    assert campaign is not None

    told = rule_sheet.plain(campaign)

    assert told["rule_hash"] == rule_hash(campaign)
    assert all(each.zh in str(told) and each.en in str(told) for each in campaign.unit_types)
    assert all(each.zh in str(told) and each.en in str(told) for each in campaign.judging.criteria)
