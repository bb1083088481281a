"""Passwords of staff are set by a link, on a page or by API, and changed by whoever knows them."""

from typing import Any

import httpx
import pytest

from gateway.admission.sign_in_limits import BY_NAME
from tests.unit.gateway.town import Visitor, code

LINK = "ABCDEFGH23456722"
NEW = {"staff": "mo", "link": LINK, "password": "quiet lantern", "again": "quiet lantern"}
SET = {"ok": {"staff": "mo", "repeated": False}, "log": "moderation", "n": 6}


def refused(problem: str) -> dict[str, Any]:
    return {"refused": {"code": problem, "field": None, "detail": {}}}


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    visitor.town.answers["moderation", "set_password"] = SET
    visitor.town.answers["moderation", "change_password"] = SET
    return visitor


def test_appointment_gives_the_page_of_the_link(visitor: Visitor):
    visitor.town.answers["moderation", "appoint_staff"] = {
        "ok": {
            "staff": "mo", "name": "莫", "roles": ["moderator"], "link": LINK, "until": 7, "change": None,
            "code": None, "repeated": False,
        },
        "log": "moderation",
        "n": 6,
    }  # fmt: skip
    body = {"staff": "mo", "name": "莫", "roles": ["moderator"]}

    answer = visitor.request("POST", "/staff", role="organiser", key="k1", json=body)

    assert answer.json()["page"] == f"http://baijia.test/password/mo/{LINK}"
    assert visitor.request("GET", f"/password/mo/{LINK}", plain=True).status_code == 200


def test_change_that_waits_for_a_second_person_changes_no_role_yet(visitor: Visitor):
    headers = {"Authorization": f"Bearer {visitor.token('moderator')}"}
    visitor.request("GET", "/me", headers=headers)
    waits = {
        "staff": "moderator-li", "name": "李", "roles": ["organiser"], "link": None, "until": 7, "change": "c1.d",
        "code": None, "repeated": False,
    }  # fmt: skip
    visitor.town.answers["moderation", "appoint_staff"] = {"ok": waits, "log": "moderation", "n": 6}
    body = {"staff": "moderator-li", "name": "李", "roles": ["organiser"]}

    visitor.request("POST", "/staff", role="organiser", key="k1", json=body)

    assert visitor.request("GET", "/me", headers=headers).json()["roles"] == ["moderator"]


def test_form_sets_the_password_and_shows_no_secret_again(visitor: Visitor):
    answer = visitor.request("POST", "/password", plain=True, data={**NEW, "link": "abcd-efgh-2345-6722", "code": "k2"})

    (call,) = visitor.town.calls_to("moderation", "set_password")
    assert call["body"] == {"staff": "mo", "link": LINK, "code": "K2", "password": "quiet lantern"}
    assert (answer.status_code, "✓ 密码已设置" in answer.text) == (200, True)
    assert [each for each in (LINK, "quiet lantern") if each in answer.text] == []


@pytest.mark.parametrize(
    ("changes", "answer", "words"),
    [
        pytest.param({"again": "quiet"}, SET, "两次输入的密码不一样", id="two that differ"),
        pytest.param({}, refused("password-weak"), "太容易被猜到", id="one that is guessed"),
    ],
)
def test_form_is_shown_again_with_the_reason(
    visitor: Visitor, changes: dict[str, str], answer: dict[str, Any], words: str
):
    visitor.town.answers["moderation", "set_password"] = answer

    page = visitor.request("POST", "/password", plain=True, data={**NEW, **changes})

    assert (page.status_code, words in page.text, f'value="{LINK}"' in page.text) == (422, True, True)
    assert "quiet lantern" not in page.text


def test_guesses_of_many_networks_keep_nobody_from_using_a_right_link(visitor: Visitor):
    body = {"staff": "mo", "link": LINK, "password": "quiet lantern"}
    visitor.town.answers["moderation", "set_password"] = refused("link-spent")

    async def guess() -> set[int]:
        statuses = set()
        for k in range(BY_NAME // 8 + 1):
            transport = httpx.ASGITransport(visitor.app, client=(f"10.0.{k}.1", 80))
            async with httpx.AsyncClient(transport=transport, base_url="http://baijia.test/api/v1") as client:
                for _ in range(8):
                    answer = await client.post("/passwords", json=body, headers={"Idempotency-Key": "k"})
                    statuses.add(answer.status_code)
        return statuses

    assert visitor.run(guess()) == {403}
    visitor.town.answers["moderation", "set_password"] = SET
    assert visitor.request("POST", "/passwords", key="k1", json=body).status_code == 200


def test_links_are_not_guessed_for_long(visitor: Visitor):
    visitor.town.answers["moderation", "set_password"] = refused("link-spent")
    body = {"staff": "mo", "link": LINK, "password": "quiet lantern"}

    codes = [code(visitor.request("POST", "/passwords", key=f"k{k}", json=body)) for k in range(9)]

    assert codes == ["link-spent"] * 8 + ["login-attempts"]


def test_own_password_is_guessed_no_longer_than_a_sign_in(visitor: Visitor):
    visitor.town.answers["moderation", "change_password"] = refused("login-refused")
    body = {"password": "x", "new_password": "quiet lantern"}

    codes = [code(visitor.request("POST", "/my/password", role="judge", key=f"k{k}", json=body)) for k in range(9)]

    assert codes == ["login-refused"] * 8 + ["login-attempts"]
