"""The commands of scoring. Times and people are arguments: no command reads a clock.

The decisions on them are in `domain.py` and the modules beside this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.events import Sealed


@dataclass(frozen=True, slots=True)
class AppointJudge:
    """Appoint a judge; `judge` is a staff name. Appointing a judge again corrects the data, and makes a relieved judge
    available again.
    """

    judge: str
    name: Sealed
    employer: str
    city: str
    conflicts: tuple[str, ...]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Assign:
    """Assign the missing judges to every entry of the cohort. `seed` None uses the campaign's seed."""

    seed: str | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Reassign:
    """Move entries that a judge has not marked to other judges. `entries` None means all of them. An empty reason is
    refused.
    """

    judge: str
    entries: tuple[str, ...] | None
    reason: Sealed
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AssignThirdReadings:
    """Call a third reading for every entry whose marks lie too far apart, and assign one more judge to it."""

    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DeclareConflict:
    """Recuse a judge from an entry. An empty reason is refused; the RPC service leaves a blank reason unsealed."""

    judge: str
    entry: str
    reason: Sealed
    at: int


@dataclass(frozen=True, slots=True)
class GiveScore:
    """Give or replace a judge's mark of an entry. `marks` maps each criterion to its points."""

    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Save a draft of a mark; criteria may be missing."""

    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SubmitSheet:
    """Submit a judge's complete sheet."""

    judge: str
    at: int


@dataclass(frozen=True, slots=True)
class ExcludeScore:
    """Exclude a mark, so that it no longer counts."""

    judge: str
    entry: str
    reason: str
    by: str
    at: int


Command = (
    AppointJudge
    | Assign
    | Reassign
    | AssignThirdReadings
    | DeclareConflict
    | GiveScore
    | SaveDraft
    | SubmitSheet
    | ExcludeScore
)
