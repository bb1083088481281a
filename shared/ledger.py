"""The ledger: where logs are kept. Its one primitive is a write-once insert at the next number.

The lemma. A writer inserts n + 1 only after it has read n, majority-committed, and the insert itself claims the
number. So numbers are dense, number order is commit order, and a reader needs no waiting rule: whoever sees n + 1 may
rely on n, and a hole means "not yet", never "skipped".

What follows for writers (`shared.writer` is the only one):
- a duplicate means another writer was here: read what was missed, fold, decide again;
- an unknown outcome is answered by sending the identical document (same `_id`, uuid and bytes) until it is stored or
  the duplicate shows whose it is; no other commit is formed meanwhile;
- a batch that writes nothing is answered only after a point read finds head + 1 absent, since a writer that slept on an
  old state must not answer from it.

Promises: an insert that returned is on the disk of a majority; reads see majority-committed documents of the primary.
Does not promise: that `read` returns everything. It returns a contiguous prefix of what follows, perhaps empty.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.commit import Commit, Document
from shared.errors import LedgerError

# Commits that one read brings, at most. Full ones have 65 KB each: pages of 1000 are read at half the speed.
PAGE = 64


class Ledger(Protocol):
    """Kept by MongoDB in production (`shared.mongo_ledger`) and by memory in the simulation (`shared.testing`)."""

    def insert(self, document: Document) -> None:
        """Claim the number. Raises Taken, OutcomeUnknown (stored 0 or 1 times)."""

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        """Claim a number in each of several logs with one question; what `insert` would raise, or None, for each.

        Each claim stands alone: one that fails takes no other with it.
        """

    def get(self, log: str, n: int) -> Commit | None:
        """The commit, or None where it is not there yet. Raises Unreachable."""

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        """Commits after + 1, after + 2 … without a hole, at most `limit`. Raises Unreachable.

        `commands=False`: for folds, without the commands that are answered, a third of a full commit. Such a commit
        has neither `commands` nor `hash`.
        """

    def head(self, log: str) -> int:
        """The greatest number stored, 0 for an empty log. Raises Unreachable."""

    def grown(self, positions: Mapping[str, int]) -> set[str]:
        """The logs among `positions` that hold the next number: one query for all. Raises Unreachable."""

    def following(self, positions: Mapping[str, int], *, each: int) -> dict[str, list[Commit]]:
        """What `read` gives for each of these logs, `each` commits at most and empty ones left out: one query for all.

        Raises Unreachable.
        """


@dataclass(slots=True)
class ReadProgress:
    """How far a log is read, page by page, and whether there is anything left to read.

    With `upto` the reader is at its end when it has that commit. Without it, the first page that is not full is the
    last: there the log ended, and to ask on would never end where writers are quicker than the reader.
    """

    after: int
    upto: int | None = None
    page: int = PAGE
    ended: bool = False

    def __post_init__(self) -> None:
        self._end_at_bound()

    @property
    def limit(self) -> int:
        """How many commits to ask for next, so that none beyond `upto` comes."""
        return self.page if self.upto is None else min(self.page, self.upto - self.after)

    def took(self, commits: Sequence[Commit]) -> None:
        """Go on behind these, which were read after `after`."""
        if self.upto is None:
            self.ended = len(commits) < self.limit
        self.after += len(commits)
        self._end_at_bound()

    def _end_at_bound(self) -> None:
        if self.upto is not None and self.after >= self.upto:
            self.ended = True


def read_pages(
    ledger: Ledger, log: str, after: int = 0, *, upto: int | None = None, commands: bool = True, page: int = PAGE
) -> Iterator[list[Commit]]:
    """Yield what follows `after` in a log, a page of at most `page` commits at a time and none of them empty.

    Ends at `upto`, or earlier where the ledger does not hold that much yet; without `upto`, at the end that the log
    has now. A page is read when it is asked for. Raises Unreachable. `commands` as in `Ledger.read`.
    """
    progress = ReadProgress(after, upto, page)
    while not progress.ended:
        commits = ledger.read(log, progress.after, limit=progress.limit, commands=commands)
        if not commits:
            return
        yield commits
        progress.took(commits)


def read_commits(
    ledger: Ledger, log: str, after: int = 0, *, upto: int | None = None, commands: bool = True, page: int = PAGE
) -> Iterator[Commit]:
    """Yield the commits of `read_pages` one by one."""
    for commits in read_pages(ledger, log, after, upto=upto, commands=commands, page=page):
        yield from commits


def contiguous(commits: Iterable[Commit], after: int) -> list[Commit]:
    """The prefix of `commits` that follows `after` without a hole."""
    prefix: list[Commit] = []
    for expected, commit in enumerate(commits, start=after + 1):
        if commit.n != expected:
            break
        prefix.append(commit)
    return prefix


def one_by_one(insert: Callable[[Document], None], documents: Sequence[Document]) -> list[LedgerError | None]:
    """`insert_all` for a ledger that has but `insert`."""
    return [_problem(insert, document) for document in documents]


def _problem(insert: Callable[[Document], None], document: Document) -> LedgerError | None:
    try:
        insert(document)
    except LedgerError as problem:
        return problem
    return None
