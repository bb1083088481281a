"""Build and control the box: a server of MongoDB's protocol and RabbitMQ in a root folder of their own, without Docker.

This module controls the box from outside; the scripts in `deploy/box` run inside it.
Promises: the box is built once for each content of `box/build` and `box/wire`, in a folder that all checkouts share.
Its data lie elsewhere and survive a rebuild. It listens on loopback, on ports that stay the same. After a crash it
restarts on the same data.
Does not promise isolation from other users of this machine who may open sockets on loopback: it is for development,
tests and demonstrations.
"""

import hashlib
import os
import platform
import re
import secrets
import subprocess
from pathlib import Path

from deploy.errors import EnginesMissing
from deploy.local import paths, ports, readiness, state_files
from deploy.local.engine_uris import Engines
from deploy.local.supervisor import Program, Supervisor
from deploy.topology import broker_accounts

FOLDER = Path(__file__).parents[1] / "box"
# `start` and the scripts in `inside` are read at each start and are not built in, so a change to them needs no build.
BUILT_FROM = ("build", "wire")
PORTS = ("pg", "mongo", "amqp", "stream", "dist", "epmd", "rabbit_metrics")
NAME = "box"
READY_S = 120


def stamp(folder: Path = FOLDER) -> str:
    """Return 12 hex digits that identify what the box is built from: they change with every byte of it."""
    digest = hashlib.sha256(platform.machine().encode())
    for top in BUILT_FROM:
        for path in sorted([folder / top] if (folder / top).is_file() else (folder / top).rglob("*")):
            if path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def build() -> Path:
    """Return the root folder of the box, after building it if it does not exist. Raises EnginesMissing."""
    root = paths.cache() / f"box-{stamp()}"
    if not root.exists():
        result = subprocess.run([FOLDER / "build", root], stdin=subprocess.DEVNULL, check=False)
        if result.returncode:
            raise EnginesMissing("The box could not be built; the lines above give the reason.")
    return root


class Box:
    """The box of engines that keeps its data below `home`, by default the data folder of this checkout."""

    def __init__(self, home: Path | None = None) -> None:
        home = home or paths.home()
        self._run = home / "engines"
        self._data = home / "box"
        self.supervisor = Supervisor(self._run)

    def up(self) -> Engines:
        """Start the box if it does not run, wait until its engines answer, and return their URIs.

        Raises EnginesMissing.
        """
        if os.geteuid() != 0:
            raise EnginesMissing(
                "The box needs root. Run as root, start Docker, or set BAIJIA_MONGO_URI and BAIJIA_AMQP_URI."
            )
        root = build()
        with state_files.locked(self._run / "up.lock"):
            if self.supervisor.pid(NAME) is None:
                self._choose_ports()
            environment = {f"BOX_{name.upper()}_PORT": str(port) for name, port in self._ports().items()}
            environment |= {"BOX_PG_PASSWORD": self._password(), "BOX_AMQP_PASSWORD": self._password()}
            command = (str(FOLDER / "start"), str(root), str(self._data))
            self.supervisor.keep([Program(NAME, command, environment, stop_wait_s=60, as_group=True)])
        engines = self.engines()
        for complaint in (
            readiness.until(lambda: readiness.mongo_complaint(engines.mongo), timeout_s=READY_S),
            readiness.until(lambda: readiness.amqp_complaint(engines.amqp), timeout_s=READY_S),
        ):
            if complaint:
                raise EnginesMissing(f"The box did not start: {complaint}. Its log: {self.supervisor.logs / 'box.log'}")
        with state_files.locked(self._run / "up.lock"):
            self._give_rights()
        return engines

    def down(self) -> None:
        """Stop the box. Its data stay."""
        self.supervisor.stop()

    def engines(self) -> Engines:
        """Return the URIs at which the engines answer when the box runs, without starting it."""
        port, password = self._ports(), self._password()
        return Engines(
            mongo=f"mongodb://127.0.0.1:{port['mongo']}/?directConnection=true",
            amqp=f"amqp://{broker_accounts.ADMINISTRATOR}:{password}@127.0.0.1:{port['amqp']}//",
            pg=f"postgresql://bench:{password}@127.0.0.1:{port['pg']}/bench",
            amqp_of_processes=broker_accounts.uris(password, f"127.0.0.1:{port['amqp']}"),
            broker_metrics=f"127.0.0.1:{port['rabbit_metrics']}",
        )

    def processes(self) -> dict[str, int]:
        """Return the process ids of the engines in the box by name, as this machine sees them.

        Tests use them to pause one of the engines.
        """
        outer = self.supervisor.pid(NAME)
        found: dict[str, int] = {}
        for first in _children(outer) if outer else []:
            for pid in _children(first):
                name = (Path("/proc") / str(pid) / "comm").read_text().strip()
                found[{"beam.smp": "rabbit"}.get(name, name)] = pid
        return {name: pid for name, pid in found.items() if name in ("postgres", "rabbit", "wire")}

    def rabbitmqctl(self, *words: str) -> str:
        """Run RabbitMQ's command line in the running box, and return what it prints.

        Raises subprocess.CalledProcessError where it fails.
        """
        cookie = (self._data / "rabbit" / ".erlang.cookie").read_text(encoding="utf-8").strip()
        inside = ("nsenter", f"--target={self.processes()['rabbit']}", "--mount", "--pid", "--ipc", "--root")
        user = ("setpriv", "--reuid", "rabbitmq", "--regid", "rabbitmq", "--init-groups")
        environment = (
            "env",
            "--ignore-environment",
            "--chdir=/tmp",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
        )
        names = (f"ERL_EPMD_PORT={self._ports()['epmd']}", "RABBITMQ_NODENAME=baijia@localhost")
        command = [*inside, *user, *environment, *names, f"RABBITMQ_ERLANG_COOKIE={cookie}", "HOME=/data/rabbit"]
        rabbitmqctl = ("/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *words)
        return subprocess.run([*command, *rabbitmqctl], capture_output=True, text=True, check=True).stdout

    def _give_rights(self) -> None:
        """Make the broker's users with their rights, if the running broker has not made these already."""
        definitions = broker_accounts.definitions(self._password())
        digest, given = hashlib.sha256(definitions.encode()).hexdigest(), self._data / "definitions.sha256"
        if given.exists() and given.read_text(encoding="utf-8") == digest:
            return
        # A file, since rabbitmqctl of RabbitMQ 4.3 on Erlang 28 fails where it should read its input.
        file = self._data / "rabbit" / "definitions.json"
        state_files.write(file, definitions)
        os.chown(file, file.parent.stat().st_uid, -1)
        try:
            self.rabbitmqctl("import_definitions", "/data/rabbit/definitions.json")
        except subprocess.CalledProcessError as problem:
            raise EnginesMissing(f"RabbitMQ did not take the rights of its users: {problem.stderr}") from problem
        state_files.write(given, digest)

    def _choose_ports(self) -> None:
        previous = self._ports()
        chosen = ports.assign({name: previous.get(name) for name in PORTS}, owner=str(self._run))
        if chosen != previous:
            state_files.write_json(self._run / "ports.json", chosen)

    def _ports(self) -> dict[str, int]:
        return state_files.read_json(self._run / "ports.json")

    def _password(self) -> str:
        # Stored beside the data, because the engines write it into them at the first start.
        path = self._data / "password"
        if not path.exists():
            state_files.write(path, secrets.token_hex(16))
        return path.read_text(encoding="utf-8")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in re.findall(r"\d+", Path(f"/proc/{pid}/task/{pid}/children").read_text())]
    except FileNotFoundError:
        return []
