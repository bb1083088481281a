"""Language and text size of a reader's pages: Chinese or English, plain or large.

The query decides, else the cookie of an earlier choice; for the language, else the Accept-Language header.
"""

from collections.abc import Mapping

LANGUAGES = ("zh", "en")
COOKIE = "lang"
SIZES = PLAIN, LARGE = ("plain", "large")
SIZE_COOKIE = "text"
SWITCHES = (COOKIE, SIZE_COOKIE)  # the query parameters have these names too


def language(query: Mapping[str, str], cookies: Mapping[str, str], accepts: str = "") -> str:
    """Return zh or en. Pages leave `accepts` out, so that they are Chinese until the reader chooses English."""
    for said in (query.get("lang"), cookies.get(COOKIE)):
        if said in LANGUAGES:
            return said
    preferred = sorted(_wishes(accepts), key=lambda wish: -wish[1])
    return next((tag for tag, weight in preferred if tag in LANGUAGES and weight > 0), "zh")


def is_large(query: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Return whether the reader chose large text."""
    said = next((each for each in (query.get(SIZE_COOKIE), cookies.get(SIZE_COOKIE)) if each in SIZES), PLAIN)
    return said == LARGE


def _wishes(accepts: str) -> list[tuple[str, float]]:
    wishes = []
    for part in accepts.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((tag.strip().lower()[:2], float(weight) if weight else 1.0))
        except ValueError:
            continue
    return wishes
