"""Requests that ask for the same thing at the same time share one piece of work."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.http.problems import Problem
from gateway.http.single_flight import SingleFlight


class Work:
    """Work that ends when the test says so, and counts how often it began."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.end, self._error = 0, asyncio.Event(), error

    async def __call__(self) -> str:
        self.begun += 1
        await self.end.wait()
        if self._error is not None:
            raise self._error
        return f"result {self.begun}"


async def begun(count: int, ask: Callable[[], Awaitable[str]]) -> list["asyncio.Task[str]"]:
    """Return the tasks of `count` requests that have all come as far as they can."""
    tasks = [asyncio.ensure_future(ask()) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


def test_those_who_ask_at_the_same_time_get_one_result_and_the_next_gets_another():
    async def steps() -> list[str]:
        work, flight = Work(), SingleFlight[str]()
        tasks = await begun(5, lambda: flight.run("a", work))
        work.end.set()
        return [*await asyncio.gather(*tasks), await flight.run("a", work)]

    assert asyncio.run(steps()) == ["result 1"] * 5 + ["result 2"]


def test_error_reaches_all_who_wait():
    async def steps() -> list[object]:
        work, flight = Work(ValueError("no")), SingleFlight[str]()
        tasks = await begun(3, lambda: flight.run("a", work))
        work.end.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    assert [repr(each) for each in asyncio.run(steps())] == ["ValueError('no')"] * 3


def test_client_that_goes_away_stops_the_work_for_nobody_else():
    async def steps() -> str:
        work, flight = Work(), SingleFlight[str]()
        first, second = await begun(2, lambda: flight.run("a", work))
        first.cancel()
        work.end.set()
        return await second

    assert asyncio.run(steps()) == "result 1"


@pytest.mark.parametrize(
    ("limits", "key"),
    [
        pytest.param({"most": 2}, "a", id="of those who wait"),
        pytest.param({"at_once": 1}, "b", id="of different things at once"),
    ],
)
def test_number_is_bounded(limits: dict[str, int], key: str):
    async def steps() -> str:
        work, flight = Work(), SingleFlight[str](**limits)
        tasks = await begun(2, lambda: flight.run("a", work))
        try:
            await flight.run(key, work)
        except Problem as problem:
            return problem.code
        finally:
            work.end.set()
            await asyncio.gather(*tasks)
        return ""

    assert asyncio.run(steps()) == "busy"
