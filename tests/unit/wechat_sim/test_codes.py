"""Authorising a web page, and logging in to the mini-program."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.unit.wechat_sim.phone import Phone, phone

pytestmark = pytest.mark.slow  # starts processes or sockets

BACK = "https://vote.example/wechat/back?door=menu"


@pytest.fixture(scope="module")
def shared() -> Iterator[Phone]:
    with phone() as made:
        yield made


@pytest.fixture
def at(shared: Phone) -> Phone:
    shared.http.cookies.clear()
    return shared.settle()


def authorize(at: Phone, **change: str) -> httpx.Response:
    asked = {
        "appid": at.accounts["service"].appid,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "S1",
    }
    return at.http.get("/connect/oauth2/authorize", params={**asked, **change})


def code_of(response: httpx.Response) -> str:
    assert response.status_code == 302, response.text
    return parse_qs(urlsplit(response.headers["location"]).query)["code"][0]


def exchange(at: Phone, code: str) -> dict[str, Any]:
    return at.get("/sns/oauth2/access_token", **at.secret(), code=code, grant_type="authorization_code")


def session(at: Phone, code: str) -> dict[str, Any]:
    return at.get("/sns/jscode2session", **at.secret("miniprogram"), js_code=code, grant_type="authorization_code")


def test_known_person_is_sent_back_silently_with_code_and_state(at: Phone):
    back = urlsplit(authorize(at, **{"as": "voter-1"}).headers["location"])

    said = parse_qs(back.query)
    assert (back.netloc, back.path, said["door"], said["state"]) == ("vote.example", "/wechat/back", ["menu"], ["S1"])


def test_person_is_known_again_by_the_cookie(at: Phone):
    first = exchange(at, code_of(authorize(at, **{"as": "voter-1"})))
    second = exchange(at, code_of(authorize(at)))

    assert (first["openid"], at.openid("voter-")) == (second["openid"], second["openid"])


def test_unknown_person_gets_a_page_with_a_link_that_allows(at: Phone):
    page = authorize(at)
    link = page.text.partition('id="allow" href="')[2].partition('"')[0].replace("&amp;", "&")

    answer = exchange(at, code_of(at.http.get(link)))

    assert (page.status_code, answer["scope"]) == (200, "snsapi_base")


def test_asking_for_more_shows_the_page_to_a_known_person_too_and_tells_the_unionid(at: Phone):
    page = authorize(at, scope="snsapi_userinfo", **{"as": "voter-1"})
    link = page.text.partition('id="allow" href="')[2].partition('"')[0].replace("&amp;", "&")

    answer = exchange(at, code_of(at.http.get(link)))

    (person,) = at.order("people", count=1)["people"]
    assert (person["openid"], person["unionid"]) == (answer["openid"], answer["unionid"])


def test_silent_authorisation_tells_no_unionid(at: Phone):
    assert "unionid" not in exchange(at, code_of(authorize(at, **{"as": "voter-1"})))


def test_code_serves_once(at: Phone):
    code = code_of(authorize(at, **{"as": "voter-1"}))

    assert tuple(exchange(at, code).get("errcode") for _ in range(2)) == (None, 40163)


def test_code_serves_five_minutes(at: Phone):
    code = code_of(authorize(at, **{"as": "voter-1"}))
    at.order("clock", forward_s=301)

    assert exchange(at, code)["errcode"] == 40029


def test_code_of_nobody_is_refused(at: Phone):
    assert exchange(at, "0123")["errcode"] == 40029


def test_snapshot_page_tells_an_openid_of_nobody(at: Phone):
    at.order("faults", fault="snapshot", times=1)

    snapshot = exchange(at, code_of(authorize(at, **{"as": "voter-1"})))
    after = exchange(at, code_of(authorize(at)))

    assert (
        snapshot["is_snapshotuser"],
        snapshot["openid"] != after["openid"],
        after.get("is_snapshotuser"),
    ) == (1, True, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"appid": "wx0"}, "10013", id="unknown account"),
        pytest.param({"redirect_uri": "ftp://a/"}, "10003", id="no page to go back to"),
        pytest.param({"scope": "everything"}, "10005", id="unknown scope"),
        pytest.param({"response_type": "token"}, "10005", id="unknown response"),
        pytest.param({"state": "a-b"}, "10017", id="state with a dash"),
        pytest.param({"state": "a" * 129}, "10017", id="state too long"),
    ],
)
def test_wrong_question_gets_a_page_that_says_so(at: Phone, change: dict[str, str], words: str):
    response = authorize(at, **change)

    assert (response.status_code, words in response.text) == (400, True)


def test_subscription_account_may_not_authorise(at: Phone):
    assert "10005" in authorize(at, appid=at.accounts["subscription"].appid).text


def test_mini_program_login_tells_openid_unionid_and_a_session_key(at: Phone):
    code = at.order("wxlogin", **{"as": "voter-1"})["code"]

    told = session(at, code)

    (person,) = at.order("people", account="miniprogram", count=1)["people"]
    assert (person["openid"], person["unionid"], 16) == (
        told["openid"],
        told["unionid"],
        len(base64.b64decode(told["session_key"])),
    )
    assert session(at, code)["errcode"] == 40163


def test_login_code_is_no_page_code(at: Phone):
    assert exchange(at, at.order("wxlogin", **{"as": "voter-1"})["code"])["errcode"] == 40029


def test_mini_program_data_is_signed_and_sealed_with_the_session_key(at: Phone):
    told = session(at, at.order("wxlogin", **{"as": "voter-1"})["code"])

    given = at.order("wxdata", data={"openId": told["openid"]}, **{"as": "voter-1"})

    key, iv = base64.b64decode(told["session_key"]), base64.b64decode(given["iv"])
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    clear = decryptor.update(base64.b64decode(given["encryptedData"])) + decryptor.finalize()
    data = json.loads(clear[: -clear[-1]])
    assert (told["openid"], at.accounts["miniprogram"].appid) == (data["openId"], data["watermark"]["appid"])
    assert given["signature"] == hashlib.sha1(f"{given['rawData']}{told['session_key']}".encode()).hexdigest()


def test_data_needs_a_session(at: Phone):
    assert "wxlogin" in at.refused("wxdata", **{"as": "never logged in"})
