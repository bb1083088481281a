"""Pictures in the sizes of a channel, by Pillow.

Promises: nobody is cut out of a cover: the whole picture stands before a blurred copy of itself; what a camera wrote
into a picture (place, time, device) is not in what leaves; the same picture gives the same bytes with the same Pillow.
One picture is in memory at a time.
"""

import io
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

from gateway.media_packs.channels import Size

QUALITY = 88
BLUR_PX = 24


def cover(path: Path, size: Size) -> bytes:
    """The whole picture in a frame of exactly this size."""
    picture = _opened(path, max(size.width, size.height))
    whole = ImageOps.contain(picture, (size.width, size.height))
    framed = ImageOps.fit(picture, (size.width, size.height)).filter(ImageFilter.GaussianBlur(BLUR_PX))
    framed.paste(whole, ((size.width - whole.width) // 2, (size.height - whole.height) // 2))
    return _jpeg(framed)


def narrowed(path: Path, widest: int) -> bytes:
    """The picture, at most so wide; never made larger."""
    picture = _opened(path, widest)
    if picture.width > widest:
        picture = picture.resize((widest, max(1, round(picture.height * widest / picture.width))))
    return _jpeg(picture)


def _opened(path: Path, least: int) -> Image.Image:
    """The picture upright and without transparency, at least so wide and high, as far as it is."""
    with Image.open(path) as picture:
        picture.draft("RGB", (least, least))  # a JPEG is read at a half or a quarter of its size where that will do
        turned = ImageOps.exif_transpose(picture)
        if turned.mode in ("RGBA", "LA", "P"):  # what shows through is white, as on our pages
            clear = turned.convert("RGBA")
            ground = Image.new("RGBA", clear.size, "white")
            return Image.alpha_composite(ground, clear).convert("RGB")
        return turned.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue()
