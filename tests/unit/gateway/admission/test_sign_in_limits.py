"""Sign-ins: counted before the work, paced by network over names, and never at the cost of a known device."""

import asyncio
from collections.abc import Callable

import pytest

from gateway.admission.sign_in_limits import BY_NETWORK, STRANGERS, WAITING, SignInLimits
from gateway.http.problems import Problem
from tests.unit.gateway.town import Visitor, code

REFUSED = {"refused": {"code": "login-refused", "field": None, "detail": {}}}
RIGHT = {"ok": {"staff": "wang", "name": "王", "roles": ["organiser"], "session": "s1"}}


async def attempt(limits: SignInLimits, account: str, network: str, *, device: str = "", right: bool = False) -> str:
    """Try to sign in once, and return the code of the problem, or "in"."""
    try:
        async with limits.attempt(account, network, device=device):
            await asyncio.sleep(0)
            if not right:
                raise Problem("login-refused")
    except Problem as problem:
        return problem.code
    return "in"


def test_made_up_names_of_one_network_are_paced_together():
    limits = SignInLimits()

    async def guess() -> list[str]:
        return [await attempt(limits, f"name-{k}", "10.0.0.0/24") for k in range(BY_NETWORK + 2)]

    assert asyncio.run(guess()) == ["login-refused"] * BY_NETWORK + ["login-attempts"] * 2


def test_burst_passes_no_limit_because_attempts_are_counted_before_the_work():
    limits = SignInLimits()

    async def burst() -> list[str]:
        return await asyncio.gather(*(attempt(limits, "wang", "10.0.0.0/24") for _ in range(30)))

    assert sorted(asyncio.run(burst())) == ["login-attempts"] * 22 + ["login-refused"] * 8


def test_known_device_gets_in_while_many_networks_guess_at_its_name():
    limits = SignInLimits()

    async def guess() -> list[str]:
        for k in range(120):
            await attempt(limits, "wang", f"10.0.{k}.0/24")
        stranger = await attempt(limits, "wang", "10.9.9.0/24", right=True)
        return [stranger, await attempt(limits, "wang", "10.0.1.0/24", device="d1", right=True)]

    assert asyncio.run(guess()) == ["login-attempts", "in"]


def test_known_device_guesses_no_more_than_others():
    limits = SignInLimits()

    async def guess() -> list[str]:
        return [await attempt(limits, "wang", "10.0.0.0/24", device="d1") for _ in range(9)]

    assert asyncio.run(guess()) == ["login-refused"] * 8 + ["login-attempts"]


def test_right_passwords_count_for_nothing():
    limits = SignInLimits()

    async def sign_in() -> set[str]:
        return {await attempt(limits, f"u{k % 7}", "10.0.0.0/24", right=True) for k in range(3 * BY_NETWORK)}

    assert asyncio.run(sign_in()) == {"in"}


@pytest.mark.parametrize("device", ["", "d1"])
def test_few_passwords_are_checked_at_a_time_and_too_many_are_told_to_come_again(device: str):
    limits, inside, most = SignInLimits(), 0, 0

    async def work(k: int) -> str:
        nonlocal inside, most
        try:
            async with limits.attempt(f"u{k}", f"10.0.{k}.0/24", device=device and f"{device}-{k}"):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1
        except Problem as problem:
            return problem.code
        return "in"

    async def crowd() -> list[str]:
        return await asyncio.gather(*map(work, range(200)))

    codes = asyncio.run(crowd())
    assert most <= STRANGERS
    assert (codes.count("in") <= WAITING + STRANGERS, set(codes)) == (True, {"in", "busy"})


def test_strangers_leave_room_for_known_devices():
    async def crowd() -> str:
        limits, hold = SignInLimits(), asyncio.Event()

        async def wait_inside(k: int) -> None:
            async with limits.attempt(f"u{k}", f"10.0.{k}.0/24"):
                await hold.wait()

        waiting = [asyncio.create_task(wait_inside(k)) for k in range(STRANGERS + WAITING)]
        await asyncio.sleep(0)
        known = await attempt(limits, "wang", "10.9.9.0/24", device="d1", right=True)
        hold.set()
        await asyncio.gather(*waiting)
        return known

    assert asyncio.run(crowd()) == "in"


@pytest.fixture
def sign_in(visitor: Visitor) -> Callable[[bool], str]:
    """A function that signs in by a browser, which keeps its cookies, and returns the code of the problem or "in"."""

    def send(right: bool) -> str:
        visitor.town.answers["moderation", "login"] = RIGHT if right else REFUSED
        answer = visitor.request("POST", "/sessions", json={"staff": "wang", "password": "x"})
        return "in" if answer.status_code == 201 else code(answer)

    return send


def test_browser_that_signed_in_before_is_known_to_the_service(visitor: Visitor, sign_in: Callable[[bool], str]):
    codes = [sign_in(right) for right in (True, False, True)]

    known = [call["body"].get("known", False) for call in visitor.town.calls_to("moderation", "login")]
    assert (codes, known) == (["in", "login-refused", "in"], [False, True, True])


def test_browser_is_known_for_its_own_accounts_only(visitor: Visitor, sign_in: Callable[[bool], str]):
    sign_in(True)
    visitor.request("POST", "/sessions", json={"staff": "zhao", "password": "x"})

    assert [call["body"].get("known", False) for call in visitor.town.calls_to("moderation", "login")] == [False] * 2
