"""The leaderboard as it is while the embargo hides likes: the same entries, in the order of their poster numbers.

Promises: nothing that is left depends on a number of likes.
"""

from collections.abc import Mapping
from typing import Any

from shared.places import with_places


def hide_likes(board: Mapping[str, Any]) -> dict[str, Any]:
    """Return the view `board` without likes and places, as ranking publishes it under the embargo."""
    rows = {code: [{**row, "likes": None} for row in those] for code, those in board.get("types", {}).items()}
    types = {code: with_places(those, score="likes", then="number") for code, those in rows.items()}
    return {**board, "as_of": 0, "embargoed": True, "types": types}
