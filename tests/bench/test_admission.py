"""The cost of admission for one like on the like path (its ticket, rate limits and verdict), and of one hit of the
`limits` library.

Measured in processor time, so that other load on the machine counts less. No bar: the decision «Admission» in
DECISIONS.md was taken by these numbers.
"""

import random
import time
from collections.abc import Callable

import pytest
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gateway.admission.settings import Admission
from gateway.admission.turnstile import Evidence
from gateway.http.sessions import Session
from tests.bench.report import Report
from tests.unit.gateway.admission.posts import PHONE, Post

pytestmark = [pytest.mark.bench, pytest.mark.slow]
VOTERS, EACH, ADDRESSES = 5_000, 4, 3_000
MANY = 10**8


def test_admission_of_an_ordinary_like_is_stated(report: Report) -> None:
    rules = Admission(address_per_min=MANY, network_per_min=MANY, breaker_floor_per_s=MANY)
    post, chance = Post(rules), random.Random(1)
    tickets = post.turnstile.tickets
    voters = [post.voter() for _ in range(VOTERS)]
    owned = [(voter, ticket) for voter in voters for ticket in tickets.issue(voter.sub, count=EACH)]
    chance.shuffle(owned)
    shown = [(voter, Evidence(ticket, "", _address(chance), PHONE, "same-origin")) for voter, ticket in owned]

    checked = _us(lambda: [tickets.check(ticket, voter.sub, "e") for voter, ticket in owned], len(owned))
    admit = _us(lambda: _let_in(post, shown), len(shown))

    report.state("admission: check of a like ticket", checked, unit="µs")
    report.state("admission: an ordinary like", admit, unit="µs")


def test_one_hit_of_the_limits_library_is_stated(report: Report) -> None:
    limiter, pace = MovingWindowRateLimiter(MemoryStorage()), RateLimitItemPerMinute(300)
    keys = [f"key-{k % ADDRESSES}" for k in range(20_000)]

    hit = _us(lambda: [limiter.hit(pace, key) for key in keys], len(keys))

    report.state("admission: one hit of a moving window of `limits`", hit, unit="µs")


def _let_in(post: Post, shown: list[tuple[Session, Evidence]]) -> None:
    for voter, each in shown:
        post.at_s += 0.0005
        post.turnstile.admit(voter, "e", "like", each)


def _address(chance: random.Random) -> str:
    return f"10.{chance.randrange(4)}.{chance.randrange(ADDRESSES // 40)}.{chance.randrange(10)}"


def _us(work: Callable[[], object], count: int) -> float:
    """Return the processor time of `work` in µs, divided by `count`."""
    started = time.process_time()
    work()
    return (time.process_time() - started) / count * 1e6
