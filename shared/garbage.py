"""How a process whose state grows by the million looks for garbage.

Python frees at once what nobody points to. Its collector only finds circles, and for that walks all that is alive,
again whenever that has grown by a quarter. A writer's state has no circles: the walks took a quarter of its time, and
with a day in memory each takes as long as a voter waits.
"""

import gc

YOUNG = 20_000  # objects made before the youngest are looked at: eight commits of likes, 1 ms
ROUNDS = 20
NEVER = 1 << 30


def spare_the_old() -> None:
    """From now on only young objects are searched. A circle that outlives two searches is never freed."""
    gc.set_threshold(YOUNG, ROUNDS, NEVER)


def settle() -> None:
    """What is alive now is never searched again, and the rest more rarely: for a server that has just been loaded.

    Connections and tasks are circles, so its old objects must be searched.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, ROUNDS, ROUNDS)
