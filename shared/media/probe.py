"""Probe an uploaded file: find out what it really is, whatever its name claims, and write the copy for the public.

Pictures are decoded by Pillow (`pictures.py`); video and audio are read by ffprobe, and copied by ffmpeg (`films.py`).
Neither the name nor anything that the file says about itself in EXIF is trusted. All of it is done in child processes
with limits of time and memory (`limited_process.py`); this process reads the first bytes and the boxes of a film.

Promises: a bad file gives a value, `Unreadable` with a stable code, never an exception; `ProbeNotInstalled` is the only
exception raised. ffprobe gets only the demuxers below and no protocol but `file`, and no file but this one, so that a
playlist disguised as a video opens nothing else. Durations are whole milliseconds, from the first packet that players
show to the end of the last, computed from ffprobe's decimals. Width and height are those that people see.

Does not promise: that every frame of a video decodes (the container is read, not its frames).
Whether a container or a duration is allowed is a rule of the campaign, which the submission service checks.

The codes: `media-unreadable` (not what it claims to be, broken or cut short), `media-unsupported` (valid, but of a kind
that nobody may hand in), `media-too-large` (a picture with too many pixels, or too much work), `media-timeout`, and
`media-missing` (our own storage does not return the file: not the sender's fault).
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple

from shared.media import films, limited_process
from shared.media.films import Stream
from shared.media.limited_process import NOT_STORED, Finished, Limits, Stopped

Kind = Literal["picture", "video", "audio"]
Run = Callable[[Mapping[str, Any], Limits], Finished | Stopped]

_MIB = 1024 * 1024
PICTURE_LIMITS = Limits(cpu_s=10, wall_s=20.0, memory_bytes=768 * _MIB)
PROBE_LIMITS = Limits(cpu_s=10, wall_s=20.0, memory_bytes=1024 * _MIB, file_bytes=4 * _MIB)  # half is ffprobe's code
COPY_LIMITS = Limits(cpu_s=60, wall_s=90.0, memory_bytes=1024 * _MIB, file_bytes=17 * 1024 * _MIB)
PACKET_LIMITS = Limits(cpu_s=30, wall_s=60.0, memory_bytes=1024 * _MIB)  # it reads the whole file
DIGEST_LIMITS = Limits(cpu_s=60, wall_s=90.0, memory_bytes=256 * _MIB)
HEAD_BYTES = 64
MOST_BOXES = 20_000  # more than any film has: a forged file must not keep a loop running
NOT_INSTALLED = 127
SPARE_BYTES = 4 * _MIB  # with less room than this left on the disk, a copy may be cut short

# Formats from avi on are refused below; they are listed so that the refusal can name the format.
DEMUXERS = "mov,asf,matroska,mp3,avi,flv,ogg,wav,flac,aac,mpegts,mpeg,amr"
FFPROBE = ("ffprobe", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", DEMUXERS)
FIELDS = (
    "format=format_name,duration:format_tags=major_brand"
    ":stream=index,codec_type,codec_name,profile,level,pix_fmt,width,height,sample_aspect_ratio,field_order"
    ",color_transfer,avg_frame_rate,r_frame_rate,sample_rate,channels"
    ":stream_disposition=attached_pic:stream_side_data=rotation"
)
PACKETS = "packet=stream_index,pts_time,dts_time,duration_time,size,flags"

#: The pictures that may be handed in: JPEG, PNG, WebP, and what phones write as HEIC, HEIF or AVIF.
PICTURES = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avi[fs])", re.DOTALL
)
OTHER_PICTURES = re.compile(
    rb"GIF8"
    rb"|II\*\0|MM\0\*|II\+\0|MM\0\+"  # TIFF
    rb"|BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"  # BMP: reserved zeros, and a size of its second header
    rb"|\0\0[\1\2]\0[^\0].{2}.\0[\0\1]"  # ICO and CUR: at least one picture, and its planes
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"  # JPEG 2000
    rb"|\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a"  # JPEG XL
    rb"|8BPS\0[\1\2]"  # PSD
    rb"|\xef?\xbb?\xbf?(?:<\?xml[^>]*>\s*)?<svg[\s>]",
    re.DOTALL,
)


class ProbeNotInstalled(Exception):
    """ffprobe or ffmpeg is not installed on this machine, or may not run, so video and audio cannot be used."""


@dataclass(frozen=True, slots=True)
class Media:
    """The facts that probing found about a file that can be used: what it is, and its size, length and hash."""

    kind: Kind
    container: str  # jpeg png webp heic avif, mp4 mov wmv webm, mp3 m4a wma
    duration_ms: int  # 0 for a picture
    width: int  # 0 for sound
    height: int
    bytes: int
    sha256: str
    look: str = ""  # how a picture looks (`look.py`), empty for film and sound
    ai_labels: tuple[str, ...] = ()  # what the file says about machines that made it (`ai_labels.py`)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be used: a stable code, and a detail in English."""

    code: str
    detail: str


class Inspected(NamedTuple):
    """What a file is, and what its copy became: the container of the copy, and whether browsers play it."""

    media: Media
    copied: str
    plays: bool


class Probed(NamedTuple):
    """The facts about a file's content, before its size in bytes and its hash are known."""

    kind: Kind
    container: str
    duration_ms: int
    width: int
    height: int
    streams: tuple[Stream, ...] = ()
    look: str = ""
    ai_labels: tuple[str, ...] = ()


def probe(path: Path, run: Run = limited_process.run) -> Media | Unreadable:
    """Find out what a stored file really is. Return its facts, or why it cannot be used. Raises ProbeNotInstalled.

    `run` runs a job in a limited process, as `limited_process.run` does.
    """
    found = _inspect(path, None, run)
    return found if isinstance(found, Unreadable) else found.media


def inspect(path: Path, target: Path, run: Run = limited_process.run) -> Inspected | Unreadable:
    """Find out what a stored file really is, and write its copy for the public to `target`, without metadata.

    A file whose copy cannot be written is refused, for it could not be shown. Raises ProbeNotInstalled.
    """
    return _inspect(path, target, run)


def _inspect(path: Path, target: Path | None, run: Run) -> Inspected | Unreadable:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if looks_like_picture(head):
            probed = _picture(path, target or Path("/dev/null"), run)
        else:
            probed = _stream(path, head, run)
        if isinstance(probed, Unreadable):
            return probed
        copied, plays = "jpeg", True
        if probed.kind != "picture":
            copied = films.copied_container(probed.container, probed.streams)
            plays = films.plays_in_browsers(copied, probed.streams)
            failed = _copy_stream(path, target, copied, probed.streams, run) if target else None
            if failed:
                return failed
        media = _with_digest(path, probed, run)
    except OSError:
        return Unreadable("media-missing", "the stored file could not be read")
    return media if isinstance(media, Unreadable) else Inspected(media, copied, plays)


def _with_digest(path: Path, probed: Probed, run: Run) -> Media | Unreadable:
    output = _output(run({"digest": str(path.absolute())}, DIGEST_LIMITS), "it could not be read to its end")
    if isinstance(output, Unreadable):
        return output
    size, sha256, *labels = output.decode("ascii").split()
    labels_of = tuple(sorted({*probed.ai_labels, *labels}))
    return Media(*probed[:5], bytes=int(size), sha256=sha256, look=probed.look, ai_labels=labels_of)


def looks_like_picture(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is a picture that may be handed in."""
    return PICTURES.match(head) is not None


def _picture(path: Path, target: Path, run: Run) -> Probed | Unreadable:
    job = {"picture": str(path.absolute()), "target": str(target.absolute()), "outlet": ["copy"]}
    output = _output(run(job, PICTURE_LIMITS), "the picture is broken or cut short")
    if isinstance(output, Unreadable):
        return output
    facts = json.loads(output)
    if "code" in facts:
        return Unreadable(facts["code"], facts["detail"])
    labels = tuple(facts["ai_labels"])
    return Probed("picture", facts["container"], 0, facts["width"], facts["height"], (), facts["look"], labels)


def read_streams(path: Path, run: Run = limited_process.run) -> Probed | Unreadable:
    """Return what a film or a sound consists of, or why it cannot be used. Raises ProbeNotInstalled, and OSError."""
    with path.open("rb") as file:
        return _stream(path, file.read(HEAD_BYTES), run)


def _stream(path: Path, head: bytes, run: Run) -> Probed | Unreadable:
    if OTHER_PICTURES.match(head):
        return Unreadable("media-unsupported", "a picture must be JPEG, PNG, WebP, HEIC or AVIF")
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
    codecs = {str(each.get("codec_name", "")) for each in streams if each.get("codec_type") == "audio"}
    if container == "mp3" and codecs & {"mp1", "mp2"}:
        return Unreadable("media-unsupported", "an earlier layer of MPEG sound")
    if container in ("mp4", "mov", "m4a") and not _is_whole(path):
        return Unreadable("media-unreadable", "the file is cut short")
    sounds = [each for each in streams if each.get("codec_type") == "audio"]
    found = tuple(_described(each) for each in (*moving, *sounds))
    if moving and not (found[0].width and found[0].height):
        return Unreadable("media-unreadable", "its video has no picture size")
    measured = _measured(path, found, run)
    duration_ms = measured.duration_ms or _ms(shape.get("duration", ""))
    if not duration_ms:
        return Unreadable("media-unreadable", "it has no duration")
    width, height = found[0].upright if moving else (0, 0)
    return Probed(kind, container, duration_ms, width, height, measured.streams or found)


def _described(stream: dict[str, Any]) -> Stream:
    """Return a stream by what ffprobe says of it. What it does not say, or says wrongly, is as good as absent."""
    mean, nominal = _fraction(stream.get("avg_frame_rate")), _fraction(stream.get("r_frame_rate"))
    sides = stream.get("side_data_list", [])
    return Stream(
        kind=str(stream["codec_type"]),
        codec=str(stream.get("codec_name", "")),
        pixels=str(stream.get("pix_fmt", "")),
        index=_whole(stream.get("index")),
        profile=str(stream.get("profile", "")),
        level=_whole(stream.get("level")),
        width=_whole(stream.get("width")),
        height=_whole(stream.get("height")),
        turned=next((_whole(each["rotation"]) % 360 for each in sides if "rotation" in each), 0),
        aspect=_fraction(stream.get("sample_aspect_ratio")) or Fraction(1),
        rate=mean or nominal,
        is_steady=bool(mean) and abs(mean - nominal) * 100 <= mean,
        is_interlaced=stream.get("field_order", "") in ("tt", "bb", "tb", "bt"),
        transfer=str(stream.get("color_transfer", "")),
        sample_rate=_whole(stream.get("sample_rate")),
        channels=_whole(stream.get("channels")),
    )


def _whole(value: object) -> int:
    """Return a whole number as ffprobe writes it, or 0."""
    return int(str(value)) if re.fullmatch(r"-?\d{1,9}", str(value)) else 0


def _fraction(value: object) -> Fraction:
    """Return a fraction as ffprobe writes it, such as 30000/1001 or 4:3, or 0."""
    found = re.fullmatch(r"(\d{1,9})[/:](\d{1,9})", str(value))
    return Fraction(int(found[1]), int(found[2])) if found and int(found[2]) else Fraction(0)


class _Measured(NamedTuple):
    """What the packets of a file say of it: its length, and its streams with their rates and hidden packets."""

    duration_ms: int
    streams: tuple[Stream, ...]


def _measured(path: Path, streams: tuple[Stream, ...], run: Run) -> _Measured:
    """Measure the packets of a file from the first to the last that is shown; without any the length is 0.

    The length in a header may be missing (a browser's recording), or of the time before an edit list or a fragment.
    """
    command = [*FFPROBE, "-show_entries", PACKETS, "-of", "csv=p=0", f"file:{path.absolute()}"]
    output = _output(run({"command": command, "reads": [str(path.absolute())]}, PACKET_LIMITS), "no packets")
    if isinstance(output, Unreadable):
        return _Measured(0, ())
    first: int | None = None
    end, sizes, hidden = 0, dict.fromkeys((each.index for each in streams), 0), Counter[int]()
    for line in output.decode("ascii", "replace").splitlines():
        index, shown_s, decoded_s, length_s, size, flags, *_ = [*line.split(","), *[""] * 6]
        if not index.isdigit() or int(index) not in sizes:
            continue
        sizes[int(index)] += _whole(size)
        if "D" in flags:
            hidden[int(index)] += 1
            continue
        at = _signed_ms(shown_s if shown_s != "N/A" else decoded_s)
        if at is not None:
            first, end = at if first is None else min(first, at), max(end, at + _ms(length_s))
    length_ms = max(0, end - (first or 0))
    rates = {index: size * 8_000 // length_ms if length_ms else 0 for index, size in sizes.items()}
    measured = (replace(each, bit_s=rates[each.index], hidden=hidden[each.index]) for each in streams)
    return _Measured(length_ms, tuple(measured))


def _copy_stream(path: Path, target: Path, container: str, streams: tuple[Stream, ...], run: Run) -> Unreadable | None:
    """Copy video or sound without its metadata. Return why it cannot be copied, or None. Raises OSError."""
    if container != "mp3":
        return _remux(path, target, container, streams, run)
    frames = target.with_name(f"{target.name}.frames")
    try:
        count = _output(
            run({"frames": str(path.absolute()), "target": str(frames.absolute())}, COPY_LIMITS), "no frame"
        )
        if isinstance(count, Unreadable):
            return count
        if count == b"0":
            return Unreadable("media-unreadable", "it holds no frame of sound")
        return _remux(frames, target, container, streams, run)
    finally:
        frames.unlink(missing_ok=True)


def _remux(path: Path, target: Path, container: str, streams: tuple[Stream, ...], run: Run) -> Unreadable | None:
    """Run ffmpeg. It says nothing of a full disk: it ends with success, and the copy is cut short. Raises OSError."""
    check_room(target, path.stat().st_size + SPARE_BYTES)
    command = films.copy_command(path, target, container, streams, DEMUXERS)
    target.touch()
    job = {"command": command, "reads": [str(path.absolute())], "writes": [str(target.absolute())]}
    output = _output(run(job, COPY_LIMITS), "its streams cannot be copied")
    check_room(target, SPARE_BYTES)
    if isinstance(output, Unreadable):
        return output
    if container in ("mp4", "mov", "m4a") and not _is_whole(target):
        raise OSError("the copy was cut short")
    return None


def check_room(target: Path, needed_bytes: int) -> None:
    """Raise OSError if the disk has less room than this for a file."""
    if shutil.disk_usage(target.parent).free < needed_bytes:
        raise OSError(f"less than {needed_bytes} bytes of room in {target.parent}")


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _container(kind: Kind, shape: dict[str, Any], head: bytes) -> str | Unreadable:
    """Return the container. The family comes from ffprobe; the member from the brand, the streams, or the EBML document
    type. The recorders of phones give sound alone the brand of a film (`mp42`): without a picture it is m4a.
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
        return "m4a" if kind == "audio" else "mp4"
    if "asf" in names:
        return "wmv" if kind == "video" else "wma"
    if "matroska" in names:
        # ffprobe has one name for both. The first bytes hold the document type: element 0x4282, its size, its text.
        return "webm" if re.search(rb"\x42\x82.{1,8}webm", head, re.DOTALL) else Unreadable("media-unsupported", "mkv")
    return "mp3" if "mp3" in names else Unreadable("media-unsupported", names[0])


def _is_whole(path: Path) -> bool:
    """Return whether a film has its index, and its data end inside the file. An upload that was cut short keeps a valid
    index if the index comes first, and ffprobe accepts it. Bytes after the last known box are ignored: cameras write
    notes there.
    """
    size, at, has_index = path.stat().st_size, 0, False
    with path.open("rb") as file:
        for _ in range(MOST_BOXES):
            file.seek(at)
            header = file.read(16)
            if len(header) < 8 or not header[4:8].isalnum():
                return has_index
            length, box = int.from_bytes(header[:4], "big"), header[4:8]
            has_index = has_index or box == b"moov"
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            if box in (b"mdat", b"moof", b"moov") and at + length > size:
                return False
            if length < 8:  # 0: the box extends to the end of the file
                return has_index
            at += length
    return True


def _run_ffprobe(path: Path, run: Run, *what: str) -> bytes | Unreadable:
    command = [*FFPROBE, *what, f"file:{path.absolute()}"]
    job = {"command": command, "reads": [str(path.absolute())]}
    return _output(run(job, PROBE_LIMITS), "it is neither a picture nor video nor audio")


def _output(ended: Finished | Stopped, unreadable: str) -> bytes | Unreadable:
    """Return what a child wrote, or why there is nothing: `unreadable` says it of a child that failed by itself."""
    match ended:
        case Finished(exit_code=0):
            return ended.output
        case Finished(exit_code=code) if code == NOT_INSTALLED:
            raise ProbeNotInstalled("ffprobe could not be started: install the package ffmpeg")
        case Finished(exit_code=code) if code == NOT_STORED:
            raise OSError("the store of media cannot be read or written")
        case Stopped(reason="time" | "busy" | "killed"):
            return Unreadable("media-timeout", "it could not be processed in the time that a file gets")
        case Stopped(reason="memory"):
            return Unreadable("media-too-large", "it needs more memory than a file gets")
    return Unreadable("media-unreadable", unreadable)


def _signed_ms(seconds: str) -> int | None:
    """Convert a time that may lie before the beginning, or return None if it is not a number."""
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", seconds):
        return None
    return -_ms(seconds[1:]) if seconds[0] == "-" else _ms(seconds)


def _ms(seconds: str) -> int:
    """Convert "12.345678" to 12346, and anything that is not a number, such as "N/A", to 0."""
    if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", seconds):
        return 0
    return int((Decimal(seconds) * 1000).to_integral_value(ROUND_HALF_EVEN))
