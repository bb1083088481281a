"""Rate limits of a session's reads."""

import threading

import pytest

from gateway.admission import rate_limits
from gateway.admission.rate_limits import PER_MIN, RateLimits
from gateway.http.problems import Problem


class Clock:
    """Monotonic time that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def allowed(limits: RateLimits, what: str, tries: int, sub: str = "ann") -> int:
    """Return how many of these requests are let in."""
    refused = 0
    for _ in range(tries):
        try:
            limits.refuse_if_often(what, sub)
        except Problem:
            refused += 1
    return tries - refused


def test_session_gets_its_limit_at_once_and_again_in_a_minute(clock: Clock):
    limits = RateLimits(now=clock)

    first = allowed(limits, "tickets", 2 * PER_MIN)
    clock.now_s += 60
    second = allowed(limits, "tickets", 2 * PER_MIN)

    assert (first, second) == (PER_MIN, PER_MIN)


def test_session_that_waits_as_long_as_it_is_told_is_let_in(clock: Clock):
    limits = RateLimits(now=clock)
    allowed(limits, "tickets", PER_MIN)
    with pytest.raises(Problem) as told:
        limits.refuse_if_often("tickets", "ann")
    assert told.value.retry_s == 1

    clock.now_s += told.value.retry_s

    limits.refuse_if_often("tickets", "ann")


def test_kinds_and_sessions_are_counted_apart(clock: Clock):
    limits = RateLimits(now=clock)

    counts = [allowed(limits, what, 100, sub) for what, sub in (("a", "ann"), ("b", "ann"), ("a", "bob"))]

    assert counts == [PER_MIN] * 3


@pytest.mark.parametrize(("gateways", "many"), [(2, 30), (100, 1)])
def test_gateways_share_a_limit(clock: Clock, gateways: int, many: int):
    assert allowed(RateLimits(gateways=gateways, now=clock), "tickets", 100) == many


def test_many_sessions_start_no_thread_that_walks_them(clock: Clock):
    limits, threads = RateLimits(now=clock), threading.active_count()

    for n in range(5_000):
        limits.refuse_if_often("tickets", f"voter {n}")

    assert threading.active_count() == threads


def test_at_the_bound_the_sessions_that_were_used_last_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rate_limits, "MOST", 1_000)
    limits = RateLimits(now=clock)
    for n in range(5_000):
        allowed(limits, "tickets", PER_MIN, sub=f"voter {n}")

    assert [allowed(limits, "tickets", 1, sub=f"voter {n}") for n in (0, 4_999)] == [1, 0]
