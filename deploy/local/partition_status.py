"""Report which vote writer has which partitions, from the writers' own metrics, for `make status` and `make scale`.

The voters are divided into partitions, each with a log and a queue of its own.

Promises: a writer has a partition if it received a batch of it within the last ten seconds. Right after a change, a
partition may therefore appear at no writer or at two.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.request import urlopen

_ACTIVE = re.compile(r'^baijia_partition_active\{partition="(\d+)"\} 1\.0$', re.MULTILINE)


def active_on(page: str) -> tuple[int, ...]:
    """Return the numbers of the partitions that a writer has, read from the text of its metrics page."""
    return tuple(sorted(int(found) for found in _ACTIVE.findall(page)))


def partitions_by_writer(urls: Mapping[str, str]) -> dict[str, tuple[int, ...] | None]:
    """Return the partitions of each writer, read from its metrics page in `urls`.

    A writer that does not answer has None.
    """
    if not urls:
        return {}
    with ThreadPoolExecutor(len(urls)) as pool:
        return dict(zip(urls, pool.map(_read_active, urls.values()), strict=True))


def unsettled(shares: Mapping[str, Sequence[int] | None]) -> str | None:
    """Return a sentence if the division of partitions has not settled yet, else None.

    It has not if a writer has no partition or a partition has two writers.
    """
    idle = next((writer for writer, partitions in shares.items() if not partitions), None)
    if idle:
        return f"{idle} has no partition"
    active = [p for partitions in shares.values() for p in partitions or ()]
    duplicate = next((p for p in active if active.count(p) > 1), None)
    return None if duplicate is None else f"partition {duplicate} has two writers"


def lines(shares: Mapping[str, Sequence[int] | None]) -> Iterable[str]:
    """Yield a line for a person about each writer: its partitions, and their share of all."""
    total = len({p for partitions in shares.values() for p in partitions or ()})
    for writer, partitions in shares.items():
        if partitions is None:
            yield f"  {writer:<16} does not answer"
        elif not partitions:
            yield f"  {writer:<16} no partition"
        else:
            numbers = " ".join(map(str, partitions))
            share = f"{len(partitions)} of {total} partitions ({100 * len(partitions) // total} %)"
            yield f"  {writer:<16} {share}: {numbers}"


def _read_active(url: str) -> tuple[int, ...] | None:
    try:
        with urlopen(url, timeout=2) as answer:
            return active_on(answer.read().decode())
    except (OSError, HTTPException):
        return None
