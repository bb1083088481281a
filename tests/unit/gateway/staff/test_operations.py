"""The facts of the page of operations, from the metrics of processes; its alerts are Prometheus's."""

import asyncio
from pathlib import Path

import pytest

from deploy.prometheus import rules
from gateway.backends.process_metrics import MetricsPage, ProcessMetrics, Reading, parse_targets
from gateway.staff import operations
from shared import health
from shared.settings import Settings
from tests.files import ROOT
from tests.unit.gateway.town import Visitor

WELL = """# TYPE baijia_ready gauge
baijia_ready{check="ledger"} 1
# TYPE baijia_likes counter
baijia_likes_total{answer="counted"} 100
# TYPE baijia_lag_seconds gauge
baijia_lag_seconds{role="projector",log="vote.0"} 0.5
baijia_lag_seconds{role="ranking",log="moderation"} 14
# TYPE baijia_queue_depth_messages gauge
baijia_queue_depth_messages{partition="0"} 3
baijia_queue_oldest_age_seconds{partition="0"} 1.5
baijia_partition_active{partition="0"} 1
baijia_shed_level 0
baijia_clock_drift_seconds -0.2
other_metric 7
"""
ILL = """baijia_ready{check="broker"} 0
baijia_lag_seconds{role="projector",log="vote.0"} 6
baijia_lag_seconds{role="relay",log="vote.0"} 6
baijia_lag_seconds{role="ranking",log="moderation"} 16
baijia_views_age_seconds 91
baijia_queue_oldest_age_seconds{partition="0"} 6
baijia_dead_letter_messages 1
baijia_clock_drift_seconds -1.5
baijia_media_oldest_wait_seconds 901
baijia_failed_letters 1
baijia_letters_age_seconds 601
baijia_follower_stopped{role="ranking"} 1
baijia_shed_level 2
"""
BROKER_WELL = """rabbitmq_queue_messages_ready 12
rabbitmq_queue_messages_unacked 3
rabbitmq_queues 9
rabbitmq_connections 7
rabbitmq_process_resident_memory_bytes 1048576
rabbitmq_alarms_memory_used_watermark 0
rabbitmq_alarms_free_disk_space_watermark 0
baijia_shed_level 4
"""
BROKER_ILL = BROKER_WELL.replace("disk_space_watermark 0", "disk_space_watermark 1")
NOTHING = Reading(0.0, ())


def reading(at_s: float = 10.0, **texts: str | None) -> Reading:
    return Reading(at_s, tuple(MetricsPage(name, text) for name, text in texts.items()))


def test_processes_that_are_well_raise_no_alert():
    found = operations.facts(NOTHING, reading(ranking=WELL))
    assert (found["alerts"], found["processes"]) == ([], [{"process": "ranking", "state": "ready", "missing": []}])
    assert found["queues"] == [{"partition": "0", "depth": 3, "age_s": 1.5, "writers": 1}]
    assert [(row["role"], row["value"]) for row in found["lags"]] == [("ranking", 14.0), ("projector", 0.5)]
    assert (found["shed"], found["drifts"][0]["value"]) == ([{"process": "ranking", "level": 0}], -0.2)


def test_every_alert_is_raised_where_it_holds():
    found = operations.facts(NOTHING, reading(ranking=ILL, relay=None, rabbitmq=BROKER_ILL))
    assert {each["name"] for each in found["alerts"]} == set(operations.ALERTS)
    assert [each["state"] for each in found["processes"]] == ["waits", "down"]
    where = {each["name"]: each["where"] for each in found["alerts"]}
    assert (where["ProcessDown"], where["NotReady"]) == (["relay"], ["ranking broker"])
    assert (where["RankingLags"], where["ServiceLags"]) == (
        ["ranking vote.0 projector"], ["ranking moderation ranking"],
    )  # fmt: skip


def test_alerts_are_prometheuss_with_its_limits_and_a_runbook():
    known = {each.name: each for each in rules.ALERTS}
    assert set(operations.ALERTS) <= known.keys()
    for name, metric, limit in operations.LIMITS:
        assert (name, metric in known[name].expr, known[name].expr.endswith(f"> {limit:g}")) == (name, True, True)
    assert [name for name in operations.ALERTS if not (ROOT / "deploy/runbooks" / f"{name}.md").is_file()] == []


def test_rabbitmq_tells_its_own_figures_and_is_no_process_of_ours():
    found = operations.facts(NOTHING, reading(rabbitmq=BROKER_WELL))

    unknown = dict.fromkeys(("consumers", "memory_limit", "disk_free", "disk_limit"))
    assert found["broker"] == [
        {"node": "rabbitmq", "answers": True, "ready": 12, "unacknowledged": 3, "queues": 9, "connections": 7,
         "memory": 1_048_576, **unknown, "alarms": []},
    ]  # fmt: skip
    assert (found["processes"], found["shed"], found["alerts"]) == ([], [], [])


def test_rabbitmq_that_is_away_or_short_of_disk_says_so():
    away, short = (
        operations.facts(NOTHING, reading(**{name: text}))
        for name, text in (("rabbitmq-2", None), ("rabbitmq", BROKER_ILL))
    )

    assert [(each["node"], each["answers"]) for each in away["broker"]] == [("rabbitmq-2", False)]
    assert [(each["name"], each["where"]) for each in away["alerts"]] == [("ProcessDown", ["rabbitmq-2"])]
    assert (short["broker"][0]["alarms"], [each["name"] for each in short["alerts"]]) == (["disk"], ["BrokerAlarm"])


def test_rates_are_of_two_readings():
    later = WELL.replace('{answer="counted"} 100', '{answer="counted"} 150')
    rates = operations.facts(reading(10, ranking=WELL), reading(20, ranking=later))["rates"]
    assert (rates[0]["a_second"], rates[0]["total"]) == (5.0, 150.0)
    assert operations.facts(NOTHING, reading(ranking=WELL))["rates"][0]["a_second"] is None
    restarted = operations.facts(reading(10, ranking=later), reading(20, ranking=WELL))["rates"]
    assert restarted[0]["a_second"] is None


def test_a_page_that_is_no_metrics_is_a_process_that_answers_and_says_nothing():
    found = operations.facts(NOTHING, reading(ranking="<html>"))
    assert (found["processes"][0]["state"], found["lags"]) == ("ready", [])


def test_targets_are_read_or_refused():
    assert parse_targets("a=127.0.0.1:91, b=b:9100") == (("a", "127.0.0.1", 91), ("b", "b", 9100))
    assert parse_targets("") == ()
    for wrong in ("a", "a=b", "=b:1", "a=b:c"):
        with pytest.raises(ValueError, match="name=host:port"):
            parse_targets(wrong)


def test_metrics_of_a_running_process_are_read_and_one_that_is_away_is_down(tmp_path: Path):
    health.READY.clear()  # of what tests before this one have said in the same process
    port = health.serve(Settings.read({}), {"ledger": lambda: False})
    targets = tmp_path / "targets"
    targets.write_text(f"here=127.0.0.1:{port},away=127.0.0.1:1")
    before, now = asyncio.run(ProcessMetrics(f"@{targets}").read())
    found = operations.facts(before, now)
    assert {each["process"]: (each["state"], each["missing"]) for each in found["processes"]} == {
        "here": ("waits", ["ledger"]), "away": ("down", []),
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/ops", "/ops/now"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("operator", 200), ("auditor", 200), ("organiser", 200), ("judge", 403), ("moderator", 403), ("voter", 403)],
)
def test_only_those_who_watch_see_operations(visitor: Visitor, path: str, role: str, status: int):
    assert visitor.request("GET", path, role=role, plain=True).status_code == status
