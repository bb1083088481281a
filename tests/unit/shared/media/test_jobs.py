"""Jobs are done once at a time, are claimed by rank, and outlive a worker that was killed."""

from typing import Any

import pytest

from shared.media.jobs import AGAIN_MS, GAVE_UP, LEASE_MS, MOST_TRIES, Job, Jobs, Standing
from tests.memory_documents import MemoryDatabase


class Clock:
    now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(clock: Clock) -> Jobs:
    database: Any = MemoryDatabase()
    return Jobs(database, now=clock)


def claimed(jobs: Jobs, *recipes: str) -> Job:
    job = jobs.claim("w1", recipes or ("widths", "film"))
    assert job is not None
    return job


def standing(jobs: Jobs, subject: str = "a") -> Standing:
    (found,) = jobs.standings([subject])[subject]
    return found


def test_job_is_claimed_once_and_told_with_its_state(jobs: Jobs):
    jobs.request("a", "widths", rank=0)
    jobs.request("a", "widths", rank=0)
    before = standing(jobs)

    job = claimed(jobs)

    assert before == Standing("a", "widths", "waiting")
    assert (job.subject, job.recipe, job.tries) == ("a", "widths", 1)
    assert jobs.claim("w2", ["widths"]) is None
    assert standing(jobs) == Standing("a", "widths", "running")


def test_jobs_are_claimed_by_rank_and_then_in_order(jobs: Jobs, clock: Clock):
    for subject, recipe, rank in (("a", "film", 2), ("b", "widths", 0), ("c", "widths", 0), ("d", "film", 2)):
        jobs.request(subject, recipe, rank=rank)
        clock.now_ms += 1

    order = [claimed(jobs).subject for _ in range(4)]

    assert order == ["b", "c", "a", "d"]


def test_worker_claims_only_its_recipes(jobs: Jobs):
    jobs.request("a", "film", rank=2)

    assert jobs.claim("w1", ["widths"]) is None
    assert claimed(jobs, "film").subject == "a"


def test_facts_of_a_job_that_is_done_are_told(jobs: Jobs):
    jobs.request("a", "film", rank=2, data={"to": "mp4"})
    job = claimed(jobs)

    assert job.data == {"to": "mp4"}
    assert jobs.finish(job, {"seconds": 3})
    assert standing(jobs) == Standing("a", "film", "done", 100, "", {"seconds": 3})
    assert jobs.claim("w2", ["film"]) is None


def test_progress_is_told_and_prolongs_the_claim(jobs: Jobs, clock: Clock):
    jobs.request("a", "film", rank=2)
    job = claimed(jobs)
    clock.now_ms += LEASE_MS - 1

    assert jobs.renew(job, progress=40)
    clock.now_ms += LEASE_MS - 1

    assert jobs.claim("w2", ["film"]) is None
    assert standing(jobs) == Standing("a", "film", "running", 40)


def test_job_of_a_killed_worker_is_repeated_by_another_and_the_first_changes_nothing(jobs: Jobs, clock: Clock):
    jobs.request("a", "film", rank=2)
    first = claimed(jobs)
    clock.now_ms += LEASE_MS

    second = jobs.claim("w2", ["film"])

    assert second is not None
    assert second.tries == 2
    assert not jobs.renew(first, progress=90)
    assert not jobs.finish(first, {"by": "first"})
    assert not jobs.fail(first, "media-unreadable")
    assert jobs.finish(second, {"by": "second"})
    assert standing(jobs).facts == {"by": "second"}


def test_job_that_kills_its_workers_is_given_up(jobs: Jobs, clock: Clock):
    jobs.request("a", "film", rank=2)
    for _ in range(MOST_TRIES):
        claimed(jobs)
        clock.now_ms += LEASE_MS

    assert jobs.claim("w1", ["film"]) is None
    assert standing(jobs) == Standing("a", "film", "failed", 0, GAVE_UP)


def test_job_that_failed_by_its_file_is_not_tried_again(jobs: Jobs):
    jobs.request("a", "film", rank=2)

    jobs.fail(claimed(jobs), "media-unreadable", "no frame")
    jobs.request("a", "film", rank=2)

    assert jobs.claim("w1", ["film"]) is None
    assert standing(jobs) == Standing("a", "film", "failed", 0, "media-unreadable")


def test_job_that_failed_by_us_is_tried_again_later_and_then_failed(jobs: Jobs, clock: Clock):
    jobs.request("a", "film", rank=2)
    states = []
    for k in range(MOST_TRIES):
        jobs.put_back(claimed(jobs), "media-missing")
        states.append((standing(jobs).state, jobs.claim("w1", ["film"])))
        clock.now_ms += AGAIN_MS[min(k, len(AGAIN_MS) - 1)]

    assert states == [("waiting", None), ("waiting", None), ("failed", None)]
    assert standing(jobs).code == "media-missing"


def test_job_that_was_left_does_not_count_as_a_try(jobs: Jobs):
    jobs.request("a", "film", rank=2)
    for _ in range(MOST_TRIES + 1):
        assert jobs.leave(claimed(jobs))

    assert claimed(jobs).tries == 1


def test_job_that_ended_can_be_repeated(jobs: Jobs):
    jobs.request("a", "film", rank=2)
    early = jobs.repeat("a", "film")
    jobs.fail(claimed(jobs), "media-missing")

    assert not early
    assert jobs.repeat("a", "film")
    assert claimed(jobs).tries == 1


def test_counts_and_the_longest_wait_are_measured(jobs: Jobs, clock: Clock):
    for subject in "abcd":
        jobs.request(subject, "film", rank=2)
    jobs.finish(claimed(jobs), {})
    jobs.fail(claimed(jobs), "media-unreadable")
    claimed(jobs)
    clock.now_ms += 5_000

    assert jobs.counts() == {"waiting": 1, "running": 1, "done": 1, "failed": 1}
    assert jobs.oldest_wait_ms() == 5_000


def test_jobs_of_a_deleted_file_are_forgotten(jobs: Jobs):
    jobs.request("a", "film", rank=2)
    jobs.request("b", "film", rank=2)

    jobs.forget("a")

    assert list(jobs.standings(["a", "b"])) == ["b"]
    assert jobs.subjects_of("film", ["a", "b"]) == {"b"}
