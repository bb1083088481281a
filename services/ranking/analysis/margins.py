"""What one place more, or a seat, would have needed: so many likes, or so much expert score, and nothing else changed.

Promises: with that much more the entry would be there, and with one like (a hundredth of a point) less it would not:
more never lowers an entry's own place, so the least is found by halves, each time by ranking again.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from services.moderation.campaign import Campaign
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.fast_ranking import Board
from services.ranking.calculation.quota import Contender, allocate
from shared.decimals import two_decimals

Plain = dict[str, Any]
Reached = Callable[[Sequence[Contender]], bool]
_FULL_CENTS = 10_000  # an expert score of 100, in hundredths of a point
_TIMES_THE_MOST = 10  # beyond so many times the most likes of anyone nobody is told to look


def needed(rows: Sequence[Candidate], campaign: Campaign, entry: str, *, draw: bytes) -> Plain:
    """For one place more in the type, and for a seat where the entry has none; None where no amount would do."""
    board = Board(rows, campaign, draw=draw)
    i = next(i for i, row in enumerate(board.rows) if row.entry == entry)
    place, wins = _place(board, entry, board.order()), _wins(board, entry, board.order())

    def higher(order: Sequence[Contender]) -> bool:
        return _place(board, entry, order) < place

    def seated(order: Sequence[Contender]) -> bool:
        return _wins(board, entry, order)

    return {
        "place": None if place == 1 else {"likes": _likes(board, i, higher), "expert": _cents(board, i, higher)},
        "seat": None if wins else {"likes": _likes(board, i, seated), "expert": _cents(board, i, seated)},
    }


def _likes(board: Board, i: int, reached: Reached) -> int | None:
    """How many more likes."""

    def tried(more: int) -> bool:
        likes = list(board.likes)
        likes[i] += more
        return reached(board.order(likes))

    return _least(tried, most=_TIMES_THE_MOST * (max(board.likes) + 1))


def _cents(board: Board, i: int, reached: Reached) -> str | None:
    """How much more expert score, in points with two decimals."""
    own = board.experts.scores[i]

    def tried(more: int) -> bool:
        return reached(board.order(scores={i: own + Fraction(more, 100)}))

    most = int(_FULL_CENTS - own * 100)
    cents = _least(tried, most=most) if most > 0 else None
    return None if cents is None else two_decimals(cents)


def _least(tried: Callable[[int], bool], *, most: int) -> int | None:
    """The least of 1 to `most` that does, where more of what does does too."""
    if not tried(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tried(middle) else (middle, high)
    return high


def _place(board: Board, entry: str, order: Sequence[Contender]) -> int:
    kind = next(row.type for row in board.rows if row.entry == entry)
    return [each.entry for each in order if each.type == kind].index(entry) + 1


def _wins(board: Board, entry: str, order: Sequence[Contender]) -> bool:
    return any(seat.entry == entry for seat in allocate(order, board.campaign))
