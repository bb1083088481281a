"""Events of a log are chosen by type, actor, entry and time."""

import pytest

from deploy.commands.log_filters import LogFilter
from services.voting.events import LikeCast, LikeRetracted
from shared.commit import Answered, Commit, Head, form
from shared.events import Sealed
from shared.stamps import stamp


def like(entry: str) -> LikeCast:
    return LikeCast("v1", entry, "2021-06-07", 5, "page", None, Sealed(""))


COMMIT = Commit(
    form(
        Head("vote.0"),
        [like("U1-1"), like("U2-1"), LikeRetracted("vote.0/1/0", "v1", "U1-1", "2021-06-07", 6)],
        commands=[Answered("c1", "Wang", "", "", 0, 1), Answered("c2", "gateway", "", "", 1, 2)],
        stamp=stamp(),
    )
)


@pytest.mark.parametrize(
    ("chosen", "indexes"),
    [
        pytest.param(LogFilter(), [0, 1, 2], id="all"),
        pytest.param(LogFilter(types=frozenset({"like-retracted"})), [2], id="a type"),
        pytest.param(LogFilter(actors=frozenset({"wang"})), [0], id="an actor in another case"),
        pytest.param(LogFilter(entries=frozenset({"U1-1"})), [0, 2], id="an entry"),
        pytest.param(LogFilter(types=frozenset({"like-cast"}), entries=frozenset({"U1-1"})), [0], id="both"),
        pytest.param(LogFilter(entries=frozenset({"U3-1"})), [], id="an entry without events"),
        pytest.param(LogFilter(since=COMMIT.time), [0, 1, 2], id="from its time on"),
        pytest.param(LogFilter(since=COMMIT.time + 1), [], id="later"),
        pytest.param(LogFilter(until=COMMIT.time), [], id="before its time"),
    ],
)
def test_events_that_pass_are_given_with_address_and_actor(chosen: LogFilter, indexes: list[int]):
    events = list(chosen.events(COMMIT))

    assert [each["address"] for each in events] == [f"vote.0/1/{i}" for i in indexes]
    assert [each["actor"] for each in events] == [["Wang", "gateway", "gateway"][i] for i in indexes]


def test_reading_ends_at_the_first_commit_that_is_too_late():
    assert LogFilter(until=COMMIT.time).ends_before(COMMIT)
    assert not LogFilter(until=COMMIT.time + 1).ends_before(COMMIT)
    assert not LogFilter().ends_before(COMMIT)
