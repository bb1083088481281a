"""Filter, order and paginate the list of entries.

Promises: the order never reveals likes, for no number of likes is read. Entries are in the order of poster numbers, or
shuffled by a seed (`shuffled_order.py`) such that entries that appear or disappear do not move the others. A page
starts after a place, not after an entry, so it follows the page before also when that page's last entry is gone. An
unknown type, theme or city is refused. The module is pure, except that it raises `Problem`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from gateway.http.fields import QUERY_MAX_CHARS
from gateway.http.poster_numbers import number_in
from gateway.http.problems import Problem
from gateway.read_models.cache import View, Views
from shared.names import comparable_name, same_name

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a request wants of the list of entries: the filter, and the entry after which its page starts.

    An empty field matches everything.
    """

    type: str = ""
    theme: str = ""
    city: str = ""
    q: str = ""  # a part of a title or a unit's name, or a poster number as people type it
    after: str = ""  # the cursor of the page before (`list_cursor.py`)

    @staticmethod
    def of(query: Mapping[str, Any]) -> "EntryFilter":
        """Read the filter from query parameters, ignoring others. Raises Problem if the search text is too long."""
        texts = {name: str(query.get(name) or "").strip() for name in ("type", "theme", "city", "q", "after")}
        if len(texts["q"]) > QUERY_MAX_CHARS:
            raise Problem("invalid", errors={"q": ["too-long"]})
        return EntryFilter(**texts)

    @property
    def criteria(self) -> dict[str, str]:
        """The fields of the filter that are not empty, by name, without the place in the list."""
        every = {"type": self.type, "theme": self.theme, "city": self.city, "q": self.q}
        return {name: value for name, value in every.items() if value}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of entries: the poster number and the id of an entry that is or was there."""

    number: str | None
    entry: str


Order = Callable[[Place], Any]  # the sort key of a place


def number_order(place: Place) -> Any:
    """Return the sort key of the order of poster numbers, in which entries without a number come last, by id."""
    return place.number is None, place.number or "", place.entry


def shuffled_order(seed: bytes) -> Order:
    """Return the sort key of the order that is given by a seed. It does not depend on the other entries."""
    return lambda place: blake2b(place.entry.encode(), key=seed, digest_size=8).digest()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list of entries. `total` counts the matching entries on all pages."""

    rows: list[Row]
    total: int
    end: Place | None  # the place that the next page starts after; None on the last page


def visible_rows(views: Views) -> Sequence[Row]:
    """Return the visible entries as rows: first those with a poster number, by number, then the others by id."""
    return _visible_rows(views.view("entries"))


@lru_cache(maxsize=2)  # keyed by the view itself, which is replaced and never changed; every list starts here
def _visible_rows(view: View) -> tuple[Row, ...]:
    rows = [entry_row(entry, each) for entry, each in view.data.get("entries", {}).items()]
    return tuple(sorted(rows, key=lambda row: number_order(_place(row))))


def entry_row(entry: str, seen: Mapping[str, Any]) -> Row:
    """Return an entry of the view `entries` in the shape that lists show. `entry` is its id."""
    pictures = seen.get("pictures") or []
    copied = {name: seen[name] for name in ("number", "type", "title", "unit", "city", "state", "frozen")}
    # A projector older than themes in the view may still be publishing it.
    themes, cover = list(seen.get("themes") or ()), pictures[0] if pictures else None
    return {"entry": entry, **copied, "themes": themes, "cover": cover, "has_video": bool(seen.get("video"))}


def cities(views: Views) -> list[str]:
    """Return the cities that have a visible entry, sorted, for visitors to choose from."""
    return distinct_cities(each["city"] for each in views.data("entries").get("entries", {}).values())


def distinct_cities(written: Iterable[str]) -> list[str]:
    """Return the cities, sorted, each once: of several spellings that read the same, the first in order stands."""
    found: dict[str, str] = {}
    for each in sorted(set(written)):
        found.setdefault(comparable_name(each), each)
    return sorted(city for form, city in found.items() if form)


def is_city(wanted: str, city: str) -> bool:
    """Return whether an entry of this city matches a filter; every entry matches an empty one."""
    return wanted in ("", city) or same_name(wanted, city)


def refuse_unknown(wanted: EntryFilter, views: Views) -> None:
    """Raise Problem if the filter has a type, theme or city that the campaign does not have.

    An empty list would look like a valid answer.
    """
    campaign = views.data("campaign")
    if wanted.type and wanted.type not in {each["code"] for each in campaign.get("unit_types", ())}:
        raise Problem("type-unknown", field="type")
    if wanted.theme and wanted.theme not in {each["code"] for each in campaign.get("themes", ())}:
        raise Problem("theme-unknown", field="theme", facts={"theme": wanted.theme})
    if wanted.city and not any(is_city(wanted.city, each) for each in cities(views)):
        raise Problem("city-unknown", field="city")


def matching_rows(rows: Sequence[Row], wanted: EntryFilter, found: Mapping[str, Any] = {}) -> list[Row]:
    """Return those rows that match the filter, in their given order.

    `found` has the entries whose text holds the words of the filter, by id, with where it does: such a row matches too,
    and has that as `snippet`.
    """
    return [
        {**row, "snippet": found[row["entry"]]} if row["entry"] in found else row
        for row in rows
        if wanted.type in ("", row["type"])
        and (not wanted.theme or wanted.theme in row["themes"])
        and is_city(wanted.city, row["city"])
        and (not wanted.q or row["entry"] in found or _matches_text(row, wanted.q))
    ]


def paginate(rows: Sequence[Row], *, order: Order, after: Place | None, limit: int) -> ListPage:
    """Return the page of at most `limit` rows that follow the place `after`, or the first page if that is None."""
    ordered = sorted(rows, key=lambda row: order(_place(row)))
    start = 0 if after is None else bisect_right(ordered, order(after), key=lambda row: order(_place(row)))
    page = ordered[start : start + limit]
    return ListPage(page, len(ordered), _place(page[-1]) if page and start + len(page) < len(ordered) else None)


def _place(row: Row) -> Place:
    return Place(row["number"], row["entry"])


def _matches_text(row: Row, q: str) -> bool:
    number = row["number"] or ""
    if number and number_in(q) == number_in(number):
        return True
    part = comparable_name(q)  # empty for a text of punctuation, which no title is found by
    return bool(part) and any(part in comparable_name(text) for text in (row["title"], row["unit"], number))
