"""Publication at a set time."""

import pytest

from services.ranking import events as own
from services.ranking.decisions.release import ScheduleRelease, due
from services.ranking.views import result_views
from shared.decider import Refused
from tests.unit.ranking.stories import DAY, END
from tests.unit.ranking.test_after_publication import (
    DIGEST,
    OTHER,
    PUBLISHED,
    SIGNED,
    given,
    proposed,
    publish,
)

NINE = END + DAY
SCHEDULE = ScheduleRelease("P1", NINE, "o1", END)
SCHEDULED = own.ReleaseScheduled("P1", NINE, "o1", END)


def test_signed_proposal_is_given_a_time_that_is_told() -> None:
    given(*SIGNED).when(SCHEDULE).then(SCHEDULED)

    assert result_views.result(given(*SIGNED, SCHEDULED).state)["release_at"] == NINE


def test_the_same_time_again_is_no_news() -> None:
    given(*SIGNED, SCHEDULED).when(SCHEDULE).then()


def test_the_last_word_counts_and_none_takes_the_time_away() -> None:
    none = own.ReleaseScheduled("P1", None, "o2", END)

    given(*SIGNED, SCHEDULED).when(ScheduleRelease("P1", None, "o2", END)).then(none)
    assert due(given(*SIGNED, SCHEDULED, none).state, NINE) == Refused("release-not-due")


@pytest.mark.parametrize(
    ("events", "change", "code"),
    [
        pytest.param(SIGNED[:-1], {}, "signatures-missing", id="one signature"),
        pytest.param(SIGNED, {"release_at": END}, "release-in-the-past", id="now"),
        pytest.param(SIGNED, {"by": "m1"}, "not-an-organiser", id="by a moderator"),
        pytest.param(SIGNED, {"proposal": "P7"}, "proposal-unknown", id="of an unknown proposal"),
        pytest.param((*SIGNED, proposed(2, ("b",), OTHER)), {}, "proposal-replaced", id="of one that was replaced"),
        pytest.param(PUBLISHED, {}, "result-published", id="of one that is published"),
    ],
)
def test_times_that_are_refused(events: tuple[object, ...], change: dict[str, object], code: str) -> None:
    said = {"proposal": "P1", "release_at": NINE, "by": "o1", "at": END, **change}

    given(*events).when(ScheduleRelease(**said)).refused(code)  # type: ignore[arg-type]


@pytest.mark.parametrize(("at", "found"), [(NINE - 1, Refused("release-not-due")), (NINE, SCHEDULED)])
def test_publication_is_due_at_its_time_and_not_a_moment_before(at: int, found: object) -> None:
    assert due(given(*SIGNED, SCHEDULED).state, at) == found


@pytest.mark.parametrize(
    "after",
    [
        pytest.param((proposed(2, ("b",), OTHER),), id="another proposal"),
        pytest.param((own.ResultPublished("P1", DIGEST, "o1", END, NINE, "weekends"),), id="a publication by hand"),
    ],
)
def test_time_ends_with(after: tuple[object, ...]) -> None:
    assert due(given(*SIGNED, SCHEDULED, *after).state, NINE) == Refused("release-not-due")


def test_publication_of_who_gave_the_time_needs_what_any_publication_needs() -> None:
    then = given(*SIGNED, SCHEDULED).when(publish(by=SCHEDULED.by))

    assert isinstance(then.decision, list)
    assert isinstance(then.decision[0], own.ResultPublished)
