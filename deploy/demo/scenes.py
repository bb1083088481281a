"""Draw pictures for the demo: places where people work, under a sky, from simple shapes.

Promises: a scene of the same kind and random state has the same pixels with the same versions of numpy and Pillow.
Nothing is written in the pictures, so that no font is needed, and nothing real is shown.
"""

import random
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Pen = ImageDraw.ImageDraw
DRAWN = (1200, 900)
#: Colours at the top of the sky, at the horizon, of far hills, and of the ground: dawn, noon, evening, rain, night.
PALETTES: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (
    ((92, 130, 178), (250, 205, 160), (122, 128, 150), (112, 120, 92)),
    ((58, 132, 200), (205, 230, 245), (112, 150, 160), (124, 156, 96)),
    ((70, 64, 110), (248, 150, 96), (96, 76, 104), (88, 76, 72)),
    ((120, 134, 150), (206, 212, 214), (132, 146, 150), (104, 122, 104)),
    ((18, 26, 58), (70, 84, 128), (38, 48, 78), (40, 48, 58)),
)
WALLS: tuple[Colour, ...] = ((178, 92, 70), (206, 188, 160), (150, 160, 170), (196, 150, 96), (120, 136, 128))
LAMP: Colour = (255, 222, 150)


def scene(kind: int, rng: random.Random) -> Image.Image:
    """Return a picture of DRAWN pixels: a factory, a port, a street, a hall or a village, by `kind`."""
    sky, horizon, hills, ground = rng.choice(PALETTES)
    is_night = sky[2] < 80
    image = _sky(sky, horizon)
    pen = ImageDraw.Draw(image, "RGBA")
    _sun(pen, rng, is_night=is_night)
    _clouds(image, rng, shade=(255, 255, 255) if not is_night else (90, 100, 130))
    pen = ImageDraw.Draw(image, "RGBA")
    line = int(DRAWN[1] * rng.uniform(0.56, 0.66))
    _hills(pen, rng, hills, line)
    pen.rectangle((0, line, *DRAWN), fill=ground)
    SUBJECTS[kind % len(SUBJECTS)](pen, rng, line, is_night)
    return image.filter(ImageFilter.GaussianBlur(0.8))


def _sky(top: Colour, bottom: Colour) -> Image.Image:
    width, height = DRAWN
    share = np.linspace(0, 1, height)[:, None, None] ** 1.4
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    return Image.fromarray(np.broadcast_to(rows, (height, width, 3)).astype(np.uint8).copy())


def _sun(pen: Pen, rng: random.Random, *, is_night: bool) -> None:
    x, y, size = rng.randrange(150, DRAWN[0] - 150), rng.randrange(90, 300), rng.randrange(34, 60)
    for step in range(6, 0, -1):
        pen.ellipse((x - size - step * 14, y - size - step * 14, x + size + step * 14, y + size + step * 14),
                    fill=(255, 244, 214, 14))  # fmt: skip
    pen.ellipse((x - size, y - size, x + size, y + size), fill=(236, 238, 232) if is_night else (255, 238, 190))


def _clouds(image: Image.Image, rng: random.Random, *, shade: Colour) -> None:
    layer = Image.new("RGBA", DRAWN, (*shade, 0))
    pen = ImageDraw.Draw(layer)
    for _ in range(rng.randrange(2, 6)):
        x, y = rng.randrange(DRAWN[0]), rng.randrange(60, 330)
        for _ in range(9):
            width, height = rng.randrange(70, 190), rng.randrange(22, 52)
            dx, dy = rng.randrange(-130, 130), rng.randrange(-18, 18)
            pen.ellipse((x + dx - width, y + dy - height, x + dx + width, y + dy + height), fill=(*shade, 60))
    image.paste(Image.alpha_composite(image.convert("RGBA"), layer.filter(ImageFilter.GaussianBlur(9))))


def _hills(pen: Pen, rng: random.Random, colour: Colour, line: int) -> None:
    for layer in range(2):
        height, shift = rng.uniform(60, 150) * (1 - 0.4 * layer), rng.uniform(0, 6.28)
        points = [
            (x, line - height * (0.55 + 0.45 * float(np.sin(x / (150 - 40 * layer) + shift))))
            for x in range(0, DRAWN[0] + 40, 40)
        ]
        fill = tuple(min(255, each + 22 * (1 - layer)) for each in colour)
        pen.polygon([(0, line), *points, (DRAWN[0], line)], fill=fill)


def _windows(pen: Pen, rng: random.Random, box: tuple[int, int, int, int], *, lit: float, size: int = 22) -> None:
    left, top, right, bottom = box
    for y in range(top + size, bottom - size, 2 * size):
        for x in range(left + size, right - size, 2 * size):
            fill = LAMP if rng.random() < lit else (70, 88, 104)
            pen.rectangle((x, y, x + size, y + int(1.2 * size)), fill=fill)


def _house(pen: Pen, rng: random.Random, left: int, line: int, width: int, height: int, *, lit: float) -> None:
    wall = rng.choice(WALLS)
    pen.rectangle((left, line - height, left + width, line + 14), fill=wall)
    pen.polygon([(left, line - height), (left + width, line - height), (left + width, line + 14)], fill=(0, 0, 0, 22))
    _windows(pen, rng, (left, line - height, left + width, line), lit=lit)


def _trees(pen: Pen, rng: random.Random, line: int, count: int) -> None:
    for _ in range(count):
        x, size = rng.randrange(DRAWN[0]), rng.randrange(26, 64)
        y = line + rng.randrange(10, 150)
        green = (rng.randrange(40, 90), rng.randrange(90, 140), rng.randrange(50, 90))
        pen.rectangle((x - 5, y - size, x + 5, y + 20), fill=(84, 66, 50))
        for dx, dy in ((0, -size), (-size // 2, -size // 2), (size // 2, -size // 2)):
            pen.ellipse((x + dx - size, y + dy - size, x + dx + size, y + dy + size // 2), fill=green)


def _people(pen: Pen, rng: random.Random, base: int, count: int) -> None:
    for k in range(count):
        x, size = int((k + rng.uniform(0.2, 0.8)) * DRAWN[0] / count), rng.randrange(30, 44)
        y = base + rng.randrange(0, 60)
        coat = rng.choice(((44, 84, 140), (196, 70, 52), (240, 180, 60), (70, 120, 90)))
        pen.rounded_rectangle((x - size // 2, y - 2 * size, x + size // 2, y), size // 3, fill=coat)
        pen.rectangle((x - size // 3, y, x - 4, y + size), fill=(40, 44, 56))
        pen.rectangle((x + 4, y, x + size // 3, y + size), fill=(40, 44, 56))
        pen.ellipse((x - size // 3, y - 3 * size + 6, x + size // 3, y - 2 * size + 4), fill=(232, 194, 160))
        pen.pieslice((x - size // 2, y - 3 * size - 2, x + size // 2, y - 2 * size + 2), 180, 360, fill=(246, 200, 60))


def _factory(pen: Pen, rng: random.Random, line: int, is_night: bool) -> None:
    lit = 0.8 if is_night else 0.35
    left = rng.randrange(60, 240)
    for k in range(rng.randrange(3, 6)):
        x = left + k * 190
        pen.polygon(
            [(x, line - 180), (x + 190, line - 250), (x + 190, line + 12), (x, line + 12)], fill=(138, 128, 122)
        )
        _windows(pen, rng, (x, line - 170, x + 190, line), lit=lit, size=26)
    for _ in range(rng.randrange(1, 4)):
        x = left + rng.randrange(0, 700)
        pen.polygon([(x, line), (x + 14, line - 380), (x + 48, line - 380), (x + 62, line)], fill=(176, 104, 84))
        for step in range(8):
            size = 18 + 9 * step
            y = line - 400 - 34 * step
            pen.ellipse((x + 22 * step - size, y - size, x + 60 + 22 * step, y + size), fill=(236, 236, 236, 70))
    _people(pen, rng, line + 150, rng.randrange(3, 7))


def _port(pen: Pen, rng: random.Random, line: int, is_night: bool) -> None:
    pen.rectangle((0, line + 60, *DRAWN), fill=(52, 96, 128) if not is_night else (22, 40, 66))
    for _ in range(140):
        x, y = rng.randrange(DRAWN[0]), rng.randrange(line + 66, DRAWN[1])
        pen.line((x, y, x + rng.randrange(20, 90), y), fill=(255, 255, 255, 46), width=3)
    hull = rng.randrange(120, 420)
    pen.polygon([(hull, line + 40), (hull + 560, line + 40), (hull + 500, line + 130), (hull + 60, line + 130)],
                fill=(150, 52, 46))  # fmt: skip
    for row in range(3):
        for column in range(8):
            box = (hull + 70 + column * 54, line + 8 - row * 34, hull + 120 + column * 54, line + 40 - row * 34)
            pen.rectangle(box, fill=rng.choice(((58, 110, 160), (206, 150, 60), (90, 140, 100), (180, 76, 60))))
    for k in range(rng.randrange(2, 4)):
        x = 160 + k * 330 + rng.randrange(60)
        pen.line((x, line + 60, x + 40, line - 300), fill=(214, 130, 40), width=14)
        pen.line((x + 120, line + 60, x + 80, line - 300), fill=(214, 130, 40), width=14)
        pen.line((x - 130, line - 220, x + 300, line - 330), fill=(214, 130, 40), width=12)
        pen.line((x + 60, line - 290, x - 110, line - 226), fill=(90, 60, 40), width=3)
        pen.line((x - 60, line - 236, x - 60, line - 60), fill=(60, 60, 60), width=3)


def _street(pen: Pen, rng: random.Random, line: int, is_night: bool) -> None:
    x = rng.randrange(-60, 0)
    while x < DRAWN[0]:
        width = rng.randrange(110, 230)
        _house(pen, rng, x, line, width, rng.randrange(150, 430), lit=0.75 if is_night else 0.3)
        x += width + rng.randrange(0, 24)
    pen.polygon([(0, DRAWN[1]), (420, line + 14), (760, line + 14), (DRAWN[0], DRAWN[1])], fill=(92, 92, 96))
    for k in range(5):
        y = line + 40 + k * k * 15
        pen.polygon([(584, y), (596 + k, y), (600 + 2 * k, y + 20 + 3 * k), (580 - k, y + 20 + 3 * k)],
                    fill=(236, 230, 200))  # fmt: skip
    _trees(pen, rng, line + 30, 5)
    _people(pen, rng, line + 180, rng.randrange(2, 5))


def _hall(pen: Pen, rng: random.Random, line: int, is_night: bool) -> None:
    left, width = rng.randrange(160, 300), rng.randrange(600, 760)
    pen.rectangle((left, line - 270, left + width, line + 16), fill=(214, 200, 176))
    pen.polygon([(left - 40, line - 270), (left + width // 2, line - 390), (left + width + 40, line - 270)],
                fill=(166, 60, 48))  # fmt: skip
    pen.rectangle((left + width // 2 - 130, line - 326, left + width // 2 + 130, line - 286), fill=(196, 40, 34))
    for k in range(7):
        x = left + 34 + k * (width - 90) // 6
        pen.rectangle((x, line - 250, x + 24, line + 10), fill=(240, 232, 214))
        if k < 6:
            pen.rectangle((x + 38, line - 210, x + (width - 90) // 6 - 14, line - 30),
                          fill=LAMP if is_night or rng.random() < 0.5 else (104, 130, 148))  # fmt: skip
    _trees(pen, rng, line + 20, 6)
    _people(pen, rng, line + 130, rng.randrange(5, 9))


def _village(pen: Pen, rng: random.Random, line: int, is_night: bool) -> None:
    for k in range(14):
        y = line + 14 + k * k * 2
        pen.polygon([(0, y), (DRAWN[0], y - 30), (DRAWN[0], y + 14 + k * 3), (0, y + 30 + k * 3)],
                    fill=(120 + 8 * (k % 3), 158 - 6 * (k % 2), 84, 150))  # fmt: skip
    for _ in range(rng.randrange(4, 8)):
        x, width = rng.randrange(0, DRAWN[0] - 160), rng.randrange(110, 180)
        top = line - rng.randrange(40, 80)
        pen.rectangle((x, top, x + width, line + 40), fill=(232, 226, 212))
        pen.polygon([(x - 18, top), (x + width // 2, top - 56), (x + width + 18, top)], fill=(84, 88, 96))
        _windows(pen, rng, (x, top, x + width, line + 50), lit=0.7 if is_night else 0.2)
    _trees(pen, rng, line + 60, 9)


SUBJECTS: tuple[Callable[[Pen, random.Random, int, bool], None], ...] = (_factory, _port, _street, _hall, _village)


@cache
def drawn(seed: int, k: int) -> Image.Image:
    """Return scene `k`, from which many pictures can be cut. It is drawn once."""
    return scene(k, random.Random(f"{seed}/scene/{k}"))
