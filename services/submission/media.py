"""Probe an uploaded file: find out what it really is, whatever its name claims.

Pictures are decoded by Pillow; video and audio are read by ffprobe. Neither the name nor anything that the file says
about itself in EXIF is trusted.

Promises: a bad file gives a value, `Unreadable` with a stable code, never an exception; `ProbeNotInstalled` is the only
exception raised. ffprobe gets a time limit, only the demuxers below and no protocol but `file`, so that a playlist
disguised as a video opens nothing else. Durations are whole milliseconds, computed from ffprobe's decimals.

Does not promise: that every frame of a video decodes (the container is read, not its frames), that a browser plays its
codecs, or how a picture must be rotated (width and height are as stored). Whether a container or a duration is allowed
is a rule of the campaign, which `entry_checks.py` checks.

The codes: `media-unreadable` (not what it claims to be, broken or cut short), `media-unsupported` (valid, but of a kind
that nobody may hand in), `media-too-large` (a picture with too many pixels), `media-timeout`, and `media-missing` (our
own storage does not return the file: not the sender's fault).
"""

import hashlib
import json
import re
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from PIL import Image

Kind = Literal["picture", "video", "audio"]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

MAX_PIXELS = 65_000_000  # a 64-megapixel picture of a phone; at most 260 MB when decoded
TIME_LIMIT_S = 20
HEAD_BYTES = 64

# Formats from avi on are refused below; they are listed so that the refusal can name the format.
DEMUXERS = "mov,asf,matroska,mp3,avi,flv,ogg,wav,flac,aac,mpegts,mpeg,amr"
FFPROBE = ("ffprobe", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", DEMUXERS)
FIELDS = (
    "format=format_name,duration:format_tags=major_brand:stream=codec_type,width,height:stream_disposition=attached_pic"
)

PICTURES = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}  # MPO: a JPEG with a depth map behind it
OTHER_PICTURES = re.compile(rb"GIF8|II\*\0|MM\0\*|....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avi[fs])", re.DOTALL)

# What Pillow's decoders were seen to raise for broken input; MemoryError: a decompression bomb below MAX_PIXELS.
BROKEN = (
    OSError, SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError, RuntimeError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip


class ProbeNotInstalled(Exception):
    """ffprobe is not installed on this machine, or may not run, so video and audio cannot be probed."""


@dataclass(frozen=True, slots=True)
class Media:
    """The facts that probing found about a file that can be used: what it is, and its size, length and hash."""

    kind: Kind
    container: str  # jpeg png webp, mp4 mov wmv webm, mp3 m4a wma
    duration_ms: int  # 0 for a picture
    width: int  # 0 for sound
    height: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be used: a stable code, and a detail in English."""

    code: str
    detail: str


class Probed(NamedTuple):
    """The facts about a file's content, before its size in bytes and its hash are known."""

    kind: Kind
    container: str
    duration_ms: int
    width: int
    height: int


def probe(path: Path, run: Run = subprocess.run) -> Media | Unreadable:
    """Find out what a stored file really is. Return its facts, or why it cannot be used. Raises ProbeNotInstalled.

    `run` is `subprocess.run`, or a replacement that a caller's scheduler can wait for. Under `eventlet.monkey_patch()`,
    which the nameko command applies, the default is such a replacement already.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            probed = _picture(path) if _looks_like_picture(head) else _stream(path, head, run)
            if isinstance(probed, Unreadable):
                return probed
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Media(*probed, bytes=file.tell(), sha256=digest)
    except OSError:
        return Unreadable("media-missing", "the stored file could not be read")


def _looks_like_picture(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _picture(path: Path) -> Probed | Unreadable:
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return Unreadable("media-too-large", f"{width} x {height} pixels")
            image.verify()
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            container = PICTURES[image.format or ""]
            image.draft(None, (1, 1))  # JPEG: the whole file is still read, but decoded at an eighth of its size
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Unreadable("media-too-large", "it has more pixels than any camera takes")
    except BROKEN:
        return Unreadable("media-unreadable", "the picture is broken or cut short")
    return Probed("picture", container, 0, width, height)


def _stream(path: Path, head: bytes, run: Run) -> Probed | Unreadable:
    if OTHER_PICTURES.match(head):
        return Unreadable("media-unsupported", "a picture must be JPEG, PNG or WebP")
    output = _run_ffprobe(path, run, "-show_entries", FIELDS, "-of", "json")
    if isinstance(output, Unreadable):
        return output
    try:
        facts = json.loads(output)
        shape, streams = facts["format"], facts["streams"]
    except (ValueError, KeyError):
        return Unreadable("media-unreadable", "it is neither a picture nor video nor audio")
    moving = [each for each in streams if each.get("codec_type") == "video" and not _is_cover(each)]
    if not moving and not any(each.get("codec_type") == "audio" for each in streams):
        return Unreadable("media-unreadable", "it contains neither video nor audio")
    kind: Kind = "video" if moving else "audio"
    container = _container(kind, shape, head)
    if isinstance(container, Unreadable):
        return container
    if container in ("mp4", "mov", "m4a") and not _is_whole(path):
        return Unreadable("media-unreadable", "the file is cut short")
    duration_ms = _ms(shape.get("duration", "")) or _last_packet_ms(path, run)
    if not duration_ms:
        return Unreadable("media-unreadable", "it has no duration")
    width, height = (int(moving[0].get("width", 0)), int(moving[0].get("height", 0))) if moving else (0, 0)
    if moving and not (width and height):
        return Unreadable("media-unreadable", "its video has no picture size")
    return Probed(kind, container, duration_ms, width, height)


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _container(kind: Kind, shape: dict[str, Any], head: bytes) -> str | Unreadable:
    """Return the container. The family comes from ffprobe; the member from the brand, the streams, or the EBML document
    type.
    """
    names = str(shape.get("format_name", "")).split(",")
    brand = (
        str(shape.get("tags", {}).get("major_brand", "qt")).strip().lower()
    )  # no brand: QuickTime from before brands
    if "mov" in names:
        if brand.startswith("3g"):
            return Unreadable("media-unsupported", "3gp")
        if brand == "qt":
            return "mov"
        return "m4a" if kind == "audio" and brand in ("m4a", "m4b", "m4p") else "mp4"
    if "asf" in names:
        return "wmv" if kind == "video" else "wma"
    if "matroska" in names:
        # ffprobe has one name for both. The first bytes hold the document type: element 0x4282, its size, its text.
        return "webm" if re.search(rb"\x42\x82.{1,8}webm", head, re.DOTALL) else Unreadable("media-unsupported", "mkv")
    return "mp3" if "mp3" in names else Unreadable("media-unsupported", names[0])


def _is_whole(path: Path) -> bool:
    """Return whether the data of a film end inside the file. An upload that was cut short keeps a valid index if the
    index comes first, and ffprobe accepts it. Bytes after the last known box are ignored: cameras write notes there.
    """
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        for _ in range(100_000):  # more boxes than any film has: a forged file must not keep this loop running
            file.seek(at)
            header = file.read(16)
            if len(header) < 8 or not header[4:8].isalnum():
                return True
            length = int.from_bytes(header[:4], "big")
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            if header[4:8] in (b"mdat", b"moof", b"moov") and at + length > size:
                return False
            if length < 8:  # 0: the box extends to the end of the file
                return True
            at += length
    return True


def _last_packet_ms(path: Path, run: Run) -> int:
    """Return the end of the last packet, or 0. A browser's recording names no duration, so this replaces it."""
    output = _run_ffprobe(path, run, "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0")
    if isinstance(output, Unreadable):
        return 0
    ends = [0]
    for line in output.decode("ascii", "replace").splitlines():
        start, length, *_ = [*line.split(","), "", ""]
        ends.append(_ms(start) + _ms(length))
    return max(ends)


def _run_ffprobe(path: Path, run: Run, *what: str) -> bytes | Unreadable:
    try:
        completed = run(
            [*FFPROBE, *what, f"file:{path.absolute()}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT_S,
        )
    except OSError as error:
        raise ProbeNotInstalled("ffprobe could not be started: install the package ffmpeg") from error
    except Exception as error:
        # Compared by name: eventlet 0.41.3's green `run` raises the class of another copy of the module subprocess,
        # which is neither `subprocess.TimeoutExpired` nor a subclass of it.
        if type(error).__name__ != "TimeoutExpired":
            raise
        return Unreadable("media-timeout", f"it could not be probed within {TIME_LIMIT_S} s")
    if completed.returncode != 0:
        return Unreadable("media-unreadable", "it is neither a picture nor video nor audio")
    return completed.stdout


def _ms(seconds: str) -> int:
    """Convert "12.345678" to 12346, and anything that is not a number, such as "N/A", to 0."""
    if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", seconds):
        return 0
    return int((Decimal(seconds) * 1000).to_integral_value(ROUND_HALF_EVEN))
