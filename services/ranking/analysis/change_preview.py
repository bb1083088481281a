"""What a change set would do to the ranking: who enters and leaves the winners, whose place changes, and the seats.

Promises: all corrections are computed together. Without a ranking, because marks are missing before or after, entries
are compared by likes alone. The digest covers the set, what its corrections change, and the difference; while entries
are compared by likes alone, it does not cover places, which change with every like. The same table gives the same
digest. Changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.moderation.campaign import Campaign
from services.moderation.events import ChangesProposed, Correction
from services.ranking.analysis.likes_only_table import likes_table
from services.ranking.calculation.candidates import Candidate
from services.ranking.calculation.final_ranking import Ranking, format_score
from shared.canonical import digest
from shared.decider import Refused

Plain = dict[str, Any]
Outcome = Ranking | Refused


def corrected_candidates(
    candidates: Sequence[Candidate], corrections: Sequence[Correction], *, excluded: Mapping[str, int]
) -> list[Candidate]:
    """Return the candidates after all corrections. `excluded` says by entry how many likes that count become void."""
    out = {each.entry for each in corrections if each.kind == "disqualification"}
    types = {each.entry: each.type for each in corrections if each.kind == "type"}
    barred = {(each.entry, each.judge) for each in corrections if each.kind == "mark"}
    return [
        replace(
            each,
            type=types.get(each.entry) or each.type,
            likes=each.likes - excluded.get(each.entry, 0),
            marks=tuple(mark for mark in each.marks if (each.entry, mark.judge) not in barred),
        )
        for each in candidates
        if each.entry not in out
    ]


def preview(
    proposed: ChangesProposed,
    facts: Sequence[Plain],
    candidates: tuple[Sequence[Candidate], Sequence[Candidate]],
    outcomes: tuple[Outcome, Outcome],
    rules: Campaign,
) -> Plain:
    """Return the difference that a change set makes, as plain data with its digest.

    `facts` says of each correction what it finds; `candidates` and `outcomes` are those before and after.
    """
    before, after = outcomes
    by_likes = isinstance(before, Refused) or isinstance(after, Refused)
    if isinstance(before, Refused) or isinstance(after, Refused):
        tables = [_likes_rows(each, rules) for each in candidates]
    else:
        tables = [_final_rows(each) for each in (before, after)]
    rows = [
        _difference(entry, tables[0].get(entry), tables[1].get(entry)) for entry in sorted(tables[0].keys() | tables[1])
    ]
    changed = [each for each in rows if each["before"] != each["after"]]
    codes = [each.code for each in outcomes if isinstance(each, Refused)]
    content = {
        "changes": proposed.changes,
        "corrections": list(facts),
        "by_likes_alone": by_likes,
        "sizes": _counts([Counter(row["type"] for row in table.values()) for table in tables], rules),
        "seats": _counts([Counter(row["type"] for row in table.values() if row["wins"]) for table in tables], rules),
        "enters": [each["entry"] for each in changed if _wins(each["after"]) and not _wins(each["before"])],
        "leaves": [each["entry"] for each in changed if _wins(each["before"]) and not _wins(each["after"])],
    }
    covered = {**content, "codes": codes, "rows": [] if by_likes else changed}
    return {**content, "rows": changed, "digest": digest(covered)}


def _final_rows(ranking: Ranking) -> dict[str, Plain]:
    winning = ranking.winning()
    return {
        each.merit.candidate.entry: {
            "type": each.merit.candidate.type,
            "place": str(each.place),
            "likes": each.merit.candidate.likes,
            "score": format_score(each.merit.final),
            "wins": each.merit.candidate.entry in winning,
        }
        for each in ranking.entries
    }


def _likes_rows(candidates: Sequence[Candidate], rules: Campaign) -> dict[str, Plain]:
    return {
        row["entry"]: {"type": row["type"], "place": row["rank"], "likes": row["likes"], "score": None, "wins": False}
        for row in likes_table(candidates, rules)
    }


def _difference(entry: str, before: Plain | None, after: Plain | None) -> Plain:
    return {"entry": entry, "before": before, "after": after}


def _wins(row: Plain | None) -> bool:
    return row is not None and bool(row["wins"])


def _counts(tables: Sequence[Counter[str]], rules: Campaign) -> list[Plain]:
    before, after = tables
    return [{"type": each.code, "before": before[each.code], "after": after[each.code]} for each in rules.unit_types]
