"""Answers about the result, its objections and its certificates, as plain data. Decides nothing.

Promises: an objection's words and contact appear only in the organisers' list; a certificate's answer holds what is
printed on it, which is public, and whether it is valid now.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from services.ranking.decisions import result as decisions
from services.ranking.decisions.certificates import VALID, status_of
from services.ranking.decisions.objections import DISMISSED, OPEN, UPHELD
from services.ranking.read_model.ranking_input import RankingOutcome
from services.ranking.state import Certificate, Objection, Proposal, RankingState
from services.ranking.views.ranking_diff import changes
from shared.decider import Refused
from shared.events import Sealed

View = dict[str, Any]


def result(state: RankingState) -> View:
    """Return the last proposal, who signed it, how it differs from the proposal before it, and what is published."""
    proposal = state.proposal
    if proposal is None:
        return {"proposal": None, "published": False, "published_proposal": None}
    published = state.published
    return {
        "proposal": proposal.proposal,
        "digest": proposal.digest,
        "rule_hash": state.rule_hash,
        "winners": list(proposal.winners),
        "signatures": list(proposal.signatures),
        "standing_signatures": list(decisions.valid_signatures(proposal, state)),
        "came": list(proposal.new_winners),
        "went": list(proposal.former_winners),
        "changes": _changes(proposal.before, proposal.rows, state),
        "published": published is not None and published.proposal.proposal == proposal.proposal,
        "release_at": None if state.release is None else state.release.release_at,
        **_published(state),
    }


def _published(state: RankingState) -> View:
    published = state.published
    if published is None:
        return {"published_proposal": None}
    return {
        "published_proposal": published.proposal.proposal,
        "published_at": published.at,
        "notice_until": published.notice_until,
        "notice_basis": published.notice_basis,
        "open_objections": len(state.open_objections),
        "final_at": published.final_at,
        "outdated": list(state.removed_winners),
    }


def rehearsal(command: decisions.ProposeResult, state: RankingState) -> View:
    """Return the result that would be proposed now, how it differs from the last proposal, and all obstacles to it."""
    found = decisions.obstacles(command, state)
    last = state.proposal
    is_new = last is None or last.digest != command.digest
    rows: list[Mapping[str, Any]] = list(command.table.get("rows", ()))
    return {
        "proposal": decisions.next_proposal(state) if is_new or last is None else last.proposal,
        "is_new": is_new,
        "digest": command.digest,
        "winners": [dict(row) for row in rows if row["winner"]],
        "seats": list(command.table.get("seats", ())),
        "changes": _changes(last, rows, state) if rows else [],
        "obstacles": [_refusal(each) for each in found],
    }


def effect_of_disqualification(entry: str, before: RankingOutcome, after: RankingOutcome, state: RankingState) -> View:
    """Return how the ranking would change if an entry were disqualified now.

    `before` is the ranking with the entry, and `after` the ranking without it.
    """
    out = state.disqualified.set(entry, 0)
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


def awaited_final(command: decisions.FinaliseResult, state: RankingState) -> View:
    """Return the published result's notice, and everything that prevents it from becoming final by this command."""
    found = decisions.obstacles_to_final(command, state)
    return {**_published(state), "obstacles": [_refusal(each) for each in found]}


def _changes(before: Proposal | None, rows: Iterable[Mapping[str, Any]], state: RankingState) -> list[View]:
    if before is None:
        return []
    return changes(before.rows, tuple(rows), disqualified=state.disqualified)


def _refusal(refused: Refused) -> View:
    return {"code": refused.code, "field": refused.field, "detail": refused.detail}


# Objections


def objection(found: Objection) -> View:
    """Return what anyone who has an objection's reference number may read: its state and the answer to it."""
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


def objections_page(state: RankingState, wanted: View) -> list[Objection] | Refused:
    """Return the objections that a query (`schemas.Objections`) asks for, oldest first.

    There is one more than the limit if there is a next page. Refuse an unknown objection as the place after which the
    page starts.
    """
    if wanted["after"] is not None and wanted["after"] not in state.objections:
        return Refused("cursor-unknown", "after")
    every = sorted(state.objections.values(), key=_filed_at)
    after = None if wanted["after"] is None else state.objections[wanted["after"]]
    rest = [each for each in every if after is None or _filed_at(each) > _filed_at(after)]
    chosen = [each for each in rest if wanted["state"] in (None, objection(each)["state"])]
    return chosen[: wanted["limit"] + 1]


def objections(page: list[Objection], limit: int, state: RankingState, text_of: Callable[[Sealed], str]) -> View:
    """Return a page of objections for organisers, with words and contacts in clear; `text_of` opens a sealed text.

    `page` comes from `objections_page`, and may hold one more than `limit`.
    """
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
        "open": len(state.open_objections),
    }


def _filed_at(found: Objection) -> tuple[int, str]:
    return found.filed.at, found.filed.objection


# Certificates


def certificate(found: Certificate, state: RankingState) -> View:
    """Return what is printed on a certificate, and whether it is valid now."""
    printed = asdict(found.issued)
    del printed["by"]
    return {**printed, **asdict(status_of(found, state))}


def certificates(state: RankingState) -> View:
    """Return all certificates that were issued, ordered by entry id, the latest of an entry last, with their status."""
    numbers = [number for _, issued in sorted(state.certificate_numbers.items()) for number in issued]
    rows = [certificate(state.certificates[number], state) for number in numbers]
    return {"certificates": rows, **certificate_counts(state)}


def certificate_counts(state: RankingState) -> View:
    """Return how many entries have a valid certificate, and how many winners have none."""
    valid = {each.issued.entry for each in state.certificates.values() if status_of(each, state).status == VALID}
    winners = set() if state.published is None else set(state.published.winners)
    return {"valid": len(valid), "without": len(winners - valid)}
