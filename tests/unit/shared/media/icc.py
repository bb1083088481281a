"""Invented colour profiles, as small as ICC.1:2001-04 allows, whose effect can be told by the eye."""

import struct
from collections.abc import Iterable

# The primaries of sRGB, adapted to D50.
RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
WHITE = (0.9642, 1.0, 0.8249)


def swapped() -> bytes:
    """Return a profile of RGB in which red stands where blue is elsewhere: pure red is seen as pure blue."""
    curve = b"curv" + struct.pack(">IIH2x", 0, 1, round(2.2 * 256))
    tags = {b"rXYZ": _xyz(BLUE), b"gXYZ": _xyz(GREEN), b"bXYZ": _xyz(RED)}
    return _profile(b"RGB ", b"XYZ ", {**tags, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def dark_paper() -> bytes:
    """Return a profile of CMYK by which bare paper is black and full black ink is white."""
    corners = [(255 if black else 0, 128, 128) for *_, black in _corners(4)]
    lut = b"mft1" + struct.pack(">I4B", 0, 4, 3, 2, 0)
    lut += struct.pack(">9i", *(65_536 if i % 4 == 0 else 0 for i in range(9)))
    lut += bytes(range(256)) * 4 + bytes(value for corner in corners for value in corner) + bytes(range(256)) * 3
    return _profile(b"CMYK", b"Lab ", {b"A2B0": lut, b"A2B1": lut}, kind=b"prtr")


def _corners(channels: int) -> Iterable[tuple[int, ...]]:
    for number in range(2**channels):
        yield tuple(number >> place & 1 for place in reversed(range(channels)))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *(round(each * 65_536) for each in values))


def _profile(colours: bytes, connection: bytes, tags: dict[bytes, bytes], *, kind: bytes = b"mntr") -> bytes:
    name = b"invented\0"
    tags = {
        b"desc": b"desc" + struct.pack(">II", 0, len(name)) + name + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(WHITE),
        **tags,
    }
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for tag, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += padded
    header = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02400000, kind, colours, connection)
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">I", 0)
    header += struct.pack(">3i", *(round(each * 65_536) for each in WHITE))
    return header + bytes(128 - len(header)) + struct.pack(">I", len(tags)) + table + body
