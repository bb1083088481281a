"""Tests of `probe` on real files. Files that need ffmpeg are made once, in a temporary folder of pytest."""

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import zlib
from pathlib import Path

import hypothesis
import pillow_heif
import pytest
from hypothesis import strategies
from PIL import Image

from shared.media import confinement, limited_process
from shared.media.limited_process import Finished, Limits, Stopped
from shared.media.probe import Media, ProbeNotInstalled, Unreadable, inspect, probe

pytestmark = pytest.mark.slow  # decodes in child processes
pillow_heif.register_heif_opener()  # this process writes the pictures

COVER = ["-i", "cover.png", "-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic"]
# A film of 2 s at 10 frames per second with sound; the other files are made from it.
FILM = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2"]
FORMS = {
    "film.mp4": [*FILM, "-shortest"],
    "fast.mp4": ["-i", "film.mp4", "-c", "copy", "-movflags", "+faststart"],
    "fragments.mp4": ["-i", "film.mp4", "-c", "copy", "-movflags", "frag_keyframe+empty_moov"],
    "sound.mp4": ["-i", "film.mp4", "-vn", "-c", "copy"],
    "film.mov": ["-i", "film.mp4", "-c", "copy"],
    "film.mkv": ["-i", "film.mp4", "-c", "copy"],
    "film.3gp": ["-i", "film.mp4", "-c", "copy"],
    "film.avi": ["-i", "film.mp4"],
    "film.wmv": ["-i", "film.mp4", "-c:v", "wmv2", "-c:a", "wmav2"],
    "film.webm": ["-i", "film.mp4", "-c:v", "libvpx", "-c:a", "libopus"],
    "android.m4a": ["-i", "film.mp4", "-vn", "-c", "copy", "-brand", "mp42", "-f", "mp4"],
    "sound.m4a": ["-i", "film.mp4", "-vn", "-c", "copy"],
    "sound.wma": ["-i", "film.mp4", "-vn", "-c:a", "wmav2"],
    "sound.mp3": ["-i", "film.mp4", "-vn", "-c:a", "libmp3lame"],
    "cover.png": ["-f", "lavfi", "-i", "color=red:size=100x100", "-frames:v", "1"],
    "cover.mp3": ["-i", "sound.mp3", *COVER],
    "cover.m4a": ["-i", "sound.m4a", *COVER],
    # Key pictures at 0 and 1 s only, so that what is cut at 1.4 s still holds the pictures from 1 s on.
    "keyed.mp4": ["-i", "film.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10", "-bf", "2", "-c:a", "copy"],
    "trimmed.mp4": ["-ss", "1.4", "-i", "keyed.mp4", "-c", "copy"],
    "late.mp4": ["-itsoffset", "1", "-i", "film.mp4", "-i", "film.mp4", "-map", "0:v", "-map", "1:a", "-c", "copy"],
    "turned.mp4": ["-i", "film.mp4", "-c", "copy", "-metadata:s:v", "rotate=270"],
    "wide.mp4": ["-i", "film.mp4", "-vf", "setsar=2/1"],
    "talk.mp4": ["-i", "film.mp4", "-i", "talk.srt", "-map", "0:a", "-map", "1", "-c:a", "copy", "-c:s", "mov_text"],
    "path.mov": ["-i", "film.mp4", "-c", "copy", "-timecode", "01:02:03:04"],
}
#: What is written to a pipe cannot be ended with an index or a length.
PIPED = {
    "live.webm": ["-i", "film.webm", "-c", "copy", "-f", "webm"],
    "live.mp4": ["-i", "keyed.mp4", "-c", "copy", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
    "varied.mp3": ["-i", "film.mp4", "-vn", "-c:a", "libmp3lame", "-q:a", "9", "-write_xing", "0", "-f", "mp3"],
}  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    (folder / "talk.srt").write_text("1\n00:00:00,000 --> 00:00:09,000\n工会\n", encoding="utf-8")
    for name, how in FORMS.items():
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *how, name], cwd=folder, check=True)
    for name, how in PIPED.items():
        command = ["ffmpeg", "-v", "error", "-nostdin", *how, "-"]
        (folder / name).write_bytes(subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout)
    return folder


# Probe a film that ffprobe cannot read in time, while another green thread counts.
GREEN = """
import eventlet
eventlet.monkey_patch()
import pathlib, sys
from shared.media import limited_process, probe
from shared.media.limited_process import Limits
limited_process._PATH = sys.argv[2]
probe.PROBE_LIMITS = Limits(cpu_s=10, wall_s=1.0, memory_bytes=1 << 30)
ticks = []
def count():
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)
eventlet.spawn(count)
print(probe.probe(pathlib.Path(sys.argv[1])).code, len(ticks) > 20)
"""


def picture(form: str, size: tuple[int, int] = (64, 48), **how) -> bytes:
    page = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(page, form, **how)
    return page.getvalue()


def stored(folder: Path, data: bytes, name: str = "upload.bin") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def no_ffprobe(job, limits):
    assert "command" not in job, "a picture must not need ffprobe"
    return limited_process.run(job, limits)


def answers(stdout: bytes, exit_code: int = 0):
    """Return a runner in which every program answers this, and the rest of the work is done."""

    def run(job, limits):
        return Finished(exit_code, stdout) if "command" in job else limited_process.run(job, limits)

    return run


@pytest.mark.parametrize(
    ("form", "container"),
    [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("MPO", "jpeg"), ("HEIF", "heic"), ("AVIF", "avif")],
)
def test_probe_says_what_a_picture_is(tmp_path, form, container):
    data = picture(form)

    seen = probe(stored(tmp_path, data), run=no_ffprobe)

    assert isinstance(seen, Media)
    assert Media("picture", container, 0, 64, 48, len(data), hashlib.sha256(data).hexdigest(), seen.look) == seen
    assert len(seen.look) == 16


def test_probe_does_not_trust_the_name_of_a_picture(tmp_path):
    seen = probe(stored(tmp_path, picture("PNG"), "holiday.mp4"), run=no_ffprobe)

    assert isinstance(seen, Media)
    assert (seen.kind, seen.container) == ("picture", "png")


def test_probe_gives_the_size_of_a_picture_as_people_see_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me by 90 degrees"

    seen = probe(stored(tmp_path, picture("JPEG", exif=exif)), run=no_ffprobe)

    assert isinstance(seen, Media)
    assert (seen.width, seen.height) == (48, 64)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_probe_refuses_a_picture_that_is_cut_short(tmp_path, form):
    data = picture(form, (640, 480))

    seen = probe(stored(tmp_path, data[: len(data) // 2]), run=no_ffprobe)

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-unreadable"


@pytest.mark.parametrize(
    "size",
    [pytest.param((6100, 6000), id="just over our limit"), pytest.param((60000, 60000), id="a bomb by Pillow's limit")],
)
def test_probe_refuses_too_many_pixels_without_decoding_them(tmp_path, size):
    header = b"".join(part.to_bytes(4, "big") for part in size) + b"\x08\x00\x00\x00\x00"
    data = picture("PNG")
    ihdr = b"IHDR" + header
    bomb = data[:12] + ihdr + _crc(ihdr) + data[33:]

    seen = probe(stored(tmp_path, bomb), run=no_ffprobe)

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-too-large"


def _crc(chunk: bytes) -> bytes:
    return zlib.crc32(chunk).to_bytes(4, "big")


@pytest.mark.filterwarnings("default")  # Pillow warns about broken EXIF data, and then reads the picture
@hypothesis.settings(max_examples=150, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@hypothesis.given(
    form=strategies.sampled_from(["JPEG", "PNG", "WEBP"]),
    spoils=strategies.lists(strategies.tuples(strategies.integers(12, 1000), strategies.integers(0, 255)), max_size=8),
    cut=strategies.integers(12, 3000),
)
def test_probe_never_raises_for_a_spoilt_picture(tmp_path_factory, form, spoils, cut):
    data = bytearray(picture(form))
    for at, value in spoils:
        data[at % len(data)] = value

    seen = probe(stored(tmp_path_factory.getbasetemp(), bytes(data[:cut])), run=answers(b"", 1))

    assert isinstance(seen, Media | Unreadable)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GIF89a", id="gif"),
        pytest.param(b"II*\0", id="tiff"),
        pytest.param(b"II+\0", id="big tiff"),
        pytest.param(picture("BMP"), id="bmp"),
        pytest.param(picture("ICO"), id="ico"),
        pytest.param(picture("JPEG2000"), id="jpeg 2000"),
        pytest.param(b"\xff\x4f\xff\x51", id="jpeg 2000 without its boxes"),
        pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n", id="jpeg xl"),
        pytest.param(b"8BPS\0\1", id="photoshop"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg">', id="svg"),
    ],
)
def test_probe_names_pictures_that_nobody_may_hand_in(tmp_path, head):
    seen = probe(stored(tmp_path, head + bytes(100)), run=no_ffprobe)

    assert Unreadable("media-unsupported", "a picture must be JPEG, PNG, WebP, HEIC or AVIF") == seen


def test_probe_tells_a_file_that_is_gone_from_a_bad_one(tmp_path):
    seen = probe(tmp_path / "gone.mp4", run=no_ffprobe)

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-missing"


def test_probe_without_ffprobe_raises(tmp_path):
    with pytest.raises(ProbeNotInstalled, match="ffmpeg"):
        probe(stored(tmp_path, b"words"), run=answers(b"", 127))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("time", "media-timeout"),
        ("busy", "media-timeout"),
        ("killed", "media-timeout"),
        ("memory", "media-too-large"),
        ("crash", "media-unreadable"),
    ],
)
@pytest.mark.parametrize("data", [b"words", picture("JPEG")], ids=["a film", "a picture"])
def test_probe_says_why_its_child_was_stopped(tmp_path, data, reason, expected):
    seen = probe(stored(tmp_path, data), run=lambda _job, _limits: Stopped(reason))

    assert isinstance(seen, Unreadable)
    assert expected == seen.code


def test_picture_whose_copy_finds_a_full_disk_is_not_called_broken(tmp_path):
    seen = inspect(stored(tmp_path, picture("JPEG")), Path("/dev/full"))

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-missing"


def test_picture_beyond_the_limit_of_its_child_is_refused_and_the_next_is_not(tmp_path):
    """The guard is tried with an ordinary picture and low limits."""
    path = stored(tmp_path, picture("PNG", (2_400, 2_400)))

    def little(job, limits):
        return limited_process.run(job, Limits(limits.cpu_s, limits.wall_s, 48 * 1024 * 1024))

    seen = [probe(path, run=little), probe(path)]

    assert [each.code for each in seen if isinstance(each, Unreadable)] == ["media-too-large"]
    assert [each.container for each in seen if isinstance(each, Media)] == ["png"]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(b"", id="no answer"),
        pytest.param(b"{}", id="an empty answer"),
        pytest.param(b"\xff", id="not text"),
        pytest.param(b'{"format": {"format_name": "mp3"}, "streams": []}', id="no streams"),
        pytest.param(
            b'{"format": {"format_name": "mp3", "duration": "N/A"}, "streams": [{"codec_type": "audio"}]}',
            id="no duration",
        ),
        pytest.param(
            b'{"format": {"format_name": "asf", "duration": "1.5"}, "streams": [{"codec_type": "video"}]}',
            id="a video without a size",
        ),
    ],
)
def test_probe_refuses_what_ffprobe_cannot_describe(tmp_path, told):
    seen = probe(stored(tmp_path, b"words"), run=answers(told))

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-unreadable"


@pytest.mark.parametrize(
    ("seconds", "expected_ms"),
    [("480.000000", 480_000), ("481", 481_000), ("0.0405", 40), ("0.0415", 42), ("12.345678", 12_346)],
)
def test_probe_rounds_a_duration_half_even_to_milliseconds(tmp_path, seconds, expected_ms):
    told = {"format": {"format_name": "mp3", "duration": seconds}, "streams": [{"codec_type": "audio"}]}

    seen = probe(stored(tmp_path, b"words"), run=answers(json.dumps(told).encode()))

    assert isinstance(seen, Media)
    assert expected_ms == seen.duration_ms


@pytest.mark.parametrize("codec", ["mp1", "mp2"])
def test_probe_names_sound_of_an_earlier_layer_that_nobody_may_hand_in(tmp_path, codec):
    facts = {
        "format": {"format_name": "mp3", "duration": "2.0"},
        "streams": [{"codec_type": "audio", "codec_name": codec}],
    }

    seen = probe(stored(tmp_path, b"words"), run=answers(json.dumps(facts).encode()))

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-unsupported"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "container"),
    [
        ("film.mp4", "video", "mp4"),
        ("fast.mp4", "video", "mp4"),
        ("fragments.mp4", "video", "mp4"),
        ("film.mov", "video", "mov"),
        ("film.wmv", "video", "wmv"),
        ("film.webm", "video", "webm"),
        ("sound.mp4", "audio", "m4a"),
        ("android.m4a", "audio", "m4a"),
        ("sound.m4a", "audio", "m4a"),
        ("sound.wma", "audio", "wma"),
        ("sound.mp3", "audio", "mp3"),
        ("cover.mp3", "audio", "mp3"),
        ("cover.m4a", "audio", "m4a"),
    ],
)
def test_probe_says_what_video_and_sound_are(films, tmp_path, name, kind, container):
    data = (films / name).read_bytes()

    seen = probe(stored(tmp_path, data, "named-otherwise.txt"))

    assert isinstance(seen, Media)
    assert (kind, container) == (seen.kind, seen.container)
    assert ((160, 120) if kind == "video" else (0, 0)) == (seen.width, seen.height)
    assert 1_900 <= seen.duration_ms <= 2_300
    assert (len(data), hashlib.sha256(data).hexdigest()) == (seen.bytes, seen.sha256)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "found"), [("film.mkv", "mkv"), ("film.avi", "avi"), ("film.3gp", "3gp")])
def test_probe_names_containers_that_nobody_may_hand_in(films, name, found):
    assert Unreadable("media-unsupported", found) == probe(films / name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "least_ms", "most_ms"),
    [
        pytest.param("live.webm", "video", 1_950, 2_050, id="a browser's recording without a length"),
        pytest.param("live.mp4", "video", 1_950, 2_250, id="fragments without a length"),
        pytest.param("trimmed.mp4", "video", 590, 660, id="an edit list that hides the beginning"),
        pytest.param("late.mp4", "video", 2_950, 3_050, id="an edit list that begins late"),
        pytest.param("varied.mp3", "audio", 1_950, 2_100, id="sound of a varying bit rate without a length"),
        pytest.param("talk.mp4", "audio", 1_950, 2_050, id="subtitles that are longer than the sound"),
        pytest.param("path.mov", "video", 1_950, 2_050, id="a track of data"),
    ],
)
def test_probe_measures_what_players_show(films, name, kind, least_ms, most_ms):
    seen = probe(films / name)

    assert isinstance(seen, Media)
    assert kind == seen.kind
    assert least_ms <= seen.duration_ms <= most_ms


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("turned.mp4", (120, 160)), ("wide.mp4", (320, 120))])
def test_probe_gives_a_film_the_size_that_players_show(films, name, size):
    seen = probe(films / name)

    assert isinstance(seen, Media)
    assert size == (seen.width, seen.height)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["film.mp4", "fast.mp4", "film.mov"])
def test_probe_refuses_a_film_that_is_cut_short(films, tmp_path, name):
    data = (films / name).read_bytes()

    seen = probe(stored(tmp_path, data[: len(data) * 2 // 3]))

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-unreadable"


@pytest.mark.slow
def test_probe_takes_a_film_with_notes_of_the_camera_behind_it(films, tmp_path):
    seen = probe(stored(tmp_path, (films / "film.mp4").read_bytes() + b"\xff\xff\xff\x00 made by a camera"))

    assert isinstance(seen, Media)
    assert seen.kind == "video"


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        pytest.param("这是一份文字材料。\n".encode() * 100, id="words"),
        pytest.param("工会服务职工ÿûÿ".encode("utf-16") * 500, id="words of two bytes"),
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(5000), id="zeros"),
        pytest.param(b"\0\0\0\x20ftypisom" + bytes(200), id="the first bytes of an mp4"),
    ],
)
def test_probe_refuses_what_is_only_named_mp4(tmp_path, data):
    seen = probe(stored(tmp_path, data, "video.mp4"))

    assert isinstance(seen, Unreadable)
    assert seen.code == "media-unreadable"


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{other}\n#EXT-X-ENDLIST\n"
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT2S"><Period>'
    '<AdaptationSet><Representation id="1" bandwidth="1"><BaseURL>{other}</BaseURL></Representation></AdaptationSet>'
    "</Period></MPD>"
)


@pytest.mark.slow
@pytest.mark.parametrize("playlist", [HLS, DASH, "ffconcat version 1.0\nfile {other}\n"], ids=["hls", "dash", "concat"])
def test_probe_opens_nothing_that_a_playlist_names(films, tmp_path, playlist):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        others = [f"file:{films / 'film.mp4'}", f"http://127.0.0.1:{listening.getsockname()[1]}/film.mp4"]

        seen = [probe(stored(tmp_path, playlist.format(other=each).encode(), "video.mp4")) for each in others]

        assert [each.code for each in seen if isinstance(each, Unreadable)] == ["media-unreadable"] * 2
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.slow
@pytest.mark.skipif(not confinement.files_can_be_taken(), reason="this kernel has no Landlock")
def test_playlist_that_the_program_would_follow_is_stopped_by_the_kernel(films, tmp_path):
    film = films / "film.mp4"
    playlist = stored(tmp_path, f"ffconcat version 1.0\nfile {film}\n".encode(), "list")
    command = ["ffprobe", "-v", "error", "-f", "concat", "-safe", "0", str(playlist)]
    limits = Limits(cpu_s=10, wall_s=20.0, memory_bytes=1 << 30)

    ends = [
        limited_process.run({"command": command, "reads": reads}, limits)
        for reads in ([str(playlist), str(film)], [str(playlist)])
    ]

    assert [each.exit_code for each in ends if isinstance(each, Finished)] == [0, 1]


@pytest.mark.slow
def test_probe_works_under_a_name_that_looks_like_an_option_or_a_protocol(films, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = (films / "film.mp4").read_bytes()

    seen = [probe(stored(Path(), data, name)) for name in ("-version", "http:x.mp4", "百家 100%d.mp4")]

    assert [each.container for each in seen if isinstance(each, Media)] == ["mp4", "mp4", "mp4"]


@pytest.mark.slow
def test_probe_keeps_its_time_limit_under_eventlet_and_lets_others_work(tmp_path):
    stand_in = stored(tmp_path, b"#!/bin/sh\nexec sleep 60\n", "ffprobe")
    stand_in.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}/usr/bin:/bin"

    command = [sys.executable, "-W", "ignore", "-c", GREEN, str(stored(tmp_path, b"words")), path]
    told = subprocess.run(command, capture_output=True, timeout=30, check=True)

    assert told.stdout == b"media-timeout True\n"
