"""Fetch the page that a link leads to, over verified TLS, from public addresses alone, within bounds.

Promises: each redirect is judged as the first address is: https, a public host, public addresses; the connection goes
to the address that was checked; time, size and redirects are bounded whatever the server sends, and however slowly. No
cookie, no header of ours but the few below, and no name or password leaves.
Does not promise that a browser shows what the server sends us.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from shared.link_pages.guard import Guard, LinkRefused
from shared.web_links import is_https

WITHIN_S = 15.0
CONNECT_S = 5.0
MOST_REDIRECTS = 5
MOST_BYTES = 4 * 1024 * 1024
MOST_ADDRESS_CHARS = 2_000
CHUNK_BYTES = 65_536
REDIRECTS = (301, 302, 303, 307, 308)
_KEPT_SIGNS = "!#$%&'()*+,/:;=?@[]~"  # of an address, which are not to be encoded again
PAGES = ("text/html", "application/xhtml+xml")
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; BaijiaLinkCheck/1)",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, identity",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server sent: the address that it came from in the end, its body, and the encoding that it names."""

    url: str
    body: bytes
    charset: str


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches pages. Tests pass another guard, and a context that trusts their own authority."""

    guard: Guard = field(default_factory=Guard)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    within_s: float = WITHIN_S

    def fetch(self, url: str) -> Fetched:
        """Return the page that a link leads to, after its redirects. Raises LinkRefused."""
        until_s = time.monotonic() + self.within_s
        for _ in range(MOST_REDIRECTS + 1):
            url = urldefrag(url).url
            if len(url) > MOST_ADDRESS_CHARS or not is_https(url):
                raise LinkRefused("link-not-https", url[:200])
            answered = self._answered(url, until_s)
            if isinstance(answered, Fetched):
                return answered
            url = urljoin(url, answered)
        raise LinkRefused("link-redirects", f"more than {MOST_REDIRECTS}")

    def _answered(self, url: str, until_s: float) -> Fetched | str:
        """Return the page at an address, or where it redirects to. Raises LinkRefused."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        addresses = self.guard.checked(host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with self._connected(host, port, addresses, until_s) as connection:
                connection.putrequest("GET", quote(target, safe=_KEPT_SIGNS), skip_accept_encoding=True)
                for name, value in HEADERS.items():
                    connection.putheader(name, value)
                connection.endheaders()
                with contextlib.closing(connection.getresponse()) as response:
                    return _page(url, response, until_s)
        except ssl.SSLCertVerificationError as problem:
            raise LinkRefused("link-certificate", problem.verify_message) from problem
        except (OSError, http.client.HTTPException, ValueError) as problem:
            if time.monotonic() >= until_s or isinstance(problem, TimeoutError):
                raise LinkRefused("link-timeout", url[:200]) from problem
            raise LinkRefused("link-unreachable", repr(problem)[:200]) from problem

    @contextlib.contextmanager
    def _connected(
        self, host: str, port: int, addresses: list[str], until_s: float
    ) -> Iterator[http.client.HTTPConnection]:
        """Give a connection to the first address that answers. It is cut when the time is over, whatever it does."""
        plain = _connect(addresses, port, until_s)
        watch = threading.Timer(max(0.01, until_s - time.monotonic()), _cut, (plain,))
        watch.daemon = True
        watch.start()
        connection = http.client.HTTPSConnection(host, port, context=self.tls)
        try:
            plain.settimeout(max(0.01, until_s - time.monotonic()))
            connection.sock = self.tls.wrap_socket(plain, server_hostname=host)
            watch.cancel()
            watch = threading.Timer(max(0.01, until_s - time.monotonic()), _cut, (connection.sock,))
            watch.daemon = True
            watch.start()
            yield connection
        finally:
            watch.cancel()
            connection.close()
            plain.close()


def _connect(addresses: list[str], port: int, until_s: float) -> socket.socket:
    problem: OSError = TimeoutError("no time left")
    for address in addresses:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=min(CONNECT_S, left_s))
        except OSError as failed:
            problem = failed
    raise problem


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _page(url: str, response: http.client.HTTPResponse, until_s: float) -> Fetched | str:
    _check_time(url, until_s)  # what was cut looks like what ended
    place = response.getheader("Location")
    if response.status in REDIRECTS and place:
        return place
    if response.status != 200:
        raise LinkRefused("link-status", str(response.status))
    kind, charset = _content_type(response.getheader("Content-Type", ""))
    if kind not in PAGES:
        raise LinkRefused("link-not-page", kind[:100])
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES):
        body += chunk
        if len(body) > MOST_BYTES:
            raise LinkRefused("link-too-large", f"more than {MOST_BYTES} bytes")
        _check_time(url, until_s)
    _check_time(url, until_s)
    return Fetched(url, _unpacked(bytes(body), response.getheader("Content-Encoding", "")), charset)


def _check_time(url: str, until_s: float) -> None:
    if time.monotonic() >= until_s:
        raise LinkRefused("link-timeout", url[:200])


def _content_type(header: str) -> tuple[str, str]:
    kind, _, rest = header.partition(";")
    _, _, charset = rest.partition("charset=")
    return kind.strip().lower(), charset.partition(";")[0].strip(" \"'")[:40]


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Return a body that was sent packed. What would become larger than MOST_BYTES is refused, and not unpacked."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise LinkRefused("link-not-page", encoding[:40])
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, MOST_BYTES)
    except zlib.error as problem:
        raise LinkRefused("link-unreachable", "its packed body is broken") from problem
    if unpacker.unconsumed_tail:
        raise LinkRefused("link-too-large", f"more than {MOST_BYTES} bytes")
    return plain
