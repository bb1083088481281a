"""Reading a log from a position on: each commit once, in order, to a bound or to the end, and in few reads."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commit import Commit
from shared.errors import Unreachable
from shared.ledger import PAGE, ReadProgress, read_commits, read_pages
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.shared.writers import add, handle, till_writer

COMMITS = 13


class CountedLedger(MemoryLedger):
    """Remembers what it was asked for: where from, how much, and whether with the commands."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, int, bool]] = []

    def read(self, log: str, after: int, *, limit: int = PAGE, commands: bool = True) -> list[Commit]:
        self.asked.append((after, limit, commands))
        return super().read(log, after, limit=limit, commands=commands)


@pytest.fixture(scope="module")
def ledger() -> CountedLedger:
    ledger, writer = CountedLedger(), till_writer()
    for k in range(COMMITS):
        handle(writer, ledger, add(f"{k}", -1))
    return ledger


def numbers(commits: Sequence[Commit]) -> list[int]:
    return [commit.n for commit in commits]


positions = st.integers(0, COMMITS + 3)
bounds = st.none() | st.integers(0, COMMITS + 3)
page_sizes = st.integers(1, COMMITS + 3)


@given(after=positions, upto=bounds, page=page_sizes)
def test_each_commit_comes_once_in_order_up_to_the_bound(
    ledger: CountedLedger, after: int, upto: int | None, page: int
) -> None:
    end = COMMITS if upto is None else min(upto, COMMITS)

    found = list(read_commits(ledger, "till", after, upto=upto, page=page))

    assert list(range(after + 1, end + 1)) == numbers(found)


@given(after=positions, upto=bounds, page=page_sizes)
def test_pages_are_the_same_commits_and_none_is_empty_or_too_long(
    ledger: CountedLedger, after: int, upto: int | None, page: int
) -> None:
    pages = list(read_pages(ledger, "till", after, upto=upto, page=page))

    assert numbers(list(read_commits(ledger, "till", after, upto=upto, page=page))) == [
        n for each in pages for n in numbers(each)
    ]
    assert [each for each in pages if not 1 <= len(each) <= page] == []


@given(after=positions, upto=bounds, page=page_sizes)
def test_nothing_beyond_the_bound_is_asked_for_and_no_more_reads_than_pages_and_one(
    ledger: CountedLedger, after: int, upto: int | None, page: int
) -> None:
    ledger.asked.clear()

    pages = list(read_pages(ledger, "till", after, upto=upto, page=page, commands=False))

    assert [asked for asked in ledger.asked if upto is not None and asked[0] + asked[1] > upto] == []
    assert {commands for _, _, commands in ledger.asked} <= {False}
    assert len(pages) <= len(ledger.asked) <= len(pages) + 1


@given(after=positions, page=page_sizes)
def test_page_that_is_not_full_is_the_last_that_is_read(ledger: CountedLedger, after: int, page: int) -> None:
    ledger.asked.clear()

    pages = list(read_pages(ledger, "till", after, page=page))

    short = bool(pages) and len(pages[-1]) < page
    assert len(ledger.asked) == (len(pages) if short else len(pages) + 1)


def test_page_is_read_when_it_is_asked_for(ledger: CountedLedger) -> None:
    ledger.asked.clear()
    pages = read_pages(ledger, "till", page=5)

    first = next(pages)

    assert (numbers(first), ledger.asked) == ([1, 2, 3, 4, 5], [(0, 5, True)])


def test_ledger_that_is_away_is_said_and_what_came_before_it_stays(ledger: CountedLedger) -> None:
    pages = read_pages(ledger, "till", page=5)
    first = next(pages)
    ledger.fail_reads(times=1)

    with pytest.raises(Unreachable):
        next(pages)

    assert numbers(first) == [1, 2, 3, 4, 5]


@given(after=positions, upto=positions, sizes=st.lists(st.integers(0, 4), max_size=30))
def test_reader_that_waits_ends_only_at_its_bound(
    ledger: CountedLedger, after: int, upto: int, sizes: list[int]
) -> None:
    """A writer that must see a position asks on behind an empty page, and may be given more than it asked for."""
    progress, have = ReadProgress(after, upto), after
    for size in sizes:
        if progress.ended:
            break
        progress.advance(ledger.read("till", progress.after, limit=size) if size else [])
        have = max(have, min(have + size, COMMITS))

    assert (progress.after, progress.ended) == (have, have >= upto)
