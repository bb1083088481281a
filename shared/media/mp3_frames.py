"""Keep the frames of MPEG sound (MP3), and nothing that stands before, between or behind them.

Tags of several kinds (ID3, APE, Lyrics3) and any other bytes may stand anywhere in such a file; players skip them, and
ffmpeg copies some of them with the frame before.
Promises: what is written consists of whole frames, in their order. Runs in a limited child process.
Does not promise anything about the bits inside a frame, and does not know frames of a free bit rate.
"""

import mmap
from pathlib import Path
from typing import NamedTuple

_HEADER_BYTES = 4
_RATES_HZ = (44_100, 48_000, 32_000)
#: Kilobits a second by the index in the header: of version 1 by layer, and of the lower versions.
_KBPS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_TAGS = frozenset((b"TAG", b"ID3", b"APE", b"LYR"))  # how tags begin that may follow the last frame
_SHARES = {0: 4, 2: 2, 3: 1}  # version 2.5, 2 or 1 by its two bits -> by how much the sampling rate is divided


class _Frame(NamedTuple):
    """What the header of a frame says: its length in bytes, and what all frames of one sound have in common."""

    length: int
    kind: tuple[int, int, int]


def keep_frames(path: Path, target: Path) -> int:
    """Write the frames of a sound to `target`, and return their number. Nothing is written if there are none."""
    with path.open("rb") as file:
        if not file.seek(0, 2):
            return 0
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            runs, count = _runs(data)
            if count:
                with target.open("wb") as copy:
                    for first, end in runs:
                        copy.write(data[first:end])
            return count


def _runs(data: mmap.mmap) -> tuple[list[tuple[int, int]], int]:
    """Return the stretches of a file that consist of frames, and how many frames they are."""
    runs: list[tuple[int, int]] = []
    at, count, size = 0, 0, len(data)
    while (at := data.find(b"\xff", at)) >= 0:
        frame, first = _frame(data, at), at
        while frame is not None and at + frame.length <= size and _is_followed(data, at, frame):
            at, count = at + frame.length, count + 1
            frame = _frame(data, at)
        if at == first:
            at += 1
        else:
            runs.append((first, at))
    return runs, count


def _is_followed(data: mmap.mmap, at: int, frame: _Frame) -> bool:
    """Return whether a frame is whole: another of its kind follows, or a tag, or the file ends with it."""
    after = at + frame.length
    following = _frame(data, after)
    if following is not None:
        return following.kind == frame.kind
    return after == len(data) or data[after : after + 3] in _TAGS


def _frame(data: mmap.mmap, at: int) -> _Frame | None:
    """Return what stands in the header of a frame at this place, or None if there is none."""
    head = data[at : at + _HEADER_BYTES]
    if len(head) < _HEADER_BYTES or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, index, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version not in _SHARES or layer == 4 or not 1 <= rate <= 14 or index == 3:
        return None
    low = version != 3
    rate_hz, bit_s = _RATES_HZ[index] // _SHARES[version], _KBPS[1 + low, layer][rate - 1] * 1_000
    if layer == 1:
        return _Frame((12 * bit_s // rate_hz + padding) * 4, (version, layer, index))
    return _Frame((72 if low and layer == 3 else 144) * bit_s // rate_hz + padding, (version, layer, index))
