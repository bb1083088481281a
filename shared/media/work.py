"""What the media worker is given: recipes, which say how a job is done, and the work on one job.

A recipe has its version in its name: a changed recipe is a new name, so that its jobs are asked for anew. Whoever adds
one writes a function from `Work` to the facts that it found out, and puts it into
`services/submission/media_recipes.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.media import limited_process
from shared.media.copies import PublicCopies
from shared.media.jobs import Job
from shared.media.limited_process import RunWatched


class WorkFailed(Exception):
    """A job cannot be done, by the fault of its file, now or later. `code` is stable, and told to the unit."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Work:
    """The work on one job: the job, the store of files, and the function that runs limited child processes.

    The work sets `progress`, in per cent, whenever it knows it; or it sets `watch` to a function that returns it, which
    is called every two seconds from another thread.
    """

    job: Job
    copies: PublicCopies
    run: RunWatched = limited_process.run
    progress: int = 0
    watch: Callable[[], int] | None = None
    others: dict[str, Any] = field(default_factory=dict)  # what else the shell passes to its recipes, by name


@dataclass(frozen=True, slots=True)
class Recipe:
    """How jobs of one kind are done.

    `kinds` are the kinds of files (picture, video, audio) that get such a job by themselves; without any it is asked
    for by somebody. `rank` orders waiting jobs, lower first. Of long work one job is done at a time. `proof` is the
    name of a rendition that every job leaves that is done, so that a worker sees where they were deleted.
    """

    name: str
    kinds: frozenset[str]
    rank: int
    is_long: bool
    do: Callable[[Work], Mapping[str, Any]]
    proof: str = ""
    lane: str = ""  # the lane that alone takes such jobs; those without are divided by `is_long`
