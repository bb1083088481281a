"""Tests of receipts: their address, and forged ones."""

import pytest

from services.voting.receipts import address_of, receipt

KEY = bytes(range(32))


def test_receipt_gives_its_address_back():
    assert address_of(KEY, receipt(KEY, "vote.3/1234/17")) == "vote.3/1234/17"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("3.1234.17", id="no mac"),
        pytest.param("3.1234.17.0000000000000000", id="a guessed mac"),
        pytest.param(receipt(KEY, "vote.3/1234/17").replace("17.", "18.", 1), id="a neighbour with this mac"),
        pytest.param(receipt(bytes(32), "vote.3/1234/17"), id="another campaign's key"),
        pytest.param("3.1234.17.é", id="no ascii"),
    ],
)
def test_text_that_is_no_receipt_of_ours_has_no_address(text: str):
    assert address_of(KEY, text) is None
