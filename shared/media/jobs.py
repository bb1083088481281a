"""Table of the work on media files that takes long: pictures in several widths, renditions of films, links.

A job is one file (or link) and one recipe, and there is never a second one of both. The process `media-worker` does
them (`services/submission/media_worker.py`); services say which are wanted, and tell people how far they are.

Promises: a job is claimed by one worker at a time, by a lease that ends by itself, so that the work of a worker that
was killed is repeated by another; a worker that lost its lease changes nothing any more; a job is begun at most
MOST_TRIES times, so that a file that kills its worker does not do so forever; waiting jobs are claimed by their rank,
and within a rank in the order in which they were asked for.
Does not promise that a job is done once: work must give the same files when it is repeated.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from pymongo import ASCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.errors import Unreachable

COLLECTION = "media_jobs"
LEASE_MS = 30_000
MOST_TRIES = 3
AGAIN_MS = (5_000, 60_000)  # after the first failure that is not the file's fault, and after the next ones
GAVE_UP = "media-gave-up"  # the code of a job that was begun MOST_TRIES times and never ended
State = Literal["waiting", "running", "done", "failed"]
STATES: tuple[State, ...] = ("waiting", "running", "done", "failed")


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker has claimed. `lease` proves the claim."""

    subject: str  # the SHA-256 of a file, or what else the recipe works on
    recipe: str
    tries: int
    lease: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a job is: its state, per cent of a running job, why it failed, and what it found out."""

    subject: str
    recipe: str
    state: State
    progress: int = 0
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Jobs:
    """The jobs of one campaign, in its database. Each method raises Unreachable if the database does not answer.

    Times are wall times in ms.
    """

    def __init__(
        self, database: Database[dict[str, Any]], *, now: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    ) -> None:
        self._now = now
        self._jobs = database.get_collection(
            COLLECTION, write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
        )

    def prepare(self) -> None:
        """Make the index by which jobs are claimed, if there is none."""
        with _reached():
            self._jobs.create_index([("due", ASCENDING)])

    def request(self, subject: str, recipe: str, *, rank: int, data: Mapping[str, Any] | None = None) -> None:
        """Want a job done. One that was asked for before stays as it is. Lower ranks are done first."""
        now = self._now()
        new = {"subject": subject, "recipe": recipe, "rank": rank, "data": dict(data or {}), "asked": now, "due": now}
        new |= {"state": "waiting", "tries": 0, "progress": 0, "code": ""}
        with _reached():
            self._jobs.update_one({"_id": _key(subject, recipe)}, {"$setOnInsert": new}, upsert=True)

    def repeat(self, subject: str, recipe: str) -> bool:
        """Want a job done again that was done, or that failed. Return whether there is such a job."""
        wanted = {"_id": _key(subject, recipe), "state": {"$in": ["done", "failed"]}}
        change = {"state": "waiting", "due": self._now(), "tries": 0, "progress": 0, "code": ""}
        with _reached():
            return bool(self._jobs.update_one(wanted, {"$set": change}).matched_count)

    def claim(self, worker: str, recipes: Iterable[str], *, lease_ms: int = LEASE_MS) -> Job | None:
        """Claim the next job of these recipes that waits, or whose worker's lease has ended; None if there is none."""
        names = list(recipes)
        while True:
            now, lease = self._now(), secrets.token_hex(8)
            held = {"state": "running", "worker": worker, "lease": lease, "due": now + lease_ms, "progress": 0}
            with _reached():
                found: dict[str, Any] | None = self._jobs.find_one_and_update(
                    {"due": {"$lte": now}, "recipe": {"$in": names}},
                    {"$set": held, "$inc": {"tries": 1}},
                    sort=[("rank", ASCENDING), ("asked", ASCENDING), ("_id", ASCENDING)],
                    return_document=ReturnDocument.AFTER,
                )
            if found is None:
                return None
            job = Job(found["subject"], found["recipe"], found["tries"], lease, found["data"])
            if job.tries <= MOST_TRIES:
                return job
            self.fail(job, GAVE_UP)

    def renew(self, job: Job, *, progress: int, lease_ms: int = LEASE_MS) -> bool:
        """Prolong a claim and tell the progress in per cent. Return whether the claim still stands."""
        return self._change(job, {"due": self._now() + lease_ms, "progress": progress})

    def finish(self, job: Job, facts: Mapping[str, Any]) -> bool:
        """Note that a job is done, with what it found out. Return whether the claim still stood."""
        ended = {"state": "done", "progress": 100, "code": "", "facts": dict(facts), "ended": self._now()}
        return self._change(job, ended, ends=True)

    def fail(self, job: Job, code: str, detail: str = "") -> bool:
        """Note that a job failed for good, with a stable code. Return whether the claim still stood."""
        return self._change(
            job, {"state": "failed", "code": code, "detail": detail[:500], "ended": self._now()}, ends=True
        )

    def put_back(self, job: Job, code: str, detail: str = "") -> bool:
        """Let a job wait that failed and not by the fault of its file. After MOST_TRIES it failed for good."""
        if job.tries >= MOST_TRIES:
            return self.fail(job, code, detail)
        due = self._now() + AGAIN_MS[min(job.tries, len(AGAIN_MS)) - 1]
        return self._change(job, {"state": "waiting", "due": due, "code": code, "detail": detail[:500], "progress": 0})

    def leave(self, job: Job) -> bool:
        """Let a job wait that its worker did not finish because it was told to end. It does not count as a try."""
        return self._change(job, {"state": "waiting", "due": self._now(), "progress": 0, "tries": job.tries - 1})

    def standings(self, subjects: Iterable[str]) -> dict[str, list[Standing]]:
        """Return how far the jobs of these files are, by file; a file without a job has no key."""
        wanted = list(subjects)
        found: dict[str, list[Standing]] = {}
        if wanted:
            with _reached():
                documents = list(self._jobs.find({"subject": {"$in": wanted}}))
            for each in documents:
                found.setdefault(each["subject"], []).append(_standing(each))
        return {subject: sorted(each, key=lambda one: one.recipe) for subject, each in found.items()}

    def subjects_of(self, recipe: str, subjects: Iterable[str]) -> set[str]:
        """Return which of these files have a job of this recipe."""
        keys = [_key(each, recipe) for each in subjects]
        with _reached():
            return {each["subject"] for each in self._jobs.find({"_id": {"$in": keys}})} if keys else set()

    def forget(self, subject: str) -> None:
        """Delete the jobs of a file that was deleted."""
        with _reached():
            self._jobs.delete_many({"subject": subject})

    def counts(self) -> dict[State, int]:
        """Return how many jobs are in each state."""
        with _reached():
            return {state: self._jobs.count_documents({"state": state}) for state in STATES}

    def oldest_wait_ms(self) -> int:
        """Return for how long the job has waited that waits longest, from when it was due; 0 if none waits."""
        with _reached():
            found = self._jobs.find_one({"state": "waiting"}, sort=[("due", ASCENDING)])
        return 0 if found is None else max(0, self._now() - int(found["due"]))

    def _change(self, job: Job, change: Mapping[str, Any], *, ends: bool = False) -> bool:
        wanted = {"_id": _key(job.subject, job.recipe), "lease": job.lease, "state": "running"}
        update: dict[str, Any] = {"$set": dict(change)}
        if ends:
            update["$unset"] = {"due": ""}
        with _reached():
            return bool(self._jobs.update_one(wanted, update).matched_count)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except PyMongoError as problem:
        raise Unreachable(str(problem)) from problem


def _standing(document: Mapping[str, Any]) -> Standing:
    return Standing(
        document["subject"],
        document["recipe"],
        document["state"],
        document["progress"],
        document["code"],
        document.get("facts", {}),
    )


def _key(subject: str, recipe: str) -> str:
    return f"{recipe}/{subject}"
