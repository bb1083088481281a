"""The order ticket: it is part of a URL, so it must reveal neither voter nor entry."""

import base64
import re

import pytest

from gateway.backends.order_tickets import OrderTickets

KEY = b"k" * 32
ORDER = {"voter": "f" * 24, "entry": "u1-1", "do": "like", "at": 1_623_000_000_000, "door": "text", "held": None}


def test_ticket_brings_its_order_back():
    assert OrderTickets(KEY).read(OrderTickets(KEY).make(ORDER)) == ORDER


def test_ticket_shows_neither_voter_nor_entry_and_fits_an_address():
    ticket = OrderTickets(KEY).make(ORDER)
    spelled = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,400}", ticket)
    assert [word for word in (b"f" * 24, b"u1-1", b"like") if word in spelled] == []


@pytest.mark.parametrize("text", ["", "v.entry.like", "A", "A" * 400, "..", "_-"])
def test_ticket_that_is_none_of_ours_is_none(text: str):
    assert OrderTickets(KEY).read(text) is None


def test_ticket_of_another_campaign_or_changed_is_none():
    ticket = OrderTickets(KEY).make(ORDER)

    assert OrderTickets(b"x" * 32).read(ticket) is None
    assert OrderTickets(KEY).read(f"{'B' if ticket[0] == 'A' else 'A'}{ticket[1:]}") is None
