"""Tests that any message is either a batch, perhaps with unreadable orders, or a ValueError, so that the loop
survives.
"""

from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backends import like_batches as gateway_likes
from services.voting import orders as wire
from services.voting.domain import CastLike
from services.voting.writer import VoteWriter
from shared.commit import Answered, Head, Stamp, form
from shared.decider import CommandEnvelope
from shared.events import Sealed
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.batches import batch
from tests.unit.voting.stories import NOON, opened

GOOD = {"id": "1", "voter": "v", "entry": "a", "do": "like", "at": NOON, "door": "web", "signals": "c1.x"}
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from([NOON, 0, "like", "unlike", "show", "a"])
    | st.binary(max_size=8)
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("k"), inner))
SPOILT = st.dictionaries(st.sampled_from([*GOOD, "held"]), VALUES, min_size=1).map(lambda change: {**GOOD, **change})


def read(body: bytes) -> list[CommandEnvelope | None] | None:
    """Return the orders, or None if the message is not a batch."""
    try:
        return wire.read_batch(body)
    except ValueError:
        return None


@given(st.binary(max_size=200))
def test_bytes_that_are_no_document_are_refused(body: bytes):
    assert read(body) is None


@given(st.dictionaries(st.sampled_from(["v", "seen", "orders"]), VALUES))
def test_document_that_is_no_batch_is_refused(document: dict[str, Any]):
    assert read(bson.encode(document)) is None


@given(st.lists(SPOILT | st.just(GOOD), min_size=1, max_size=3))
def test_what_is_read_can_be_decided_and_answered(orders: list[dict[str, Any]]):
    found = read(batch(orders))
    assert found is not None
    ledger = MemoryLedger()
    ledger.insert(
        form(Head("moderation"), opened(), commands=[Answered("c", "o", "", "", 0, 2)], stamp=Stamp("u", bytes(32), 1))
    )

    told = VoteWriter("t", ledger, receipt_key=bytes(32)).decide(3, found)

    assert [each["status"] in ("counted", "pending", "already", "gone", "shown", "refused") for each in told] == (
        [True] * len(orders)
    )
    assert len(bson.decode(wire.write_answers(told))["answers"]) == len(orders)


@given(st.lists(SPOILT | st.just(GOOD), max_size=5))
def test_order_is_read_in_company_as_it_is_alone(orders: list[dict[str, Any]]):
    alone = [read(batch([order])) for order in orders]

    assert [each for one in alone for each in one or ()] == read(batch(orders))


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"do": "adore"}, id="an unknown action"),
        pytest.param({"at": "noon"}, id="a time that is none"),
        pytest.param({"at": True}, id="a time that is true"),
        pytest.param({"at": 1 << 60}, id="a time beyond all calendars"),
        pytest.param({"voter": 7}, id="a voter that is none"),
        pytest.param({"entry": None}, id="no entry"),
        pytest.param({"held": 5}, id="a hold that is no text"),
        pytest.param({"receipt": 5}, id="a receipt that is no text"),
    ],
)
def test_order_that_cannot_be_read_leaves_the_others_of_its_batch(spoilt: dict[str, Any]):
    (good,) = wire.read_batch(batch([GOOD]))

    assert wire.read_batch(batch([GOOD, GOOD | spoilt, GOOD])) == [good, None, good]


@pytest.mark.parametrize("n", [-1, "1", 1.5, None])
def test_position_that_is_none_is_refused(n: Any):
    assert read(batch([GOOD], moderation=n)) is None


def test_batch_is_its_orders_with_what_the_gateway_saw_of_the_logs_that_voting_follows():
    seen = {"moderation": 12, "submission": 90, "vote.cases": 5}

    (order,) = wire.read_batch(batch([GOOD], **seen))

    assert order is not None
    assert order.seen == (("moderation", 12), ("submission", 90))
    assert order.command == CastLike("v", "a", NOON, "web", None, Sealed("c1.x"))


def test_instant_is_a_plain_integer_so_that_a_column_of_them_is_spelled_at_once():
    (order,) = wire.read_batch(batch([GOOD]))

    assert order is not None
    assert type(order.command.at) is int


def test_batch_of_a_gateway_that_knows_no_receipts_is_read():
    older = bson.decode(batch([GOOD]))
    del older["orders"]["receipt"]

    assert wire.read_batch(bson.encode(older)) == wire.read_batch(batch([GOOD]))


def test_gateway_and_voting_name_the_same_columns_and_the_same_priority():
    assert (gateway_likes.COLUMNS, gateway_likes.PRIORITY) == (wire.COLUMNS, wire.PRIORITY)


def test_tally_counts_statuses_and_the_codes_of_refusals():
    told = [{"status": "counted"}, {"status": "refused", "code": "late"}, {"status": "counted"}, {"status": "already"}]

    assert wire.tally(told) == {"counted": 2, "already": 1, "late": 1}
