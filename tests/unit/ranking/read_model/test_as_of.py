"""The table as of an instant: the exact cut, the table from the nearest snapshot, and the likes by day."""

from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ranking import events as own
from services.ranking.analysis.excluded_likes import by_day, count_excluded, excepted_addresses, read_likes
from services.ranking.analysis.likes_only_table import likes_table
from services.ranking.projector import SNAPSHOT_EVERY, SnapshotPolicy
from services.ranking.queries import as_of, at_cut, logs_of
from services.ranking.read_model.as_of import cut_as_of, newest_cut
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import candidates_of
from shared.cut import Cut
from shared.errors import Overdue, Unreachable
from shared.projection import Projector, advance
from shared.snapshots import Snapshots
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.ranking.memory_database import MemoryDatabase
from tests.unit.ranking.stories import (
    DAY,
    PARTITIONS,
    START,
    Story,
    commits_of,
    folded,
    held,
    liked,
    until_exhibited,
    until_judged,
    voided,
)

LOGS = logs_of(PARTITIONS)


def ledger_of(story: Story) -> MemoryLedger:
    ledger = MemoryLedger()
    for commits in commits_of(story).values():
        for commit in commits:
            ledger.insert(commit.document)
    return ledger


def snapshots() -> Snapshots:
    return Snapshots(cast(Any, MemoryDatabase()))


# The cut of an instant


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=40), st.integers(-1, 90))
def test_the_newest_cut_is_the_last_that_is_not_later(steps: list[tuple[int, int]], at: int) -> None:
    commits: list[list[object]] = []
    cuts, time = [], 0
    for later, others in steps:
        time += later
        cut = own.CutTaken(time, {"vote.0": len(cuts)})
        cuts.append(cut)
        commits += [[own.CohortFixed({}, (), START)]] * others
        commits.append([cut, *([own.CutTaken(time + 1, {"vote.0": len(cuts)})] if others == 1 else [])])
        if others == 1:
            time += 1
            cuts.append(cast(own.CutTaken, commits[-1][1]))

    found = newest_cut(ledger_of({"ranking": commits}), at=at)

    assert ([each for each in cuts if each.time <= at] or [None])[-1] == found


def test_the_cut_of_an_instant_goes_on_from_the_newest_to_the_first_later_event() -> None:
    story: Story = {
        "vote.0": [[liked("a")], [liked("b")], [liked("c"), liked("d", day=8)], [liked("e")]],
        "vote.1": [[liked("f", day=8)]],
        "ranking": [[own.CutTaken(START + 1, {"vote.0": 1})]],
    }

    assert Cut({"vote.0": 2, "ranking": 1}) == cut_as_of(ledger_of(story), LOGS, at=START + DAY)
    assert Cut({"vote.0": 4, "vote.1": 1, "ranking": 1}) == cut_as_of(ledger_of(story), LOGS, at=START + DAY + 1)


def test_the_cut_of_an_instant_does_not_hang_on_which_cuts_were_taken() -> None:
    story = until_judged()
    more: Story = {**story, "ranking": [*story["ranking"][:1], [own.CutTaken(START, {"vote.0": 0})]]}
    at = START + 2

    first, other = (cut_as_of(ledger_of(each), LOGS, at=at) for each in (story, more))

    assert {log: n for log, n in first.items() if log != "ranking"} == {
        log: n for log, n in other.items() if log != "ranking"
    }


def test_a_search_for_a_cut_that_takes_too_long_is_overdue() -> None:
    with pytest.raises(Overdue, match="searched"):
        cut_as_of(ledger_of(until_judged()), LOGS, at=START, overdue=lambda: True)


# The table at a cut


@settings(max_examples=50)
@given(st.data())
def test_the_table_at_a_cut_is_the_fold_to_it_whatever_snapshots_there_are(data: st.DataObject) -> None:
    story = until_exhibited()
    ledger, kept = ledger_of(story), snapshots()
    heads = {log: len(commits) for log, commits in story.items()}
    cuts = st.fixed_dictionaries({log: st.integers(0, n) for log, n in heads.items()})
    for cut in data.draw(st.lists(cuts, max_size=4)):
        kept.keep(advance(Projector(RankingProjection()), ledger, cut))
    wanted = data.draw(cuts)

    found = at_cut(ledger, kept, wanted)

    assert advance(Projector(RankingProjection()), ledger, wanted).canonical() == found.canonical()
    assert found.cut == Cut(wanted)


def test_of_snapshots_that_fit_the_newest_is_taken() -> None:
    ledger, kept = ledger_of(until_judged()), snapshots()
    for n in (1, 2, 3):
        kept.keep(advance(Projector(RankingProjection()), ledger, {"moderation": 4, "vote.0": n}))

    assert kept.newest_within(RankingProjection(), {"moderation": 8, "vote.0": 2}).cut == Cut(
        {"moderation": 4, "vote.0": 2}
    )
    assert kept.newest_within(RankingProjection(), {"moderation": 3, "vote.0": 9}).cut == Cut()


def test_a_cut_that_the_record_has_not_come_to_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        at_cut(ledger_of(until_judged()), snapshots(), {"vote.0": 99})


def test_as_of_like_week_there_are_likes_and_no_marks() -> None:
    ledger = ledger_of(until_judged())

    table = as_of(ledger, snapshots(), at=START + DAY + 1, partitions=PARTITIONS).table

    rules = table.rules
    assert rules is not None
    assert [(each["entry"], each["likes"], each["rank"]) for each in likes_table(candidates_of(table), rules)] == [
        ("u3-1", 3, "1"),
        ("u2-1", 3, "1"),
        ("u1-1", 1, "2"),
    ]


def test_a_snapshot_is_stored_once_enough_has_been_folded() -> None:
    database = MemoryDatabase()
    live = Projector(RankingProjection())
    policy = SnapshotPolicy(Snapshots(cast(Any, database)), live)
    taken = database.get_collection("snapshots")

    for n in (1, SNAPSHOT_EVERY // 16 - 1, SNAPSHOT_EVERY // 16, SNAPSHOT_EVERY // 16 + 1):
        live.cut = Cut({"vote.0": n})
        policy.store_if_due(live)

    assert [f"ranking/v{live.projection.version}/{SNAPSHOT_EVERY // 16:012d}"] == list(taken._stored)


# Likes by day


def test_likes_by_day_say_what_does_not_count_and_why() -> None:
    story = until_judged()
    story["vote.cases"].append([held("u3-1", "vote.0/3/0"), voided("u3-1", "vote.1/1/1")])
    table, ledger = folded(story), ledger_of(story)

    days = {
        entry: [
            (each.day[-2:], each.cast, each.retracted, each.voided, each.held, each.valid)
            for each in by_day(table.likes, entry, read_likes(ledger, excepted_addresses(table.likes, [entry])))
        ]
        for entry in ("u1-1", "u2-1", "u3-1")
    }

    assert days == {
        "u1-1": [("07", 1, 1, 0, 0, 0), ("08", 1, 0, 0, 0, 1)],
        "u2-1": [("07", 4, 0, 1, 0, 3)],
        "u3-1": [("07", 3, 0, 1, 1, 1)],
    }


def test_likes_by_day_stand_beside_the_middle_one_of_their_peers() -> None:
    table, ledger = folded(until_judged()), ledger_of(until_judged())
    known = read_likes(ledger, excepted_addresses(table.likes, ["u1-1"]))

    days = by_day(table.likes, "u1-1", known, peers=("u1-1", "u2-1", "u3-1"))

    assert [(each.day[-2:], each.cast, each.usual) for each in days] == [("07", 1, 3), ("08", 1, 0)]


def fall(story: Story, *, days: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> dict[str, int]:
    likes, ledger = folded(story).likes, ledger_of(story)
    known = read_likes(ledger, [*excepted_addresses(likes, likes.entries_with_exceptions()), *addresses])
    return count_excluded(likes, days=days, addresses=addresses, likes_by_address=known)


def test_a_day_left_out_takes_its_valid_likes_and_no_others() -> None:
    assert fall(until_judged(), days=("2021-06-07",)) == {"u2-1": 3, "u3-1": 3}
    assert fall(until_judged(), days=("2021-06-08",)) == {"u1-1": 1}
    assert fall(until_judged(), days=("2021-06-09",)) == {}


def test_likes_left_out_by_address_fall_once_and_only_where_they_count() -> None:
    addresses = ("vote.0/1/0", "vote.0/1/1", "vote.0/3/0", "vote.0/3/0")  # retracted, voided, valid, and valid again

    assert fall(until_judged(), addresses=addresses) == {"u3-1": 1}
    assert fall(until_judged(), days=("2021-06-07",), addresses=addresses) == {"u2-1": 3, "u3-1": 3}


def test_all_days_left_out_leave_no_like() -> None:
    valid = folded(until_judged()).likes.valid()

    assert {entry: n for entry, n in valid.items() if n} == fall(until_judged(), days=("2021-06-07", "2021-06-08"))


def test_an_address_that_is_no_likes_is_not_named() -> None:
    assert read_likes(ledger_of(until_judged()), ["vote.0/4/0", "vote.0/1/9", "vote.0/77/0", "vote.1/1/0"]).keys() == {
        "vote.1/1/0"
    }
