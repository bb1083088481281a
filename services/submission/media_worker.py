"""The media worker: does the jobs of `shared/media/jobs.py`, as a plain process outside eventlet.

One lane takes pictures only, and another takes pictures first and else what takes long: so on two cores a film never
holds up a picture, and one film is encoded at a time. A third fetches pages of links, and mostly waits. Every file
that a unit has uploaded gets the jobs of its kind: the service asks for them at once, and the worker looks from time to
time for files without, so that files of earlier versions get theirs, and one whose service died in between.

Promises: a killed worker's jobs are done by another, or by itself after its restart; work that fails by the fault of
its file is told with a code and not tried again; work that fails otherwise is tried again, a few times.
Does not promise that a job is done soon: the alert MediaJobsLate says when it is not.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo.database import Database

from services.submission.link_store import LinkPages
from services.submission.media_recipes import RECIPES
from services.submission.uploads import Uploads
from shared import metrics
from shared.errors import Unreachable
from shared.health import serve
from shared.logs import logger
from shared.media.copies import PublicCopies
from shared.media.jobs import LEASE_MS, Job, Jobs
from shared.media.open_storage import open_storage
from shared.media.work import Recipe, Work, WorkFailed
from shared.mongo_ledger import connect
from shared.settings import Settings

IDLE_S = 0.5  # between two looks at a table without work
RETRY_S = 1.0
PLAN_S = 15.0  # between two looks for files without jobs
OVERLAP_MS = 600_000  # a look goes back this far before the last one, for uploads that were stored meanwhile
TELL_S = 2.0  # between two notes of a job's progress
SILENT_S = 20.0  # after this time without the database the worker is not ready
NICENESS = 10  # whatever else this machine does comes first
STORE_FAILED = "media-missing"  # our storage did not give or take a file
FAULT = "media-worker-fault"  # the code of work that ended by an error of ours
log_ = logger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """A thread of the worker, and whether it takes long work too."""

    name: str
    takes_long: bool
    is_apart: bool = False  # whether it takes the jobs that name this lane, and no others

    def takes(self, recipe: Recipe) -> bool:
        """Return whether the lane does jobs of a recipe."""
        if self.is_apart or recipe.lane:
            return recipe.lane == self.name
        return self.takes_long or not recipe.is_long


#: Links wait for other people's servers, so they get a lane in which nothing else waits.
LANES = (
    Lane("pictures", takes_long=False),
    Lane("everything", takes_long=True),
    Lane("links", takes_long=False, is_apart=True),
)


class MediaWorker:
    """Does the jobs of one campaign's files, each by its recipe."""

    def __init__(
        self,
        name: str,
        database: Database[dict[str, Any]],
        copies: PublicCopies,
        recipes: Sequence[Recipe] = RECIPES,
        **others: Any,
    ) -> None:
        self._name, self._copies, self._others = name, copies, others
        self._uploads, self.jobs = Uploads(database), Jobs(database)
        self._recipes = {each.name: each for each in recipes}
        self._running: dict[str, Job] = {}
        self._planned_ms = 0
        self._reached_s = -SILENT_S

    @property
    def reaches_the_database(self) -> bool:
        """Whether the database answered within the last SILENT_S seconds."""
        return time.monotonic() - self._reached_s < SILENT_S

    def plan(self) -> int:
        """Ask for the jobs of every file that was uploaded since the last time. Return how many files were looked at.

        The first time all files are looked at, and jobs whose results were deleted, as by a restore without them, are
        done again; on a store beyond a network that look would take too long, and is left out.
        """
        now_ms = time.time_ns() // 1_000_000
        kinds = self._uploads.kinds(since=self._planned_ms)
        for recipe in self._recipes.values():
            wanted = [sha256 for sha256, kind in kinds.items() if kind in recipe.kinds]
            known = self.jobs.subjects_of(recipe.name, wanted)
            for sha256 in set(wanted) - known:
                self.jobs.request(sha256, recipe.name, rank=recipe.rank)
            if recipe.proof and not self._planned_ms and self._copies.is_local:
                self._repeat_lost(recipe, known)
        self._planned_ms = max(0, now_ms - OVERLAP_MS)
        self._reached_s = time.monotonic()
        return len(kinds)

    def _repeat_lost(self, recipe: Recipe, subjects: Iterable[str]) -> None:
        """Have jobs done again that are done and whose results are not there."""
        lost = [each for each in sorted(subjects) if self._copies.rendition(each, recipe.proof) is None]
        for sha256, standings in self.jobs.standings(lost).items():
            if any(each.recipe == recipe.name and each.state == "done" for each in standings):
                self.jobs.repeat(sha256, recipe.name)

    def measure(self) -> None:
        """Set the metrics of the table of jobs."""
        for state, count in self.jobs.counts().items():
            metrics.MEDIA_JOBS.labels(state).set(count)
        metrics.MEDIA_WAIT_S.set(self.jobs.oldest_wait_ms() / 1_000)

    def do_next(self, lane: Lane) -> bool:
        """Do the next job that waits for a lane, and return whether there was one. Raises Unreachable."""
        recipes = [each.name for each in self._recipes.values() if lane.takes(each)]
        job = self.jobs.claim(self._name, recipes)
        self._reached_s = time.monotonic()
        if job is None:
            return False
        self._running[lane.name] = job
        try:
            self._do(job)
        finally:
            self._running.pop(lane.name, None)
        return True

    def leave_all(self) -> None:
        """Let the jobs wait that are running, for the worker ends. What the database does not hear, the lease ends."""
        for job in list(self._running.values()):
            self.jobs.leave(job)

    def _do(self, job: Job) -> None:
        work = Work(job, self._copies, others=self._others)
        ended, began_s = threading.Event(), time.monotonic()
        telling = threading.Thread(target=self._tell, args=(work, ended), name="progress", daemon=True)
        telling.start()
        try:
            stands, outcome, detail = self._outcome(work)
        finally:
            ended.set()
            telling.join()
        told = {"sha256": job.subject, "recipe": job.recipe, "outcome": outcome}
        if not stands():
            log_.warning("another worker has taken this job over", **told)
            return
        metrics.MEDIA_ENDED_JOBS.labels(outcome).inc()
        log_.info("a job ended", **told, detail=detail, took_s=round(time.monotonic() - began_s, 2))

    def _outcome(self, work: Work) -> tuple[Callable[[], bool], str, str]:
        """Do the work. Return what notes its end, and then says whether the claim stood; the outcome; and why."""
        job, jobs = work.job, self.jobs
        try:
            facts = self._recipes[job.recipe].do(work)
        except WorkFailed as problem:
            return partial(jobs.fail, job, problem.code, problem.detail), problem.code, problem.detail
        except OSError as problem:
            return partial(jobs.put_back, job, STORE_FAILED, repr(problem)), STORE_FAILED, repr(problem)
        except Exception as problem:  # whatever it is, the other jobs must go on
            log_.error("a job failed by an error of the code", recipe=job.recipe, exc_info=problem)
            return partial(jobs.put_back, job, FAULT, repr(problem)), FAULT, repr(problem)
        return partial(jobs.finish, job, facts), "done", ""

    def _tell(self, work: Work, ended: threading.Event) -> None:
        """Prolong the claim while the work goes on, and note its progress."""
        noted, noted_s = 0, time.monotonic()
        while not ended.wait(TELL_S):
            progress = work.watch() if work.watch is not None else work.progress
            if progress == noted and time.monotonic() - noted_s < LEASE_MS / 3_000:
                continue
            try:
                self.jobs.renew(work.job, progress=min(99, max(0, progress)))
                noted, noted_s = progress, time.monotonic()
            except Unreachable as problem:
                log_.warning("the database is unreachable, the claim may end", problem=str(problem))


def run(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """Do jobs until `stop` returns true. Blocks the calling thread."""
    os.nice(NICENESS)
    database = connect(settings.mongo_uri)[settings.database]
    copies = PublicCopies(open_storage(settings))
    worker = MediaWorker(settings.process, database, copies, links=LinkPages(database))
    serve(settings, {"working": lambda: worker.reaches_the_database})
    _until_reached(worker.jobs.prepare, stop)
    threads = [threading.Thread(target=_work, args=(worker, lane, stop), name=lane.name, daemon=True) for lane in LANES]
    for each in threads:
        each.start()
    while not stop():
        _try(worker.plan)
        _try(worker.measure)
        _wait(PLAN_S, stop, threads)
    _try(worker.leave_all)


def _work(worker: MediaWorker, lane: Lane, stop: Callable[[], bool]) -> None:
    while not stop():
        if not _try(lambda: worker.do_next(lane)):
            _wait(IDLE_S, stop)


def _until_reached(prepare: Callable[[], None], stop: Callable[[], bool]) -> None:
    while not stop():
        try:
            return prepare()
        except Unreachable as problem:
            log_.warning("the database is unreachable, trying again", problem=str(problem))
            _wait(RETRY_S, stop)


def _try(work: Callable[[], object]) -> bool:
    """Do a part of the work, and return whether it was done and did something; the database may be away."""
    try:
        return bool(work())
    except Unreachable as problem:
        log_.warning("the database is unreachable, trying again", problem=str(problem))
        return False


def _wait(seconds: float, stop: Callable[[], bool], threads: Iterable[threading.Thread] = ()) -> None:
    until_s = time.monotonic() + seconds
    while not stop() and time.monotonic() < until_s and all(each.is_alive() for each in threads):
        time.sleep(0.1)
