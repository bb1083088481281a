"""How wide a line is on a console, counted apart from the code: wide and full-width characters take two columns."""

import unicodedata


def columns(line: str) -> int:
    """Return how many columns a line takes on a screen."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line
    )
