"""Contract of the store of rehearsals: the same tests run on the database and on the collection of tests in memory.

class TestMemoryRehearsals(RehearsalContract):
    @pytest.fixture
    def store(self) -> RehearsalStore: ...
"""

from services.moderation.rehearsal_store import (
    DONE,
    FAILED,
    KEPT,
    LEASE_MS,
    MOST_TRIES,
    RUNNING,
    WAITING,
    RehearsalStore,
)

RULES = {"id": "one"}
REPORT = {"digest": "d", "findings": [{"code": "lot", "zh": "抽签", "en": "lot"}]}


def request(store: RehearsalStore, rule_hash: str = "a", at: int = 1) -> None:
    """Ask for a rehearsal of these rules."""
    store.request(rule_hash, RULES, by="o1", at=at)


def state(store: RehearsalStore, rule_hash: str = "a") -> str | None:
    """Return where the rehearsal stands, or None."""
    found = store.find(rule_hash)
    return None if found is None else found.state


class RehearsalContract:
    """The tests that every store of rehearsals must pass. A subclass provides an empty one by the fixture `store`."""

    def test_rehearsal_goes_from_asked_to_done_with_its_report(self, store: RehearsalStore) -> None:
        before = state(store)
        request(store)
        asked = state(store)
        job = store.claim(now=5)
        assert job is not None
        running = state(store)
        stored = store.end(job, at=9, report=REPORT)

        assert (before, asked, running, stored) == (None, WAITING, RUNNING, True)
        found = store.find("a")
        assert found is not None
        assert (found.state, found.report, found.by, found.asked_at, found.ended_at) == (DONE, REPORT, "o1", 1, 9)
        assert (job.rule_hash, job.rules) == ("a", RULES)

    def test_same_rules_are_one_job_however_often_they_are_asked_for(self, store: RehearsalStore) -> None:
        request(store)
        request(store, at=2)
        first, second = store.claim(now=5), store.claim(now=5)
        assert first is not None
        request(store, at=6)
        store.end(first, at=7, report=REPORT)
        request(store, at=8)

        assert (second, store.claim(now=9), state(store)) == (None, None, DONE)

    def test_rehearsal_that_failed_is_asked_for_again(self, store: RehearsalStore) -> None:
        request(store)
        job = store.claim(now=5)
        assert job is not None
        store.end(job, at=6, why="late")
        failed = store.find("a")
        assert failed is not None
        request(store, at=7)

        assert (failed.state, failed.why, state(store)) == (FAILED, "late", WAITING)

    def test_jobs_are_taken_in_the_order_in_which_they_were_asked_for(self, store: RehearsalStore) -> None:
        for at, name in ((3, "c"), (1, "a"), (2, "b")):
            request(store, name, at)

        taken = [store.claim(now=5) for _ in range(4)]

        assert [each and each.rule_hash for each in taken] == ["a", "b", "c", None]

    def test_job_of_a_worker_that_ended_is_taken_by_the_next_whose_end_alone_counts(
        self, store: RehearsalStore
    ) -> None:
        request(store)
        lost, early, next_one = store.claim(now=5), store.claim(now=4 + LEASE_MS), store.claim(now=5 + LEASE_MS)
        assert lost is not None
        assert next_one is not None

        stored = [store.end(lost, at=6 + LEASE_MS, why="late"), store.end(next_one, at=7 + LEASE_MS, report=REPORT)]

        assert (early, stored, state(store)) == (None, [False, True], DONE)

    def test_job_that_ends_its_workers_again_and_again_has_failed(self, store: RehearsalStore) -> None:
        request(store)
        now, taken = 5, []
        for _ in range(MOST_TRIES + 1):
            taken.append(store.claim(now=now) is not None)
            now += LEASE_MS

        found = store.find("a")
        assert found is not None
        assert (taken, found.state, found.why) == ([True] * MOST_TRIES + [False], FAILED, "broken")

    def test_only_the_newest_are_kept(self, store: RehearsalStore) -> None:
        for at in range(KEPT + 3):
            request(store, f"r{at}", at)

        assert [name for name in (f"r{at}" for at in range(KEPT + 3)) if state(store, name) is None] == [
            "r0", "r1", "r2",
        ]  # fmt: skip

    def test_rehearsals_are_listed_with_the_newest_first(self, store: RehearsalStore) -> None:
        before = store.newest()
        for rule_hash, at in (("a", 1), ("c", 3), ("b", 2)):
            request(store, rule_hash, at=at)

        listed = store.newest()

        assert (before, [each.rule_hash for each in listed]) == ([], ["c", "b", "a"])
        assert listed[0] == store.find("c")
