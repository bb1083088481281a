"""Choose events of a log by type, by whoever issued the command, by the entry they name, and by time. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.commit import Commit
from shared.events import to_data


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What events must be like to be shown: each part that is empty lets all pass.

    `actors` are in lower case, `entries` ids, `since` and `until` ms since the epoch (`until` itself is left out).
    """

    types: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None

    def events(self, commit: Commit) -> Iterator[dict[str, Any]]:
        """Yield the events of a commit that pass, each as plain data with its address, time and actor."""
        if (self.since is not None and commit.time < self.since) or (
            self.until is not None and commit.time >= self.until
        ):
            return
        actors = [each.actor for each in commit.commands for _ in range(each.count)]
        for run in commit.runs:
            if self.types and run.type not in self.types:
                continue
            for i, event in enumerate(run.events(), start=run.first):
                actor = actors[i] if i < len(actors) else ""
                if self.actors and actor.lower() not in self.actors:
                    continue
                data = to_data(event)
                if self.entries and not _names_any(data["data"], self.entries):
                    continue
                yield {"address": f"{commit.log}/{commit.n}/{i}", "time": commit.time, "actor": actor, **data}

    def ends_before(self, commit: Commit) -> bool:
        """Return whether no later commit can pass, because times never fall within a log."""
        return self.until is not None and commit.time >= self.until


def _names_any(data: Any, entries: frozenset[str]) -> bool:
    """Return whether plain data holds the id of one of the entries as a value."""
    if isinstance(data, str):
        return data in entries
    if isinstance(data, Mapping):
        return any(_names_any(each, entries) for each in data.values())
    return isinstance(data, list | tuple) and any(_names_any(each, entries) for each in data)
