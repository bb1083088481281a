"""Token buckets, which give exactly burst and rate; devices; and the detection of surges."""

from datetime import datetime

import hypothesis
import pytest
from hypothesis import strategies as some

from gateway.admission.buckets import Buckets, Ladder
from gateway.admission.devices import Devices
from gateway.admission.surge import HOUR_S, LEARN_EVERY_S, STAYS_S, SurgeBreaker

DAY_MS, UTC = 86_400_000, "UTC"
RATES, BURSTS = some.sampled_from([0.25, 1.0, 3.0, 5.0]), some.integers(1, 8)
GAPS = some.lists(some.sampled_from([0.0, 0.01, 0.2, 1.0, 4.0, 60.0]), max_size=60)


def token_times(buckets: Buckets, gaps: list[float]) -> list[float]:
    """Return the times at which a client that tries after these gaps gets a token."""
    now, found = 100.0, []
    for gap in gaps:
        now += gap
        if not buckets.wait_s("k", now):
            buckets.take("k", now)
            found.append(now)
    return found


@hypothesis.given(RATES, BURSTS, GAPS)
def test_no_span_holds_more_than_burst_and_rate(rate: float, burst: int, gaps: list[float]):
    got = token_times(Buckets(rate, burst), gaps)

    for i, first in enumerate(got):
        for j, last in enumerate(got[i:], start=i):
            assert j - i + 1 <= burst + rate * (last - first) + 1e-3


@hypothesis.given(RATES, BURSTS, GAPS)
def test_bucket_gives_what_a_counted_one_gives(rate: float, burst: int, gaps: list[float]):
    tokens, last, now, expected = float(burst), 100.0, 100.0, []
    for gap in gaps:
        now += gap
        tokens, last = min(float(burst), tokens + (now - last) * rate), now
        if tokens >= 1 - 1e-6:
            tokens -= 1
            expected.append(now)

    assert expected == token_times(Buckets(rate, burst), gaps)


@hypothesis.given(RATES, BURSTS, GAPS)
def test_who_waits_as_long_as_told_gets_a_token(rate: float, burst: int, gaps: list[float]):
    buckets = Buckets(rate, burst)
    now = 100.0
    for gap in gaps:
        now += gap
        buckets.take("k", now)

    assert buckets.wait_s("k", now + buckets.wait_s("k", now) + 1e-6) == 0


def test_keys_do_not_disturb_one_another():
    buckets = Buckets(1, 1)
    buckets.take("a", 1.0)

    assert (buckets.wait_s("a", 1.0) > 0, buckets.wait_s("b", 1.0)) == (True, 0)


def test_buckets_hold_no_more_keys_than_their_bound_and_know_the_latest():
    buckets = Buckets(1, 1, most=10)
    for k in range(1_000):
        buckets.take(str(k), 1.0)

    assert [buckets.wait_s(str(k), 1.0) > 0 for k in range(995, 1_000)] == [True] * 5
    assert sum(buckets.wait_s(str(k), 1.0) > 0 for k in range(1_000)) <= 10


def test_key_that_others_made_old_has_no_new_token():
    buckets = Buckets(1, 1, most=10)
    for k in ("k", *map(str, range(5))):
        buckets.take(k, 1.0)

    assert buckets.take("k", 1.0) > 0


def test_ladder_rises_by_its_step_and_comes_down_by_itself():
    ladder = Ladder(rate=1, burst=2, step=4)
    levels = []
    for _ in range(2 + 8 + 32 + 5):
        levels.append(ladder.level("k", 1.0))
        ladder.take("k", levels[-1], 1.0)

    assert levels == [0] * 2 + [1] * 8 + [2] * 32 + [3] * 5
    assert ladder.level("k", 2.0) == 0


def test_source_without_a_name_has_no_pace():
    ladder = Ladder(rate=1, burst=1, step=2)
    for _ in range(10):
        ladder.take("", ladder.level("", 1.0), 1.0)

    assert ladder.level("", 1.0) == 0


def test_first_voters_of_a_device_stay_free_whoever_comes_later():
    devices = Devices(3, step=2)

    levels = [devices.level("d", f"v{k}", DAY_MS, UTC) for k in range(14)]

    assert levels == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3]
    assert [devices.level("d", f"v{k}", DAY_MS, UTC) for k in (0, 2, 3, 13)] == [0, 0, 1, 3]
    assert devices.level("other", "v13", DAY_MS, UTC) == 0
    assert devices.level("d", "v13", 2 * DAY_MS, UTC) == 0


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        pytest.param("Asia/Shanghai", "2021-06-08T00:00+08:00", id="Shanghai"),
        pytest.param("Asia/Urumqi", "2021-06-08T00:00+06:00", id="Urumqi"),
        pytest.param("America/New_York", "2021-11-08T00:00-05:00", id="the night after summer time"),
    ],
)
def test_voters_of_a_device_are_counted_by_the_campaign_s_day(zone: str, midnight: str):
    devices, day = Devices(1, step=2), int(datetime.fromisoformat(midnight).timestamp()) * 1000
    devices.level("d", "v1", day - DAY_MS + 1, zone)

    assert devices.level("d", "v2", day - 1, zone) == 1
    assert devices.level("d", "v3", day, zone) == 0


def test_devices_hold_no_more_than_their_bound():
    devices = Devices(1, step=2, most=3)
    for name in "abcd":
        devices.level(name, "v1", DAY_MS, UTC)

    assert [devices.level(name, "v2", DAY_MS, UTC) for name in "da"] == [1, 0]


def lasting(breaker: SurgeBreaker, rates: list[int], *, start: int = 10_000) -> list[bool]:
    """Return whether the breaker is open at the end of each second, given its number of likes."""
    found = []
    for second, rate in enumerate(rates, start=start):
        for _ in range(rate):
            breaker.count(float(second))
        found.append(breaker.is_open(float(second)))
    return found


def test_breaker_opens_at_so_many_times_the_usual_and_closes_after_a_while():
    breaker = SurgeBreaker(times=5, floor=2)

    usual = lasting(breaker, [4] * 200)
    surge = lasting(breaker, [21] + [4] * STAYS_S, start=10_200)

    assert usual == [False] * 200
    assert surge == [True] * STAYS_S + [False]


def test_breaker_of_a_quiet_hour_stays_shut_up_to_its_floor():
    assert lasting(SurgeBreaker(times=5, floor=2), [10, 0, 0, 11]) == [False, False, False, True]


def test_growth_of_an_evening_is_learned():
    breaker = SurgeBreaker(times=5, floor=2)

    rates = [rate for rate in (8, 30, 120) for _ in range(60)]

    assert lasting(breaker, rates) == [False] * len(rates)


def test_attack_is_not_learned_from_until_it_has_lasted_an_hour():
    breaker = SurgeBreaker(times=5, floor=2)

    found = lasting(breaker, [50] * (HOUR_S + LEARN_EVERY_S + STAYS_S + 5))

    assert found[:HOUR_S] == [True] * HOUR_S
    assert found[-1] is False


@pytest.mark.parametrize("pause", [30, HOUR_S, 10 * HOUR_S])
def test_seconds_without_likes_are_part_of_the_hour(pause: int):
    breaker = SurgeBreaker(times=5, floor=2)
    lasting(breaker, [8] * 100)

    found = lasting(breaker, [8, 38], start=10_100 + pause)

    assert found == [False, pause >= HOUR_S]
