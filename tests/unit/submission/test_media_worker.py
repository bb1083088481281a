"""The media worker does the jobs of all files by their recipes, and tells how each ended."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.submission.events import File
from services.submission.media_worker import FAULT, LANES, STORE_FAILED, MediaWorker
from services.submission.uploads import Uploads
from shared.media.copies import PublicCopies
from shared.media.jobs import Standing
from shared.media.work import Recipe, Work, WorkFailed
from tests.memory_documents import MemoryDatabase

PICTURES, EVERYTHING, LINKS = LANES


def file(sha256: str, kind: str) -> File:
    return File(sha256, kind, "x", "x", 1, 1, 1, 0)


def finish_work(work: Work) -> Mapping[str, Any]:
    return {"of": work.job.subject}


def recipe(name: str, kind: str, do: Any = finish_work, *, is_long: bool = False) -> Recipe:
    return Recipe(name, frozenset({kind}), 2 if is_long else 0, is_long, do)


@pytest.fixture
def database() -> Any:
    return MemoryDatabase()


def worker(database: Any, tmp_path: Path, *recipes: Recipe) -> MediaWorker:
    for k, kind in enumerate(("picture", "video", "picture")):
        Uploads(database).save("U1", file(f"{k}", kind), at=10 + k)
    return MediaWorker("w1", database, PublicCopies(tmp_path), recipes)


def ended(found: MediaWorker, sha256: str = "0") -> Standing:
    (standing,) = found.jobs.standings([sha256])[sha256]
    return standing


def test_every_file_gets_the_jobs_of_its_kind_once(database: Any, tmp_path: Path):
    found = worker(database, tmp_path, recipe("widths", "picture"), recipe("film", "video", is_long=True))

    looked = found.plan(), found.plan()

    assert looked == (3, 0)
    assert {each.recipe for sha256 in "012" for each in found.jobs.standings("012")[sha256]} == {"widths", "film"}
    assert found.jobs.counts() == {"waiting": 3, "running": 0, "done": 0, "failed": 0}


def test_lane_of_pictures_takes_nothing_long(database: Any, tmp_path: Path):
    found = worker(database, tmp_path, recipe("widths", "picture"), recipe("film", "video", is_long=True))
    found.plan()

    by_pictures = [found.do_next(PICTURES) for _ in range(3)]
    by_everything = [found.do_next(EVERYTHING) for _ in range(2)]

    assert by_pictures == [True, True, False]
    assert by_everything == [True, False]
    assert ended(found) == Standing("0", "widths", "done", 100, "", {"of": "0"})


@pytest.mark.parametrize(
    ("problem", "state", "code"),
    [
        (WorkFailed("media-unreadable", "broken"), "failed", "media-unreadable"),
        (OSError(28, "no room"), "waiting", STORE_FAILED),
        (ZeroDivisionError(), "waiting", FAULT),
    ],
    ids=["the file's fault", "the store's", "ours"],
)
def test_failure_is_told_by_whose_fault_it_is(database: Any, tmp_path: Path, problem: Exception, state: str, code: str):
    def fail(_work: Work) -> Mapping[str, Any]:
        raise problem

    found = worker(database, tmp_path, recipe("widths", "picture", fail))
    found.plan()

    assert found.do_next(PICTURES)
    assert (ended(found).state, ended(found).code) == (state, code)


def test_job_that_runs_while_the_worker_ends_waits_again(database: Any, tmp_path: Path):
    found: MediaWorker

    def interrupted(work: Work) -> Mapping[str, Any]:
        found.leave_all()
        return finish_work(work)

    found = worker(database, tmp_path, recipe("widths", "picture", interrupted))
    found.plan()
    found.do_next(PICTURES)

    assert ended(found).state == "waiting"


def test_job_whose_results_were_deleted_is_done_again_by_the_next_worker(database: Any, tmp_path: Path):
    shas = [f"{k:064x}" for k in range(2)]
    for sha256 in shas:
        Uploads(database).save("U1", file(sha256, "picture"), at=10)

    def write(work: Work) -> Mapping[str, Any]:
        (tmp_path / "draft").write_bytes(b"small")
        work.copies.put_rendition(work.job.subject, "480.webp", tmp_path / "draft")
        return {}

    copies = PublicCopies(tmp_path)
    widths = Recipe("widths", frozenset({"picture"}), 0, is_long=False, do=write, proof="480.webp")
    first = MediaWorker("w1", database, copies, [widths])
    first.plan()
    worked = [first.do_next(PICTURES) for _ in range(3)]
    lost = copies.rendition(shas[0], "480.webp")
    assert lost is not None
    lost.unlink()

    second = MediaWorker("w2", database, copies, [widths])
    second.plan()

    assert worked == [True, True, False]
    assert [second.do_next(PICTURES) for _ in range(2)] == [True, False]
    assert copies.rendition(shas[0], "480.webp") is not None
