"""Places in a table of scores, shared by those whose scores are equal: 1, 1, 3."""

from collections.abc import Iterable, Mapping
from typing import Any


def with_places(rows: Iterable[Mapping[str, Any]], *, score: str, then: str) -> list[dict[str, Any]]:
    """Order rows by `score`, the greatest first, and equal ones by `then`; give each its `place`.

    Equal scores share a place, and as many places after it are left out. A row whose score is None, as under embargo,
    has no place: it stands as if it had 0.
    """
    ordered = sorted(rows, key=lambda row: (-(row[score] or 0), row[then]))
    places: dict[int | None, int | None] = {None: None}
    for place, row in enumerate(ordered, start=1):
        places.setdefault(row[score], place)
    return [{**row, "place": places[row[score]]} for row in ordered]
