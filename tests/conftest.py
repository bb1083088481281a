"""Settings for all tests: the profiles of hypothesis, and how many workers share the tests."""

import gc
import os
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

# No deadline, because hypothesis else fails an example that takes more than 200 ms, and a busy machine is not a
# failure. A failing example is printed in a form that can be replayed.
settings.register_profile("house", deadline=None, print_blob=True)
settings.register_profile("inner-loop", settings.get_profile("house"), max_examples=15)
settings.load_profile("house")

# Tracebacks in logs are plain: structlog would draw frames around them, which takes a tenth of the gateway's tests.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

#: Folders in which every test is slow.
SLOW_FOLDERS = ("bench", "e2e", "integration")


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples in the inner loop where a test does not set their number; `make test` tries all of them."""
    if "not slow" in config.option.markexpr:
        settings.load_profile("inner-loop")


def pytest_collection_finish(session: pytest.Session) -> None:  # noqa: ARG001 -- pytest's signature
    """Leave what collection made out of later garbage collections: they would walk through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over the folders of slow tests in the inner loop: reading them would take a fifth of its time.

    `test_fast_layer.py` sees that no fast test stands in them.
    """
    if "not slow" in config.option.markexpr and collection_path.parent.name == "tests":
        return collection_path.name in SLOW_FOLDERS or None
    return None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return the number of workers: one for each core, but none where files are named, since those start sooner alone.

    More than four are never started: each end-to-end module runs a whole product.
    """
    if all(Path(each.split("::")[0]).is_file() for each in config.args):
        return 0
    return min(4, len(os.sched_getaffinity(0)))
