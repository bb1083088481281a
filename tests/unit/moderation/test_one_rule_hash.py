"""One campaign file has one rule hash: in the check, a rehearsal, the opening, the lock, pages and every answer."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.commands.campaign import campaign as command
from services.moderation.campaign import from_data
from services.ranking.analysis import rule_sheet
from services.ranking.read_model.projection import RankingProjection
from services.ranking.state import RankingState, evolve
from services.ranking.views.public_views import views
from shared.projection import Projector
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town

MINUTE = 60_000


def checked() -> str:
    """Return the hash that the check of the file prints."""
    lines = CliRunner().invoke(command, ["check", str(CAMPAIGN_FILE)]).output.splitlines()
    return lines[-1].rpartition(" ")[2]


def published_hashes(town: Town) -> dict[str, Any]:
    """Return the hashes that services publish now, by where they stand."""
    events = [(commit, each) for commit in town.ledger.read("moderation", 0) for each in commit.events()]
    state, projector = RankingState(), Projector(RankingProjection())
    for commit, each in events:
        state = evolve(state, each, commit.n)
    for commit in town.ledger.read("moderation", 0):
        projector.take_in(commit)
    assert state.campaign is not None
    rules = town.ok("rules")
    view = views(projector.table, {"moderation": 1}, None)["campaign"]["rules_hash"]
    return {
        "campaign": town.ok("campaign")["rule_hash"],
        "rules": rules["rule_hash"],
        **{f"version {each['version']}": each["rule_hash"] for each in rules["versions"]},
        "rules page": rule_sheet.plain(state.campaign, state.rule_hash)["rule_hash"],
        **({"view": view} if view else {}),
    }


@pytest.mark.parametrize("rehearsal", [False, True])
def test_one_file_has_one_hash_from_the_check_to_the_lock(tmp_path: Path, rehearsal: bool):
    town = Town(tmp_path)
    opened = town.ok("open_campaign", "root", "operator", file=CAMPAIGN_FILE.read_text(), rehearsal=rehearsal)
    before = published_hashes(town)

    at = 0 if rehearsal else from_data(town.ok("rules")["campaign"]).window("submission").start
    locked = town.ok("lock_rules", "olga", "organiser", at=at, rule_hash=checked())

    assert {opened["rule_hash"], locked["rule_hash"], *before.values(), *published_hashes(town).values()} == {checked()}
    assert {"version 1", "view"} <= set(published_hashes(town))
    assert locked["seed_commitment"] not in ("", checked())


def test_window_that_moves_after_the_lock_leaves_the_hash(tmp_path: Path):
    town = Town(tmp_path)
    town.open(CAMPAIGN_FILE.read_text())
    town.ok("lock_rules", "olga", "organiser", rule_hash=checked())
    judging = town.ok("campaign")["windows"]["judging"]

    town.ok(
        "move_window",
        "olga",
        "organiser",
        window="judging",
        start=judging["start"],
        end=judging["end"] + MINUTE,
        reason="延长一分钟",
    )

    assert set(published_hashes(town).values()) == {checked()}


def test_changed_limit_changes_the_hash(tmp_path: Path):
    town = Town(tmp_path)
    text = CAMPAIGN_FILE.read_text()
    assert "per_day = 20" in text

    opened = town.open(text.replace("per_day = 20", "per_day = 19"))

    assert opened["rule_hash"] != checked()
