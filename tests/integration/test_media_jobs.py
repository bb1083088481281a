"""The table of media jobs on the real database: a job is claimed once, however many workers ask at the same time."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.media.jobs import Jobs
from tests.integration.temporary_campaign import Place

pytestmark = pytest.mark.slow


def test_job_is_claimed_by_one_of_many_workers(place: Place):
    jobs = Jobs(place.database)
    jobs.prepare()
    jobs.prepare()
    for k in range(40):
        jobs.request(f"{k:02}", "widths", rank=k % 2)

    def work(name: str) -> list[str]:
        finished = []
        while (job := jobs.claim(name, ["widths"])) is not None:
            assert jobs.renew(job, progress=50)
            assert jobs.finish(job, {"by": name})
            finished.append(job.subject)
        return finished

    with ThreadPoolExecutor(8) as pool:
        claimed = [each for finished in pool.map(work, "abcdefgh") for each in finished]

    assert Counter(claimed) == Counter(f"{k:02}" for k in range(40))
    assert jobs.counts() == {"waiting": 0, "running": 0, "done": 40, "failed": 0}
    assert jobs.oldest_wait_ms() == 0


def test_lease_of_a_killed_worker_ends_and_rank_goes_before_age(place: Place):
    jobs, late = Jobs(place.database), Jobs(place.database, now=lambda: 1 << 42)
    jobs.request("film", "film", rank=2)
    jobs.request("picture", "widths", rank=0)

    first = jobs.claim("w1", ["widths", "film"])
    second = late.claim("w2", ["widths", "film"])

    assert first is not None
    assert second is not None
    assert [(each.subject, each.tries) for each in (first, second)] == [("picture", 1), ("picture", 2)]
    assert not jobs.finish(first, {})
    assert late.finish(second, {"width": 480})
    (standing,) = jobs.standings(["picture"])["picture"]
    assert (standing.state, standing.facts) == ("done", {"width": 480})
