"""Challenges: a solution counts once, in time, for its session and with the signed difficulty."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import altcha
import hypothesis
import pytest
from hypothesis import strategies as some

from gateway.admission.challenges import Challenges
from tests.unit.gateway.admission.posts import solution

KEY = b"k" * 32


def new_challenges(**how: int) -> Challenges:
    return Challenges(KEY, **{"tries": 30, "step": 8, "life_s": 300, **how})


@pytest.mark.parametrize(("hard", "strength"), [(False, 1), (True, 2)])
def test_solution_counts_once_and_as_what_was_asked(hard: bool, strength: int):
    challenges = new_challenges()
    text = solution(challenges.issue("v", hard=hard))

    assert [challenges.check(text, "v") for _ in range(2)] == [strength, 0]


def test_hard_challenge_costs_step_times_the_work():
    challenges = new_challenges(tries=100, step=8)

    tries = [challenges.issue("v", hard=hard)["parameters"]["data"]["tries"] for hard in (False, True)]

    assert tries == [100, 800]


def test_solution_of_another_session_counts_nothing():
    challenges = new_challenges()

    assert challenges.check(solution(challenges.issue("a")), "b") == 0


def test_solution_that_comes_late_counts_nothing():
    challenges = new_challenges(life_s=-1)

    assert challenges.check(solution(challenges.issue("v")), "v") == 0


def test_challenge_says_when_it_ends():
    before = int(time.time())

    ends = new_challenges(life_s=300).issue("v")["parameters"]["expiresAt"]

    assert 300 <= ends - before <= 310


def test_solution_made_for_another_campaign_counts_nothing():
    other = Challenges(b"x" * 32, tries=30, step=8, life_s=300)

    assert new_challenges().check(solution(other.issue("v")), "v") == 0


def easier(told: dict[str, Any]) -> None:
    told["challenge"]["parameters"]["keyPrefix"] = ""


def dearer(told: dict[str, Any]) -> None:
    told["challenge"]["parameters"]["cost"] = 10**9


def renamed(told: dict[str, Any]) -> None:
    told["challenge"]["parameters"]["data"]["for"] = "me"


def lasting(told: dict[str, Any]) -> None:
    told["challenge"]["parameters"]["expiresAt"] += 10**6


def guessed(told: dict[str, Any]) -> None:
    told["solution"]["counter"] += 1


@pytest.mark.parametrize("change", [easier, dearer, renamed, lasting, guessed])
def test_changed_solution_counts_nothing(change: Callable[[dict[str, Any]], None]):
    challenges = new_challenges()
    told = json.loads(base64.b64decode(solution(challenges.issue("v"))))
    change(told)

    assert challenges.check(coded(told), "v") == 0


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=4),
)


def coded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@hypothesis.given(some.text(max_size=40) | JSON.map(coded))
def test_text_that_is_no_solution_counts_nothing(text: str):
    assert new_challenges().check(text, "v") == 0


@pytest.mark.parametrize("part", ["challenge", "parameters", "solution", "data"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}])
def test_solution_with_a_strange_part_counts_nothing(part: str, value: object):
    challenges = new_challenges()
    told = json.loads(base64.b64decode(solution(challenges.issue("v"))))
    place = {"challenge": told, "solution": told, "parameters": told["challenge"]}.get(
        part, told["challenge"]["parameters"]
    )
    place[part] = value

    assert challenges.check(coded(told), "v") == 0


def test_very_long_solution_is_not_even_read():
    challenges = new_challenges()

    assert challenges.check(solution(challenges.issue("v")) + " " * 2_000, "v") == 0


def test_challenge_is_altcha_s_own():
    told = new_challenges().issue("v")

    assert altcha.Challenge.from_dict(told).to_dict() == told
    assert told["parameters"]["algorithm"] == "SHA-256"
