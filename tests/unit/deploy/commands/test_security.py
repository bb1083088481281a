"""`baijia security` counts a day of the security log, and names the days that there are."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from shared.security_log import SecurityLog

NOON = 1_796_040_000_000  # 2026-11-30 12:00 UTC


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_DATA", str(tmp_path))
    monkeypatch.setenv("BAIJIA_CAMPAIGN", "demo")
    monkeypatch.setenv("BAIJIA_MONGO_URI", "mongodb://nowhere.invalid")  # else the running campaign is looked for
    log = SecurityLog(tmp_path / "security" / "demo", b"k" * 32, process="gateway-1", wall=lambda: NOON)
    for actor in ("staff wang", "staff zhao", "staff wang"):
        log.record("sealed-words-read", actor=actor)
    log.record("session-refused")
    return lambda *words: CliRunner().invoke(main, ["security", *words])


def test_events_are_counted_by_actor_most_frequent_first(run):
    answer = run("--date", "2026-11-30")

    assert [line.split() for line in answer.output.splitlines()] == [
        ["次数", "事件", "对象"],
        ["count", "event", "of"],
        ["-" * 36],
        ["2", "sealed-words-read", "staff", "wang"],
        ["1", "sealed-words-read", "staff", "zhao"],
        ["1", "session-refused", "-"],
    ]


def test_day_without_a_line_is_refused_with_the_days_that_there_are(run):
    answer = run("--date", "2026-11-29")

    assert answer.exit_code == 1
    assert "The security log has no line for 2026-11-29. Days with lines: 2026-11-30 [no-lines]" in answer.output


def test_date_that_is_none_is_refused(run):
    answer = run("--date", "../keys/demo")

    assert answer.exit_code == 2
    assert "../keys/demo is not a day such as 2026-11-30" in answer.output
