"""The RPC client without a broker: parsing of replies, and calls while the broker is away."""

import asyncio
from pathlib import Path

import orjson
import pytest

from gateway.backends.broker import where
from gateway.backends.nameko_rpc import NamekoServices, read_reply
from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate
from shared.call_signing import GATEWAY, CallSigner
from shared.stamps import wall_ms


def test_reply_is_its_result():
    assert read_reply(orjson.dumps({"result": {"ok": {}}, "error": None})) == {"ok": {}}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b'{"result": {}}', id="half a reply"),
        pytest.param(b'{"result": 3, "error": null}', id="a number"),
        pytest.param(b'{"result": null, "error": {"exc_type": "KeyError", "value": "x"}}', id="an exception"),
    ],
)
def test_reply_that_is_no_answer_is_broken(body: bytes):
    with pytest.raises(ServiceBroken):
        read_reply(body)


@pytest.fixture
def services(tmp_path: Path) -> NamekoServices:
    return NamekoServices("demo", CallSigner(tmp_path, "demo", GATEWAY))


def test_call_without_a_broker_is_refused_at_once(services: NamekoServices):
    with pytest.raises(ServiceAway):
        asyncio.run(services.call("submission", "entry", {"deadline": wall_ms() + 5_000}))


def test_call_past_its_deadline_is_late(services: NamekoServices):
    with pytest.raises((ServiceLate, ServiceAway)):
        asyncio.run(services.call("submission", "entry", {"deadline": wall_ms() - 1}))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [("amqp://guest:secret@10.0.0.1:5673//", "10.0.0.1:5673"), ("amqp://u:secret@broker/vhost", "broker:5672")],
)
def test_address_in_the_log_has_no_password(uri: str, expected: str):
    assert expected == where(uri)
