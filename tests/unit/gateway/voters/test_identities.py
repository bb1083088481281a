"""One person at two accounts and in a mini-program is one voter."""

import pytest

from gateway.backends.ports import ServiceAway
from gateway.wechat.client import MiniSession
from tests.unit.gateway.voters.office import (
    SUBSCRIPTION,
    Office,
    event,
    identity,
    text,
)
from tests.unit.gateway.voters.test_wechat_callback import likes

SUB = {"FromUserName": "sub-ann"}


def page_in(said: str) -> str:
    """Return the address in a message."""
    return said[said.index("http://baijia.test") :].strip().removeprefix("http://baijia.test")


def come_in(office: Office, path: str, openid: str = "o-ann") -> str:
    """Follow a link in WeChat's browser through the silent authorisation, and return the final answer."""
    there = office.open(path)
    office.phones.codes["c1"] = identity(openid)
    state = there.headers["location"].partition("state=")[2].partition("#")[0]
    return str(office.open("/wechat/callback", params={"code": "c1", "state": state}).headers["location"])


def test_text_to_the_subscription_account_is_answered_with_the_like_page(office: Office):
    said = office.speak(text("赞 A001", **SUB), to=SUBSCRIPTION)["Content"]

    assert office.town.orders == []
    assert page_in(said).startswith("/wechat/like?entry=A001&link=")


def test_person_who_liked_by_that_page_likes_by_text_from_then_on(office: Office):
    said = office.speak(text("赞 A001", **SUB), to=SUBSCRIPTION)["Content"]
    page = come_in(office, page_in(said))
    assert "只有您本人刚给订阅号发过编号时才关联" in office.open(page).text
    assert office.voting.links == {}

    liked = office.open(page, "POST", data={"entry": "A001", **office.ticket(office.voter("o-ann"))})
    office.speak(text("赞 E1", **SUB), to=SUBSCRIPTION)

    assert "已点赞" in liked.text
    ann = office.voter("o-ann")
    assert likes(office) == [(ann, "u1-1", "like", "wechat"), (ann, "u3-1", "like", "text")]
    assert office.voting.links == {office.voter("sub-ann"): ann}


def test_name_that_is_somebody_else_s_stays_theirs_and_the_like_goes_on(office: Office):
    office.voting.links[office.voter("sub-ann")] = "b" * 24
    said = office.speak(text("赞 A001", FromUserName="sub-new"), to=SUBSCRIPTION)["Content"]
    page = come_in(office, page_in(said))
    office.voting.links[office.voter("sub-new")] = "b" * 24

    liked = office.open(page, "POST", data={"entry": "A001", **office.ticket(office.voter("o-ann"))})

    assert liked.status_code == 200
    assert office.voting.links[office.voter("sub-new")] == "b" * 24


def test_like_page_whose_link_is_ten_minutes_old_is_over(office: Office):
    said = office.speak(text("赞 A001", **SUB), to=SUBSCRIPTION)["Content"]
    page = come_in(office, page_in(said))
    later = office.app_context.wall() + 601_000
    office.app_context.wall = lambda: later

    assert office.open(page).status_code == 410
    assert office.open(page, "POST", data={"entry": "A001"}).status_code == 410


def test_unionid_links_without_a_page(office: Office):
    office.phones.unions = {"o-ann": "union-ann", "sub-ann": "union-ann"}
    office.speak(event("subscribe"))

    office.speak(text("赞 A001", **SUB), to=SUBSCRIPTION)

    assert likes(office) == [(office.voter("o-ann"), "u1-1", "like", "text")]
    assert office.voting.links[office.voter("sub-ann")] == office.voter("o-ann")


def test_like_at_the_service_account_does_not_wait_for_wechat_s_unionid(office: Office):
    office.phones.away = True

    assert "已为 A001" in office.speak(text("赞 A001"))["Content"]


def test_link_is_asked_for_once(office: Office):
    office.voting.links[office.voter("sub-ann")] = office.voter("o-ann")
    for number in ("A001", "E001"):
        office.speak(text(f"赞 {number}", **SUB), to=SUBSCRIPTION)

    assert len(office.town.calls_to("voting", "voter_of")) == 1


def test_whoever_leaves_the_subscription_account_is_forgotten_if_known(office: Office):
    office.speak(event("unsubscribe", **SUB), to=SUBSCRIPTION)
    assert office.voting.forgotten == []

    office.voting.links[office.voter("sub-ann")] = office.voter("o-ann")
    office.speak(event("unsubscribe", **SUB), to=SUBSCRIPTION)

    assert office.voting.forgotten == [office.voter("o-ann")]


def mini(office: Office, *, unionid: str = "") -> object:
    office.phones.codes["m1"] = MiniSession(openid="mini-ann", unionid=unionid, session_key="k")
    return office.open("/api/v1/wechat/mini/sessions", "POST", json={"code": "m1"})


def test_mini_program_s_person_is_known_by_unionid(office: Office):
    office.voting.links[office.voter("union-ann")] = office.voter("o-ann")

    answer = mini(office, unionid="union-ann")

    assert (answer.status_code, answer.json()["sub"]) == (201, office.voter("o-ann"))
    assert office.app_context.sessions.read(answer.json()["token"]).door == "mini"
    assert office.voting.links[office.voter("mini-ann")] == office.voter("o-ann")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("unionid", ["", "union-stranger"])
def test_mini_program_s_person_who_is_not_known_gets_no_second_voter(office: Office, unionid: str):
    assert mini(office, unionid=unionid).json()["code"] == "link-first"


@pytest.mark.parametrize(
    ("code", "away", "expected"), [("spent", False, "oauth-code"), ("m1", True, "wechat-away")], ids=["spent", "away"]
)
def test_login_that_wechat_does_not_confirm_is_none(office: Office, code: str, away: bool, expected: str):
    office.phones.away = away

    answer = office.open("/api/v1/wechat/mini/sessions", "POST", json={"code": code})

    assert answer.json()["code"] == expected


def test_voting_away_is_said_in_the_chat(office: Office):
    office.town.answers["voting", "voter_of"] = ServiceAway("none")

    assert "服务暂时不可用" in office.speak(text("赞 A001", **SUB), to=SUBSCRIPTION)["Content"]


def test_link_that_cannot_be_stored_is_said_and_nothing_is_liked(office: Office):
    said = office.speak(text("赞 A001", **SUB), to=SUBSCRIPTION)["Content"]
    page = come_in(office, page_in(said))
    office.town.answers["voting", "link_voter"] = ServiceAway("none")

    answer = office.open(page, "POST", data={"entry": "A001", **office.ticket(office.voter("o-ann"))})

    assert (answer.status_code, office.town.orders) == (503, [])


def test_wechat_is_asked_once_for_the_unionid_of_somebody_who_speaks_often(office: Office):
    office.phones.unions = {"o-ann": "union-ann"}

    for number in ("A001", "E001", "A001"):
        office.speak(text(f"赞 {number}"))

    assert office.phones.told_of == ["o-ann"]
