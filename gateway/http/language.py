"""How a reader wants the pages: Chinese or English, plain or large text. What the address says, else what was chosen
before; of languages, else what the client prefers.
"""

from collections.abc import Mapping

LANGUAGES = ("zh", "en")
COOKIE = "lang"
SIZES = PLAIN, LARGE = ("plain", "large")
SIZE_COOKIE = "text"
SWITCHES = (COOKIE, SIZE_COOKIE)  # as the address names them too


def language(query: Mapping[str, str], cookies: Mapping[str, str], accepts: str = "") -> str:
    """zh or en. Pages leave `accepts` out: they are Chinese until somebody turns the switch."""
    for said in (query.get("lang"), cookies.get(COOKIE)):
        if said in LANGUAGES:
            return said
    preferred = sorted(_wishes(accepts), key=lambda wish: -wish[1])
    return next((tag for tag, weight in preferred if tag in LANGUAGES and weight > 0), "zh")


def is_large(query: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Whether the text is to be large."""
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
