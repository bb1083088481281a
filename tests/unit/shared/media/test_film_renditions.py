"""Renditions: what is planned for a film by its facts, and what real films of phones and studios become."""

import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from shared.media import film_renditions, limited_process
from shared.media.film_renditions import Failed, Rendition, create, percent, plan
from shared.media.films import Stream
from shared.media.limited_process import Finished, Stopped
from shared.media.probe import Probed, Unreadable, read_streams

PLACE, NOTE = "+38.0428+114.5149/", "SECRET-NOTE"
FITTING = Stream(
    "video", "h264", "yuv420p", profile="High", level=40, width=1280, height=720, rate=Fraction(30), bit_s=2_000_000
)
HEARD = Stream("audio", "aac", index=1, profile="LC", sample_rate=48_000, channels=2, bit_s=128_000)
MOVING = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4", "-f", "lavfi", "-i", "sine=duration=4"]
TAGS = ["-metadata", f"location={PLACE}", "-metadata", f"title={NOTE}", "-metadata:s:v:0", f"handler_name={NOTE}"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "100"]
HDR = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc"]
FILMS = {
    "plain.mp4": [*MOVING, *H264, *TAGS],
    "turned.mp4": ["-i", "plain.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", *TAGS],
    "trimmed.mp4": ["-ss", "1.3", "-t", "2", "-i", "plain.mp4", "-c", "copy", *TAGS],
    "fast.mp4": ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=60:duration=1", *H264, *TAGS],
    "newer.mov": [
        *MOVING, "-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le", *HDR, "-tag:v", "hvc1",
        *TAGS,
    ],
    "studio.mov": [*MOVING, "-c:v", "prores_ks", "-c:a", "pcm_s16le", "-timecode", "01:02:03:04", *TAGS],
    "film.wmv": [*MOVING, "-c:v", "wmv2", "-c:a", "wmav2", *TAGS[:4]],
    "film.webm": [*MOVING, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", *TAGS[:4]],
    "wide.mp4": [*MOVING, *H264, "-vf", "setsar=2/1"],
    "sound.wma": [*MOVING[4:], "-c:a", "wmav2", *TAGS[:4]],
    "sound.m4a": [*MOVING[4:], "-c:a", "aac", "-ac", "2", *TAGS[:4]],
    "dark.mp4": [
        "-f", "lavfi", "-i", "color=black:size=320x180:rate=10:duration=5", "-f", "lavfi", "-i",
        "testsrc2=size=320x180:rate=10:duration=3", "-filter_complex", "[0][1]concat", *H264,
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, how in FILMS.items():
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *how, name], cwd=folder, check=True)
    return folder


def read(path: Path) -> Probed:
    found = read_streams(path)
    assert not isinstance(found, Unreadable)
    return found


def rendered(path: Path, folder: Path) -> Rendition:
    found = create(path, folder, read(path))
    assert isinstance(found, Rendition)
    return found


def described(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(path)]
    told: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return told


def boxes(path: Path) -> list[bytes]:
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def test_film_that_fits_is_copied():
    how = plan([FITTING, HEARD])

    assert (how.encodes_video, how.encodes_sound, how.size) == (False, False, (1280, 720))


@pytest.mark.parametrize(
    ("change", "size"),
    [
        pytest.param({"codec": "hevc"}, (1280, 720), id="another codec"),
        pytest.param({"pixels": "yuv420p10le"}, (1280, 720), id="ten bits"),
        pytest.param({"pixels": "yuv444p"}, (1280, 720), id="full colour resolution"),
        pytest.param({"level": 51}, (1280, 720), id="more than phones decode"),
        pytest.param({"turned": 90}, (720, 1280), id="turned right"),
        pytest.param({"turned": 270, "width": 1920, "height": 1080}, (720, 1280), id="large and turned left"),
        pytest.param({"width": 3840, "height": 2160}, (1280, 720), id="large"),
        pytest.param({"width": 720, "height": 576, "aspect": Fraction(16, 11)}, (1048, 576), id="wide pixels"),
        pytest.param({"width": 853, "height": 481}, (852, 480), id="an odd size"),
        pytest.param({"rate": Fraction(60)}, (1280, 720), id="many pictures"),
        pytest.param({"bit_s": 9_000_000}, (1280, 720), id="many bits"),
        pytest.param({"hidden": 40}, (1280, 720), id="what an edit list hides"),
        pytest.param({"is_interlaced": True}, (1280, 720), id="half pictures"),
    ],
)
def test_film_that_does_not_fit_is_encoded(change: dict[str, Any], size: tuple[int, int]):
    how = plan([replace(FITTING, **change), HEARD])

    assert (how.encodes_video, how.encodes_sound, how.size) == (True, False, size)


@pytest.mark.parametrize(
    "change",
    [{"codec": "wmav2"}, {"profile": "HE-AAC"}, {"channels": 6}, {"sample_rate": 96_000}, {"bit_s": 400_000}],
)
def test_sound_that_does_not_fit_is_encoded(change: dict[str, Any]):
    how = plan([FITTING, replace(HEARD, **change)])

    assert (how.encodes_video, how.encodes_sound) == (False, True)


def test_film_has_no_more_than_its_first_picture_and_its_first_known_sound():
    how = plan([FITTING, replace(FITTING, index=2), replace(HEARD, codec="unknown"), replace(HEARD, index=3)])

    assert (how.video, how.sound) == (FITTING, replace(HEARD, index=3))


@pytest.mark.parametrize(
    ("video", "filters"),
    [
        (replace(FITTING, codec="hevc"), ["scale", "setsar", "format"]),
        (replace(FITTING, rate=Fraction(60)), ["fps", "scale", "setsar", "format"]),
        (replace(FITTING, codec="hevc", is_steady=False), ["fps", "scale", "setsar", "format"]),
        (replace(FITTING, is_interlaced=True), ["yadif", "scale", "setsar", "format"]),
    ],
)
def test_filters_fit_the_film(video: Stream, filters: list[str]):
    assert filters == [each.partition("=")[0] for each in plan([video]).filters]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (b"frame=1\nout_time_us=1000000\nprogress=continue\nout_time_us=2000000\n", 50),
        (b"out_time_us=4000001\nprogress=end\n", 99),
        (b"out_time_us=N/A\n", None),
        (b"", None),
    ],
)
def test_progress_is_read_from_the_end_of_the_report(report: bytes, expected: int | None):
    assert expected == percent(report, 4_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size", "duration_ms", "encoded"),
    [
        ("plain.mp4", (320, 180), 4_000, False),
        ("turned.mp4", (180, 320), 4_000, True),
        ("trimmed.mp4", (320, 180), 2_000, True),
        ("fast.mp4", (1280, 720), 1_000, True),
        ("newer.mov", (320, 180), 4_000, True),
        ("studio.mov", (320, 180), 4_000, True),
        ("film.wmv", (320, 180), 4_000, True),
        ("film.webm", (320, 180), 4_000, True),
        ("wide.mp4", (640, 180), 4_000, True),
    ],
)
def test_film_becomes_what_browsers_play(
    films: Path, tmp_path: Path, name: str, size: tuple[int, int], duration_ms: int, encoded: bool
):
    found = rendered(films / name, tmp_path)

    assert (found.name, found.encoded, (found.width, found.height)) == ("film.mp4", encoded, size)
    assert abs(found.duration_ms - duration_ms) <= 100
    film = tmp_path / found.name
    facts = described(film)
    streams = [
        (each["codec_name"], each.get("pix_fmt"), each.get("sample_aspect_ratio"), each.get("side_data_list"))
        for each in facts["streams"]
    ]
    assert streams[0] == ("h264", "yuv420p", "1:1", None)
    assert [each[0] for each in streams[1:]] == ([] if name == "fast.mp4" else ["aac"])
    assert Fraction(facts["streams"][0]["avg_frame_rate"]) <= 30
    assert boxes(film).index(b"moov") < boxes(film).index(b"mdat")
    assert facts["chapters"] == []
    data = film.read_bytes()
    assert [each for each in (NOTE, PLACE, "x264 - core", "x265 (build") if each.encode() in data] == []
    decoded = ["ffmpeg", "-v", "error", "-i", str(film), "-f", "null", "-"]
    assert subprocess.run(decoded, capture_output=True, check=True).stderr == b""
    posters = [f"poster-{width}.{form}" for width in (1920, 480, 960) for form in ("jpg", "webp")]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["film.mp4", *posters, "strip.jpg"]


@pytest.mark.slow
def test_poster_has_the_size_of_the_film_and_the_strip_has_eight_pictures(films: Path, tmp_path: Path):
    rendered(films / "turned.mp4", tmp_path)

    with Image.open(tmp_path / "poster-480.webp") as poster, Image.open(tmp_path / "strip.jpg") as strip:
        assert (poster.size, strip.size) == ((180, 320), (8 * 101, 180))


@pytest.mark.slow
def test_poster_of_a_film_that_begins_in_black_is_not_black(films: Path, tmp_path: Path):
    rendered(films / "dark.mp4", tmp_path)

    with Image.open(tmp_path / "poster-480.jpg") as poster:
        assert ImageStat.Stat(poster.convert("L")).mean[0] > 60


@pytest.mark.slow
@pytest.mark.parametrize(("name", "encoded"), [("sound.wma", True), ("sound.m4a", False)])
def test_sound_becomes_aac(films: Path, tmp_path: Path, name: str, encoded: bool):
    found = rendered(films / name, tmp_path)

    assert (found.name, found.encoded, found.width, found.height) == ("sound.m4a", encoded, 0, 0)
    assert [each["codec_name"] for each in described(tmp_path / found.name)["streams"]] == ["aac"]
    assert NOTE.encode() not in (tmp_path / found.name).read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["sound.m4a"]


@pytest.mark.slow
def test_progress_is_reported_while_a_film_is_encoded(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limited_process, "WATCH_S", 0.01)
    seen: list[int] = []

    found = create(films / "newer.mov", tmp_path, read(films / "newer.mov"), progress=seen.append)

    assert isinstance(found, Rendition)
    assert len(seen) > 1
    assert (seen == sorted(seen), seen[-1]) == (True, 100)


@pytest.mark.slow
def test_film_that_decodes_only_in_part_has_no_rendition(films: Path, tmp_path: Path):
    longer = read(films / "film.wmv")._replace(duration_ms=9_000)

    found = create(films / "film.wmv", tmp_path, longer)

    assert isinstance(found, Failed)
    assert (found.code, found.detail[:18]) == ("rendition-broken", "of 9000 ms only 40")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (Stopped("time"), "rendition-timeout"),
        (Stopped("memory"), "rendition-too-large"),
        (Stopped("crash"), "rendition-broken"),
        (Finished(1, b""), "rendition-broken"),
    ],
)
def test_film_that_cannot_be_converted_says_why(films: Path, tmp_path: Path, ended: Finished | Stopped, code: str):
    film = films / "plain.mp4"

    found = create(film, tmp_path, read(film), lambda _job, _limits, _watch=None: ended)

    assert isinstance(found, Failed)
    assert code == found.code


@pytest.mark.slow
def test_film_that_the_system_ended_is_tried_again_and_not_called_broken(films: Path, tmp_path: Path):
    film = films / "plain.mp4"

    with pytest.raises(OSError, match="system"):
        create(film, tmp_path, read(film), lambda _job, _limits, _watch=None: Stopped("killed"))


@pytest.mark.slow
def test_rendition_without_room_is_our_storage_and_not_the_film(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(film_renditions, "SPARE_BYTES", 1 << 60)

    with pytest.raises(OSError, match="room"):
        create(films / "plain.mp4", tmp_path, read(films / "plain.mp4"))
