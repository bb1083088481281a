"""Generate real pictures and videos for the demo, which are small and quick to produce.

Promises: a picture is a decodable JPEG of 640 x 480 pixels that differs for each (seed, k). A video is a decodable
H.264 mp4 of exactly the given number of seconds, whose bytes differ for each seed. Only digits are drawn, so that the
machine needs no Chinese font.
Does not promise the same bytes with another version of Pillow or ffmpeg.
"""

import io
import os
import random
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)
FILMS = 12  # number of videos encoded per length; all others are one of these with an mp4 box of their own appended
LONG_S = 481
NOT_A_VIDEO = "这是一份文字材料，只是把扩展名改成了 mp4。\n".encode()


def picture(seed: int, k: int) -> bytes:
    """Return the JPEG of picture `k`: a sky, some houses, a sun and the picture's number."""
    rng = random.Random(f"{seed}/picture/{k}")
    sky = [rng.randint(110, 215) for _ in "rgb"]
    patch = Image.frombytes("RGB", (8, 6), bytes(shade + rng.randint(-40, 40) for _ in range(48) for shade in sky))
    image = patch.resize(SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    x = rng.randint(-40, 20)
    while x < SIZE[0]:
        width, top = rng.randint(50, 120), rng.randint(170, 330)
        draw.rectangle((x, top, x + width, 400), fill=_colour(rng), outline="black")
        for y in range(top + 14, 380, 30):
            for column in range(x + 10, x + width - 14, 24):
                draw.rectangle((column, y, column + 11, y + 15), fill="lightyellow" if rng.random() < 0.6 else "grey")
        x += width + rng.randint(4, 30)
    draw.rectangle((0, 400, *SIZE), fill=_colour(rng))
    sun = rng.randint(60, 560)
    draw.ellipse((sun, 30, sun + 60, 90), fill="orange")
    draw.text((20, 420), f"{seed}-{k}", fill="white", font=_font(), stroke_width=2, stroke_fill="black")
    page = io.BytesIO()
    image.save(page, "JPEG", quality=55)
    return page.getvalue()


def video(seed: int, seconds: int, folder: Path) -> Path:
    """Return the path of a video of this length whose bytes are unique to the seed. `folder` holds all videos."""
    film = _encoded(folder, seed % FILMS, seconds, rate=10)
    path = folder / f"video-{seed}-{seconds}.mp4"
    if not path.exists():
        note = f"baijia demo {seed}".encode()
        # Every player skips a "free" box, so the bytes differ, the film is the same, and ffmpeg need not run again.
        _write(path, film.read_bytes() + (8 + len(note)).to_bytes(4, "big") + b"free" + note)
    return path


def long_video(folder: Path) -> Path:
    """Return the path of a video of 8:01, which is one second longer than the rules allow."""
    return _encoded(folder, 0, LONG_S, rate=1)


def _encoded(folder: Path, hue: int, seconds: int, *, rate: int) -> Path:
    path = folder / f"film-{hue}-{seconds}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    source = f"testsrc2=size=160x120:rate={rate}:duration={seconds},hue=h={hue * 360 // FILMS}"
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        encoded = Path(temporary) / "film.mp4"
        command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-f", "lavfi", "-i", source]
        command += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p", "-threads", "1"]
        command += ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", str(encoded)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        encoded.replace(path)
    return path


def _write(path: Path, data: bytes) -> None:
    """Write a file atomically, because two workers of the demo may write the same one at a time."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(temporary, path)


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(40, 220), rng.randrange(40, 220), rng.randrange(40, 220)


@cache
def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(40)
