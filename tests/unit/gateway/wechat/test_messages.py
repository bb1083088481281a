"""Parsing of messages and events, and refusal of bodies that are none."""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wechat.errors import BadMessage
from gateway.wechat.messages import (
    Click,
    Message,
    Other,
    Scan,
    Subscribe,
    Text,
    Unsubscribe,
    View,
    read,
)
from tests.unit.gateway.wechat.phones import ACCOUNT, NOW_S, like, xml

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # wechatpy is of 2021
    from wechatpy import parse_message


def whose(body: bytes) -> dict[str, Any]:
    return {"account": ACCOUNT.original_id, "person": "oPerson", "created_s": NOW_S, "key": read(body).key}


def event(name: str, **fields: Any) -> bytes:
    return xml(MsgType="event", Event=name, **fields)


@pytest.mark.parametrize(
    ("body", "kind", "fields"),
    [
        pytest.param(like(), Text, {"content": "赞 A012"}, id="text"),
        pytest.param(event("subscribe"), Subscribe, {"scene": "", "ticket": ""}, id="found by search"),
        pytest.param(
            event("subscribe", EventKey="qrscene_A012", Ticket="t"),
            Subscribe,
            {"scene": "A012", "ticket": "t"},
            id="followed by a QR",
        ),
        pytest.param(event("unsubscribe"), Unsubscribe, {}, id="unfollowed"),
        pytest.param(event("SCAN", EventKey="7", Ticket="t"), Scan, {"scene": "7", "ticket": "t"}, id="scanned"),
        pytest.param(event("CLICK", EventKey="LIKE"), Click, {"button": "LIKE"}, id="tapped"),
        pytest.param(event("VIEW", EventKey="https://a/"), View, {"url": "https://a/"}, id="opened a page"),
        pytest.param(event("LOCATION", Latitude="1"), Other, {"kind": "LOCATION"}, id="another event"),
        pytest.param(xml(MsgType="image", MsgId="1", PicUrl="http://a"), Other, {"kind": "image"}, id="picture"),
    ],
)
def test_push_is_read(body: bytes, kind: type[Message], fields: dict[str, str]):
    assert kind(**whose(body), **fields) == read(body)


def test_push_of_a_mini_program_is_read_from_json():
    told = {"ToUserName": ACCOUNT.original_id, "FromUserName": "oPerson", "CreateTime": NOW_S, "MsgType": "event"}
    body = json.dumps({**told, "Event": "debug_demo", "List": [1]}).encode()

    assert Other(**whose(body), kind="debug_demo") == read(body)


def test_text_sent_again_has_the_same_key():
    assert read(like()).key == read(like(CreateTime=NOW_S + 5)).key


def test_two_events_of_one_second_have_different_keys():
    bodies = [event("subscribe"), event("SCAN"), event("CLICK", EventKey="A"), event("CLICK", EventKey="B")]

    assert len(bodies) == len({read(body).key for body in bodies})


def test_same_message_number_at_two_accounts_is_two_messages():
    assert read(like()).key != read(like(ToUserName="gh_other")).key


def test_key_does_not_show_the_person():
    assert "oPerson" not in read(event("subscribe")).key


BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'
FILE = '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(BOMB.encode(), "DOCTYPE", id="entities that grow"),
        pytest.param(FILE.encode(), "DOCTYPE", id="entity that reads a file"),
        pytest.param(b"<!DOCTYPE xml><xml/>", "DOCTYPE", id="DOCTYPE alone"),
        pytest.param(b"<xml><Content>&undefined;</Content></xml>", "not XML", id="entity of nobody"),
        pytest.param(b"<xml>", "not XML", id="half of it"),
        pytest.param(b"", "not XML", id="nothing"),
        pytest.param(b'<?xml version="1.0" encoding="no-such"?><xml/>', "not XML", id="encoding of nobody"),
        pytest.param(b"<xml><A/><A/></xml>", "repeated", id="field twice"),
        pytest.param(b'{"A": 1, "A": 2}', "not JSON", id="JSON field twice"),
        pytest.param(b'{"A":' * 50_000, "more than", id="too long"),
        pytest.param(b'{"A":' * 10_000, "not JSON", id="too deep"),
        pytest.param(b'{"Content": "\\ud800"}', "not JSON", id="half a character"),
        pytest.param(b"<a>" * 20_000, "not XML", id="XML too deep"),
        pytest.param(b"<xml/>", "ToUserName is missing", id="no field at all"),
        pytest.param(xml(), "MsgType is missing", id="no kind"),
        pytest.param(xml(MsgType="text"), "Content is missing", id="text without text"),
        pytest.param(like(CreateTime="yesterday"), "CreateTime", id="no number"),
    ],
)
def test_what_is_no_message_is_refused(body: bytes, words: str):
    with pytest.raises(BadMessage, match=words):
        read(body)


@pytest.mark.parametrize(
    ("body", "field", "theirs"),
    [
        (like(), "content", "content"),
        (event("SCAN", EventKey="7", Ticket="t"), "scene", "scene_id"),
        (event("subscribe", EventKey="qrscene_7", Ticket="t"), "scene", "scene_id"),
        (event("CLICK", EventKey="LIKE"), "button", "key"),
        (event("VIEW", EventKey="https://a/?b=c&amp;d"), "url", "url"),
    ],
    ids=["text", "scan", "subscribe by a QR", "tap", "page"],
)
def test_wechatpy_reads_the_same(body: bytes, field: str, theirs: str):
    ours, oracle = read(body), parse_message(body)

    assert (ours.account, ours.person, getattr(ours, field)) == (oracle.target, oracle.source, getattr(oracle, theirs))


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"<xml>{text}</xml>".encode(errors="replace")))
def test_any_body_is_a_message_or_refused(body: bytes):
    try:
        said = read(body)
    except BadMessage:
        return

    assert isinstance(said, Message)
