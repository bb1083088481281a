"""A page of the review queue at 10,000 waiting entries against one at 100, unfiltered and with a filter.

Needs no engine: the state is folded in memory. Both sides answer the same question, page by page in turn.
With two filters the entries of the rarer one are walked (`queue_index.py`), so that ratio is stated without a bar.
"""

import time
from collections.abc import Callable

import pytest

from services.moderation import state as moderation_state
from services.moderation.queue_queries import queue_view
from services.moderation.schemas import Queue
from services.moderation.state import ModerationState
from shared.decider import Refused
from tests.bench.report import Report
from tests.unit.moderation.test_domain import CAMPAIGN, NOON, REVIEW, opened
from tests.unit.moderation.test_queue import claimed, handed

pytestmark = [pytest.mark.bench, pytest.mark.slow]
FEW, MANY, ROUNDS, AT_MOST = 100, 10_000, 60, 1.5
CITIES = ("石家庄", "唐山", "保定", "邯郸", "邢台")
TYPES = tuple(each.code for each in CAMPAIGN.unit_types)
TWO_FILTERS = "filter by type and city"
QUESTIONS: dict[str, dict[str, object]] = {
    "first page": {},
    "filter by city": {"city": CITIES[1]},
    "claimed by nobody": {"claimed": "nobody"},
    "newest first": {"sort": "newest"},
    TWO_FILTERS: {"city": CITIES[1], "type": TYPES[1]},
}


def folded(entries: int) -> ModerationState:
    state = moderation_state.evolve(ModerationState(), opened(CAMPAIGN))
    for k in range(entries):
        fact = handed(f"U{k}-1", at=NOON + k, kind=TYPES[k % len(TYPES)], city=CITIES[k // 5 % len(CITIES)])
        state = moderation_state.evolve(state, fact)
    for k in range(10):
        state = moderation_state.evolve(state, claimed(f"U{k}-1", "mo", until=REVIEW + 9))
    return state


@pytest.mark.parametrize("question", QUESTIONS)
def test_page_of_a_long_queue_costs_what_a_page_of_a_short_one_costs(report: Report, question: str) -> None:
    wanted = Queue().load({"limit": 20, **QUESTIONS[question]})

    def page_of(state: ModerationState) -> Callable[[], None]:
        def question() -> None:
            assert not isinstance(queue_view(state, wanted, at=REVIEW, by="mo"), Refused)

        return question

    short, long = best_of(page_of(folded(FEW)), page_of(folded(MANY)))
    report.state(f"queue of {FEW}, {question}", short * 1e6, unit="us")
    if question == TWO_FILTERS:
        report.state(f"queue of {MANY:,}, {question}", long / short, unit=f"x of {FEW}")
        return
    report.within(f"queue of {MANY:,}, {question}", long / short, limit=AT_MOST, unit=f"x of {FEW}")


def best_of(*questions: Callable[[], None]) -> list[float]:
    """Return the shortest time of each, asked in turn."""
    best = [float("inf")] * len(questions)
    for _ in range(ROUNDS):
        for i, answer in enumerate(questions):
            started = time.perf_counter()
            answer()
            best[i] = min(best[i], time.perf_counter() - started)
    return best
