"""A cadre agrees to letters by WeChat: the way to WeChat's page and back, and who is not sent there."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.gateway.voters.office import WECHAT, Office

DESK = "Mozilla/5.0 (X11; Linux x86_64) Chrome/116"
OPENID = "oWang0000000000000000000000a"


@pytest.fixture
def office(tmp_path: Path) -> Any:
    office = Office(tmp_path)
    yield office
    office.close()


def unit(office: Office, path: str, *, agent: str = WECHAT, sub: str = "u1", **query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {office.token('unit', sub=sub)}", "User-Agent": agent}
    found: httpx.Response = office.open(path, headers=headers, params=query)
    return found


def page_query(office: Office) -> dict[str, str]:
    """Send the cadre to WeChat's page, and return the query with which it is opened."""
    there = urlsplit(unit(office, "/unit/contact/wechat", topic="review").headers["location"])
    assert (there.netloc, there.path, there.fragment) == ("mp.weixin.qq.com", "/mp/subscribemsg", "wechat_redirect")
    return {name: values[0] for name, values in parse_qs(there.query).items()}


def given(office: Office) -> list[dict[str, Any]]:
    return [each["body"] for each in office.town.calls_to("moderation", "give_wechat_consent")]


def test_cadre_is_sent_to_wechat_s_page_and_back_to_us(office: Office) -> None:
    query = page_query(office)

    assert (query["action"], query["appid"], query["template_id"]) == ("get_confirm", "wxservice", "TPL-1")
    assert (query["scene"], query["redirect_url"]) == ("7101", "http://baijia.test/unit/contact/wechat/back")
    assert len(query["reserved"]) <= 128
    assert query["reserved"].isalnum()


def test_consent_is_stored_for_the_unit_and_the_topic(office: Office) -> None:
    reserved = page_query(office)["reserved"]
    back = unit(office, "/unit/contact/wechat/back", openid=OPENID, action="confirm", reserved=reserved)

    assert (back.status_code, back.headers["location"]) == (303, "/unit/contact?wechat=agreed")
    assert given(office) == [{"topic": "review", "template": "TPL-1", "openid": OPENID}]


def test_answer_that_is_opened_twice_is_one_command(office: Office) -> None:
    reserved = page_query(office)["reserved"]
    for _ in range(2):
        unit(office, "/unit/contact/wechat/back", openid=OPENID, action="confirm", reserved=reserved)

    assert len({each["id"] for each in office.town.calls_to("moderation", "give_wechat_consent")}) == 1


@pytest.mark.parametrize(
    "answer", [{"action": "cancel"}, {"action": "confirm"}, {"action": "confirm", "openid": "<b>"}]
)
def test_cadre_who_did_not_agree_gets_nothing(office: Office, answer: dict[str, str]) -> None:
    reserved = page_query(office)["reserved"]
    back = unit(office, "/unit/contact/wechat/back", reserved=reserved, **answer)

    assert (back.headers["location"], given(office)) == ("/unit/contact?wechat=declined", [])


def test_answer_for_another_unit_or_browser_is_refused(office: Office) -> None:
    answer = {"openid": OPENID, "action": "confirm", "reserved": page_query(office)["reserved"]}
    other_unit = unit(office, "/unit/contact/wechat/back", sub="u2", **answer)
    office.client.cookies.clear()
    other_browser = unit(office, "/unit/contact/wechat/back", **answer)

    assert (other_unit.status_code, other_browser.status_code, given(office)) == (400, 400, [])


def test_browser_that_is_not_wechat_s_is_not_sent_there(office: Office) -> None:
    answer = unit(office, "/unit/contact/wechat", agent=DESK, topic="review")

    assert answer.headers["location"] == "/unit/contact?wechat=outside"


def test_page_offers_consent_in_wechat_alone(office: Office) -> None:
    link = 'href="/unit/contact/wechat?topic=review"'
    inside, outside = unit(office, "/unit/contact").text, unit(office, "/unit/contact", agent=DESK).text

    assert (link in inside, link in outside, "请在微信里打开本页" in outside) == (True, False, True)


def test_page_says_nothing_of_wechat_where_no_sender_uses_it(office: Office) -> None:
    known = {"contact": "contact.u1", "email": "", "phone": "", "lang": "zh"}
    office.town.answers["moderation", "message_contact"] = {"ok": {**known, "wechat": {"is_sent": False, "topics": []}}}

    assert "微信通知" not in unit(office, "/unit/contact").text
