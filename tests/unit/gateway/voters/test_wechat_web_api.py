"""The JS-SDK signature, which only pages of this host get."""

import pytest

from gateway.wechat.jssdk import sign
from tests.unit.gateway.voters.office import SERVICE, Office

PATH = "/api/v1/wechat/jssdk"


def test_page_of_ours_is_signed(office: Office):
    url = "http://baijia.test/entries/A001?x=1#part"

    told = office.open(PATH, params={"url": url}).json()

    assert told["appId"] == SERVICE.appid
    ticket = f"ticket of {SERVICE.appid}"
    expected = sign(ticket=ticket, noncestr=told["nonceStr"], timestamp=str(told["timestamp"]), url=url)
    assert told["signature"] == expected


@pytest.mark.parametrize(
    "url",
    ["https://baijia.test/", "http://baijia.test.evil.example/", "http://evil.example/?http://baijia.test/", "//x", "http://[",
     "http://user@baijia.test/", "javascript:alert(1)"],
)  # fmt: skip
def test_page_of_another_site_is_not(office: Office, url: str):
    assert office.open(PATH, params={"url": url}).json()["code"] == "url-foreign"


def test_wechat_away_is_said(office: Office):
    office.phones.away = True

    assert office.open(PATH, params={"url": "http://baijia.test/"}).json()["code"] == "wechat-away"
