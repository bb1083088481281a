"""Tests of rehearsals of whole campaigns: any file comes to a result, the same for the same seed."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.commands.campaign import campaign as command
from deploy.rehearsal.findings import Rehearsed, play_of, rehearse
from services.moderation.campaign import Campaign, Quota
from services.moderation.campaign_file.check import check
from services.moderation.campaign_file.templates import TEMPLATES, new_file
from services.ranking.read_model.ranking_input import candidates_of, lot_root
from tests.files import CAMPAIGN_FILE, ROOT
from tests.unit.ranking import oracle

FILES = sorted({CAMPAIGN_FILE, *ROOT.glob("tests/campaigns/*.toml")})
SECOND = ROOT / "tests" / "campaigns" / "second.toml"


def rules(text: str) -> Campaign:
    campaign, problems = check(text)
    assert campaign is not None, problems
    return campaign


def codes(found: Rehearsed) -> list[str]:
    return [each.code for each in found.findings]


@pytest.mark.parametrize("file", FILES, ids=[each.stem for each in FILES])
def test_campaign_of_any_file_comes_to_its_result(file: Path):
    campaign = rules(file.read_text())

    found = rehearse(campaign, voters=40)

    assert found.digest is not None, found.findings
    assert (len(found.winners) < campaign.quota.total) == ("seats-empty" in codes(found))
    assert [each["place"] for each in found.winners] == list(range(1, len(found.winners) + 1))
    assert found.figures["judged"] <= found.figures["shortlisted"] <= found.figures["units"]
    assert found.plain()["rehearsal"] is True


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_comes_to_its_result(template: str):
    found = rehearse(rules(new_file(template, id="next", today=date(2026, 12, 1))), voters=40)

    assert found.digest is not None, found.findings


def test_same_seed_gives_the_same_result_and_another_seed_another():
    campaign = rules(CAMPAIGN_FILE.read_text())

    one, again, other = (rehearse(campaign, entries=30, voters=40, seed=seed) for seed in (1, 1, 2))

    assert one == again
    assert one.digest != other.digest


def test_result_of_a_rehearsal_is_the_oracle_s():
    run = play_of(rules(CAMPAIGN_FILE.read_text()), entries=30, voters=60, seed=3).play()

    expected, _ = oracle.result(candidates_of(run.table()), run.table().rules, run.seed + lot_root(run.table()))

    assert [(each["entry"], each["seat"]) for each in run.proposed.table["rows"]] == [
        (entry, seat) for _, _, entry, _, _, _, seat in expected
    ]


def test_limits_of_a_day_are_kept_by_the_service_that_counts_likes():
    campaign = rules(CAMPAIGN_FILE.read_text())
    tight = replace(campaign, likes=replace(campaign.likes, per_day=2, per_type=1))

    found = rehearse(tight, entries=30, voters=60)

    assert set(found.like_refusals) <= {"daily-limit", "type-limit"}
    assert found.like_refusals["type-limit"] > 0
    assert "likes-limited" in codes(found)


def test_empty_seats_a_long_notice_and_too_few_judges_hours_are_found():
    campaign = rules(CAMPAIGN_FILE.read_text())
    judging = replace(campaign.judging, max_entries_per_judge=1_000)

    found = rehearse(replace(campaign, judging=judging), entries=300, voters=20)
    few = rehearse(campaign, entries=20, voters=20)

    assert {"judge-hours", "notice-runs-on"} <= set(codes(found))
    assert "seats-empty" in codes(few)


def test_rules_that_come_to_no_result_say_where_they_end():
    campaign = rules(CAMPAIGN_FILE.read_text())
    unlockable = replace(campaign, quota=Quota(100, "none", None), tie_order=("expert_score",))

    found = rehearse(unlockable, entries=20, voters=5)

    assert (found.digest, found.winners, codes(found)) == (None, (), ["rules-with-gaps"])
    assert found.findings[0].zh.startswith("演练停在“锁定规则和入围”")


def test_command_prints_figures_findings_and_winners_in_both_languages():
    result = CliRunner().invoke(command, ["rehearse", str(SECOND), "--voters", "5"])

    assert result.exit_code == 0, result.output
    assert result.output.startswith("演练：单位、点赞的人和专家都是虚构的 / REHEARSAL")
    assert "名额 / seats: 8" in result.output
    assert "演练的入选名单 / Winners of the rehearsal" in result.output
    assert "演练结果的摘要 / digest of the rehearsed result" in result.output


def test_command_gives_json_and_explains_a_broken_file(tmp_path: Path):
    broken = tmp_path / "broken.toml"
    broken.write_text("id = 3")

    told = CliRunner().invoke(command, ["rehearse", str(SECOND), "--voters", "5", "--json"])
    refused = CliRunner().invoke(command, ["rehearse", str(broken)])

    assert len(json.loads(told.output)["winners"]) == 8
    assert (refused.exit_code, "broken.toml" in refused.output) == (1, True)
