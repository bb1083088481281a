"""Answers about the result, its objections and its certificates, as plain data. Decides nothing.

Promises: an objection's words and contact appear only in the organisers' list; a certificate's answer holds what is
printed on it, which is public, and whether it is valid now.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from services.ranking.decisions import result as decisions
from services.ranking.decisions.certificates import VALID, standing
from services.ranking.decisions.objections import DISMISSED, OPEN, UPHELD
from services.ranking.read_model.ranking_input import Outcome
from services.ranking.state import Certificate, Objection, Proposal, RankingState
from services.ranking.views.ranking_diff import changes
from shared.decider import Refused
from shared.events import Sealed

View = dict[str, Any]


def result(course: RankingState) -> View:
    """Return the last proposal, who signed it, how it differs from the one before, and what is published."""
    proposal = course.proposal
    if proposal is None:
        return {"proposal": None, "published": False, "published_proposal": None}
    published = course.published
    return {
        "proposal": proposal.proposal,
        "digest": proposal.digest,
        "rule_hash": course.rule_hash,
        "winners": list(proposal.winners),
        "signatures": list(proposal.signatures),
        "standing_signatures": list(decisions.standing_signatures(proposal, course)),
        "came": list(proposal.came),
        "went": list(proposal.went),
        "changes": _changes(proposal.before, proposal.rows, course),
        "published": published is not None and published.proposal.proposal == proposal.proposal,
        "release_at": None if course.release is None else course.release.release_at,
        **_published(course),
    }


def _published(course: RankingState) -> View:
    published = course.published
    if published is None:
        return {"published_proposal": None}
    return {
        "published_proposal": published.proposal.proposal,
        "published_at": published.at,
        "notice_until": published.notice_until,
        "notice_basis": published.notice_basis,
        "open_objections": len(course.open_objections),
        "final_at": published.final_at,
        "outdated": list(course.fallen),
    }


def rehearsed(command: decisions.ProposeResult, course: RankingState) -> View:
    """Return what a proposal would be now, and everything that prevents it. Writes nothing."""
    found = decisions.obstacles(command, course)
    last = course.proposal
    is_new = last is None or last.digest != command.digest
    rows: list[Mapping[str, Any]] = list(command.table.get("rows", ()))
    return {
        "proposal": decisions.next_proposal(course) if is_new or last is None else last.proposal,
        "is_new": is_new,
        "digest": command.digest,
        "winners": [dict(row) for row in rows if row["winner"]],
        "seats": list(command.table.get("seats", ())),
        "changes": _changes(last, rows, course) if rows else [],
        "obstacles": [_refusal(each) for each in found],
    }


def without(entry: str, before: Outcome, after: Outcome, course: RankingState) -> View:
    """Return the ranking as it would be if the entry were disqualified now. Writes nothing."""
    out = course.disqualified.set(entry, 0)
    now, then = before.table.get("rows", ()), after.table.get("rows", ())
    refused = after.refused
    return {
        "entry": entry,
        "digest": after.digest,
        "digest_now": before.digest,
        "changes": [] if refused is not None else changes(now, then, disqualified=out),
        "seats": list(after.table.get("seats", ())),
        "obstacles": [] if refused is None else [_refusal(refused)],
    }


def awaited(course: RankingState, *, digest: str, at: int) -> View:
    """Return what prevents the published result from becoming final."""
    found = decisions.in_the_way_of_final(course, digest=digest, at=at)
    return {**_published(course), "obstacles": [_refusal(each) for each in found]}


def _changes(before: Proposal | None, rows: Iterable[Mapping[str, Any]], course: RankingState) -> list[View]:
    if before is None:
        return []
    return changes(before.rows, tuple(rows), disqualified=course.disqualified)


def _refusal(refused: Refused) -> View:
    return {"code": refused.code, "field": refused.field, "detail": refused.detail}


# Objections


def objection(found: Objection) -> View:
    """Return what anyone who has the objection's number may read."""
    filed, decided = found.filed, found.decided
    answer = None if decided is None else {"words": decided.words, "at": decided.at}
    return {
        "objection": filed.objection,
        "proposal": filed.proposal,
        "entry": filed.entry,
        "at": filed.at,
        "state": OPEN if decided is None else UPHELD if decided.upheld else DISMISSED,
        "answer": answer,
    }


def objections_page(course: RankingState, wanted: View) -> list[Objection]:
    """Return the objections that are wanted, oldest first, and one more than the limit if there are more."""
    every = sorted(course.objections.values(), key=_filed_at)
    after = course.objections.get(wanted["after"] or "")
    rest = [each for each in every if after is None or _filed_at(each) > _filed_at(after)]
    chosen = [each for each in rest if wanted["state"] in (None, objection(each)["state"])]
    return chosen[: wanted["limit"] + 1]


def objections(page: list[Objection], limit: int, course: RankingState, text_of: Callable[[Sealed], str]) -> View:
    """Return a page of objections for organisers, with their words and contacts in clear text."""
    rows = [
        objection(each)
        | {
            "words": text_of(each.filed.words),
            "contact": None if each.filed.contact is None else text_of(each.filed.contact),
            "by": None if each.decided is None else each.decided.by,
        }
        for each in page[:limit]
    ]
    return {
        "objections": rows,
        "next": rows[-1]["objection"] if len(page) > limit else None,
        "open": len(course.open_objections),
    }


def _filed_at(found: Objection) -> tuple[int, str]:
    return found.filed.at, found.filed.objection


# Certificates


def certificate(found: Certificate, course: RankingState) -> View:
    """Return what is printed on a certificate, and whether it is valid now."""
    printed = asdict(found.issued)
    del printed["by"]
    return {**printed, **asdict(standing(found, course))}


def certificates(course: RankingState) -> View:
    """Return all certificates that were issued, by entry, the latest of each last."""
    numbers = [number for _, issued in sorted(course.papers.items()) for number in issued]
    rows = [certificate(course.certificates[number], course) for number in numbers]
    return {"certificates": rows, **certificate_counts(course)}


def certificate_counts(course: RankingState) -> View:
    """Return how many certificates are valid, and how many winners lack a valid one."""
    valid = {each.issued.entry for each in course.certificates.values() if standing(each, course).status == VALID}
    winners = set() if course.published is None else set(course.published.winners)
    return {"valid": len(valid), "without": len(winners - valid)}
