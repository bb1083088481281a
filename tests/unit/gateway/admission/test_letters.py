"""Letters: one is free, further ones cost work, and nobody is refused because of others."""

import asyncio
from typing import Any

import pytest

from gateway.admission.challenges import Challenges
from gateway.admission.letters import EASY_PER_MIN, FREE_EVERY_S, PAID_MOST, Letters, Turns
from gateway.http.problems import Problem
from tests.unit.gateway.admission.posts import solution as solved


class Clock:
    """Monotonic time that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def letters(clock: Clock) -> Letters:
    return Letters(Challenges(bytes(32), tries=4, step=2, life_s=300), now=clock)


def price(letters: Letters, who: str, command: str) -> dict[str, Any]:
    """Return what a letter without a solution is told; empty if it was free."""
    try:
        letters.pay(who, command, "")
    except Problem as problem:
        return problem.facts
    return {}


def paid(letters: Letters, who: str, command: str) -> bool:
    """Send a letter as a browser does, and return whether it cost a hard challenge."""
    told = price(letters, who, command)
    letters.pay(who, command, solved(told["challenge"]))
    return bool(told["challenge"]["parameters"]["data"]["hard"])


def test_first_letter_is_free_and_the_second_costs_work(letters: Letters):
    first, second = price(letters, "ann", "1"), price(letters, "ann", "2")

    assert (first, second["seconds"]) == ({}, FREE_EVERY_S)
    assert paid(letters, "ann", "2") is False


def test_whoever_waits_pays_nothing(letters: Letters, clock: Clock):
    price(letters, "ann", "1")
    clock.now_s += price(letters, "ann", "2")["seconds"]

    assert price(letters, "ann", "2") == {}


def test_work_grows_beyond_a_few_a_minute(letters: Letters):
    price(letters, "ann", "0")

    assert [paid(letters, "ann", str(k)) for k in range(1, EASY_PER_MIN + 3)] == [False] * EASY_PER_MIN + [True] * 2


def test_twelve_people_make_nobody_else_pay(letters: Letters):
    for k in range(12):
        price(letters, f"flooder {k}", f"{k} first")
        for n in range(8):
            paid(letters, f"flooder {k}", f"{k} {n}")

    assert [price(letters, f"honest {k}", f"honest {k}") for k in range(100)] == [{}] * 100


def test_letter_that_is_sent_again_is_not_paid_twice(letters: Letters):
    price(letters, "ann", "1")

    assert price(letters, "ann", "1") == {}


@pytest.mark.parametrize("solution", ["none", "x", "e30="])
def test_wrong_solution_is_told_the_price_again(letters: Letters, solution: str):
    price(letters, "ann", "1")

    with pytest.raises(Problem, match="letter-challenge"):
        letters.pay("ann", "2", solution)


def test_solution_serves_once_and_one_sender(letters: Letters):
    for who in ("ann", "bob"):
        price(letters, who, f"{who} first")
    solution = solved(price(letters, "ann", "2")["challenge"])

    with pytest.raises(Problem):
        letters.pay("bob", "2 of bob", solution)
    letters.pay("ann", "2", solution)
    with pytest.raises(Problem):
        letters.pay("ann", "3", solution)


def test_page_is_told_the_price_and_takes_nothing(letters: Letters):
    assert letters.challenge("ann") is None
    assert letters.challenge("ann") is None
    price(letters, "ann", "1")

    challenge = letters.challenge("ann")

    assert challenge is not None
    letters.pay("ann", "2", solved(challenge))


def test_paid_letters_are_bounded(letters: Letters):
    for k in range(PAID_MOST + 5):
        letters.pay(f"sender {k}", str(k), "")

    assert price(letters, "sender 0", "0") != {}
    assert price(letters, f"sender {PAID_MOST}", str(PAID_MOST)) == {}


async def _played(turns: Turns, senders: str) -> list[str]:
    """Return the order in which the letters of these senders, one letter each, are let through."""
    order: list[str] = []
    gate = asyncio.Event()

    async def send(who: str) -> None:
        try:
            async with turns.turn(who):
                await gate.wait()
                order.append(who)
        except Problem as problem:
            order.append(f"{who} {problem.code}")

    tasks = [asyncio.create_task(send(who)) for who in senders]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    return order


def test_senders_take_turns():
    assert asyncio.run(_played(Turns(1), "aaaab")) == ["a", "a", "b", "a", "a"]


def test_sender_with_many_waiting_is_told_so_and_others_are_let_in():
    assert asyncio.run(_played(Turns(1, each=2), "aaaaab")) == ["a busy", "a busy", "a", "a", "b", "a"]


def test_letter_that_is_given_up_while_it_waits_holds_nobody_up():
    async def story() -> list[str]:
        turns, order = Turns(1), list[str]()

        async def send(who: str) -> None:
            async with turns.turn(who):
                order.append(who)
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(send(who)) for who in "abc"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await send("d")
        return order

    assert asyncio.run(story()) == ["a", "c", "d"]
