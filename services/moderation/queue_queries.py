"""Views of the review queue: a page of entries with counts for each filter. Nothing is decided in this module.

Promises: a page continues from the place of a version, so it misses and repeats nothing while entries are decided or
handed in again; the time of a page does not grow with the number of entries that wait, as `queue_index.py` says.
Does not promise: that the counts of a filter take the other filters into account; `total` does.
"""

from collections.abc import Collection, Iterator, Mapping

from services.moderation.queries import View, desk_view
from services.moderation.queue_filters import MINE, NOBODY, OTHERS, PENDING, STATUSES
from services.moderation.queue_index import CORRECTED, FIRST, NEWEST, OLDEST, Facet
from services.moderation.state import SUBMITTED, ModerationState
from shared.decider import Refused
from shared.names import comparable_name

#: Flags that are computed beside the logs (`near_duplicates.py`): flag -> the entries that have it.
Hinted = Mapping[str, Collection[str]]


def queue_view(
    state: ModerationState, wanted: View, *, at: int, by: str = "", hinted: Hinted | None = None
) -> View | Refused:
    """Return a page of entries of one status for the moderator `by`, with the counts of each filter.

    `wanted` is the body of the query (`schemas.Queue`). Its place (`after`) is that of a version, so the list continues
    from it also when the entry has been decided or handed in again since. Refuse a type, theme or place that does not
    exist.
    """
    if (refused := _unknown_filter(state, wanted)) is not None:
        return refused
    after = None if wanted["after"] is None else _place_in_queue(wanted["after"], state)
    if wanted["after"] is not None and after is None:
        return Refused("cursor-unknown", "after")
    reading = _Reading(state, wanted, at, by, hinted or {})
    shown = []
    for entry in reading.walk(after):
        shown.append(entry)
        if len(shown) > wanted["limit"]:
            break
    more, shown = len(shown) > wanted["limit"], shown[: wanted["limit"]]
    pending = state.index.count(SUBMITTED)
    return {
        "entries": [
            desk_view(each, state, at=at, hinted=[flag for flag in reading.hinted if each in reading.hinted[flag]])
            for each in shown
        ],
        "next": _cursor(shown[-1], state) if more else None,
        "total": reading.total(),
        "pending": pending,
        "grades": state.campaign is not None and state.campaign.shortlist.rule == "top_n_by_grade",
        "claimed": sum(1 for _ in _claimed(state, SUBMITTED, at)),
        "facets": reading.facets(),
    }


class _Reading:
    """One question to the queue: which entries it is about, and how many."""

    def __init__(self, state: ModerationState, wanted: View, at: int, by: str, hinted: Hinted) -> None:
        self.state, self.at, self.by, self.hinted = state, at, by, hinted
        self.status = STATUSES[wanted["status"] or PENDING]
        self.sort, self.claim = wanted["sort"], wanted["claimed"]
        self.words = comparable_name(wanted["q"] or "")
        facets: list[Facet] = [
            (name, wanted[name]) for name in ("type", "theme", "city", "share") if wanted[name] is not None
        ]
        self.aside: Collection[str] | None = None
        if wanted["flag"] in hinted:
            self.aside = hinted[wanted["flag"]]
        elif wanted["flag"] is not None:
            facets.append(("flag", wanted["flag"]))
        if self.claim == MINE:
            facets.append(("claim", by))
        elif self.claim == OTHERS:
            facets.append(("claimed", ""))
        self.chosen = tuple(facets)

    def walk(self, after: tuple[int, int, str] | None) -> Iterator[str]:
        if self.aside is None:
            entries = self.state.index.walk(self.status, self.chosen, self.sort, after)
        else:
            entries = self._walk_aside(after)
        return (entry for entry in entries if self._fits(entry))

    def _walk_aside(self, after: tuple[int, int, str] | None) -> Iterator[str]:
        """Yield the entries that a flag beside the logs names, in order: the list is short, so it is sorted here."""
        assert self.aside is not None
        places, wanted = self.state.index.places, frozenset(self.chosen)
        rows = [
            (places[each].rank, places[each].at, each)
            for each in self.aside
            if each in places and places[each].status == self.status and wanted <= places[each].facets
        ]
        key = (lambda row: row[1:]) if self.sort in (OLDEST, NEWEST) else (lambda row: row)
        rows = sorted(rows, key=key, reverse=self.sort == NEWEST)
        for row in rows:
            passed = after is None or (key(row) < key(after) if self.sort == NEWEST else key(row) > key(after))
            if passed:
                yield row[2]

    def _fits(self, entry: str) -> bool:
        if self.words and self.words not in _searched(self.state, entry):
            return False
        if self.claim is None:
            return True
        held = self.state.dossier(entry).claim_at(self.at)
        whose = NOBODY if held is None else MINE if held.by == self.by else OTHERS
        return whose == self.claim

    def total(self) -> int:
        """Return how many entries the question is about."""
        if self.words or self.aside is not None or self.claim in (MINE, OTHERS):
            return sum(1 for _ in self.walk(None))
        every = self.state.index.size(self.status, self.chosen)
        if self.claim is None:
            return every
        wanted = frozenset(self.chosen)
        held = _claimed(self.state, self.status, self.at)
        return every - sum(wanted <= self.state.index.places[each].facets for each in held)

    def facets(self) -> View:
        """Return how many entries of the status each filter would show, by itself."""
        index = self.state.index
        counts = index.counts(self.status)
        flags = dict(counts.get("flag", {}))
        for flag, entries in self.hinted.items():
            there = sum(each in index.places and index.places[each].status == self.status for each in entries)
            flags |= {flag: there} if there else {}
        held = [self.state.dossier(each).claim for each in _claimed(self.state, self.status, self.at)]
        mine = sum(each is not None and each.by == self.by for each in held)
        return {
            "status": {name: index.count(status) for name, status in STATUSES.items()},
            "type": counts.get("type", {}),
            "theme": counts.get("theme", {}),
            "city": counts.get("city", {}),
            "flag": flags,
            "share": counts.get("share", {}),
            "claimed": {MINE: mine, OTHERS: len(held) - mine, NOBODY: index.count(self.status) - len(held)},
        }


def _searched(state: ModerationState, entry: str) -> str:
    latest, number = state.handed[entry].versions[-1], state.dossier(entry).number
    return comparable_name(f"{latest.title}\n{state.unit_names(entry)[0] or ''}\n{latest.unit}\n{number or ''}")


def _claimed(state: ModerationState, status: str, at: int) -> Iterator[str]:
    """Yield the entries of a status on which somebody's claim still holds."""
    for entry in state.index.walk(status, (("claimed", ""),), OLDEST):
        if state.dossier(entry).claim_at(at) is not None:
            yield entry


def _unknown_filter(state: ModerationState, wanted: View) -> Refused | None:
    campaign = state.campaign
    types = () if campaign is None else [each.code for each in campaign.unit_types]
    themes = () if campaign is None else [each.code for each in campaign.themes]
    if wanted["type"] is not None and wanted["type"] not in types:
        return Refused("type-unknown", "type")
    if wanted["theme"] is not None and wanted["theme"] not in themes:
        return Refused("theme-unknown", "theme", {"theme": wanted["theme"]})
    return None


def _cursor(entry: str, state: ModerationState) -> str:
    return f"{state.handed[entry].versions[-1].at}.{entry}"


def _place_in_queue(cursor: str, state: ModerationState) -> tuple[int, int, str] | None:
    """Return the place that a cursor of the queue names, of a version of an entry, or None if none does."""
    time, _, entry = cursor.partition(".")
    handed = state.handed.get(entry)
    for number, version in enumerate(() if handed is None else handed.versions):
        if str(version.at) == time:
            return (CORRECTED if number else FIRST, version.at, entry)
    return None
