"""What a film or a sound consists of, and how it is copied without its metadata, packet by packet.

Promises of a copy: what is written has the moving pictures and the sound, and how they are turned; no place, time,
device, title, cover, chapter, subtitle or data track (cameras write their path there), and none of the notes that
H.264, H.265 and AV1 carry between pictures. Of MP3 only whole frames are copied (`mp3_frames.py`).
Does not promise to hide what is seen and heard, nor notes inside other codecs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

#: What ffmpeg calls the format that it writes for each container.
_FORMATS = {
    "mp4": "mp4", "mov": "mov", "webm": "webm", "wmv": "asf", "mp3": "mp3", "m4a": "mp4", "wma": "asf",
}  # fmt: skip
#: Units of supplemental information, by codec: dash cameras and drones write the place of each picture there.
_NOTES = {"h264": "6", "hevc": "39|40", "av1": "5"}
_PLAYED_VIDEO = {"h264", "vp8", "vp9", "av1"}
_PLAYED_SOUND = {"aac", "mp3", "opus", "vorbis"}
_PLAYED_PIXELS = {"yuv420p", "yuvj420p"}
_MP4_CODECS = {"h264", "hevc", "av1", "aac", "mp3"}


@dataclass(frozen=True, slots=True)
class Stream:
    """One moving picture or sound of a file, with names as ffmpeg has them: the facts that a rendition depends on."""

    kind: str  # video | audio
    codec: str
    pixels: str = ""
    index: int = 0
    profile: str = ""
    level: int = 0
    width: int = 0  # as stored
    height: int = 0
    turned: int = 0  # degrees by which players turn the picture
    aspect: Fraction = Fraction(1)  # width of a pixel by its height
    rate: Fraction = Fraction(0)  # pictures a second, on average
    is_steady: bool = True  # whether all pictures last equally long
    is_interlaced: bool = False
    transfer: str = ""
    sample_rate: int = 0
    channels: int = 0
    bit_s: int = 0  # bits a second
    hidden: int = 0  # packets that an edit list keeps players from showing

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height as players show the picture: turned, with square pixels."""
        width = round(self.width * self.aspect)
        return (self.height, width) if self.turned % 180 else (width, self.height)


def plays_in_browsers(container: str, streams: Sequence[Stream]) -> bool:
    """Return whether the browsers of phones and desktops play a file by themselves.

    So they do not play Windows Media, H.265, ProRes, and pictures of more than 8 bits or with full colour resolution.
    """
    if container not in ("mp4", "webm", "mp3", "m4a"):
        return False
    return all(
        each.codec in _PLAYED_SOUND
        if each.kind == "audio"
        else each.codec in _PLAYED_VIDEO and each.pixels in _PLAYED_PIXELS
        for each in streams
    )


def copied_container(container: str, streams: Sequence[Stream]) -> str:
    """Return the container that a copy gets. A QuickTime film becomes mp4 where mp4 takes its codecs, for browsers."""
    return "mp4" if container == "mov" and all(each.codec in _MP4_CODECS for each in streams) else container


def copy_command(path: Path, target: Path, container: str, streams: Sequence[Stream], demuxers: str) -> list[str]:
    """Return the command line that copies a file to `target` in this container, without its metadata."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1"]
    command += ["-protocol_whitelist", "file", "-format_whitelist", demuxers, "-i", f"file:{path.absolute()}"]
    command += ["-map", "0:V?", "-map", "0:a?", "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1"]
    for n, video in enumerate(each.codec for each in streams if each.kind == "video"):
        if video in _NOTES:
            command += [f"-bsf:v:{n}", f"filter_units=remove_types={_NOTES[video]}"]
    if container in ("mp4", "mov", "m4a"):
        command += ["-movflags", "+faststart"]
    if container == "mp3":
        command += ["-id3v2_version", "0"]
    command += ["-strict", "-2"]  # FLAC in mp4 counts as an experiment
    command += ["-fflags", "+bitexact", "-f", _FORMATS[container], f"file:{target.absolute()}"]
    return command
