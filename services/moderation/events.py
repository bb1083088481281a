"""What moderation, the organiser's desk, says happened. With `campaign.py` it is its published language."""

from dataclasses import dataclass
from typing import Any

from shared.events import Sealed, event, upcaster

NETWORK_KEY = "n1"  # the subject that is no person: the key of network signals

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("campaign-opened")
@dataclass(frozen=True, slots=True)
class CampaignOpened:
    """The first event of a campaign. `campaign` is `campaign.to_data(...)`."""

    campaign: dict[str, Any]
    rehearsal: bool
    now: int  # where a rehearsal's clock starts; in a live campaign the wall clock's reading
    by: str


@event("window-moved")
@dataclass(frozen=True, slots=True)
class WindowMoved:
    window: str  # submission | likes | judging | exhibition
    start: int  # ms since the epoch; the window is [start, end)
    end: int
    reason: str
    by: str
    at: int


@event("clock-moved")
@dataclass(frozen=True, slots=True)
class ClockMoved:
    """A rehearsal's campaign time from now on, until it is moved again."""

    now: int
    by: str


@event("rules-locked", v=2)
@dataclass(frozen=True, slots=True)
class RulesLocked:
    """The rule set as it is judged by from now on; the result names `rule_hash`. Versions after the first have a
    reason, and stay visible beside those before."""

    campaign: dict[str, Any]
    rule_hash: str
    seed_commitment: str  # SHA-256 of the lot's seed, revealed with the result; one for all versions
    by: str
    at: int
    version: int = 1
    reason: str | None = None


@upcaster("rules-locked", v=1)
def _first_version(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 of the event knew one version of the rules."""
    return {**data, "version": 1, "reason": None}


@event("staff-appointed")
@dataclass(frozen=True, slots=True)
class StaffAppointed:
    """The roles that `staff` has from now on; none means dismissed."""

    staff: str
    name: Sealed  # with the key of the person `staff.<staff>`, as the password
    roles: tuple[str, ...]
    password: Sealed  # an argon2id hash
    by: str
    at: int


@event("entry-claimed")
@dataclass(frozen=True, slots=True)
class EntryClaimed:
    entry: str
    by: str
    until: int
    at: int


@event("entry-approved")
@dataclass(frozen=True, slots=True)
class EntryApproved:
    entry: str
    version: int
    grade: int | None  # 0 to 100, where the shortlist goes by grade
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with one item of an entry (title, text, files/2 …)."""

    item: str
    words: str


@event("entry-returned")
@dataclass(frozen=True, slots=True)
class EntryReturned:
    """To be mended until `until`, whatever the submission window says."""

    entry: str
    version: int
    remarks: tuple[Remark, ...]
    until: int
    by: str
    at: int


@event("entry-rejected")
@dataclass(frozen=True, slots=True)
class EntryRejected:
    entry: str
    version: int
    reason: str
    by: str
    at: int


@event("entry-frozen")
@dataclass(frozen=True, slots=True)
class EntryFrozen:
    """Shown, but takes no likes."""

    entry: str
    reason: str
    by: str
    at: int


@event("entry-unfrozen")
@dataclass(frozen=True, slots=True)
class EntryUnfrozen:
    entry: str
    reason: str
    by: str
    at: int


@event("entry-disqualified")
@dataclass(frozen=True, slots=True)
class EntryDisqualified:
    """Out for good, at any phase. Leaves every population."""

    entry: str
    reason: str
    by: str
    at: int


@event("type-corrected")
@dataclass(frozen=True, slots=True)
class TypeCorrected:
    entry: str
    type: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Listed:
    entry: str
    number: str  # on the poster, such as A012
    type: str


@event("shortlist-confirmed")
@dataclass(frozen=True, slots=True)
class ShortlistConfirmed:
    entries: tuple[Listed, ...]
    by: str
    at: int


@event("complaint-filed")
@dataclass(frozen=True, slots=True)
class ComplaintFiled:
    """By anybody: who they are is not asked, and stands nowhere unless they say so in what is sealed."""

    complaint: str  # its number
    kind: str  # complaint | suggestion
    entry: str | None  # None: it is about the campaign
    words: Sealed  # with the key of `complaint.<complaint>`, as the contact
    contact: Sealed | None
    at: int


@event("complaint-answered")
@dataclass(frozen=True, slots=True)
class ComplaintAnswered:
    """Whoever has the number reads the words."""

    complaint: str
    words: str
    by: str
    at: int


@event("subject-forgotten")
@dataclass(frozen=True, slots=True)
class SubjectForgotten:
    """The key of `subject` is to be destroyed, and is by whoever follows: `staff.<staff>`, `voter.<voter>`,
    `complaint.<complaint>`, `objection.<objection>`, or NETWORK_KEY.
    """

    subject: str
    reason: str  # asked | unsubscribed | mistake | term-over: a code, since words would tell of the person
    at: int
