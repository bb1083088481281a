"""A caller reads its own writes: a call names a position in each log that the service folds, and in no other log."""

from typing import Any

import pytest

from services.moderation.service import ModerationService
from services.ranking.service import RankingService
from services.scoring.service import ScoringService
from services.submission.service import SubmissionService
from services.voting.service import VotingService
from services.voting.writer import VoteWriter
from shared.hosting import EventLog
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.gateway.town import Visitor

POSITIONS = {
    "submission": 11,
    "moderation": 12,
    "scoring": 13,
    "ranking": 14,
    "vote.cases": 15,
    "vote.0": 16,
    "vote.1": 17,
}
#: For each service a route that calls it: the method of the service, the request, and who makes it.
CALLS = {
    "submission": ("withdraw", "POST", "/my/entries/u1-1/withdrawal", "unit", SubmissionService.log),
    "moderation": ("claim", "POST", "/moderation/entries/u1-1/claim", "moderator", ModerationService.log),
    "scoring": ("submit_sheet", "POST", "/judging/sheet", "judge", ScoringService.log),
    "ranking": ("fix_cohort", "POST", "/cohort", "organiser", RankingService.log),
    "voting": ("receipt", "GET", "/receipts/0.1.0.abc", "", VotingService.log),
}


class ReadingLedger(MemoryLedger):
    """A ledger in memory that remembers which logs were read."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: set[str] = set()

    def read(self, log: str, *how: Any, **more: Any) -> Any:
        self.logs.add(log)
        return super().read(log, *how, **more)


@pytest.fixture
def informed(visitor: Visitor) -> Visitor:
    """A gateway that knows a position in every log of the campaign."""
    for log, n in POSITIONS.items():
        visitor.views.note(log, n)
    return visitor


@pytest.mark.parametrize("service", CALLS)
def test_call_names_a_position_in_each_log_that_the_service_folds_and_in_no_other(informed: Visitor, service: str):
    method, verb, path, role, hosted = CALLS[service]
    assert isinstance(hosted, EventLog)
    folded = {hosted.log, *hosted.follows}

    informed.ask(verb, path, role=role, key="k1" if verb == "POST" else "")

    (call,) = informed.town.asked(service, method)
    assert call["at_least"] == {log: POSITIONS[log] for log in folded}
    assert call["seen"] == {log: POSITIONS[log] for log in hosted.follows}


@pytest.mark.parametrize(("method", "path"), [("POST", "/entries/A001/like"), ("GET", "/me/likes")])
def test_like_order_names_a_position_in_each_log_that_a_vote_writer_follows(informed: Visitor, method: str, path: str):
    ledger = ReadingLedger()
    VoteWriter("demo", ledger, receipt_key=b"key").partition(0)
    followed = ledger.logs - {"vote.0"}

    informed.ask(method, path, role="voter")

    (order,) = informed.town.orders
    assert order["seen"] == {log: POSITIONS[log] for log in followed}
