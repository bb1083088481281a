"""How staff's pages name an entry: by its poster number, its title and its unit, never by its id alone.

Promises: an entry that the public may not see has its names nowhere in the gateway, so it is named by its number, if it
has one, and else as an entry that is not public.
"""

from collections.abc import Iterable
from typing import Any

from gateway.routing.context import AppContext

NO_NAMES: dict[str, Any] = {"number": None, "title": "", "unit": "", "type": ""}


def entry_names(app: AppContext, entries: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return number, title, unit and type of entries, by id."""
    seen = app.views.data("entries").get("entries", {})
    found = {}
    for entry in entries:
        row = seen.get(entry, {})
        found[entry] = {name: row.get(name, empty) for name, empty in NO_NAMES.items()}
    return found


def entry_id(app: AppContext, name: str) -> str:
    """Return the id of an entry that is named by its poster number or its id; an unknown name as it is."""
    name = name.strip()
    return app.views.entry(name.upper()) or app.views.entry(name) or name
