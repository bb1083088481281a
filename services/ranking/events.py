"""What ranking says happened. Other services read these; nothing else of ranking is theirs.

A cut is stored as an object: log name to the number of its last commit.
"""

from dataclasses import dataclass
from typing import Any

from shared.events import Fields, Sealed, event, upcaster

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
    """A rebuild gave the same canonical bytes (`digest`) as the live table at `cut`.

    Not written any more, since nothing acted on it (DECISIONS 121); logs of earlier versions hold it and are read.
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


@event("release-scheduled")
@dataclass(frozen=True, slots=True)
class ReleaseScheduled:
    """The signed proposal is to be published at `release_at`, campaign time in ms; None takes the time away."""

    proposal: str
    release_at: int | None
    by: str
    at: int


@event("result-published", v=2)
@dataclass(frozen=True, slots=True)
class ResultPublished:
    """The publication notice begins. Its end stands here, so no replay asks a holiday table."""

    proposal: str
    digest: str
    by: str
    at: int
    notice_until: int  # objections are taken before it
    notice_basis: str  # what told working days: see `decisions/notice.py`


@upcaster("result-published", v=1)
def _notice_of_before(data: Fields) -> Fields:
    """Before there were notices: nobody could object then, and nobody can afterwards."""
    return {**data, "notice_until": data["at"], "notice_basis": "none"}


@event("result-final")
@dataclass(frozen=True, slots=True)
class ResultFinal:
    """The notice has ended, every objection is answered, and none to this result is upheld."""

    proposal: str
    digest: str
    by: str
    at: int


@event("objection-filed")
@dataclass(frozen=True, slots=True)
class ObjectionFiled:
    """By anybody, against the published result: who they are is not asked."""

    objection: str  # its number
    proposal: str  # the result that was published then
    entry: str | None  # None: it is about the whole result
    words: Sealed  # with the key of `objection.<objection>`, as the contact
    contact: Sealed | None
    at: int


@event("objection-decided")
@dataclass(frozen=True, slots=True)
class ObjectionDecided:
    """Whoever has the number reads the words."""

    objection: str
    upheld: bool
    words: str
    by: str
    at: int


@event("certificate-issued")
@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """All that is printed on it, so that it can be printed again from this alone."""

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
    """By an organiser's order. What a disqualification or another result revokes follows from those."""

    certificate: str
    reason: str  # whoever checks the certificate reads it
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

    `change` is what was other than in the record (`analysis/scenarios.py`), at `cut`; `digest` is of the ranking that
    came of it, `official_digest` of the record's own at that cut.
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
