"""Like tickets, challenges and devices over HTTP: what a page sends with a like, and the answers."""

from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from tests.unit.gateway.admission.posts import solution
from tests.unit.gateway.town import Visitor, code

LIKE = "/entries/A001/like"
OURS = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 Chrome/116"}


def tickets(visitor: Visitor, **query: Any) -> list[str]:
    answer = visitor.request("GET", "/like-tickets", role="voter", params=query)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    return list(answer.json()["tickets"])


def strict(visitor: Visitor, **changes: int) -> None:
    """Replace the admission settings of the gateway from now on."""
    rules = replace(Admission(challenge_tries=20), **changes)
    visitor.app_context.turnstile = Turnstile(visitor.app_context.keys, rules)


def test_ticket_that_was_asked_for_orders_one_like(visitor: Visitor):
    first, second = tickets(visitor, count=2)

    told = [
        visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": each}) for each in (first, second, second)
    ]

    assert [each.status_code for each in told] == [200, 200, 409]
    assert code(told[2]) == "ticket-used"
    assert len(visitor.town.orders) == 2


@pytest.mark.parametrize(
    ("ticket", "status", "expected"),
    [("", 428, "ticket-missing"), ("zz", 412, "ticket-foreign"), ("00" * 24, 412, "ticket-foreign")],
)
def test_like_without_a_ticket_that_holds_is_refused(visitor: Visitor, ticket: str, status: int, expected: str):
    answer = visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": ticket})

    assert (status, expected) == (answer.status_code, code(answer))
    assert visitor.town.orders == []


def test_ticket_of_an_entry_serves_no_other(visitor: Visitor):
    (ticket,) = tickets(visitor, entry="A001")

    answers = [
        visitor.request("POST", f"/entries/{entry}/like", role="voter", headers={"Like-Ticket": ticket})
        for entry in ("E001", "u1-1")
    ]

    assert [each.status_code for each in answers] == [412, 200]


def test_ticket_of_an_unknown_entry_is_refused(visitor: Visitor):
    assert code(visitor.request("GET", "/like-tickets", role="voter", params={"entry": "B777"})) == "entry-unknown"


def test_tickets_come_in_batches_of_a_day_s_likes_at_most(visitor: Visitor):
    assert [len(tickets(visitor, **query)) for query in ({}, {"count": 7}, {"count": 99})] == [1, 7, 20]


class Broken:
    """A like path that always fails."""

    async def order(self, *order: Any, **more: Any) -> Any:
        raise RuntimeError(order, more)

    async def ticket(self, text: str) -> Any:
        raise RuntimeError(text)


def test_ticket_of_an_order_that_failed_serves_again(visitor: Visitor):
    (ticket,) = tickets(visitor)
    likes, visitor.app_context.likes = visitor.app_context.likes, Broken()
    first = visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": ticket})
    visitor.app_context.likes = likes

    again = visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": ticket})

    assert (first.status_code, again.status_code) == (500, 200)


AHEAD = {"status": "refused", "code": "clock-ahead", "detail": {}}
UNREADABLE = {"status": "refused", "code": "order-unreadable", "detail": {}}


@pytest.mark.parametrize("said", [{"status": "busy"}, {"status": "away"}, AHEAD, UNREADABLE])
def test_ticket_of_an_order_that_was_not_sent_serves_again(visitor: Visitor, said: dict[str, str]):
    (ticket,) = tickets(visitor)
    visitor.town.like = said
    first = visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": ticket})
    visitor.town.like = {"status": "counted", "receipt": "r", "remaining": 19}

    again = visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": ticket})

    assert first.status_code >= 429
    assert again.status_code == 200


def test_ticket_of_a_refused_like_is_used_up(visitor: Visitor):
    (ticket,) = tickets(visitor)
    visitor.town.like = {"status": "refused", "code": "daily-limit", "detail": {"limit": 20}}

    told = [code(visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": ticket})) for _ in range(2)]

    assert told == ["daily-limit", "ticket-used"]


def test_plain_form_brings_its_ticket_in_a_field(visitor: Visitor):
    (ticket,) = tickets(visitor)
    cookie = {"Cookie": f"baijia={visitor.token('voter')}", **OURS}

    answers = [
        visitor.request("POST", LIKE, headers=cookie, data={"ticket": each}) for each in (ticket, "", "x" * 2_000)
    ]

    assert [each.status_code for each in answers] == [200, 428, 413]


def test_plain_form_is_asked_for_no_work_and_its_like_is_pending(visitor: Visitor):
    strict(visitor, device_voters_per_day=1)
    cookies = [f"baijia={visitor.token('voter', sub=f'v{k}')}; baijia-device={'d' * 22}" for k in range(2)]
    issued = [visitor.app_context.turnstile.tickets.issue(f"v{k}")[0] for k in range(2)]

    for cookie, ticket in zip(cookies, issued, strict=True):
        visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookie}, data={"ticket": ticket})

    assert [order["held"] for order in visitor.town.orders] == [None, "pace"]


def test_session_that_is_too_fast_is_told_when_to_come_again(visitor: Visitor):
    visitor.app_context.turnstile = Turnstile(visitor.app_context.keys, Admission(), now=lambda: 0.0)

    answers = [visitor.request("POST", LIKE, role="voter") for _ in range(7)]

    assert {200, 429} == {each.status_code for each in answers}
    assert code(answers[-1]) == "too-fast"
    assert answers[-1].headers["retry-after"] == "1"


def test_like_that_needs_work_is_told_the_challenge_and_counts_when_it_is_solved(visitor: Visitor):
    strict(visitor, device_voters_per_day=1)
    cookies = [f"baijia={visitor.token('voter', sub=f'v{k}')}; baijia-device={'d' * 22}" for k in range(3)]
    free = visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[0]})
    asked = visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[1]})

    solved = {"Challenge-Solution": solution(asked.json()["facts"]["challenge"])}
    answers = [visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[1], **solved}) for _ in range(2)]
    unsolved = visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[2], "Challenge-Solution": "none"})

    assert (asked.status_code, code(asked)) == (403, "challenge-needed")
    assert "retry-after" not in asked.headers
    assert [each.status_code for each in (free, *answers, unsolved)] == [200] * 4
    assert [order["held"] for order in visitor.town.orders] == [None, None, "pace", "pace"]
    assert [order["signals"].get("risk", "none") for order in visitor.town.orders] == ["none"] + ["challenge"] * 3


@pytest.mark.parametrize("said", [{"status": "busy"}, {"status": "away"}, AHEAD, UNREADABLE])
def test_work_for_an_order_that_was_not_sent_serves_again(visitor: Visitor, said: dict[str, str]):
    strict(visitor, device_voters_per_day=1)
    cookies = [f"baijia={visitor.token('voter', sub=f'v{k}')}; baijia-device={'d' * 22}" for k in range(2)]
    visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[0]})
    asked = visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[1]})
    solved = {"Challenge-Solution": solution(asked.json()["facts"]["challenge"])}
    visitor.town.like = said
    visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[1], **solved})

    visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[1], **solved})

    assert [order["held"] for order in visitor.town.orders] == [None] * 3


def test_order_carries_the_signals_of_its_source(visitor: Visitor):
    headers = {"User-Agent": "Mozilla MicroMessenger/8", "Sec-Fetch-Site": "same-origin"}

    visitor.request("POST", LIKE, role="voter", headers=headers)

    (order,) = visitor.town.orders
    signals = order["signals"]
    assert [len(signals.pop(name)) for name in ("net", "addr")] == [11, 11]
    assert signals == {"ua": "MicroMessenger", "site": "same-origin"}
    assert order["held"] is None


def test_challenge_can_be_asked_for_beforehand(visitor: Visitor):
    strict(visitor)

    made = [visitor.request("GET", "/challenge", role="voter", params={"hard": hard}).json() for hard in (0, 1)]

    assert [each["challenge"]["parameters"]["data"]["tries"] for each in made] == [20, 160]


@pytest.mark.parametrize("path", ["/like-tickets", "/challenge"])
def test_session_that_asks_too_often_is_told_to_wait(visitor: Visitor, path: str):
    # The window slides: where a minute of the clock ends meanwhile, a few more are let by.
    told = [visitor.request("GET", path, role="voter").status_code for _ in range(75)]

    assert told[:60] == [200] * 60
    assert told[-1] == 429
    assert int(visitor.request("GET", path, role="voter").headers["retry-after"]) >= 1


@pytest.mark.parametrize(("path", "role"), [("/me/likes", "voter"), ("/likes/tickets/good", None)])
def test_looking_that_goes_to_the_writers_has_a_pace_too(visitor: Visitor, path: str, role: str | None):
    # The window slides here too.
    told = [visitor.request("GET", path, role=role).status_code for _ in range(75)]

    assert told[:60] == [200] * 60
    assert told[-1] == 429


def test_browser_gets_a_device_cookie_once_and_out_of_reach_for_scripts(visitor: Visitor):
    headers = {"Cookie": f"baijia={visitor.token('voter')}"}

    first = visitor.request("GET", "/like-tickets", headers=headers)
    cookie = first.headers["set-cookie"]
    value = cookie.partition(";")[0]
    again = visitor.request("GET", "/like-tickets", headers={"Cookie": f"{headers['Cookie']}; {value}"})

    assert value.startswith("baijia-device=")
    assert all(each in cookie.lower() for each in ("httponly", "samesite=lax", "path=/"))
    assert "set-cookie" not in again.headers


def test_program_with_a_token_has_no_device(visitor: Visitor):
    assert "set-cookie" not in visitor.request("GET", "/like-tickets", role="voter").headers


def test_what_admission_does_is_counted_without_names(visitor: Visitor):
    before = _counts()
    strict(visitor, device_voters_per_day=1)
    cookies = [f"baijia={visitor.token('voter', sub=f'v{k}')}; baijia-device={'d' * 22}" for k in range(2)]
    for cookie in cookies:
        visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookie})
    visitor.request("POST", LIKE, role="voter", headers={"Like-Ticket": "x"})
    visitor.request("POST", LIKE, headers={**OURS, "Cookie": cookies[1], "Challenge-Solution": "none"})

    assert [now - then for now, then in zip(_counts(), before, strict=True)] == [1, 1, 1, 1, 1]


def _counts() -> list[float]:
    names: list[tuple[str, dict[str, str]]] = [
        ("baijia_admission_total", {"verdict": "none"}),
        ("baijia_admission_total", {"verdict": "hold"}),
        ("baijia_like_tickets_refused_total", {"reason": "foreign"}),
        ("baijia_challenges_total", {"outcome": "issued"}),
        ("baijia_challenges_total", {"outcome": "declined"}),
    ]
    return [REGISTRY.get_sample_value(*each) or 0.0 for each in names]
