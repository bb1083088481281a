"""Ours and a reference measured in turns, so that what else the machine does falls on both.

Promises: within a round the two alternate block by block, and the one that begins alternates round by round; a ratio is
the median of the rounds' ratios of speeds, above 1 where ours is faster. One block of each, unmeasured, comes first.
Does not promise that rates compare between two runs: only ratios do.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

#: Does one block of work and answers how many units it was: events, likes, messages.
Block = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Pair:
    """Units a second, medians of the rounds; and the median of the rounds' ratios, which is not their quotient."""

    ours: float
    reference: float
    ratio: float


def paired(ours: Block, reference: Block, *, rounds: int, blocks: int = 1) -> Pair:
    """Measure `rounds` times `blocks` blocks of each."""
    for warm_up in (ours, reference):
        warm_up()
    # What was prepared beforehand is no garbage of theirs: collections shall not walk it at ours' or theirs' expense.
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
    def __init__(self, block: Block) -> None:
        self._block, self._units, self._spent_s = block, 0, 0.0

    def turn(self) -> None:
        started = time.perf_counter()
        self._units += self._block()
        self._spent_s += time.perf_counter() - started

    @property
    def rate(self) -> float:
        return self._units / self._spent_s
