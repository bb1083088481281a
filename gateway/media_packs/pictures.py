"""Resize pictures for a channel with Pillow.

Promises: nobody is cut out of a cover, which shows the whole picture in front of a blurred copy of itself. The metadata
of the camera (place, time, device) is removed. The same picture gives the same bytes with the same version of Pillow.
One picture is in memory at a time.
"""

import io
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

from gateway.media_packs.channels import Size

QUALITY = 88
BLUR_PX = 24


def cover(path: Path, size: Size) -> bytes:
    """Return a JPEG of exactly this size that shows the whole picture. A blurred copy fills the rest."""
    picture = _open_picture(path, max(size.width, size.height))
    whole = ImageOps.contain(picture, (size.width, size.height))
    framed = ImageOps.fit(picture, (size.width, size.height)).filter(ImageFilter.GaussianBlur(BLUR_PX))
    framed.paste(whole, ((size.width - whole.width) // 2, (size.height - whole.height) // 2))
    return _jpeg(framed)


def scale_down(path: Path, widest: int) -> bytes:
    """Return the picture as a JPEG that is at most `widest` pixels wide; a narrower picture is not enlarged."""
    picture = _open_picture(path, widest)
    if picture.width > widest:
        picture = picture.resize((widest, max(1, round(picture.height * widest / picture.width))))
    return _jpeg(picture)


def _open_picture(path: Path, least: int) -> Image.Image:
    """Open a picture upright and without transparency, at least `least` pixels wide and high if it is that large."""
    with Image.open(path) as picture:
        picture.draft("RGB", (least, least))  # decodes a JPEG at a half or a quarter of its size where that is enough
        turned = ImageOps.exif_transpose(picture)
        if turned.mode in ("RGBA", "LA", "P"):  # white behind transparent parts, as on our pages
            clear = turned.convert("RGBA")
            ground = Image.new("RGBA", clear.size, "white")
            return Image.alpha_composite(ground, clear).convert("RGB")
        return turned.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()
