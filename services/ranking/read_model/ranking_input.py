"""Build the candidates from the projection's table, and compute the ranking.

Promises: the same table and seed give the same bytes. The candidates are the cohort (the entries that are judged), or
the shortlist before the cohort is fixed, without disqualified and withdrawn entries, so that the ranks close up.
Does not promise that the ranking may be proposed: `decisions/result.py` checks closed polls, held likes and marks.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.moderation.campaign import Campaign, weighted_e2
from services.ranking.calculation import final_ranking
from services.ranking.calculation.candidates import Candidate, Mark
from services.ranking.calculation.cohort import Contender
from services.ranking.decisions.certificates import Award
from services.ranking.events import WinnerName
from services.ranking.read_model.table import Table
from services.voting.events import PollClosed
from shared.canonical import canonical
from shared.decider import Refused
from shared.events import to_data


@dataclass(frozen=True, slots=True)
class RankingOutcome:
    """The ranking of a table as plain data, with its SHA-256 and its winners, or the reason why there is none.

    With `refused`, the other fields are empty.
    """

    table: dict[str, Any]
    digest: str
    winners: tuple[str, ...]
    refused: Refused | None = None


def ranking(table: Table, *, seed: bytes) -> RankingOutcome:
    """Compute the ranking from the table, as it would be proposed as the result now. `seed` is the seed of the lot."""
    rules = table.rules
    if rules is None:
        return _no_ranking(Refused("campaign-not-open"))
    candidates = candidates_of(table)
    if missing := readings_missing(candidates, table):
        return _no_ranking(missing)
    ranked = final_ranking.rank(candidates, rules, seed=seed, root=lot_root(table))
    if isinstance(ranked, Refused):
        return _no_ranking(marks_missing(ranked))
    winners = tuple(each.merit.candidate.entry for each in ranked.winners())
    return RankingOutcome(ranked.canonical_rows(), ranked.digest(), winners)


def readings_missing(candidates: Sequence[Candidate], table: Table) -> Refused | None:
    """Return a refusal that names the entries that wait for a third reading (a further judge's mark), or None.

    There is no ranking until all third readings are made.
    """
    rules = table.rules
    unread = [
        each.entry for each in candidates if rules is not None and len(each.marks) < _marks_needed(each, table, rules)
    ]
    return Refused("marks-missing", detail={"entries": unread, "third_readings": True}) if unread else None


def _marks_needed(row: Candidate, table: Table, rules: Campaign) -> int:
    """Return how many marks an entry needs because of a third reading that was called or is still to be called."""
    called, judging = table.third_readings.get(row.entry, 0), rules.judging
    if judging.third_reading is None or len(row.marks) != judging.min_marks:
        return called
    totals_e2 = [weighted_e2(dict(each.scores), judging.criteria) for each in row.marks]
    return called if judging.disputed_spread_e2(totals_e2) is None else max(called, judging.min_marks + 1)


def ranking_without(table: Table, entry: str, *, seed: bytes) -> RankingOutcome:
    """Compute the ranking as it would be if an entry were disqualified. Changes the table: pass one of your own."""
    table.entry(entry).disqualified = True
    return ranking(table, seed=seed)


def awards(table: Table) -> dict[str, Award]:
    """Return what certificates say about the winners of the published result, by entry."""
    found = {}
    for winner in [] if table.published is None else table.published.winners:
        facts = table.entries.get(winner.entry)
        version = None if facts is None else facts.judged_version
        if facts is not None and version is not None:
            named = facts.names(version)
            found[winner.entry] = Award(named.title, named.unit, winner.type, winner.place)
    return found


def winner_names(table: Table) -> tuple[WinnerName, ...]:
    """Return the names under which the winners of the current proposal are published, by entry."""
    found = []
    for winner in [] if table.proposal is None else table.proposal.winners:
        facts = table.entries.get(winner.entry)
        version = None if facts is None else facts.judged_version
        if facts is not None and version is not None:
            named = facts.names(version)
            found.append(WinnerName(winner.entry, named.title, named.unit, named.city))
    return tuple(sorted(found, key=lambda each: each.entry))


def marks_missing(refused: Refused) -> Refused:
    """Return a refusal of `final_ranking.rank` with the code `marks-missing` for `too-few-marks`, others unchanged."""
    return replace(refused, code="marks-missing") if refused.code == "too-few-marks" else refused


def candidates_of(table: Table) -> tuple[Candidate, ...]:
    """Return the entries that are ranked as candidates, sorted by entry id, with their valid likes and marks."""
    valid = table.likes.valid()
    found = []
    for entry in sorted(table.entries if table.cohort is None else table.cohort):
        facts = table.entries.get(entry)
        judged = facts.judged_version if facts is not None and facts.is_ranked else None
        if facts is not None and judged is not None:
            marks = _marks(table, entry)
            found.append(Candidate(entry, facts.type, valid.get(entry, 0), judged.at, marks))
    return tuple(found)


def contenders(table: Table) -> tuple[Contender, ...]:
    """Return the entries that may be chosen for judging: the shortlist, and the cohort if it is fixed.

    A disqualified entry of the fixed cohort stays in the list, so that no entry moves up into judging in its place.
    """
    valid = table.likes.valid()
    fixed = set(table.cohort or ())
    return tuple(
        Contender(entry, facts.type, valid.get(entry, 0))
        for entry, facts in sorted(table.entries.items())
        if facts.judged_version is not None and (facts.is_ranked or entry in fixed)
    )


def lot_root(table: Table) -> bytes:
    """Return the root of the lot, the second input of the drawn tie-break after the seed: a SHA-256 over the times at
    which the vote partitions closed.

    Signed Merkle checkpoints, which cover every like, are meant to replace it.
    """
    closings = [to_data(PollClosed(p, table.closed[str(p)])) for p in table.polls_closed]
    return hashlib.sha256(canonical(closings)).digest()


def _marks(table: Table, entry: str) -> tuple[Mark, ...]:
    sheets = sorted(table.sheets.get(entry, ()), key=lambda each: each.judge)
    return tuple(Mark(each.judge, tuple(each.marks)) for each in sheets if each.counts and each.marks)


def _no_ranking(refused: Refused) -> RankingOutcome:
    return RankingOutcome({}, "", (), refused)
