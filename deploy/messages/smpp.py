"""SMPP 3.4 as far as sending needs it: the units of the protocol, and how a text is cut into short messages.

Promises: a text of any length up to `MOST_PARTS` parts arrives as one message on the phone; no character is cut in two;
what comes from the network is never read beyond its declared length.
Opens no connection.
"""

import struct
from dataclasses import dataclass

GENERIC_NACK = 0x80000000
BIND_TRANSMITTER, SUBMIT_SM, UNBIND, ENQUIRE_LINK = 0x02, 0x04, 0x06, 0x15
RESPONSE = 0x80000000  # bit of an answer to a command
VERSION = 0x34
HEADER = struct.Struct(">IIII")  # length, command, status, sequence number
MOST_BYTES = 64 * 1024  # of a unit from the network
UCS2 = 0x08
WITH_HEADER = 0x40  # esm_class: the text begins with a user data header
WHOLE_BYTES, PART_BYTES, MOST_PARTS = 140, 134, 255
INTERNATIONAL, UNKNOWN, ALPHANUMERIC = 1, 0, 5  # type of number
ISDN = 1  # numbering plan

OK, SYSTEM_ERROR = 0x00, 0x08
#: Names of the answers that mean something to the sender.
STATUS = {
    OK: "ESME_ROK", 0x01: "ESME_RINVMSGLEN", 0x08: "ESME_RSYSERR", 0x0A: "ESME_RINVSRCADR",
    0x0B: "ESME_RINVDSTADR", 0x0D: "ESME_RBINDFAIL", 0x0E: "ESME_RINVPASWD", 0x0F: "ESME_RINVSYSID",
    0x14: "ESME_RMSGQFUL", 0x45: "ESME_RSUBMITFAIL", 0x50: "ESME_RINVDSTTON", 0x51: "ESME_RINVDSTNPI",
    0x58: "ESME_RTHROTTLED",
    0x64: "ESME_RX_T_APPN", 0x65: "ESME_RX_P_APPN", 0x66: "ESME_RX_R_APPN",
}  # fmt: skip
#: Answers that refuse this receiver or this text for good. Any other refusal may pass, or is about the account.
FINAL = frozenset({0x01, 0x0B, 0x50, 0x51, 0x65, 0x66})


class BadUnit(ValueError):
    """What came from the network is no unit of SMPP."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the protocol (PDU), as it came."""

    command: int
    status: int
    sequence: int
    body: bytes


def status_name(status: int) -> str:
    """Return the name of an answer's status, or its number where we know none."""
    return STATUS.get(status, f"0x{status:08X}")


def unit(command: int, sequence: int, body: bytes = b"", *, status: int = OK) -> bytes:
    """Return the bytes of a unit."""
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def body_length(header: bytes) -> int:
    """Return how many bytes follow a header. Raises BadUnit."""
    length: int = HEADER.unpack(header)[0]
    if not HEADER.size <= length <= MOST_BYTES:
        raise BadUnit(f"a unit of {length} bytes")
    return length - HEADER.size


def parsed(header: bytes, body: bytes) -> Unit:
    """Return the unit of a header and its body."""
    _, command, status, sequence = HEADER.unpack(header)
    return Unit(command, status, sequence, body)


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """Return the body of `bind_transmitter`. Raises ValueError for a text that does not fit its field."""
    texts = (("system_id", system_id, 15), ("password", password, 8), ("system_type", system_type, 12))
    fields = b"".join(c_string(name, text, most) for name, text, most in texts)
    return fields + bytes((VERSION, UNKNOWN, UNKNOWN)) + b"\0"


def submit_body(sender: str, receiver: str, part: bytes, *, has_header: bool) -> bytes:
    """Return the body of `submit_sm` for one part of a message. Raises ValueError for an unusable number."""
    if not receiver.removeprefix("+").isdecimal():
        raise ValueError("receiver: not a phone number")
    return b"".join(
        [
            b"\0",  # service_type: the centre's default
            _address("sender", sender),
            _address("receiver", receiver),
            bytes((WITH_HEADER if has_header else 0, 0, 0)),  # esm_class, protocol_id, priority_flag
            b"\0\0",  # at once, for as long as the centre holds messages
            # No receipt is asked for, since a transmitter receives none; nothing replaces an earlier message.
            bytes((0, 0, UCS2, 0, len(part))),
            part,
        ]
    )


def parts(text: str, reference: int) -> list[bytes]:
    """Return the text as the bodies of short messages in UTF-16: one as it is, or several with a header each.

    `reference` is the number (0 to 255) by which a phone knows the parts of one message. Raises ValueError for a text
    that is too long.
    """
    whole = text.encode("utf-16-be")
    if len(whole) <= WHOLE_BYTES:
        return [whole]
    pieces = _pieces(whole)
    if len(pieces) > MOST_PARTS:
        raise ValueError("text: too long")
    count = len(pieces)
    return [bytes((5, 0, 3, reference, count, number)) + piece for number, piece in enumerate(pieces, 1)]


def c_string(name: str, text: str, most: int) -> bytes:
    """Return a text that ends with a zero byte. Raises ValueError, which names the field and not its value."""
    if not text.isascii() or "\0" in text or len(text) > most:
        raise ValueError(f"{name}: at most {most} ASCII characters")
    return text.encode() + b"\0"


def _pieces(whole: bytes) -> list[bytes]:
    pieces, start = [], 0
    while start < len(whole):
        end = start + PART_BYTES
        if end < len(whole) and 0xD8 <= whole[end - 2] <= 0xDB:  # the first half of a pair stays with its second
            end -= 2
        pieces.append(whole[start:end])
        start = end
    return pieces


def _address(name: str, address: str) -> bytes:
    digits = address.removeprefix("+")
    if not digits.isdecimal():
        return bytes((ALPHANUMERIC, UNKNOWN)) + c_string(name, address, 11)
    kind = INTERNATIONAL if address.startswith("+") else UNKNOWN
    return bytes((kind, ISDN)) + c_string(name, digits, 20)
