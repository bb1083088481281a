"""The server on real sockets: headers that do not end, and requests that offer another protocol."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
import uvicorn

from gateway.http.server_protocol import SERVING, ServerProtocol

PATIENCE_S = 10.0
#: An invented protocol: what the offer names is of no importance.
OFFER = {"Connection": "Upgrade", "Upgrade": "tea"}


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request with its method and its body."""
    body, more = scope["method"].encode() + b" ", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def running(**limits: float) -> Iterator[int]:
    """Serve `echo` as the gateway is served, with these limits of the protocol; yields the port."""
    protocol = type("Limited", (ServerProtocol,), limits)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(echo, lifespan="off", log_level="error", **{**SERVING, "http": protocol})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def hasty_port() -> Iterator[int]:
    """A server that waits for a header hardly at all."""
    with running(header_s=0.05) as found:
        yield found


def answers(port: int, requests: list[tuple[str, bytes | None, dict[str, str]]]) -> list[bytes]:
    """Return the bodies of the answers to requests on one connection."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    found = []
    for method, body, headers in requests:
        client.request(method, "/", body=body, headers=headers)
        found.append(client.getresponse().read())
    client.close()
    return found


@pytest.mark.parametrize("body", [pytest.param(b"five!", id="small"), pytest.param(b"x" * 300_000, id="large")])
def test_post_that_offers_another_protocol_arrives_with_its_body(port: int, body: bytes):
    assert answers(port, [("POST", body, OFFER)]) == [b"POST " + body]


def test_connection_goes_on_after_an_offer_and_after_a_request_without_one(port: int):
    requests = [("POST", b"1", {}), ("POST", b"2", OFFER), ("GET", None, {}), ("POST", b"3", OFFER), ("POST", b"4", {})]

    assert answers(port, requests) == [b"POST 1", b"POST 2", b"GET ", b"POST 3", b"POST 4"]


def test_get_that_offers_another_protocol_is_answered(port: int):
    assert answers(port, [("GET", None, OFFER)]) == [b"GET "]


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n", b"\r\n"])
def test_connection_ends_where_a_header_does_not(hasty_port: int, sent: bytes):
    with socket.create_connection(("127.0.0.1", hasty_port), timeout=PATIENCE_S) as client:
        client.sendall(sent)

        assert client.recv(100) == b""


@pytest.mark.parametrize("headers", [{}, OFFER], ids=["fast parser", "other parser"])
def test_half_a_header_after_an_answer_ends_the_connection_too(hasty_port: int, headers: dict[str, str]):
    client = HTTPConnection("127.0.0.1", hasty_port, timeout=PATIENCE_S)
    client.request("GET", "/", headers=headers)
    assert client.getresponse().read() == b"GET "

    client.sock.sendall(b"GET / HT")

    assert client.sock.recv(100) == b""
    client.close()


@pytest.mark.parametrize("headers", [{}, OFFER], ids=["fast parser", "other parser"])
def test_body_may_take_longer_than_a_header(hasty_port: int, headers: dict[str, str]):
    client = HTTPConnection("127.0.0.1", hasty_port, timeout=PATIENCE_S)
    client.putrequest("POST", "/")
    for name, value in {**headers, "Content-Length": "4"}.items():
        client.putheader(name, value)
    client.endheaders()
    with socket.create_connection(("127.0.0.1", hasty_port), timeout=PATIENCE_S) as other:
        assert other.recv(1) == b""  # by now the time for a header is over

    client.send(b"slow")

    assert client.getresponse().read() == b"POST slow"
    client.close()
