"""Handing over a voter's session from a phone to a desktop."""

import re

import httpx
import pytest

from tests.unit.gateway.voters.office import Office

DESK = "Mozilla/5.0 (X11; Linux x86_64) Chrome/116"
VOTER = "f" * 24


@pytest.fixture
def desk(office: Office) -> httpx.AsyncClient:
    return office.browser(DESK)


def phone(office: Office, door: str = "wechat") -> dict[str, str]:
    """Return the headers of a phone whose person has signed in."""
    token, _ = office.app_context.sessions.issue(VOTER, frozenset({"voter"}), door=door)
    return {"Authorization": f"Bearer {token}"}


def begun(office: Office, desk: httpx.AsyncClient) -> dict:
    answer = office.open("/api/v1/handoffs", "POST", browser=desk)
    assert answer.status_code == 201
    return dict(answer.json())


def test_desktop_gets_the_session_of_the_phone_that_confirmed(office: Office, desk: httpx.AsyncClient):
    made = begun(office, desk)
    at = f"/api/v1/handoffs/{made['handoff']}"
    assert made["url"] == f"http://baijia.test/wechat/like?handoff={made['handoff']}"
    assert made["svg"].startswith("<svg")
    assert office.open(at, browser=desk).json() == {"state": "waiting"}

    there = office.open(f"/wechat/like?handoff={made['handoff']}", headers=phone(office)).headers["location"]
    shown = office.open(there, headers=phone(office))
    assert f'<strong class="digits">{made["code"]}</strong>' in shown.text
    done = office.open(there, "POST", headers=phone(office)).headers["location"]
    assert "✓ 已确认" in office.open(done, headers=phone(office)).text

    assert office.open(at, browser=desk).json() == {"state": "confirmed"}
    taken = office.open(f"{at}/session", "POST", browser=desk)
    assert (taken.status_code, taken.json()["sub"]) == (201, VOTER)
    assert office.app_context.sessions.read(taken.json()["token"]).door == "web"
    assert office.open("/api/v1/me", browser=desk).json()["sub"] == VOTER


def test_poll_that_brings_nothing_new_is_304(office: Office, desk: httpx.AsyncClient):
    at = f"/api/v1/handoffs/{begun(office, desk)['handoff']}"
    etag = office.open(at, browser=desk).headers["etag"]

    assert office.open(at, browser=desk, headers={"If-None-Match": etag}).status_code == 304


def test_phone_that_is_not_in_comes_in_first(office: Office, desk: httpx.AsyncClient):
    made = begun(office, desk)

    there = office.open(f"/wechat/like?handoff={made['handoff']}")

    assert there.headers["location"].startswith("https://open.weixin.qq.com/")


def test_session_is_taken_once(office: Office, desk: httpx.AsyncClient):
    made = begun(office, desk)
    office.open(f"/wechat/handoffs/{made['handoff']}", "POST", headers=phone(office))
    at = f"/api/v1/handoffs/{made['handoff']}/session"

    assert [office.open(at, "POST", browser=desk).status_code for _ in range(2)] == [201, 409]


def test_other_browser_that_knows_the_name_gets_nothing(office: Office, desk: httpx.AsyncClient):
    made = begun(office, desk)
    office.open(f"/wechat/handoffs/{made['handoff']}", "POST", headers=phone(office))
    thief = office.browser(DESK)
    begun(office, thief)

    for path, method in (
        (f"/api/v1/handoffs/{made['handoff']}", "GET"),
        (f"/api/v1/handoffs/{made['handoff']}/session", "POST"),
    ):
        assert office.open(path, method, browser=thief).json()["code"] == "handoff-foreign"


def test_session_that_was_handed_over_hands_nothing_on(office: Office, desk: httpx.AsyncClient):
    made = begun(office, desk)

    answer = office.open(f"/wechat/handoffs/{made['handoff']}", "POST", headers=phone(office, door="web"))

    assert answer.status_code == 403
    assert office.voting.handoffs == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_after_five_minutes_it_is_over(office: Office, desk: httpx.AsyncClient, method: str):
    made = begun(office, desk)
    later = office.app_context.wall() + 300_000
    office.app_context.wall = lambda: later

    assert office.open(f"/wechat/handoffs/{made['handoff']}", method, headers=phone(office)).status_code == 410
    assert office.open(f"/api/v1/handoffs/{made['handoff']}", browser=desk).json()["code"] == "handoff-over"
    assert office.open(f"/wechat/like?handoff={made['handoff']}", headers=phone(office)).status_code == 410


@pytest.mark.parametrize(("method", "path"), [("GET", "/wechat/handoffs/{}"), ("GET", "/wechat/like?handoff={}")])
def test_phone_is_not_offered_an_address_that_is_over(office: Office, desk: httpx.AsyncClient, method: str, path: str):
    handoff = begun(office, desk)["handoff"]
    later = office.app_context.wall() + 300_000
    office.app_context.wall = lambda: later

    text = office.open(path.format(handoff), method, headers=phone(office)).text

    assert "请刷新电脑页面" in text
    assert "重新加载" not in text


def test_desktop_whose_code_is_over_is_led_to_a_new_one(office: Office, desk: httpx.AsyncClient):
    handoff = begun(office, desk)["handoff"]
    later = office.app_context.wall() + 300_000
    office.app_context.wall = lambda: later

    answer = office.open(f"/handoffs/{handoff}", "POST", browser=desk, data={"entry": "A001"})

    assert answer.status_code == 410
    assert '<a href="/entries/A001">重新加载</a>' in answer.text


def test_looking_at_a_page_stores_nothing(office: Office, desk: httpx.AsyncClient):
    begun(office, desk)

    assert [method for service, method, _ in office.town.calls if service == "voting"] == []


def test_without_a_script_forms_do_the_same(office: Office, desk: httpx.AsyncClient):
    entry = office.open("/entries/A001", browser=desk).text
    assert '<form method="post" action="/handoffs" data-handoff data-entry="A001">' in entry

    shown = office.open("/handoffs", "POST", browser=desk, data={"entry": "A001"}).text
    handoff = re.search(r'action="/handoffs/([\w-]{36})"', shown)[1]
    assert "<svg" in shown
    again = office.open(f"/handoffs/{handoff}", "POST", browser=desk, data={"entry": "A001"})
    assert "手机尚未确认" in again.text

    office.open(f"/wechat/handoffs/{handoff}", "POST", headers=phone(office))
    on = office.open(f"/handoffs/{handoff}", "POST", browser=desk, data={"entry": "A001"})

    twice = office.open(f"/handoffs/{handoff}", "POST", browser=desk, data={"entry": "A001"})

    assert [(each.status_code, each.headers["location"]) for each in (on, twice)] == [(303, "/entries/A001")] * 2
    assert 'action="/entries/A001/like"' in office.open("/entries/A001", browser=desk).text


def test_phone_may_load_its_page_again_after_the_desktop_has_taken_the_session(office: Office, desk: httpx.AsyncClient):
    made = begun(office, desk)
    done = office.open(f"/wechat/handoffs/{made['handoff']}", "POST", headers=phone(office)).headers["location"]
    office.open(f"/api/v1/handoffs/{made['handoff']}/session", "POST", browser=desk)

    again = office.open(done, headers=phone(office))

    assert (again.status_code, "✓ 已确认" in again.text) == (200, True)


def test_form_of_another_site_begins_nothing(office: Office, desk: httpx.AsyncClient):
    for path in ("/handoffs", "/api/v1/handoffs"):
        assert office.open(path, "POST", browser=desk, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
