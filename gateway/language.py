"""Chinese or English: what the address says, else what was chosen before, else what the client prefers."""

from collections.abc import Mapping

LANGUAGES = ("zh", "en")
COOKIE = "lang"


def language(query: Mapping[str, str], cookies: Mapping[str, str], accepts: str = "") -> str:
    """zh or en. Pages leave `accepts` out: they are Chinese until somebody turns the switch."""
    for said in (query.get("lang"), cookies.get(COOKIE)):
        if said in LANGUAGES:
            return said
    preferred = sorted(_wishes(accepts), key=lambda wish: -wish[1])
    return next((tag for tag, weight in preferred if tag in LANGUAGES and weight > 0), "zh")


def _wishes(accepts: str) -> list[tuple[str, float]]:
    wishes = []
    for part in accepts.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((tag.strip().lower()[:2], float(weight) if weight else 1.0))
        except ValueError:
            continue
    return wishes
