"""Open routes that ask a service: one call for those who ask at the same time, and a pace for guessed numbers."""

import asyncio
from typing import Any

import pytest

from gateway.admission.look_ups import UNKNOWN_NUMBERS, LookUps
from gateway.routes import ROUTES
from gateway.routing.route import API
from tests.unit.gateway.ownership import send
from tests.unit.gateway.town import CONTENT, Answer, Town, Visitor, code

NUMBER = "ABCDEFGH23456722"
PARTS = {"entry": "A001", "number": "A001", "receipt": "0" * 32, "complaint": NUMBER, "objection": NUMBER,
         "certificate": NUMBER}  # fmt: skip
NUMBERS = {
    f"GET {API}/receipts/{{receipt}}": "receipt-unknown",
    f"GET {API}/complaints/{{complaint}}": "complaint-unknown",
    f"GET {API}/objections/{{objection}}": "objection-unknown",
    f"GET {API}/certificates/{{certificate}}": "certificate-unknown",
}
PAGES = {name.replace(API, "") for name in NUMBERS} | {"GET /certificates/{certificate}.pdf"}
FIXED = [
    f"GET {API}/entries/{{entry}}", "GET /entries/{number}", f"GET {API}/campaign/rules", f"GET {API}/declaration",
    f"GET {API}/campaign/rules/sheet", "GET /rules",
]  # fmt: skip


class SlowTown(Town):
    """A town whose services answer only when everybody who asks has begun to wait."""

    async def call(self, service: str, method: str, call: dict[str, Any]) -> Answer:
        for _ in range(50):
            await asyncio.sleep(0)
        return await super().call(service, method, call)


def ask_at_once(visitor: Visitor, name: str, count: int) -> list[Any]:
    """Send the same request so often at once."""
    method, path = name.split(" ")
    for part, value in PARTS.items():
        path = path.replace(f"{{{part}}}", value)

    async def send_all() -> list[Any]:
        return list(await asyncio.gather(*(visitor.client.request(method, path) for _ in range(count))))

    answers: list[Any] = visitor.run(send_all())
    return answers


@pytest.mark.parametrize("name", [*FIXED, *NUMBERS, *sorted(PAGES)])
def test_people_who_ask_for_the_same_at_the_same_time_cost_one_call(visit: Any, name: str):
    visitor = visit(town=SlowTown())
    for service, method in (
        ("voting", "receipt"), ("moderation", "complaint"), ("ranking", "objection"), ("ranking", "certificate"),
    ):  # fmt: skip
        visitor.town.answers[service, method] = {"refused": {"code": f"{method}-unknown", "field": None, "detail": {}}}
    visitor.town.answers["submission", "public_entry"] = {"ok": CONTENT}
    visitor.town.answers["moderation", "rules"] = {"ok": {"versions": []}}
    sheet = {"rule_hash": "f" * 64, "sections": [], "example": [], "locked": True}
    visitor.town.answers["ranking", "rule_sheet"] = {"ok": sheet}
    visitor.town.answers["submission", "declaration"] = {"ok": {"zh": "", "words": ""}}

    answers = ask_at_once(visitor, name, 60)

    asked = [(service, method) for service, method, _ in visitor.town.calls]
    status = 404 if name in {*NUMBERS, *PAGES} else 200
    assert {each.status_code for each in answers} == {status}, answers[0].text
    assert len(asked) == len(set(asked)), asked


@pytest.mark.parametrize("name", NUMBERS)
def test_address_that_guesses_numbers_waits(visitor: Visitor, name: str):
    visitor.app_context.look_ups = LookUps(now=lambda: 0.0)
    for service, method in (
        ("voting", "receipt"), ("moderation", "complaint"), ("ranking", "objection"), ("ranking", "certificate"),
    ):  # fmt: skip
        visitor.town.answers[service, method] = {"refused": {"code": f"{method}-unknown", "field": None, "detail": {}}}

    answers = [code(send(visitor, name, {}, PARTS)) for _ in range(UNKNOWN_NUMBERS + 1)]

    assert answers == [*[NUMBERS[name]] * UNKNOWN_NUMBERS, "too-fast"]


def test_every_open_route_with_a_number_is_paced():
    api = {route.name for route in ROUTES if route.is_open and route.base == API and "too-fast" in route.problems}

    assert api - {f"GET {API}/likes/tickets/{{ticket}}"} >= set(NUMBERS)


def test_entry_s_page_shows_what_the_view_holds_when_there_are_too_many_questions(visitor: Visitor):
    visitor.town.answers["submission", "public_entry"] = {"refused": {"code": "busy", "field": None, "detail": {}}}

    answer = visitor.request("GET", "/entries/A001", plain=True)

    assert (answer.status_code, "炼钢" in answer.text) == (200, True)
