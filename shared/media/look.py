"""How a picture looks, in 64 bits: pictures that people would call the same differ in few of them.

It is the perceptual hash that imagehash calls `phash`: the signs of the lowest frequencies of 32 x 32 greys. A test
holds both equal. It is computed here because the library needs SciPy, which takes 250 MB of the address space that a
decoder of strangers' files is given, and half a second of each server's start.
"""

import math
from collections.abc import Sequence
from statistics import median

from PIL import Image

SIDE, KEPT = 32, 8
_COSINES = [[math.cos(math.pi * k * (2 * n + 1) / (2 * SIDE)) for n in range(SIDE)] for k in range(KEPT)]
_TIE = 6  # decimals: what differs by less is equal, and differs between machines


def look_of(picture: Image.Image) -> str:
    """Return how a picture looks, as 16 hex digits."""
    small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    greys = small.tobytes()
    rows = [_frequencies(greys[y * SIDE : (y + 1) * SIDE]) for y in range(SIDE)]
    columns = [_frequencies([row[k] for row in rows]) for k in range(KEPT)]
    values = [round(columns[x][y], _TIE) for y in range(KEPT) for x in range(KEPT)]
    middle = median(values)
    return f"{int(''.join('1' if value > middle else '0' for value in values), 2):016x}"


def difference(one: str, other: str) -> int:
    """Return in how many bits two looks differ: up to about 8 of 64 for the same picture, about 32 for others."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _frequencies(values: Sequence[float]) -> list[float]:
    return [sum(map(float.__mul__, cosines, map(float, values))) for cosines in _COSINES]
