"""The clock plays rehearsals that pages ask for, and stores what was found, or why nothing was."""

from dataclasses import replace
from typing import Any

import pytest

from deploy.clock import rehearsals
from deploy.clock.rehearsals import play, step
from deploy.rehearsal.findings import rehearse
from services.moderation.campaign import from_data, to_data
from services.moderation.rehearsal_store import RehearsalStore
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


def test_rehearsal_that_needs_too_much_memory_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr(rehearsals, "_ROOT", tmp_path)  # a child that ends as one does that met its limit
    (tmp_path / "deploy" / "rehearsal").mkdir(parents=True)
    (tmp_path / "deploy" / "rehearsal" / "child.py").write_text("raise SystemExit(77)")

    assert play(RULES) == "memory"
