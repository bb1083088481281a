"""The clock plays rehearsals that pages ask for, and stores what was found, or why nothing was."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from deploy.clock import rehearsals
from deploy.clock.rehearsals import play, step
from deploy.rehearsal.child import WHY
from deploy.rehearsal.findings import rehearse
from services.moderation.campaign import from_data, to_data
from services.moderation.campaign_file.check import check
from services.moderation.rehearsal_store import RehearsalStore
from tests.files import CAMPAIGN_FILE
from tests.memory_documents import MemoryDatabase
from tests.unit.voting.stories import campaign

RULES = to_data(replace(campaign(), rehearsal=False))


@pytest.fixture
def store() -> RehearsalStore:
    database: Any = MemoryDatabase()
    return RehearsalStore(database)


def ended(store: RehearsalStore) -> tuple[str, Any, str]:
    found = store.find("a")
    assert found is not None
    return found.state, found.report, found.why


@pytest.mark.parametrize(
    ("answer", "expected"),
    [({"digest": "d"}, ("done", {"digest": "d"}, "")), ("late", ("failed", None, "late"))],
    ids=["came to a result", "took too long"],
)
def test_what_became_of_a_rehearsal_is_stored(store: RehearsalStore, answer: Any, expected: tuple[str, Any, str]):
    store.request("a", RULES, by="o1", at=1)

    worked = [step(store, lambda rules: answer if rules == RULES else "broken") for _ in range(2)]

    assert (worked, ended(store)) == ([True, False], expected)


def test_child_process_finds_what_the_command_finds():
    found = play(RULES)

    assert isinstance(found, dict)
    assert found["digest"] == rehearse(from_data(RULES)).digest


def test_rehearsal_that_takes_too_long_or_breaks_is_told_apart():
    assert (play(RULES, within_s=0.001), play({})) == ("late", "broken")


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("raise SystemExit(77)", "memory"),
        ("import os; os.kill(os.getpid(), 9)", "memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "late"),
        ("import signal; signal.setitimer(signal.ITIMER_REAL, 0.001); signal.pause()", "late"),
        ("raise SystemExit(1)", "broken"),
    ],
    ids=["own limit", "killed", "processor", "alarm", "fault"],
)
def test_reason_follows_from_how_the_child_ended(monkeypatch: pytest.MonkeyPatch, tmp_path, end: str, why: str):
    monkeypatch.setattr(rehearsals, "_ROOT", tmp_path)
    (tmp_path / "deploy" / "rehearsal").mkdir(parents=True)
    (tmp_path / "deploy" / "rehearsal" / "child.py").write_text(end)

    assert play(RULES) == why


SMALL = """
import resource, sys
from deploy.rehearsal import child
with open("/proc/self/statm") as file:
    child.MEMORY_BYTES = int(file.read().split()[0]) * resource.getpagesize() + (8 << 20)
sys.exit(child.main())
"""


def test_child_that_gets_no_more_memory_ends_and_says_so():
    rules, problems = check(CAMPAIGN_FILE.read_text())
    assert rules is not None, problems

    ended = subprocess.run(
        [sys.executable, "-c", SMALL], input=json.dumps(to_data(rules)).encode(), capture_output=True, check=False
    )

    assert WHY.get(ended.returncode) == "memory", ended.stderr.decode()[-500:]
