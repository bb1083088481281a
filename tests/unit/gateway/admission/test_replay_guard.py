"""Used tokens are remembered for their life, within a bound on memory."""

import secrets
import tracemalloc

import hypothesis
from hypothesis import strategies as some

from gateway.admission.replay_guard import ReplayGuard

LIFE_S = 10


@hypothesis.given(some.lists(some.tuples(some.integers(0, 25), some.integers(0, 30))))
def test_what_was_noted_is_known_for_its_life(steps: list[tuple[int, int]]):
    now = [0.0]
    used = ReplayGuard(life_s=LIFE_S, now_s=lambda: now[0])
    noted: dict[int, float] = {}
    for pause_s, key in steps:
        now[0] += pause_s
        used.add(key)
        noted[key] = now[0]

    known = [key for key, at in noted.items() if now[0] - at < LIFE_S]
    assert [key in used for key in known] == [True] * len(known)


def test_of_steady_use_no_more_than_two_lives_are_kept():
    now = [0.0]
    used = ReplayGuard(life_s=LIFE_S, now_s=lambda: now[0])
    kept = []
    for key in range(10 * LIFE_S):
        used.add(key)
        kept.append(len(used))
        now[0] += 1

    assert max(kept) == 2 * LIFE_S


@hypothesis.given(some.lists(some.integers(0, 30)), some.integers(2, 20))
def test_of_more_than_the_bound_the_half_that_was_noted_last_is_known(keys: list[int], most: int):
    used = ReplayGuard(life_s=LIFE_S, now_s=lambda: 0.0, most=most)
    for key in keys:
        used.add(key)

    recent = keys[-(most // 2) :]
    assert [each in used for each in recent] == [True] * len(recent)
    assert len(used) <= most


def test_what_is_given_back_may_be_used_in_either_generation():
    now = [0.0]
    used = ReplayGuard(life_s=LIFE_S, now_s=lambda: now[0])
    used.add("old")
    now[0] = LIFE_S
    used.add("young")

    used.discard("old")
    used.discard("young")

    assert len(used) == 0


def test_ticket_takes_at_most_110_bytes():
    used = ReplayGuard(life_s=LIFE_S, now_s=lambda: 0.0)
    tracemalloc.start()
    most = 0.0
    for n in range(1, 200_001):
        used.add(secrets.token_bytes(12))
        if n >= 50_000 and n % 100 == 0:
            most = max(most, tracemalloc.get_traced_memory()[0] / n)
    tracemalloc.stop()

    assert most <= 110
