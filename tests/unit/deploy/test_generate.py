"""The generated files are up to date, and name only metrics, labels and processes that exist."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from deploy import generate
from deploy.local.paths import CHECKOUT
from deploy.prometheus import scrape
from deploy.prometheus.alert import Alert
from deploy.prometheus.promtool import promtool
from deploy.prometheus.rules import ALERTS
from deploy.topology.processes import TABLE
from gateway.wechat import client
from gateway.wechat.calls import Call
from gateway.wechat.errors import OUTCOMES
from services.voting import orders
from shared import metrics

FOLDER = CHECKOUT / "deploy/prometheus"
FILES = generate.files()
#: Metrics of RabbitMQ's plugin and of Prometheus itself, looked up on a running broker 4.3.6.
OTHERS = {
    "up",
    "rabbitmq_alarms_memory_used_watermark",
    "rabbitmq_alarms_free_disk_space_watermark",
    "rabbitmq_queue_messages_ready",
}
EXPRESSIONS = {
    **{alert.name: alert.expr for alert in ALERTS},
    **{f"{each.uid}/{panel.title}/{line}": expr for each in generate.DASHBOARDS for panel in each.panels
       for line, expr in panel.lines.items()},
}  # fmt: skip
_PAIR = re.compile(r'\b(\w+)(?:=|!=|=~|!~)"([^"]*)"')
_WORD = re.compile(r"\b(?:baijia_[a-z_]+|rabbitmq_[a-z_]+|up(?=\{))")


def ours() -> set[str]:
    """Return the names of all samples of the product's metrics."""
    names: set[str] = set()
    for each in vars(metrics).values():
        if isinstance(each, MetricWrapperBase):
            kinds = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
            names |= {each._name + suffix for suffix in kinds[each._type]}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_is_up_to_date(path):
    assert path.read_text(encoding="utf-8") == FILES[path], "run `make dashboards`, `make openapi` or `make reference`"


def test_check_names_a_file_that_the_code_would_write_otherwise_and_how_to_renew_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stale = tmp_path / "docs/reference/openapi.json"
    stale.parent.mkdir(parents=True)
    stale.write_text(generate.files()[generate.OPENAPI].replace('"/leaderboard"', '"/board"'), encoding="utf-8")
    monkeypatch.setattr(generate, "CHECKOUT", tmp_path)
    monkeypatch.setattr(generate, "OPENAPI", stale)

    (found,) = generate.differences({stale: generate.files()[stale]})

    assert found.startswith("docs/reference/openapi.json is out of date: run `make openapi`")
    assert '-  "/board": {' in found
    assert '+  "/leaderboard": {' in found


def test_check_has_nothing_to_say_of_what_is_written():
    assert generate.differences(generate.files()) == []


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression_uses_metrics_that_exist(name: str):
    used = set(_WORD.findall(EXPRESSIONS[name]))

    assert used
    assert set() == used - ours() - OTHERS


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression_groups_by_labels_that_exist(name: str):
    grouped = re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", EXPRESSIONS[name])
    labels = {label.strip() for group in grouped for label in group.split(",")}

    assert set() == labels - set(metrics.LABELS) - {"le", "process", "instance"}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_alert_speaks_of_values_that_the_product_gives(alert: Alert):
    series = [each for case in (alert.fires, alert.quiet) for each in case.series if each.startswith("baijia_wechat")]
    outcomes = {*OUTCOMES, orders.UNREADABLE["code"]}
    given = {"call": {each.name for each in vars(client).values() if isinstance(each, Call)}, "outcome": outcomes}
    said = [pair for each in (alert.expr, *series) for pair in _PAIR.findall(each) if pair[0] in given]
    named = {(label, value) for label, values in said for value in values.split("|")}

    assert {(label, value) for label, value in named if value not in given[label]} == set()


@pytest.mark.parametrize("dashboard", generate.DASHBOARDS, ids=lambda each: each.uid)
def test_panels_of_a_dashboard_have_numbers_of_their_own_and_do_not_overlap(dashboard):
    panels = dashboard.document()["panels"]
    cells = [
        (x, y)
        for each in panels
        for x in range(each["gridPos"]["x"], each["gridPos"]["x"] + each["gridPos"]["w"])
        for y in range(each["gridPos"]["y"], each["gridPos"]["y"] + each["gridPos"]["h"])
    ]

    assert sorted({each["id"] for each in panels}) == list(range(1, len(panels) + 1))
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("dashboard", generate.DASHBOARDS, ids=lambda each: each.uid)
def test_dashboard_reads_back_as_it_was_meant(dashboard):
    path = CHECKOUT / f"deploy/grafana/dashboards/{dashboard.uid}.json"

    assert json.loads(path.read_text(encoding="utf-8")) == dashboard.document()


def test_names_of_alerts_are_unique():
    names = [alert.name for alert in ALERTS]

    assert len(names) == len(set(names))


def test_prometheus_asks_every_process_of_the_table():
    jobs = {job["job_name"]: job for job in scrape.config()["scrape_configs"]}

    assert [each["names"] for each in jobs["baijia"]["dns_sd_configs"]] == [[process.name] for process in TABLE]
    assert set(jobs) == {"baijia", "rabbitmq"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("check", "config", "prometheus.yml"), id="the configuration is sound"),
        pytest.param(("check", "rules", "rules.yml"), id="the rules are sound"),
        pytest.param(("test", "rules", "rules.test.yml"), id="each alert fires and is quiet"),
    ],
)
def test_promtool_is_content(words: tuple[str, ...]):
    result = subprocess.run([promtool(), *words], cwd=FOLDER, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_promtool_reads_every_expression_of_the_dashboards(tmp_path):
    lines = [expr for each in generate.DASHBOARDS for panel in each.panels for expr in panel.lines.values()]
    recorded = [{"record": f"line_{n}", "expr": expr} for n, expr in enumerate(lines)]
    (tmp_path / "lines.yml").write_text(yaml.safe_dump({"groups": [{"name": "lines", "rules": recorded}]}))

    result = subprocess.run(
        [promtool(), "check", "rules", "lines.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_promtool_sees_an_alert_that_does_not_fire(tmp_path):
    rules = (FOLDER / "rules.yml").read_text(encoding="utf-8")
    (tmp_path / "rules.yml").write_text(rules.replace("baijia_shed_level) >= 1", "baijia_shed_level) >= 9"))
    (tmp_path / "rules.test.yml").write_text((FOLDER / "rules.test.yml").read_text(encoding="utf-8"))

    result = subprocess.run(
        [promtool(), "test", "rules", "rules.test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "Shedding fires" in result.stdout + result.stderr
