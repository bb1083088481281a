"""A push that arrives again changes nothing, whatever the voter did since."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.voters.other_likes import message_instant
from gateway.wechat.signature import WINDOW_S
from services.voting import orders as wire
from services.voting.writer import VoteWriter
from tests.unit.gateway.town import VIEWS, campaign
from tests.unit.gateway.voters.office import SERVICE, Office, text
from tests.unit.voting.batches import batch
from tests.unit.voting.stories import NOON, opened
from tests.unit.voting.test_writer import ledger_with

NOW = 1_700_000_000_123
LIKE = {"id": "1", "voter": "v", "entry": "a", "door": "text", "signals": "c1.x"}
LIVE = {**VIEWS, "campaign": campaign(rehearsal=False, clock=None)}


@pytest.mark.parametrize(
    ("created_s", "expected"),
    [
        pytest.param(1_700_000_000, 1_700_000_000_000, id="this second"),
        pytest.param(1_699_999_990, 1_699_999_990_000, id="ten seconds ago"),
        pytest.param(1_700_000_005, NOW, id="by a clock that is ahead"),
        pytest.param(1_600_000_000, NOW - WINDOW_S * 1000, id="long ago"),
        pytest.param(10**40, NOW, id="beyond all calendars"),
        pytest.param(-(10**40), NOW - WINDOW_S * 1000, id="before all calendars"),
    ],
)
def test_instant_is_the_message_s_own_within_the_window(created_s: int, expected: int):
    assert message_instant(created_s, now_ms=NOW) == expected


@given(
    st.integers(-3 * WINDOW_S, 0),
    st.integers(0, WINDOW_S * 1000),
    st.integers(1, 2 * WINDOW_S * 1000),
    st.integers(1, 2 * WINDOW_S * 1000),
)
def test_what_was_taken_back_is_newer_than_the_push_however_late_it_is_heard_again(
    created_ago_s: int, delay_ms: int, unlike_ms: int, again_ms: int
):
    sent_s = NOW // 1000
    heard = sent_s * 1000 + delay_ms
    unliked = heard + unlike_ms
    again = min(unliked + again_ms, sent_s * 1000 + WINDOW_S * 1000)  # no gateway hears it any later

    assert message_instant(sent_s + created_ago_s, now_ms=again) < unliked


def heard_at(office: Office, wall_ms: int, said: dict, *, sent_s: int) -> int:
    """Return the instant of the order that a gateway sends for this push at this time."""
    office.app_context.wall = lambda: wall_ms
    office.speak(said, at_s=sent_s)
    return office.town.orders[-1]["at"]


def test_same_push_at_another_gateway_minutes_later_is_an_order_of_the_same_instant(tmp_path: Path):
    said, sent_s = text("赞 A001", CreateTime=NOW // 1000 - 1), NOW // 1000
    offices = [Office(tmp_path / name, views=LIVE) for name in ("one", "other")]

    ats = [heard_at(office, NOW + k * 200_000, said, sent_s=sent_s) for k, office in enumerate(offices)]

    for office in offices:
        office.close()
    assert ats == [(sent_s - 1) * 1000] * 2


def test_like_that_was_taken_back_does_not_come_back_with_a_replay_elsewhere():
    writer = VoteWriter("t", ledger_with(*opened(rehearsal=False)), receipt_key=bytes(32))
    created_s = NOON // 1000

    answers = [
        writer.decide(3, wire.read_batch(batch([{**LIKE, "do": do, "at": at}])))[0]["status"]
        for do, at in [
            ("like", message_instant(created_s, now_ms=NOON + 1_000)),
            ("unlike", NOON + 10_000),
            ("like", message_instant(created_s, now_ms=NOON + 250_000)),
        ]
    ]

    assert answers == ["counted", "gone", "gone"]


def test_rehearsal_has_its_clock_alone(office: Office):
    office.speak(text("赞 A001", CreateTime=office.app_context.wall() // 1000 - 100), to=SERVICE)

    assert [each["at"] for each in office.town.orders] == [office.app_context.views.campaign_time()]
