"""Decide who may read the sealed signals of likes: one person asks with a reason, another agrees, and it ends.

The signals are keyed hashes of networks, addresses and cookies, encrypted with the campaign's network key. Analysts
group likes by them (`cohorts.py`) while an opening is in force, and at no other time.
Promises: nobody agrees to what they asked for; an opening ends by itself after at most MOST_HOURS; what was asked and
decided stands in the log `vote.cases` for ever. An ask that nobody decided within WAITING_MS lapses.
Does not promise that whoever holds the key file and the database cannot read the signals without an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.voting.events import SignalsOpened, SignalsOpeningAsked, SignalsOpeningRefused
from shared.decider import Refused

MOST_HOURS = 168
HOUR_MS = 3_600_000
WAITING_MS = 7 * 24 * HOUR_MS
REFUSALS = frozenset(
    {"opening-unknown", "opening-open", "opening-decided", "opening-lapsed", "second-person-needed", "signals-sealed"}
)


@dataclass(frozen=True, slots=True)
class AskToOpenSignals:
    """Command: ask that the signals of likes may be read for `hours`."""

    opening: str
    by: str
    reason: str
    hours: int
    at: int


@dataclass(frozen=True, slots=True)
class DecideOpening:
    """Command: agree to an opening of the signals that another person asked for, or refuse it."""

    opening: str
    by: str
    agrees: bool
    at: int


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening of the signals: what was asked, and what a second person decided.

    `decided_by` is empty and `until` None while nobody has; `until` stays None if it was refused.
    """

    opening: str
    asked_by: str
    reason: str
    hours: int
    asked_at: int
    decided_by: str = ""
    decided_at: int | None = None
    until: int | None = None

    def state(self, at: int) -> str:
        """Return where the opening stands at an instant: waiting, lapsed, refused, open or over."""
        if not self.decided_by:
            return "waiting" if at < self.asked_at + WAITING_MS else "lapsed"
        if self.until is None:
            return "refused"
        return "open" if at < self.until else "over"


Openings = Mapping[str, Opening]


def open_until(openings: Openings, at: int) -> int | None:
    """Return until when the signals may be read, or None if they may not be read at this instant."""
    return max((each.until for each in openings.values() if each.until is not None and each.until > at), default=None)


def after(opening: Opening | None, fact: SignalsOpeningAsked | SignalsOpened | SignalsOpeningRefused) -> Opening:
    """Return an opening after an event on it; `opening` is None before the first."""
    if isinstance(fact, SignalsOpeningAsked):
        return Opening(fact.opening, fact.by, fact.reason, fact.hours, fact.at)
    assert opening is not None  # it was asked for before it was decided on
    until = fact.until if isinstance(fact, SignalsOpened) else None
    return Opening(
        opening.opening, opening.asked_by, opening.reason, opening.hours, opening.asked_at, fact.by, fact.at, until
    )


def propose(command: AskToOpenSignals, openings: Openings) -> list[object] | Refused:
    """Ask, unless another ask waits or an opening is in force."""
    if any(each.state(command.at) in ("waiting", "open") for each in openings.values()):
        return Refused("opening-open")
    return [SignalsOpeningAsked(command.opening, command.by, command.reason, command.hours, command.at)]


def decide(command: DecideOpening, openings: Openings) -> list[object] | Refused:
    """Open the signals, or refuse to, as a person other than the one who asked says."""
    opening = openings.get(command.opening)
    if opening is None:
        return Refused("opening-unknown", field="opening")
    if opening.decided_by:
        return Refused("opening-decided", detail={"by": opening.decided_by})
    if opening.state(command.at) == "lapsed":
        return Refused("opening-lapsed")
    if command.by == opening.asked_by and command.agrees:
        return Refused("second-person-needed")
    if not command.agrees:
        return [SignalsOpeningRefused(command.opening, command.by, command.at)]
    return [SignalsOpened(command.opening, command.by, command.at + opening.hours * HOUR_MS, command.at)]
