"""The metrics pages of the campaign's processes, read over HTTP for the page of operations.

Promises: only the addresses of the setting `BAIJIA_METRICS_TARGETS` are asked, by GET, each for its metrics alone; all
who look within `KEPT_S` share one reading; an answer has an end in time and size. The gateway starts no program and
has no other rights for it than to read these pages.
Does not promise that a process is well which does not answer, nor the reverse.
"""

import asyncio
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.logs import logger

KEPT_S, WITHIN_S = 2.0, 1.5
MOST_BYTES = 4 << 20
MOST_COPIES = 32  # of one kind of process
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """What one copy of a process answered: the text of its metrics, or None if it did not answer."""

    process: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The pages of all processes at one time: monotonic seconds, by which rates are computed."""

    at_s: float
    pages: tuple[MetricsPage, ...]


def parse_targets(text: str) -> tuple[tuple[str, str, int], ...]:
    """Return process, host and port of each target of `name=host:port,…`. Raises ValueError."""
    found = []
    for part in filter(None, text.replace(" ", "").split(",")):
        name, _, address = part.partition("=")
        host, _, port = address.rpartition(":")
        if not name or not host or not port.isdecimal():
            raise ValueError(f"{part!r} is not of the form name=host:port")
        found.append((name, host, int(port)))
    return tuple(found)


class ProcessMetrics:
    """Reads the metrics pages of all targets, at most once in `KEPT_S`, and keeps the reading before for rates."""

    def __init__(self, targets: str = "") -> None:
        """`targets` is a text as `parse_targets` reads it, or `@` and the path of a file with one, read each time.

        Raises ValueError for a text that cannot be read.
        """
        self._targets = targets
        if not targets.startswith("@"):
            parse_targets(targets)
        self._last = self._before = Reading(0.0, ())
        self._lock = asyncio.Lock()

    @property
    def has_targets(self) -> bool:
        """Whether the deployment has said where the processes are."""
        return bool(self._targets)

    async def read(self) -> tuple[Reading, Reading]:
        """Return the reading before and the newest one."""
        async with self._lock:
            now = time.monotonic()
            if not self._last.pages or now - self._last.at_s >= KEPT_S:
                pages = await self._all()
                self._before, self._last = self._last, Reading(now, pages)
            return self._before, self._last

    async def _all(self) -> tuple[MetricsPage, ...]:
        targets = await asyncio.to_thread(self._read_targets)
        async with httpx.AsyncClient(timeout=WITHIN_S, trust_env=False) as http:
            found = await asyncio.gather(*(self._copies(http, *target) for target in targets))
        return tuple(page for pages in found for page in pages)

    def _read_targets(self) -> tuple[tuple[str, str, int], ...]:
        """Return the targets now; none while the file that names them cannot be read."""
        try:
            text = Path(self._targets[1:]).read_text() if self._targets.startswith("@") else self._targets
            return parse_targets(text)
        except (OSError, ValueError) as problem:
            log_.warning("the addresses of the processes' metrics cannot be read", problem=str(problem))
            return ()

    async def _copies(self, http: httpx.AsyncClient, name: str, host: str, port: int) -> list[MetricsPage]:
        """Return the pages of all copies of a process: a name may have several addresses."""
        try:
            async with asyncio.timeout(WITHIN_S):
                known = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError):
            return [MetricsPage(name, None)]
        addresses = sorted({each[4][0] for each in known})[:MOST_COPIES]
        texts = await asyncio.gather(*(_text(http, str(address), port) for address in addresses))
        if len(addresses) == 1:
            return [MetricsPage(name, texts[0])]
        return [MetricsPage(f"{name}-{n}", text) for n, text in enumerate(texts, start=1)]


async def _text(http: httpx.AsyncClient, address: str, port: int) -> str | None:
    host = f"[{address}]" if ":" in address else address
    try:
        async with asyncio.timeout(WITHIN_S), http.stream("GET", f"http://{host}:{port}/metrics") as answer:
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    return None
            return body.decode() if answer.status_code == 200 else None
    except (httpx.HTTPError, TimeoutError, OSError, UnicodeDecodeError):
        return None
