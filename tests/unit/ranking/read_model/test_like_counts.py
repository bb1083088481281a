"""Like counts as sets: every order of the logs gives the same counts, and no count is ever too low."""

from collections import Counter
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from services.ranking.read_model.daily_totals import LikesProjection
from services.ranking.read_model.like_counts import Likes
from services.voting import events as votes
from shared.commit import Commit
from shared.projection import Projector
from tests.unit.ranking.stories import (
    START,
    commits_of,
    doubled,
    held,
    in_turn,
    liked,
    released,
    restored,
    retracted,
    turns_of,
    voided,
)

ENTRIES = ("a", "b", "c")
X = "vote.0/1/0"


class EventByEvent(LikesProjection):
    """The projection without its fast path, which defines the expected counts."""

    def apply_run(self, table: Likes, run: Any, commit: str) -> bool:  # noqa: ARG002 -- as in the protocol
        return False


def counted(*events: tuple[str, object]) -> Likes:
    """Return the likes after applying these events, each with its address, in this order."""
    projection = LikesProjection()
    likes = projection.initial()
    for address, event in events:
        projection.apply(likes, event, address)
    return likes


CAST = (X, liked("a"))
CAST_HELD = (X, liked("a", held="burst"))
UNLIKE = ("vote.0/2/0", retracted(X, "a"))


def cases(*facts: object) -> list[tuple[str, object]]:
    return [(f"vote.cases/{n}/0", fact) for n, fact in enumerate(facts, start=1)]


@pytest.mark.parametrize(
    ("votes_log", "cases_log", "valid", "waiting"),
    [
        pytest.param([CAST], [], 1, 0, id="a like counts"),
        pytest.param([CAST, UNLIKE], [], 0, 0, id="an unlike takes it back"),
        pytest.param([CAST], cases(held("a", X)), 0, 1, id="a held one waits"),
        pytest.param([CAST], cases(held("a", X), released("a", X)), 1, 0, id="held and released"),
        pytest.param([CAST], cases(held("a", X), released("a", X), held("a", X)), 0, 1, id="held, released, held"),
        pytest.param([CAST_HELD], [], 0, 1, id="held at admission"),
        pytest.param([CAST_HELD], cases(released("a", X)), 1, 0, id="held at admission, released"),
        pytest.param([CAST_HELD], cases(released("a", X), held("a", X)), 0, 1, id="released, then held by a case"),
        pytest.param([CAST], cases(voided("a", X)), 0, 0, id="voided"),
        pytest.param([CAST], cases(doubled("a", X)), 0, 0, id="given twice by one person"),
        pytest.param(
            [CAST_HELD], cases(doubled("a", X)), 0, 0, id="given twice, and held at admission: waits for none"
        ),
        pytest.param([CAST], cases(doubled("a", X), voided("a", X)), 0, 0, id="given twice and voided is out once"),
        pytest.param([CAST], cases(doubled("a", X), restored("a", X)), 1, 0, id="given twice, they said; restored"),
        pytest.param([CAST, UNLIKE], cases(voided("a", X)), 0, 0, id="voided and taken back is out once"),
        pytest.param([CAST], cases(voided("a", X), restored("a", X)), 1, 0, id="voided and restored"),
        pytest.param([CAST, UNLIKE], cases(voided("a", X), restored("a", X)), 0, 0, id="restored, but taken back"),
        pytest.param([CAST], cases(held("a", X), voided("a", X)), 0, 0, id="held, then voided: decided"),
        pytest.param([CAST], cases(held("a", X), voided("a", X), restored("a", X)), 0, 1, id="restored into its hold"),
        pytest.param([CAST, UNLIKE], cases(held("a", X)), 0, 0, id="held and taken back waits for nothing"),
        pytest.param([], cases(voided("a", X)), 0, 0, id="what is not yet seen is not missing"),
    ],
)
def test_every_interleaving_of_two_logs_counts_the_same(
    votes_log: list[tuple[str, object]], cases_log: list[tuple[str, object]], valid: int, waiting: int
) -> None:
    for first in range(len(votes_log) + 1):  # the cases come after this many events of the partition
        likes = counted(*votes_log[:first], *cases_log, *votes_log[first:])

        assert valid == likes.valid().get("a", 0)
        assert waiting == likes.held()
        assert likes.held_likes() == ({"a": [X]} if waiting else {})


def test_exceptions_that_are_none_any_more_are_forgotten() -> None:
    likes = counted(CAST_HELD, *cases(released("a", X), voided("a", X), restored("a", X)))

    assert likes.dump()["exceptions"] == {}


def test_likes_cast_are_counted_by_day() -> None:
    likes = counted(CAST, ("vote.0/2/0", liked("a", day=8)), ("vote.0/3/0", liked("a", day=8)))

    assert likes.cast_by_day("a") == {"2021-06-07": 1, "2021-06-08": 2}


def test_likes_stand_as_of_the_newest_like_or_unlike() -> None:
    later = retracted(X, "a", at=START + 9)

    assert counted(CAST, ("vote.0/2/0", later)).latest == START + 9
    assert counted(CAST, ("vote.0/2/0", later), ("vote.1/1/0", liked("a"))).latest == START + 9


@st.composite
def elections(draw: st.DrawFn) -> dict[str, list[list[object]]]:
    """Generate two partitions with likes and unlikes in commits of any size, and cases that name any of the likes."""
    story: dict[str, list[list[object]]] = {"vote.0": [], "vote.1": [], "vote.cases": []}
    entry_of: dict[str, str] = {}
    for log in ("vote.0", "vote.1"):
        standing: list[str] = []
        for n, size in enumerate(draw(st.lists(st.integers(1, 5), max_size=4)), start=1):
            batch: list[object] = []
            for i in range(size):
                if standing and draw(st.booleans()):
                    like = standing.pop(draw(st.integers(0, len(standing) - 1)))
                    batch.append(retracted(like, entry_of[like]))
                else:
                    like, entry = f"{log}/{n}/{i}", draw(st.sampled_from(ENTRIES))
                    hold = draw(st.sampled_from([None, None, "burst"]))
                    batch.append(liked(entry, held=hold, day=draw(st.sampled_from([7, 7, 8]))))
                    entry_of[like] = entry
                    standing.append(like)
            story[log].append(batch)
    deeds = st.sampled_from([held, released, voided, doubled, restored])
    for _ in range(draw(st.integers(0, 8)) if entry_of else 0):
        entry = entry_of[draw(st.sampled_from(sorted(entry_of)))]
        own = sorted(like for like, whose in entry_of.items() if whose == entry)
        likes = draw(st.lists(st.sampled_from(own), min_size=1, unique=True))
        story["vote.cases"].append([draw(deeds)(entry, *likes)])
    return story


def expected(story: dict[str, list[list[object]]]) -> dict[str, int]:
    """Return the counts by set arithmetic, as the architecture defines them: cast less retracted, voided and held."""
    cast: dict[str, str] = {}
    retracted_, voided_, held_ = set[str](), set[str](), set[str]()
    for log in ("vote.0", "vote.1"):
        for n, batch in enumerate(story[log], start=1):
            for i, fact in enumerate(batch):
                if isinstance(fact, votes.LikeCast):
                    cast[f"{log}/{n}/{i}"] = fact.entry
                    held_ |= {f"{log}/{n}/{i}"} if fact.held is not None else set()
                elif isinstance(fact, votes.LikeRetracted):
                    retracted_.add(fact.like)
    for [fact] in story["vote.cases"]:
        match fact:
            case votes.LikesHeld():
                held_ |= set(fact.likes)
            case votes.LikesReleased():
                held_ -= set(fact.likes)
            case votes.VoidDecided() | votes.DoublesVoided():
                voided_ |= set(fact.likes)
            case votes.LikesRestored():
                voided_ -= set(fact.likes)
    return dict(Counter(entry for like, entry in cast.items() if like not in retracted_ | voided_ | held_))


def some(counts: dict[str, int]) -> dict[str, int]:
    return {entry: count for entry, count in counts.items() if count}


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(st.data())
def test_any_interleaving_of_any_election_counts_as_the_sets_do(data: st.DataObject) -> None:
    story = data.draw(elections())
    commits = commits_of(story)
    projector = Projector(LikesProjection())

    for commit in in_turn(commits, data.draw(turns_of(commits))):
        projector.take_in(commit)
        assert all(count >= 0 for count in projector.table.valid().values())

    assert some(expected(story)) == some(projector.table.valid())


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(st.data())
def test_a_run_at_once_and_a_snapshot_on_the_way_change_no_byte(data: st.DataObject) -> None:
    commits = commits_of(data.draw(elections()))
    one, other = (in_turn(commits, data.draw(turns_of(commits))) for _ in range(2))
    by_event, by_run = Projector(EventByEvent()), Projector(LikesProjection())

    for commit in one:
        by_event.take_in(commit)
    for commit in other:
        by_run.take_in(commit)
        by_run.table = Likes.load(by_run.table.dump())

    assert by_event.canonical() == by_run.canonical()


@hypothesis.settings(max_examples=50, deadline=None)
@hypothesis.given(elections())
def test_a_snapshot_of_half_the_logs_goes_on_as_the_whole(story: dict[str, list[list[object]]]) -> None:
    commits = commits_of(story)
    order: list[Commit] = [*commits["vote.cases"], *commits["vote.1"], *commits["vote.0"]]
    whole, resumed = Projector(LikesProjection()), Projector(LikesProjection())

    for k, commit in enumerate(order):
        whole.take_in(commit)
        if k == len(order) // 2:
            resumed = Projector(LikesProjection(), table=Likes.load(resumed.table.dump()), cut=resumed.cut)
        resumed.take_in(commit)

    assert whole.canonical() == resumed.canonical()
    assert whole.table.valid() == resumed.table.valid()
