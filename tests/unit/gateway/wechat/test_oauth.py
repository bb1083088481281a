"""The OAuth state that goes to WeChat and comes back, and the signatures of pages."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wechat import jssdk, oauth
from gateway.wechat.errors import BadState
from tests.unit.gateway.wechat.phones import ACCOUNT, NOW_S, vector

KEY = b"k" * 32
REFERENCES = st.text(max_size=48).filter(lambda text: len(text.encode(errors="ignore")) <= oauth.REFERENCE_MAX_BYTES)


def state(reference: str = "A012", *, browser: str = "cookie") -> str:
    return oauth.make_state(KEY, reference, browser=browser, now_s=NOW_S)


STATE = state()


@given(REFERENCES)
def test_state_comes_back_with_its_reference(reference: str):
    assert reference == oauth.read_state(KEY, state(reference), browser="cookie", now_s=NOW_S + 600).reference


@given(REFERENCES)
def test_state_keeps_to_wechats_rule(reference: str):
    assert re.fullmatch(r"[a-zA-Z0-9]{1,128}", state(reference))


def test_two_states_of_one_reference_have_different_nonces():
    nonces = {oauth.read_state(KEY, state(), browser="cookie", now_s=NOW_S).nonce for _ in range(2)}

    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("text", "browser", "now_s"),
    [
        pytest.param(state(), "another", NOW_S, id="another browser"),
        pytest.param(state(browser=""), "", NOW_S, id="no cookie"),
        pytest.param(state(), "cookie", NOW_S + 601, id="too late"),
        pytest.param(f"{'B' if STATE[0] == 'A' else 'A'}{STATE[1:]}", "cookie", NOW_S, id="changed"),
        pytest.param("", "cookie", NOW_S, id="nothing"),
        pytest.param("状态", "cookie", NOW_S, id="no letters"),
        pytest.param("A" * 129, "cookie", NOW_S, id="too long"),
    ],
)
def test_state_that_is_not_this_browsers_is_refused(text: str, browser: str, now_s: int):
    with pytest.raises(BadState):
        oauth.read_state(KEY, text, browser=browser, now_s=now_s)


def test_reference_that_does_not_fit_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="48"):
        state("x" * 49)


def test_address_asks_for_the_silent_authorisation():
    address = urlsplit(
        oauth.authorize_url(ACCOUNT, base="https://open.weixin.qq.com", redirect="https://a/b?c=d", state="S")
    )

    assert (
        address.netloc,
        address.path,
        address.fragment,
    ) == ("open.weixin.qq.com", "/connect/oauth2/authorize", "wechat_redirect")
    assert {
        "appid": [ACCOUNT.appid],
        "redirect_uri": ["https://a/b?c=d"],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["S"],
    } == parse_qs(address.query)


def test_page_is_signed_without_its_fragment():
    known = vector("V8")
    parts = {name: known[name] for name in ("ticket", "noncestr", "timestamp")}

    assert known["signature"] == jssdk.sign(**parts, url=f"{known['url']}#top")


def test_configuration_of_a_page_carries_its_own_signature():
    config = jssdk.config(ACCOUNT, ticket="t", url="https://a/", now_s=NOW_S)

    assert config["signature"] == jssdk.sign(
        ticket="t", noncestr=str(config["nonceStr"]), timestamp=str(NOW_S), url="https://a/"
    )
    assert (ACCOUNT.appid, NOW_S) == (config["appId"], config["timestamp"])
