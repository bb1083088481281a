"""Sends requests at a constant rate: each has its due time, whether or not the earlier ones were answered.

So a server that falls behind cannot hide it: the wait for an answer counts from the time at which the request was
due. As many connections are opened as needed; each carries one request at a time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

from tests.bench.crowd import exchange

MOST_CONNECTIONS = 2_000
STALE_S = 2.0  # the server closes what is idle for five seconds


@dataclass(slots=True)
class Waits:
    """The result of one run: the wait for each answer, in the order in which the answers arrived."""

    waits_ms: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the wait in ms below which this share (0 to 1) of the answers arrived."""
        ordered = sorted(self.waits_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def send_at_rate(url: str, requests: Iterator[bytes], *, rate: float, count: int) -> Waits:
    """Send `count` requests, `rate` a second. Raises AssertionError if an answer is not 200."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(url, requests, rate, count))


async def _run(url: str, requests: Iterator[bytes], rate: float, count: int) -> Waits:
    found, at = Waits(), urlsplit(url)
    idle: deque[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = deque()
    in_use = 0

    async def send_one(request: bytes, due: float) -> None:
        nonlocal in_use
        in_use += 1
        assert in_use <= MOST_CONNECTIONS, "the server cannot keep up with the rate"
        while idle and time.perf_counter() - idle[0][0] > STALE_S:
            idle.popleft()[2].close()
        _, reader, writer = idle.pop() if idle else (0, *await asyncio.open_connection(at.hostname, at.port))
        await exchange(reader, writer, request)
        found.waits_ms.append((time.perf_counter() - due) * 1000)
        idle.append((time.perf_counter(), reader, writer))
        in_use -= 1

    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for k in range(count):
            due = start + k / rate
            ahead = due - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            group.create_task(send_one(next(requests), due))
    for _, _, writer in idle:
        writer.close()
    return found
