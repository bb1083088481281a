"""Pushes are signed, encrypted, and repeated until they are answered."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.integration.threads import wait
from tests.unit.wechat_sim.simulator_client import (
    PATIENCE_S,
    Answer,
    Callback,
    SimulatorClient,
    Simulators,
    success,
)
from tests.wechat_sim import wire
from tests.wechat_sim.accounts import invent_accounts

pytestmark = pytest.mark.slow  # starts processes or sockets

SERVICE = invent_accounts(1)["service"]
Drive = Callable[..., tuple[Any, Callback]]


def decrypt(query: dict[str, str], body: bytes) -> dict[str, Any]:
    encrypted = wire.read_xml(body)["Encrypt"]
    assert query["msg_signature"] == wire.sha1(SERVICE.token, query["timestamp"], query["nonce"], encrypted)
    return wire.read_xml(wire.unseal(encrypted, aeskey=SERVICE.aeskey, receiver=SERVICE.appid))


def reply(asked: dict[str, Any], **change: str) -> bytes:
    said = {"ToUserName": asked["FromUserName"], "FromUserName": asked["ToUserName"], "CreateTime": int(time.time())}
    return wire.xml({**said, "MsgType": "text", "Content": "已赞", **change})


def encrypt(clear: bytes, **change: str) -> bytes:
    encrypted = wire.seal(clear, aeskey=SERVICE.aeskey, receiver=SERVICE.appid)
    said = {"Encrypt": encrypted, "MsgSignature": wire.sha1(SERVICE.token, "1", "n", encrypted)}
    return wire.xml({**said, "TimeStamp": "1", "Nonce": "n", **change})


def silence(_request: Request, _body: bytes) -> Response:
    threading.Event().wait(PATIENCE_S + 0.1)
    return Response(b"success")


def broken(_request: Request, _body: bytes) -> Response:
    return Response(b"", 500)


def reply_with(seal: Callable[[bytes], bytes] = encrypt, **change: str) -> Answer:
    return lambda request, body: Response(seal(reply(decrypt(dict(request.query_params), body), **change)))


@pytest.fixture(scope="module")
def simulators() -> Iterator[Simulators]:
    with ExitStack() as stack:
        yield Simulators(stack)


@pytest.fixture
def drive(simulators: Simulators) -> Drive:
    def text(*answers: Answer, mode: str = "safe", **order: Any) -> tuple[Any, Callback]:
        sim = simulators.of(mode, *answers)
        return sim.order("text", **{"as": "voter-1", "content": "赞 A012", **order}), sim.callback

    return text


@pytest.fixture
def sim(simulators: Simulators) -> SimulatorClient:
    return simulators.of("safe")


def test_text_is_told_signed_and_sealed(drive: Drive):
    told, callback = drive(success)

    ((query, body),) = callback.came
    message = decrypt(query, body)
    assert query["signature"] == wire.sha1(SERVICE.token, query["timestamp"], query["nonce"])
    assert (SERVICE.original_id, query["openid"], "text", "赞 A012", str(told["msg_id"])) == tuple(
        message[name] for name in ("ToUserName", "FromUserName", "MsgType", "Content", "MsgId")
    )
    assert told["delivered"]


def test_plain_mode_says_it_in_the_clear(drive: Drive):
    _, callback = drive(success, mode="plain")

    ((query, body),) = callback.came
    assert (wire.read_xml(body)["Content"], "msg_signature" in query) == ("赞 A012", False)


def test_compatible_mode_says_it_both_ways(drive: Drive):
    _, callback = drive(success, mode="compatible")

    ((query, body),) = callback.came
    assert [wire.read_xml(body)["Content"], decrypt(query, body)["Content"]] == ["赞 A012"] * 2


@pytest.mark.parametrize("answer", [silence, broken], ids=["no answer in time", "an error"])
def test_push_without_a_proper_answer_comes_again_with_the_same_message_id(drive: Drive, answer: Answer):
    told, callback = drive(answer, success)

    first, second = (decrypt(*each) for each in callback.came)
    assert (first["MsgId"], first["CreateTime"]) == (second["MsgId"], second["CreateTime"])
    assert callback.came[0][0]["nonce"] != callback.came[1][0]["nonce"]
    assert (told["delivered"], len(told["attempts"])) == (True, 2)


def test_next_sending_waits_for_the_end_of_the_first_ones_time(drive: Drive):
    began = time.monotonic()
    drive(broken, success)

    assert time.monotonic() - began >= PATIENCE_S


def test_push_is_given_up_after_three_sendings_more(drive: Drive):
    told, callback = drive(broken)

    assert (told["delivered"], len(callback.came)) == (False, 4)
    assert [each["outcome"] for each in told["attempts"]] == ["status 500"] * 4


def test_answer_that_got_lost_makes_the_message_come_again(sim: SimulatorClient):
    sim.order("faults", fault="lost", times=1)

    told = sim.order("text", content="赞", **{"as": "voter-1"})

    assert [each["outcome"] for each in told["attempts"]] == ["the answer was lost", "ok"]
    assert len({decrypt(*each)["MsgId"] for each in sim.callback.came}) == 1


def test_reply_is_what_the_person_sees(drive: Drive):
    told, _ = drive(reply_with())

    assert told["reply"]["Content"] == "已赞"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(reply_with(lambda clear: clear), "in the clear", id="in the clear"),
        pytest.param(
            reply_with(lambda clear: encrypt(clear, Nonce="other")), "signature", id="signed for another nonce"
        ),
        pytest.param(reply_with(ToUserName="oSomebody"), "somebody else", id="to somebody else"),
        pytest.param(reply_with(MsgType="dance"), "no known kind", id="of no kind"),
        pytest.param(lambda *_: Response(b"ok"), "no XML", id="no XML"),
    ],
)
def test_reply_that_the_platform_would_not_show_is_no_answer(drive: Drive, answer: Answer, words: str):
    told, _ = drive(answer, resends=0)

    assert (told["delivered"], words in told["attempts"][0]["outcome"]) == (False, True)


def test_events_carry_no_message_id_and_say_what_happened(sim: SimulatorClient):
    like = {"type": "click", "name": "点赞", "key": "LIKE"}
    table = {"type": "view", "name": "榜单", "url": "https://vote.example/"}
    sim.post("/cgi-bin/menu/create", {"button": [like, table]}, access_token=sim.stable())

    for what, order in [
        ("scan", {"scene": "A012"}),
        ("scan", {"scene": "A013"}),
        ("tap", {"button": "LIKE"}),
        ("tap", {"button": "榜单"}),
        ("unsubscribe", {}),
    ]:
        sim.order(what, **order, **{"as": "who comes by a QR"})

    events = [decrypt(*each) for each in sim.callback.came]
    assert [(each["Event"], each["EventKey"]) for each in events] == [
        ("subscribe", "qrscene_A012"),
        ("SCAN", "A013"),
        ("CLICK", "LIKE"),
        ("VIEW", "https://vote.example/"),
        ("unsubscribe", ""),
    ]
    assert not any("MsgId" in each for each in events)


def test_unsubscribed_person_follows_no_longer(sim: SimulatorClient):
    sim.order("subscribe", **{"as": "voter-1"})
    sim.order("unsubscribe", **{"as": "voter-1"})

    told = sim.get("/cgi-bin/user/info", access_token=sim.stable(), openid=sim.openid("voter-"))

    assert told["subscribe"] == 0


def test_push_of_the_mini_program_is_json(drive: Drive):
    _, callback = drive(success, mode="plain", account="miniprogram")

    ((_, body),) = callback.came
    assert body.startswith(b'{"ToUserName"')


def test_order_need_not_wait_for_the_answer(sim: SimulatorClient):
    for number in range(20):
        sim.order("text", content="赞", wait=False, **{"as": f"voter-{number}"})

    def answered() -> set[int]:
        return {each["msg_id"] for each in sim.journal("push") if each["outcome"] == "ok"}

    wait(lambda: len(answered()) == 20, what="twenty messages that were answered")
    assert answered() == {int(decrypt(*each)["MsgId"]) for each in sim.callback.came}


def test_address_is_checked_as_in_the_console(simulators: Simulators):
    def echo(request: Request, _body: bytes) -> Response:
        return Response(request.query_params["echostr"])

    sim = simulators.of("safe", echo, success)

    assert [sim.order("check")["right"] for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("what", "order", "words"),
    [
        pytest.param("text", {"as": "voter-1"}, "content is missing", id="nothing said"),
        pytest.param("text", {"content": "赞"}, "as is missing", id="nobody"),
        pytest.param("tap", {"as": "voter-1", "button": "DANCE"}, "no button", id="no such button"),
        pytest.param("check", {"account": "shop"}, "account is one of", id="no such account"),
        pytest.param("check", {"account": "subscription"}, "no callback", id="nobody listens"),
        pytest.param("faults", {"fault": "rain"}, "an errcode or one of", id="no such fault"),
        pytest.param("people", {"count": -1}, "count is a number", id="no number"),
    ],
)
def test_order_that_makes_no_sense_is_refused(sim: SimulatorClient, what: str, order: dict[str, Any], words: str):
    assert words in sim.refused(what, **order)
