"""A small proxy on this machine through which a browser reaches the network: each connection is checked by the guard.

Promises: a tunnel is opened only to an address that `Guard.checked` returned for the name that the browser asked for,
so a page in the browser reaches what a link may reach and nothing else; plain http, and anything but CONNECT, is
refused. Bytes, connections and time are bounded for all tunnels together; all are closed at the end.
Does not promise to see what is said in a tunnel: the browser verifies the other side's certificate.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from types import TracebackType

from shared.link_pages.guard import Guard, LinkRefused

MOST_TUNNELS = 48
MOST_BYTES = 40 * 1024 * 1024
REQUEST_BYTES = 8_192
CONNECT_S = 5.0
CHUNK_BYTES = 65_536


class GuardedProxy:
    """The proxy of one visit to a page, as a context manager. It listens on the loopback address alone."""

    def __init__(self, guard: Guard, *, within_s: float, most_bytes: int = MOST_BYTES) -> None:
        self._guard, self._until_s, self._left_bytes = guard, time.monotonic() + within_s, most_bytes
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=MOST_TUNNELS)
        self._slots, self._lock = threading.BoundedSemaphore(MOST_TUNNELS), threading.Lock()
        self._open: set[socket.socket] = set()
        self._ended = False
        self.refused: list[str] = []

    @property
    def port(self) -> int:
        """The port on which the proxy listens."""
        port: int = self._listening.getsockname()[1]
        return port

    def __enter__(self) -> "GuardedProxy":
        """Begin to accept connections."""
        threading.Thread(target=self._accept, name="link proxy", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._ended = True
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if not self._slots.acquire(blocking=False):
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), name="link tunnel", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with self._tracked(client):
                client.settimeout(CONNECT_S)
                host, port = _wanted(client)
                with self._tracked(self._connect(host, port)) as server:
                    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    self._carry(client, server)
        except LinkRefused as problem:
            self.refused.append(problem.code)
        except (OSError, ValueError):
            pass
        finally:
            self._slots.release()

    def _connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first address of a host that answers. Raises LinkRefused and OSError."""
        problem: OSError = TimeoutError("no address answers")
        for address in self._guard.checked(host):
            try:
                return socket.create_connection((address, port), timeout=CONNECT_S)
            except OSError as failed:
                problem = failed
        raise problem

    @contextlib.contextmanager
    def _tracked(self, connection: socket.socket) -> Iterator[socket.socket]:
        with self._lock:
            self._open.add(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        """Carry bytes both ways until one side ends, or the bounds of time or bytes are met."""
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while not self._ended and time.monotonic() < self._until_s:
                for key, _ in selector.select(0.5):
                    source, other = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    data = source.recv(CHUNK_BYTES)
                    with self._lock:
                        self._left_bytes -= len(data)
                        is_over = self._left_bytes < 0
                    if not data or is_over:
                        return
                    other.sendall(data)


def _wanted(client: socket.socket) -> tuple[str, int]:
    """Read a request to connect, and return the host and port. Raises LinkRefused and OSError."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = client.recv(REQUEST_BYTES)
        request += part
        if not part or len(request) > REQUEST_BYTES:
            raise LinkRefused("link-not-https", "no whole request")
    method, _, rest = request.partition(b"\r\n")[0].decode("ascii", "replace").partition(" ")
    host, _, port = rest.partition(" ")[0].rpartition(":")
    if method != "CONNECT" or not host or not (port.isdigit() and 0 < int(port) < 65_536):
        with contextlib.suppress(OSError):
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        raise LinkRefused("link-not-https", rest[:200])
    return host.strip("[]"), int(port)
