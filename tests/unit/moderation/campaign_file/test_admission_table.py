"""Tests of the `[admission]` table of a campaign file."""

from pathlib import Path

import pytest

from services.moderation.campaign import rule_hash
from services.moderation.campaign_file.admission_table import Admission
from services.moderation.campaign_file.check import check, operations

SOUND = (Path(__file__).parent / "sound.toml").read_text()


def test_file_without_the_table_has_the_defaults():
    assert (Admission(), []) == operations(SOUND)


def test_table_is_read_beside_the_rules_and_changes_no_hash():
    text = SOUND + "\n[admission]\naddress_per_min = 500\nsession_burst = 9\n"

    campaign, problems = check(text)

    plain, _ = check(SOUND)
    assert problems == []
    assert campaign is not None
    assert plain is not None
    assert rule_hash(campaign) == rule_hash(plain)
    assert operations(text) == (Admission(address_per_min=500, session_burst=9), [])


def test_table_alone_is_enough_for_a_gateway():
    assert operations("[admission]\nstep = 4") == (Admission(step=4), [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("session_per_s = 0", "out-of-range", id="no likes at all"),
        pytest.param("step = 1", "out-of-range", id="a step that is none"),
        pytest.param("challenge_tries = 10_000_000", "out-of-range", id="a challenge that no phone solves"),
        pytest.param('address_per_min = "60"', "wrong-type", id="a text"),
        pytest.param("adress_per_min = 60", "unknown-key", id="a slip"),
    ],
)
def test_mistake_in_the_table_has_its_line_and_stops_the_campaign_and_the_gateway(line: str, code: str):
    text = f"{SOUND}\n[admission]\n{line}\n"
    number = text.split("\n").index(line) + 1

    campaign, problems = check(text)

    assert campaign is None
    assert [(number, "error", code)] == [(each.line, each.level, each.code) for each in problems]
    assert operations(text) == (None, problems)


@pytest.mark.parametrize("text", ["[admission", "admission = 3"])
def test_text_that_holds_no_table_is_a_problem(text: str):
    found, problems = operations(text)

    assert found is None
    assert [each.line for each in problems] == [1]
