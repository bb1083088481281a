"""Sessions stand until they are ended, unused for two hours, over, or under credentials that are no longer present."""

from typing import Any, cast

import pytest

from shared.session_store import IDLE_MS, EndedSessions, SessionStore
from tests.memory_documents import MemoryDocuments

LIFE_MS = 8 * 3_600_000


class Clock:
    """A database of one collection, and a clock that tests set."""

    def __init__(self) -> None:
        self.now, self.collection = 1_000, MemoryDocuments()

    def get_collection(self, name: str) -> MemoryDocuments:
        assert name in ("sessions", "ended_sessions")
        return self.collection

    def store(self, people: str = "staff") -> SessionStore:
        return SessionStore(cast(Any, self), people, now=lambda: self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def begin(clock: Clock, person: str = "mo", credentials: str = "1") -> str:
    return clock.store().begin(person, credentials=credentials, agent="Chrome", life_ms=LIFE_MS)


def stands(clock: Clock, session: str, credentials: str | None = "1") -> bool:
    return clock.store().use(session, lambda _, mark: mark == credentials) is not None


def test_session_stands_while_it_is_used_until_its_time_is_over(clock: Clock):
    session = begin(clock)

    stood = []
    for _ in range(5):
        clock.now += IDLE_MS
        stood.append(stands(clock, session))

    assert stood == [True, True, True, False, False]


def test_session_that_was_not_used_for_two_hours_never_stands_again(clock: Clock):
    session = begin(clock)
    clock.now += IDLE_MS + 1

    assert not stands(clock, session)
    clock.now -= IDLE_MS
    assert not stands(clock, session)


@pytest.mark.parametrize("now", ["2", None], ids=["another password", "none any more"])
def test_session_ends_with_the_credentials_under_which_it_began(clock: Clock, now: str | None):
    session = begin(clock)

    assert not stands(clock, session, now)
    assert not stands(clock, session)


def test_session_of_another_person_does_not_go_on_under_credentials_that_are_not_theirs(clock: Clock):
    session = begin(clock)

    clock.store().move(session, "another", credentials="2")
    clock.store("units").move(session, "mo", credentials="2")

    assert stands(clock, session, "1")


def test_own_session_goes_on_under_a_new_password_and_all_others_end(clock: Clock):
    mine, other = begin(clock), begin(clock)

    clock.store().move(mine, "mo", credentials="2")

    assert [each.session for each in clock.store().of("mo", lambda _, mark: mark == "2")] == [mine]
    assert (stands(clock, mine, "2"), stands(clock, other, "2")) == (True, False)


def test_people_end_their_own_sessions_and_nobody_else_s(clock: Clock):
    mine, other, theirs = begin(clock), begin(clock), begin(clock, "ma")

    clock.store().end(theirs, "mo")
    clock.store("units").end(mine, "mo")
    clock.store().end_others(mine, "mo")

    assert [stands(clock, each) for each in (mine, other, theirs)] == [True, False, True]
    clock.store().end(mine, "mo")
    assert not stands(clock, mine)


def test_ended_sessions_are_known_until_they_would_have_expired(clock: Clock):
    ended = EndedSessions(cast(Any, clock), now=lambda: clock.now)

    for session, expires in (("a", 2_000), ("b", 3_000), ("b", 3_000)):
        ended.end(session, expires=expires)
    clock.now = 2_500

    assert ended.all() == {"b": 3_000}
