"""Admission of orders by the turnstile."""

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as some

from gateway.admission.settings import Admission
from gateway.admission.turnstile import Evidence
from gateway.http.problems import Problem
from tests.unit.gateway.admission.posts import (
    HOUR_MS,
    PHONE,
    Post,
    demanded_challenge,
    solution,
)

ADDRESS = "10.1.2.3"
SMALL = Admission(challenge_tries=20, address_per_min=3, network_per_min=6, step=2)


def test_ordinary_like_is_free_and_tells_where_it_comes_from():
    post = Post()

    passed = post.order(post.voter(door="wechat"), client=ADDRESS, agent=PHONE, site="same-origin", device="d" * 22)

    assert passed.held is None
    assert {"site": "same-origin", "ua": "MicroMessenger"}.items() <= passed.signals.items()
    assert [len(passed.signals[name]) for name in ("net", "addr", "device")] == [11, 11, 11]
    assert not {ADDRESS, "d" * 22} & {str(each) for each in passed.signals.values()}


def test_session_is_refused_for_its_own_pace_and_told_when_to_come():
    post = Post()
    voter = post.voter()

    told = [post.outcome(voter) for _ in range(6)]

    assert told == ["free"] * 5 + ["too-fast"]
    with pytest.raises(Problem) as refused:
        post.order(voter)
    assert refused.value.retry_s == 1
    post.at_s += 1
    assert post.outcome(voter) == "free"


def test_unlike_pays_the_session_s_pace_alone():
    post = Post(SMALL)
    crowd = [post.order(action="unlike", client=ADDRESS).held for _ in range(50)]
    voter = post.voter()
    for _ in range(5):
        post.order(voter, action="unlike")

    assert crowd == [None] * 50
    with pytest.raises(Problem, match="too-fast"):
        post.order(voter, action="unlike")


def test_busy_address_is_asked_for_work_then_for_more_and_then_held():
    post = Post(SMALL)
    free = post.crowd(3, client=ADDRESS)
    worked, hard = [], []
    for _ in range(6):
        voter = post.voter()
        challenge = demanded_challenge(post, voter, client=ADDRESS)
        worked.append(post.outcome(voter, client=ADDRESS, solution=solution(challenge)))
    while len(hard) < 12 and (said := post.outcome(voter := post.voter(), client=ADDRESS)) == "challenge-needed":
        challenge = demanded_challenge(post, voter, client=ADDRESS)
        assert challenge["parameters"]["data"]["hard"] is True
        hard.append(post.outcome(voter, client=ADDRESS, solution=solution(challenge)))

    assert (free, worked, hard) == (["free"] * 3, ["worked"] * 6, ["worked"] * 12)
    assert said == "challenge-needed"
    assert post.outcome(client=ADDRESS) == "held:pace"


def test_answer_to_an_easier_challenge_is_asked_once_more():
    post = Post(SMALL)
    voter = post.voter()
    post.crowd(3, client=ADDRESS)
    easy = demanded_challenge(post, voter, client=ADDRESS)
    for _ in range(6):
        other = post.voter()
        post.order(other, client=ADDRESS, solution=solution(demanded_challenge(post, other, client=ADDRESS)))

    hard = demanded_challenge(post, voter, client=ADDRESS, solution=solution(easy))

    assert hard["parameters"]["data"]["hard"] is True
    assert post.outcome(voter, client=ADDRESS, solution=solution(hard)) == "worked"


@pytest.mark.parametrize("text", ["none", "nonsense", "e30="])
def test_who_does_not_solve_is_let_in_as_pending(text: str):
    post = Post(SMALL)
    post.crowd(3, client=ADDRESS)

    assert post.outcome(client=ADDRESS, solution=text) == "held:pace"


def test_challenge_leaves_the_ticket_and_the_source_as_they_were():
    post = Post(SMALL)
    post.crowd(3, client=ADDRESS)
    voter = post.voter()
    (ticket,) = post.turnstile.tickets.issue(voter.sub)
    with pytest.raises(Problem) as needed:
        post.turnstile.admit(voter, "e", "like", Evidence(ticket, client=ADDRESS))

    solved = solution(needed.value.facts["challenge"])
    passed = post.turnstile.admit(voter, "e", "like", Evidence(ticket, solved, ADDRESS))

    assert (passed.held, passed.signals["risk"]) == (None, "challenge")


def test_neighbours_share_a_network_and_not_an_address():
    post = Post(SMALL)

    told = [post.outcome(client=f"10.1.2.{k}") for k in range(7)]

    assert told == ["free"] * 6 + ["challenge-needed"]
    assert post.outcome(client="10.1.3.1") == "free"


def test_device_that_is_handed_round_is_asked_for_work():
    assert Post().crowd(5, device="d" * 22) == ["free"] * 3 + ["challenge-needed"] * 2


def test_surge_asks_new_sessions_and_leaves_older_ones_alone():
    post = Post(Admission(challenge_tries=20, breaker_floor_per_s=2))
    post.crowd(11)

    assert post.outcome(post.voter(age_ms=HOUR_MS // 2)) == "challenge-needed"
    assert post.outcome(post.voter(age_ms=2 * HOUR_MS)) == "free"


def test_like_that_only_asked_for_a_challenge_is_no_part_of_the_surge():
    post = Post(Admission(challenge_tries=20, breaker_floor_per_s=2, address_per_min=1))
    post.crowd(40, client=ADDRESS)

    assert post.outcome(post.voter(age_ms=0)) == "free"


def test_gateways_share_each_pace():
    posts = [Post(Admission(challenge_tries=20, address_per_min=60), gateways=3) for _ in range(3)]

    told = [[post.outcome(client=ADDRESS) for _ in range(25)].count("free") for post in posts]

    assert told == [20, 20, 20]


VISITS = some.lists(
    some.tuples(
        some.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.1.1", "2001:db8::1", "2001:db8:0:1::1", "nonsense", ""]),
        some.sampled_from(["", "none", "nonsense", "solve"]),
        some.sampled_from([0.0, 0.0, 0.3, 20.0]),
        some.sampled_from([b"", PHONE, b"curl/8"]),
    ),
    max_size=40,
)


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(VISITS)
def test_no_sequence_of_addresses_ever_refuses_a_like(visits: list[tuple[str, str, float, bytes]]):
    """Work is demanded at most twice; then the like is admitted, counted or pending, whatever came from its address."""
    post = Post(Admission(challenge_tries=8, address_per_min=1, network_per_min=2, step=2, breaker_floor_per_s=1))
    for client, way, pause_s, agent in visits:
        post.at_s += pause_s
        assert _in_the_end(post, client, way, agent) in ("free", "worked", "held:pace")


@pytest.mark.parametrize("client", ["10.0.0.1", "2001:db8::1"])
@pytest.mark.parametrize("way", ["none", "solve", "nonsense"])
def test_factory_behind_one_address_is_never_refused(client: str, way: str):
    post = Post(Admission(challenge_tries=4, address_per_min=5, network_per_min=5, step=2))

    told = [_in_the_end(post, client, way, PHONE) for _ in range(200)]

    assert set(told) <= {"free", "worked", "held:pace"}
    assert told[:5] == ["free"] * 5


def _in_the_end(post: Post, client: str, way: str, agent: bytes) -> str:
    """Return the final outcome for a new voter who answers each challenge in this way."""
    voter = post.voter(age_ms=0)
    shown: dict[str, Any] = {"client": client, "agent": agent}
    for _ in range(3):
        try:
            passed = post.order(voter, **shown)
        except Problem as problem:
            if problem.code != "challenge-needed":
                return problem.code
            shown["solution"] = solution(problem.facts["challenge"]) if way == "solve" else way or "none"
            continue
        return f"held:{passed.held}" if passed.held else "free" if "risk" not in passed.signals else "worked"
    return "asked for ever"
