"""The real voting decider in the simulation: partition 0, beside a desk that says whatever a desk may say."""

import random
from dataclasses import dataclass
from typing import Any

from services.moderation import events as desk
from services.voting.domain import (
    CastLike,
    ClosePoll,
    PollDecider,
    RetractLike,
    ShowLikes,
)
from shared.decider import Decision
from shared.testing.schedule import World
from shared.testing.toys import Business
from tests.unit.voting import stories

DESK_LOG = "moderation"
#: One ms of the schedule is so many of the campaign: a day passes in 2.4 s.
PACE = 36_000
ENTRIES = ("a", "b", "c", "unknown")
OPENINGS = [stories.opened(per_day=2, per_type=per_type) for per_type in (1, 2)]


@dataclass(frozen=True, slots=True)
class Say:
    """The desk says these facts, once a command id."""

    facts: tuple[Any, ...]


class DeskScript:
    """Not moderation's decider: it says what it is told, as soon as the campaign is open."""

    def initial(self) -> bool:
        return False

    def evolve(self, state: bool, fact: Any, address: str) -> bool:  # noqa: ARG002
        return state or isinstance(fact, desk.CampaignOpened)

    def decide(self, command: Say, state: bool) -> Decision:
        opens = isinstance(command.facts[0], desk.CampaignOpened)
        return list(command.facts) if opens is not state else []


def voting_businesses(world: World) -> list[Business]:  # noqa: ARG001
    """The desk, and one partition of the votes that follows it."""
    return [
        Business(DESK_LOG, DeskScript(), True, _said),
        Business("vote.0", PollDecider(0), False, _asked, DESK_LOG),
    ]


def _said(rng: random.Random, customer: int, now: int) -> Say:  # noqa: ARG001
    if now < 300:
        return Say(rng.choice(OPENINGS))
    entry, at = rng.choice(ENTRIES[:3]), stories.NOON + now * PACE
    facts = (
        desk.EntryFrozen(entry, "checks", "m", at),
        desk.EntryUnfrozen(entry, "checked", "m", at),
        desk.TypeCorrected(entry, rng.choice(("state", "private")), "wrong", "m", at),
        desk.ClockMoved(at, "o"),
        desk.EntryDisqualified(entry, "bought", "o", at),
        desk.WindowMoved("likes", stories.START, at + rng.randint(0, 3 * stories.DAY), "rain", "o", at),
    )
    (fact,) = rng.choices(facts, weights=(4, 4, 3, 3, 1, 1))
    return Say((fact,))


def _asked(rng: random.Random, customer: int, now: int) -> CastLike | RetractLike | ShowLikes | ClosePoll:
    voter, entry, at = f"v{customer // 2}", rng.choice(ENTRIES), stories.NOON + now * PACE
    kinds = (
        CastLike(voter, entry, at, "web", rng.choice((None, None, "young account")), stories.SEALED),
        RetractLike(voter, entry, at),
        ShowLikes(voter, at),
        ClosePoll(at),
    )
    (kind,) = rng.choices(kinds, weights=(65, 30, 3, 2))
    return kind
