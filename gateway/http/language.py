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
    """Return the language of a response, zh or en. `accepts` is the Accept-Language header.

    Pages leave it out, so that they are Chinese until the reader chooses English.
    """
    for choice in (query.get("lang"), cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return choice
    preferred = sorted(_preferences(accepts), key=lambda preference: -preference[1])
    return next((tag for tag, weight in preferred if tag in LANGUAGES and weight > 0), "zh")


def is_large(query: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Return whether the reader chose large text, by the query or an earlier choice in a cookie."""
    choice = next((each for each in (query.get(SIZE_COOKIE), cookies.get(SIZE_COOKIE)) if each in SIZES), PLAIN)
    return choice == LARGE


def _preferences(accepts: str) -> list[tuple[str, float]]:
    preferences = []
    for part in accepts.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            preferences.append((tag.strip().lower()[:2], float(weight) if weight else 1.0))
        except ValueError:
            continue
    return preferences
