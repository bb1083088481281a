"""A poster and a strip of a film, made of some of its pictures. Runs in a limited child process.

Promises: the poster is the first of the pictures that is neither nearly black, nor nearly white, nor of one colour;
without any it is the most varied. The poster is written like a picture, in three widths
and two formats. The strip has all of them side by side, HEIGHT pixels high.
"""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageStat
from PIL import WebPImagePlugin as WebPImagePlugin  # loaded before the server forks

HEIGHT = 180
STRIP = "strip.jpg"
WIDTHS = (480, 960, 1_920)  # those of pictures; a smaller picture is not made larger
#: The files of the poster, by width and format.
POSTERS = {(width, form): f"poster-{width}.{form}" for width in WIDTHS for form in ("webp", "jpg")}
QUALITY = 80
DARKEST, BRIGHTEST, LEAST_VARIED = 24, 235, 12  # of 255: mean, mean, and standard deviation of the brightness
_LOOKED_AT = (64, 64)


def compose(frames: Sequence[Path], folder: Path) -> int:
    """Write a strip and a poster of the pictures at these paths into a folder; return which is the poster.

    A picture that is missing is passed over: the last of a film may be. Raise OSError if all are.
    """
    present = [(n, path) for n, path in enumerate(frames) if path.stat().st_size]
    if not present:
        raise OSError("no picture of the film could be decoded")
    small, brightness = list[Image.Image](), list[tuple[float, float]]()
    for _, path in present:
        with Image.open(path, formats=("PNG",)) as frame:
            plain = frame.convert("RGB")
        small.append(plain.resize((max(1, round(plain.width * HEIGHT / plain.height)), HEIGHT)))
        seen = ImageStat.Stat(plain.resize(_LOOKED_AT).convert("L"))
        brightness.append((seen.mean[0], seen.stddev[0]))
    chosen = _chosen(brightness)
    whole = Image.new("RGB", (sum(each.width for each in small), HEIGHT))
    at = 0
    for each in small:
        whole.paste(each, (at, 0))
        at += each.width
    whole.save(folder / STRIP, "JPEG", quality=QUALITY, optimize=True)
    with Image.open(present[chosen][1], formats=("PNG",)) as frame:
        picture = frame.convert("RGB")
    for width in sorted(WIDTHS, reverse=True):
        if picture.width > width:
            picture = picture.resize((width, max(1, round(picture.height * width / picture.width))))
        picture.save(folder / POSTERS[width, "webp"], "WEBP", quality=QUALITY)
        picture.save(folder / POSTERS[width, "jpg"], "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return present[chosen][0]


def _chosen(brightness: Sequence[tuple[float, float]]) -> int:
    for n, (mean, deviation) in enumerate(brightness):
        if DARKEST <= mean <= BRIGHTEST and deviation >= LEAST_VARIED:
            return n
    return max(range(len(brightness)), key=lambda n: brightness[n][1])
