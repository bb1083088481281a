"""Our callback and replies against the simulator's own signatures and ciphers, over real sockets."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.wechat import account, callback, replies
from gateway.wechat.account import Account
from gateway.wechat.errors import NotWeChat
from gateway.wechat.messages import Message, Text
from gateway.wechat.signature import Nonces
from tests.unit.wechat_sim.simulator_client import Simulators
from tests.wechat_sim.accounts import invent_accounts, to_toml

pytestmark = pytest.mark.slow  # starts processes and opens sockets


def ours(path: Path, mode: str) -> Account:
    path.write_text(to_toml(invent_accounts(1, mode=mode)))
    return account.read(path).service


class Door:
    """Answers as the gateway will: with the number of the liked entry, or with nothing."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.nonces = Nonces()
        self.heard: list[Message] = []

    def __call__(self, request: Request, body: bytes) -> Response:
        now_s, query = int(time.time()), dict(request.query_params)
        try:
            if request.method == "GET":
                return Response(callback.check(self.account, query, now_s=now_s))
            message = callback.read(self.account, query, body, nonces=self.nonces, now_s=now_s).message
        except NotWeChat:
            return Response(status_code=403)
        self.heard.append(message)
        reply = replies.text(message, f"已{message.content}", now_s=now_s) if isinstance(message, Text) else None
        return Response(callback.reply_body(self.account, reply, now_s=now_s))


@pytest.fixture(scope="module")
def phones() -> Iterator[Simulators]:
    with ExitStack() as stack:
        yield Simulators(stack)


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_text_is_heard_and_the_reply_reaches_the_person(phones: Simulators, tmp_path: Path, mode: str):
    door = Door(ours(tmp_path / "wechat.toml", mode))
    at = phones.of(mode, door)

    told = at.order("text", content="赞 A012 ]]> <b>", **{"as": "voter-1"})

    assert (told["delivered"], told["reply"]["Content"]) == (True, "已赞 A012 ]]> <b>")


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_address_check_passes(phones: Simulators, tmp_path: Path, mode: str):
    at = phones.of(mode, Door(ours(tmp_path / "wechat.toml", mode)))

    assert at.order("check")["right"]


def test_message_sent_again_is_known_by_its_key(phones: Simulators, tmp_path: Path):
    door = Door(ours(tmp_path / "wechat.toml", "safe"))
    at = phones.of("safe", door)

    for what in ("text", "subscribe"):
        at.order("faults", fault="lost", times=1)
        at.order(what, content="赞 A012", **{"as": "voter-1"})

    assert (len(door.heard), len({each.key for each in door.heard})) == (4, 2)


def test_account_with_another_token_hears_nothing(phones: Simulators, tmp_path: Path):
    door = Door(replace(ours(tmp_path / "wechat.toml", "safe"), token="another"))
    at = phones.of("safe", door)

    told = at.order("text", content="赞 A012", resends=0, **{"as": "voter-1"})

    assert (told["attempts"][0]["outcome"], door.heard) == ("status 403", [])
