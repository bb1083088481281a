"""Table of the ranking: the facts that the ranking needs from all logs, by key.

Whatever follows from several logs is derived when it is read. So the order in which the logs arrive does not matter: an
approval may arrive before its entry, and a place in the exhibition before both.
Promises: `Table.load(table.dump())` dumps the same plain data; the table holds no wall time, and no names of persons
but those who sign. Does not promise that a fact is complete: `Entry.judged_version`, for example, may be None.
"""

from dataclasses import dataclass, field
from typing import Any

import cattrs

from services.moderation import campaign as rules
from services.ranking.read_model.like_counts import Likes

APPROVED, RETURNED, REJECTED = "approved", "returned", "rejected"


@dataclass(slots=True)
class Version:
    """One version of an entry as the unit submitted it, without its text. Pictures and video are SHA-256 hashes."""

    version: int
    unit: str
    type: str
    title: str
    themes: list[str]
    pictures: list[str]
    video: str | None
    at: int
    unit_name: str  # the unit's name as of the hand-in, like its city and employer
    city: str
    employer: str


@dataclass(slots=True)
class Named:
    """The title of an entry, and the name and city of its unit, as they are shown or were published."""

    title: str
    unit: str
    city: str


@dataclass(slots=True)
class Entry:
    """The facts about one entry from the logs of submission and moderation, in whatever order they arrived."""

    versions: list[Version] = field(default_factory=list)
    withdrawn: bool = False
    verdict: str | None = None  # the moderators' last decision on a version: APPROVED, RETURNED, REJECTED
    approved: int | None = None  # the version that was approved last
    desk_type: str | None = None  # the unit type, once the moderators have set it
    desk_unit: str | None = None  # the unit's name, once an organiser has corrected it
    desk_city: str | None = None
    number: str | None = None  # the number on the poster; with one, the entry is shortlisted
    frozen: bool = False
    disqualified: bool = False
    taken_down: bool = False
    changed_at: int = 0  # when its visibility or its visible version last changed

    @property
    def judged_version(self) -> Version | None:
        """The approved version, which is shown and judged. None until its submission and its approval have arrived."""
        return next((each for each in self.versions if each.version == self.approved), None)

    @property
    def type(self) -> str:
        """The code of the unit type: as moderation set it, or else as the unit submitted it."""
        return self.desk_type or (self.judged_version or self.versions[-1]).type

    def names(self, version: Version) -> Named:
        """Return the names under which a version is shown: as corrected, or else as of its hand-in."""
        unit = version.unit_name if self.desk_unit is None else self.desk_unit
        return Named(version.title, unit, version.city if self.desk_city is None else self.desk_city)

    @property
    def is_competing(self) -> bool:
        """Whether the entry is neither withdrawn nor disqualified, so that other entries are still compared with it."""
        return not self.withdrawn and not self.disqualified

    @property
    def is_public(self) -> bool:
        """Whether the public may see the entry: it is approved and not withdrawn, disqualified or taken down."""
        return (
            self.is_competing and not self.taken_down and self.verdict == APPROVED and self.judged_version is not None
        )

    @property
    def reason_hidden(self) -> str:
        """Why the public may not see an approved entry any more: `withdrawn`, `disqualified` or `taken-down`.

        Empty for an entry that the public may see, and for one that no approval stands for.
        """
        if self.verdict != APPROVED or self.judged_version is None:
            return ""
        if self.withdrawn:
            return "withdrawn"
        if self.disqualified:
            return "disqualified"
        return "taken-down" if self.taken_down else ""

    @property
    def is_ranked(self) -> bool:
        """Whether the entry is shortlisted and still in the competition."""
        return self.is_competing and self.number is not None and self.judged_version is not None


def names_of(entry: Entry) -> dict[str, str | None]:
    """Return poster number, unit and title of an entry with a version, under which staff know it."""
    names = entry.names(entry.judged_version or entry.versions[-1])
    return {"number": entry.number, "unit": names.unit, "title": names.title}


@dataclass(slots=True)
class Unit:
    """The name, city and employer of a unit on the roll, the organiser's list of eligible units.

    Conflicts of interest are checked by it. What people see comes from the version.
    """

    name: str
    city: str
    employer: str


@dataclass(slots=True)
class Chunk:
    """A part of a roll (list of eligible units) whose import is not complete, so that it is not in force yet."""

    roll: str
    part: int
    units: dict[str, Unit]


@dataclass(slots=True)
class Judge:
    """What of a judge can be in conflict with a unit, as last appointed: employer, city, and declared units."""

    employer: str
    city: str
    declared: list[str]


@dataclass(slots=True)
class Sheet:
    """One judge's latest mark of one entry, as points by criterion.

    `counts` becomes False at a recusal or an exclusion, and stays so even if the judge marks the entry again.
    """

    judge: str
    marks: list[tuple[str, int]] = field(default_factory=list)
    version: int = 0
    counts: bool = True


@dataclass(slots=True)
class Winner:
    """An entry that wins a seat in a proposed result, with its place and its final score."""

    entry: str
    type: str
    place: int  # in its type
    final: str  # exact, as a fraction
    overall: int = 0  # place among all entries that were ranked


@dataclass(slots=True)
class Proposal:
    """A proposed result with its winners, and the organisers who have signed it."""

    proposal: str
    digest: str
    rule_hash: str
    winners: list[Winner]
    signatures: list[str] = field(default_factory=list)
    names: dict[str, Named] = field(default_factory=dict)  # by entry, once the result is published


@dataclass(slots=True)
class Notice:
    """The publication notice of the published result, from `since` until `until` (campaign time, ms).

    `basis` says what the count of its working days rests on (`decisions/notice.py`).
    """

    since: int
    until: int
    basis: str


@dataclass(slots=True)
class Exhibition:
    """The entries that the exhibition shows, and when it was opened."""

    entries: list[str]
    at: int = 0  # opening time, campaign time in ms


@dataclass(slots=True)
class Outage:
    """A time in which likes could not be given, and by how much like week became longer for it, in ms."""

    outage: str
    start: int
    end: int
    extension_ms: int
    reason: str
    at: int


@dataclass(slots=True)
class Table:
    """The ranking's table: everything that the ranking and the public views need, folded from all logs.

    `units`, `entries`, `judges`, `sheets` and `third_readings` are keyed by id, `closed` by the number of the vote
    partition.
    """

    campaign: dict[str, Any] | None = None  # with windows as they were moved
    theme: dict[str, Any] | None = None  # how pages look
    locked: dict[str, Any] | None = None  # the rules as they were locked, by which entries are ranked
    rule_hash: str | None = None
    rehearsal: bool = False
    clock: int = 0  # a rehearsal's campaign time
    units: dict[str, Unit] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    likes: Likes = field(default_factory=Likes)
    closed: dict[str, int] = field(default_factory=dict)  # partition -> campaign time
    judges: dict[str, Judge] = field(default_factory=dict)
    sheets: dict[str, list[Sheet]] = field(default_factory=dict)
    third_readings: dict[str, int] = field(default_factory=dict)  # entry -> marks that its third reading makes it need
    cohort: list[str] | None = None
    proposal: Proposal | None = None
    published: Proposal | None = None
    notice: Notice | None = None
    final: str | None = None  # the proposal that last became final
    final_at: int = 0
    seed: str | None = None
    exhibition: Exhibition | None = None
    outages: list[Outage] = field(default_factory=list)  # that stand, in the order in which they were declared

    def entry(self, entry: str) -> Entry:
        """Return the facts of an entry, to be changed in place. They are created empty if there are none yet."""
        return self.entries.setdefault(entry, Entry())

    def touch_entry(self, entry: str, at: int) -> Entry:
        """Return the facts of an entry, to be changed in place, and note that its visibility changes at `at` (ms)."""
        facts = self.entry(entry)
        facts.changed_at = max(facts.changed_at, at)
        return facts

    @property
    def is_final(self) -> bool:
        """Whether the published result is final. A result that replaces a final result becomes final after its own
        notice.
        """
        return self.published is not None and self.published.proposal == self.final

    @property
    def rules(self) -> rules.Campaign | None:
        """The rules by which entries are ranked: the locked rules, or the current rules before they are locked.

        None before the campaign opens.
        """
        data = self.locked or self.campaign
        return None if data is None else rules.from_data(data)

    @property
    def polls_closed(self) -> tuple[int, ...]:
        """The numbers of the vote partitions that take no more likes, in order."""
        return tuple(sorted(map(int, self.closed)))

    @property
    def all_closed(self) -> bool:
        """Whether every vote partition has closed, so that no more likes come."""
        if self.campaign is None:
            return False
        return set(range(self.campaign["likes"]["partitions"])) <= set(self.polls_closed)

    def dump(self) -> dict[str, Any]:
        """Return the table as plain data."""
        data: dict[str, Any] = _converter.unstructure(self)
        return data

    @staticmethod
    def load(data: dict[str, Any]) -> "Table":
        """Return the table from plain data; the inverse of `dump`."""
        return _converter.structure(data, Table)


_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_unstructure_hook(Likes, Likes.dump)
_converter.register_structure_hook(Likes, lambda data, _: Likes.load(data))
