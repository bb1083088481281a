"""What the operator does at the machine is in the security log too."""

import json
from pathlib import Path

import pytest

from deploy.commands.rpc_client import SECURITY_EVENTS, record_call
from shared.security_log import EVENTS
from shared.settings import Settings


def test_confirmation_by_the_operator_leaves_a_line_and_an_ordinary_question_leaves_none(tmp_path: Path):
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})

    for method in ("campaign", "confirm_staff_change"):
        record_call(settings, method)

    (file,) = (tmp_path / "security" / "demo").iterdir()
    (line,) = [json.loads(each) for each in file.read_text().splitlines()]
    assert (line["event"], line["process"], line["actor"]) == ("staff-changed", "command-line", "operator")


@pytest.mark.parametrize("event", sorted(set(SECURITY_EVENTS.values())))
def test_event_of_the_command_line_is_one_that_the_log_knows(event: str):
    assert event in EVENTS
