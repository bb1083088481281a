"""Of MP3 only whole frames are kept: no tag and no note before, between or behind them."""

from pathlib import Path

import pytest

from shared.media.mp3_frames import keep_frames

NOTE = b"SECRET-NOTE"
LYRICS = b"LYRICSBEGIN" + NOTE + b"000022LYRICS200TAG" + NOTE.ljust(125, b"\0")
ID3 = b"ID3\x03\0\0\0\0\0\x15TIT2\0\0\0\x0b\0\0" + NOTE


def frame(header: bytes, length: int, filling: int = 0) -> bytes:
    return header + bytes([filling]) * (length - 4)


ONE, TWO = (frame(b"\xff\xfb\x90\x00", 417, filling) for filling in (1, 2))  # layer 3, 128 kbit/s, 44,100 Hz
PADDED = frame(b"\xff\xfb\x92\x00", 418, 3)


def frames_of(folder: Path, data: bytes) -> bytes | None:
    path, target = folder / "sound", folder / "copy"
    path.write_bytes(data)
    count = keep_frames(path, target)
    assert target.exists() == bool(count)
    return target.read_bytes() if count else None


@pytest.mark.parametrize(
    "data",
    [
        ONE + TWO,
        ID3 + ONE + TWO,
        NOTE + ONE + TWO,
        ONE + TWO + LYRICS,
        ONE + TWO + b"APETAGEX" + NOTE,
        ONE + TWO + ID3,
        ONE + ID3 + TWO,
        ONE + LYRICS + ID3 + TWO + LYRICS,
        b"\xff\xfb\x90\x00" + NOTE + ONE + TWO,  # what looks like a frame, and is followed by none
    ],
    ids=["frames", "ID3", "a note before", "lyrics", "APE", "ID3 behind", "two files", "two tagged files", "a lie"],
)
def test_notes_around_frames_are_left_out(tmp_path: Path, data: bytes):
    assert frames_of(tmp_path, data) == ONE + TWO


def test_frame_that_a_note_interrupts_is_left_out(tmp_path: Path):
    spoilt = ONE[:200] + NOTE + ONE[200:]

    assert frames_of(tmp_path, ONE + ONE + spoilt + TWO + TWO) == ONE + ONE + TWO + TWO


def test_frames_may_differ_in_length(tmp_path: Path):
    assert frames_of(tmp_path, ONE + PADDED + TWO) == ONE + PADDED + TWO


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"\xff\xfb\x50\x00", 208),  # version 1, layer 3, 64 kbit/s, 44,100 Hz
        (b"\xff\xfd\xa4\x00", 576),  # version 1, layer 2, 192 kbit/s, 48,000 Hz
        (b"\xff\xff\x80\x00", 276),  # version 1, layer 1, 256 kbit/s, 44,100 Hz
        (b"\xff\xf3\x80\x00", 208),  # version 2, layer 3, 64 kbit/s, 22,050 Hz
        (b"\xff\xf5\x80\x00", 417),  # version 2, layer 2, 64 kbit/s, 22,050 Hz
        (b"\xff\xe3\x80\x00", 417),  # version 2.5, layer 3, 64 kbit/s, 11,025 Hz
    ],
)
def test_length_of_a_frame_is_that_of_the_standard(tmp_path: Path, header: bytes, length: int):
    sound = frame(header, length) * 3

    assert frames_of(tmp_path, sound + NOTE) == sound[:-length]
    assert frames_of(tmp_path, sound + LYRICS) == sound


@pytest.mark.parametrize("data", [b"", NOTE, b"\xff", b"\xff\xfb\x90", ONE[:400], b"\xff\xfb\x00\x00" + bytes(500)])
def test_file_without_frames_gives_none(tmp_path: Path, data: bytes):
    assert frames_of(tmp_path, data) is None
