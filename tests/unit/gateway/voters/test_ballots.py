"""Ballots over real vote writers in memory: several likes in one request, each answered for itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from tests.e2e.voter_town import VoterTown, opened_town
from tests.unit.gateway.town import CLOCK, DAY, code

BALLOTS = "/api/v1/ballots"
STATE = ["A001", "A011", "A012", "A013", "A014", "A015"]  # of one type, of which five may be liked in a day


class Voter:
    """A voter's client of the gateway in front of the town."""

    def __init__(self, town: VoterTown, sub: str = "f" * 24) -> None:
        self.town, self.sub, self.app_context = town, sub, town.app.state.app_context
        token, _ = self.app_context.sessions.issue(sub, frozenset({"voter"}))
        self.headers = {"Authorization": f"Bearer {token}"}
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}

        async def request() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.town.app), base_url="http://b") as client:
                return await client.request(method, path, headers=headers, **more)

        return self._runner.run(request())

    def ballot(self, *entries: str, key: str = "k1", ticket: str = "", **headers: str) -> httpx.Response:
        ticket = ticket or self.app_context.turnstile.tickets.issue(self.sub)[0]
        return self.send("POST", BALLOTS, json={"entries": list(entries)},
                         headers={"Like-Ticket": ticket, "Idempotency-Key": key, **headers})  # fmt: skip

    def stored_likes(self) -> list[tuple[str, str]]:
        likes = self.send("GET", "/api/v1/me/likes").json()["all_days"]
        return sorted((each["entry"], each["status"]) for each in likes)


@pytest.fixture
def voter(tmp_path: Path) -> Iterator[Voter]:
    made = Voter(opened_town(tmp_path))
    yield made
    made.close()


def statuses(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(each["entry"], each.get("code", each["status"])) for each in answer.json()["answers"]]


def test_ballot_likes_each_entry_as_a_single_like_does(voter: Voter):
    answer = voter.ballot("A001", "E001")

    assert (answer.status_code, answer.json()["remaining"]) == (200, 18)
    assert statuses(answer) == [("A001", "counted"), ("E001", "counted")]
    assert voter.stored_likes() == [("u1-1", "counted"), ("u3-1", "counted")]
    receipts = [each["receipt"] for each in answer.json()["answers"]]
    assert receipts == [each["receipt"] for each in voter.send("GET", "/api/v1/me/likes").json()["likes"]]


def test_entry_that_is_named_twice_is_liked_once(voter: Voter):
    answer = voter.ballot("A001", "A001", "u1-1")

    assert statuses(answer) == [("A001", "counted"), ("A001", "already"), ("u1-1", "already")]
    assert voter.stored_likes() == [("u1-1", "counted")]


def test_limits_refuse_what_is_too_much_and_nothing_else(voter: Voter):
    answer = voter.ballot(*STATE, "E001", "Z999")

    assert statuses(answer) == [
        *((number, "counted") for number in STATE[:5]),
        ("A015", "type-limit"),
        ("E001", "counted"),
        ("Z999", "entry-unknown"),
    ]
    assert "今天还可以为其它类型的单位点赞" in answer.json()["answers"][5]["reason"]
    assert answer.json()["remaining"] == 14


def test_ballot_beyond_the_day_s_limit_likes_nothing(voter: Voter):
    answer = voter.ballot(*["A001"] * 21)

    assert (answer.status_code, code(answer)) == (422, "ballot-too-long")
    assert voter.stored_likes() == []


def test_ballot_that_is_sent_again_with_its_key_is_answered_the_same(voter: Voter):
    first, again = voter.ballot("A001", "E001"), voter.ballot("A001", "E001")

    assert again.json() == first.json()
    assert voter.town.ledger.head(voter.town.log(voter.sub)) == 2


def test_ballot_that_is_sent_again_does_not_undo_an_unlike(voter: Voter):
    receipt = voter.ballot("A001").json()["answers"][0]["receipt"]
    ticket = voter.app_context.turnstile.tickets.issue(voter.sub)[0]
    voter.send("DELETE", "/api/v1/entries/A001/like", headers={"Like-Ticket": ticket, "Like-Receipt": receipt})

    voter.ballot("A001")

    assert voter.stored_likes() == [("u1-1", "retracted")]


def test_key_of_another_ballot_is_refused(voter: Voter):
    voter.ballot("A001")

    assert code(voter.ballot("E001")) == "idempotency-key-reused"
    assert code(voter.send("POST", BALLOTS, json={"entries": ["A001"]})) == "idempotency-key-missing"


def test_ballot_that_reached_no_writer_may_be_sent_again_with_the_same_ticket(voter: Voter):
    ticket = voter.app_context.turnstile.tickets.issue(voter.sub)[0]
    voter.town.away = True
    away = voter.ballot("A001", "E001", ticket=ticket)
    voter.town.away = False

    again = voter.ballot("A001", "E001", ticket=ticket)

    assert (away.status_code, code(away)) == (503, "like-away")
    assert statuses(again) == [("A001", "counted"), ("E001", "counted")]


def test_part_that_reached_no_writer_is_sent_again_and_the_rest_is_not(voter: Voter):
    voter.town.lost = {"u3-1"}
    first = voter.ballot("A001", "E001")
    voter.town.lost = set()

    again = voter.ballot("A001", "E001")

    assert statuses(first) == [("A001", "counted"), ("E001", "like-away")]
    assert statuses(again) == [("A001", "counted"), ("E001", "counted")]


def test_like_ticket_serves_for_one_ballot(voter: Voter):
    ticket = voter.app_context.turnstile.tickets.issue(voter.sub)[0]
    voter.ballot("A001", ticket=ticket)

    assert code(voter.ballot("E001", key="k2", ticket=ticket)) == "ticket-used"
    assert code(voter.ballot("E001", key="k3", ticket="x")) == "ticket-foreign"


def test_ballot_is_charged_to_its_address_like_by_like_and_pays_the_hard_price(voter: Voter):
    keys, wall = voter.app_context.keys, voter.app_context.wall
    voter.app_context.turnstile = Turnstile(keys, Admission(address_per_min=3), wall=wall)
    assert voter.ballot("A001", "A011", "A012").status_code == 200

    answer = voter.ballot("E001", "A013", key="k2")

    assert code(answer) == "challenge-needed"
    easy = Turnstile(keys, Admission(), wall=wall).challenges.issue("v", hard=False)
    asked = answer.json()["facts"]["challenge"]["parameters"]["data"]["tries"]
    assert asked > easy["parameters"]["data"]["tries"]


def test_ticked_entries_are_liked_by_form_and_the_page_says_what_became_of_each(voter: Voter):
    ticket = voter.app_context.turnstile.tickets.issue(voter.sub)[0]
    fields = {"ticket": ticket, **{f"pick.{number}": "1" for number in STATE}}

    pages = [voter.send("POST", "/ballots", data=fields) for _ in range(2)]

    assert [each.status_code for each in pages] == [200, 200]
    assert "5 个已点赞 · 1 个没有点赞" in pages[0].text
    assert "今天还可以点赞 15 个成果" in pages[0].text
    assert len(voter.stored_likes()) == 5


def test_form_without_a_tick_likes_nothing_and_says_so(voter: Voter):
    page = voter.send("POST", "/ballots", data={"ticket": "x"})

    assert (page.status_code, "没有选中任何成果" in page.text) == (200, True)


def test_ballot_of_after_the_close_is_refused_one_by_one(voter: Voter):
    voter.town.move_to(CLOCK + 8 * DAY)

    assert statuses(voter.ballot("A001", "E001")) == [("A001", "window-closed"), ("E001", "window-closed")]


def test_list_shows_the_voter_s_state_and_another_visitor_none_of_it(voter: Voter):
    voter.ballot("A001")

    mine, other = voter.send("GET", "/"), voter.send("GET", "/", headers={"Authorization": ""})

    assert mine.text.count(" data-liked") == 1
    assert 'data-number="A001" data-liked' in mine.text
    assert mine.headers["cache-control"] == "private, no-store"
    assert "data-liked" not in other.text
    assert all(b"-like-t" not in each.content for each in (mine, other))


def test_search_shows_the_voter_s_state_too(voter: Voter):
    voter.ballot("A001")

    found = voter.send("GET", "/search?q=A001")

    assert 'data-number="A001" data-liked' in found.text
    assert 'form="ballot"' in found.text
    assert found.headers["cache-control"] == "private, no-store"
