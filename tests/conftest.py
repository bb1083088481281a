"""Settings for all tests: the profiles of hypothesis, and how many workers share the tests."""

import gc
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Neither a deadline nor a check of how fast examples are drawn, because a busy machine is not a failure. A failing
# example is printed in a form that can be replayed.
settings.register_profile("house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("inner-loop", settings.get_profile("house"), max_examples=15)
settings.load_profile("house")

# The command line speaks the language of the locale; a neutral one gives both, on whatever machine the tests run.
os.environ["LC_ALL"] = "C.UTF-8"

# Tracebacks in logs are plain: structlog would draw frames around them, which takes a tenth of the gateway's tests.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

#: Folders in which every test is slow.
SLOW_FOLDERS = ("bench", "e2e", "integration")
_SLOW_MODULE = re.compile(r"^pytestmark = (pytest\.mark\.slow\b|\[.*pytest\.mark\.slow\b)", re.MULTILINE)
#: Folders whose tests need the machine to themselves: they kill engines, or measure.
ALONE = ("bench", "faults")


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples in the inner loop where a test does not set their number; `make test` tries all of them.

    The slowest 25 tests are printed, unless files were named.
    """
    if "not slow" in config.option.markexpr:
        settings.load_profile("inner-loop")
    if config.option.durations is None and not all(each.is_file() for each in named_paths(config)):
        config.option.durations = 25


def pytest_collection_finish(session: pytest.Session) -> None:  # noqa: ARG001 -- pytest's signature
    """Leave what collection made out of later garbage collections: they would walk through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over folders and modules of slow tests in the inner loop: reading them would take a fifth of its time.

    `test_fast_layer.py` sees that no fast test stands in the folders. A module is passed over by its own mark.
    """
    if "not slow" not in config.option.markexpr:
        return None
    if collection_path.parent.name == "tests" and collection_path.name in SLOW_FOLDERS:
        return True
    if collection_path.name.startswith("test_") and _SLOW_MODULE.search(collection_path.read_text(encoding="utf-8")):
        return True
    return None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return the number of workers: one for each core, but none where files are named, since those start sooner alone,
    and none where fault tests or benchmarks may be among the tests.

    More than four are never started: each end-to-end module runs a whole product.
    """
    named = named_paths(config)
    if all(each.is_file() for each in named) or needs_machine_alone(named, config.option.markexpr):
        return 0
    return min(4, len(os.sched_getaffinity(0)))


def named_paths(config: pytest.Config) -> list[Path]:
    """Return the files and folders that the command line names, or else the folder of all tests."""
    return [Path(each.split("::")[0]).absolute() for each in config.args]


def needs_machine_alone(named: Sequence[Path], markers: str) -> bool:
    """Return whether the named folders may hold fault tests or benchmarks that the marker expression lets through."""
    if "not slow" in markers or all(f"not {each}" in markers for each in ALONE):
        return False
    folders = [Path(__file__).parent / each for each in ALONE]
    return any(one.is_relative_to(each) or each.is_relative_to(one) for one in folders for each in named)
