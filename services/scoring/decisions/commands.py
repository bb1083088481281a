"""The commands of scoring. Times and people are arguments: no command reads a clock.

The decisions on them are in `domain.py` and in the other modules of this folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.events import Sealed


@dataclass(frozen=True, slots=True)
class AppointJudge:
    """Appoint a member of staff as a judge; `conflicts` are the codes of units that the judge must not mark.

    Appointing a judge again corrects the data, and makes a judge whose entries were moved away available again.
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
    """Assign to every judged entry the judges that it lacks. `seed` None uses the campaign's; others are for
    rehearsals. `confirm` is the digest of the proposal that was looked at, empty if none was.
    """

    seed: str | None
    by: str
    at: int
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Reassign:
    """Move entries that a judge has not marked to other judges; `entries` None moves all of them.

    `reason` is sealed (encrypted). An empty reason is refused.
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
    """Recuse a judge from an entry, because the judge declares a conflict of interest.

    `reason` is sealed (encrypted). An empty reason is refused.
    """

    judge: str
    entry: str
    reason: Sealed
    at: int


@dataclass(frozen=True, slots=True)
class GiveScore:
    """Give or replace a judge's mark of an entry. `marks` maps each criterion to whole points, 0 to 100."""

    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Save a judge's draft of a mark, which does not count. Criteria may be missing."""

    judge: str
    entry: str
    marks: Mapping[str, int]
    words: str | None
    at: int


@dataclass(frozen=True, slots=True)
class EditMark:
    """Change fields of what a judge fills in for an entry, on top of the `revision` that the judge was shown; `give`
    says that all of it is the judge's mark now.

    The fields are `words` and `mark.<criterion>`; None empties one. `device` and `sequence` are as in `MarkDrafted`.
    """

    judge: str
    entry: str
    revision: int
    fields: Mapping[str, int | str | None]
    give: bool
    device: str
    sequence: int
    at: int


@dataclass(frozen=True, slots=True)
class DeclareIndependence:
    """Declare a judge's independence. `words` is the hash of the wording that the judge was shown."""

    judge: str
    words: str
    at: int


@dataclass(frozen=True, slots=True)
class NoteReading:
    """Note that a judge opened an entry, or, with `skip`, put it off."""

    judge: str
    entry: str
    skip: bool
    at: int


@dataclass(frozen=True, slots=True)
class SubmitSheet:
    """Submit a judge's sheet, when every entry on it is marked. Its marks cannot be changed afterwards."""

    judge: str
    at: int


@dataclass(frozen=True, slots=True)
class ExcludeScore:
    """Exclude a judge's mark of an entry for a reason, so that it no longer counts. It stays in the log."""

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
    | EditMark
    | DeclareIndependence
    | NoteReading
    | SubmitSheet
    | ExcludeScore
)
