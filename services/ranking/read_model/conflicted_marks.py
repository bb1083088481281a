"""Find the marks that the ranking counts although their judge has a conflict of interest now.

A conflict may be declared, and an employer or city may become known, after a mark was given. Such a mark counts until
an organiser excludes it; whoever proposes, signs or publishes a result is shown it.
"""

from services.moderation import campaign as rules
from services.ranking.read_model.ranking_input import candidates_of
from services.ranking.read_model.table import Table

Row = dict[str, str]


def conflicted_marks(table: Table) -> list[Row]:
    """Return the marks in conflict of all entries that are ranked, by entry and judge, each with the reason."""
    if table.rules is None:
        return []
    same_city, found = table.rules.judging.same_city_conflicts, list[Row]()
    for each in candidates_of(table):
        for mark in each.marks:
            why = _conflict(table, each.entry, mark.judge, same_city=same_city)
            if why is not None:
                found.append({"entry": each.entry, "judge": mark.judge, "why": why})
    return found


def _conflict(table: Table, entry: str, judge: str, *, same_city: bool) -> str | None:
    """Return why the judge has a conflict with the entry's unit, as in the roll now or as of the hand-in, or None."""
    appointed, version = table.judges.get(judge), table.entries[entry].judged_version
    if appointed is None or version is None:
        return None
    on_roll = table.units.get(version.unit)
    known = [] if on_roll is None else [(on_roll.employer, on_roll.city)]
    known.append((version.employer, version.city))
    found = (
        rules.conflict_reason(
            declared=version.unit in appointed.declared,
            employers=(appointed.employer, employer),
            cities=(appointed.city, city),
            same_city=same_city,
        )
        for employer, city in known
    )
    return next((each for each in found if each is not None), None)
