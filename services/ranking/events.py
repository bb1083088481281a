"""What ranking says happened. Other services read these; nothing else of ranking is theirs.

A cut is stored as an object: log name to the number of its last commit.
"""

from dataclasses import dataclass
from typing import Any

from shared.events import event

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("cut-taken")
@dataclass(frozen=True, slots=True)
class CutTaken:
    """At campaign time `time` the logs stood at `cut`."""

    time: int
    cut: dict[str, int]


@event("cohort-fixed")
@dataclass(frozen=True, slots=True)
class CohortFixed:
    """The entries that are judged, fixed at a cut in which every partition is closed."""

    cut: dict[str, int]
    entries: tuple[str, ...]
    at: int


@event("projection-promoted")
@dataclass(frozen=True, slots=True)
class ProjectionPromoted:
    """A rebuild that gave the same canonical bytes (`digest`) at `cut` is the live one from now on."""

    name: str
    version: int
    cut: dict[str, int]
    digest: str
    by: str
    at: int


@event("result-proposed")
@dataclass(frozen=True, slots=True)
class ResultProposed:
    """The table at a cut. `table` is the canonical ranking, `digest` its SHA-256; a later proposal replaces it."""

    proposal: str
    cut: dict[str, int]
    rule_hash: str
    digest: str
    winners: tuple[str, ...]
    table: dict[str, Any]
    by: str
    at: int


@event("result-signed")
@dataclass(frozen=True, slots=True)
class ResultSigned:
    proposal: str
    digest: str
    by: str
    at: int


@event("result-published")
@dataclass(frozen=True, slots=True)
class ResultPublished:
    proposal: str
    digest: str
    by: str
    at: int


@event("seed-revealed")
@dataclass(frozen=True, slots=True)
class SeedRevealed:
    """The lot's seed; its SHA-256 is the commitment of RulesLocked."""

    seed: str
    at: int


@event("exhibition-opened")
@dataclass(frozen=True, slots=True)
class ExhibitionOpened:
    entries: tuple[str, ...]
    provisional: bool  # the publication notice has not ended
    by: str
    at: int


@event("entry-taken-down")
@dataclass(frozen=True, slots=True)
class EntryTakenDown:
    entry: str
    reason: str
    by: str
    at: int


@event("scenario-saved")
@dataclass(frozen=True, slots=True)
class ScenarioSaved:
    """A recount that somebody wanted kept. Unofficial: nothing but the list of scenarios reads it.

    `change` is what was other than in the record (`scenarios.py`), at `cut`; `digest` is of the ranking that came of
    it, `official_digest` of the record's own at that cut.
    """

    name: str
    reason: str
    change: dict[str, Any]
    cut: dict[str, int]
    official_digest: str
    digest: str
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    by: str
    at: int
