"""What the decider knows: how far the campaign has come towards its result. States and `evolve` of `domain.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.moderation import campaign as rules
from services.moderation import events as desk

from .events import (
    CohortFixed,
    CutTaken,
    EntryTakenDown,
    ExhibitionOpened,
    ProjectionPromoted,
    ResultProposed,
    ResultPublished,
    ResultSigned,
    ScenarioSaved,
    SeedRevealed,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed result; `before` are the winners of the proposal that it replaces, None for the first."""

    proposal: str
    digest: str
    winners: tuple[str, ...]
    signatures: tuple[str, ...] = ()
    before: tuple[str, ...] | None = None
    cut: Mapping[str, int] = field(default_factory=dict)

    @property
    def came(self) -> tuple[str, ...]:
        """Who wins that did not before."""
        return () if self.before is None else tuple(sorted(set(self.winners) - set(self.before)))

    @property
    def went(self) -> tuple[str, ...]:
        """Who won before and does not any more."""
        return () if self.before is None else tuple(sorted(set(self.before) - set(self.winners)))


@dataclass(frozen=True, slots=True)
class Course:
    """How far the campaign has come towards its result."""

    campaign: rules.Campaign | None = None
    clock: int | None = None  # a rehearsal's time
    rule_hash: str | None = None  # of the locked rules
    commitment: str = ""
    organisers: frozenset[str] = frozenset()
    cut: CutTaken | None = None
    cohort: tuple[str, ...] | None = None
    proposals: int = 0
    proposal: Proposal | None = None
    published: Proposal | None = None
    seed_revealed: bool = False
    exhibition: tuple[str, ...] | None = None
    taken_down: frozenset[str] = frozenset()
    promoted: ProjectionPromoted | None = None
    scenarios: tuple[ScenarioSaved, ...] = ()


def evolve(state: Course, event: Any) -> Course:
    match event:
        case CutTaken():
            return replace(state, cut=event)
        case CohortFixed():
            return replace(state, cohort=event.entries)
        case ResultProposed():
            before = None if state.proposal is None else state.proposal.winners
            proposed = Proposal(event.proposal, event.digest, event.winners, before=before, cut=event.cut)
            return replace(state, proposals=state.proposals + 1, proposal=proposed)
        case ResultSigned() if state.proposal is not None:
            signed = replace(state.proposal, signatures=(*state.proposal.signatures, event.by))
            return replace(state, proposal=signed)
        case ResultPublished():
            return replace(state, published=state.proposal)
        case SeedRevealed():
            return replace(state, seed_revealed=True)
        case ExhibitionOpened():
            return replace(state, exhibition=event.entries)
        case EntryTakenDown():
            return replace(state, taken_down=state.taken_down | {event.entry})
        case ProjectionPromoted():
            return replace(state, promoted=event)
        case ScenarioSaved():
            return replace(state, scenarios=(*state.scenarios, event))
        case _:
            return _told(state, event)


def _told(state: Course, event: Any) -> Course:
    """What the desk says; other services' events leave the course as it is."""
    match event:
        case desk.CampaignOpened():
            clock = event.now if event.rehearsal else None
            return replace(state, campaign=rules.from_data(event.campaign), clock=clock)
        case desk.WindowMoved() if state.campaign is not None:
            window = rules.Window(event.start, event.end)
            return replace(state, campaign=state.campaign.moved(event.window, window))
        case desk.ClockMoved():
            return replace(state, clock=event.now)
        case desk.RulesLocked():
            locked = rules.from_data(event.campaign)
            return replace(state, campaign=locked, rule_hash=event.rule_hash, commitment=event.seed_commitment)
        case desk.StaffAppointed():
            others = state.organisers - {event.staff}
            return replace(state, organisers=others | ({event.staff} if "organiser" in event.roles else set()))
        case _:
            return state
