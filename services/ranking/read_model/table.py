"""The ranking's table: what the logs said, by key. What follows from several logs is derived on reading.

So it does not matter which log came first: an approval may wait for its entry, a place in the exhibition for both.
Promises: plain data both ways, `Table.load(table.dump())` dumps the same; no wall time and no person in it but the
names of those who sign. Does not promise that a fact is complete: ask `Entry.judged`, it may be None.
"""

from dataclasses import dataclass, field
from typing import Any

import cattrs

from services.moderation import campaign as rules
from services.ranking.read_model.like_counts import Likes

APPROVED, RETURNED, REJECTED = "approved", "returned", "rejected"


@dataclass(slots=True)
class Version:
    """One version of an entry as handed in, without its words."""

    version: int
    unit: str
    type: str
    title: str
    themes: list[str]
    pictures: list[str]
    video: str | None
    at: int


@dataclass(slots=True)
class Entry:
    versions: list[Version] = field(default_factory=list)
    withdrawn: bool = False
    verdict: str | None = None  # the desk's last word on a version: APPROVED, RETURNED, REJECTED
    approved: int | None = None  # the version that was approved last
    desk_type: str | None = None  # the unit type, once the desk has named it
    number: str | None = None  # on the poster: the entry is shortlisted
    frozen: bool = False
    disqualified: bool = False
    taken_down: bool = False
    changed_at: int = 0  # when it was last said whether it may be seen, and as which version

    @property
    def judged(self) -> Version | None:
        """The approved version, once both logs have told of it."""
        return next((each for each in self.versions if each.version == self.approved), None)

    @property
    def type(self) -> str:
        return self.desk_type or (self.judged or self.versions[-1]).type

    @property
    def stands(self) -> bool:
        """Neither withdrawn nor disqualified: part of every population that it was part of."""
        return not self.withdrawn and not self.disqualified

    @property
    def shown(self) -> bool:
        """May be seen by the public."""
        return self.stands and not self.taken_down and self.verdict == APPROVED and self.judged is not None

    @property
    def ranks(self) -> bool:
        """On the shortlist, and standing."""
        return self.stands and self.number is not None and self.judged is not None


@dataclass(slots=True)
class Unit:
    name: str
    city: str


@dataclass(slots=True)
class Chunk:
    """A part of a roll that is not in force yet."""

    roll: str
    part: int
    units: dict[str, Unit]


@dataclass(slots=True)
class Sheet:
    """One judge's latest marks of one entry. It does not count after a recusal or an exclusion, whatever follows."""

    judge: str
    marks: list[tuple[str, int]] = field(default_factory=list)
    version: int = 0
    counts: bool = True


@dataclass(slots=True)
class Winner:
    entry: str
    type: str
    place: int  # in its type
    final: str  # exactly, as a fraction
    overall: int = 0  # among all that were ranked


@dataclass(slots=True)
class Proposal:
    proposal: str
    digest: str
    rule_hash: str
    winners: list[Winner]
    signatures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Notice:
    """Of the published result; `basis` says what told its working days."""

    since: int
    until: int
    basis: str


@dataclass(slots=True)
class Exhibition:
    entries: list[str]
    at: int = 0  # when it was opened


@dataclass(slots=True)
class Table:
    campaign: dict[str, Any] | None = None  # with windows as moved
    locked: dict[str, Any] | None = None  # as locked: what is ranked by
    rule_hash: str | None = None
    rehearsal: bool = False
    clock: int = 0  # a rehearsal's campaign time
    units: dict[str, Unit] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    likes: Likes = field(default_factory=Likes)
    closed: dict[str, int] = field(default_factory=dict)  # partition -> campaign time
    sheets: dict[str, list[Sheet]] = field(default_factory=dict)
    third_readings: dict[str, int] = field(default_factory=dict)  # entry -> marks that it needs since one was called
    cohort: list[str] | None = None
    proposal: Proposal | None = None
    published: Proposal | None = None
    notice: Notice | None = None
    final: str | None = None  # the proposal that became final last
    final_at: int = 0
    seed: str | None = None
    exhibition: Exhibition | None = None

    def entry(self, entry: str) -> Entry:
        """The facts of an entry, to be written to."""
        return self.entries.setdefault(entry, Entry())

    def changed(self, entry: str, at: int) -> Entry:
        """The same, where what is written says whether the entry may be seen."""
        facts = self.entry(entry)
        facts.changed_at = max(facts.changed_at, at)
        return facts

    @property
    def is_final(self) -> bool:
        """The published result is final: one that replaces a final one is not, until its own notice has ended."""
        return self.published is not None and self.published.proposal == self.final

    @property
    def rules(self) -> rules.Campaign | None:
        """The campaign that is ranked by: as locked, before that as it stands."""
        data = self.locked or self.campaign
        return None if data is None else rules.from_data(data)

    @property
    def polls_closed(self) -> tuple[int, ...]:
        return tuple(sorted(map(int, self.closed)))

    @property
    def all_closed(self) -> bool:
        """Every partition has said that no like comes any more."""
        if self.campaign is None:
            return False
        return set(range(self.campaign["likes"]["partitions"])) <= set(self.polls_closed)

    def dump(self) -> dict[str, Any]:
        data: dict[str, Any] = _converter.unstructure(self)
        return data

    @staticmethod
    def load(data: dict[str, Any]) -> "Table":
        return _converter.structure(data, Table)


_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_unstructure_hook(Likes, Likes.dump)
_converter.register_structure_hook(Likes, lambda data, _: Likes.load(data))
