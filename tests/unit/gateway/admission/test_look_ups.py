"""What anybody may have the services asked is shared, bounded, and paced for those who guess numbers."""

import asyncio
from typing import Any

import pytest

from gateway.admission.look_ups import AT_ONCE, EACH, UNKNOWN_NUMBERS, LookUps
from gateway.http.problems import Problem


class Desk:
    """A service that knows the number `right` and no other, and holds its answers back until `open` is set."""

    def __init__(self) -> None:
        self.asked, self.now, self.open = 0, 0.0, asyncio.Event()
        self.open.set()
        self.look_ups = LookUps(now=lambda: self.now)

    async def find(self, number: str, *, sender: str = "here") -> str:
        async def question() -> dict[str, Any]:
            self.asked += 1
            await self.open.wait()
            if number.startswith("wrong"):
                raise Problem("complaint-unknown")
            return {"number": number}

        try:
            return str((await self.look_ups.find_by_number(number, question, sender=sender))["number"])
        except Problem as problem:
            return problem.code


def played(steps: Any) -> Any:
    async def play() -> Any:
        return await steps(Desk())

    return asyncio.run(play())


async def at_once(desk: Desk, *searches: Any) -> list[str]:
    desk.open.clear()
    tasks = [asyncio.ensure_future(each) for each in searches]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    desk.open.set()
    return list(await asyncio.gather(*tasks))


def test_those_who_ask_for_the_same_at_the_same_time_share_one_call():
    async def steps(desk: Desk) -> tuple[list[str], int]:
        return await at_once(desk, *(desk.find("right", sender="one" if n % 2 else "") for n in range(300))), desk.asked

    assert played(steps) == (["right"] * 300, 1)


def test_one_sender_has_not_all_places_and_all_together_have_a_bound():
    async def steps(desk: Desk) -> tuple[list[int], int]:
        one = [desk.find(f"right {n}") for n in range(2 * EACH)]
        others = [desk.find(f"right {n}", sender=f"sender {n}") for n in range(2 * EACH, 2 * EACH + AT_ONCE)]
        answers = await at_once(desk, *one, *others)
        return [answers[: 2 * EACH].count("busy"), answers[2 * EACH :].count("busy")], desk.asked

    assert played(steps) == ([EACH, EACH], AT_ONCE)


def test_sender_who_guesses_numbers_waits_and_another_does_not():
    async def steps(desk: Desk) -> list[str]:
        wrong = [await desk.find(f"wrong {n}") for n in range(UNKNOWN_NUMBERS)]
        assert set(wrong) == {"complaint-unknown"}
        answers = [await desk.find("right"), await desk.find("right", sender="there")]
        desk.now += 60 / UNKNOWN_NUMBERS
        return [*answers, await desk.find("right")]

    assert played(steps) == ["too-fast", "right", "right"]


def test_numbers_that_exist_cost_nothing():
    async def steps(desk: Desk) -> set[str]:
        return {await desk.find("right") for _ in range(10 * UNKNOWN_NUMBERS)}

    assert played(steps) == {"right"}


@pytest.mark.parametrize("sender", ["here", ""])
def test_place_is_free_again_after_the_answer(sender: str):
    async def steps(desk: Desk) -> set[str]:
        return {await desk.find(f"right {n}"[:5], sender=sender) for n in range(3 * AT_ONCE)}

    assert played(steps) == {"right"}
