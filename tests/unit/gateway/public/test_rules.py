"""The page and the API of the published rules, and their versions."""

from dataclasses import replace

import pytest

from services.moderation.campaign import Weights, commitment, stored_hash, to_data
from services.moderation.campaign_file.check import check
from services.moderation.events import RulesLocked
from services.moderation.queries import versions_view
from services.moderation.state import ModerationState
from services.ranking.analysis.rule_sheet import plain
from tests.unit.gateway.town import Visitor
from tests.unit.ranking.examples import FILE

SEED = commitment(b"seed")


def rules():
    campaign, _ = check(FILE.read_text())
    assert campaign is not None
    return campaign


@pytest.fixture
def reader(visitor: Visitor) -> Visitor:
    """Return a visitor of a campaign whose rules were locked and whose weights were changed later."""
    first = replace(rules(), seed_commitment=SEED)
    later = replace(first, weights=Weights(0, 10_000))
    versions = (
        RulesLocked(to_data(first), stored_hash(first), SEED, "olga", 1_623_000_000_000),
        RulesLocked(to_data(later), stored_hash(later), SEED, "olga", 1_623_600_000_000, version=2, reason="上级要求"),
    )
    sheet = {**plain(later), "locked": True}
    visitor.town.answers["ranking", "rule_sheet"] = {"ok": sheet}
    visitor.town.answers["moderation", "rules"] = {
        "ok": {"versions": versions_view(ModerationState(rule_versions=versions))}
    }
    return visitor


def test_rules_are_told_in_words_with_an_example_and_their_hash(reader: Visitor):
    text = reader.request("GET", "/rules", plain=True).text

    assert "综合得分 = 点赞积分 × 0% + 专家评分 × 100%。" in text
    assert "算例" in text
    assert reader.town.answers["ranking", "rule_sheet"]["ok"]["rule_hash"] in text


def test_each_version_is_told_with_its_reason_and_what_it_changed(reader: Visitor):
    text = reader.request("GET", "/rules", plain=True).text

    assert ("第 1 版" in text, "第 2 版" in text, "上级要求" in text) == (True, True, True)
    assert "<code>weights.like_bp</code>: 3000 → 0" in text


def test_rules_in_english_have_no_chinese_sentence(reader: Visitor):
    text = reader.request("GET", "/rules?lang=en", plain=True).text

    assert "Final score = like points × 0% + expert score × 100%." in text
    assert "综合得分" not in text


def test_sheet_as_data_does_not_say_who_changed_the_rules(reader: Visitor):
    told = reader.request("GET", "/campaign/rules/sheet").json()

    assert [sorted(each) for each in told["versions"]] == [
        ["at", "changes", "reason", "rule_hash", "seed_commitment", "version"]
    ] * 2


def test_every_page_leads_to_the_rules(visitor: Visitor):
    assert '<a href="/rules">评选规则</a>' in visitor.request("GET", "/", plain=True).text
