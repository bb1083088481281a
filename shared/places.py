"""Places in a table of scores. Rows with equal scores share a place: 1, 1, 3."""

from collections.abc import Iterable, Mapping
from typing import Any


def with_places(rows: Iterable[Mapping[str, Any]], *, score: str, then: str) -> list[dict[str, Any]]:
    """Return copies of the rows, each with its `place`, ordered by the field `score` (greatest first), then by `then`.

    Rows with equal scores share a place, and the next place is the number of rows before it plus one: 1, 1, 3. A row
    whose score is None (withheld under embargo) is ordered as if it had 0, and its place is None.
    """
    ordered = sorted(rows, key=lambda row: (-(row[score] or 0), row[then]))
    places: dict[int | None, int | None] = {None: None}
    for place, row in enumerate(ordered, start=1):
        places.setdefault(row[score], place)
    return [{**row, "place": places[row[score]]} for row in ordered]
