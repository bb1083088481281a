"""An outage lengthens like week by what it lasted, as far as the rules allow; it can be taken back for a time."""

import re
from dataclasses import replace
from typing import Any

import pytest

from services.moderation.campaign import Campaign, Window, from_data, rule_hash, to_data
from services.moderation.campaign_file.check import check
from services.moderation.decisions.outages import MARGIN_MS, DeclareOutage, RevokeOutage
from services.moderation.events import (
    ApprovedLetter,
    DeliveryBegun,
    DeliveryEnded,
    LettersApproved,
    OutageDeclared,
    OutageRevoked,
    WindowChange,
    WindowMoved,
)
from services.moderation.letters import proposed, rendered, reversed_letters
from shared.testing.bdd import Given
from tests.unit.moderation.test_domain import CAMPAIGN, DAY, SPEC, TOML, approved, given, handed, listed

HOUR, MINUTE = 3_600_000, 60_000
LIKES = CAMPAIGN.window("likes")
#: Judging begins as soon as like week ends, and the exhibition as soon as judging ends.
CLOSE = CAMPAIGN.with_window("judging", Window(LIKES.end, LIKES.end + 5 * DAY)).with_window(
    "exhibition", Window(LIKES.end + 5 * DAY, LIKES.end + 50 * DAY)
)
#: Two days lie between like week and judging.
WIDE = CLOSE.with_window("exhibition", Window(LIKES.end + 30 * DAY, LIKES.end + 50 * DAY)).with_window(
    "judging", Window(LIKES.end + 2 * DAY, LIKES.end + 7 * DAY)
)
START = LIKES.start + DAY
AT = START + 6 * HOUR
ORDER = DeclareOutage(START, START + 2 * HOUR, 120, "机房断电", None, "olga", AT)


def running(*events: object, campaign: Campaign = WIDE) -> Given:
    return given(handed(), listed(("U1-1", "A001", "state")), *events, campaign=campaign)


def moved(window: str, start: int, end: int, shift: int, *, kept: bool = False) -> WindowChange:
    return WindowChange(window, start if kept else start + shift, end + shift, start, end)


def declared(*changes: WindowChange, order: DeclareOutage = ORDER, name: str = "O1") -> list[Any]:
    """Return the events of a declared outage."""
    outage = OutageDeclared(
        name, order.start, order.end, order.minutes * MINUTE, changes, order.reason, order.evidence, order.by, order.at
    )
    words = f"{name}: {order.reason}"
    return [outage, *(WindowMoved(each.window, each.start, each.end, words, order.by, order.at) for each in changes)]


LONGER = moved("likes", LIKES.start, LIKES.end, 2 * HOUR, kept=True)
ONE = declared(LONGER)


def test_an_outage_lengthens_like_week() -> None:
    running().when(ORDER).then(*ONE)


def test_windows_that_would_overlap_move_as_far_as_is_needed_and_keep_their_length() -> None:
    judging, exhibition = CLOSE.window("judging"), CLOSE.window("exhibition")
    changes = [LONGER, *(moved(name, each.start, each.end, 2 * HOUR) for name, each in
                         (("judging", judging), ("exhibition", exhibition)))]  # fmt: skip
    running(campaign=CLOSE).when(ORDER).then(*declared(*changes))


def test_an_outage_is_taken_back_before_it_takes_effect() -> None:
    back = WindowMoved("likes", LIKES.start, LIKES.end, "误报", "omar", AT + 1)
    revoke = RevokeOutage("O1", "误报", "omar", AT + 1)
    revoked = OutageRevoked("O1", "误报", "omar", AT + 1)
    running(*ONE).when(revoke).then(revoked, back)
    running(*ONE, revoked, back).when(revoke).then()
    running(*ONE).when(replace(revoke, words=" ")).refused("words-missing")
    running(*ONE).when(replace(revoke, at=LIKES.end - MARGIN_MS)).refused("outage-in-effect")
    running().when(revoke).refused("outage-unknown")


def test_an_outage_is_not_taken_back_over_a_later_move_of_the_window() -> None:
    later = WindowMoved("likes", LIKES.start, LIKES.end + DAY, "雨", "olga", AT)
    running(*ONE, later).when(RevokeOutage("O1", "误报", "omar", AT)).refused("outage-overtaken")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": ""}, "reason-missing"),
        ({"minutes": 121}, "extension-too-long"),
        ({"start": LIKES.start - 1}, "outage-times-impossible"),
        ({"end": AT + 1}, "outage-times-impossible"),
        ({"end": START}, "outage-times-impossible"),
        ({"at": LIKES.end}, "outage-outside-likes"),
    ],
)
def test_an_outage_that_cannot_be_is_refused(change: dict[str, Any], code: str) -> None:
    running().when(replace(ORDER, **change)).refused(code)


def test_a_time_counts_as_an_outage_once() -> None:
    again = replace(ORDER, start=START + HOUR, end=START + 3 * HOUR)
    running(*ONE).when(again).refused("outage-known")
    revoked = [OutageRevoked("O1", "误报", "omar", AT), WindowMoved("likes", LIKES.start, LIKES.end, "x", "omar", AT)]
    running(*ONE, *revoked).when(again).then(*declared(LONGER, order=again, name="O2"))


def test_the_rules_say_how_much_outages_may_lengthen_like_week_in_all() -> None:
    least = replace(WIDE, likes=replace(WIDE.likes, outage_hours=3))
    second = replace(ORDER, start=START + 3 * HOUR, end=START + 5 * HOUR)
    running(*ONE, campaign=least).when(second).refused("extension-not-allowed")
    longer = moved("likes", LIKES.start, LIKES.end + 2 * HOUR, HOUR, kept=True)
    hour = replace(second, minutes=60)
    running(*ONE, campaign=least).when(hour).then(*declared(longer, order=hour, name="O2"))
    none = replace(WIDE, likes=replace(WIDE.likes, outage_hours=0))
    running(campaign=none).when(ORDER).refused("extension-not-allowed")


def test_rules_that_say_nothing_of_outages_keep_their_hash() -> None:
    assert "outage_hours" not in to_data(CAMPAIGN)["likes"]
    less = replace(CAMPAIGN, likes=replace(CAMPAIGN.likes, outage_hours=6))
    assert (from_data(to_data(less)), rule_hash(less) == rule_hash(CAMPAIGN)) == (less, False)


def test_a_campaign_file_says_how_many_hours_are_allowed() -> None:
    text = re.sub(r"outage_hours = \d+", "outage_hours = 6", TOML.read_text())
    campaign, _ = check(text)
    assert campaign is not None
    assert campaign.likes.outage_hours == 6


def test_no_outage_before_a_campaign_opens() -> None:
    SPEC.given().when(ORDER).refused("campaign-not-open")


OUTAGE_LETTER = ApprovedLetter("outage.U1-1.O1", "outage", "contact.U1", "U1-1", "点赞延长", "正文")
REVOKED = OutageRevoked("O1", "误报", "omar", AT + 1)


def waiting(*events: object) -> dict[str, tuple[str, str, str]]:
    """Return the letters about outages that wait for an organiser, with receiver, title and words."""
    state = running(approved(), *events).state
    found = {each.name: (each.to, rendered(each, state, page="")) for each in proposed(state)}
    return {name: (to, text.title, text.words) for name, (to, text) in found.items() if name.startswith("outage")}


def test_each_unit_on_the_shortlist_is_told_of_an_outage() -> None:
    ((name, (to, title, words)),) = waiting(*ONE).items()

    assert (name, to) == ("outage.U1-1.O1", "contact.U1")
    assert title.endswith("点赞延长至 2021-06-14 02:00")
    assert "机房断电" in words


def test_letter_about_an_outage_goes_when_it_is_taken_back() -> None:
    sent = DeliveryEnded("outage.U1-1.O1", "email", 1, "sent", "250", None, AT)
    out = (LettersApproved((OUTAGE_LETTER,), "olga", AT), DeliveryBegun("outage.U1-1.O1", "email", 1, AT), sent)
    running_state = running(approved(), *ONE, out[0], REVOKED).state

    assert waiting(*ONE, REVOKED) == {}
    assert reversed_letters(running_state) == ["outage.U1-1.O1"]
    assert list(waiting(*ONE, *out, REVOKED)) == ["outage-revoked.U1-1.O1"]
