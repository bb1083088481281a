"""What scoring may be ordered to do. Times and people are arguments: nothing here asks a clock.

Promises nothing of its own: `domain` decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.events import Sealed


@dataclass(frozen=True, slots=True)
class AppointJudge:
    """Again with other data: mended. Again after a reassignment: open to entries once more. `judge` is a staff name."""

    judge: str
    name: Sealed
    employer: str
    city: str
    conflicts: tuple[str, ...]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Assign:
    """Give every entry of the cohort the judges that it is short of. `seed` None: the campaign's."""

    seed: str | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Reassign:
    """Move what a judge has not marked to others. `entries` None: all of it. An empty reason is none."""

    judge: str
    entries: tuple[str, ...] | None
    reason: Sealed
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AssignThirdReadings:
    """One judge more for every entry whose marks lie too far apart."""

    by: str
    at: int


@dataclass(frozen=True, slots=True)
class DeclareConflict:
    """An empty reason is none: the shell seals nothing then."""

    judge: str
    entry: str
    reason: Sealed
    at: int


@dataclass(frozen=True, slots=True)
class GiveScore:
    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """As GiveScore, but some criteria may be missing still."""

    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SubmitSheet:
    judge: str
    at: int


@dataclass(frozen=True, slots=True)
class ExcludeScore:
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
