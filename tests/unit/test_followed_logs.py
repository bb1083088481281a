"""What a service declares that it follows is what its state folds: the services whose events that state knows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.run import SERVICES
from deploy.topology.folded_logs import FOLDED_LOGS
from services.moderation.domain import ModerationDecider
from services.ranking.domain import RankingDecider
from services.scoring.domain import ScoringDecider
from services.submission.domain import SubmissionDecider
from services.voting.domain import PollDecider
from services.voting.links import PersonDecider
from tests import house
from tests.files import ROOT

#: The class that folds, and the logs that its service or writer declares.
FOLDS = {
    "submission": (SubmissionDecider, FOLDED_LOGS.services["submission"].followed),
    "moderation": (ModerationDecider, FOLDED_LOGS.services["moderation"].followed),
    "scoring": (ScoringDecider, FOLDED_LOGS.services["scoring"].followed),
    "ranking": (RankingDecider, FOLDED_LOGS.services["ranking"].followed),
    "voting": (PersonDecider, FOLDED_LOGS.services["voting"].followed),
    "vote writers": (PollDecider, FOLDED_LOGS.followed_by_writers),
}


def file_of(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def events_known(module: str, seen: set[str]) -> Iterator[str]:
    """The services whose events a module and the modules of its own service under it import."""
    own = ".".join(module.split(".")[:2])
    seen.add(module)
    for each in house.imports_of(file_of(module)):
        parts = each.split(".")
        if len(parts) == 3 and parts[0] == "services" and parts[2] == "events":
            yield parts[1]
        elif each.startswith(f"{own}.") and each not in seen and file_of(each).exists():
            yield from events_known(each, seen)


@pytest.mark.parametrize("name", FOLDS)
def test_declared_logs_are_those_whose_events_the_state_knows(name: str):
    decider, declared = FOLDS[name]
    own = decider.__module__.split(".")[1]

    assert set(declared) == set(events_known(decider.__module__, set())) - {own}


def test_every_service_declares_its_logs():
    assert set(FOLDED_LOGS.services) == set(SERVICES)
