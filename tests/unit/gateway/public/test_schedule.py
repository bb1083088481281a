"""The page of the schedule: each phase with its times, in both languages, as the services decide by them."""

from typing import Any

import pytest

from gateway.html.texts import WORDS
from gateway.public.schedule import schedule_rows
from tests.unit.gateway.town import VIEWS, Visitor

WINDOWS = {"submission": {"start": 10, "end": 20}, "likes": {"start": 20, "end": 30}, "other": {"start": 1, "end": 2}}


@pytest.mark.parametrize(
    ("at", "states"),
    [
        (9, ["coming", "coming"]),
        (10, ["now", "coming"]),
        (20, ["past", "now"]),
        (30, ["past", "past"]),
    ],
)
def test_phase_is_coming_now_or_past(at: int, states: list[str]):
    rows = schedule_rows(WINDOWS, at)

    assert [(each["name"], each["state"]) for each in rows] == list(zip(("submission", "likes"), states, strict=True))


@pytest.mark.parametrize(("lang", "at"), [("zh", 0), ("en", 1)])
def test_page_names_each_phase_with_what_happens_in_it(visit: Any, lang: str, at: int):
    visitor: Visitor = visit(views=VIEWS)

    answer = visitor.request("GET", f"/schedule?lang={lang}", plain=True)

    names = visitor.views.campaign["windows"].keys() & {"submission", "likes", "judging", "exhibition"}
    assert (answer.status_code, len(names) > 0) == (200, True)
    assert [each for each in names if WORDS[f"schedule.{each}"][at] not in answer.text] == []
    assert f'href="/schedule">{WORDS["schedule.page"][at]}' in visitor.request("GET", f"/?lang={lang}", plain=True).text
