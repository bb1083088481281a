"""Copies for the public are made from originals on demand, and hold nothing that a device or an editor wrote."""

import hashlib
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shared.media.copies import CannotPrepare, Created, PublicCopies
from shared.media.limited_process import Limits, Stopped
from shared.media.probe import Unreadable

PLACE, NOTE = "+38.0428+114.5149/", "SECRET-NOTE"
FILM = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2"]
TAGS = ["-metadata", f"location={PLACE}", "-metadata", f"title={NOTE}", "-metadata", f"comment={NOTE}"]
TAGS += ["-metadata:s:v:0", f"handler_name={NOTE}", "-movflags", "use_metadata_tags"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
TWO = [*FILM[:4], *FILM[:4], "-map", "0:v", "-map", "1:v"]
FILMS = {
    "phone.mp4": [*FILM, "-shortest", *H264, *TAGS],
    "turned.mp4": ["-i", "phone.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", *TAGS],
    "path.mov": ["-i", "phone.mp4", "-c", "copy", "-timecode", "01:02:03:04", *TAGS],
    "studio.mov": [*FILM, "-shortest", "-c:v", "prores_ks", "-c:a", "pcm_s16le", *TAGS],
    "newer.mp4": [*FILM, "-shortest", "-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", *TAGS],
    "bright.mp4": [
        *FILM[:4], "-c:v", "libsvtav1", "-svtav1-params", "content-light=1000,400", "-pix_fmt", "yuv420p10le", *TAGS,
    ],
    "film.wmv": [*FILM, "-shortest", "-c:v", "wmv2", "-c:a", "wmav2", *TAGS[:6]],
    "film.webm": [*FILM, "-shortest", "-c:v", "libvpx", "-c:a", "libopus", *TAGS[:6]],
    "two.mp4": [*TWO, "-c:v:0", "mpeg4", "-c:v:1", "libx264", "-pix_fmt", "yuv420p", *TAGS],
    "two-other.mp4": [*TWO, "-c:v:0", "libx264", "-c:v:1", "mpeg4", "-pix_fmt", "yuv420p", *TAGS],
    "sound.mp3": ["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "libmp3lame", "-write_id3v1", "1", *TAGS[:6]],
    "sound.wma": ["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "wmav2", *TAGS[:6]],
    "layer3.m4a": ["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "libmp3lame", "-f", "mp4", *TAGS[:6]],
    "lossless.m4a": ["-f", "lavfi", "-i", "sine=duration=2", "-c:a", "flac", "-strict", "-2", "-f", "mp4", *TAGS[:6]],
    "sound.m4a": ["-f", "lavfi", "-i", "sine=duration=2", "-brand", "mp42", "-f", "mp4", *TAGS[:6]],
}  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, how in FILMS.items():
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *how, name], cwd=folder, check=True)
    return folder


@pytest.fixture
def copies(tmp_path: Path) -> PublicCopies:
    return PublicCopies(tmp_path)


def photo(**how: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = NOTE, 6
    exif.get_ifd(0x8825)[29] = "2026:11:30"
    page = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(page, "JPEG", exif=exif, comment=NOTE, **how)
    return page.getvalue()


def stored(root: Path, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    path = root / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return sha256


def created(copies: PublicCopies, sha256: str) -> Created:
    found = copies.create(sha256)
    assert isinstance(found, Created), found
    return found


def probed(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", str(path)]
    facts: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return facts


def test_copy_of_a_photo_is_upright_and_holds_no_place(copies: PublicCopies, tmp_path: Path):
    data = photo()
    sha256 = stored(tmp_path, data)

    copy = created(copies, sha256).copy

    seen = copy.path.read_bytes()
    assert (copy.media_type, copy.plays, Image.open(io.BytesIO(seen)).size) == ("image/jpeg", True, (48, 64))
    assert [each for each in (NOTE.encode(), b"Exif", b"2026:11:30") if each in seen] == []
    original = copies.original(sha256)
    assert original is not None
    assert original.read_bytes() == data


def test_copy_is_found_once_it_was_made(copies: PublicCopies, tmp_path: Path):
    sha256 = stored(tmp_path, photo())
    before = copies.find(sha256)

    copy = created(copies, sha256).copy

    assert before is None
    assert copy == copies.find(sha256)
    assert list((tmp_path / "coming").iterdir()) == []


def test_entity_tag_changes_with_the_bytes_of_the_copy(copies: PublicCopies, tmp_path: Path):
    copy = created(copies, stored(tmp_path, photo())).copy
    before = copy.etag
    os.utime(copy.path, ns=(1, 1))

    assert before.startswith(f'"{copy.path.name[:64]}-')
    assert before != copy.etag


@pytest.mark.parametrize("data", [b"words", photo()[:700]], ids=["no media", "cut short"])
def test_file_that_cannot_be_used_has_no_copy(copies: PublicCopies, tmp_path: Path, data: bytes):
    sha256 = stored(tmp_path, data)

    found = copies.create(sha256)

    assert isinstance(found, Unreadable)
    assert found.code == "media-unreadable"
    assert copies.find(sha256) is None
    assert list((tmp_path / "coming").iterdir()) == []


def test_file_under_another_name_than_its_hash_is_refused(copies: PublicCopies, tmp_path: Path):
    path = tmp_path / "ab" / ("ab" * 32)
    path.parent.mkdir()
    path.write_bytes(photo())

    assert copies.create("ab" * 32) == Unreadable("media-unreadable", "stored under another hash")


@pytest.mark.parametrize("sha256", ["d" * 64, "x", "../../etc/passwd", "D" * 64])
def test_file_that_is_not_stored_is_missing(copies: PublicCopies, sha256: str):
    found = copies.create(sha256)

    assert isinstance(found, Unreadable)
    assert (found.code, copies.find(sha256), copies.original(sha256)) == ("media-missing", None, None)


def test_removal_takes_the_original_and_the_copies_of_every_recipe(copies: PublicCopies, tmp_path: Path):
    sha256, other = stored(tmp_path, photo()), stored(tmp_path, photo(quality=30))
    created(copies, sha256)
    kept = created(copies, other).copy.path
    older = tmp_path / "public" / "0" / sha256[:2] / f"{sha256}.jpeg"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"x")

    copies.remove(sha256)
    copies.remove(sha256)

    left = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {tmp_path / other[:2] / other, kept}


def test_originals_are_listed_by_their_age_without_copies_and_drafts(copies: PublicCopies, tmp_path: Path):
    old, young = stored(tmp_path, photo()), stored(tmp_path, photo(quality=30))
    created(copies, old)
    os.utime(tmp_path / old[:2] / old, (1_000, 1_000))

    assert list(copies.originals(older_than_s=2_000)) == [old]
    assert set(copies.originals(older_than_s=1e12)) == {old, young}


def test_picture_for_an_outlet_has_its_size(copies: PublicCopies, tmp_path: Path):
    data = copies.picture_for(stored(tmp_path, photo()), "cover", 90, 40)

    assert Image.open(io.BytesIO(data)).size == (90, 40)


@pytest.mark.parametrize("data", [b"words", None], ids=["no picture", "lost"])
def test_picture_that_cannot_be_prepared_is_told(copies: PublicCopies, tmp_path: Path, data: bytes | None):
    sha256 = "d" * 64 if data is None else stored(tmp_path, data)

    with pytest.raises(CannotPrepare):
        copies.picture_for(sha256, "narrow", 100)


def test_picture_beyond_the_limits_of_its_child_is_told(tmp_path: Path):
    copies = PublicCopies(tmp_path, run=lambda _job, _limits: Stopped("time"))

    with pytest.raises(CannotPrepare):
        copies.picture_for(stored(tmp_path, photo()), "narrow", 100)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "container", "media_type", "plays"),
    [
        ("phone.mp4", "mp4", "video/mp4", True),
        ("turned.mp4", "mp4", "video/mp4", True),
        ("path.mov", "mp4", "video/mp4", True),
        ("studio.mov", "mov", "video/quicktime", False),
        ("newer.mp4", "mp4", "video/mp4", False),
        ("bright.mp4", "mp4", "video/mp4", False),
        ("two.mp4", "mp4", "video/mp4", False),
        ("two-other.mp4", "mp4", "video/mp4", False),
        ("film.wmv", "wmv", "video/x-ms-wmv", False),
        ("film.webm", "webm", "video/webm", True),
        ("sound.mp3", "mp3", "audio/mpeg", True),
        ("sound.wma", "wma", "audio/x-ms-wma", False),
        ("sound.m4a", "m4a", "audio/mp4", True),
        ("layer3.m4a", "m4a", "audio/mp4", True),
        ("lossless.m4a", "m4a", "audio/mp4", False),
    ],
)
def test_copy_of_a_film_holds_no_place_and_says_whether_it_plays(
    films: Path, copies: PublicCopies, tmp_path: Path, name: str, container: str, media_type: str, plays: bool
):
    data = (films / name).read_bytes()
    words = NOTE.encode("utf-16-le") if name.endswith(("wmv", "wma")) else NOTE.encode()
    assert words in data

    found = created(copies, stored(tmp_path, data))

    seen = found.copy.path.read_bytes()
    assert (found.copy.container, found.copy.media_type, found.copy.plays) == (container, media_type, plays)
    assert found.copy == copies.find(found.inspected.media.sha256)
    assert [each for each in (words, PLACE.encode(), PLACE.encode("utf-16-le"), b"x264 - core") if each in seen] == []
    facts = probed(found.copy.path)
    assert {each["codec_type"] for each in facts["streams"]} == {
        each["codec_type"] for each in probed(films / name)["streams"] if each["codec_type"] != "data"
    }
    assert 1_900 <= float(facts["format"]["duration"]) * 1_000 <= 2_300


@pytest.mark.slow
def test_copy_holds_no_metadata_unit_of_av1(films: Path, copies: PublicCopies, tmp_path: Path):
    copy = created(copies, stored(tmp_path, (films / "bright.mp4").read_bytes())).copy

    assert metadata_units(films / "bright.mp4") > 0
    assert metadata_units(copy.path) == 0


def metadata_units(film: Path) -> int:
    command = ["ffmpeg", "-v", "trace", "-i", str(film), "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=True).stderr.count(b" metadata_type ")


@pytest.mark.slow
def test_copy_of_a_sound_holds_no_tag_that_stands_behind_or_between_its_frames(
    films: Path, copies: PublicCopies, tmp_path: Path
):
    sound = (films / "sound.mp3").read_bytes()
    lyrics = b"LYRICSBEGIN" + PLACE.encode() + b"000029LYRICS200TAG" + NOTE.encode().ljust(125, b"\0")

    seen = created(copies, stored(tmp_path, sound + lyrics + sound)).copy.path

    assert [each for each in (NOTE.encode(), PLACE.encode()) if each in seen.read_bytes()] == []
    assert round(float(probed(seen)["format"]["duration"])) == 4
    assert list((tmp_path / "coming").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", [("COPY_LIMITS", Limits(10, 20.0, 1 << 30, file_bytes=1_000)), ("SPARE_BYTES", 1 << 60)]
)
def test_copy_that_is_cut_short_for_want_of_room_is_not_stored(
    films: Path, copies: PublicCopies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, Any]
):
    """ffmpeg 5.1 ends with success where it cannot write. The limit of a file stands for the end of the disk."""
    monkeypatch.setattr(f"shared.media.probe.{setting[0]}", setting[1])
    sha256 = stored(tmp_path, (films / "phone.mp4").read_bytes())

    found = copies.create(sha256)

    assert isinstance(found, Unreadable)
    assert (found.code, copies.find(sha256)) == ("media-missing", None)


def test_store_that_cannot_be_written_is_not_the_fault_of_the_file(copies: PublicCopies, tmp_path: Path):
    sha256 = stored(tmp_path, photo())
    (tmp_path / "public").write_bytes(b"no folder")

    found = copies.create(sha256)

    assert isinstance(found, Unreadable)
    assert (found.code, list((tmp_path / "coming").iterdir())) == ("media-missing", [])


@pytest.mark.slow
def test_copy_of_a_turned_film_is_still_turned(films: Path, copies: PublicCopies, tmp_path: Path):
    found = created(copies, stored(tmp_path, (films / "turned.mp4").read_bytes()))

    sides = next(each["side_data_list"] for each in probed(found.copy.path)["streams"] if "side_data_list" in each)
    assert [abs(each["rotation"]) for each in sides] == [90]


@pytest.mark.slow
def test_copy_has_no_track_of_data_and_no_chapters(films: Path, copies: PublicCopies, tmp_path: Path):
    assert "data" in {each["codec_type"] for each in probed(films / "path.mov")["streams"]}

    facts = probed(created(copies, stored(tmp_path, (films / "path.mov").read_bytes())).copy.path)

    assert [each["codec_type"] for each in facts["streams"]] == ["video", "audio"]
    assert facts["chapters"] == []


@pytest.mark.slow
def test_every_picture_of_a_copied_film_decodes(films: Path, copies: PublicCopies, tmp_path: Path):
    for name in FILMS:
        copy = created(copies, stored(tmp_path, (films / name).read_bytes())).copy
        command = ["ffmpeg", "-v", "error", "-i", str(copy.path), "-f", "null", "-"]

        assert subprocess.run(command, capture_output=True, check=True).stderr == b"", name
