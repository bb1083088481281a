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

from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

pytestmark = pytest.mark.slow  # starts processes or sockets

BACK = "https://vote.example/wechat/back?door=menu"


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorClient]:
    with running_simulator() as made:
        yield made


@pytest.fixture
def sim(shared: SimulatorClient) -> SimulatorClient:
    shared.http.cookies.clear()
    return shared.settle()


def authorize(sim: SimulatorClient, **change: str) -> httpx.Response:
    asked = {
        "appid": sim.accounts["service"].appid,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "S1",
    }
    return sim.http.get("/connect/oauth2/authorize", params={**asked, **change})


def code_of(response: httpx.Response) -> str:
    assert response.status_code == 302, response.text
    return parse_qs(urlsplit(response.headers["location"]).query)["code"][0]


def exchange(sim: SimulatorClient, code: str) -> dict[str, Any]:
    return sim.get("/sns/oauth2/access_token", **sim.secret(), code=code, grant_type="authorization_code")


def session(sim: SimulatorClient, code: str) -> dict[str, Any]:
    return sim.get("/sns/jscode2session", **sim.secret("miniprogram"), js_code=code, grant_type="authorization_code")


def test_known_person_is_sent_back_silently_with_code_and_state(sim: SimulatorClient):
    back = urlsplit(authorize(sim, **{"as": "voter-1"}).headers["location"])

    said = parse_qs(back.query)
    assert (back.netloc, back.path, said["door"], said["state"]) == ("vote.example", "/wechat/back", ["menu"], ["S1"])


def test_person_is_known_again_by_the_cookie(sim: SimulatorClient):
    first = exchange(sim, code_of(authorize(sim, **{"as": "voter-1"})))
    second = exchange(sim, code_of(authorize(sim)))

    assert (first["openid"], sim.openid("voter-")) == (second["openid"], second["openid"])


def test_unknown_person_gets_a_page_with_a_link_that_allows(sim: SimulatorClient):
    page = authorize(sim)
    link = page.text.partition('id="allow" href="')[2].partition('"')[0].replace("&amp;", "&")

    answer = exchange(sim, code_of(sim.http.get(link)))

    assert (page.status_code, answer["scope"]) == (200, "snsapi_base")


def test_asking_for_more_shows_the_page_to_a_known_person_too_and_tells_the_unionid(sim: SimulatorClient):
    page = authorize(sim, scope="snsapi_userinfo", **{"as": "voter-1"})
    link = page.text.partition('id="allow" href="')[2].partition('"')[0].replace("&amp;", "&")

    answer = exchange(sim, code_of(sim.http.get(link)))

    (person,) = sim.order("people", count=1)["people"]
    assert (person["openid"], person["unionid"]) == (answer["openid"], answer["unionid"])


def test_silent_authorisation_tells_no_unionid(sim: SimulatorClient):
    assert "unionid" not in exchange(sim, code_of(authorize(sim, **{"as": "voter-1"})))


def test_code_serves_once(sim: SimulatorClient):
    code = code_of(authorize(sim, **{"as": "voter-1"}))

    assert tuple(exchange(sim, code).get("errcode") for _ in range(2)) == (None, 40163)


def test_code_serves_five_minutes(sim: SimulatorClient):
    code = code_of(authorize(sim, **{"as": "voter-1"}))
    sim.order("clock", forward_s=301)

    assert exchange(sim, code)["errcode"] == 40029


def test_code_of_nobody_is_refused(sim: SimulatorClient):
    assert exchange(sim, "0123")["errcode"] == 40029


def test_snapshot_page_tells_an_openid_of_nobody(sim: SimulatorClient):
    sim.order("faults", fault="snapshot", times=1)

    snapshot = exchange(sim, code_of(authorize(sim, **{"as": "voter-1"})))
    after = exchange(sim, code_of(authorize(sim)))

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
def test_wrong_question_gets_a_page_that_says_so(sim: SimulatorClient, change: dict[str, str], words: str):
    response = authorize(sim, **change)

    assert (response.status_code, words in response.text) == (400, True)


def test_subscription_account_may_not_authorise(sim: SimulatorClient):
    assert "10005" in authorize(sim, appid=sim.accounts["subscription"].appid).text


def test_mini_program_login_tells_openid_unionid_and_a_session_key(sim: SimulatorClient):
    code = sim.order("wxlogin", **{"as": "voter-1"})["code"]

    told = session(sim, code)

    (person,) = sim.order("people", account="miniprogram", count=1)["people"]
    assert (person["openid"], person["unionid"], 16) == (
        told["openid"],
        told["unionid"],
        len(base64.b64decode(told["session_key"])),
    )
    assert session(sim, code)["errcode"] == 40163


def test_login_code_is_no_page_code(sim: SimulatorClient):
    assert exchange(sim, sim.order("wxlogin", **{"as": "voter-1"})["code"])["errcode"] == 40029


def test_mini_program_data_is_signed_and_sealed_with_the_session_key(sim: SimulatorClient):
    told = session(sim, sim.order("wxlogin", **{"as": "voter-1"})["code"])

    given = sim.order("wxdata", data={"openId": told["openid"]}, **{"as": "voter-1"})

    key, iv = base64.b64decode(told["session_key"]), base64.b64decode(given["iv"])
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    clear = decryptor.update(base64.b64decode(given["encryptedData"])) + decryptor.finalize()
    data = json.loads(clear[: -clear[-1]])
    assert (told["openid"], sim.accounts["miniprogram"].appid) == (data["openId"], data["watermark"]["appid"])
    assert given["signature"] == hashlib.sha1(f"{given['rawData']}{told['session_key']}".encode()).hexdigest()


def test_data_needs_a_session(sim: SimulatorClient):
    assert "wxlogin" in sim.refused("wxdata", **{"as": "never logged in"})
