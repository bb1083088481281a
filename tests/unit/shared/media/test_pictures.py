"""Every outlet shows the same picture: upright, in sRGB, on white, and without what the camera wrote."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagehash
import pytest
from PIL import Image

from shared.media import pictures
from shared.media.look import difference
from tests.unit.shared.media import icc

EXIF_TURN = 0x0112
GPS = 0x8825
XMP_TURNED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
OUTLETS: tuple[tuple[Any, ...], ...] = (("copy",), ("cover", 90, 40), ("narrow", 30))
EACH_OUTLET = pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet[0])


def encoded(image: Image.Image, form: str, **how: Any) -> bytes:
    page = io.BytesIO()
    image.save(page, form, **how)
    return page.getvalue()


def corner(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Return a grey picture whose upper left quarter is black, so that its orientation can be told."""
    image = Image.new("RGB", size, (200, 200, 200))
    image.paste((0, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return image


def turned(number: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[EXIF_TURN] = number
    return exif


def png(kind: int, depth: int, rows: list[bytes], *chunks: tuple[bytes, bytes], late: bytes = b"") -> bytes:
    """Return a PNG of these rows, with chunks before its pixels, and perhaps EXIF behind them."""
    width = len(rows[0]) * 8 // (depth * {0: 1, 2: 3, 3: 1}[kind])
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0)), *chunks]
    parts.append((b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))))
    parts += [(b"eXIf", late)] if late else []
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in (*parts, (b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[..., Image.Image]:
    """Return a function that prepares the bytes of a picture for an outlet, and opens what came of it."""

    def prepare(data: bytes, *outlet: Any) -> Image.Image:
        path, target = tmp_path / "original", tmp_path / "copy"
        path.write_bytes(data)
        facts = pictures.prepare(path, target, *(outlet or ("copy",)))
        assert "code" not in facts, facts
        return Image.open(io.BytesIO(target.read_bytes()))

    return prepare


def colour(image: Image.Image, x: int = 1, y: int = 1) -> tuple[int, ...]:
    found = image.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(each) for each in found)


def is_close(expected: tuple[int, ...], actual: tuple[int, ...], by: int = 4) -> bool:
    return all(abs(a - b) <= by for a, b in zip(expected, actual, strict=True))


Prepared = Callable[..., Image.Image]


@pytest.mark.parametrize(("level", "expected"), [(0, 0), (0x4000, 64), (0x8000, 128), (0xC080, 192), (0xFFFF, 255)])
@EACH_OUTLET
def test_grey_of_16_bits_is_scaled(prepared: Prepared, outlet: Any, level: int, expected: int):
    seen = prepared(png(0, 16, [struct.pack(">H", level) * 16] * 16), *outlet)

    assert is_close((expected,) * 3, colour(seen), by=2)


@pytest.mark.parametrize(
    ("kind", "depth", "row", "key"),
    [
        pytest.param(0, 8, bytes([7] * 16), struct.pack(">H", 7), id="grey"),
        pytest.param(0, 1, bytes(2), struct.pack(">H", 0), id="black of two colours"),
        pytest.param(0, 2, bytes([0b01010101] * 4), struct.pack(">H", 1), id="grey of 2 bits"),
        pytest.param(0, 4, bytes([0x33] * 8), struct.pack(">H", 3), id="grey of 4 bits"),
        pytest.param(0, 16, struct.pack(">H", 700) * 16, struct.pack(">H", 700), id="grey of 16 bits"),
        pytest.param(2, 8, bytes([9, 8, 7] * 16), struct.pack(">3H", 9, 8, 7), id="colour"),
        pytest.param(2, 16, struct.pack(">3H", 900, 800, 700) * 16, struct.pack(">3H", 900, 800, 700), id="16 bits"),
    ],
)
@EACH_OUTLET
def test_key_colour_of_a_png_lies_on_white(
    prepared: Prepared, outlet: Any, kind: int, depth: int, row: bytes, key: bytes
):
    seen = prepared(png(kind, depth, [row] * 16, (b"tRNS", key)), *outlet)

    assert is_close((255, 255, 255), colour(seen))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_without_the_key_colour_stays(prepared: Prepared, depth: int):
    row = {1: bytes(2), 2: bytes(4), 4: bytes(8), 8: bytes(16), 16: bytes(32)}[depth]

    seen = prepared(png(0, depth, [row] * 16, (b"tRNS", struct.pack(">H", 1))))

    assert is_close((0, 0, 0), colour(seen))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_lie_on_white(prepared: Prepared, mode: str):
    data = encoded(Image.new("RGBA", (16, 16), (0, 0, 0, 0)).convert(mode), "PNG")

    assert is_close((255, 255, 255), colour(prepared(data)))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@EACH_OUTLET
def test_colours_are_those_of_the_embedded_profile(prepared: Prepared, outlet: Any, form: str):
    how = {"lossless": True} if form == "WEBP" else {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    data = encoded(Image.new("RGB", (64, 64), (255, 0, 0)), form, icc_profile=icc.swapped(), **how)

    seen = prepared(data, *outlet)

    assert is_close((0, 0, 255), colour(seen), by=8)
    assert "icc_profile" not in seen.info


@EACH_OUTLET
def test_colours_of_print_are_those_of_the_embedded_profile(prepared: Prepared, outlet: Any):
    data = encoded(Image.new("CMYK", (64, 64), (0, 0, 0, 0)), "JPEG", quality=95, icc_profile=icc.dark_paper())

    assert is_close((0, 0, 0), colour(prepared(data, *outlet)), by=8)


@pytest.mark.parametrize("profile", [b"no profile", icc.dark_paper()], ids=["broken", "of print"])
def test_profile_that_does_not_fit_is_ignored(prepared: Prepared, profile: bytes):
    data = encoded(Image.new("RGB", (16, 16), (255, 0, 0)), "PNG", icc_profile=profile)

    assert is_close((255, 0, 0), colour(prepared(data)), by=8)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(corner(), "JPEG", exif=turned()), id="jpeg by exif"),
        pytest.param(encoded(corner(), "WEBP", exif=turned()), id="webp by exif"),
        pytest.param(encoded(corner(), "PNG", exif=turned()), id="png by exif"),
        pytest.param(
            png(2, 8, [bytes(3 * 32) + bytes([200] * 96)] * 16 + [bytes([200] * 192)] * 16,
                late=turned().tobytes().removeprefix(b"Exif\0\0")),
            id="png by exif behind its pixels",
        ),
        pytest.param(encoded(corner(), "JPEG", xmp=XMP_TURNED), id="jpeg by xmp"),
        pytest.param(encoded(corner(), "WEBP", xmp=XMP_TURNED), id="webp by xmp"),
    ],
)  # fmt: skip
def test_picture_stands_upright_wherever_its_orientation_is_written(prepared: Prepared, data: bytes):
    seen = prepared(data)

    assert seen.size == (32, 64)
    assert is_close((0, 0, 0), colour(seen, 28, 4), by=12)  # the black corner is now at the upper right
    assert is_close((200, 200, 200), colour(seen, 4, 4), by=12)
    assert is_close((200, 200, 200), colour(seen, 28, 60), by=12)


@pytest.mark.parametrize("number", range(1, 9))
def test_all_eight_orientations_are_applied(prepared: Prepared, number: int):
    places = {1: (4, 4), 2: (-4, 4), 3: (-4, -4), 4: (4, -4), 5: (4, 4), 6: (-4, 4), 7: (-4, -4), 8: (4, -4)}

    seen = prepared(encoded(corner(), "JPEG", exif=turned(number)))

    x, y = places[number]
    assert is_close((0, 0, 0), colour(seen, x % seen.width, y % seen.height), by=12)
    assert seen.size == ((64, 32) if number < 5 else (32, 64))


@pytest.mark.parametrize("number", [0, 9, 300])
def test_orientation_that_there_is_not_turns_nothing(prepared: Prepared, number: int):
    assert prepared(encoded(corner(), "JPEG", exif=turned(number))).size == (64, 32)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@EACH_OUTLET
def test_nothing_that_a_camera_or_an_editor_wrote_is_left(tmp_path: Path, outlet: Any, form: str):
    exif = turned(1)
    exif[0x010F] = "MAKER-OF-THE-CAMERA"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[29] = "2026:11:30"
    more: dict[str, Any] = {"comment": b"SECRET-COMMENT"} if form == "JPEG" else {}
    path, target = tmp_path / "original", tmp_path / "copy"
    path.write_bytes(encoded(corner(), form, exif=exif, icc_profile=icc.swapped(), **more) + b"SECRET-BEHIND")
    if form != "PNG":
        path.write_bytes(encoded(corner(), form, exif=exif, xmp=XMP_TURNED + b"SECRET-XMP", **more) + b"SECRET-BEHIND")

    pictures.prepare(path, target, *outlet)

    data = target.read_bytes()
    seen = Image.open(io.BytesIO(data))
    assert {"exif", "xmp", "comment", "icc_profile", "photoshop", "mp"} & set(seen.info) == set()
    assert [
        name for name in (b"MAKER", b"SECRET", b"Exif", b"xmpmeta", b"invented", b"2026:11:30") if name in data
    ] == []


def test_second_picture_behind_a_jpeg_does_not_leave(prepared: Prepared):
    data = encoded(corner(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 32), "red")])

    seen = prepared(data)

    assert (seen.format, seen.size) == ("JPEG", (64, 32))


def test_copy_is_no_longer_than_the_largest_screens(prepared: Prepared, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pictures, "LONGEST", 320)
    monkeypatch.setattr(pictures, "NARROWEST", 100)

    assert prepared(encoded(corner((1_000, 400)), "JPEG")).size == (320, 128)
    assert prepared(encoded(corner((200, 100)), "JPEG")).size == (200, 100)


def test_long_picture_of_text_stays_readable(prepared: Prepared, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pictures, "LONGEST", 320)
    monkeypatch.setattr(pictures, "NARROWEST", 100)
    monkeypatch.setattr(pictures, "VERY_LONGEST", 1_200)

    assert prepared(encoded(corner((200, 1_000)), "PNG")).size == (100, 500)
    assert prepared(encoded(corner((90, 900)), "PNG")).size == (90, 900)
    assert prepared(encoded(corner((100, 2_400)), "PNG")).size == (50, 1_200)


def heic(image: Image.Image, **how: Any) -> bytes:
    return encoded(image, "HEIF", **how)


@pytest.mark.parametrize("number", [1, 3, 6, 8])
@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_picture_of_a_phone_is_turned_once(prepared: Prepared, form: str, number: int):
    """Their boxes say how they stand, and phones write the same into EXIF: applied twice, it would lie on its head."""
    plain = prepared(encoded(corner(), "PNG", exif=turned(number)))

    seen = prepared(encoded(corner(), form, exif=turned(number).tobytes(), quality=95))

    assert seen.size == plain.size
    for x, y in ((4, 4), (seen.width - 5, 4), (4, seen.height - 5), (seen.width - 5, seen.height - 5)):
        assert is_close(colour(plain, x, y), colour(seen, x, y), by=12), (x, y)


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_colours_of_a_phone_are_those_of_its_profile(prepared: Prepared, form: str):
    red = Image.new("RGB", (64, 64), (255, 0, 0))

    seen = prepared(encoded(red, form, icc_profile=icc.swapped(), quality=95))

    assert is_close((0, 0, 255), colour(seen, 20, 20), by=12)


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
@EACH_OUTLET
def test_nothing_that_a_phone_wrote_is_left(tmp_path: Path, outlet: Any, form: str):
    exif = turned(6)
    exif[0x010F] = "MAKER-OF-THE-CAMERA"
    exif.get_ifd(GPS)[29] = "2026:11:30"
    path, target = tmp_path / "original", tmp_path / "copy"
    path.write_bytes(encoded(corner(), form, exif=exif, xmp=XMP_TURNED + b"SECRET-XMP") + b"SECRET-BEHIND")

    pictures.prepare(path, target, *outlet)

    data = target.read_bytes()
    assert [name for name in (b"MAKER", b"SECRET", b"Exif", b"xmpmeta", b"2026:11:30") if name in data] == []


def test_motion_photo_gives_its_still_however_large_its_film_is(prepared: Prepared, monkeypatch: pytest.MonkeyPatch):
    """Behind the still of a phone stands a film, whose bytes look like any number of scans."""
    monkeypatch.setattr(pictures, "MAX_WORK", 64 * 32 * 4)
    film = b"\0\0\0\x18ftypmp42" + b"\xff\xda\xff\xd8" * 1_000

    assert prepared(encoded(corner(), "JPEG") + film).size == (64, 32)
    assert prepared(encoded(corner(), "JPEG", exif=turned(6)) + film).size == (32, 64)
    assert prepared(encoded(corner(), "WEBP") + film).size == (64, 32)
    assert prepared(heic(corner()) + b"\0\0\1\0mpvd" + bytes(248)).size == (64, 32)


def test_thumbnail_in_exif_does_not_count_as_a_scan(prepared: Prepared, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pictures, "MAX_WORK", 64 * 32)
    exif = turned(1)
    exif[0x010E] = "\u00ff".join("x" for _ in range(50))
    note = (b"\xff\xda" * 500).hex().encode() + b"\xff\xda" * 200

    assert prepared(encoded(corner(), "JPEG", exif=exif, comment=note)).size == (64, 32)


@pytest.mark.parametrize("form", ["WEBP", "PNG", "AVIF"])
def test_animation_shows_its_first_frame(prepared: Prepared, form: str):
    red, blue = (Image.new("RGB", (64, 32), name) for name in ("red", "blue"))

    seen = prepared(encoded(red, form, save_all=True, append_images=[blue], duration=100))

    assert is_close((254, 0, 0), colour(seen, 20, 20), by=12)


def test_widths_are_written_in_both_formats_and_nothing_is_made_larger(tmp_path: Path):
    path = tmp_path / "original"
    path.write_bytes(encoded(corner((400, 1_000)), "JPEG", exif=turned(6), icc_profile=icc.swapped()))

    facts = pictures.prepare(path, tmp_path / "p", "widths", 100, 500, 2_000)

    names = sorted(each.name for each in tmp_path.glob("p.*"))
    seen = {name: Image.open(io.BytesIO((tmp_path / name).read_bytes())) for name in names}
    assert {name: (each.format, each.size) for name, each in seen.items()} == {
        "p.100.jpg": ("JPEG", (100, 40)),
        "p.100.webp": ("WEBP", (100, 40)),
        "p.500.jpg": ("JPEG", (500, 200)),
        "p.500.webp": ("WEBP", (500, 200)),
        "p.2000.jpg": ("JPEG", (1_000, 400)),
        "p.2000.webp": ("WEBP", (1_000, 400)),
    }
    assert [name for name, each in seen.items() if {"exif", "xmp", "icc_profile", "comment"} & set(each.info)] == []
    assert (facts["width"], facts["height"]) == (1_000, 400)


def test_look_is_the_perceptual_hash_of_imagehash(tmp_path: Path):
    looks = []
    for seed in range(5):
        image = Image.effect_noise((8, 6), 90 + seed).resize((320, 240), Image.Resampling.BICUBIC).convert("RGB")
        path = tmp_path / "original"
        path.write_bytes(encoded(image, "PNG"))
        looks.append((pictures.open_prepared(path)[1]["look"], str(imagehash.phash(image))))

    assert [ours for ours, _ in looks] == [theirs for _, theirs in looks]


def test_same_picture_smaller_and_turned_in_its_file_looks_the_same(tmp_path: Path):
    noise = Image.effect_noise((8, 6), 120).resize((640, 480), Image.Resampling.BICUBIC).convert("RGB")
    other = Image.effect_noise((8, 6), 120).resize((640, 480), Image.Resampling.BICUBIC).convert("RGB")
    variants = {
        "itself": encoded(noise, "PNG"),
        "smaller": encoded(noise.resize((320, 240)), "JPEG", quality=60),
        "turned": encoded(noise.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=turned(6)),
        "heic": heic(noise, quality=50),
        "other": encoded(other, "PNG"),
    }
    looks = {}
    for name, data in variants.items():
        (tmp_path / name).write_bytes(data)
        looks[name] = pictures.open_prepared(tmp_path / name)[1]["look"]

    assert {name: difference(looks["itself"], look) <= 8 for name, look in looks.items()} == {
        "itself": True,
        "smaller": True,
        "turned": True,
        "heic": True,
        "other": False,
    }


def test_outlets_have_their_sizes(prepared: Prepared):
    data = encoded(corner((400, 200)), "JPEG")

    assert prepared(data, "cover", 90, 40).size == (90, 40)
    assert prepared(data, "narrow", 100).size == (100, 50)


@pytest.mark.parametrize(
    ("most", "work"), [pytest.param(1_000, 1_000_000, id="pixels"), pytest.param(1_000_000, 10_000, id="scans")]
)
def test_work_is_bounded_before_pixels_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, work: int
):
    monkeypatch.setattr(pictures, "MAX_PIXELS", {"jpeg": most})
    monkeypatch.setattr(pictures, "MAX_WORK", work)
    path = tmp_path / "original"
    path.write_bytes(encoded(corner(), "JPEG", progressive=True))

    refused = pictures.prepare(path, tmp_path / "copy", "copy")

    assert refused["code"] == "media-too-large"
    assert not (tmp_path / "copy").exists()


def test_same_picture_gives_the_same_bytes(tmp_path: Path):
    path = tmp_path / "original"
    path.write_bytes(encoded(corner(), "JPEG"))

    for name in ("one", "two"):
        pictures.prepare(path, tmp_path / name, "copy")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
