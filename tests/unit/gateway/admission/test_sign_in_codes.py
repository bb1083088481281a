"""Questions to WeChat about sign-in codes are limited by state and by address."""

import asyncio
from typing import Any

from gateway.admission.sign_in_codes import AT_ONCE, STATE_TRIES, WRONG_CODES, SignInCodes
from gateway.http.problems import Problem
from gateway.wechat.errors import CodeRefused


class WeChat:
    """Answers `right` and no other code, and counts the questions; holds them back until `open` is set."""

    def __init__(self) -> None:
        self.asked, self.now, self.open = 0, 0.0, asyncio.Event()
        self.open.set()
        self.codes = SignInCodes(now=lambda: self.now)

    async def bring(self, code: str, *, address: str = "here", state: str = "") -> str:
        async def question() -> str:
            self.asked += 1
            await self.open.wait()
            if code.startswith("wrong"):
                raise CodeRefused("code", 40029)
            return "ann"

        try:
            return str(await self.codes.exchange(code, question, address=address, state=state))
        except Problem as problem:
            return problem.code
        except CodeRefused:
            return "refused"


def played(steps: Any) -> Any:
    async def play() -> Any:
        return await steps(WeChat())

    return asyncio.run(play())


def test_address_that_brings_wrong_codes_waits_and_another_does_not():
    async def steps(wechat: WeChat) -> list[str]:
        wrong = [await wechat.bring(f"wrong {n}") for n in range(WRONG_CODES)]
        assert set(wrong) == {"refused"}
        answers = [await wechat.bring("right"), await wechat.bring("right", address="there")]
        wechat.now += 60 / WRONG_CODES
        return [*answers, await wechat.bring("right")]

    assert played(steps) == ["too-fast", "ann", "ann"]


def test_right_codes_cost_an_address_nothing():
    async def steps(wechat: WeChat) -> set[str]:
        return {await wechat.bring(f"right {n}") for n in range(10 * WRONG_CODES)}

    assert played(steps) == {"ann"}


def test_wrong_codes_side_by_side_are_bounded_too():
    async def steps(wechat: WeChat) -> int:
        wechat.open.clear()
        tasks = [asyncio.ensure_future(wechat.bring(f"wrong {n}")) for n in range(10 * AT_ONCE)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        wechat.open.set()
        await asyncio.gather(*tasks)
        return wechat.asked

    assert played(steps) == AT_ONCE


def test_state_brings_a_few_codes():
    async def steps(wechat: WeChat) -> list[str]:
        return [await wechat.bring(f"right {n}", state="s") for n in range(STATE_TRIES + 1)]

    assert played(steps) == ["ann"] * STATE_TRIES + ["oauth-state"]


def test_code_that_comes_twice_at_once_is_asked_for_once():
    async def steps(wechat: WeChat) -> tuple[list[str], int]:
        answers = await asyncio.gather(*(wechat.bring("right", state="s") for _ in range(2)))
        return answers, wechat.asked

    assert played(steps) == (["ann", "ann"], 1)
