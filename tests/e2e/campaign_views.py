"""Views of a campaign as a gateway gets them: folded from a story's events by ranking, or invented with extreme
contents.

Promises: `public_views` is what the public views contain at that moment, with the embargo applied. The story's files do
not exist; those of the gateway tests' town do.
"""

from typing import Any

from gateway.read_models.cache import Views
from services.ranking.read_model.daily_totals import Daily
from services.ranking.views.public_views import views
from tests.unit.gateway.town import (
    CLOCK,
    DAY,
    ENTRIES,
    RESULT,
    TYPES,
    VIEWS,
    board,
    campaign,
    entry_row,
)
from tests.unit.ranking.stories import Story, folded

NOTICED = {
    **RESULT,
    "is_final": False,
    "outdated": True,
    "notice": {"since": CLOCK - DAY, "until": CLOCK + 30 * DAY, "basis": "weekends"},
}
SHOWN = {**VIEWS, "result": NOTICED, "exhibition": {"open": True, "provisional": True, "entries": ["u1-1"]}}
LONG = {
    "u5-1": entry_row("E002", "other", "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2, unit="W" * 60),
    "u6-1": entry_row("E003", "other", "把会建到运输线上，把家安在车间里——" * 4, city="秦皇岛市北戴河新区"),
}


def public_views(story: Story, daily: Daily | None = None) -> dict[str, Any]:
    """Return ranking's public views of a story."""
    return dict(views(folded(story), {"moderation": 1}, daily))


def extreme_views() -> dict[str, Any]:
    """Return views with every part of the home page at once, and with words and numbers that are hard to fit."""
    rows = [
        {name: each[name] for name in ("number", "title", "unit", "city")}
        | {"entry": entry, "place": place, "likes": 1_234_567 - place}
        for place, (entry, each) in enumerate(LONG.items(), start=1)
    ]
    tables = board({"u1-1": 7, "u2-1": 3, "u3-1": 2})
    tables["types"]["other"] = rows
    won = [
        {name: row[name] for name in ("entry", "number", "title", "unit", "place")}
        | {"type": "other", "final": "100.00"}
        for row in rows
    ]
    kinds = [
        TYPES[0],
        {"code": "other", "zh": "其它类型的单位", "en": "Foreign-invested and other enterprises", "quota": 20},
    ]
    return {
        "campaign": campaign(unit_types=kinds, clock=CLOCK + 20 * 86_400_000),
        "entries": {"entries": {**ENTRIES, **LONG}},
        "board": tables,
        "result": {**NOTICED, "winners": [*RESULT["winners"], *won]},
        "exhibition": {"open": True, "provisional": True, "entries": ["u1-1", *LONG]},
    }


def cached_views(views_by_name: dict[str, Any]) -> Views:
    """Return a gateway's cache that has taken in these views."""
    made = Views(wall=lambda: CLOCK)
    made.load({name: {"version": 1, "cut": {"moderation": 1}, "data": each} for name, each in views_by_name.items()})
    return made
