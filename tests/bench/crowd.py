"""A crowd of HTTP clients, each on its own connection; each sends its next request when the previous one was
answered.

It is light, so that on a small machine the load does not use up what it measures: requests are bytes made
beforehand, and of an answer only status and length are read. Raises AssertionError if an answer is not 200.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

import uvloop


@dataclass(frozen=True, slots=True)
class Crowd:
    """Clients of one server. They reconnect for each `send`, because a server closes idle connections after a while."""

    runner: asyncio.Runner
    url: str
    connections: int

    def send(self, requests: Iterator[bytes], count: int) -> int:
        """Send the next `count` requests over all connections at once; return how many were answered."""
        return self.runner.run(self._send(islice(requests, count)))

    async def _send(self, requests: Iterator[bytes]) -> int:
        return sum(await asyncio.gather(*(self._send_on_one_connection(requests) for _ in range(self.connections))))

    async def _send_on_one_connection(self, requests: Iterator[bytes]) -> int:
        at = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        try:
            return await _in_turn(reader, writer, requests)
        finally:
            writer.close()
            await writer.wait_closed()


@contextmanager
def crowd(url: str, connections: int) -> Iterator[Crowd]:
    """Yield a crowd with an event loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield Crowd(runner, url, connections)


def request(path: str, *, token: str = "", ticket: str = "", body: bytes = b"{}") -> bytes:
    """Return the bytes of a POST request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        f"Like-Ticket: {ticket}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def request_with(path: str, headers: dict[str, str]) -> bytes:
    """Return the bytes of a GET request with these headers."""
    lines = [f"GET {path} HTTP/1.1", "Host: bench", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def read(path: str) -> bytes:
    """Return the bytes of a GET request."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: bench", "Accept: application/json", "", ""]).encode()


async def _in_turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: Iterator[bytes]) -> int:
    answered = 0
    for each in requests:
        await exchange(reader, writer, each)
        answered += 1
    return answered


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send one request and read its answer. Raises AssertionError if the status is neither 200 nor 304."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 304 "):
        return
    body = await reader.readexactly(_length(head))
    assert head.startswith(b"HTTP/1.1 200 "), (head, body)


def _length(head: bytes) -> int:
    _, _, behind = head.lower().partition(b"content-length:")
    return int(behind.partition(b"\r\n")[0])
