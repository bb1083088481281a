"""A channel that hands short messages to a message centre by SMPP 3.4, the protocol that operators and SMS firms speak.

Promises: a refusal of the receiver or of the text is FAILED; a centre that is away, busy, throttles or refuses our
account is LATER. A connection that breaks after the last part of a message was handed over, and before the centre
answered, is UNSURE, since a second copy would reach the phone; where it breaks before, the phone never has the whole
message, so it is LATER. A connection that stays open is tried with `enquire_link` before each message.
Does not promise that a message arrives: SENT says that the centre took it. Receipts are not asked for. A message of
several parts that is sent again may show its first parts twice on an old phone.
"""

import contextlib
import socket
import ssl
import time
import zlib
from dataclasses import dataclass

from deploy.messages import smpp
from deploy.messages.channel import FAILED, LATER, SENT, UNSURE, Answer, Message
from deploy.messages.smpp import Unit

TIMEOUT_S = 20.0
NONE, TLS = "none", "tls"


@dataclass(frozen=True, slots=True)
class MessageCentre:
    """Where short messages go: the centre (SMSC), the account, and the number that they come from."""

    host: str  # of the message centre
    system_id: str  # name of the account, at most 15 characters
    sender: str  # number that messages come from, such as `10690000`, or up to 11 letters where the operator allows it
    password: str = ""  # of the account, at most 8 characters
    port: int = 2775  # often 3550 with `security = "tls"`
    security: str = TLS  # tls, or none, which sends the password and every message in clear
    system_type: str = ""  # what some centres want, at most 12 characters
    timeout_s: float = TIMEOUT_S  # for each step of the protocol


class _Refused(Exception):
    """The centre answered a command with a status other than OK."""

    def __init__(self, status: int) -> None:
        super().__init__(smpp.status_name(status))
        self.status = status


class SmppChannel:
    """Sends short messages over one connection, which it opens for the first message and keeps until `close`."""

    is_repeatable = False

    def __init__(self, centre: MessageCentre, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the system's certificates, for a centre with a certificate of its own.

        Raises ValueError for an account whose texts do not fit the protocol.
        """
        self._centre, self._tls = centre, tls or ssl.create_default_context()
        self._bind = smpp.bind_body(centre.system_id, centre.password, centre.system_type)
        smpp.submit_body(centre.sender, "0", b"", has_header=False)
        self._connection: socket.socket | None = None
        self._sequence = 0

    def send(self, message: Message) -> Answer:
        """Hand one message to the centre, in as many parts as it takes."""
        text = "\n".join(filter(None, (message.title.strip(), message.words.strip())))
        try:
            parts = smpp.parts(text, zlib.crc32(message.key.encode()) & 0xFF)
            bodies = [
                smpp.submit_body(self._centre.sender, message.address, part, has_header=len(parts) > 1)
                for part in parts
            ]
        except ValueError as problem:
            return Answer(FAILED, str(problem).partition(":")[0])
        try:
            self._open()
        except _Refused as refused:
            self._drop()
            return Answer(LATER, f"bind {refused}")  # of the account, not of this letter
        except (OSError, smpp.BadUnit) as problem:
            self._drop()
            return Answer(LATER, type(problem).__name__)
        return self._submit(bodies)

    def close(self) -> None:
        """Say goodbye to the centre."""
        if self._connection is not None:
            with contextlib.suppress(OSError, smpp.BadUnit, _Refused):
                self._command(smpp.UNBIND)
            self._drop()

    def _submit(self, bodies: list[bytes]) -> Answer:
        for number, body in enumerate(bodies, 1):
            try:
                self._command(smpp.SUBMIT_SM, body)
            except _Refused as refused:
                return Answer(FAILED if refused.status in smpp.FINAL else LATER, str(refused))
            except (OSError, smpp.BadUnit) as problem:
                self._drop()
                # Without its last part no phone shows the message.
                return Answer(UNSURE if number == len(bodies) else LATER, type(problem).__name__)
        return Answer(SENT, smpp.status_name(smpp.OK))

    def _open(self) -> None:
        """Bind to the centre, or find that the connection still stands. Raises OSError, BadUnit, _Refused."""
        if self._connection is not None:
            try:
                self._command(smpp.ENQUIRE_LINK)
            except (OSError, smpp.BadUnit, _Refused):
                self._drop()
            else:
                return
        centre = self._centre
        connection = socket.create_connection((centre.host, centre.port), timeout=centre.timeout_s)
        if centre.security == TLS:
            try:
                connection = self._tls.wrap_socket(connection, server_hostname=centre.host)
            except BaseException:
                connection.close()
                raise
        self._connection, self._sequence = connection, 0
        self._command(smpp.BIND_TRANSMITTER, self._bind)

    def _command(self, command: int, body: bytes = b"") -> None:
        """Send a command and wait for its answer. Raises OSError, BadUnit, _Refused."""
        assert self._connection is not None
        self._sequence += 1
        until = time.monotonic() + self._centre.timeout_s
        self._connection.settimeout(self._centre.timeout_s)
        self._connection.sendall(smpp.unit(command, self._sequence, body))
        while True:
            found = self._read(until)
            if found.command == smpp.GENERIC_NACK:
                raise _Refused(found.status or smpp.SYSTEM_ERROR)
            if (found.command, found.sequence) == (command | smpp.RESPONSE, self._sequence):
                if found.status != smpp.OK:
                    raise _Refused(found.status)
                return
            self._answer(found)

    def _answer(self, found: Unit) -> None:
        """Answer what the centre asks of its own accord. Raises OSError, also when it says goodbye."""
        assert self._connection is not None
        if found.command in (smpp.ENQUIRE_LINK, smpp.UNBIND):
            self._connection.sendall(smpp.unit(found.command | smpp.RESPONSE, found.sequence))
        if found.command == smpp.UNBIND:
            raise ConnectionAbortedError("the centre ended the session")

    def _read(self, until: float) -> Unit:
        header = self._read_bytes(smpp.HEADER.size, until)
        return smpp.parsed(header, self._read_bytes(smpp.body_length(header), until))

    def _read_bytes(self, count: int, until: float) -> bytes:
        assert self._connection is not None
        found = b""
        while len(found) < count:
            if (left := until - time.monotonic()) <= 0:
                raise TimeoutError("the centre did not answer")
            self._connection.settimeout(left)
            piece = self._connection.recv(count - len(found))
            if not piece:
                raise ConnectionResetError("the centre closed the connection")
            found += piece
        return found

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
