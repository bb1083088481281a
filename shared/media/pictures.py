"""Prepare a picture for an outlet: upright, in sRGB, on white, without metadata. Runs in a limited child process.

Promises: every outlet (page, feed, API, media pack) shows the same picture, for all go through `open_prepared`: 16-bit
greys are scaled to 8 bits, transparency and key colours lie on white, colours are converted from the embedded profile
to sRGB, and the picture stands as its EXIF says, wherever EXIF stands in the file, or else its XMP; HEIC and AVIF stand
as their own box says, which their decoders apply, and not once more as a copy of that in their EXIF. What is written
holds pixels only: no place, time, device, comment, profile, preview or second picture. Size and work are checked before
pixels are decoded. The same picture gives the same bytes with the same version of Pillow.
Does not promise the frames after the first of an animation, what moves in a motion photo, what a gain map adds for
brighter screens, nor more than 8 bits a colour.
"""

import io
import math
import mmap
import re
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, ImageFilter, ImageOps
from PIL import JpegImagePlugin as JpegImagePlugin  # the decoders are loaded before the server forks, not in each child
from PIL import PngImagePlugin as PngImagePlugin
from PIL import WebPImagePlugin as WebPImagePlugin

from shared.media.ai_labels import labels_in_file
from shared.media.limited_process import OUR_STORAGE
from shared.media.look import look_of

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
pillow_heif.options.DECODE_THREADS = 1
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

#: Containers by Pillow's name of a format. MPO is a JPEG with a depth map, a gain map or a second eye behind it.
CONTAINERS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp", "HEIF": "heic", "AVIF": "avif"}
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
#: Pixels that are decoded at most. A JPEG is decoded at a fraction of its size; the others need up to 16 bytes a pixel.
MAX_PIXELS = {"jpeg": 65_000_000, "png": 36_000_000, "webp": 36_000_000, "heic": 50_000_000, "avif": 36_000_000}
#: Pixels times scans of a progressive JPEG: each scan goes over all of them again. Cameras write about ten scans.
MAX_WORK = 1_300_000_000
LONGEST = 3_840  # pixels of the longer side, of the largest screens
NARROWEST = 1_280  # the shorter side keeps as many, so that a long picture of text stays readable …
VERY_LONGEST = 16_000  # … until its longer side has as many: WebP takes no more
QUALITY = 88
#: Qualities of both formats of a picture in a width. A smaller picture is not made larger.
WEBP_QUALITY, JPEG_QUALITY = 80, 82
WEBP_METHOD = 4
BLUR_PX = 24
#: What Pillow's decoders were seen to raise for broken input. MemoryError is not among them: the caller tells it apart.
BROKEN = (
    OSError, SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError, RuntimeError,
    struct.error, zlib.error,
)  # fmt: skip

_WHITE = 255
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_SIDEWAYS = (5, 6, 7, 8)
#: A marker of a JPEG: not a stuffed byte of its pixels, and no restart among them.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = (0x01, 0xD8)
_SRGB = ImageCms.createProfile("sRGB")
_PROFILED = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> mode of its pictures


class TooLarge(Exception):
    """The picture has more pixels than are decoded, or asks for more work."""


def prepare(path: Path, target: Path, name: str, *sizes: int) -> dict[str, Any]:
    """Write a picture to `target` as JPEG for an outlet: `copy`, `cover` (width, height) or `narrow` (greatest width).

    `widths` writes several, `<target>.<width>.webp` and `.jpg` for each width. Return its facts, or a `code` and a
    `detail` why it cannot be used; then nothing is written. Raise MemoryError, and OSError where our own storage fails.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about broken EXIF, and about sizes that are checked here
        try:
            picture, facts = open_prepared(path, widest=max(sizes) if name == "widths" else None)
        except TooLarge as problem:
            return {"code": "media-too-large", "detail": str(problem)}
        except BROKEN as problem:
            if isinstance(problem, OSError) and problem.errno in OUR_STORAGE:
                raise
            return {"code": "media-unreadable", "detail": "the picture is broken or cut short"}
    if name == "widths":
        _write_widths(picture, target, sizes)
        return facts
    # A screenshot keeps the colour of its fine lines.
    target.write_bytes(_jpeg(_for_outlet(picture, name, *sizes), is_fine=facts["container"] == "png"))
    return facts


def open_prepared(path: Path, *, widest: int | None = None) -> tuple[Image.Image, dict[str, Any]]:
    """Decode a picture, no larger than any outlet shows it, or than one that is at most `widest` pixels wide.

    Return it with its facts: `container`, `width` and `height` as people see them, `look` (`look.py`) and `ai_labels`
    (`ai_labels.py`). Raise TooLarge, MemoryError, or one of BROKEN.
    """
    Image.MAX_IMAGE_PIXELS = None  # `_check` is stricter
    with Image.open(path, formats=FORMATS) as image:
        container = CONTAINERS[image.format or ""]
        _check(path, container, image.size)
        image.verify()
    with Image.open(path, formats=FORMATS) as image:
        stored = image.size
        if container == "jpeg":  # it is decoded at a half, a quarter or an eighth of its size
            share = _share(stored, widest, _orientation(image, container))
            image.draft(None, (math.ceil(stored[0] * share), math.ceil(stored[1] * share)))
        depth = str(image.tile[0].args) if image.format == "PNG" and image.tile else ""
        image.load()
        turn, profile = _orientation(image, container), image.info.get("icc_profile")
        texts = [each for each in image.info.values() if isinstance(each, str)]
        picture = _plain(image, depth)
    share = _share(stored, widest, turn)
    if share < 1:
        picture.thumbnail((round(stored[0] * share), round(stored[1] * share)))
    picture = _on_white(picture, profile)
    if turn in _TURNS:
        picture = picture.transpose(_TURNS[turn])
    picture.info = {}  # Pillow would write a comment and other fields that it finds here
    width, height = stored[::-1] if turn in _SIDEWAYS else stored
    facts = {"container": container, "width": width, "height": height}
    return picture, facts | {"look": look_of(picture), "ai_labels": labels_in_file(path, texts)}


def _share(stored: tuple[int, int], widest: int | None, turn: int) -> float:
    """Return by how much a picture is made smaller, from its size as stored and its orientation."""
    shorter, longer = sorted(stored)
    share = min(1.0, max(LONGEST / longer, NARROWEST / shorter), VERY_LONGEST / longer)
    if widest is None:
        return share
    return min(share, widest / stored[turn in _SIDEWAYS])


def _check(path: Path, container: str, size: tuple[int, int]) -> None:
    pixels = size[0] * size[1]
    if pixels > MAX_PIXELS[container]:
        raise TooLarge(f"{size[0]} x {size[1]} pixels")
    # Most files are within the limit however their bytes are read, so few are read twice.
    if (
        container == "jpeg"
        and _count(path, b"\xff\xda") * pixels > MAX_WORK
        and (scans := _scans(path)) * pixels > MAX_WORK
    ):
        raise TooLarge(f"{size[0]} x {size[1]} pixels in {scans} scans")


def _count(path: Path, marker: bytes) -> int:
    total, tail = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total += (tail + chunk).count(marker)
            tail = chunk[1 - len(marker) :]
    return total


def _scans(path: Path) -> int:
    """Return how often a JPEG goes over its pixels. What stands behind its end, such as a film, does not count."""
    scans, at = 0, 2
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while (found := _MARKER.search(data, at)) is not None:
            marker, at = found[1][0], found.end()
            if marker == _END:
                break
            scans += marker == _SCAN
            if marker not in _WITHOUT_LENGTH:
                at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return scans


def _orientation(image: Image.Image, container: str) -> int:
    """Return the orientation by EXIF, which a PNG may have behind its pixels, or else by XMP; 1 if there is neither.

    The decoder of HEIC has applied its box already, and what EXIF says there is a copy of that. The decoder of AVIF
    gives its boxes as if they were EXIF.
    """
    if container == "heic":
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except BROKEN:
        return 1


def _plain(image: Image.Image, depth: str) -> Image.Image:
    """Return the picture in a mode that can be resized: L, LA, RGB, RGBA or CMYK, with the key colour transparent."""
    key = image.info.get("transparency")
    if image.mode.startswith("I"):  # a PNG with 16 bits of grey
        wide = image.convert("I")
        plain = wide.point([(value + 128) // 257 for value in range(65_536)], "L")
        if isinstance(key, int):
            clear = wide.point([0 if value == key else _WHITE for value in range(65_536)], "L")
            plain = Image.merge("LA", (plain, clear))
        return plain
    if image.mode == "1":
        image = _with_info(image.convert("L"), image)
    if key is not None and image.mode in ("L", "RGB"):
        image.info["transparency"] = _key_in_8_bits(key, depth)
        return image.convert("RGBA")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if key is not None or image.mode == "PA" else "RGB")
    return image.copy() if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _with_info(converted: Image.Image, image: Image.Image) -> Image.Image:
    converted.info = dict(image.info)
    return converted


def _key_in_8_bits(key: Any, depth: str) -> Any:
    """Return a key colour in the 8 bits of the decoded pixels. The file gives it in the bits of its own pixels."""
    for mark, scale in (("L;2", 85), ("L;4", 17), ("1", 255)):
        if mark in depth and isinstance(key, int):
            return min(key * scale, _WHITE)
    if "16B" in depth and isinstance(key, tuple):
        return tuple(each >> 8 for each in key)
    return key


def _on_white(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB, without transparency, on white as on our pages."""
    if picture.mode in ("LA", "RGBA"):
        clear = picture.getchannel("A")
        colours = _in_srgb(picture.convert(picture.mode[:-1]), profile)
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(colours, mask=clear)
        return ground
    return _in_srgb(picture, profile)


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB by its profile; a profile that is broken or of another kind is ignored."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if _PROFILED.get(source.profile.xcolor_space.strip()) == picture.mode:
                converted = ImageCms.profileToProfile(
                    picture,
                    source,
                    _SRGB,
                    renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                    outputMode="RGB",
                    flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
                )
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, *BROKEN):
            pass
    return picture.convert("RGB")


def _for_outlet(picture: Image.Image, name: str, *sizes: int) -> Image.Image:
    match name, sizes:
        case "copy", ():
            return picture
        case "cover", (width, height):
            return _cover(picture, width, height)
        case "narrow", (widest,):
            if picture.width <= widest:
                return picture
            return picture.resize((widest, max(1, round(picture.height * widest / picture.width))))
    raise ValueError(f"no outlet {name} of {sizes}")


def _cover(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture of exactly this size that shows the whole picture in front of a blurred copy of itself."""
    whole = ImageOps.contain(picture, (width, height))
    framed = ImageOps.fit(picture, (width, height)).filter(ImageFilter.GaussianBlur(BLUR_PX))
    framed.paste(whole, ((width - whole.width) // 2, (height - whole.height) // 2))
    return framed


def _write_widths(picture: Image.Image, target: Path, widths: tuple[int, ...]) -> None:
    """Write a picture in each width, from the widest to the narrowest, each made smaller from the one before."""
    for width in sorted(widths, reverse=True):
        if picture.width > width:
            height = max(1, round(picture.height * width / picture.width))
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        picture.save(f"{target}.{width}.webp", "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD)
        picture.save(f"{target}.{width}.jpg", "JPEG", quality=JPEG_QUALITY)


def _jpeg(picture: Image.Image, *, is_fine: bool) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True, subsampling=0 if is_fine else 2)
    return buffer.getvalue()
