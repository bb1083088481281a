"""The events of submission. They are its whole published language: other services use nothing else of submission."""

from dataclasses import dataclass

from shared.events import event

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@dataclass(frozen=True, slots=True)
class RollRow:
    """One unit of the roll. `access` is a keyed hash of the unit's access code, or empty if it has none."""

    code: str
    name: str
    level: str
    type: str
    city: str
    employer: str
    access: str


@event("roll-chunk")
@dataclass(frozen=True, slots=True)
class RollChunk:
    """A part of a roll. It has no effect until the roll's RollImported."""

    roll: str
    part: int  # from 0
    rows: tuple[RollRow, ...]


@event("roll-imported")
@dataclass(frozen=True, slots=True)
class RollImported:
    """The chunks of `roll` are the roll from now on, in place of any earlier roll."""

    roll: str
    parts: int
    rows: int
    digest: str  # SHA-256 of the canonical rows, in order
    by: str
    at: int  # campaign time, ms since the epoch, as in all events


@dataclass(frozen=True, slots=True)
class File:
    """A file with what probing found, whatever its name claims."""

    sha256: str
    kind: str  # picture | video | audio
    container: str
    name: str
    bytes: int
    width: int
    height: int
    duration_ms: int


@event("entry-submitted")
@dataclass(frozen=True, slots=True)
class EntrySubmitted:
    """An immutable version of an entry. `version` 1 is the first hand-in; each later hand-in is the next version."""

    entry: str  # <unit code>-<k>, the unit's k-th entry
    version: int
    unit: str
    type: str  # the unit's type as of the hand-in
    title: str
    profile: str
    text: str
    themes: tuple[str, ...]
    h5: str | None
    files: tuple[File, ...]
    late_pass: str | None
    at: int


@event("entry-withdrawn")
@dataclass(frozen=True, slots=True)
class EntryWithdrawn:
    """An entry was withdrawn, by its unit or by staff."""

    entry: str
    by: str
    reason: str
    at: int


@event("late-pass-granted")
@dataclass(frozen=True, slots=True)
class LatePassGranted:
    """A pass for one hand-in of `unit` after the window, until `until`."""

    late_pass: str
    unit: str
    until: int
    reason: str
    by: str
    at: int


@event("consent-given")
@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The unit declares that version `version` is true and may be shown. `words` is the SHA-256 of the declaration that
    it was shown.
    """

    entry: str
    version: int
    words: str
    at: int
