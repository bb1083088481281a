"""Faults that a test requests, and the journal that records their effects."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

pytestmark = pytest.mark.slow  # starts processes or sockets

TICKET = "/cgi-bin/ticket/getticket"


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorClient]:
    with running_simulator() as made:
        yield made


@pytest.fixture
def sim(shared: SimulatorClient) -> SimulatorClient:
    return shared.settle()


def ticket(sim: SimulatorClient, token: str) -> int:
    return sim.get(TICKET, access_token=token)["errcode"]


@pytest.mark.parametrize("errcode", [-1, 40001, 42001, 45009])
def test_errcode_is_answered_as_often_as_ordered(sim: SimulatorClient, errcode: int):
    token = sim.stable()
    sim.order("faults", fault=str(errcode), times=2)

    assert [errcode, errcode, 0] == [ticket(sim, token) for _ in range(3)]


def test_fault_of_one_call_leaves_the_others_alone(sim: SimulatorClient):
    sim.order("faults", fault="45009", call="ticket/getticket")

    token = sim.stable()

    assert ticket(sim, token) == 45009


def test_slow_answer_is_an_answer(sim: SimulatorClient):
    token = sim.stable()
    sim.order("faults", fault="slow", delay_ms=200, times=1)

    began = time.monotonic()

    assert (ticket(sim, token), time.monotonic() - began >= 0.2) == (0, True)


def test_slow_answer_may_be_a_refusal_as_well(sim: SimulatorClient):
    token = sim.stable()
    sim.order("faults", fault="slow", delay_ms=1)
    sim.order("faults", fault="-1", times=1)

    assert [ticket(sim, token) for _ in range(2)] == [-1, 0]


def test_platform_that_is_down_answers_no_json(sim: SimulatorClient):
    sim.order("faults", fault="down", times=1)

    assert sim.http.get(TICKET).status_code == 502


def test_connection_is_cut_in_the_middle_of_an_answer(sim: SimulatorClient):
    sim.order("faults", fault="cut", times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        sim.http.get(TICKET)


def test_spoiled_tokens_are_refused(sim: SimulatorClient):
    token = sim.stable()
    sim.order("spoil")

    assert ticket(sim, token) == 40001


def test_faults_are_shown_and_taken_back(sim: SimulatorClient):
    shown = [{**each, "id": 0} for each in sim.order("faults", fault="-1", times=3)["faults"]]
    gone = sim.http.delete("/sim/faults").json()["faults"]

    assert (shown, gone) == ([{"id": 0, "kind": "-1", "call": None, "left": 3, "delay_ms": 0}], [])
    assert sim.get("/sim/faults")["faults"] == []


def test_journal_says_what_was_asked_and_what_was_answered(sim: SimulatorClient):
    ticket(sim, sim.stable())
    sim.order("faults", fault="-1", times=1)
    ticket(sim, "any")

    assert [(each["what"], each["outcome"]) for each in sim.journal("call")] == [
        ("stable_token", "ok"),
        ("ticket/getticket", "ok"),
        ("ticket/getticket", "-1"),
    ]


def test_journal_is_read_on_from_a_number_and_forgotten(sim: SimulatorClient):
    sim.stable()
    (first,) = sim.get("/sim/journal")["entries"]
    sim.stable()

    beyond = sim.get("/sim/journal", after=first["n"])["entries"]
    sim.http.delete("/sim/journal")

    assert ([each["n"] for each in beyond], sim.get("/sim/journal")["entries"]) == ([first["n"] + 1], [])
