"""Metrics of the lag of a gateway's views."""

import time

from prometheus_client import REGISTRY

from gateway.read_models.cache import Views
from gateway.read_models.lag_metrics import Freshness


def told(name: str, log: str = "") -> float | None:
    return REGISTRY.get_sample_value(name, {"role": "gateway", "log": log} if log else {})


def test_gateway_lags_behind_what_it_knows_to_be_written_since_it_noticed():
    views = Views()
    views.take_all({"entries": {"cut": {"submission": 4}, "data": {}}})
    freshness = Freshness(views)

    freshness.tell(100.0)
    views.note("submission", 6)
    freshness.tell(101.0)
    freshness.tell(103.5)
    behind = told("baijia_lag_commits", "submission"), told("baijia_lag_seconds", "submission")
    views.take({"view": "entries", "cut": {"submission": 6}, "data": {}})
    freshness.tell(104.0)

    assert behind == (2.0, 2.5)
    assert (told("baijia_lag_commits", "submission"), told("baijia_lag_seconds", "submission")) == (0.0, 0.0)
    assert told("baijia_position", "submission") == 6.0


def test_silence_of_ranking_has_an_age():
    views = Views()
    views.take_all({"entries": {"cut": {"submission": 4}, "data": {}}})
    heard_s = views.heard_s
    assert heard_s is not None
    assert heard_s <= time.monotonic()

    Freshness(views).tell(heard_s + 42.0)

    assert told("baijia_views_age_seconds") == 42.0
