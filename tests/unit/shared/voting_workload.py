"""The real voting decider in the simulation: partition 0, and a scripted moderation log that it follows."""

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
from shared.testing.toys import Workload
from tests.unit.voting import stories

DESK_LOG = "moderation"
#: How many ms of the campaign one ms of the schedule stands for: a campaign day takes 2.4 s.
PACE = 36_000
ENTRIES = ("a", "b", "c", "unknown")
OPENINGS = [stories.opened(per_day=2, per_type=per_type) for per_type in (1, 2)]


@dataclass(frozen=True, slots=True)
class Say:
    """Command of the script: record these facts, once for each command id."""

    facts: tuple[Any, ...]


class DeskScript:
    """Stands in for moderation's decider: records any facts that it is given, once the campaign is open."""

    def initial(self) -> bool:
        return False

    def evolve(self, state: bool, fact: Any, address: str) -> bool:  # noqa: ARG002
        return state or isinstance(fact, desk.CampaignOpened)

    def decide(self, command: Say, state: bool) -> Decision:
        opens = isinstance(command.facts[0], desk.CampaignOpened)
        return list(command.facts) if opens is not state else []


def voting_workloads(world: World) -> list[Workload]:  # noqa: ARG001
    """Return the scripted moderation log, and one partition of the votes that follows it."""
    return [
        Workload(DESK_LOG, DeskScript(), True, _draw_script_command),
        Workload("vote.0", PollDecider(0), False, _draw_vote_command, DESK_LOG),
    ]


def _draw_script_command(rng: random.Random, client: int, now: int) -> Say:  # noqa: ARG001
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


def _draw_vote_command(rng: random.Random, client: int, now: int) -> CastLike | RetractLike | ShowLikes | ClosePoll:
    voter, entry, at = f"v{client // 2}", rng.choice(ENTRIES), stories.NOON + now * PACE
    kinds = (
        CastLike(voter, entry, at, "web", rng.choice((None, None, "young account")), stories.SEALED),
        RetractLike(voter, entry, at),
        ShowLikes(voter, at),
        ClosePoll(at),
    )
    (kind,) = rng.choices(kinds, weights=(65, 30, 3, 2))
    return kind
