"""Sign-in inside WeChat's browser."""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.admission.settings import Admission
from gateway.admission.sign_in_codes import STATE_TRIES, WRONG_CODES, SignInCodes
from gateway.admission.turnstile import Turnstile
from gateway.voters import signed_links
from tests.unit.gateway.voters.office import SERVICE, Office, identity

DESK = "Mozilla/5.0 (X11; Linux x86_64) Chrome/116"


def state_of(office: Office, path: str = "/wechat/like?entry=A001") -> str:
    there = office.open(path)
    assert there.status_code == 303
    return parse_qs(urlsplit(there.headers["location"]).query)["state"][0]


def followed(office: Office, answer: httpx.Response, **how: Any) -> httpx.Response:
    """Return the page that a redirect leads to."""
    assert answer.status_code == 303
    found: httpx.Response = office.open(answer.headers["location"], **how)
    return found


def test_browser_is_sent_to_wechat_s_silent_page_and_back_to_us(office: Office):
    there = urlsplit(office.open("/wechat/like?entry=A001").headers["location"])
    said = {name: values[0] for name, values in parse_qs(there.query).items()}

    assert (there.netloc, there.fragment) == ("open.weixin.qq.com", "wechat_redirect")
    assert (said["appid"], said["scope"]) == (SERVICE.appid, "snsapi_base")
    assert said["redirect_uri"] == "http://baijia.test/wechat/callback"
    assert len(said["state"]) <= 128


def test_person_comes_back_to_the_entry_with_a_session_and_no_like(office: Office):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-ann")

    back = office.open("/wechat/callback", params={"code": "c", "state": state})

    assert (back.status_code, back.headers["location"]) == (303, "/entries/A001")
    session = office.open("/api/v1/me").json()
    assert (session["sub"], session["roles"]) == (office.voter("o-ann"), ["voter"])
    assert office.app_context.sessions.read(back.headers["set-cookie"].split("=", 1)[1].split(";")[0]).door == "wechat"
    assert office.town.orders == []


def test_person_who_is_in_goes_straight_on(office: Office):
    headers = {"Authorization": f"Bearer {office.token('voter')}"}

    assert office.open("/wechat/like?entry=A001", headers=headers).headers["location"] == "/entries/A001"


def test_browser_that_is_not_wechat_s_is_sent_to_the_entry_and_its_code(office: Office):
    answer = office.open("/wechat/like?entry=A001", headers={"User-Agent": DESK})

    assert answer.headers["location"] == "/entries/A001"


@pytest.mark.parametrize("query", ["", "?page=likes", "?page=privacy"])
def test_browser_that_is_not_wechat_s_is_shown_the_code_where_no_entry_is_wanted(office: Office, query: str):
    answer = office.open(f"/wechat/like{query}", browser=office.browser(DESK))

    assert answer.status_code == 200
    assert "<svg" in answer.text
    assert 'action="/handoffs/' in answer.text
    assert answer.headers["set-cookie"].startswith("baijia-handoff=")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("", "/"),
        ("entry=Z999", "/"),
        ("entry=//evil.example", "/"),
        ("page=likes", "/likes"),
        ("page=//evil.example", "/"),
        ("link=none", "/"),
    ],
)
def test_one_comes_back_to_pages_of_ours_alone(office: Office, query: str, path: str):
    state = state_of(office, f"/wechat/like?{query}")
    office.phones.codes["c"] = identity("o-ann")

    assert office.open("/wechat/callback", params={"code": "c", "state": state}).headers["location"] == path


def test_state_is_good_in_the_browser_that_it_was_made_for_alone(office: Office):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-mallory")

    victim = office.browser()
    answer = office.open("/wechat/callback", browser=victim, params={"code": "c", "state": state})

    assert "set-cookie" not in answer.headers
    shown = followed(office, answer, browser=victim)
    assert shown.status_code == 400
    assert "页面已过期" in shown.text
    assert "set-cookie" not in shown.headers


def test_person_of_a_snapshot_page_is_nobody(office: Office):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-virtual", is_snapshot=True)

    answer = office.open("/wechat/callback", params={"code": "c", "state": state})

    shown = followed(office, answer)
    assert shown.status_code == 403
    assert "快照页" in shown.text
    assert office.open("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("params", "away", "status"),
    [({"code": "spent"}, False, 400), ({}, False, 403), ({"code": "c"}, True, 503)],
    ids=["a code that is spent", "no code", "WeChat is away"],
)
def test_failure_says_where_to_come_in_again(office: Office, params: dict, away: bool, status: int):
    state = state_of(office)
    office.phones.away = away

    answer = office.open("/wechat/callback", params={**params, "state": state})

    shown = followed(office, answer)
    assert shown.status_code == status
    assert '<a href="/wechat/like?entry=A001">' in shown.text


@pytest.mark.parametrize("how", ["opened twice", "opened by the way back, with the code of another visit"])
def test_voter_who_is_signed_in_goes_on_and_the_code_is_not_asked_for(office: Office, how: str):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-ann")
    office.open("/wechat/callback", params={"code": "c", "state": state})

    again = office.open("/wechat/callback", params={"code": "c" if how == "opened twice" else "d", "state": state})

    assert (again.status_code, again.headers["location"]) == (303, "/entries/A001")
    assert "set-cookie" not in again.headers
    assert office.phones.asked == ["c"]


def test_voter_who_is_signed_in_goes_home_with_a_state_that_does_not_hold(office: Office):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-ann")
    office.open("/wechat/callback", params={"code": "c", "state": state})

    again = office.open("/wechat/callback", params={"code": "c", "state": "x"})

    assert (again.status_code, again.headers["location"]) == (303, "/")


@pytest.mark.parametrize("query", ["entry=A001", "page=likes", ""])
def test_address_of_a_failure_holds_no_code_and_leads_a_voter_who_is_in_by_then_on(office: Office, query: str):
    state = state_of(office, f"/wechat/like?{query}")
    failed = office.open("/wechat/callback", params={"code": "spent", "state": state})

    address = urlsplit(failed.headers["location"])
    headers = {"Authorization": f"Bearer {office.token('voter')}"}
    later = office.open(failed.headers["location"], headers=headers)

    assert failed.status_code == 303
    assert set(parse_qs(address.query)) == {"problem"} | ({query.partition("=")[0]} - {""})
    assert later.headers["location"] == {"entry=A001": "/entries/A001", "page=likes": "/likes", "": "/"}[query]


def test_page_of_a_failure_shows_only_failures_of_signing_in(office: Office):
    answer = office.open("/wechat/not-signed-in?problem=internal&entry=A001")

    assert (answer.status_code, answer.headers["location"]) == (303, "/wechat/like?entry=A001")


def test_callback_that_is_opened_twice_at_once_asks_wechat_once_and_both_go_on(office: Office):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-ann")

    async def both() -> list[httpx.Response]:
        params = {"code": "c", "state": state}
        return await asyncio.gather(*(office.client.get("/wechat/callback", params=params) for _ in range(2)))

    answers = office.run(both())

    assert [answer.headers["location"] for answer in answers] == ["/entries/A001"] * 2
    assert office.phones.asked == ["c"]


def test_state_asks_wechat_for_a_few_codes_at_most(office: Office):
    state = state_of(office)

    for n in range(2 * STATE_TRIES):
        office.open("/wechat/callback", params={"code": f"made-up-{n}", "state": state})

    assert len(office.phones.asked) == STATE_TRIES


def test_network_that_makes_codes_up_waits_while_others_sign_in(office: Office):
    office.app_context.sign_in_codes = SignInCodes(now=lambda: 0.0)
    maker = office.browser(client=("10.1.2.3", 1))
    answers = []
    for n in range(WRONG_CODES + 5):
        state = parse_qs(urlsplit(office.open("/wechat/like", browser=maker).headers["location"]).query)["state"][0]
        answers.append(office.open("/wechat/callback", browser=maker, params={"code": f"made-up-{n}", "state": state}))
    state = state_of(office)
    office.phones.codes["c"] = identity("o-ann")

    asked = len(office.phones.asked)
    assert asked == WRONG_CODES
    assert "problem=too-fast" in answers[-1].headers["location"]
    assert office.open("/wechat/callback", params={"code": "c", "state": state}).headers["location"] == "/entries/A001"


def test_unionid_that_comes_along_is_linked(office: Office):
    state = state_of(office)
    office.phones.codes["c"] = identity("o-ann", unionid="union-ann")

    office.open("/wechat/callback", params={"code": "c", "state": state})
    office.open("/privacy")  # lets the work beside the answer come to its end

    assert office.voting.links == {office.voter("union-ann"): office.voter("o-ann")}


def test_link_and_entry_fit_the_state(office: Office):
    link = signed_links.make_link(office.app_context.keys.session, "a" * 24, now_s=office.app_context.wall() // 1000)

    assert len(link) == signed_links.LINK_CHARS
    state = state_of(office, f"/wechat/like?entry=A001&link={link}")
    office.phones.codes["c"] = identity("o-ann")
    back = office.open("/wechat/callback", params={"code": "c", "state": state})
    assert back.headers["location"] == f"/wechat/links/{link}?entry=A001"


def tap_link(office: Office, *, browser: httpx.AsyncClient | None = None) -> str:
    """Return the link of the like button on the page of an entry, for a visitor who is not signed in."""
    page = office.open("/entries/A001", browser=browser).text
    return re.findall(r'href="(/wechat/like[?][^"]+)"', page)[0].replace("&amp;", "&")


def test_first_tap_signs_in_and_likes_and_the_page_says_so(office: Office):
    state = state_of(office, tap_link(office))
    office.phones.codes["c"] = identity("o-ann")

    back = office.open("/wechat/callback", params={"code": "c", "state": state})
    page = followed(office, back).text

    likes = [(each["voter"], each["entry"], each["door"]) for each in office.town.orders if each["action"] == "like"]
    assert likes == [(office.voter("o-ann"), "u1-1", "wechat")]
    assert '<p class="note" role="status">✓ 已点赞</p>' in page
    assert 'role="status">✓ 已点赞</p>' not in office.open("/entries/A001").text


def test_link_of_another_browser_s_button_signs_in_and_likes_nothing(office: Office):
    link = tap_link(office)
    friend = office.browser()
    state = parse_qs(urlsplit(office.open(link, browser=friend).headers["location"]).query)["state"][0]
    office.phones.codes["c"] = identity("o-ben")

    page = followed(office, office.open("/wechat/callback", browser=friend, params={"code": "c", "state": state}),
                    browser=friend).text  # fmt: skip

    assert [each for each in office.town.orders if each["action"] == "like"] == []
    assert "已用微信登录，还没有点赞" in page


def test_callback_that_is_opened_twice_likes_once(office: Office):
    state = state_of(office, tap_link(office))
    office.phones.codes["c"] = identity("o-ann")

    for _ in range(2):
        office.open("/wechat/callback", params={"code": "c", "state": state})

    assert [each["action"] for each in office.town.orders].count("like") == 1


def test_tap_whose_like_is_refused_says_why_and_what_is_left_to_do(office: Office):
    state = state_of(office, tap_link(office))
    office.phones.codes["c"] = identity("o-ann")
    office.town.like = {"status": "refused", "code": "type-limit", "detail": {"limit": 5, "type": "state"}}

    page = followed(office, office.open("/wechat/callback", params={"code": "c", "state": state})).text

    assert "没有点赞：今天对这一类单位的点赞次数已用完" in page
    assert "今天还可以为其它类型的单位点赞" in page


def test_tap_that_must_solve_a_challenge_is_finished_by_the_page(office: Office):
    keys, wall = office.app_context.keys, office.app_context.wall
    office.app_context.turnstile = Turnstile(keys, Admission(address_per_min=1), wall=wall)
    for name in ("o-ann", "o-ben"):
        browser = office.browser()
        link = tap_link(office, browser=browser)
        state = parse_qs(urlsplit(office.open(link, browser=browser).headers["location"]).query)["state"][0]
        office.phones.codes[name] = identity(name)
        back = office.open("/wechat/callback", browser=browser, params={"code": name, "state": state})
        page = followed(office, back, browser=browser).text

    assert "data-once-more" in page
    assert "正在完成点赞" in page
    assert [each["held"] for each in office.town.orders if each["action"] == "like"] == [None]


def test_voter_who_is_signed_in_already_likes_by_the_old_page_s_button(office: Office):
    link = tap_link(office)
    headers = {"Authorization": f"Bearer {office.token('voter')}"}

    answer = office.open(link, headers=headers)

    assert answer.headers["location"] == "/entries/A001"
    assert [each["action"] for each in office.town.orders] == ["like"]


def test_outcome_that_somebody_wrote_into_a_link_or_cookie_is_not_believed(office: Office):
    office.client.cookies.set("baijia", office.token("voter"))
    for value in ("nonsense", "W10", "e30"):
        office.client.cookies.set("baijia-outcome", value)
        assert office.open("/entries/A001").status_code == 200
