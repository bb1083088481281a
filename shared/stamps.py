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
    return Stamp(uuid.uuid4().hex, os.urandom(32), wall_ms())
