"""Make the files that the demo hands in: pictures as units send them, photos straight from a phone, and films.

Promises: a picture is a JPEG of 960 x 720 pixels that differs for each (seed, k). A photo is as a phone writes it: 12
megapixels, 6 to 12 MB, its pixels turned, with the place, the time and the camera in its metadata; or a HEIC. A film is
a decodable mp4 of exactly the given number of seconds whose bytes differ for each seed, or a wmv. All show drawn places
(`scenes.py`); what the metadata say is invented.
Does not promise the same bytes with another version of Pillow or ffmpeg.
"""

import io
import os
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageEnhance

from deploy.demo import scenes

SIZE = (960, 720)
SCENES = 48  # drawn once; every picture is cut from one of them
PHONE_SIZE = (4032, 3024)
PHONE_NOISE = 14.0  # of 256 levels: it makes a photo as large as a phone's
TURNED = 6  # the EXIF orientation of a picture whose pixels must be turned by 90° to the right
FILM_SIZE = (320, 240)
FILMS = 12  # number of videos encoded per length; all others are one of these with an mp4 box of their own appended
LONG_S = 481
NOT_A_VIDEO = "这是一份文字材料，只是把扩展名改成了 mp4。\n".encode()


def picture(seed: int, k: int) -> bytes:
    """Return the JPEG of picture `k`: a part of a scene, perhaps mirrored, in a light of its own."""
    page = io.BytesIO()
    _cut(seed, k, SIZE).save(page, "JPEG", quality=72)
    return page.getvalue()


def phone_photo(seed: int, k: int, *, turned: bool = True) -> bytes:
    """Return photo `k` as a phone writes it, with a place in its metadata. `turned` stores the pixels on their side."""
    image = _phone_pixels(seed, k)
    if turned:
        image = image.transpose(Image.Transpose.ROTATE_90)
    page = io.BytesIO()
    image.save(page, "JPEG", quality=94, exif=_phone_exif(TURNED if turned else 1))
    return page.getvalue()


def phone_heic(seed: int, k: int) -> bytes:
    """Return photo `k` as an iPhone writes it by default, with a place in its metadata."""
    pillow_heif.register_heif_opener()
    page = io.BytesIO()
    _phone_pixels(seed, k).resize((2016, 1512)).save(page, "HEIF", quality=80, exif=_phone_exif(1))
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


def wmv(folder: Path, seconds: int = 8) -> Path:
    """Return the path of a film with sound as older Windows programs write it, which no browser plays."""
    path = folder / f"film-{seconds}.wmv"
    if not path.exists():
        codecs = ["-c:v", "wmv2", "-b:v", "900k", "-c:a", "wmav2", "-b:a", "96k", "-f", "asf"]
        _encode(path, 3, seconds, ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"], codecs, rate=25)
    return path


def _cut(seed: int, k: int, size: tuple[int, int]) -> Image.Image:
    """Return a part of one scene, scaled to a size."""
    rng = random.Random(f"{seed}/picture/{k}")
    image = scenes.drawn(seed, rng.randrange(SCENES))
    share = rng.uniform(0.7, 1.0)
    width, height = int(image.width * share), int(image.height * share)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    image = image.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return ImageEnhance.Brightness(image).enhance(rng.uniform(0.88, 1.12))


def _phone_pixels(seed: int, k: int) -> Image.Image:
    """Return a scene with the number of pixels and the noise of a phone's photo."""
    pixels = np.asarray(_cut(seed, k, PHONE_SIZE), dtype=np.int16)
    noise = np.random.default_rng(k).normal(0, PHONE_NOISE, pixels.shape[:2])[:, :, None].astype(np.int16)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def _phone_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Demo", "Phone 1"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = "2021:05:03 09:12:45"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (38.0, 2.0, 30.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (114.0, 30.0, 52.0),
        }
    )
    return exif


def _encoded(folder: Path, n: int, seconds: int, *, rate: int) -> Path:
    path = folder / f"film-{n}-{seconds}.mp4"
    if not path.exists():
        codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "34", "-pix_fmt", "yuv420p", "-threads", "1"]
        codecs += ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", "-f", "mp4"]
        _encode(path, n, seconds, [], codecs, rate=rate)
    return path


def _encode(path: Path, n: int, seconds: int, sound: list[str], codecs: list[str], *, rate: int) -> None:
    """Encode a film that moves slowly over scene `n`, with the input `sound` if it is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = FILM_SIZE
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        still, encoded = Path(temporary) / "scene.png", Path(temporary) / "film"
        scenes.drawn(0, n).resize((2 * width, 2 * height)).save(still)
        travel = f"crop={width}:{height}:x='{width}*t/{seconds}':y='{height // 2}'"
        command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1"]
        command += ["-loop", "1", "-framerate", str(rate), "-t", str(seconds), "-i", str(still), *sound]
        command += ["-vf", travel, *codecs, "-t", str(seconds), "-y", str(encoded)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        encoded.replace(path)


def _write(path: Path, data: bytes) -> None:
    """Write a file atomically, because two workers of the demo may write the same one at a time."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(temporary, path)
