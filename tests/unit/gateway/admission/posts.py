"""A turnstile with a clock of its own, and sessions that send orders to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any

import altcha
import pytest

from gateway.admission.settings import Admission
from gateway.admission.turnstile import AdmittedOrder, Evidence, Turnstile
from gateway.http.problems import Problem
from gateway.http.sessions import LIFE_MS, Session
from shared.keys import Keys

KEYS = Keys(**{each.name: each.name.encode().ljust(32, b".") for each in fields(Keys)})
WALL = 1_623_038_400_000
HOUR_MS = 3_600_000
PHONE = b"Mozilla/5.0 MicroMessenger/8"


@dataclass(slots=True)
class Post:
    """The turnstile of one gateway. Its time `at_s` changes only when a test changes it."""

    rules: Admission = field(default_factory=lambda: Admission(challenge_tries=20))
    gateways: int = 1
    at_s: float = 1_000.0
    names: Iterator[int] = field(default_factory=count)
    turnstile: Turnstile = field(init=False)

    def __post_init__(self) -> None:
        self.turnstile = Turnstile(
            KEYS,
            self.rules,
            gateways=self.gateways,
            now=lambda: self.at_s,
            wall=lambda: WALL + int((self.at_s - 1_000) * 1000),
        )

    def voter(self, *, door: str = "web", age_ms: int = 2 * HOUR_MS) -> Session:
        """Return the session of a new voter, of this age."""
        expires = WALL + LIFE_MS["voter"] - age_ms
        return Session(f"voter-{next(self.names)}", frozenset({"voter"}), expires, door=door)

    def order(self, session: Session | None = None, *, action: str = "like", **shown: Any) -> AdmittedOrder:
        """Send an order with a fresh ticket. Raise Problem."""
        who = session or self.voter()
        (ticket,) = self.turnstile.tickets.issue(who.sub)
        return self.turnstile.admit(who, "entry-1", action, Evidence(ticket, **shown))

    def outcome(self, session: Session | None = None, **shown: Any) -> str:
        """Return the outcome of an order in one word: free, worked, held:…, or the code of a problem."""
        try:
            passed = self.order(session, **shown)
        except Problem as problem:
            return problem.code
        if passed.held:
            return f"held:{passed.held}"
        return "free" if "risk" not in passed.signals else "worked"

    def crowd(self, number: int, **shown: Any) -> list[str]:
        """Return the outcomes of orders of `number` different voters at the same moment."""
        return [self.outcome(**shown) for _ in range(number)]


def solution(challenge: dict[str, Any]) -> str:
    """Solve a challenge as a phone does."""
    asked = altcha.Challenge.from_dict(challenge)
    solved = altcha.solve_challenge(asked)
    assert solved is not None
    return altcha.Payload(asked, solved).to_base64()


def demanded_challenge(post: Post, session: Session, **shown: Any) -> dict[str, Any]:
    """Return the challenge that an order must solve."""
    with pytest.raises(Problem, match="challenge-needed") as needed:
        post.order(session, **shown)
    challenge: dict[str, Any] = needed.value.facts["challenge"]
    return challenge
