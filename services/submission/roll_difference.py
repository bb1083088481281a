"""Compare a new roll (list of eligible units) with the roll in force: what it adds, changes, leaves as it is and drops.

An import applies only the difference that somebody has read: the digest of the difference stands in the command, and
the decision compares it with the difference at that moment.
Promises: equal rolls against an equal roll in force have the same digest; the digest covers each row of the difference,
access codes as their keyed hashes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from services.submission.events import RollRow
from shared.canonical import digest
from shared.names import comparable_name

FIELDS = tuple(each.name for each in fields(RollRow) if each.name != "code")


@dataclass(frozen=True, slots=True)
class RollDifference:
    """How a new roll differs from the roll in force.

    `changed` has each row as it is in force and as it is in the new roll; `gone` has the rows that the new roll lacks.
    """

    added: tuple[RollRow, ...]
    changed: tuple[tuple[RollRow, RollRow], ...]
    same: tuple[str, ...]
    gone: tuple[RollRow, ...]

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of the whole difference: the text that confirms it."""
        return digest(
            {
                "added": [asdict(each) for each in self.added],
                "changed": [[asdict(before), asdict(after)] for before, after in self.changed],
                "same": list(self.same),
                "gone": [asdict(each) for each in self.gone],
            }
        )


def compare(in_force: Mapping[str, RollRow], rows: Iterable[RollRow]) -> RollDifference:
    """Return how these rows differ from the roll in force (by code). The order of the rows makes no difference."""
    new = {each.code: each for each in rows}
    both = sorted(in_force.keys() & new.keys())
    return RollDifference(
        added=tuple(new[code] for code in sorted(new.keys() - in_force.keys())),
        changed=tuple((in_force[code], new[code]) for code in both if in_force[code] != new[code]),
        same=tuple(code for code in both if in_force[code] == new[code]),
        gone=tuple(in_force[code] for code in sorted(in_force.keys() - new.keys())),
    )


def namesakes(rows: Iterable[RollRow]) -> list[tuple[str, ...]]:
    """Return the codes of units whose names read the same, sorted. They may be one unit twice, or two in two cities."""
    found: dict[str, list[str]] = {}
    for each in rows:
        found.setdefault(comparable_name(each.name), []).append(each.code)
    return sorted(tuple(sorted(codes)) for name, codes in found.items() if name and len(codes) > 1)


def changed_fields(before: RollRow, after: RollRow) -> list[str]:
    """Return the names of the fields in which two rows of a unit differ."""
    return [each for each in FIELDS if getattr(before, each) != getattr(after, each)]


def complete(
    rows: Sequence[RollRow], in_force: Mapping[str, RollRow], *, keep: Iterable[str]
) -> tuple[list[RollRow], list[RollRow]]:
    """Return the roll that an import of these rows puts in force, and the units that it keeps without a row of theirs.

    A row without an access code keeps the code in force. `keep` are the codes of units that stay in the roll as they
    are although the file has no row for them.
    """
    filled = [
        replace(each, access=in_force[each.code].access) if not each.access and each.code in in_force else each
        for each in rows
    ]
    listed = {each.code for each in filled}
    kept = [in_force[code] for code in sorted(keep) if code in in_force and code not in listed]
    return filled + kept, kept


def lost_units(in_force: Mapping[str, RollRow], rows: Iterable[RollRow], with_entry: Iterable[str]) -> list[str]:
    """Return the units with an entry that are in force and that these rows lack, sorted. They may not leave a roll."""
    listed = {each.code for each in rows}
    return sorted(code for code in with_entry if code in in_force and code not in listed)
