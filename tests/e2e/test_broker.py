"""The RPC client and the view reader on the real broker, with a real nameko service, and the line cut."""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from yarl import URL

from deploy import engines
from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import create_app
from gateway.backends.broker import Broker
from gateway.backends.nameko_rpc import NamekoServices
from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate
from gateway.read_models.cache import Views
from gateway.read_models.stream import ViewReader
from services.ranking.views.stream import ViewStream
from shared.settings import Settings
from shared.stamps import wall_ms
from shared.streams import connect
from tests.e2e.street import free_port, served
from tests.files import ROOT

pytestmark = pytest.mark.slow


class Line:
    """A line to the broker that can be cut and mended."""

    def __init__(self, uri: str) -> None:
        self._to = URL(uri)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def uri(self) -> str:
        return str(self._to.with_host("127.0.0.1").with_port(self._port))

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for each in list(self._open):
            each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._to.host, self._to.port)
        self._open |= {writer, there[1]}
        try:
            await asyncio.gather(self._copy(reader, there[1]), self._copy(there[0], writer))
        except OSError:
            pass
        finally:
            for each in (writer, there[1]):
                self._open.discard(each)
                each.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
        writer.close()


class Post:
    """A gateway's connection, through a line."""

    def __init__(self, campaign: str, line: Line) -> None:
        self.line, self.campaign = line, campaign
        self.services, self.views = NamekoServices(campaign), Views()
        self.reader = ViewReader(campaign, self.services, self.views)
        self.broker = Broker(line.uri, [self.services, self.reader])

    async def up(self) -> None:
        await until(lambda: self.broker.connected)

    async def call(self, method: str, body: Any = None, *, within_ms: int = 3_000) -> Any:
        call = {"body": body, "deadline": wall_ms() + within_ms}
        return await self.services.call("ranking", method, call)


async def until(reached: Any, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not reached():
        assert time.monotonic() < deadline, "not reached"
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def amqp() -> str:
    return str(engines.up().amqp)


@pytest.fixture(scope="module")
def campaign(amqp: str) -> Iterator[str]:
    """A campaign of its own, with a service; its queues go with it."""
    name = f"e2e-{secrets.token_hex(4)}"
    environment = {**os.environ, "BAIJIA_CAMPAIGN": name, "BAIJIA_AMQP_URI": amqp}
    nameko = str(Path(sys.executable).with_name("nameko"))
    config = str(ROOT / "deploy" / "nameko.yaml")
    service = subprocess.Popen(
        [nameko, "run", "--config", config, "tests.e2e.echo"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    yield name
    service.terminate()
    service.wait(timeout=20)
    with connect(amqp) as connection, connection.channel() as channel:
        for queue in (f"{name}.views", f"rpc-{name}.ranking"):
            channel.queue_delete(queue)


@pytest.fixture
def story(amqp: str, campaign: str) -> Any:
    """Run steps with a post that is up."""

    def run(steps: Any) -> Any:
        async def whole() -> Any:
            line = Line(amqp)
            await line.mend()
            post = Post(campaign, line)
            post.broker.start()
            post.reader.start()
            try:
                await post.up()
                await until(lambda: post.views.loaded)
                return await steps(post)
            finally:
                await post.reader.stop()
                await post.broker.stop()
                await line.cut()

        return asyncio.run(whole())

    return run


def test_call_reaches_a_service_and_its_answer_comes_back(story: Any):
    async def steps(post: Post) -> Any:
        return await asyncio.gather(*(post.call("echo", {"n": n, "words": "工会"}) for n in range(50)))

    answers = story(steps)

    assert [each["ok"]["body"] for each in answers] == [{"n": n, "words": "工会"} for n in range(50)]


def test_service_that_nobody_runs_is_away_at_once(story: Any):
    async def steps(post: Post) -> float:
        started = time.monotonic()
        with pytest.raises(ServiceAway):
            await post.services.call("nobody", "echo", {"deadline": wall_ms() + 5_000})
        return time.monotonic() - started

    assert story(steps) < 1


@pytest.mark.parametrize("method", ["fail", "no_such_method"])
def test_exception_of_a_service_is_broken_and_not_an_answer(story: Any, method: str):
    async def steps(post: Post) -> None:
        with pytest.raises(ServiceBroken):
            await post.call(method, "x")

    story(steps)


def test_answer_after_the_deadline_is_late_and_disturbs_nobody(story: Any):
    async def steps(post: Post) -> Any:
        with pytest.raises(ServiceLate):
            await post.call("dawdle", 0.5, within_ms=200)
        await asyncio.sleep(0.6)
        return await post.call("echo", 1)

    assert story(steps)["ok"]["body"] == 1


def test_cut_line_ends_what_waits_and_mended_it_goes_on_by_itself(story: Any):
    async def steps(post: Post) -> Any:
        waiting = asyncio.create_task(post.call("dawdle", 10, within_ms=30_000))
        await asyncio.sleep(0.3)
        started = time.monotonic()
        await post.line.cut()
        with pytest.raises(ServiceLate):
            await waiting
        assert time.monotonic() - started < 5
        await until(lambda: not post.broker.connected)
        with pytest.raises(ServiceAway):
            await post.call("echo", 1)
        await post.line.mend()
        await post.up()
        return await post.call("echo", 2)

    assert story(steps)["ok"]["body"] == 2


def test_views_come_by_rpc_first_and_then_by_the_stream(story: Any, amqp: str, campaign: str):
    async def steps(post: Post) -> tuple[int, int]:
        first = post.views.data("campaign")["clock"]
        stream = ViewStream(amqp, campaign)
        told = {"campaign": {"id": "demo", "rehearsal": True, "clock": 2000}}
        await asyncio.to_thread(stream.tell, told, {"moderation": 2})
        await post.views.reach("campaign", {"moderation": 2}, within_s=10)
        stream.close()
        return first, post.views.moment()

    assert story(steps) == (1000, 2000)


def test_views_go_on_after_the_line_was_cut(story: Any, amqp: str, campaign: str):
    async def steps(post: Post) -> int:
        await post.line.cut()
        await until(lambda: not post.broker.connected)
        await post.line.mend()
        await post.up()
        stream = ViewStream(amqp, campaign)
        told = {"campaign": {"id": "demo", "rehearsal": True, "clock": 3000}}
        await asyncio.to_thread(stream.tell, told, {"moderation": 3})
        await post.views.reach("campaign", {"moderation": 3}, within_s=10)
        stream.close()
        return post.views.moment()

    assert story(steps) == 3000


def test_gateway_lives_without_a_broker_and_says_what_it_waits_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    uri = f"amqp://guest:secret@127.0.0.1:{free_port()}//"
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "alone", "BAIJIA_AMQP_URI": uri})

    with served(create_app(settings, folded=FOLDED_LOGS)) as address:
        ready = httpx.get(f"{address}/readyz")
        page = httpx.get(address)
        healthy = httpx.get(f"{address}/healthz")

    assert (healthy.status_code, ready.status_code, page.status_code) == (200, 503, 503)
    assert ready.json()["missing"] == ["broker", "likes", "views"]
    said = capfd.readouterr()
    assert "RabbitMQ does not answer at 127.0.0.1" in said.out + said.err
    assert "secret" not in said.out + said.err
