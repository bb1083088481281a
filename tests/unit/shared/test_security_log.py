"""The security log: a file a day for a year, a bounded number of lines, and no text that somebody typed."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared import metrics
from shared.security_log import EVENTS, KEPT_DAYS, LINES_A_MINUTE, MINUTE_MS, SecurityLog

NOON = int(datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


def log(folder: Path, clock: Clock, process: str = "gateway-1") -> SecurityLog:
    return SecurityLog(folder / "security", b"k" * 32, process=process, wall=clock)


def lines(folder: Path, day: str = "2026-11-30") -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "security" / f"{day}.jsonl").read_text().splitlines()]


def test_event_becomes_one_line_with_its_time_process_and_facts(tmp_path: Path):
    clock = Clock()
    clock.now += 7

    log(tmp_path, clock).record("signed-in", actor="staff wang", route="POST /api/v1/sessions")

    assert lines(tmp_path) == [
        {
            "time": "2026-11-30T12:00:00.007Z",
            "event": "signed-in",
            "process": "gateway-1",
            "actor": "staff wang",
            "route": "POST /api/v1/sessions",
        }
    ]


def test_file_and_folder_are_for_their_owner_alone(tmp_path: Path):
    log(tmp_path, Clock()).record("signed-in")

    folder = tmp_path / "security"
    assert [each.stat().st_mode & 0o777 for each in (folder, folder / "2026-11-30.jsonl")] == [0o700, 0o600]


def test_two_processes_append_to_the_file_of_the_day(tmp_path: Path):
    clock = Clock()
    first, second = log(tmp_path, clock), log(tmp_path, clock, "gateway-2")

    for each in (first, second, first):
        each.record("signed-out")

    assert [line["process"] for line in lines(tmp_path)] == ["gateway-1", "gateway-2", "gateway-1"]


def test_file_is_deleted_after_a_year_and_not_before(tmp_path: Path):
    clock, folder = Clock(), tmp_path / "security"
    folder.mkdir()
    oldest = date(2026, 11, 30) - timedelta(days=KEPT_DAYS)
    kept, old, other = (
        folder / f"{oldest}.jsonl",
        folder / f"{oldest - timedelta(days=1)}.jsonl",
        folder / "notes.txt",
    )
    for each in (kept, old, other):
        each.write_text("")
    security_log = log(tmp_path, clock)

    security_log.record("signed-in")
    today = sorted(each.name for each in folder.iterdir())
    clock.now += DAY_MS
    security_log.record("signed-in")
    tomorrow = sorted(each.name for each in folder.iterdir())

    assert today == [kept.name, "2026-11-30.jsonl", "notes.txt"]
    assert tomorrow == ["2026-11-30.jsonl", "2026-12-01.jsonl", "notes.txt"]


def test_flood_is_bounded_and_the_next_minute_says_how_much_was_left_out(tmp_path: Path):
    clock = Clock()
    security_log = log(tmp_path, clock)
    before = metrics.SECURITY.labels("session-refused")._value.get()

    for _ in range(LINES_A_MINUTE + 5):
        security_log.record("session-refused")
    clock.now += MINUTE_MS
    security_log.record("session-refused")

    written = lines(tmp_path)
    assert [line["event"] for line in written[LINES_A_MINUTE - 1 :]] == [
        "session-refused",
        "left-out",
        "session-refused",
    ]
    assert written[LINES_A_MINUTE]["lines"] == 5
    assert metrics.SECURITY.labels("session-refused")._value.get() - before == LINES_A_MINUTE + 6


def test_event_that_is_not_declared_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="rumour is not a security event"):
        log(tmp_path, Clock()).record("rumour")


def test_hash_is_equal_for_equal_names_and_needs_the_key(tmp_path: Path):
    ours, another_campaign = log(tmp_path, Clock()), SecurityLog(tmp_path, b"x" * 32, process="", wall=Clock())

    assert ours.hashed("wang") == ours.hashed("wang")
    assert len({ours.hashed("wang"), ours.hashed("zhao"), another_campaign.hashed("wang")}) == 3


def test_folder_that_cannot_be_written_stops_no_request(tmp_path: Path):
    (tmp_path / "security").write_text("a file where the folder should be")

    log(tmp_path, Clock()).record("signed-in")

    assert (tmp_path / "security").read_text() == "a file where the folder should be"


@pytest.mark.parametrize("event", EVENTS)
def test_metric_takes_each_event(event: str):
    assert re.fullmatch(metrics.LABELS["event"], event)
