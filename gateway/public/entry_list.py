"""The list of entries: which are wanted, which of them stand on a page, and in which order.

Promises: an order never tells of likes, for no number of likes comes here: entries stand by poster number, or shuffled
by a seed (`shuffled_order.py`), where what comes and goes moves no other. A type, a theme or a city that there is not
is refused. Pure but for `Problem`.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from gateway.http.fields import QUERY_MAX_CHARS
from gateway.http.poster_numbers import number_in
from gateway.http.problems import Problem
from gateway.read_models.cache import View, Views

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for; empty is all."""

    type: str = ""
    theme: str = ""
    city: str = ""
    q: str = ""  # a part of a title or a unit's name, or a poster number as people type it
    after: str = ""  # the last entry of the page before

    @staticmethod
    def of(query: Mapping[str, Any]) -> "Wanted":
        """From an address. What is no filter is left to whoever put it there. Raises Problem."""
        said = {name: str(query.get(name) or "").strip() for name in ("type", "theme", "city", "q", "after")}
        if len(said["q"]) > QUERY_MAX_CHARS:
            raise Problem("invalid", errors={"q": ["too-long"]})
        return Wanted(**said)

    @property
    def named(self) -> dict[str, str]:
        """What is asked for, by name, without the place in the list."""
        every = {"type": self.type, "theme": self.theme, "city": self.city, "q": self.q}
        return {name: value for name, value in every.items() if value}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of the list."""

    rows: list[Row]
    total: int
    more: str  # what the next page comes after; empty where there is none


def listed(views: Views) -> Sequence[Row]:
    """The visible entries: the shortlisted by their numbers, then the others."""
    return _listed(views.view("entries"))


@lru_cache(maxsize=2)  # by the view itself, which is replaced and never changed; every page of a list begins here
def _listed(view: View) -> tuple[Row, ...]:
    rows = [row_of(entry, each) for entry, each in view.data.get("entries", {}).items()]
    return tuple(sorted(rows, key=lambda row: (row["number"] is None, row["number"] or "", row["entry"])))


def row_of(entry: str, seen: Mapping[str, Any]) -> Row:
    """One entry of the view, as lists show it."""
    pictures = seen.get("pictures") or []
    kept = {name: seen[name] for name in ("number", "type", "title", "unit", "city", "state", "frozen")}
    # A projector of before themes were in the view may still be telling it.
    themes, cover = list(seen.get("themes") or ()), pictures[0] if pictures else None
    return {"entry": entry, **kept, "themes": themes, "cover": cover, "has_video": bool(seen.get("video"))}


def cities(views: Views) -> list[str]:
    """Those that a visible entry comes from."""
    return sorted({each["city"] for each in views.data("entries").get("entries", {}).values() if each["city"]})


def refuse_unknown(wanted: Wanted, views: Views) -> None:
    """Raise Problem for a type, a theme or a city that there is not: an empty list would look like an answer."""
    campaign = views.data("campaign")
    if wanted.type and wanted.type not in {each["code"] for each in campaign.get("unit_types", ())}:
        raise Problem("type-unknown", field="type")
    if wanted.theme and wanted.theme not in {each["code"] for each in campaign.get("themes", ())}:
        raise Problem("theme-unknown", field="theme", facts={"theme": wanted.theme})
    if wanted.city and wanted.city not in cities(views):
        raise Problem("city-unknown", field="city")


def chosen(rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    """Those that are wanted, in the order in which they came."""
    return [
        row
        for row in rows
        if wanted.type in ("", row["type"])
        and (not wanted.theme or wanted.theme in row["themes"])
        and wanted.city in ("", row["city"])
        and (not wanted.q or _is_named(row, wanted.q))
    ]


def shuffled(rows: Sequence[Row], seed: bytes) -> list[Row]:
    """The rows in the order of a seed: that of any two is the same whatever else is there."""
    return sorted(rows, key=lambda row: blake2b(row["entry"].encode(), key=seed, digest_size=8).digest())


def leaf(rows: Sequence[Row], *, after: str, limit: int) -> Leaf:
    """The page that comes after an entry; the first one, where it is not there any more."""
    start = next((i for i, row in enumerate(rows, start=1) if row["entry"] == after), 0)
    page = list(rows[start : start + limit])
    more = page[-1]["entry"] if page and start + len(page) < len(rows) else ""
    return Leaf(page, len(rows), more)


def _is_named(row: Row, q: str) -> bool:
    number = row["number"] or ""
    if number and number_in(q) == number_in(number):
        return True
    part = _plain(q)
    return any(part in _plain(text) for text in (row["title"], row["unit"], number))


@lru_cache(maxsize=8_192)
def _plain(text: str) -> str:
    """Without what people type in more than one way: width, letter case, blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
