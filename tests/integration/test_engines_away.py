"""Engines that are absent when processes start, or fail while they run: each process reports it, refuses work, and
recovers by itself.

The engines are shared with other tests and keep running: what fails is the connection to them, a proxy given to
each process.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from deploy.topology.admission_settings import use_rehearsal_limits
from services.moderation import events as desk
from shared.passwords import hash_password
from shared.sealing import Sealer
from shared.testing.tcp_proxy import TcpProxy
from tests.declared_answers import ANSWER_HOOKS
from tests.integration.processes import Process, process, rpc_caller, running_services
from tests.integration.temporary_campaign import PARTITIONS, Place
from tests.integration.threads import wait
from tests.integration.voting import open_to_gateway
from tests.unit.voting.stories import NOON, START, opened

pytestmark = pytest.mark.slow

HOUR = 3_600_000
API = "/api/v1"
PASSWORD = "correct horse battery"
PROCESSES = {
    "moderation": ("service", "moderation"),
    "ranking": ("service", "ranking"),
    "vote-writer": ("vote-writer",),
    "relay": ("relay",),
    "projector": ("projector",),
    "clock": ("clock",),
    "media-worker": ("media-worker",),
    "gateway": ("gateway",),
}


@dataclass(frozen=True, slots=True)
class ProxiedPlace:
    """A campaign whose processes connect to their engines through two proxies."""

    place: Place
    mongo: TcpProxy
    amqp: TcpProxy

    def refuse(self) -> None:
        """Refuse new connections to both engines."""
        self.mongo.refuse()
        self.amqp.refuse()

    def accept(self) -> None:
        """Accept connections to both engines again."""
        self.mongo.accept()
        self.amqp.accept()


@contextmanager
def proxied_place(place: Place) -> Iterator[ProxiedPlace]:
    """Start two proxies before the engines."""
    with TcpProxy.before(place.settings.mongo_uri) as mongo, TcpProxy.before(place.settings.amqp_uri) as amqp:
        settings = replace(place.settings, mongo_uri=mongo.uri, amqp_uri=amqp.uri)
        yield ProxiedPlace(replace(place, settings=settings), mongo, amqp)


@contextmanager
def running_processes(place: Place, *names: str) -> Iterator[dict[str, Process]]:
    """Start these processes in a rehearsal; yield them by name."""
    use_rehearsal_limits(place.settings)
    with ExitStack() as stack:
        yield {name: stack.enter_context(process(place, *PROCESSES[name], name=name)) for name in names}


@contextmanager
def gateway_client(gateway: Process) -> Iterator[httpx.Client]:
    """Yield a client of the gateway that is ready and shows the entries."""
    url = f"http://127.0.0.1:{gateway.environment['BAIJIA_GATEWAY_PORT']}"
    with httpx.Client(base_url=url, timeout=30, event_hooks=ANSWER_HOOKS) as client:
        wait(lambda: _shows(client), what="the gateway is ready and shows the entries")
        yield client


def _shows(client: httpx.Client) -> bool:
    """Return whether the gateway is ready and shows the entries.

    It becomes ready with stored views, and those of a new campaign may be one update behind.
    """
    try:
        return client.get("/readyz").status_code == 200 and client.get(f"{API}/entries").json()["total"] > 0
    except httpx.TransportError:
        return False


def voters(client: httpx.Client, count: int) -> list[dict[str, str]]:
    """Create voters through the rehearsal route; return their request headers."""
    openids = [f"openid-{k}" for k in range(count)]
    answer = client.post(f"{API}/rehearsal/voters", json={"openids": openids}, headers={"Idempotency-Key": "v"})
    return [{"Authorization": f"Bearer {each['token']}"} for each in answer.json()["voters"]]


def add_organiser(place: Place) -> None:
    """Appoint an organiser who can sign in."""
    sealer = Sealer(place.keys.campaign)
    name, password = sealer.seal_text("Olga"), sealer.seal(hash_password(PASSWORD))
    place.append("moderation", [desk.StaffAppointed("olga", name, ("organiser",), password, "o", NOON)])


def sign_in(client: httpx.Client) -> dict[str, str]:
    """Sign the organiser in as soon as moderation answers; return the request headers."""
    told: list[httpx.Response] = []

    def try_sign_in() -> bool:
        told.append(client.post(f"{API}/sessions", json={"staff": "olga", "password": PASSWORD}))
        return told[-1].is_success

    wait(try_sign_in, what="moderation signs the organiser in")
    return {"Authorization": f"Bearer {told[-1].json()['token']}"}


def move_clock(client: httpx.Client, staff: dict[str, str], now: int) -> httpx.Response:
    """Send a command to move the clock; it is the same command each time for the same `now`."""
    return client.post(f"{API}/campaign/clock", json={"now": now}, headers={**staff, "Idempotency-Key": f"clock-{now}"})


def like(client: httpx.Client, voter: dict[str, str], entry: str = "a") -> httpx.Response:
    """Like an entry with a fresh like ticket."""
    (ticket,) = client.get(f"{API}/like-tickets", headers=voter).json()["tickets"]
    return client.post(f"{API}/entries/{entry}/like", headers={**voter, "Like-Ticket": ticket})


def likes(place: Place) -> list[str]:
    """Return the voters of all stored likes."""
    return [event.voter for p in range(PARTITIONS) for event in place.events(f"vote.{p}")]


def test_processes_started_without_engines_say_so_and_come_up_by_themselves(place: Place):
    open_to_gateway(place)
    with proxied_place(place) as path:
        path.refuse()
        with running_processes(path.place, *PROCESSES) as processes:
            for name, each in processes.items():
                each.wait_logs(
                    {
                        "clock": "clock tick failed",
                        "gateway": "RabbitMQ does not answer at 127.0.0.1",
                        "media-worker": "database is unreachable",
                    }.get(name, "ledger is unreachable")
                )
            alive = [name for name, each in processes.items() if each.running and each.running.poll() is None]
            path.accept()
            for each in processes.values():
                each.wait_ready()
            with gateway_client(processes["gateway"]) as client:
                (voter,) = voters(client, 1)
                counted = like(client, voter)
            again = [name for name, each in processes.items() if each.running and each.running.poll() is None]

    assert alive == again == list(PROCESSES)
    assert (counted.status_code, counted.json()["status"]) == (200, "counted")


def test_sentence_about_an_absent_engine_names_it_and_no_more(place: Place):
    with proxied_place(place) as path:
        path.refuse()
        with running_processes(path.place, "vote-writer") as processes:
            processes["vote-writer"].wait_logs("ledger is unreachable")
            text = processes["vote-writer"].text()

    assert f"127.0.0.1:{path.mongo.port}" in text
    assert "Traceback" not in text
    assert "TopologyDescription" not in text


def test_commands_are_overdue_while_the_ledger_is_away_and_take_effect_once_it_is_back(place: Place):
    place.append("moderation", opened())
    with (
        proxied_place(place) as path,
        running_services(path.place, "moderation") as (caller, services),
        rpc_caller(place) as other,
    ):
        path.mongo.refuse()
        first = caller.send("moderation", "move_clock", {"now": START + HOUR}, id="k1.b1", left_ms=1_000)
        services["moderation"].wait_logs("ledger is unreachable")
        second = other.call("moderation", "move_clock", {"now": START + 2 * HOUR}, id="k2.b2", left_ms=1_000)
        read = other.call("moderation", "rules", {}, left_ms=1_000)
        path.mongo.accept()
        third = other.call("moderation", "move_clock", {"now": START + 3 * HOUR}, id="k3.b3")
        repeats = [
            other.call("moderation", "move_clock", {"now": START + k * HOUR}, id=f"k{k}.b{k}") for k in (1, 2, 3)
        ]
        late = first.result()

    assert second["refused"]["code"] == "overdue"
    assert "ok" in read
    assert "ok" in third
    assert "ok" in late or late["refused"]["code"] == "overdue"
    assert [each["ok"]["repeated"] for each in repeats] == [True, True, True]
    assert [each.now for each in place.events("moderation")[2:]] == [START + k * HOUR for k in (1, 2, 3)]


def test_service_answers_again_when_the_broker_is_back(place: Place):
    place.append("moderation", opened())
    with proxied_place(place) as path, running_services(path.place, "moderation") as (_, services):
        path.amqp.refuse()
        services["moderation"].wait_logs("Retrying")
        path.amqp.accept()
        with rpc_caller(place) as caller:
            answer = caller.call("moderation", "move_clock", {"now": START + HOUR}, left_ms=30_000)

    assert answer["n"] == 2


def test_service_still_follows_when_the_broker_was_away_for_long(place: Place):
    place.append("moderation", opened())
    with proxied_place(place) as path, running_services(path.place, "voting") as (_, services):
        path.amqp.refuse()
        services["voting"].wait_logs("the broker is unreachable, reading the ledger")
        place.append("moderation", [desk.ClockMoved(START + HOUR, "o")])
        wait(lambda: _position(services["voting"]) == 2, what="the ledger is followed")
        wait(lambda: services["voting"].text().count("broker is unreachable") > 1, what="the broker was tried again")
        path.amqp.accept()
        place.append("moderation", [desk.ClockMoved(START + 2 * HOUR, "o")])
        wait(lambda: _position(services["voting"]) == 3, what="voting has read moderation's log")


def _position(service: Process) -> int:
    """Return the number of the last commit of moderation's log that the service has read, by its metric."""
    page = httpx.get(f"http://127.0.0.1:{service.port}/metrics").text
    found = [line for line in page.splitlines() if line.startswith("baijia_position{") and 'log="moderation"' in line]
    return int(float(found[0].rpartition(" ")[2])) if found else 0


def test_likes_are_refused_with_503_while_an_engine_is_away_and_counted_once_after(place: Place):
    open_to_gateway(place)
    with (
        proxied_place(place) as path,
        running_processes(path.place, *PROCESSES) as processes,
        gateway_client(processes["gateway"]) as client,
    ):
        voter, other, third = voters(client, 3)
        before = like(client, voter)
        path.amqp.refuse()
        away: list[Any] = [like(client, other), client.get(f"{API}/me/likes", headers=other)]
        page = client.get(f"{API}/campaign")
        path.amqp.accept()
        wait(lambda: like(client, other).status_code == 200, what="a like is counted")
        path.mongo.refuse()
        unanswered = like(client, third)
        path.mongo.accept()
        wait(lambda: like(client, third).status_code == 200, what="a like is counted")
        again = [like(client, each) for each in (voter, other, third)]

    assert before.json()["status"] == "counted"
    assert [(each.status_code, each.json()["code"]) for each in away] == [(503, "like-away")] * 2
    assert all(int(each.headers["Retry-After"]) >= 1 for each in away)
    assert page.status_code == 200
    assert (unanswered.status_code, unanswered.json()["status"]) == (202, "accepted")
    assert [each.json()["status"] for each in again] == ["already"] * 3
    assert sorted(likes(place)) == sorted(place.keys.voter(f"openid-{k}") for k in range(3))


@pytest.mark.parametrize("engine", ["mongo", "amqp"])
def test_command_is_answered_503_while_an_engine_is_away_and_takes_effect_once(place: Place, engine: str):
    open_to_gateway(place)
    add_organiser(place)
    with (
        proxied_place(place) as path,
        running_processes(path.place, *PROCESSES) as processes,
        gateway_client(processes["gateway"]) as client,
    ):
        staff, lost = sign_in(client), getattr(path, engine)
        wait(lambda: move_clock(client, staff, NOON + HOUR).is_success, what="the services take commands")
        lost.refuse()
        away = move_clock(client, staff, NOON + 2 * HOUR)
        page = client.get(f"{API}/campaign")
        lost.accept()
        wait(lambda: move_clock(client, staff, NOON + 2 * HOUR).is_success, what="the command is accepted")
        again = move_clock(client, staff, NOON + 2 * HOUR)

    assert (page.status_code, again.status_code) == (200, 200)
    assert away.status_code == 503
    assert int(away.headers["Retry-After"]) >= 1
    assert again.json()["repeated"] is True
    clocks = [event.now for event in place.events("moderation") if isinstance(event, desk.ClockMoved)]
    assert clocks == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_clock_and_projector_go_on_when_engines_come_back(place: Place):
    open_to_gateway(place)
    with (
        proxied_place(place) as path,
        running_processes(path.place, "ranking", "projector", "clock", "relay") as processes,
    ):
        wait(lambda: place.ledger.head("ranking") > 0, what="a cut is taken")
        path.refuse()
        processes["clock"].wait_logs("clock tick failed")
        place.append("moderation", [desk.ClockMoved(NOON + HOUR, "o")])
        path.accept()
        before = place.ledger.head("ranking")
        wait(lambda: place.ledger.head("ranking") > before, what="a cut is taken again")
        wait(
            lambda: place.stored_cut().get("moderation") == place.ledger.head("moderation"),
            what="the table is stored again",
        )
