"""Invented photos as large and as busy as those of a phone: twelve million pixels, six to twelve megabytes."""

import io

from PIL import Image, ImageChops

SIZE = (4_032, 3_024)
OCTAVES = ((3, 110), (12, 70), (48, 40), (192, 24), (768, 14), (2_016, 9))  # width of the noise, and its strength
SIDEWAYS = 6


def photo() -> bytes:
    """Return a JPEG with details of all sizes, as nature has them, grain, a place and an orientation."""
    channels = [_channel() for _ in "RGB"]
    common = _channel()
    image = Image.merge("RGB", [Image.blend(common, each, 0.35) for each in channels])
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    exif.get_ifd(0x8825)[1] = "N"
    page = io.BytesIO()
    image.save(page, "JPEG", quality=96, exif=exif)
    return page.getvalue()


def _channel() -> Image.Image:
    total = Image.new("L", SIZE, 128)
    for width, strength in OCTAVES:
        noise = Image.effect_noise((width, max(2, width * 3 // 4)), strength).resize(SIZE, Image.Resampling.BICUBIC)
        total = ImageChops.add(total, noise, 1, -128)
    return ImageChops.add(total, Image.effect_noise(SIZE, 5), 1, -128)
