"""Metrics: every label's values are few and known in advance, and no other module defines a metric."""

import ast
import re

import pytest
from prometheus_client.metrics import MetricWrapperBase

from gateway.admission.risk import Verdict
from gateway.backends.wechat_accounts import MINI, SERVICE, SUBSCRIPTION
from gateway.http.problem_texts import WORDS
from gateway.load.shedding import Shed
from gateway.routes import ROUTES
from gateway.voters import desktop_handoff, wechat_sign_in
from gateway.wechat import client
from gateway.wechat.calls import Call
from gateway.wechat.errors import OUTCOMES
from gateway.wechat.messages import Message
from shared import metrics
from shared.metrics import LABELS
from tests.files import ROOT, parse_module

ALL = {name: each for name, each in vars(metrics).items() if isinstance(each, MetricWrapperBase)}
EACH = pytest.mark.parametrize("metric", ALL.values(), ids=lambda metric: metric._name)
UNITS = {
    "answers", "likes", "refusals", "level", "seconds", "calls", "commits", "commit", "orders", "position", "repeats",
    "holes", "stopped", "messages", "active", "ready", "admission", "refused", "challenges", "open", "pushes",
    "persons", "events", "jobs", "letters",
}  # fmt: skip
#: Labels whose values our own code chooses; the patterns of the others list their values.
WORDY = {"call", "code", "kind", "outcome", "reason", "verdict"}
CALLS = [each for each in vars(client).values() if isinstance(each, Call)]
PERSONS = [
    pytest.param("f" * 24, id="a pseudonym"),
    pytest.param("oX1y2Z3-abcdefghijklmnopqrst", id="an openid"),
    pytest.param("10.1.2.3", id="an address"),
    pytest.param("2001:db8::1", id="an address of version 6"),
    pytest.param("李雷", id="a name"),
    pytest.param("u1-1/x@y.cn", id="an entry of a person"),
]


@EACH
def test_labels_are_of_the_list(metric: MetricWrapperBase):
    assert set() == set(metric._labelnames) - set(LABELS)


@EACH
def test_name_is_the_product_s_and_ends_in_a_unit(metric: MetricWrapperBase):
    words = metric._name.split("_")

    assert words[0] == "baijia"
    assert words[-1] in UNITS


def test_no_other_module_makes_a_metric():
    makers = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
    found = []
    for folder in ("shared", "services", "gateway", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(parse_module(path)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in makers:
                    source = ast.unparse(node.func)
                    imported = "prometheus_client" in path.read_text()
                    if imported and path.name != "metrics.py":
                        found.append(f"{path.relative_to(ROOT)}: {source}")

    assert found == []


@pytest.mark.parametrize("value", PERSONS)
@pytest.mark.parametrize("label", sorted(set(LABELS) - WORDY))
def test_label_of_a_closed_set_takes_nobody(label: str, value: str):
    assert re.fullmatch(LABELS[label], value) is None


@pytest.mark.parametrize("label", sorted(WORDY))
@pytest.mark.parametrize("value", PERSONS[2:])
def test_label_of_words_takes_neither_addresses_nor_names(label: str, value: str):
    assert re.fullmatch(LABELS[label], value) is None


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("code", WORDS),
        ("route", [route.name for route in ROUTES]),
        ("class", [each.name.lower() for each in Shed if each is not Shed.KEEP]),
        ("account", [SERVICE, SUBSCRIPTION, "none", "wx0123456789abcdef"]),
        ("call", [each.name for each in CALLS]),
        ("outcome", sorted(OUTCOMES)),
        ("door", [wechat_sign_in.DOOR, desktop_handoff.DOOR, MINI, "text", "dev"]),
        ("kind", ["none", *{each.__name__.lower() for each in Message.__subclasses__()}]),
        ("verdict", [*Verdict, "too-fast"]),
    ],
)
def test_label_takes_every_value_that_the_product_has(label: str, values: list[str]):
    assert [value for value in values if not re.fullmatch(LABELS[label], value)] == []
