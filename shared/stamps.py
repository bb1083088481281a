"""What the kernel takes from outside, in one place: the wall clock and fresh randomness for commits."""

import os
import time
import uuid

from shared.commit import Stamp


def wall_ms() -> int:
    """Wall time in ms since the epoch."""
    return time.time_ns() // 1_000_000


def stamp() -> Stamp:
    """A fresh uuid and seed, and the time."""
    chance = os.urandom(48)  # the kernel is asked once
    return Stamp(uuid.UUID(bytes=chance[:16], version=4).hex, chance[16:], wall_ms())
