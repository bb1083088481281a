"""The signals of likes are read only while two persons agreed to it."""

import pytest

from services.voting.events import SignalsOpened, SignalsOpeningAsked, SignalsOpeningRefused
from services.voting.links import PersonDecider, Persons
from services.voting.signal_openings import (
    HOUR_MS,
    WAITING_MS,
    AskToOpenSignals,
    DecideOpening,
    open_until,
)
from shared.decider import Refused, fold
from tests.unit.voting.stories import NOON

DECIDER = PersonDecider()
ASKED = SignalsOpeningAsked("so1", "ada", "一批赞来自同一网段", 24, NOON)
OPENED = SignalsOpened("so1", "o1", NOON + 25 * HOUR_MS, NOON + HOUR_MS)
REFUSED = SignalsOpeningRefused("so1", "o1", NOON + HOUR_MS)


def knows(*facts: object) -> Persons:
    return fold(DECIDER, facts, log="vote.cases")


def proposal(at: int = NOON, opening: str = "so1") -> AskToOpenSignals:
    return AskToOpenSignals(opening, "ada", "一批赞来自同一网段", 24, at)


def decision(by: str = "o1", *, agrees: bool = True, at: int = NOON + HOUR_MS, opening: str = "so1") -> DecideOpening:
    return DecideOpening(opening, by, agrees, at)


@pytest.mark.parametrize(
    ("before", "command", "decided"),
    [
        pytest.param([], proposal(), [ASKED], id="anybody of the analysts may ask"),
        pytest.param([ASKED], proposal(opening="so2"), Refused("opening-open"), id="one ask waits"),
        pytest.param([ASKED, OPENED], proposal(opening="so2"), Refused("opening-open"), id="one is in force"),
        pytest.param([ASKED], decision(), [OPENED], id="another person opens them for the time that was asked"),
        pytest.param([ASKED], decision("ada"), Refused("second-person-needed"), id="nobody agrees to their own ask"),
        pytest.param(
            [ASKED], decision("ada", agrees=False), [SignalsOpeningRefused("so1", "ada", NOON + HOUR_MS)],
            id="but takes it back",
        ),
        pytest.param([ASKED], decision(agrees=False), [REFUSED], id="another person refuses"),
        pytest.param(
            [ASKED, REFUSED], decision("o2"), Refused("opening-decided", detail={"by": "o1"}), id="decided once"
        ),
        pytest.param([ASKED], decision(at=NOON + WAITING_MS), Refused("opening-lapsed"), id="a week without an answer"),
        pytest.param([], decision(), Refused("opening-unknown", field="opening"), id="never asked for"),
    ],
)  # fmt: skip
def test_two_persons_open_the_signals(before: list[object], command: object, decided: list[object] | Refused):
    assert DECIDER.decide(command, knows(*before)) == decided  # type: ignore[arg-type]


def test_another_ask_is_taken_once_the_last_one_lapsed_or_is_over():
    lapsed = DECIDER.decide(proposal(NOON + WAITING_MS, "so2"), knows(ASKED))
    over = DECIDER.decide(proposal(OPENED.until, "so2"), knows(ASKED, OPENED))

    assert [type(each) for found in (lapsed, over) for each in found] == [SignalsOpeningAsked] * 2


@pytest.mark.parametrize(
    ("facts", "at", "until", "state"),
    [
        ([ASKED], NOON, None, "waiting"),
        ([ASKED], NOON + WAITING_MS, None, "lapsed"),
        ([ASKED, REFUSED], NOON + HOUR_MS, None, "refused"),
        ([ASKED, OPENED], OPENED.until - 1, OPENED.until, "open"),
        ([ASKED, OPENED], OPENED.until, None, "over"),
    ],
)
def test_signals_are_open_until_the_last_millisecond_and_not_beyond(
    facts: list[object], at: int, until: int | None, state: str
):
    openings = knows(*facts).openings

    assert (open_until(openings, at), openings["so1"].state(at)) == (until, state)
