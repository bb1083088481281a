"""Choose the anchor entries: a few judged entries that every judge marks first, to compare how strict judges are.

Promises: the choice depends on the entries, their types and the seed alone; every unit type gets one anchor before any
type gets a second; every judge who has no conflict with an anchor and has room for it reads it.
Does not ensure that an anchor gets its minimum of marks. The solver does, as for any other entry.
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
    """Choose `n` entries as anchors by a draw from `seed`, or all if there are fewer.

    `types` maps each judged entry to its unit type.
    """
    queues: dict[str, list[str]] = {}
    for entry in sorted(types, key=lambda each: _draw(seed, each)):
        queues.setdefault(types[entry], []).append(entry)
    # The draw also decides which type comes first: with fewer anchors than types, no type is favoured by its name.
    turns = sorted((turn, _draw(seed, entry), entry) for queue in queues.values() for turn, entry in enumerate(queue))
    return tuple(entry for _, _, entry in turns[:n])


def readings(anchors: Sequence[str], entries: Mapping[str, Entry], judges: Iterable[Judge], limits: Limits) -> Readings:
    """Return for each judge the anchors that the judge is to read: those without a conflict and not assigned yet, as
    many as the judge has room for.
    """
    found: Readings = {}
    for each in sorted(judges, key=lambda each: each.judge):
        new = [anchor for anchor in anchors if anchor in entries and eligible(entries[anchor], [each], limits)]
        if room := new[: max(0, limits.entries - each.load)]:
            found[each.judge] = tuple(room)
    return found


def after_readings(
    entries: Iterable[Entry], judges: Iterable[Judge], taken: Readings
) -> tuple[list[Entry], list[Judge]]:
    """Return the entries and judges with the readings in `taken` added, as readers of entries and load of judges."""
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
