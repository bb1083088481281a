"""Renditions of films and sounds: what every browser plays, with a poster and a strip of pictures of the film.

A film becomes H.264 and AAC in an mp4 that begins to play before it is whole, at most LONGEST pixels long, RATE
pictures a second and VIDEO_BIT_S bits a second; a sound becomes AAC. What fits already is copied and not encoded anew.
`plan` decides by plain facts; `create` runs ffmpeg in limited processes.

Promises: what is written holds moving pictures and sound alone: no place, time, device, title, cover, chapter,
subtitle or data track, nor what an edit list hid. Memory and time are bounded whatever the file is; a rendition that is
shorter than its film is not kept. The poster is upright, and not black where the film has a picture that is not.
Does not promise the same bytes twice: encoders work in several threads.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from shared.media import limited_process
from shared.media.films import Stream
from shared.media.limited_process import Finished, Limits, RunWatched, Stopped, Watch
from shared.media.probe import (
    DEMUXERS,
    NOT_INSTALLED,
    SPARE_BYTES,
    Probed,
    ProbeNotInstalled,
    Unreadable,
    check_room,
    read_streams,
)

FILM, SOUND = "film.mp4", "sound.m4a"
LONGEST = 1_280  # pixels of the longer side
RATE = 30  # pictures a second
VIDEO_BIT_S = 2_000_000
COPIED_BIT_S = 2_600_000  # a film that has no more is not encoded anew only to be a little smaller
SOUND_BIT_S = 128_000
COPIED_SOUND_BIT_S = 200_000
SAMPLE_RATES = (44_100, 48_000)
COPIED_LEVEL = 41  # of H.264: what phones of the last ten years decode
STRIP_FRAMES = 8
PRIMING_PACKETS = 3  # of sound, which encoders write before the first that is heard
MISSING_PARTS, MISSING_MS = 50, 1_500  # a rendition may be a fiftieth shorter than its film, or 1.5 s

_MIB = 1024 * 1024
ENCODE_LIMITS = Limits(cpu_s=14_400, wall_s=7_200.0, memory_bytes=1_536 * _MIB, file_bytes=1_024 * _MIB)
FRAME_LIMITS = Limits(cpu_s=60, wall_s=120.0, memory_bytes=1_024 * _MIB)
_HDR = {"smpte2084", "arib-std-b67"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a rendition is made: of which streams, and what is encoded anew. `size` is that of the rendition."""

    video: Stream | None
    sound: Stream | None
    encodes_video: bool
    encodes_sound: bool
    size: tuple[int, int]
    filters: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the file that is written."""
        return FILM if self.video else SOUND


@dataclass(frozen=True, slots=True)
class Rendition:
    """A rendition that was written: its file, its size as shown, its length, and whether the film was encoded anew."""

    name: str
    width: int  # 0 for sound
    height: int
    duration_ms: int
    bytes: int
    encoded: bool
    peak_bytes: int  # the most memory that a process of it had at once


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no rendition: a stable code, and a detail in English."""

    code: str
    detail: str


def plan(streams: Sequence[Stream]) -> Plan:
    """Return how the rendition of a film or a sound is made: of its first moving picture and its first sound."""
    video = next((each for each in streams if each.kind == "video"), None)
    sound = next((each for each in streams if each.kind == "audio" and each.codec not in ("", "unknown")), None)
    size = _fitting(video) if video else (0, 0)
    encodes_video = video is not None and not _is_playable_video(video, size)
    return Plan(
        video,
        sound,
        encodes_video,
        sound is not None and not _is_playable_sound(sound),
        size,
        _filters(video, size) if video and encodes_video else (),
    )


def _fitting(video: Stream) -> tuple[int, int]:
    """Return the size of a rendition: as shown, not longer than LONGEST, and even, as H.264 needs it."""
    width, height = video.upright
    share = min(Fraction(1), Fraction(LONGEST, max(width, height, 1)))
    return max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2)


def _is_playable_video(video: Stream, size: tuple[int, int]) -> bool:
    return (
        video.codec == "h264"
        and video.pixels in ("yuv420p", "yuvj420p")
        and video.profile in ("Baseline", "Constrained Baseline", "Main", "High")
        and video.level <= COPIED_LEVEL
        and not (video.turned or video.hidden or video.is_interlaced)
        and (video.width, video.height) == size
        and Fraction(0) < video.rate <= RATE + Fraction(1, 2)
        and 0 < video.bit_s <= COPIED_BIT_S
    )


def _is_playable_sound(sound: Stream) -> bool:
    return (
        sound.codec == "aac"
        and sound.profile == "LC"
        and sound.channels in (1, 2)
        and sound.sample_rate in SAMPLE_RATES
        and 0 < sound.bit_s <= COPIED_SOUND_BIT_S
        and sound.hidden <= PRIMING_PACKETS
    )


def _filters(video: Stream, size: tuple[int, int]) -> tuple[str, ...]:
    """Return the filters that make a picture of this stream fit. ffmpeg turns it by itself, before all of them."""
    width, height = size
    found = ["yadif"] if video.is_interlaced else []
    if video.rate > RATE or not video.is_steady:
        found.append(f"fps={RATE}")
    found += [f"scale={width}:{height}:flags=bicubic", "setsar=1"]
    if video.transfer in _HDR:  # the brightness of newer phones, for screens of today
        found += [
            f"zscale=primariesin=bt2020:matrixin=bt2020nc:transferin={video.transfer}:transfer=linear:npl=100",
            "format=gbrpf32le", "zscale=primaries=bt709", "tonemap=tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=tv",
        ]  # fmt: skip
    return (*found, "format=yuv420p")


def command(path: Path, target: Path, how: Plan, demuxers: str) -> list[str]:
    """Return the command line of a rendition. It writes its progress to its standard output."""
    line = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-progress", "pipe:1", "-stats_period", "1"]
    line += ["-threads", "1", "-filter_threads", "1", "-protocol_whitelist", "file"]
    line += ["-format_whitelist", demuxers, "-i", f"file:{path.absolute()}"]
    if how.video:
        line += ["-map", f"0:{how.video.index}"]
        if how.encodes_video:
            line += ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-level:v", "4.0", "-crf", "23"]
            line += ["-maxrate", str(VIDEO_BIT_S), "-bufsize", str(2 * VIDEO_BIT_S), "-g", str(4 * RATE)]
            line += ["-threads:v", "2", "-x264-params", "rc-lookahead=5", "-vf", ",".join(how.filters)]
            line += ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"] if _is_hdr(how) else []
        else:
            line += ["-c:v", "copy"]
        line += ["-bsf:v", "filter_units=remove_types=6"]  # notes between pictures, and x264's own
    if how.sound:
        line += ["-map", f"0:{how.sound.index}"]
        if how.encodes_sound:
            rate = how.sound.sample_rate if how.sound.sample_rate in SAMPLE_RATES else SAMPLE_RATES[0]
            line += ["-c:a", "aac", "-b:a", str(SOUND_BIT_S), "-ac", "2", "-ar", str(rate)]
        else:
            line += ["-c:a", "copy"]
    line += ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-max_muxing_queue_size", "4096"]
    line += ["-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    return [*line, "-f", "mp4", f"file:{target.absolute()}"]


def _is_hdr(how: Plan) -> bool:
    return how.video is not None and how.video.transfer in _HDR


def percent(output: bytes, duration_ms: int) -> int | None:
    """Return how far ffmpeg is by the end of its progress report, from 0 to 99, or None if it does not say it."""
    found = re.findall(rb"^out_time_us=(\d+)", output, re.MULTILINE)
    return min(99, int(found[-1]) // 10 // max(1, duration_ms)) if found else None


def frame_times(duration_ms: int) -> list[Fraction]:
    """Return the times in seconds of the pictures of a strip: the middles of equal parts of the film."""
    return [Fraction(duration_ms * (2 * n + 1), 2 * STRIP_FRAMES * 1_000) for n in range(STRIP_FRAMES)]


def frame_command(film: Path, target: Path, at_s: Fraction) -> list[str]:
    """Return the command line that writes the picture of a rendition at a time as PNG."""
    line = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", "-filter_threads", "1"]
    line += ["-protocol_whitelist", "file", "-format_whitelist", "mov"]
    line += ["-ss", f"{float(at_s):.3f}", "-i", f"file:{film.absolute()}", "-map", "0:v:0", "-frames:v", "1"]
    return [*line, "-c:v", "png", "-f", "image2pipe", f"file:{target.absolute()}"]


def create(
    path: Path,
    folder: Path,
    film: Probed,
    run: RunWatched = limited_process.run,
    progress: Callable[[int], None] = lambda _: None,
) -> Rendition | Failed:
    """Write the rendition of a film or a sound into an empty folder, for a film also its poster and strip.

    `film` is what `probe.read_streams` found in the file at `path`. `progress` gets the per cent that are done. Raises
    OSError where our own storage fails, and ProbeNotInstalled.
    """
    folder = folder.absolute()
    how = plan(film.streams)
    if how.video is None and how.sound is None:
        return Failed("rendition-broken", "it has nothing that can be shown or heard")
    target = folder / how.name
    target.touch()
    job = {"command": command(path, target, how, DEMUXERS), "reads": [str(path.absolute())], "writes": [str(target)]}
    check_room(target, SPARE_BYTES + (path.stat().st_size if not how.encodes_video else film.duration_ms * 400))
    ended = run(job, ENCODE_LIMITS, _reporting(progress, film.duration_ms))
    check_room(target, SPARE_BYTES)  # ffmpeg says nothing of a full disk: it ends with success, and the film is short
    failed = _failure(ended)
    if failed:
        return failed
    written = read_streams(target, run)
    if isinstance(written, Unreadable):
        return Failed("rendition-broken", written.detail)
    if film.duration_ms - written.duration_ms > max(MISSING_MS, film.duration_ms // MISSING_PARTS):
        return Failed("rendition-broken", f"of {film.duration_ms} ms only {written.duration_ms} ms can be decoded")
    peak_bytes = ended.peak_bytes if isinstance(ended, Finished) else 0
    if how.video:
        failed = _write_frames(target, folder, written.duration_ms, run)
        if failed:
            return failed
    progress(100)
    encoded = how.encodes_video or how.encodes_sound
    size = target.stat().st_size
    return Rendition(how.name, written.width, written.height, written.duration_ms, size, encoded, peak_bytes)


def _reporting(progress: Callable[[int], None], duration_ms: int) -> Watch:
    def watch(output: bytes) -> None:
        found = percent(output, duration_ms)
        if found is not None:
            progress(found)

    return watch


def _failure(ended: Finished | Stopped) -> Failed | None:
    match ended:
        case Finished(exit_code=0):
            return None
        case Finished(exit_code=code) if code == NOT_INSTALLED:
            raise ProbeNotInstalled("ffmpeg could not be started: install the package ffmpeg")
        case Stopped(reason="time"):
            return Failed("rendition-timeout", "it could not be converted in the time that a film gets")
        case Stopped(reason="memory"):
            return Failed("rendition-too-large", "it needs more memory than a film gets")
        case Stopped(reason="busy" | "killed"):
            raise OSError("no process was free for it, or the system ended it")
    return Failed("rendition-broken", "it cannot be decoded to its end")


def _write_frames(film: Path, folder: Path, duration_ms: int, run: RunWatched) -> Failed | None:
    """Write the poster and the strip of a rendition, by way of a picture for each frame of the strip."""
    frames = [folder / f"frame-{n}.png" for n in range(STRIP_FRAMES)]
    try:
        for frame, at_s in zip(frames, frame_times(duration_ms), strict=True):
            frame.touch()
            job = {"command": frame_command(film, frame, at_s), "reads": [str(film)], "writes": [str(frame)]}
            failed = _failure(run(job, FRAME_LIMITS))
            if failed:
                return failed
        of_all = {"frames_of_film": [str(each) for each in frames], "folder": str(folder)}
        return _failure(run(of_all, FRAME_LIMITS))
    finally:
        for frame in frames:
            frame.unlink(missing_ok=True)
