"""Where things of this checkout lie on the machine.

Promises: nothing is written inside the checkout but `.venv` and `build`; two checkouts share built boxes, nothing else.
Does not promise that a moved checkout finds its old data: the path is what it is known by.
"""

import hashlib
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def cache() -> Path:
    """What can be made again, for all checkouts."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def home() -> Path:
    """The data of this checkout: engines, campaigns, and below each a folder of what runs now."""
    return _xdg("XDG_DATA_HOME", ".local/share") / checkout_id()


def checkout_id() -> str:
    return hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]


def _xdg(variable: str, otherwise: str) -> Path:
    given = os.environ.get(variable)
    return (Path(given) if given else Path.home() / otherwise) / "baijia"


if __name__ == "__main__":
    print(home())
