"""Events of the ranking log. Other services read them, and use nothing else of ranking.

A cut is stored as an object that maps each log name to the number of its last commit. Times named `at` are campaign
time in ms since the epoch.
"""

from dataclasses import dataclass
from typing import Any

from shared.events import Fields, Sealed, event, upcaster

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("cut-taken")
@dataclass(frozen=True, slots=True)
class CutTaken:
    """A cut was recorded: the position of every log at campaign time `time`."""

    time: int
    cut: dict[str, int]


@event("cohort-fixed")
@dataclass(frozen=True, slots=True)
class CohortFixed:
    """The cohort (the entries that are judged) was fixed or extended, at a cut at which no partition takes likes."""

    cut: dict[str, int]
    entries: tuple[str, ...]
    at: int


@event("projection-promoted")
@dataclass(frozen=True, slots=True)
class ProjectionPromoted:
    """A rebuild of a projection gave the same canonical bytes (hash `digest`) as the live table at `cut`.

    The event is no longer written, because nothing acted on it (DECISIONS 121). Old logs hold it, so it can be read.
    """

    name: str
    version: int
    cut: dict[str, int]
    digest: str
    by: str
    at: int


@event("result-proposed")
@dataclass(frozen=True, slots=True)
class ResultProposed:
    """The ranking at a cut was proposed as the result. `table` is the ranking as plain data, and `digest` its SHA-256.

    A later proposal replaces it.
    """

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
    """An organiser signed a proposal; `digest` is the digest of the ranking that they signed."""

    proposal: str
    digest: str
    by: str
    at: int


@event("release-scheduled")
@dataclass(frozen=True, slots=True)
class ReleaseScheduled:
    """The signed proposal is to be published at `release_at`, campaign time in ms; None cancels the set time."""

    proposal: str
    release_at: int | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class WinnerName:
    """The names under which a winner was published: its title, and the unit's name and city."""

    entry: str
    title: str
    unit: str
    city: str


@event("result-published", v=3)
@dataclass(frozen=True, slots=True)
class ResultPublished:
    """A signed proposal was published as the result, and its publication notice begins.

    The event stores the end of the notice, so a replay needs no holiday table, and the names that were published.
    """

    proposal: str
    digest: str
    by: str
    at: int
    notice_until: int  # objections are taken before it
    notice_basis: str  # what the count of working days rests on: see `decisions/notice.py`
    names: tuple[WinnerName, ...] = ()  # empty in events of earlier versions


@upcaster("result-published", v=1)
def _add_empty_notice(data: Fields) -> Fields:
    """Give a result of the time before notices a notice of no length: nobody can object to it afterwards."""
    return {**data, "notice_until": data["at"], "notice_basis": "none"}


@upcaster("result-published", v=2)
def _without_names(data: Fields) -> Fields:
    """Read a result that was published before events held the names of the winners."""
    return {**data, "names": []}


@event("result-final")
@dataclass(frozen=True, slots=True)
class ResultFinal:
    """The published result became final: its notice has ended, and no objection is open or upheld against it."""

    proposal: str
    digest: str
    by: str
    at: int


@event("objection-filed")
@dataclass(frozen=True, slots=True)
class ObjectionFiled:
    """Somebody filed an objection to the published result. The event does not say who; its texts are sealed."""

    objection: str  # its number
    proposal: str  # the result that was published then
    entry: str | None  # None: the objection concerns the whole result
    words: Sealed  # under the key of `objection.<objection>`, like the contact
    contact: Sealed | None
    at: int


@event("objection-decided")
@dataclass(frozen=True, slots=True)
class ObjectionDecided:
    """An organiser decided an objection. Anyone who has the number of the objection can read `words`."""

    objection: str
    upheld: bool
    words: str
    by: str
    at: int


@event("certificate-issued")
@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """A certificate was issued to a winner. The event holds everything that is printed, so that it can be printed
    again from this event alone.
    """

    certificate: str  # its number
    proposal: str  # the result that was final then
    entry: str
    title: str
    unit: str  # the unit's name
    type: str  # the unit type's name, Chinese
    place: int | None  # within the type; None: the rules name no places on certificates
    campaign: str  # its Chinese title
    organiser: str
    day: str  # campaign day of the issue, YYYY-MM-DD
    by: str
    at: int


@event("certificate-revoked")
@dataclass(frozen=True, slots=True)
class CertificateRevoked:
    """An organiser revoked a certificate. Disqualification or a new result revokes certificates without an event."""

    certificate: str
    reason: str  # shown to everyone who checks the certificate
    by: str
    at: int


@event("seed-revealed")
@dataclass(frozen=True, slots=True)
class SeedRevealed:
    """The seed of the lot (the drawn tie-break) was revealed. Its SHA-256 is the commitment in RulesLocked."""

    seed: str
    at: int


@event("exhibition-opened")
@dataclass(frozen=True, slots=True)
class ExhibitionOpened:
    """An organiser opened the exhibition of the winners."""

    entries: tuple[str, ...]
    provisional: bool  # the publication notice has not ended
    by: str
    at: int


@event("entry-taken-down")
@dataclass(frozen=True, slots=True)
class EntryTakenDown:
    """An entry was taken out of the exhibition."""

    entry: str
    reason: str
    by: str
    at: int


@event("scenario-saved")
@dataclass(frozen=True, slots=True)
class ScenarioSaved:
    """Somebody saved a scenario, an unofficial recount, under a name. Only the list of scenarios reads it.

    `change` says what differed from the official record at `cut` (`analysis/scenarios.py`). `digest` is the hash of the
    recounted ranking, and `official_digest` that of the official ranking at the same cut.
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
