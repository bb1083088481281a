"""The filter of the moderation queue, as it stands in the address of a page.

Promises: an address names a filter and nothing else, so that it can be shared and comes back as it was; what is not
part of a filter is dropped. Whether a value exists is for the service to say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

QUEUE_PAGE = "/desk/moderation"
PILLS = ("status", "type", "theme", "city", "flag", "claimed", "share", "q")
NAMES = (*PILLS, "sort", "after")
LONGEST = 100
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a page of the queue shows: the values by name, in the order of `NAMES`. Empty values are left out."""

    values: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(pairs: Iterable[tuple[str, str]]) -> "QueueFilter":
        """Read a filter from the pairs of a query string; other pairs, and values that are too long, are dropped."""
        given = {name: value.strip() for name, value in pairs if len(value) <= LONGEST}
        return QueueFilter({name: given[name] for name in NAMES if given.get(name)})

    @staticmethod
    def parse(query: str) -> "QueueFilter":
        """Read a filter from the text of a query string, such as a form sends back. A broken one is no filter."""
        try:
            return QueueFilter.of(parse_qsl(query, max_num_fields=20))
        except ValueError:
            return QueueFilter()

    @property
    def query(self) -> str:
        """The filter as the text of a query string."""
        return urlencode(self.values)

    @property
    def pills(self) -> list[dict[str, str]]:
        """The conditions that a reader can remove one by one, each with the address without it."""
        return [
            {"name": name, "value": self.values[name], "without": self.url(**{name: "", "after": ""})}
            for name in PILLS
            if name in self.values
        ]

    def get(self, name: str) -> str:
        """Return the value of a name, or an empty text."""
        return self.values.get(name, "")

    def url(self, page: str = QUEUE_PAGE, /, **changes: str) -> str:
        """Return the address of a page with this filter and these changes; an empty value removes a name.

        A change that is no part of a filter, such as the entry that is open, is added behind it.
        """
        merged = {**self.values, **changes}
        ordered = [(name, merged[name]) for name in (*NAMES, *(each for each in changes if each not in NAMES))
                   if merged.get(name)]  # fmt: skip
        return f"{page}?{urlencode(ordered)}" if ordered else page

    def body(self, *, limit: int = PAGE_ROWS) -> dict[str, Any]:
        """Return the body of the service's query."""
        return {**self.values, "limit": limit}
