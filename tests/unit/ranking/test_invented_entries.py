"""Tests that rules of any campaign file can be rehearsed on invented entries, voters and judges."""

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.commands.rules import rules
from services.moderation.campaign import Campaign
from services.moderation.campaign_file.check import check
from services.ranking.analysis.invented_entries import DAY_MS, invent
from services.ranking.analysis.tryout import try_rules
from shared.decider import Refused
from tests.files import CAMPAIGN_FILE, ROOT

FILES = sorted([CAMPAIGN_FILE, *ROOT.glob("tests/campaigns/*.toml")])


def campaign_of(file: Path) -> Campaign:
    campaign, _ = check(file.read_text())
    assert campaign is not None
    return campaign


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.stem)
def test_rules_of_every_shipped_file_rank_invented_entries(file: Path):
    campaign = campaign_of(file)

    found = try_rules(invent(campaign, entries=40, voters=30, seed=1), campaign)

    assert not isinstance(found, Refused)
    assert 0 < len(found.entries) <= 40


def test_same_seed_gives_the_same_entries_and_another_gives_others():
    campaign = campaign_of(CAMPAIGN_FILE)
    first, same, other = (invent(campaign, entries=30, voters=20, seed=seed) for seed in (1, 1, 2))

    assert first == same
    assert first != other


def test_every_type_has_an_entry_and_each_entry_its_marks():
    campaign = campaign_of(CAMPAIGN_FILE)

    rows = invent(campaign, entries=25, voters=5, seed=3)

    assert set(Counter(row["type"] for row in rows)) == {each.code for each in campaign.unit_types}
    assert {len(row["marks"]) for row in rows} == {campaign.judging.min_marks}
    assert {len(mark) for row in rows for mark in row["marks"]} == {len(campaign.judging.criteria)}


def test_one_voter_keeps_the_limits():
    campaign = campaign_of(CAMPAIGN_FILE)
    window = campaign.window("likes")
    days = (window.end - window.start) // DAY_MS

    rows = invent(campaign, entries=200, voters=1, seed=4)

    assert sum(row["likes"] for row in rows) <= days * campaign.likes.per_day
    assert max(row["likes"] for row in rows) <= days


def test_command_prints_the_ranking_of_a_rehearsal():
    result = CliRunner().invoke(rules, ["rehearse", str(CAMPAIGN_FILE), "--entries", "20", "--voters", "10"])

    assert result.exit_code == 0
    assert "S0001" in result.output
    assert "规则 / rules " in result.output
