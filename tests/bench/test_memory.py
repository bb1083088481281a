"""Memory that a million likes take, of the ranking's table and of a vote writer's state, each in a separate process.

A million likes by a million voters on one day is the most expensive state that a writer can have: it keeps each
voter's likes of two days. The ranking keeps counts, and besides them only exceptions. No bar.
"""

import os
import subprocess
import sys

import pytest

from tests.bench.likes import documents, full_sizes, likes, store
from tests.bench.memory import LOG
from tests.bench.report import Report
from tests.files import ROOT
from tests.integration.temporary_campaign import Place

pytestmark = [pytest.mark.bench, pytest.mark.slow]
LIKES = 1_000_000
MB = 1_000_000


def test_memory_a_million_likes_is_stated(place: Place, report: Report) -> None:
    last = store(place, documents(LOG, likes(), full_sizes(LIKES)))

    for what, process in (("ranking", "a ranking process"), ("voting", "a vote writer")):
        before, after = measure_fold(place, what, last)
        report.state(f"memory of {process} at its start", before / MB, unit="MB")
        report.state(f"memory that 1,000,000 likes add to {process}", (after - before) / MB, unit="MB")


def measure_fold(place: Place, what: str, last: int) -> list[int]:
    """Run `memory.py`; return the resident memory before and after, in bytes."""
    settings = place.settings
    environment = os.environ | {"BAIJIA_CAMPAIGN": place.campaign, "BAIJIA_MONGO_URI": settings.mongo_uri}
    words = [sys.executable, "-m", "tests.bench.memory", what, str(last)]
    done = subprocess.run(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return [int(each) for each in done.stdout.split()]
