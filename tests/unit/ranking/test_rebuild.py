"""The table read from a ledger: at its heads, as of an instant, and rebuilt from commit 1."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, repeat
from typing import Any, cast

import pytest

from services.ranking import events as own
from services.ranking.queries import current, heads, logs_of
from services.ranking.read_model.as_of import newest_cut
from services.ranking.read_model.daily_totals import DailyTotals
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.table import Table
from services.ranking.rebuild import compare, first_difference
from shared.commit import Commit
from shared.errors import FollowerStopped, Overdue, Unreachable
from shared.projection import ProjectionStore, Projector, advance
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.ranking.memory_database import MemoryDatabase
from tests.unit.ranking.stories import (
    PARTITIONS,
    SEED,
    START,
    Story,
    commits_of,
    liked,
    projected,
    retracted,
    until_exhibited,
    until_judged,
)


def ledger_of(story: Story) -> MemoryLedger:
    ledger = MemoryLedger()
    for commits in commits_of(story).values():
        for commit in commits:
            ledger.insert(commit.document)
    return ledger


def store() -> ProjectionStore:
    return ProjectionStore(cast(Any, MemoryDatabase()))


def live(story: Story) -> Projector[Table]:
    return projected(story)


# At the heads


def test_the_table_at_the_heads_needs_no_stored_one() -> None:
    story = until_exhibited()

    assert live(story).canonical() == current(ledger_of(story), store()).canonical()


def test_the_table_at_the_heads_is_the_stored_one_and_what_came_since() -> None:
    story, kept = until_exhibited(), store()
    half = Projector(RankingProjection())
    advance(half, ledger_of(story), {"moderation": 3, "vote.0": 2, "vote.cases": 3})
    assert kept.keep(half)

    found = current(ledger_of(story), kept)

    assert live(story).canonical() == found.canonical()
    assert live(story).cut == found.cut


def test_a_table_that_is_not_read_in_time_is_overdue() -> None:
    with pytest.raises(Overdue):
        current(ledger_of(until_judged()), store(), overdue=lambda: True)


def test_a_cut_beyond_the_ledger_is_not_taken_for_its_end() -> None:
    with pytest.raises(Unreachable, match=r"vote\.0 ends at 4"):
        advance(Projector(RankingProjection()), ledger_of(until_judged()), {"vote.0": 5})


def test_heads_are_those_of_all_logs() -> None:
    story = until_judged()

    assert {log: len(commits) for log, commits in story.items()} == heads(
        ledger_of(story), logs_of(PARTITIONS), known={"vote.0": 1}
    ).to_data()


# As of an instant


def test_the_cut_of_an_instant_is_the_newest_at_or_before_it() -> None:
    cuts = [own.CutTaken(START + 10 * k, {"vote.0": k}) for k in range(1, 5)]
    ledger = ledger_of({"ranking": [[cuts[0], cuts[1]], [cuts[2]], [own.CohortFixed({}, (), START)], [cuts[3]]]})

    assert [None, cuts[1], cuts[1], cuts[2], cuts[3]] == [
        newest_cut(ledger, at=START + ms) for ms in (9, 20, 29, 39, 400)
    ]


def test_daily_totals_hold_no_later_like_and_no_later_unlike() -> None:
    story: Story = {
        "vote.0": [[liked("a"), liked("b")], [retracted("vote.0/1/0", "a")], [liked("b")]],
        "ranking": [[own.CutTaken(START + 5, {"vote.0": 1})], [own.CutTaken(START + 9, {"vote.0": 3})]],
    }
    totals, kept = DailyTotals(ledger_of(story), store()), store()

    first, second = totals.at(START + 8), totals.at(START + 9)

    assert first is not None
    assert second is not None
    assert first.likes == {"a": 1, "b": 1}
    assert second.likes == {"a": 0, "b": 2}
    assert DailyTotals(ledger_of(story), kept).at(START) is None
    assert totals.at(None) is None


def test_daily_totals_go_on_from_what_was_kept_and_not_beyond_their_cut() -> None:
    story: Story = {
        "vote.0": [[liked("a")], [liked("a")]],
        "ranking": [[own.CutTaken(START + 5, {"vote.0": 1})], [own.CutTaken(START + 9, {"vote.0": 2})]],
    }
    kept = store()
    DailyTotals(ledger_of(story), kept).at(START + 9)

    before, same = (DailyTotals(ledger_of(story), kept).at(START + ms) for ms in (5, 9))

    assert before is not None
    assert same is not None
    assert before.likes == {"a": 1}
    assert same.likes == {"a": 2}


# Once more from commit 1


def broken_stream(story: Story) -> Iterator[Commit | None]:
    """Yield log after log, each commit twice, every third not at all, and then nothing more."""
    yield None
    for commits in commits_of(story).values():
        for k, commit in enumerate(commits):
            if k % 3 != 1:
                yield commit
                yield commit
    while True:
        yield None


def test_a_rebuild_from_the_ledger_is_equal() -> None:
    story = until_exhibited()

    found = compare(live(story), ledger_of(story), None, seed=SEED)

    assert found.equal
    assert found.difference is None
    assert found.live_digest == found.digest != ""
    assert sum(map(len, story.values())) == found.commits
    assert found.likes == 9
    assert found.streamed == 0


def test_a_rebuild_from_streams_with_repeats_and_holes_is_equal() -> None:
    story = until_exhibited()

    found = compare(live(story), ledger_of(story), lambda: broken_stream(story), seed=SEED)

    assert found.equal
    assert 0 < found.streamed < found.commits


def test_a_rebuild_from_streams_that_lack_nothing_takes_every_commit_from_them() -> None:
    story = until_exhibited()
    whole = [commit for commits in commits_of(story).values() for commit in commits]

    found = compare(live(story), ledger_of(story), lambda: iter([None, *whole]), seed=SEED)

    assert found.equal
    assert found.streamed == found.commits == len(whole)


def test_a_rebuild_stops_at_the_live_cut() -> None:
    story = until_exhibited()
    longer = {**story, "vote.1": [*story["vote.1"], [liked("u1-1")]]}

    found = compare(live(story), ledger_of(longer), lambda: broken_stream(longer), seed=SEED)

    assert found.equal
    assert live(story).cut.to_data() == found.cut


def test_a_rebuild_of_a_campaign_that_goes_on_does_not_wait_for_what_the_broker_lost() -> None:
    story: Story = {"vote.0": [[liked("a")], [liked("a")]]}
    commits = commits_of({"vote.0": [*story["vote.0"], [liked("a")]]})["vote.0"]

    found = compare(live(story), ledger_of(story), lambda: chain(commits[:1], repeat(commits[2])), seed=SEED)

    assert found.equal
    assert found.streamed == 1


def test_a_rebuild_that_differs_says_where_first() -> None:
    story = until_exhibited()
    wrong = live(story)
    wrong.table.entries["u2-1"].number = "A999"

    found = compare(wrong, ledger_of(story), None, seed=SEED)

    assert not found.equal
    assert found.live_digest == found.digest  # poster numbers are no part of the ranking, and yet
    assert found.difference == "/entries/u2-1/number: 'A999' live, 'A002' rebuilt"


def test_a_rebuild_before_there_is_a_ranking_compares_the_tables() -> None:
    story = until_judged()
    del story["scoring"]

    found = compare(live(story), ledger_of(story), None, seed=SEED)

    assert found.equal
    assert found.refused == "marks-missing"


def test_a_rebuild_stops_at_an_event_that_cannot_be_applied() -> None:
    story = until_judged()
    story["vote.cases"].append([replace(story["vote.cases"][0][0], likes=("vote.0",))])  # type: ignore[type-var]

    with pytest.raises(FollowerStopped) as stop:
        current(ledger_of(story), store())

    assert stop.value.address == "vote.cases/4/0"


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        pytest.param({"a": 1}, {"a": 1}, None, id="none"),
        pytest.param({"a": 1, "b": 2}, {"b": 2}, "/a: only in the live table", id="a key too many"),
        pytest.param({}, {"b": 2}, "/b: only in the rebuilt table", id="a key too few"),
        pytest.param({"a": [1, 2]}, {"a": [1]}, "/a: 2 live, 1 rebuilt", id="a shorter list"),
        pytest.param({"a": [1, {"b": 0}]}, {"a": (1, {"b": 3})}, "/a/1/b: 0 live, 3 rebuilt", id="deep inside"),
    ],
)
def test_the_first_difference_is_named_by_its_path(ours: Any, theirs: Any, words: str | None) -> None:
    assert words == first_difference(ours, theirs)
