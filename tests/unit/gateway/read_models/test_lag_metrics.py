"""Metrics of the lag of a gateway's views."""

import time

import pytest
from prometheus_client import REGISTRY

from gateway.read_models.cache import Views
from gateway.read_models.lag_metrics import LagMetrics


def gauge(name: str, log: str = "") -> float | None:
    return REGISTRY.get_sample_value(name, {"role": "gateway", "log": log} if log else {})


def test_gateway_lags_behind_what_it_knows_to_be_written_since_it_noticed():
    views = Views()
    views.load({"entries": {"cut": {"submission": 4}, "data": {}}})
    freshness = LagMetrics(views)

    freshness.update(100.0)
    views.note_position("submission", 6)
    freshness.update(101.0)
    freshness.update(103.5)
    behind = gauge("baijia_lag_commits", "submission"), gauge("baijia_lag_seconds", "submission")
    views.apply({"view": "entries", "cut": {"submission": 6}, "data": {}})
    freshness.update(104.0)

    assert behind == (2.0, 2.5)
    assert (gauge("baijia_lag_commits", "submission"), gauge("baijia_lag_seconds", "submission")) == (0.0, 0.0)
    assert gauge("baijia_position", "submission") == 6.0


def test_silence_of_ranking_has_an_age():
    views = Views()
    views.load({"entries": {"cut": {"submission": 4}, "data": {}}})
    heard_s = views.updated_s
    assert heard_s is not None
    assert heard_s <= time.monotonic()

    LagMetrics(views).update(heard_s + 42.0)

    assert gauge("baijia_views_age_seconds") == pytest.approx(42.0)
