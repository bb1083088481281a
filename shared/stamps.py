"""Wall clock and randomness: everything that the kernel takes from outside, in one module."""

import os
import time
import uuid
from datetime import UTC, datetime

from shared.commit import Stamp


def wall_ms() -> int:
    """Return the current wall time in ms since the Unix epoch."""
    return time.time_ns() // 1_000_000


def stamp() -> Stamp:
    """Return the stamp of a new commit: a random uuid, a random seed of 32 bytes, and the current wall time."""
    chance = os.urandom(48)  # one call of the operating system for both
    return Stamp(uuid.UUID(bytes=chance[:16], version=4).hex, chance[16:], wall_ms())


def epoch_s(when: datetime) -> float:
    """Return the seconds from the Unix epoch to a datetime. One without a zone is UTC.

    The drivers of MongoDB and of the broker give datetimes without a zone, in UTC, whatever the host's zone is.
    `datetime.timestamp` would take them for the host's local time, so nothing else of the product calls it.
    """
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
