"""Faults that a test requests, and the journal that records their effects."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.unit.wechat_sim.phone import Phone, phone

pytestmark = pytest.mark.slow  # starts processes or sockets

TICKET = "/cgi-bin/ticket/getticket"


@pytest.fixture(scope="module")
def shared() -> Iterator[Phone]:
    with phone() as made:
        yield made


@pytest.fixture
def at(shared: Phone) -> Phone:
    return shared.settle()


def ticket(at: Phone, token: str) -> int:
    return at.get(TICKET, access_token=token)["errcode"]


@pytest.mark.parametrize("errcode", [-1, 40001, 42001, 45009])
def test_errcode_is_answered_as_often_as_ordered(at: Phone, errcode: int):
    token = at.stable()
    at.order("faults", fault=str(errcode), times=2)

    assert [errcode, errcode, 0] == [ticket(at, token) for _ in range(3)]


def test_fault_of_one_call_leaves_the_others_alone(at: Phone):
    at.order("faults", fault="45009", call="ticket/getticket")

    token = at.stable()

    assert ticket(at, token) == 45009


def test_slow_answer_is_an_answer(at: Phone):
    token = at.stable()
    at.order("faults", fault="slow", delay_ms=200, times=1)

    began = time.monotonic()

    assert (ticket(at, token), time.monotonic() - began >= 0.2) == (0, True)


def test_slow_answer_may_be_a_refusal_as_well(at: Phone):
    token = at.stable()
    at.order("faults", fault="slow", delay_ms=1)
    at.order("faults", fault="-1", times=1)

    assert [ticket(at, token) for _ in range(2)] == [-1, 0]


def test_platform_that_is_down_answers_no_json(at: Phone):
    at.order("faults", fault="down", times=1)

    assert at.http.get(TICKET).status_code == 502


def test_connection_is_cut_in_the_middle_of_an_answer(at: Phone):
    at.order("faults", fault="cut", times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        at.http.get(TICKET)


def test_spoiled_tokens_are_refused(at: Phone):
    token = at.stable()
    at.order("spoil")

    assert ticket(at, token) == 40001


def test_faults_are_shown_and_taken_back(at: Phone):
    shown = [{**each, "id": 0} for each in at.order("faults", fault="-1", times=3)["faults"]]
    gone = at.http.delete("/sim/faults").json()["faults"]

    assert (shown, gone) == ([{"id": 0, "kind": "-1", "call": None, "left": 3, "delay_ms": 0}], [])
    assert at.get("/sim/faults")["faults"] == []


def test_journal_says_what_was_asked_and_what_was_answered(at: Phone):
    ticket(at, at.stable())
    at.order("faults", fault="-1", times=1)
    ticket(at, "any")

    assert [(each["what"], each["outcome"]) for each in at.journal("call")] == [
        ("stable_token", "ok"),
        ("ticket/getticket", "ok"),
        ("ticket/getticket", "-1"),
    ]


def test_journal_is_read_on_from_a_number_and_forgotten(at: Phone):
    at.stable()
    (first,) = at.get("/sim/journal")["entries"]
    at.stable()

    beyond = at.get("/sim/journal", after=first["n"])["entries"]
    at.http.delete("/sim/journal")

    assert ([each["n"] for each in beyond], at.get("/sim/journal")["entries"]) == ([first["n"] + 1], [])
