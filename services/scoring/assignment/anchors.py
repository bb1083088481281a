"""Choose the anchor entries: a few of the cohort that every judge marks first, so that strictness can be compared.

Promises: the choice depends on the entries, their types and the seed alone; every type gets one anchor before any type
gets a second; every judge who may read an anchor and has room gets it.
Does not ensure: that an anchor gets its minimum of marks. The solver does that, as for any other entry.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.scoring.assignment.solver import (
    Entry,
    Judge,
    Limits,
    Readings,
    eligible,
)


def choose(types: Mapping[str, str], n: int, seed: str) -> tuple[str, ...]:
    """Return `n` entries, or all if there are fewer. `types` maps each entry to its unit type."""
    queues: dict[str, list[str]] = {}
    for entry in sorted(types, key=lambda each: _draw(seed, each)):
        queues.setdefault(types[entry], []).append(entry)
    # The draw also decides which type comes first: with fewer anchors than types, no type is favoured by its name.
    turns = sorted((turn, _draw(seed, entry), entry) for queue in queues.values() for turn, entry in enumerate(queue))
    return tuple(entry for _, _, entry in turns[:n])


def readings(anchors: Sequence[str], entries: Mapping[str, Entry], judges: Iterable[Judge], limits: Limits) -> Readings:
    """Return the anchors that each judge may read and does not read yet, as far as the judge has room."""
    found: Readings = {}
    for each in sorted(judges, key=lambda each: each.judge):
        new = [anchor for anchor in anchors if anchor in entries and eligible(entries[anchor], [each], limits)]
        if room := new[: max(0, limits.entries - each.load)]:
            found[each.judge] = tuple(room)
    return found


def after_readings(
    entries: Iterable[Entry], judges: Iterable[Judge], taken: Readings
) -> tuple[list[Entry], list[Judge]]:
    """Return entries and judges as they are after these readings."""
    readers: dict[str, set[str]] = {}
    for judge, names in taken.items():
        for entry in names:
            readers.setdefault(entry, set()).add(judge)
    return (
        [replace(each, readers=each.readers.union(readers.get(each.entry, ()))) for each in entries],
        [replace(each, load=each.load + len(taken.get(each.judge, ()))) for each in judges],
    )


def _draw(seed: str, entry: str) -> bytes:
    return hashlib.sha256(f"{seed} anchors\0{entry}".encode()).digest()
