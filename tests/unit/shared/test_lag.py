"""Lag watch: how far behind a process reports that it is."""

import pytest
from prometheus_client import REGISTRY

from shared.commit import Head, Stamp, form
from shared.lag import Lag, LagWatch, lags
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.toys import Added

NOW = 1_000_000


def ledger_of(times: dict[str, list[int]]) -> MemoryLedger:
    """Return a ledger whose logs hold one commit of each of these times."""
    ledger = MemoryLedger()
    for log, ats in times.items():
        head = Head(log)
        for n, at in enumerate(ats):
            document = form(head, [Added("s", 1)], commands=[], stamp=Stamp(f"{log}{n}", bytes(32), at))
            ledger.insert(document)
            head = head.after(document)
    return ledger


def metric_value(name: str, role: str, log: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"role": role, "log": log})


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        pytest.param(3, Lag(), id="at the end"),
        pytest.param(2, Lag(1, 1.0), id="one behind"),
        pytest.param(0, Lag(3, 10.0), id="at the start"),
    ],
)
def test_lag_is_the_commits_that_wait_and_the_age_of_the_oldest(position: int, expected: Lag):
    ledger = ledger_of({"a": [NOW - 10_000, NOW - 5_000, NOW - 1_000]})

    assert lags(ledger, {"a": position}, NOW) == {"a": expected}


def test_clock_that_went_back_makes_no_negative_age():
    assert lags(ledger_of({"a": [NOW + 60_000]}), {"a": 0}, NOW) == {"a": Lag(1, 0.0)}


def test_metrics_tell_each_log_and_go_back_to_nought():
    ledger, positions = ledger_of({"moderation": [NOW - 4_000], "submission": []}), {"moderation": 0, "submission": 0}
    watch = LagWatch(ledger, lambda: positions, role="lag-test", now_ms=lambda: NOW)

    watch.measure()
    behind = (
        metric_value("baijia_lag_seconds", "lag-test", "moderation"),
        metric_value("baijia_lag_commits", "lag-test", "moderation"),
    )
    positions["moderation"] = 1
    watch.measure()

    assert behind == (4.0, 1.0)
    assert metric_value("baijia_lag_seconds", "lag-test", "moderation") == 0.0
    assert metric_value("baijia_lag_commits", "lag-test", "submission") == 0.0


def test_nothing_is_ready_before_the_first_measurement():
    assert LagWatch(MemoryLedger(), role="lag-test").reached is False


def test_ledger_that_does_not_answer_is_not_reached_until_it_does():
    ledger = ledger_of({})
    watch = LagWatch(ledger, lambda: {"a": 0}, role="lag-test")
    watch.measure()
    before = watch.reached
    ledger.fail_reads(times=1)

    watch.measure()
    away = watch.reached
    watch.measure()

    assert (before, away, watch.reached) == (True, False, True)


@pytest.mark.parametrize(("age_ms", "bounded"), [(15_000, True), (15_001, False)])
def test_commit_that_waits_longer_than_the_bound_makes_the_process_unready(age_ms: int, bounded: bool):
    watch = LagWatch(ledger_of({"a": [NOW - age_ms]}), lambda: {"a": 0}, role="lag-test", now_ms=lambda: NOW)

    watch.measure()

    assert watch.bounded is bounded
