"""Who is judged, which ranking is the result, and what is exhibited.

Promises: the cohort is fixed only behind closed polls and only ever grows; a result is proposed from one cut, signed by
two different organisers, and published only while the ranking is still the one they signed; the seed of the lot comes
out with it and is the one that was committed.
Does not promise the ranking itself: the shell computes it from a table at a named cut, and hands over plain values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.moderation import campaign as rules
from shared.decider import Decision, Refused

from .cohort import Contender, chosen
from .course import Course, Proposal, evolve
from .events import (
    CohortFixed,
    CutTaken,
    EntryTakenDown,
    ExhibitionOpened,
    ProjectionPromoted,
    ResultProposed,
    ResultPublished,
    ResultSigned,
    SeedRevealed,
)
from .saving import SaveScenario, save_scenario

OWN_LOG = "ranking"
SIGNATURES = 2

REFUSALS = frozenset(
    {
        "campaign-not-open",
        "rules-not-locked",
        "polls-open",
        "cohort-already-fixed",
        "cohort-empty",
        "cohort-not-fixed",
        "likes-held",
        "marks-missing",
        "seed-mismatch",
        "result-outdated",
        "proposal-unknown",
        "proposal-replaced",
        "digest-differs",
        "not-an-organiser",
        "already-signed",
        "result-published",
        "signatures-missing",
        "result-not-published",
        "exhibition-not-open",
        "entry-not-exhibited",
        "rebuild-differs",
        "scenario-exists",
        "scenarios-full",
        # Of questions: `analysis.py`.
        "entry-not-ranked",
        "judge-unknown",
        "like-unknown",
        "rule-unreadable",
        "cut-unknown",
        "scenario-unknown",
    }
)


@dataclass(frozen=True, slots=True)
class TakeCut:
    cut: Mapping[str, int]
    at: int


@dataclass(frozen=True, slots=True)
class FixCohort:
    cut: Mapping[str, int]
    closed: tuple[int, ...]
    contenders: tuple[Contender, ...]
    at: int


@dataclass(frozen=True, slots=True)
class ProposeResult:
    """The ranking at `cut`; `refused` says why there is none. `held` counts likes that wait for a decision."""

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
    proposal: str
    digest: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class PublishResult:
    """`digest` is that of the ranking as it is now; `seed` the lot's, in hex."""

    proposal: str
    digest: str
    seed: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class OpenExhibition:
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class TakeDown:
    entry: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class PromoteProjection:
    """`digest` is of the table as rebuilt, `live` of the live one at the same cut; `difference` is the first."""

    name: str
    version: int
    cut: Mapping[str, int]
    digest: str
    live: str
    difference: str | None
    by: str
    at: int


Command = (
    TakeCut
    | FixCohort
    | ProposeResult
    | SignResult
    | PublishResult
    | OpenExhibition
    | TakeDown
    | PromoteProjection
    | SaveScenario
)


class RankingDecider:
    """See `shared.decider.Decider`. Moderation is followed."""

    def initial(self) -> Course:
        return Course()

    def evolve(self, state: Course, event: Any, address: str) -> Course:  # noqa: ARG002 -- a Decider's signature
        return evolve(state, event)

    def decide(self, command: Command, state: Course) -> Decision:
        match command:
            case TakeCut():
                return _take_cut(command, state)
            case FixCohort():
                return _fix_cohort(command, state)
            case ProposeResult():
                return _propose(command, state)
            case SignResult():
                return _sign(command, state)
            case PublishResult():
                return _publish(command, state)
            case OpenExhibition():
                return _open_exhibition(command, state)
            case TakeDown():
                return _take_down(command, state)
            case PromoteProjection():
                return _promote(command, state)
            case SaveScenario():
                return save_scenario(command, state)
            case _:
                assert_never(command)


def not_due(state: Course, at: int) -> Refused | None:
    """Why a cohort cannot be fixed at `at`, as far as it is known without a table: the clock asks every few seconds."""
    if state.campaign is None:
        return Refused("campaign-not-open")
    if at < state.campaign.window("likes").end:
        return _polls_open((), state.campaign)
    if state.cohort is not None and state.campaign.cohort.top_n is None:
        return Refused("cohort-already-fixed")
    return None


def _take_cut(command: TakeCut, state: Course) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    last = state.cut or CutTaken(command.at, {})
    cut = {log: max(n, last.cut.get(log, 0)) for log, n in command.cut.items()}
    # A cut moves ranking's own log: were that counted, each cut would be the reason for the next.
    if _others(last.cut) == _others(cut):
        return []
    return [CutTaken(max(command.at, last.time), cut)]


def _others(cut: Mapping[str, int]) -> dict[str, int]:
    return {log: n for log, n in cut.items() if log != OWN_LOG}


def _fix_cohort(command: FixCohort, state: Course) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if refused := _polls_open(command.closed, state.campaign):
        return refused
    rule = state.campaign.cohort
    if state.cohort is not None and rule.top_n is None:
        return Refused("cohort-already-fixed")
    # Likes that are released or restored later may bring entries in, never out.
    entries = chosen(command.contenders, rule) | set(state.cohort or ())
    if not entries:
        return Refused("cohort-empty")
    if state.cohort is not None and entries == set(state.cohort):
        return Refused("cohort-already-fixed")
    return [CohortFixed(dict(command.cut), tuple(sorted(entries)), command.at)]


def _polls_open(closed: tuple[int, ...], campaign: rules.Campaign) -> Refused | None:
    still = sorted(set(range(campaign.likes.partitions)) - set(closed))
    return Refused("polls-open", detail={"partitions": still}) if still else None


def _propose(command: ProposeResult, state: Course) -> Decision:
    if state.campaign is None:
        return Refused("campaign-not-open")
    if state.rule_hash is None:
        return Refused("rules-not-locked")
    if refused := _polls_open(command.closed, state.campaign):
        return refused
    if state.cohort is None:
        return Refused("cohort-not-fixed")
    if command.cohort is None or set(command.cohort) != set(state.cohort):
        return Refused("result-outdated")  # the table was made before the cohort, or before it grew
    if command.held:
        return Refused("likes-held", detail={"likes": command.held})
    if command.refused is not None:
        return command.refused
    if state.proposal is not None and state.proposal.digest == command.digest:
        return []
    proposed = ResultProposed(
        proposal=f"P{state.proposals + 1}",
        cut=dict(command.cut),
        rule_hash=state.rule_hash,
        digest=command.digest,
        winners=command.winners,
        table=dict(command.table),
        by=command.by,
        at=command.at,
    )
    return [proposed]


def _sign(command: SignResult, state: Course) -> Decision:
    proposal = _current(command.proposal, state)
    if isinstance(proposal, Refused):
        return proposal
    if proposal.digest != command.digest:
        return Refused("digest-differs", field="digest")
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if command.by in proposal.signatures:
        return Refused("already-signed")
    if state.published is not None and state.published.proposal == proposal.proposal:
        return Refused("result-published")
    return [ResultSigned(proposal.proposal, proposal.digest, command.by, command.at)]


def _publish(command: PublishResult, state: Course) -> Decision:
    proposal = _current(command.proposal, state)
    if isinstance(proposal, Refused):
        return proposal
    if state.published is not None and state.published.proposal == proposal.proposal:
        return []
    if command.by not in state.organisers:
        return Refused("not-an-organiser")
    if len(proposal.signatures) < SIGNATURES:
        return Refused("signatures-missing", detail={"have": len(proposal.signatures), "needed": SIGNATURES})
    if command.digest != proposal.digest:
        return Refused("result-outdated")
    if rules.commitment(bytes.fromhex(command.seed)) != state.commitment:
        return Refused("seed-mismatch")
    published = ResultPublished(proposal.proposal, proposal.digest, command.by, command.at)
    return [published] if state.seed_revealed else [published, SeedRevealed(command.seed, command.at)]


def _current(proposal: str, state: Course) -> Proposal | Refused:
    if state.proposal is not None and state.proposal.proposal == proposal:
        return state.proposal
    known = proposal in {f"P{n}" for n in range(1, state.proposals)}
    return Refused("proposal-replaced" if known else "proposal-unknown", field="proposal")


def _open_exhibition(command: OpenExhibition, state: Course) -> Decision:
    if state.published is None:
        return Refused("result-not-published")
    if state.exhibition == state.published.winners:
        return []
    return [ExhibitionOpened(state.published.winners, True, command.by, command.at)]


def _take_down(command: TakeDown, state: Course) -> Decision:
    if state.exhibition is None:
        return Refused("exhibition-not-open")
    if command.entry not in state.exhibition:
        return Refused("entry-not-exhibited", field="entry")
    if command.entry in state.taken_down:
        return []
    return [EntryTakenDown(command.entry, command.reason, command.by, command.at)]


def _promote(command: PromoteProjection, state: Course) -> Decision:
    if command.digest != command.live:
        return Refused("rebuild-differs", detail={"difference": command.difference})
    fresh = ProjectionPromoted(command.name, command.version, dict(command.cut), command.digest, command.by, command.at)
    known = state.promoted
    if known is not None and replace(fresh, by=known.by, at=known.at) == known:
        return []
    return [fresh]
