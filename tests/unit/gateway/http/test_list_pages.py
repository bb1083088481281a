"""Lists come in pages: every row once, whoever comes and goes, and an unknown place is refused."""

from typing import Any

import pytest

from gateway.http import list_pages
from gateway.http.list_pages import LIMIT, ListPage
from gateway.http.problems import Problem
from gateway.routes import ROUTES
from gateway.routing.route import API
from tests.unit.gateway.ownership import NAMED, send
from tests.unit.gateway.town import Visitor, code

PAGED = {
    f"GET {API}/staff": (("moderation", "staff"), list_pages.STAFF),
    f"GET {API}/shortlist": (("moderation", "shortlist"), list_pages.SHORTLIST),
    f"GET {API}/late-passes": (("submission", "late_passes"), list_pages.LATE_PASSES),
    f"GET {API}/scenarios": (("ranking", "scenarios"), list_pages.SCENARIOS),
    f"GET {API}/certificates": (("ranking", "certificates"), list_pages.CERTIFICATES),
    f"GET {API}/my/entries": (("submission", "entries_of_unit"), list_pages.OWN_ENTRIES),
}
ROWS = [{"number": name} for name in ("A001", "A002", "A010", "B001", "AA001")]
BY_NUMBER, BY_TIME = ListPage("rows", "number", list_pages.number_order), ListPage("rows", "number")


def walked(page: ListPage, limit: int, *, removed: str = "") -> list[str]:
    """Read a list page by page, where the last row of the first page is removed after it if `removed`."""
    rows, seen, after = list(ROWS), [], {}
    while True:
        answer = page.cut({"rows": rows}, {"limit": limit, **after})
        seen += [each["number"] for each in answer["rows"]]
        rows = [each for each in rows if each["number"] != removed]
        if answer["next"] is None:
            return seen
        after = {"after": answer["next"]}


@pytest.mark.parametrize("page", [BY_NUMBER, BY_TIME])
@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_pages_of_a_list_are_the_list(page: ListPage, limit: int):
    assert walked(page, limit) == [each["number"] for each in ROWS]


def test_sorted_list_goes_on_from_the_place_of_a_row_that_is_gone():
    assert walked(BY_NUMBER, 2, removed="A002") == [each["number"] for each in ROWS]


@pytest.mark.parametrize("page", [BY_NUMBER, BY_TIME])
def test_place_that_the_list_does_not_know_is_refused(page: ListPage):
    with pytest.raises(Problem) as refused:
        page.cut({"rows": ROWS}, {"after": "unheard-of"})

    assert (refused.value.code, refused.value.field) == ("cursor-unknown", "after")


@pytest.mark.parametrize("name", PAGED)
def test_route_answers_in_pages(visitor: Visitor, name: str):
    call, page = PAGED[name]
    names = [f"A{n:03}" for n in range(1, 6)]
    rows = [{page.place: each} for each in names]
    role = sorted(NAMED[name].roles)[0]
    headers = {"Authorization": f"Bearer {visitor.token(role)}"}
    visitor.request("GET", "/me", headers=headers)  # reads the list of staff
    visitor.town.answers[call] = {"ok": {page.rows: rows}}

    seen: list[str] = []
    answer: dict[str, Any] = {"next": ""}
    while answer["next"] is not None:
        query = f"?limit=2&after={answer['next']}" if answer["next"] else "?limit=2"
        answer = send(visitor, name, headers, {}, query=query).json()
        seen += [each[page.place] for each in answer[page.rows]]
    whole = send(visitor, name, headers, {}).json()
    refused = send(visitor, name, headers, {}, query="?after=unheard-of")

    assert (seen, [each[page.place] for each in whole[page.rows]], whole["next"]) == (names, names, None)
    assert refused.status_code == 200 if page is list_pages.STAFF else code(refused) == "cursor-unknown"
    assert [call["body"] for call in visitor.town.calls_to(*call) if {"after", "limit"} & {*call["body"]}] == []


def test_pages_have_at_most_the_limit(visitor: Visitor):
    assert visitor.request("GET", f"/staff?limit={LIMIT + 1}", role="organiser").status_code == 422


def test_every_route_with_pages_is_tried():
    paged = {route.name for route in ROUTES if route.query is not None and "after" in route.query().fields}
    others = {
        "entries",
        "moderation/queue",
        "moderation/work",
        "moderation/complaints",
        "result/objections",
        "roll",
        "letters",
        "question-desk",
    }

    assert paged == {*PAGED} | {f"GET {API}/{each}" for each in others}
