"""Propose, sign, publish and finalise the result.

Promises: a result is proposed from the events up to one cut (one position for each log). It is published with the
signatures of two people who are organisers at that time, and whose office and password have stood unchanged since
before the proposal; only while the ranking still equals the ranking that they signed, and together with the committed
seed of the lot. It becomes final after its publication notice, when no objection is open and none is upheld against it,
and only while it still equals the ranking. Nothing may be open then: no held like, no missing mark, no entry that the
moderators have not decided on, no proposed disqualification, no change set that is neither applied nor dropped, no
complaint from before the end of the notice, no approved letter that has not gone out, and no event that the published
views have not read for longer than LAG_S. Another result needs a new proposal, with new signatures and a full notice: a
result never changes silently.
Does not promise the ranking itself: the RPC methods compute it from a table at a named cut and pass it in as plain
values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.moderation import campaign as rules
from services.ranking.decisions.cuts_and_cohort import open_polls_refusal
from services.ranking.decisions.notice import notice_from
from services.ranking.events import (
    ResultFinal,
    ResultProposed,
    ResultPublished,
    ResultSigned,
    SeedRevealed,
    WinnerName,
)
from services.ranking.state import FAILED, Proposal, RankingState
from shared.decider import Decision, Refused
from shared.national_calendar import Calendar

SIGNATURES = 2
LAG_S = 15  # how long the published views may be behind the logs; the same bound as for readiness (`shared/lag.py`)
REFUSALS = frozenset(
    {
        "campaign-not-open",
        "rules-not-locked",
        "polls-open",
        "cohort-not-fixed",
        "likes-held",
        "marks-missing",
        "seed-mismatch",
        "result-outdated",
        "proposal-unknown",
        "proposal-replaced",
        "digest-differs",
        "not-an-organiser",
        "office-changed",
        "already-signed",
        "result-published",
        "signatures-missing",
        "result-not-published",
        "notice-running",
        "objections-open",
        "objections-upheld",
        "complaints-open",
        "disqualifications-open",
        "changes-open",
        "entries-undecided",
        "letters-open",
        "views-behind",
        "views-building",
    }
)


@dataclass(frozen=True, slots=True)
class ProposeResult:
    """Command: propose the ranking at `cut` as the result.

    `table` is the ranking as plain data, and `refused` says why there is no ranking, if there is none. `held` counts
    the likes that await a decision; `cohort` and `closed` (partitions) are those of the table at the cut.
    """

    cut: Mapping[str, int]
    closed: tuple[int, ...]
    cohort: tuple[str, ...] | None
    held: int
    table: Mapping[str, Any]
    digest: str
    winners: tuple[str, ...]
    refused: Refused | None
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class SignResult:
    """Command: sign a proposed result. `digest` is the hash of the ranking that the organiser saw."""

    proposal: str
    digest: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class PublishResult:
    """Command: publish a signed proposal as the result.

    `digest` is the digest of the ranking now, `seed` the seed of the lot in hex, `calendar` the national table of
    holidays, and `names` the names of the winners, which the event holds from then on.
    """

    proposal: str
    digest: str
    seed: str
    calendar: Calendar
    by: str
    at: int
    names: tuple[WinnerName, ...] = ()


@dataclass(frozen=True, slots=True)
class FinaliseResult:
    """Command: make the published result final. `digest` is the digest of the ranking now.

    `held` counts the likes that await a decision, `refused` says why there is no ranking now, if there is none, and
    `behind_s` for how many seconds the oldest event has waited that the published views have not read; None while the
    table that they are made of is being built.
    """

    proposal: str
    digest: str
    by: str
    at: int
    held: int = 0
    refused: Refused | None = None
    behind_s: int | None = 0


def obstacles(command: ProposeResult, state: RankingState) -> list[Refused]:
    """Return everything that prevents a result from being proposed, in the order in which it must be resolved."""
    if state.campaign is None:
        return [Refused("campaign-not-open")]
    found: list[Refused] = []
    if state.rule_hash is None:
        found.append(Refused("rules-not-locked"))
    if refused := open_polls_refusal(command.closed, state.campaign):
        found.append(refused)
    if state.cohort is None:
        found.append(Refused("cohort-not-fixed"))
    elif command.cohort is None or set(command.cohort) != set(state.cohort):
        found.append(Refused("result-outdated"))  # the table is older than the cohort, or than its last extension
    if command.held:
        found.append(Refused("likes-held", detail={"likes": command.held}))
    if command.refused is not None:
        found.append(command.refused)
    return found


def propose(command: ProposeResult, state: RankingState) -> Decision:
    """Decide on proposing a result; refuse with the first obstacle. The same ranking again changes nothing."""
    found = obstacles(command, state)
    if found:
        return found[0]
    if state.proposal is not None and state.proposal.digest == command.digest and not _is_unsignable(state):
        return []
    proposed = ResultProposed(
        proposal=next_proposal(state),
        cut=dict(command.cut),
        rule_hash=state.stored_hash or "",
        digest=command.digest,
        winners=command.winners,
        table=dict(command.table),
        by=command.by,
        at=command.at,
    )
    return [proposed]


def next_proposal(state: RankingState) -> str:
    """Return the number of the next proposal: P1, P2 …"""
    return f"P{state.proposals + 1}"


def sign(command: SignResult, state: RankingState) -> Decision:
    """Decide on an organiser's signature. Refuse if the proposal is not the current proposal or has another digest."""
    proposal = current_proposal(command.proposal, state)
    if isinstance(proposal, Refused):
        return proposal
    if proposal.digest != command.digest:
        return Refused("digest-differs", field="digest")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if not _stood_before(command.by, proposal, state):
        return Refused("office-changed")
    if command.by in proposal.signatures:
        return Refused("already-signed")
    if is_published(proposal, state):
        return Refused("result-published")
    return [ResultSigned(proposal.proposal, proposal.digest, command.by, command.at)]


def valid_signatures(proposal: Proposal, state: RankingState) -> tuple[str, ...]:
    """Return whose signatures count: who is an organiser, with the office and the password from before the proposal.

    The signature of somebody who was dismissed, appointed again, or got another password since no longer counts.
    """
    return tuple(
        each for each in proposal.signatures if each in state.organisers and _stood_before(each, proposal, state)
    )


def _stood_before(staff: str, proposal: Proposal, state: RankingState) -> bool:
    """Return whether the person's office and password have stood unchanged since before the proposal's cut."""
    return state.unchanged_since.get(staff, 0) <= proposal.cut.get("moderation", 0)


def _is_unsignable(state: RankingState) -> bool:
    """Return whether the current proposal waits for signatures, and some organiser's office changed after its cut.

    Then the same ranking may be proposed again, for everybody to sign it anew.
    """
    proposal = state.proposal
    if proposal is None or is_published(proposal, state):
        return False
    return not all(_stood_before(each, proposal, state) for each in state.organisers)


def publish(command: PublishResult, state: RankingState) -> Decision:
    """Decide on publishing a signed proposal: its notice starts, and the seed of the lot is revealed the first time."""
    proposal = current_proposal(command.proposal, state)
    if isinstance(proposal, Refused):
        return proposal
    if state.campaign is None:
        return Refused("campaign-not-open")
    if is_published(proposal, state):
        return []
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    have = valid_signatures(proposal, state)
    if len(have) < SIGNATURES:
        return Refused("signatures-missing", detail={"have": len(have), "needed": SIGNATURES})
    if command.digest != proposal.digest:
        return Refused("result-outdated")
    if rules.commitment(bytes.fromhex(command.seed)) != state.commitment:
        return Refused("seed-mismatch")
    notice = notice_from(command.at, state.campaign, command.calendar)
    published = ResultPublished(
        proposal=proposal.proposal,
        digest=proposal.digest,
        by=command.by,
        at=command.at,
        notice_until=notice.until,
        notice_basis=notice.basis,
        names=command.names,
    )
    return [published] if state.seed_revealed else [published, SeedRevealed(command.seed, command.at)]


def obstacles_to_final(command: FinaliseResult, state: RankingState) -> list[Refused]:
    """Return everything that prevents the published result from becoming final: every item that is still open."""
    if state.published is None:
        return [Refused("result-not-published")]
    found: list[Refused] = []
    if command.at < state.published.notice_until:
        found.append(Refused("notice-running", detail={"until": state.published.notice_until}))
    found += [Refused(code, detail=detail) for code, detail in _open_cases(state) if any(detail.values())]
    if command.held:
        found.append(Refused("likes-held", detail={"likes": command.held}))
    if command.refused is not None:
        found.append(command.refused)
    elif command.digest != state.published.proposal.digest:
        found.append(Refused("result-outdated"))
    if command.behind_s is None:
        found.append(Refused("views-building"))
    elif command.behind_s > LAG_S:
        found.append(Refused("views-behind", detail={"seconds": command.behind_s}))
    return found


def _open_cases(state: RankingState) -> list[tuple[str, dict[str, Any]]]:
    """Return the kinds of case that people open and settle, each with the open ones, in the order of their weight."""
    letters = list(state.open_letters.values())
    return [
        ("objections-open", {"objections": list(state.open_objections)}),
        ("objections-upheld", {"objections": list(state.upheld_objections)}),
        ("complaints-open", {"complaints": list(state.open_complaints)}),
        ("disqualifications-open", {"entries": sorted(state.proposed_disqualifications & set(state.cohort or ()))}),
        ("changes-open", {"changes": list(state.open_changes)}),
        ("entries-undecided", {"entries": list(state.undecided)}),
        ("letters-open", {"letters": len(letters), "failed": letters.count(FAILED)}),
    ]


def finalise(command: FinaliseResult, state: RankingState) -> Decision:
    """Decide on making the published result final; refuse with the first obstacle, and the codes of the `also` open."""
    if state.published is None:
        return Refused("result-not-published")
    proposal = state.published.proposal
    if proposal.proposal != command.proposal:
        return Refused("proposal-replaced" if _is_older(command.proposal, state) else "proposal-unknown", "proposal")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if state.is_final:
        return []
    if found := obstacles_to_final(command, state):
        first, *others = found
        also = {"also": [each.code for each in others]} if others else {}
        return replace(first, detail={**(first.detail or {}), **also})
    return [ResultFinal(proposal.proposal, proposal.digest, command.by, command.at)]


def is_published(proposal: Proposal, state: RankingState) -> bool:
    """Return whether this proposal is the published result."""
    return state.published is not None and state.published.proposal.proposal == proposal.proposal


def current_proposal(proposal: str, state: RankingState) -> Proposal | Refused:
    """Return the proposal with this number if it is the current proposal; otherwise refuse: replaced or unknown."""
    if state.proposal is not None and state.proposal.proposal == proposal:
        return state.proposal
    return Refused("proposal-replaced" if _is_older(proposal, state) else "proposal-unknown", field="proposal")


def _is_older(proposal: str, state: RankingState) -> bool:
    return proposal in {f"P{n}" for n in range(1, state.proposals)}
