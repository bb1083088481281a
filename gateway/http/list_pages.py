"""Cut an answer that lists everything into pages: `after` is the place at which a page begins, `next` that of the next.

A place is what names a row: its number, name or id. Promises: pages that follow each other hold every row once, also
when rows come or go meanwhile; a place that the list does not know is refused, so no list begins again because of one.
Without `limit` a page has LIMIT rows, which is more than a campaign's lists have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.http.problems import Problem

LIMIT = 1_000
PROBLEMS = ("cursor-unknown",)


def number_order(number: str) -> tuple[int, str, int]:
    """Return the sort key of a poster number: by letters (A … Z, AA …), then by count. Raises ValueError for others."""
    letters = number.rstrip("0123456789")
    return len(letters), letters, int(number[len(letters) :])


@dataclass(frozen=True, slots=True)
class ListPage:
    """How a list is paged: the field `rows` holds it, and the field `place` of a row is its place.

    With `order` the list is sorted by it, and goes on after any place, also of a row that is gone. Without, rows are
    only ever added to the list, so that the row of a place is there for as long as the list is.
    """

    rows: str
    place: str
    order: Callable[[str], Any] | None = None

    def cut(self, answer: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer with one page of its rows, and `next`. Raise Problem `cursor-unknown`."""
        rows, after, limit = answer.get(self.rows, []), query.get("after"), query.get("limit", LIMIT)
        if after is not None:
            rows = self._rows_after(rows, after)
        following = rows[limit - 1][self.place] if len(rows) > limit else None
        return {**answer, self.rows: rows[:limit], "next": following}

    def _rows_after(self, rows: list[dict[str, Any]], after: str) -> list[dict[str, Any]]:
        unknown = Problem("cursor-unknown", field="after")
        if self.order is not None:
            try:
                place = self.order(after)
            except ValueError as problem:
                raise unknown from problem
            return [each for each in rows if self.order(each[self.place]) > place]
        places = [each[self.place] for each in rows]
        if after not in places:
            raise unknown
        return rows[places.index(after) + 1 :]


STAFF = ListPage("staff", "staff", str)
SHORTLIST = ListPage("entries", "number", number_order)
LATE_PASSES = ListPage("late_passes", "late_pass")
SCENARIOS = ListPage("scenarios", "name")
CERTIFICATES = ListPage("certificates", "certificate")
OWN_ENTRIES = ListPage("entries", "entry")
