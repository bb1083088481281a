"""Tests of the desks' side bar: which counts it shows, and when they are read anew."""

import re

from tests.unit.gateway.town import DESK_ANSWERS, Visitor

QUEUE = ("moderation", "queue")


def waiting(visitor: Visitor) -> str:
    """Return the count that the side bar shows at the queue, or nothing."""
    shown = visitor.request("GET", "/desk", plain=True, role="moderator").text
    found = re.search(r'<a href="/desk/moderation"[^>]*>[^<]*<span class="count"[^>]*>(\d+)', shown)
    return found[1] if found else ""


def test_a_command_of_staff_lets_the_side_bar_count_anew(visitor: Visitor) -> None:
    visitor.town.answers[QUEUE] = {"ok": {**DESK_ANSWERS[QUEUE], "pending": 3}}
    before = waiting(visitor)
    visitor.town.answers[QUEUE] = {"ok": {**DESK_ANSWERS[QUEUE], "pending": 2}}
    visitor.request("POST", "/moderation/entries/u1-1/claim", role="moderator", key="k1")

    assert (before, waiting(visitor)) == ("3", "2")
