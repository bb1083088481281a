"""However one organiser proceeds, alone or by accounts whose links they hold, they never act as two organisers.

The intruder is the organiser olga. Whatever she appoints, she uses: she sets the password by every link of which she
holds what it needs, and acts as everybody whose password she knows. Otto, another organiser, and the judge jude, who
set a password of their own, never help her.
"""

import random
from dataclasses import dataclass, field, replace

import pytest

from services.moderation.decisions.staff import (
    AppointStaff,
    ChangePassword,
    ConfirmStaffChange,
    FirstOrganiser,
    SetPassword,
)
from services.moderation.domain import ForgetSubject, ModerationDecider, OpenCampaign
from services.moderation.events import PasswordLinkIssued, StaffChangeProposed
from services.moderation.state import ORGANISER, ROLES, ModerationState, evolve
from shared.decider import Refused
from shared.events import Sealed
from tests.unit.moderation.test_domain import CAMPAIGN, OPEN

PEOPLE = ("olga", "otto", "jude", "pal", "ann", "jo")
STEPS = 60


@dataclass
class Intruder:
    """The state of moderation, and what olga holds: passwords by person, and names of links and of codes."""

    otto_has_password: bool
    state: ModerationState = field(default_factory=ModerationState)
    knows: set[str] = field(default_factory=lambda: {"olga"})
    links: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    n: int = 0

    def __post_init__(self) -> None:
        pair = tuple(FirstOrganiser(each, Sealed(f"c1.{each}")) for each in ("olga", "otto"))
        self.decide(OpenCampaign(CAMPAIGN, OPEN, "operator", pair, "c0"))
        self.decide(AppointStaff("jude", Sealed("c1.jude"), ("judge",), False, "c0", "operator", OPEN))
        for each in ("olga", "otto", "jude") if self.otto_has_password else ("olga", "jude"):
            self.decide(SetPassword(each, "c0", Sealed(f"c1.{each}"), OPEN))

    def decide(self, command: object) -> list[object]:
        """Return the events of a command, with which the state goes on; none if it is refused."""
        decided = ModerationDecider().decide(command, self.state)
        events = [] if isinstance(decided, Refused) else list(decided)
        for each in events:
            self.state = evolve(self.state, each)
        return events

    def step(self, random_: random.Random) -> None:
        """Send one command as somebody whose password olga knows, and use what comes of it."""
        self.n += 1
        by, whom = random_.choice(sorted(self.knows)), random_.choice(PEOPLE)
        name, id_, at = Sealed(f"c1.{whom}"), f"c{self.n}", OPEN + self.n
        present = self.state.staff.get(by)
        roles = present.roles if present is not None else ()
        match random_.choice(("appoint", "appoint", "confirm", "forget", "own password")):
            case "appoint" if ORGANISER in roles:
                wanted = random_.choice([(), *((each,) for each in ROLES), (ORGANISER, "moderator")])
                events = self.decide(AppointStaff(whom, name, wanted, random_.random() < 0.5, id_, by, at))
            case "confirm" if {ORGANISER, "operator"} & set(roles) and self.state.staff_changes:
                change = random_.choice(sorted(each.change for each in self.state.staff_changes.values()))
                events = self.decide(ConfirmStaffChange(change, id_, by, at))
            case "forget" if ORGANISER in roles:
                events = self.decide(ForgetSubject(f"staff.{whom}", "asked", True, at))
            case "own password" if present is not None:
                events = self.decide(ChangePassword(by, present.password, Sealed(f"c1.{self.n}"), at))
            case _:
                events = []
        for each in events:
            if isinstance(each, StaffChangeProposed):
                self.codes.add(each.change)
            if isinstance(each, PasswordLinkIssued):
                self.links.add(each.link)
                self.knows.discard(each.staff)
        for person, member in self.state.staff.items():
            link = member.link
            if link is None or link.id not in self.links or link.change not in {None, *self.codes}:
                continue
            if self.decide(SetPassword(person, link.id, Sealed(f"c1.{person}"), at)):
                self.knows.add(person)

    def is_two_organisers(self) -> bool:
        """Return whether olga can sign a result as two people."""
        able = [each for each, member in self.state.staff.items() if ORGANISER in member.roles and member.password]
        return len(self.knows & set(able)) > 1


@pytest.mark.parametrize("otto_has_password", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_one_organiser_never_becomes_two(seed: int, otto_has_password: bool) -> None:
    intruder, random_ = Intruder(otto_has_password), random.Random(seed)

    for _ in range(STEPS):
        intruder.step(random_)
        assert not intruder.is_two_organisers()
        assert "jude" not in intruder.knows


def test_walks_reach_what_they_should_try() -> None:
    """Links that olga holds whole, changes that wait for a second person, and operators whom she appointed."""
    intruders = [Intruder(otto_has_password=True) for _ in range(20)]
    for seed, each in enumerate(intruders):
        random_ = random.Random(seed)
        for _ in range(STEPS):
            each.step(random_)

    assert sum(len(each.knows) > 2 and len(each.codes) > 2 for each in intruders) > 5
    assert any("operator" in each.state.staff[name].roles for each in intruders for name in each.knows - {"olga"})


def test_walk_finds_the_second_organiser_if_an_appointed_operator_counts() -> None:
    """The check sees what it looks for: with an operator who is no member of staff, olga gets there."""
    intruder = Intruder(otto_has_password=True)
    proposed = intruder.decide(AppointStaff("otto", Sealed("c1.otto"), (ORGANISER,), True, "c1", "olga", OPEN))
    intruder.codes.add("c1")
    (issued,) = intruder.decide(ConfirmStaffChange("c1", "c2", "an accomplice at the machine", OPEN))
    intruder.links.add("c2")

    intruder.step(random.Random(0))

    assert isinstance(proposed[0], StaffChangeProposed)
    assert replace(issued, at=OPEN) == issued
    assert intruder.is_two_organisers()
