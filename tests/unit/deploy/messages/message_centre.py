"""A message centre (SMSC) over a socket, for tests: it reads with smpplib, which shares no code with ours.

It answers `bind_transmitter`, `submit_sm`, `enquire_link` and `unbind`, and puts the parts of long messages together as
a phone does.
Does not promise more of SMPP than that: smpplib reads units well, and has no server.
"""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from smpplib import smpp as units

OPEN_S = 60.0
CLOSE = -1  # in `answers`: end the connection instead of an answer


class _Numbers:
    """What smpplib asks for before it reads a unit's own number."""

    sequence = 0

    def next_sequence(self) -> int:
        return 0


@dataclass
class MessageCentre:
    """What a centre took, and what it answers to the next `submit_sm`: a status, or CLOSE; OK once none is left."""

    password: str = "secret"
    answers: list[int] = field(default_factory=list)
    before_answer: list[int] = field(default_factory=list)  # commands that it sends before its next answer
    commands: list[str] = field(default_factory=list)
    submitted: list[Any] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def received(self) -> list[tuple[str, str, str]]:
        """Return address, title and words of each message that is whole, by address."""
        found: dict[tuple[str, int], dict[int, bytes]] = {}
        counts: dict[tuple[str, int], int] = {}
        whole = []
        for unit in self.submitted:
            address, text = _address(unit), unit.short_message
            if not unit.esm_class & 0x40:
                whole.append((address, text))
                continue
            length, _, _, reference, count, number = text[:6]
            assert (length, count) == (5, counts.setdefault((address, reference), count))
            parts = found.setdefault((address, reference), {})
            parts[number] = text[6:]
            if len(parts) == count:
                whole.append((address, b"".join(parts[each] for each in range(1, count + 1))))
        return sorted(_message(address, text) for address, text in whole)

    def serve(self, connection: socket.socket) -> None:
        """Answer one connection until it ends."""
        connection.settimeout(OPEN_S)
        with contextlib.suppress(OSError), connection:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while (data := _read(connection)) is not None:
                unit = units.parse_pdu(data, client=_Numbers())
                if unit.is_response():
                    self.commands.append(unit.command)
                    continue
                self.commands.append(unit.command)
                status = self._status(unit)
                if status == CLOSE:
                    return
                for command in self.before_answer:
                    connection.sendall(struct.pack(">IIII", 16, command, 0, 77))
                self.before_answer.clear()
                body = b"" if unit.command in ("enquire_link", "unbind") or status else b"17\0"
                code = struct.unpack(">I", data[4:8])[0] | 0x80000000
                connection.sendall(struct.pack(">IIII", 16 + len(body), code, status, unit.sequence) + body)

    def _status(self, unit: Any) -> int:
        if unit.command == "bind_transmitter":
            return 0 if unit.password == self.password.encode() else 0x0E
        if unit.command != "submit_sm":
            return 0
        status = self.answers.pop(0) if self.answers else 0
        if status in (0, CLOSE):
            self.submitted.append(unit)
        return status


@contextlib.contextmanager
def running(centre: MessageCentre) -> Iterator[int]:
    """Serve a centre on a free port of the loopback, which this yields."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    thread = threading.Thread(target=centre.serve, args=[connection], daemon=True)
                    threads.append(thread)
                    thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for each in (accepting, *threads):
        each.join(OPEN_S)


def _read(connection: socket.socket) -> bytes | None:
    """Return the next unit, or None at the end of the connection."""
    data = b""
    while len(data) < 4 or len(data) < struct.unpack(">I", data[:4])[0]:
        if len(data) >= 4 and data[0]:  # a TLS handshake, or nonsense
            return None
        wanted = struct.unpack(">I", data[:4])[0] if len(data) >= 4 else 4
        piece = connection.recv(wanted - len(data))
        if not piece:
            return None
        data += piece
    return data


def _address(unit: Any) -> str:
    digits: str = unit.destination_addr.decode()
    return f"+{digits}" if unit.dest_addr_ton == 1 else digits


def _message(address: str, text: bytes) -> tuple[str, str, str]:
    title, _, words = text.decode("utf-16-be").partition("\n")
    return address, title, words
