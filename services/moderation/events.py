"""The events of moderation, the organiser's office. Together with `campaign.py` they are its published language."""

from dataclasses import dataclass
from typing import Any

from shared.events import Sealed, event, upcaster

NETWORK_KEY = "n1"  # the one subject that is not a person: the key of network signals

# Stored shapes. Renaming a field or a type is a migration: see DECISIONS.


@event("campaign-opened")
@dataclass(frozen=True, slots=True)
class CampaignOpened:
    """The first event of a campaign. `campaign` is the rule set as `campaign.to_data` returns it."""

    campaign: dict[str, Any]
    rehearsal: bool
    now: int  # the start of a rehearsal's clock; in a live campaign the wall clock's time
    by: str


@event("window-moved")
@dataclass(frozen=True, slots=True)
class WindowMoved:
    """A window has a new start and end."""

    window: str  # submission | likes | judging | exhibition
    start: int  # ms since the epoch; the window is [start, end)
    end: int
    reason: str
    by: str
    at: int


@event("clock-moved")
@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The campaign time of a rehearsal is `now`, until it is moved again."""

    now: int
    by: str


@event("rules-locked", v=2)
@dataclass(frozen=True, slots=True)
class RulesLocked:
    """The rule set that applies from now on; the result names its `rule_hash`. Every version after the first has a
    reason, and earlier versions stay visible.
    """

    campaign: dict[str, Any]
    rule_hash: str
    seed_commitment: str  # SHA-256 of the lot's seed, which is revealed with the result; the same in all versions
    by: str
    at: int
    version: int = 1
    reason: str | None = None


@upcaster("rules-locked", v=1)
def _first_version(data: dict[str, Any]) -> dict[str, Any]:
    """Upgrade version 1 of the event, which had no versions of the rules."""
    return {**data, "version": 1, "reason": None}


@event("staff-appointed")
@dataclass(frozen=True, slots=True)
class StaffAppointed:
    """The roles that `staff` has from now on; an empty tuple means dismissed."""

    staff: str
    name: Sealed  # sealed, like the password, with the key of the person `staff.<staff>`
    roles: tuple[str, ...]
    password: Sealed  # an argon2id hash
    by: str
    at: int


@event("entry-claimed")
@dataclass(frozen=True, slots=True)
class EntryClaimed:
    """A moderator holds an entry until `until`; no other moderator decides on it meanwhile."""

    entry: str
    by: str
    until: int
    at: int


@event("entry-approved")
@dataclass(frozen=True, slots=True)
class EntryApproved:
    """A version of an entry may be shown."""

    entry: str
    version: int
    grade: int | None  # 0 to 100, if the shortlist rule uses grades
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
    """The unit may correct the entry until `until`, even after the submission window."""

    entry: str
    version: int
    remarks: tuple[Remark, ...]
    until: int
    by: str
    at: int


@event("entry-rejected")
@dataclass(frozen=True, slots=True)
class EntryRejected:
    """A version of an entry may not be shown."""

    entry: str
    version: int
    reason: str
    by: str
    at: int


@event("entry-frozen")
@dataclass(frozen=True, slots=True)
class EntryFrozen:
    """The entry is shown but takes no likes."""

    entry: str
    reason: str
    by: str
    at: int


@event("entry-unfrozen")
@dataclass(frozen=True, slots=True)
class EntryUnfrozen:
    """The entry takes likes again."""

    entry: str
    reason: str
    by: str
    at: int


@event("entry-disqualified")
@dataclass(frozen=True, slots=True)
class EntryDisqualified:
    """The entry is out of the campaign for good, in any phase. It no longer counts in any population."""

    entry: str
    reason: str
    by: str
    at: int


@event("type-corrected")
@dataclass(frozen=True, slots=True)
class TypeCorrected:
    """The unit type of an entry is not the one that was handed in."""

    entry: str
    type: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the shortlist."""

    entry: str
    number: str  # the number on the poster, such as A012
    type: str


@event("shortlist-confirmed")
@dataclass(frozen=True, slots=True)
class ShortlistConfirmed:
    """The shortlist as the organiser confirmed it. A later one keeps all poster numbers."""

    entries: tuple[Listed, ...]
    by: str
    at: int


@event("complaint-filed")
@dataclass(frozen=True, slots=True)
class ComplaintFiled:
    """Somebody filed a complaint or a suggestion. Who it was is neither asked nor stored, unless the sealed texts say
    so.
    """

    complaint: str  # the complaint's number
    kind: str  # complaint | suggestion
    entry: str | None  # None if it is about the campaign
    words: Sealed  # sealed, like the contact, with the key of `complaint.<complaint>`
    contact: Sealed | None
    at: int


@event("complaint-answered")
@dataclass(frozen=True, slots=True)
class ComplaintAnswered:
    """The office's answer. Whoever has the complaint's number may read it."""

    complaint: str
    words: str
    by: str
    at: int


@event("subject-forgotten")
@dataclass(frozen=True, slots=True)
class SubjectForgotten:
    """The key of `subject` is to be destroyed; the process that follows this log does so. The subject is
    `staff.<staff>`, `voter.<voter>`, `complaint.<complaint>`, `objection.<objection>`, or NETWORK_KEY.
    """

    subject: str
    reason: str  # asked | unsubscribed | mistake | term-over: a code, since free text could describe the person
    at: int
