"""Processes of the product that a test starts, watches and kills, as `deploy.run` starts them."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from nameko.standalone.rpc import ClusterRpcProxy

from deploy.local.ports import assign
from shared.call_signing import GATEWAY, CallSigner
from shared.stamps import wall_ms
from tests.declared_answers import check_reply
from tests.files import ROOT
from tests.integration.temporary_campaign import Place
from tests.integration.threads import PATIENCE_S, wait

Answer = dict[str, Any]


@dataclass(slots=True)
class Process:
    """One process of the product. After `kill` it can be started again, with the same name towards its engines."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    log: Path
    module: str = "deploy.run"
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        """Start the process; its output is appended to the log file."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.words],
                cwd=ROOT, env=os.environ | dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def ready(self) -> Answer:
        """Return the answer of `/readyz`."""
        return _get(f"http://127.0.0.1:{self.port}/readyz")

    def wait_ready(self) -> "Process":
        """Wait until the process is ready."""
        wait(
            lambda: self.ready().get("ready"), what=f"{self.words} is ready; the end of its log: {self.text()[-2000:]}"
        )
        return self

    def wait_logs(self, words: str) -> None:
        """Wait until the log file contains these words."""
        wait(
            lambda: words in self.text(), what=f"{self.words} logs {words!r}; the end of its log: {self.text()[-2000:]}"
        )

    def text(self) -> str:
        return self.log.read_text()

    def logged_events(self, level: str) -> list[str]:
        """Return the events of one level from the structured log."""
        lines = [json.loads(line) for line in self.text().splitlines() if line.startswith('{"')]
        return [line["event"] for line in lines if line.get("level") == level]

    def has_ended(self) -> bool:
        """Return whether the process runs no more."""
        return self.running is not None and self.running.poll() is not None

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait for the process to end; return its exit status."""
        assert self.running is not None
        self.running.send_signal(number)
        return self.running.wait(PATIENCE_S)


@contextmanager
def process(
    place: Place,
    *words: str,
    name: str = "",
    module: str = "deploy.run",
    gateway_port: int | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Process]:
    """Start a process, and end it with the block. `module` may be another program that takes the same words.

    `more` are further environment variables. At the broker it is the user of its kind.
    """
    name = name or words[-1]
    port = assign({name: None})[name]
    settings = place.settings
    environment = {
        "BAIJIA_CAMPAIGN": place.campaign,
        "BAIJIA_MONGO_URI": settings.mongo_uri,
        "BAIJIA_AMQP_URI": place.amqp_uri_of(words[-1]),
        "BAIJIA_DATA": str(settings.data),
        "BAIJIA_PROCESS": name,
        "BAIJIA_METRICS_PORT": str(port),
        "BAIJIA_GATEWAY_PORT": str(gateway_port or assign({"http": None})["http"]),
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    log = settings.data / f"{name}-{uuid.uuid4().hex[:6]}.log"
    made = Process(words, environment, port, log, module).start()
    try:
        yield made
    finally:
        if made.running is not None and made.running.poll() is None:
            made.running.kill()
            made.running.wait()


@dataclass(slots=True)
class Caller:
    """Calls services as the gateway does. Each call gets an id of its own unless one is passed."""

    campaign: str
    services: Any
    signer: CallSigner
    made: list[str] = field(default_factory=list)

    def call(
        self,
        service: str,
        method: str,
        body: Any = None,
        *,
        id: str | None = None,
        roles: tuple[str, ...] = ("operator", "organiser"),
        left_ms: int = 60_000,
        **more: Any,
    ) -> Answer:
        """Call a method, compare the answer with what the routes of the gateway declare, and return it."""
        call = envelope(id or uuid.uuid4().hex, body, roles=roles, left_ms=left_ms, **more)
        answer: Answer = self.method(service, method)(self.signed(call, service, method))
        check_reply(service, method, answer)
        return answer

    def send(
        self, service: str, method: str, body: Any = None, *, id: str | None = None, left_ms: int = 60_000, **more: Any
    ) -> Any:
        """Start a call without waiting; `.result()` of the returned object waits for the answer."""
        call = envelope(id or uuid.uuid4().hex, body, roles=("operator", "organiser"), left_ms=left_ms, **more)
        return self.method(service, method).call_async(self.signed(call, service, method))

    def signed(self, call: dict[str, Any], service: str, method: str) -> dict[str, Any]:
        """Return the call with the gateway's signature."""
        return self.signer.sign(call, f"{self.campaign}.{service}.{method}")

    def method(self, service: str, method: str) -> Any:
        return getattr(self.services[f"{self.campaign}.{service}"], method)


def envelope(id: str, body: Any, *, roles: tuple[str, ...], left_ms: int, **more: Any) -> dict[str, Any]:
    """Return the envelope that the gateway puts around a call. `left_ms` is the time until its deadline."""
    return {
        "id": id,
        "actor": "tester",
        "roles": list(roles),
        "at": 0,
        "deadline": wall_ms() + left_ms,
        "body": {} if body is None else body,
        **more,
    }


@contextmanager
def rpc_caller(place: Place) -> Iterator[Caller]:
    """Yield a caller over a connection of its own."""
    with ClusterRpcProxy({"AMQP_URI": place.settings.amqp_uri, "serializer": "json"}, timeout=PATIENCE_S) as services:
        yield Caller(place.campaign, services, CallSigner(place.settings.data, place.campaign, GATEWAY))


@contextmanager
def running_services(place: Place, *names: str) -> Iterator[tuple[Caller, dict[str, Process]]]:
    """Start these services and wait until they are ready; yield a caller, and the processes by name."""
    with ExitStack() as stack:
        services = {name: stack.enter_context(process(place, "service", name)) for name in names}
        for each in services.values():
            each.wait_ready()
        yield stack.enter_context(rpc_caller(place)), services


def _get(url: str) -> Answer:
    try:
        with urlopen(url, timeout=20) as answer:
            return dict(json.load(answer))
    except HTTPError as problem:
        with problem:
            return dict(json.load(problem))
    except OSError:
        return {}
