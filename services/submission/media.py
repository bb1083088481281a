"""Says what a file really is, whatever its name claims.

Pictures are decoded by Pillow, video and sound are read by ffprobe. Neither the name nor anything that the file says
about itself in EXIF is trusted.

Promises: a bad file is a value, `Unreadable` with a stable code, never an exception; `ProbeNotInstalled` is the only
one raised here. ffprobe gets a time limit, the demuxers below and no protocol but `file`, so that a playlist dressed up
as a video opens nothing else. Durations are whole milliseconds made from ffprobe's decimals.

Does not promise: that every frame of a video decodes (the container is read, its frames are not), nor that a browser
plays its codecs, nor how a picture is to be turned (width and height are as stored). Whether a container or a duration
is allowed is the campaign's rule: `domain.py` decides it.

The codes: `media-unreadable` (not what it claims, broken or cut short), `media-unsupported` (sound in itself, but of a
kind that nobody may hand in), `media-too-large` (a picture of too many pixels), `media-timeout`, `media-missing` (our
own storage does not give the file: no fault of the person who sent it).
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

MAX_PIXELS = 65_000_000  # a telephone's 64-megapixel picture, and 260 MB at worst when decoded
TIME_LIMIT_S = 20
HEAD_BYTES = 64

# From avi on they are refused below; they are listed so that the refusal can say what the file is.
DEMUXERS = "mov,asf,matroska,mp3,avi,flv,ogg,wav,flac,aac,mpegts,mpeg,amr"
FFPROBE = ("ffprobe", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", DEMUXERS)
FIELDS = (
    "format=format_name,duration:format_tags=major_brand:stream=codec_type,width,height:stream_disposition=attached_pic"
)

PICTURES = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}  # MPO: a JPEG with a depth map behind it
OTHER_PICTURES = re.compile(rb"GIF8|II\*\0|MM\0\*|....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avi[fs])", re.DOTALL)

# What Pillow's decoders are seen to raise for broken input; a MemoryError is a bomb that kept under MAX_PIXELS.
BROKEN = (
    OSError, SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError, RuntimeError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip


class ProbeNotInstalled(Exception):
    """ffprobe is not on this machine, or may not run: nothing can be said about video and sound."""


@dataclass(frozen=True, slots=True)
class Media:
    kind: Kind
    container: str  # jpeg png webp, mp4 mov wmv webm, mp3 m4a wma
    duration_ms: int  # 0 for a picture
    width: int  # 0 for sound
    height: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    code: str
    detail: str


class Seen(NamedTuple):
    kind: Kind
    container: str
    duration_ms: int
    width: int
    height: int


def probe(path: Path, run: Run = subprocess.run) -> Media | Unreadable:
    """`run` is `subprocess.run` or one that a caller's scheduler can wait for.

    Under `eventlet.monkey_patch()`, which the nameko command does, the default is such a one already.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            seen = _picture(path) if _says_picture(head) else _stream(path, head, run)
            if isinstance(seen, Unreadable):
                return seen
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Media(*seen, bytes=file.tell(), sha256=digest)
    except OSError:
        return Unreadable("media-missing", "the stored file could not be read")


def _says_picture(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _picture(path: Path) -> Seen | Unreadable:
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return Unreadable("media-too-large", f"{width} x {height} pixels")
            image.verify()
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            container = PICTURES[image.format or ""]
            image.draft(None, (1, 1))  # JPEG: all of the file is still read, at an eighth of the size
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Unreadable("media-too-large", "more pixels than any camera makes")
    except BROKEN:
        return Unreadable("media-unreadable", "the picture is broken or cut short")
    return Seen("picture", container, 0, width, height)


def _stream(path: Path, head: bytes, run: Run) -> Seen | Unreadable:
    if OTHER_PICTURES.match(head):
        return Unreadable("media-unsupported", "a picture must be JPEG, PNG or WebP")
    told = _ask(path, run, "-show_entries", FIELDS, "-of", "json")
    if isinstance(told, Unreadable):
        return told
    try:
        facts = json.loads(told)
        shape, streams = facts["format"], facts["streams"]
    except (ValueError, KeyError):
        return Unreadable("media-unreadable", "neither picture, video nor sound")
    moving = [one for one in streams if one.get("codec_type") == "video" and not _is_cover(one)]
    if not moving and not any(one.get("codec_type") == "audio" for one in streams):
        return Unreadable("media-unreadable", "neither picture nor sound in it")
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
        return Unreadable("media-unreadable", "its picture has no size")
    return Seen(kind, container, duration_ms, width, height)


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _container(kind: Kind, shape: dict[str, Any], head: bytes) -> str | Unreadable:
    """The family comes from ffprobe; the member from the brand, from the streams, or from the EBML document type."""
    names = str(shape.get("format_name", "")).split(",")
    brand = str(shape.get("tags", {}).get("major_brand", "qt")).strip().lower()  # no brand: QuickTime before brands
    if "mov" in names:
        if brand.startswith("3g"):
            return Unreadable("media-unsupported", "3gp")
        if brand == "qt":
            return "mov"
        return "m4a" if kind == "audio" and brand in ("m4a", "m4b", "m4p") else "mp4"
    if "asf" in names:
        return "wmv" if kind == "video" else "wma"
    if "matroska" in names:
        # ffprobe gives both one name; the document type stands in the first bytes: element 0x4282, its size, its text.
        return "webm" if re.search(rb"\x42\x82.{1,8}webm", head, re.DOTALL) else Unreadable("media-unsupported", "mkv")
    return "mp3" if "mp3" in names else Unreadable("media-unsupported", names[0])


def _is_whole(path: Path) -> bool:
    """Whether the film's data ends inside the file. An upload cut short keeps a sound index when that comes first,
    and ffprobe is content with it. Bytes behind the last known box are let be: cameras leave notes there.
    """
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        for _ in range(100_000):  # more boxes than any film has: a made-up one must not keep us here
            file.seek(at)
            header = file.read(16)
            if len(header) < 8 or not header[4:8].isalnum():
                return True
            length = int.from_bytes(header[:4], "big")
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            if header[4:8] in (b"mdat", b"moof", b"moov") and at + length > size:
                return False
            if length < 8:  # 0: the box reaches to the end
                return True
            at += length
    return True


def _last_packet_ms(path: Path, run: Run) -> int:
    """A recording made in a browser names no duration: where its last packet ends is one."""
    told = _ask(path, run, "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0")
    if isinstance(told, Unreadable):
        return 0
    ends = [0]
    for line in told.decode("ascii", "replace").splitlines():
        start, length, *_ = [*line.split(","), "", ""]
        ends.append(_ms(start) + _ms(length))
    return max(ends)


def _ask(path: Path, run: Run, *what: str) -> bytes | Unreadable:
    try:
        done = run(
            [*FFPROBE, *what, f"file:{path.absolute()}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT_S,
        )
    except OSError as error:
        raise ProbeNotInstalled("ffprobe could not be started: install the package ffmpeg") from error
    except Exception as error:
        # By name: eventlet 0.41.3's green `run` raises the class of another copy of the module subprocess, which is
        # not `subprocess.TimeoutExpired`, nor any subclass of it.
        if type(error).__name__ != "TimeoutExpired":
            raise
        return Unreadable("media-timeout", f"not understood within {TIME_LIMIT_S} s")
    if done.returncode != 0:
        return Unreadable("media-unreadable", "neither picture, video nor sound")
    return done.stdout


def _ms(seconds: str) -> int:
    """From "12.345678" to 12346, and to 0 for what is not a number, such as "N/A"."""
    if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", seconds):
        return 0
    return int((Decimal(seconds) * 1000).to_integral_value(ROUND_HALF_EVEN))
