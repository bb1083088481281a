"""The server on real sockets: headers that do not end, and connections that go on under the other parser.

No test holds a request that offers another protocol: `HandsOver` gives ordinary requests away as if they did.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
import uvicorn

from gateway.http.server_protocol import SERVING, ServerProtocol

pytestmark = pytest.mark.slow  # listens on sockets

PATIENCE_S = 10.0


class HandsOver(ServerProtocol):
    """The server's protocol, which takes every header for an offer of another protocol."""

    def on_headers_complete(self) -> None:
        self.scope["method"] = self.parser.get_method().decode("ascii")

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        header, end, rest = data.partition(b"\r\n\r\n")
        self.parser.feed_data(header + end)
        if end:
            self._hand_over(rest)
        self._watch()


SERVERS = [pytest.param(ServerProtocol, id="fast parser"), pytest.param(HandsOver, id="other parser")]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request with its method and its body."""
    body, more = scope["method"].encode() + b" ", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def running(protocol: type[ServerProtocol], **limits: float) -> Iterator[int]:
    """Serve `echo` as the gateway is served, with a protocol and these limits of it; yields the port."""
    protocol = type("Limited", (protocol,), limits)
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


@pytest.fixture(scope="module", params=SERVERS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with running(request.param) as found:
        yield found


@pytest.fixture(scope="module", params=SERVERS)
def hasty_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that waits for a header hardly at all."""
    with running(request.param, header_s=0.05) as found:
        yield found


def answers(port: int, requests: list[tuple[str, bytes | None]]) -> list[bytes]:
    """Return the bodies of the answers to requests on one connection."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    found = []
    for method, body in requests:
        client.request(method, "/", body=body)
        found.append(client.getresponse().read())
    client.close()
    return found


@pytest.mark.parametrize("body", [pytest.param(b"five!", id="small"), pytest.param(b"x" * 300_000, id="large")])
def test_post_arrives_with_its_body(port: int, body: bytes):
    assert answers(port, [("POST", body)]) == [b"POST " + body]


def test_answer_names_no_software(port: int):
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    client.request("GET", "/")

    assert client.getresponse().getheader("server") is None
    client.close()


def test_connection_serves_one_request_after_another(port: int):
    requests = [("POST", b"1"), ("POST", b"2"), ("GET", None), ("POST", b"3"), ("POST", b"4")]

    assert answers(port, requests) == [b"POST 1", b"POST 2", b"GET ", b"POST 3", b"POST 4"]


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n", b"\r\n"])
def test_connection_ends_where_a_header_does_not(hasty_port: int, sent: bytes):
    with socket.create_connection(("127.0.0.1", hasty_port), timeout=PATIENCE_S) as client:
        client.sendall(sent)

        assert client.recv(100) == b""


@pytest.fixture(scope="module")
def narrow_port() -> Iterator[int]:
    """A server that takes headers of a few lines."""
    with running(ServerProtocol, header_bytes=300) as found:
        yield found


def test_header_that_is_too_long_is_refused_before_it_ends(narrow_port: int):
    with socket.create_connection(("127.0.0.1", narrow_port), timeout=PATIENCE_S) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"Accept: text/plain\r\n" * 20)

        assert client.recv(1_000).startswith(b"HTTP/1.1 400 ")


def test_long_body_and_many_requests_are_no_long_header(narrow_port: int):
    sent: list[tuple[str, bytes | None]] = [("POST", b"x" * 1_000), *[("GET", None)] * 6]

    assert answers(narrow_port, sent) == [b"POST " + b"x" * 1_000, *[b"GET "] * 6]


def test_half_a_header_after_an_answer_ends_the_connection_too(hasty_port: int):
    client = HTTPConnection("127.0.0.1", hasty_port, timeout=PATIENCE_S)
    client.request("GET", "/")
    assert client.getresponse().read() == b"GET "

    client.sock.sendall(b"GET / HT")

    assert client.sock.recv(100) == b""
    client.close()


def test_body_may_take_longer_than_a_header(hasty_port: int):
    client = HTTPConnection("127.0.0.1", hasty_port, timeout=PATIENCE_S)
    client.putrequest("POST", "/")
    client.putheader("Content-Length", "4")
    client.endheaders()
    with socket.create_connection(("127.0.0.1", hasty_port), timeout=PATIENCE_S) as other:
        assert other.recv(1) == b""  # by now the time for a header is over

    client.send(b"slow")

    assert client.getresponse().read() == b"POST slow"
    client.close()
