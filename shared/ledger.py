"""Ledger interface: append-only logs of numbered commits, with one write-once insert.

The lemma: a writer inserts commit n + 1 only after it has read commit n, majority-committed, and the insert itself
claims the number. So the numbers of a log are dense, number order is commit order, and a reader needs no waiting rule:
a reader that sees n + 1 may rely on n, and a missing number means "not stored yet", never "skipped".

What follows for writers (`shared.writer` is the only one):

- A duplicate number means that another writer has appended: read the missing commits, fold them, decide again.
- After an unknown outcome, send the identical document (same `_id`, uuid and bytes) until it is stored, or until the
  duplicate shows whose commit has the number. Form no other commit meanwhile.
- Answer a batch that writes nothing only after a point read has found head + 1 absent, because a writer that was
  paused on an old state must not answer from it.

Promises: an insert that returned is on the disk of a majority; reads see majority-committed documents of the primary.
Does not promise that `read` returns everything. It returns a contiguous prefix of what follows, perhaps empty.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.commit import Commit, Document
from shared.errors import LedgerError

# The most commits that one read returns. A full commit has 65 KB: pages of 1000 are read at half the speed.
PAGE = 64


class Ledger(Protocol):
    """Store of commits by log and number: it can insert and read commits, never change or delete them.

    The product uses MongoDB (`shared.mongo_ledger`), tests use memory (`shared.testing.memory_ledger`).
    """

    def insert(self, document: Document) -> None:
        """Store a commit's document, and so claim its number in its log.

        Raises NumberTaken, or OutcomeUnknown where it may be stored or not.
        """

    def insert_all(self, documents: Sequence[Document]) -> list[LedgerError | None]:
        """Store the next commit of each of several logs with one request.

        Returns a list with one item for each document: None where it is stored, otherwise the error that `insert` would
        raise. A document that fails does not undo another.
        """

    def get(self, log: str, n: int) -> Commit | None:
        """Return commit `n` of a log, or None where it is not stored yet. Raises Unreachable."""

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        """Return the commits after + 1, after + 2 … up to the first missing number, at most `limit`. Raises
        Unreachable.

        `commands=False` leaves out the list of answered commands, which is a third of a full commit and which folds do
        not need. Such a commit has neither `commands` nor `hash`.
        """

    def head(self, log: str) -> int:
        """Return the number of the last commit of a log, 0 for an empty log. Raises Unreachable."""

    def logs_with_new_commits(self, positions: Mapping[str, int]) -> set[str]:
        """Return which of these logs hold a commit after the given position, with one query. Raises Unreachable."""

    def read_many(self, positions: Mapping[str, int], *, each: int) -> dict[str, list[Commit]]:
        """Return the commits that follow the given position in each of these logs, with one query.

        At most `each` commits of a log are returned; logs without a new commit are left out. Raises Unreachable.
        """


@dataclass(slots=True)
class ReadProgress:
    """How far a log has been read, page by page, and whether the reader has reached its end.

    With `upto`, the reader ends when it has read that commit. Without `upto`, it ends at the first page that is not
    full: the log ended there, and a reader that went on might never end where writers are quicker.
    """

    after: int
    upto: int | None = None
    page: int = PAGE
    ended: bool = False

    def __post_init__(self) -> None:
        self._end_at_bound()

    @property
    def limit(self) -> int:
        """The size of the next page, such that no commit beyond `upto` is read."""
        return self.page if self.upto is None else min(self.page, self.upto - self.after)

    def advance(self, commits: Sequence[Commit]) -> None:
        """Record that these commits were read, the page after position `after`: move `after` to the last of them."""
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
    """Yield the commits after `after` in a log, in pages of at most `page` commits. No page is empty.

    Ends at commit `upto`, or earlier where the ledger does not hold it yet; without `upto`, at the current end of the
    log. Each page is read when the caller reaches it. `commands` is as in `Ledger.read`. Raises Unreachable.
    """
    progress = ReadProgress(after, upto, page)
    while not progress.ended:
        commits = ledger.read(log, progress.after, limit=progress.limit, commands=commands)
        if not commits:
            return
        yield commits
        progress.advance(commits)


def read_commits(
    ledger: Ledger, log: str, after: int = 0, *, upto: int | None = None, commands: bool = True, page: int = PAGE
) -> Iterator[Commit]:
    """Yield the commits after `after` in a log, each by itself. The arguments are as in `read_pages`. Raises
    Unreachable.
    """
    for commits in read_pages(ledger, log, after, upto=upto, commands=commands, page=page):
        yield from commits


def contiguous(commits: Iterable[Commit], after: int) -> list[Commit]:
    """Return the commits that follow `after` without a gap: all up to the first missing number."""
    prefix: list[Commit] = []
    for expected, commit in enumerate(commits, start=after + 1):
        if commit.n != expected:
            break
        prefix.append(commit)
    return prefix


def insert_one_by_one(insert: Callable[[Document], None], documents: Sequence[Document]) -> list[LedgerError | None]:
    """Implement `Ledger.insert_all` for a ledger that can insert only one document at a time."""
    return [_problem(insert, document) for document in documents]


def _problem(insert: Callable[[Document], None], document: Document) -> LedgerError | None:
    try:
        insert(document)
    except LedgerError as problem:
        return problem
    return None
