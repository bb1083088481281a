"""Garbage collector settings for processes whose state grows by millions of objects.

Python frees an object at once when nothing points to it. Its collector only finds reference cycles, and for that it
walks every live object, again whenever their number has grown by a quarter. A writer's state has no cycles: the walks
took a quarter of its time, and with a day of likes in memory each takes as long as a voter is willing to wait.
"""

import gc

YOUNG = 20_000  # allocations between two searches of the youngest generation: eight commits of likes, 1 ms
ROUNDS = 20
NEVER = 1 << 30


def search_young_only() -> None:
    """Search only young objects from now on. A cycle that survives two searches is never freed."""
    gc.set_threshold(YOUNG, ROUNDS, NEVER)


def freeze_live_objects() -> None:
    """Exempt all objects that are alive now from every search, and search the others more rarely.

    For a server that has just been loaded. Its connections and tasks form cycles, so its later objects must be
    searched.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, ROUNDS, ROUNDS)
