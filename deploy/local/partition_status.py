"""Which vote writer has which partitions now, by the writers' own metrics: `make status` and `make scale` print it.

Promises: what is told is what the writers were given lately (within ten seconds); right after a change a partition may
stand at nobody's, or at two.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.request import urlopen

_ACTIVE = re.compile(r'^baijia_partition_active\{partition="(\d+)"\} 1\.0$', re.MULTILINE)


def active_on(page: str) -> tuple[int, ...]:
    """The partitions that a writer's page of metrics says it has."""
    return tuple(sorted(int(found) for found in _ACTIVE.findall(page)))


def held(urls: Mapping[str, str]) -> dict[str, tuple[int, ...] | None]:
    """By writer, from its page of metrics; None for one that does not answer."""
    if not urls:
        return {}
    with ThreadPoolExecutor(len(urls)) as beside:
        return dict(zip(urls, beside.map(_asked, urls.values()), strict=True))


def unsettled(held: Mapping[str, Sequence[int] | None]) -> str | None:
    """What a change of writers has not settled yet: a writer without a partition, or a partition with two writers."""
    idle = next((writer for writer, partitions in held.items() if not partitions), None)
    if idle:
        return f"{idle} has no partition"
    all_of_them = [p for partitions in held.values() for p in partitions or ()]
    twice = next((p for p in all_of_them if all_of_them.count(p) > 1), None)
    return None if twice is None else f"partition {twice} has two writers"


def lines(held: Mapping[str, Sequence[int] | None]) -> Iterable[str]:
    """The shares in words."""
    total = len({p for partitions in held.values() for p in partitions or ()})
    for writer, partitions in held.items():
        if partitions is None:
            yield f"  {writer:<16} does not answer"
        elif not partitions:
            yield f"  {writer:<16} no partition"
        else:
            numbers = " ".join(map(str, partitions))
            share = f"{len(partitions)} of {total} partitions ({100 * len(partitions) // total} %)"
            yield f"  {writer:<16} {share}: {numbers}"


def _asked(url: str) -> tuple[int, ...] | None:
    try:
        with urlopen(url, timeout=2) as answer:
            return active_on(answer.read().decode())
    except (OSError, HTTPException):
        return None
