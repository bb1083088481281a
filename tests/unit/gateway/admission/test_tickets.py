"""Like tickets: for which session and entry, how long, and how often they are valid."""

import secrets
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import strategies as some

from gateway.admission.tickets import LikeTickets
from gateway.http.problems import Problem

KEY = b"k" * 32
NAMES = some.text(some.characters(blacklist_categories=("Cs",)), max_size=12)


def new_tickets(at_ms: list[int] | None = None, **how: int) -> LikeTickets:
    now = at_ms or [1_000_000]
    return LikeTickets(KEY, wall=lambda: now[0], **how)


def verdict(tickets: LikeTickets, *order: str) -> str:
    """Return the outcome of a ticket for a voter and an entry; a valid ticket is used up."""
    try:
        tickets.claim(tickets.check(*order))
    except Problem as problem:
        return problem.code
    return "holds"


@hypothesis.given(NAMES, NAMES, some.booleans())
def test_ticket_holds_once_for_its_session_and_entry(sub: str, entry: str, bound: bool):
    tickets = new_tickets()
    (ticket,) = tickets.issue(sub, entry=entry if bound else "")

    assert [verdict(tickets, ticket, sub, entry) for _ in range(2)] == ["holds", "ticket-used"]


@hypothesis.given(NAMES, NAMES, NAMES, NAMES, some.booleans())
def test_ticket_of_another_session_or_entry_does_not_hold(a: str, b: str, entry: str, other: str, bound: bool):
    hypothesis.assume(a != b or (bound and entry and entry != other))
    tickets = new_tickets()
    (ticket,) = tickets.issue(a, entry=entry if bound else "")

    assert verdict(tickets, ticket, b, other) == "ticket-foreign"


@hypothesis.given(some.integers(0, 23), some.integers(1, 255))
def test_ticket_with_a_changed_byte_does_not_hold(place: int, change: int):
    tickets = new_tickets()
    spoilt = bytearray.fromhex(tickets.issue("v")[0])
    spoilt[place] ^= change

    assert verdict(tickets, spoilt.hex(), "v", "e") == "ticket-foreign"


@hypothesis.given(some.text(max_size=60))
def test_text_that_is_no_ticket_does_not_hold(text: str):
    assert verdict(new_tickets(), text, "v", "e") == ("ticket-foreign" if text else "ticket-missing")


@pytest.mark.parametrize(("after_ms", "expected"), [(0, "holds"), (599_999, "holds"), (600_000, "ticket-expired")])
def test_ticket_lives_for_ten_minutes(after_ms: int, expected: str):
    now = [1_000_000]
    tickets = new_tickets(now)
    (ticket,) = tickets.issue("v")

    now[0] += after_ms

    assert expected == verdict(tickets, ticket, "v", "e")


def test_ticket_that_ordered_nothing_may_come_again():
    tickets = new_tickets()
    (ticket,) = tickets.issue("v")
    name = tickets.check(ticket, "v", "e")
    tickets.claim(name)

    tickets.release(name)

    assert verdict(tickets, ticket, "v", "e") == "holds"


def test_tickets_asked_at_once_are_different():
    tickets = new_tickets().issue("v", count=100)

    assert len(set(tickets)) == len(tickets) == 100


def test_ticket_of_another_campaign_s_key_does_not_hold():
    (ticket,) = LikeTickets(b"x" * 32, wall=lambda: 1_000_000).issue("v")

    assert verdict(new_tickets(), ticket, "v", "e") == "ticket-foreign"


def test_ticket_of_one_gateway_holds_at_another():
    (ticket,) = new_tickets().issue("v")

    assert verdict(new_tickets(), ticket, "v", "e") == "holds"


def test_ticket_is_the_same_however_its_digits_are_written():
    tickets = new_tickets()
    (ticket,) = tickets.issue("v")
    said: list[Callable[[str], str]] = [str.upper, str.lower]

    assert [verdict(tickets, each(ticket), "v", "e") for each in said] == ["holds", "ticket-used"]


def test_used_ticket_is_known_for_its_whole_life_at_a_thousand_likes_a_second():
    now = [1_000_000_000]
    tickets = new_tickets(now, life_s=200)
    (first,) = tickets.issue("v")
    tickets.claim(tickets.check(first, "v", "e"))

    told = []
    for _ in range(199):
        now[0] += 1_000
        for _ in range(1_000):
            tickets.claim(secrets.token_bytes(12))
        told.append(verdict(tickets, first, "v", "e"))
    now[0] += 1_000

    assert told == ["ticket-used"] * 199
    assert verdict(tickets, first, "v", "e") == "ticket-expired"
