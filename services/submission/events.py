"""The events of submission. Other services read them, and use nothing else of submission."""

from dataclasses import dataclass

from shared.events import Fields, Sealed, event, upcaster

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@dataclass(frozen=True, slots=True)
class RollRow:
    """One unit on the roll, the organiser's list of eligible units.

    `access` is a keyed hash of the unit's access code, or empty if it has none.
    """

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
    """A part of a roll (the organiser's list of eligible units) was imported. It has no effect until RollImported."""

    roll: str
    part: int  # from 0
    rows: tuple[RollRow, ...]


@event("roll-imported")
@dataclass(frozen=True, slots=True)
class RollImported:
    """The parts of `roll` were put in force: they are the roll (list of eligible units) from now on, in place of any
    earlier roll.
    """

    roll: str
    parts: int
    rows: int
    digest: str  # SHA-256 of the canonical rows, in order
    by: str
    at: int  # campaign time, ms since the epoch, as in all events


@dataclass(frozen=True, slots=True)
class File:
    """A file of an entry, with what probing found in it, whatever its name claims.

    `width` and `height` are in pixels (0 for sound), of a picture as people see it, and as it was stored in events
    before version 3; `duration_ms` is 0 for a picture. `look` is the perceptual hash of a picture (16 hex digits),
    `ai_labels` what the file says about machines that made it; both are empty in events before version 3.
    `caption` is what the unit wrote below it, and `alt` what it wrote for those who cannot see it; both are empty in
    events before version 4. `subtitles` are the captions of a film, as WebVTT (`shared/subtitles.py`); empty without
    any, and in events before version 5.
    """

    sha256: str
    kind: str  # picture | video | audio
    container: str
    name: str
    bytes: int
    width: int
    height: int
    duration_ms: int
    look: str = ""
    ai_labels: tuple[str, ...] = ()
    caption: str = ""
    alt: str = ""
    subtitles: str = ""


@dataclass(frozen=True, slots=True)
class AiUse:
    """A part of an entry that its unit declared as made or altered by artificial intelligence.

    `part` is `title`, `profile`, `text`, `h5`, or the SHA-256 of a file.
    """

    part: str
    extent: str  # made | altered


@event("entry-submitted", v=5)
@dataclass(frozen=True, slots=True)
class EntrySubmitted:
    """A unit submitted (handed in) a version of an entry. The first submission is version 1, each later one the next.

    A version never changes: what the roll says of the unit later does not reach it.
    """

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
    # The unit as of the hand-in, in the roll of that time. None in events of version 1: take the roll then in force.
    unit_name: str | None = None
    city: str | None = None
    employer: str | None = None
    # None in events before version 4: there were no receipts, and no unit was asked about artificial intelligence.
    receipt: str | None = None
    ai: tuple[AiUse, ...] | None = None
    by: str | None = None  # who typed the entry for the unit; None is the unit itself


@upcaster("entry-submitted", v=1)
def _without_the_unit(data: Fields) -> Fields:
    """Read a version that was submitted before events held the unit's name, city and employer."""
    return {**data, "unit_name": None, "city": None, "employer": None}


@upcaster("entry-submitted", v=2)
def _without_looks(data: Fields) -> Fields:
    """Read a version that was submitted before events held how pictures look and what they say of machines."""
    return {**data, "files": [{**each, "look": "", "ai_labels": []} for each in data["files"]]}


@upcaster("entry-submitted", v=3)
def _without_receipt(data: Fields) -> Fields:
    """Read a version that was submitted before events held a receipt, captions, and the use of AI by part."""
    files = [{**each, "caption": "", "alt": ""} for each in data["files"]]
    return {**data, "files": files, "receipt": None, "ai": None, "by": None}


@upcaster("entry-submitted", v=4)
def _without_subtitles(data: Fields) -> Fields:
    """Read a version that was submitted before films had captions."""
    return {**data, "files": [{**each, "subtitles": ""} for each in data["files"]]}


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
    """A unit got a late pass, which allows it to submit an entry once after the submission window, until `until`."""

    late_pass: str
    unit: str
    until: int
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration that a unit made: its kind, and the SHA-256 of the wording that the unit was shown."""

    kind: str  # truth | portrait | music | ai | publication
    words: str


@event("consent-given", v=2)
@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A unit declared that a version of its entry is true and may be shown.

    `words` is the SHA-256 of the declaration that the unit was shown (`declaration.py`): of all its parts together.
    `declared` are its parts.
    """

    entry: str
    version: int
    words: str
    at: int
    declared: tuple[Declared, ...] = ()  # empty in events of version 1: the declaration had one part


@upcaster("consent-given", v=1)
def _in_one_part(data: Fields) -> Fields:
    """Read a declaration that had no parts."""
    return {**data, "declared": []}


@event("manager-appointed")
@dataclass(frozen=True, slots=True)
class ManagerAppointed:
    """Somebody may type the entry of a small unit for it: `manager` is the code of another unit, such as a federation,
    or empty for organisers. The unit owns the entry, and takes it over when it wants (UnitClaimed).
    """

    unit: str
    manager: str
    reason: str
    by: str
    at: int


@event("cadre-invited")
@dataclass(frozen=True, slots=True)
class CadreInvited:
    """A unit has an invitation, which opens the account of one cadre, before `until` (campaign time, ms).

    It replaces the unit's open invitation. Its text is computed from its name and a secret of the campaign.
    """

    unit: str
    invitation: str  # its name
    until: int
    by: str
    at: int


@event("unit-claimed")
@dataclass(frozen=True, slots=True)
class UnitClaimed:
    """A unit took over its entry from its manager, who may type nothing for it any more."""

    unit: str
    manager: str
    at: int


@event("cadre-joined")
@dataclass(frozen=True, slots=True)
class CadreJoined:
    """A cadre opened an account by an invitation of the unit. The invitation is used with it."""

    unit: str
    cadre: str  # <unit code>.<k>, the unit's k-th cadre
    name: Sealed  # as the password, with the key of the person `cadre.<cadre>`
    password: Sealed  # an argon2id hash
    invitation: str
    at: int


@event("cadre-removed")
@dataclass(frozen=True, slots=True)
class CadreRemoved:
    """The account of a cadre was closed, by staff or by a cadre of the unit."""

    unit: str
    cadre: str
    by: str
    at: int


@event("cadre-linked")
@dataclass(frozen=True, slots=True)
class CadreLinked:
    """A cadre may sign in by a WeChat account from now on. It replaces the cadre's earlier one.

    `account` is a pseudonym of the openid under a key of the campaign, which differs from the one of voters: nobody can
    tell from the log what a cadre liked.
    """

    unit: str
    cadre: str
    account: str
    at: int
