"""Paths of this checkout's files on the machine.

Promises: nothing is written inside the checkout except `.venv` and `build`. Two checkouts share only what can be built
again: boxes, promtool and the tests' S3 server, and the list of claimed ports.
Does not promise that a moved checkout finds its old data, because a checkout is identified by its path.
"""

import hashlib
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def cache() -> Path:
    """Return the folder for files that can be built again, such as the box. All checkouts share it."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def home() -> Path:
    """Return the data folder of this checkout, which holds its engines and campaigns."""
    return _xdg("XDG_DATA_HOME", ".local/share") / checkout_id()


def checkout_id() -> str:
    """Return eight hex digits that identify the path of this checkout."""
    return hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]


def _xdg(variable: str, otherwise: str) -> Path:
    configured = os.environ.get(variable)
    return (Path(configured) if configured else Path.home() / otherwise) / "baijia"


if __name__ == "__main__":
    print(home())
