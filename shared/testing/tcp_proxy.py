"""TCP proxy on a loopback port, for tests that cut, refuse, delay or hold the traffic to a server.

    with TcpProxy.before("mongodb://127.0.0.1:27017/?directConnection=true") as proxy:
        client = connect(proxy.uri)
        proxy.hold_answers()    # requests still arrive
        ...
        proxy.cut()             # connections break; new ones are accepted
        proxy.refuse()          # connections break; new ones are refused, until `accept`

Promises: bytes are passed on in order and unchanged; `refuse` and `accept` keep the same port.
Does not promise to know message boundaries: what is held or cut may be half a message.
"""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from urllib.parse import urlsplit

_CHUNK = 1 << 16


@dataclass(slots=True)
class _Direction:
    """One direction of all connections. It holds data of the connections numbered up to `upto`."""

    open: threading.Event = field(default_factory=threading.Event)
    delay_s: float = 0.0
    held: threading.Event = field(default_factory=threading.Event)
    upto: float = math.inf
    left: float = math.inf

    def pass_through(self, number: int) -> bool:
        """Wait as the faults require. Returns False where the connections are to break here."""
        self.left -= 1
        if self.left < 0:
            self.left = math.inf
            return False
        if self.delay_s:
            time.sleep(self.delay_s)
        if not self.open.is_set() and number <= self.upto:
            self.held.set()
            self.open.wait()
        return True


class TcpProxy:
    """A proxy between clients and one server that tests can make fail. Two threads serve each connection.

    Leaving it as a context manager closes all connections and the port.
    """

    def __init__(self, host: str, port: int, *, uri: str = "") -> None:
        self._target = host, port
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._requests, self._answers = _Direction(), _Direction()
        self._listener: socket.socket | None = None
        self._connection_count = 0
        self.release()
        self.port = self._listen(0)
        self.uri = uri.replace(f"{host}:{port}", f"127.0.0.1:{self.port}")

    @staticmethod
    def before(uri: str) -> "TcpProxy":
        """Return a proxy for the server in a URI. The proxy's `uri` is the same URI with the proxy's port.

        Raises ValueError if the URI names no host and port.
        """
        where = urlsplit(uri)
        if where.hostname is None or where.port is None:
            raise ValueError("the URI must name a host and a port")
        return TcpProxy(where.hostname, where.port, uri=uri)

    def __enter__(self) -> "TcpProxy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self.refuse()

    @property
    def connections(self) -> int:
        """The number of connections that are open now."""
        with self._lock:
            return len(self._pairs)

    # Faults

    def cut(self) -> None:
        """Break every open connection. New connections are accepted."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for each in pair:
                _shut(each)

    def cut_after(self, answers: int) -> None:
        """Let `answers` more pieces of data from the server pass, and break every open connection at the next piece."""
        self._answers.left = answers

    def refuse(self) -> None:
        """Break every open connection, and refuse new ones until `accept`."""
        listener, self._listener = self._listener, None
        if listener is not None:
            _shut(listener)
        self.cut()

    def accept(self) -> None:
        """Accept connections again, on the same port, after `refuse`."""
        if self._listener is None:
            self._listen(self.port)

    def hold_answers(self) -> None:
        """Hold back what the server sends, until `release`."""
        self._hold(self._answers)

    def hold_requests(self, *, present_only: bool = False) -> None:
        """Hold back what clients send, until `release`. With `present_only`, connections opened later are not held."""
        self._hold(self._requests, self._connection_count if present_only else math.inf)

    def release(self) -> None:
        """Pass on the data that is held back, and all data that comes."""
        for direction in (self._requests, self._answers):
            direction.open.set()

    def delay(self, seconds: float) -> None:
        """Delay each piece of data in both directions by so many seconds, from now on."""
        self._requests.delay_s = self._answers.delay_s = seconds

    def wait_held(self, timeout_s: float = 30.0) -> bool:
        """Wait until data is held back, for at most `timeout_s`. Return whether it is."""
        end = time.monotonic() + timeout_s
        directions = [direction for direction in (self._requests, self._answers) if not direction.open.is_set()]
        return any(direction.held.wait(max(0.0, end - time.monotonic())) for direction in directions)

    # Passing on

    def _hold(self, direction: _Direction, upto: float = math.inf) -> None:
        direction.upto = upto
        direction.held.clear()
        direction.open.clear()

    def _listen(self, port: int) -> int:
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), name="tcp-proxy", daemon=True).start()
        return int(listener.getsockname()[1])

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                _shut(client)
                continue
            server.settimeout(None)
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connection_count += 1
                self._pairs.add((client, server))
            if self._listener is not listener:  # refused meanwhile
                self.cut()
            for source, sink, direction in ((client, server, self._requests), (server, client, self._answers)):
                way = partial(direction.pass_through, self._connection_count)
                threading.Thread(
                    target=self._pump, args=(source, sink, way, (client, server)), name="tcp-proxy", daemon=True
                ).start()

    def _pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        way: Callable[[], bool],
        pair: tuple[socket.socket, socket.socket],
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_CHUNK):
                if not way():
                    self.cut()
                    break
                sink.sendall(piece)
        with self._lock:
            self._pairs.discard(pair)
        for each in pair:
            _shut(each)


def _shut(each: socket.socket) -> None:
    """Wake the threads that wait on a socket, then close it: closing alone leaves them asleep."""
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
