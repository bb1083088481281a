"""A port of loopback in front of another one, for tests that cut, refuse, delay or hold what passes.

    with TcpProxy.before("mongodb://127.0.0.1:27017/?directConnection=true") as proxy:
        client = connect(proxy.uri)
        proxy.hold_answers()    # what is asked still arrives
        ...
        proxy.cut()             # connections break; new ones are made
        proxy.refuse()          # connections break; new ones are refused, until `accept`

Promises: bytes that pass are passed in order, unchanged; the port stays the same over `refuse` and `accept`.
Does not promise to know what a message is: what is held or cut may be half of one.
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
class _Gate:
    """One direction of all connections. What it holds it holds of those numbered up to `upto`."""

    open: threading.Event = field(default_factory=threading.Event)
    delay_s: float = 0.0
    held: threading.Event = field(default_factory=threading.Event)
    upto: float = math.inf
    left: float = math.inf

    def pass_through(self, number: int) -> bool:
        """Wait as long as is told. False: here the connections are to break."""
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
    """See the module. Connections are served by two threads each."""

    def __init__(self, host: str, port: int, *, uri: str = "") -> None:
        self._target = host, port
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._questions, self._answers = _Gate(), _Gate()
        self._listener: socket.socket | None = None
        self._made = 0
        self.release()
        self.port = self._listen(0)
        self.uri = uri.replace(f"{host}:{port}", f"127.0.0.1:{self.port}")

    @staticmethod
    def before(uri: str) -> "TcpProxy":
        """In front of the server that a URI names; `uri` is then the same URI with the proxy's port."""
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
        """How many there are now."""
        with self._lock:
            return len(self._pairs)

    # faults

    def cut(self) -> None:
        """Break every connection there is."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for each in pair:
                _shut(each)

    def cut_after(self, answers: int) -> None:
        """Break every connection there is, once, in place of what the server says after so many pieces more."""
        self._answers.left = answers

    def refuse(self) -> None:
        """Break every connection and refuse new ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            _shut(listener)
        self.cut()

    def accept(self) -> None:
        """Take connections again, on the same port."""
        if self._listener is None:
            self._listen(self.port)

    def hold_answers(self) -> None:
        """Keep back what the server says, until `release`."""
        self._hold(self._answers)

    def hold_questions(self, *, present_only: bool = False) -> None:
        """Keep back what clients say, until `release`; `present_only`: connections made from now on pass."""
        self._hold(self._questions, self._made if present_only else math.inf)

    def release(self) -> None:
        """Let pass what is held and what comes."""
        for gate in (self._questions, self._answers):
            gate.open.set()

    def delay(self, seconds: float) -> None:
        """Let each piece of either direction wait, from now on."""
        self._questions.delay_s = self._answers.delay_s = seconds

    def wait_held(self, timeout_s: float = 30.0) -> bool:
        """Whether something is held back, within the time."""
        end = time.monotonic() + timeout_s
        gates = [gate for gate in (self._questions, self._answers) if not gate.open.is_set()]
        return any(gate.held.wait(max(0.0, end - time.monotonic())) for gate in gates)

    # passing

    def _hold(self, gate: _Gate, upto: float = math.inf) -> None:
        gate.upto = upto
        gate.held.clear()
        gate.open.clear()

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
                self._made += 1
                self._pairs.add((client, server))
            if self._listener is not listener:  # refused meanwhile
                self.cut()
            for source, sink, gate in ((client, server, self._questions), (server, client, self._answers)):
                way = partial(gate.pass_through, self._made)
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
    """Wake whoever waits on it, then close it: a close alone leaves the waiting thread asleep."""
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
