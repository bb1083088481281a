"""Tests of receipts: their address, and forged ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.voting.receipts import address_of, receipt

KEY = bytes(range(32))


SIGNED = "3.1234.17.7c09a8387ee0f5bb"  # as receipts were before they were encrypted


def test_receipt_of_the_earlier_form_gives_its_address_back():
    assert address_of(KEY, SIGNED) == "vote.3/1234/17"


@given(st.integers(0, 65_535), st.integers(1, 2**48 - 1), st.integers(0, 255))
def test_every_address_comes_back_and_receipts_tell_no_number(partition: int, n: int, i: int):
    address = f"vote.{partition}/{n}/{i}"

    made = receipt(KEY, address)

    assert (address_of(KEY, made), len(made), set(made) - set("0123456789abcdef")) == (address, 32, set())


def test_receipts_of_neighbours_have_nothing_in_common():
    first, *rest = (receipt(KEY, f"vote.0/1/{i}") for i in range(200))

    assert max(sum(a == b for a, b in zip(first, each, strict=True)) for each in rest) < 14


def test_receipt_gives_its_address_back():
    assert address_of(KEY, receipt(KEY, "vote.3/1234/17")) == "vote.3/1234/17"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("3.1234.17", id="no mac"),
        pytest.param("3.1234.17.0000000000000000", id="a guessed mac"),
        pytest.param(SIGNED.replace("17.", "18.", 1), id="a neighbour with this mac"),
        pytest.param("0" * 32, id="a guessed one"),
        pytest.param(receipt(KEY, "vote.3/1234/17").upper(), id="another spelling"),
        pytest.param(f"f{receipt(KEY, 'vote.3/1234/17')[1:]}", id="an altered one"),
        pytest.param(receipt(KEY, "vote.3/1234/17")[:-2], id="a short one"),
        pytest.param(receipt(bytes(32), "vote.3/1234/17"), id="another campaign's key"),
        pytest.param("3.1234.17.é", id="no ascii"),
    ],
)
def test_text_that_is_no_receipt_of_ours_has_no_address(text: str):
    assert address_of(KEY, text) is None
