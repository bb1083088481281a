"""Prepare a picture for an outlet: upright, in sRGB, on white, without metadata. Runs in a limited child process.

Promises: every outlet (page, feed, API, media pack) shows the same picture, for all go through `open_prepared`: 16-bit
greys are scaled to 8 bits, transparency and key colours lie on white, colours are converted from the embedded profile
to sRGB, and the picture stands as its EXIF says, wherever EXIF stands in the file, or else its XMP. What is written
holds pixels only: no place, time, device, comment, profile, preview or second picture. Size and work are checked before
pixels are decoded. The same picture gives the same bytes with the same version of Pillow.
Does not promise the frames after the first of an animation, nor more than 8 bits a colour.
"""

import io
import math
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageFilter, ImageOps
from PIL import JpegImagePlugin as JpegImagePlugin  # the decoders are loaded before the server forks, not in each child
from PIL import PngImagePlugin as PngImagePlugin
from PIL import WebPImagePlugin as WebPImagePlugin

from shared.media.limited_process import OUR_STORAGE

CONTAINERS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}  # MPO: a JPEG with a depth map behind it
#: Pixels that are decoded at most. A JPEG is decoded at a fraction of its size; the others need up to 16 bytes a pixel.
MAX_PIXELS = {"jpeg": 65_000_000, "png": 36_000_000, "webp": 36_000_000}
#: Pixels times scans of a progressive JPEG: each scan goes over all of them again. Cameras write about ten scans.
MAX_WORK = 1_300_000_000
LONGEST = 3_840  # pixels of the longer side, of the largest screens
QUALITY = 88
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
_SRGB = ImageCms.createProfile("sRGB")
_PROFILED = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> mode of its pictures


class TooLarge(Exception):
    """The picture has more pixels than are decoded, or asks for more work."""


def prepare(path: Path, target: Path, name: str, *sizes: int) -> dict[str, Any]:
    """Write a picture to `target` as JPEG for an outlet: `copy`, `cover` (width, height) or `narrow` (greatest width).

    Return its facts, or a `code` and a `detail` why it cannot be used; then nothing is written. Raise MemoryError, and
    OSError where our own storage fails.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about broken EXIF, and about sizes that are checked here
        try:
            picture, facts = open_prepared(path)
        except TooLarge as problem:
            return {"code": "media-too-large", "detail": str(problem)}
        except BROKEN as problem:
            if isinstance(problem, OSError) and problem.errno in OUR_STORAGE:
                raise
            return {"code": "media-unreadable", "detail": "the picture is broken or cut short"}
    # A screenshot keeps the colour of its fine lines.
    target.write_bytes(_jpeg(_for_outlet(picture, name, *sizes), is_fine=facts["container"] == "png"))
    return facts


def open_prepared(path: Path) -> tuple[Image.Image, dict[str, Any]]:
    """Decode a picture, at most LONGEST pixels long, as every outlet shows it. Return it with its facts.

    The facts are `container`, and `width` and `height` as stored. Raise TooLarge, MemoryError, or one of BROKEN.
    """
    Image.MAX_IMAGE_PIXELS = None  # `_check` is stricter
    with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
        facts = {"container": CONTAINERS[image.format or ""], "width": image.width, "height": image.height}
        _check(path, facts)
        image.verify()
    with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
        share = min(1.0, LONGEST / max(image.size))
        wanted = math.ceil(image.width * share), math.ceil(image.height * share)
        image.draft(None, wanted)  # a JPEG is decoded at a half, a quarter or an eighth of its size
        depth = str(image.tile[0].args) if image.format == "PNG" and image.tile else ""
        image.load()
        turn, profile = _orientation(image), image.info.get("icc_profile")
        picture = _plain(image, depth)
    picture.thumbnail((LONGEST, LONGEST))
    picture = _on_white(picture, profile)
    if turn in _TURNS:
        picture = picture.transpose(_TURNS[turn])
    picture.info = {}  # Pillow would write a comment and other fields that it finds here
    return picture, facts


def _check(path: Path, facts: dict[str, Any]) -> None:
    container, pixels = facts["container"], facts["width"] * facts["height"]
    if pixels > MAX_PIXELS[container]:
        raise TooLarge(f"{facts['width']} x {facts['height']} pixels")
    if container == "jpeg" and (scans := _count(path, b"\xff\xda")) * pixels > MAX_WORK:
        raise TooLarge(f"{facts['width']} x {facts['height']} pixels in {scans} scans")


def _count(path: Path, marker: bytes) -> int:
    total, tail = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total += (tail + chunk).count(marker)
            tail = chunk[1 - len(marker) :]
    return total


def _orientation(image: Image.Image) -> int:
    """Return the orientation by EXIF, which a PNG may have behind its pixels, or else by XMP; 1 if there is neither."""
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


def _jpeg(picture: Image.Image, *, is_fine: bool) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True, subsampling=0 if is_fine else 2)
    return buffer.getvalue()
