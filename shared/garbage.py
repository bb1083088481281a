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
    """Let Python's garbage collector search only young objects from now on: for a process whose state has no cycles.

    A reference cycle that survives two searches is never freed.
    """
    gc.set_threshold(YOUNG, ROUNDS, NEVER)


def freeze_live_objects() -> None:
    """Exempt all objects that are alive now from the garbage collector, and search later objects more rarely.

    Call it once, when a server has loaded its code. Its connections and tasks form reference cycles, so objects that
    are created later must still be searched.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, ROUNDS, ROUNDS)
