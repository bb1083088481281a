"""Measures ours and a reference in turns, so that other load on the machine affects both.

Promises: within a round the two alternate block by block, and they take turns to begin a round. A ratio is the
median of the rounds' ratios of speeds, above 1 where ours is faster. One unmeasured block of each comes first.
Does not promise that rates can be compared between two runs; only ratios can.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

#: Does one block of work and returns its number of units: events, likes or messages.
Block = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Pair:
    """Units a second, as medians of the rounds; and the median of the rounds' ratios, which is not the quotient of
    the two.
    """

    ours: float
    reference: float
    ratio: float


def paired(ours: Block, reference: Block, *, rounds: int, blocks: int = 1) -> Pair:
    """Measure `rounds` rounds of `blocks` blocks of each side."""
    for warm_up in (ours, reference):
        warm_up()
    # The objects that were prepared beforehand are not garbage of the blocks: no collection during a measurement shall
    # traverse them at the expense of either side.
    gc.collect()
    gc.freeze()
    try:
        rates = [_round(ours, reference, blocks=blocks, ours_first=n % 2 == 0) for n in range(rounds)]
    finally:
        gc.unfreeze()
    return Pair(
        statistics.median(mine for mine, _ in rates),
        statistics.median(other for _, other in rates),
        statistics.median(mine / other for mine, other in rates),
    )


def _round(ours: Block, reference: Block, *, blocks: int, ours_first: bool) -> tuple[float, float]:
    sides = [_Side(ours), _Side(reference)]
    turns = sides if ours_first else sides[::-1]
    for _ in range(blocks):
        for side in turns:
            side.turn()
    return sides[0].rate, sides[1].rate


class _Side:
    """One side in one round: its block, and the units and the time spent so far."""

    def __init__(self, block: Block) -> None:
        self._block, self._units, self._spent_s = block, 0, 0.0

    def turn(self) -> None:
        """Run one block and add up its units and its time."""
        started = time.perf_counter()
        self._units += self._block()
        self._spent_s += time.perf_counter() - started

    @property
    def rate(self) -> float:
        """Units a second."""
        return self._units / self._spent_s
