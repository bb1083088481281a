"""Whoever guesses is paced: passwords, codes and recovery codes, at sign-in and at step-up, over the real service.

The way back of somebody who lost both telephone and recovery codes is tried here too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from gateway.admission.sign_in_limits import BY_DEVICE, BY_NAME_AND_NETWORK
from gateway.html.page import SECURITY
from gateway.routes import ROUTES
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.town import Answer, Town, Visitor, code
from tests.unit.submission import hosted
from tests.unit.submission.hosted import PASSWORD

FILE = CAMPAIGN_FILE.read_text() + '\n[staff]\nsecond_factor = ["organiser"]\n'
HOUR_MS = 3_600_000
OLGA: dict[str, Any] = {"staff": "olga", "password": PASSWORD}
WRONG_CODE, WRONG_RECOVERY = "000000", "AAAA-AAAA-AAAA"
SPENT = "login-attempts"


class RealModeration(Town):
    """A town whose moderation is real, with its staff, passwords and sessions."""

    def __init__(self, services: hosted.Town) -> None:
        super().__init__()
        self._services = services

    async def call(self, service: str, method: str, call: dict[str, Any]) -> Answer:
        if service != "moderation":
            return await super().call(service, method, call)
        return self._services.forward(service, method, {**call, "at": 0})  # the time of its own log


@pytest.fixture
def town(tmp_path: Path) -> hosted.Town:
    town = hosted.Town(tmp_path)
    town.open(FILE)
    return town


@pytest.fixture
def visitor(tmp_path: Path, town: hosted.Town) -> Iterator[Visitor]:
    visitor = Visitor(tmp_path / "gateway", town=RealModeration(town))
    yield visitor
    visitor.close()


def add_authenticator(town: hosted.Town, staff: str = "olga") -> list[str]:
    """Set an authenticator of this organiser up; return the recovery codes."""
    begun = town.ok("begin_authenticator", staff, "organiser")
    named = {name: begun[name] for name in ("authenticator", "made_from")}
    body = {**named, "code": pyotp.TOTP(begun["secret"]).now()}
    codes: list[str] = town.ok("add_authenticator", staff, "organiser", **body)["recovery_codes"]
    return codes


def sign_in(visitor: Visitor, **changes: str) -> httpx.Response:
    return visitor.request("POST", "/sessions", json={**OLGA, **changes})


def session(visitor: Visitor, town: hosted.Town, staff: str = "olga", **more: str) -> dict[str, str]:
    """Return the header of a session of this organiser that stands in the service."""
    pair = {"staff": staff, "password": PASSWORD, **more}
    begun = town.ok("login", **pair, agent="", life_ms=HOUR_MS)["session"]
    token, _ = visitor.app_context.sessions.issue(staff, frozenset({"organiser"}), name=staff, id=begun)
    return {"Authorization": f"Bearer {token}"}


def test_passwords_are_guessed_some_times_and_then_the_right_one_opens_nothing(visitor: Visitor):
    guesses = [code(sign_in(visitor, password=f"guess {k}")) for k in range(BY_NAME_AND_NETWORK)]

    assert guesses == ["login-refused"] * BY_NAME_AND_NETWORK
    assert code(sign_in(visitor)) == SPENT


@pytest.mark.parametrize("wrong", [WRONG_CODE, WRONG_RECOVERY])
def test_whoever_has_the_password_guesses_codes_some_times(visitor: Visitor, town: hosted.Town, wrong: str):
    recovery = add_authenticator(town)

    guesses = []
    for _ in range(BY_NAME_AND_NETWORK):
        guesses.append(code(sign_in(visitor, code=wrong)))
        assert code(sign_in(visitor)) in ("code-needed", SPENT)  # which gives no further guess

    assert guesses == ["login-refused"] * BY_NAME_AND_NETWORK
    assert code(sign_in(visitor, code=recovery[0])) == SPENT


def test_passwords_are_guessed_some_times_at_step_up(visitor: Visitor, town: hosted.Town):
    headers = session(visitor, town)

    def prove(password: str) -> httpx.Response:
        return visitor.request("POST", "/my/step-up", headers=headers, json={"password": password}, proved=False)

    guesses = [code(prove(f"guess {k}")) for k in range(BY_NAME_AND_NETWORK)]

    assert guesses == ["step-up-refused"] * BY_NAME_AND_NETWORK
    assert code(prove(PASSWORD)) == SPENT


@pytest.mark.parametrize("wrong", [WRONG_CODE, WRONG_RECOVERY])
def test_codes_are_guessed_some_times_at_step_up(visitor: Visitor, town: hosted.Town, wrong: str):
    recovery = add_authenticator(town)
    headers = session(visitor, town, code=recovery[0])

    def prove(text: str) -> httpx.Response:
        return visitor.request("POST", "/my/step-up", headers=headers, json={"code": text}, proved=False)

    guesses = [code(prove(wrong)) for _ in range(BY_NAME_AND_NETWORK)]

    assert guesses == ["step-up-refused"] * BY_NAME_AND_NETWORK
    assert code(prove(recovery[1])) == SPENT


def test_guesses_at_step_up_count_at_sign_in_too(visitor: Visitor, town: hosted.Town):
    headers = session(visitor, town)
    for k in range(BY_NAME_AND_NETWORK):
        visitor.request("POST", "/my/step-up", headers=headers, json={"password": f"guess {k}"}, proved=False)

    assert code(sign_in(visitor)) == SPENT


def test_form_that_asks_again_is_paced(visitor: Visitor, town: hosted.Town):
    token = session(visitor, town)["Authorization"].removeprefix("Bearer ")
    headers = {"Cookie": f"baijia={token}", "Sec-Fetch-Site": "same-origin"}
    path = f"{SECURITY}/authenticator/new"

    def press(password: str) -> int:
        form = {"step-up-secret": password}
        return visitor.request("POST", path, plain=True, headers=headers, data=form, proved=False).status_code

    guesses = [press(f"guess {k}") for k in range(BY_NAME_AND_NETWORK)]

    assert guesses == [403] * BY_NAME_AND_NETWORK
    assert press(PASSWORD) == 429


def test_known_browser_guesses_codes_no_more_often(visitor: Visitor, town: hosted.Town):
    recovery = add_authenticator(town)
    assert sign_in(visitor, code=recovery[0]).status_code == 201  # the client keeps the cookie of a known device

    guesses = [code(sign_in(visitor, code=WRONG_CODE)) for _ in range(BY_DEVICE)]

    assert guesses == ["login-refused"] * BY_DEVICE
    assert code(sign_in(visitor, code=recovery[1])) == SPENT


def test_whoever_lost_telephone_and_codes_comes_back_by_two_other_people(visitor: Visitor, town: hosted.Town):
    add_authenticator(town)
    reset = {"staff": "olga", "name": "奥尔加", "roles": ["organiser"], "new_link": True}
    otto = session(visitor, town, "otto", code=add_authenticator(town, "otto")[0])

    asked = visitor.request("POST", "/staff", headers=otto, key="k1", json=reset).json()
    confirmed = town.ok("confirm_staff_change", "root", "operator", change=asked["change"])
    new = {"staff": "olga", "link": confirmed["link"], "code": asked["code"], "password": "quiet lantern"}
    assert visitor.request("POST", "/passwords", key="k2", json=new).status_code == 200

    entered = sign_in(visitor, password="quiet lantern")
    token = entered.json()["token"]
    led = visitor.request("GET", "/organiser", plain=True, headers={"Cookie": f"baijia={token}"})
    assert (entered.status_code, led.status_code, led.headers["location"]) == (201, 303, SECURITY)


def test_no_route_takes_a_password_for_somebody_else():
    taking = {
        route.name
        for route in ROUTES
        if route.body is not None and any("password" in name for name in route.body().fields)
    }

    assert taking == {
        "POST /api/v1/sessions",
        "POST /api/v1/my/step-up",
        "POST /api/v1/my/password",
        "POST /api/v1/passwords",  # by a link that works once
        "POST /api/v1/unit-accounts",  # likewise
    }
