"""The box: MongoDB's protocol and RabbitMQ, real, without Docker. This is its outside; `box/` holds what happens in it.

Promises: it is built once for each content of `box/build` and `box/wire`, in a folder that all checkouts share; its
data lies elsewhere and outlives it; it listens on kept ports of loopback. When it dies it starts again, on the same
data. Does not promise isolation from others on this machine who may open sockets on loopback: it is for development,
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
from deploy.local.supervisor import Keeper, Program

FOLDER = Path(__file__).parents[1] / "box"
# The scripts in `inside` and `start` are taken in at each start, not built in: to mend one costs no build.
BUILT_FROM = ("build", "wire")
PORTS = ("pg", "mongo", "amqp", "stream", "dist", "epmd", "rabbit_metrics")
NAME = "box"
READY_S = 120


def stamp(folder: Path = FOLDER) -> str:
    """Changes with each byte that goes into the root folder."""
    digest = hashlib.sha256(platform.machine().encode())
    for top in BUILT_FROM:
        for path in sorted([folder / top] if (folder / top).is_file() else (folder / top).rglob("*")):
            if path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def build() -> Path:
    """The root folder, made if it is not there yet."""
    root = paths.cache() / f"box-{stamp()}"
    if not root.exists():
        done = subprocess.run([FOLDER / "build", root], stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise EnginesMissing("The box could not be built; the lines above say why.")
    return root


class Box:
    """The box of one data folder."""

    def __init__(self, home: Path | None = None) -> None:
        home = home or paths.home()
        self._run = home / "engines"
        self._data = home / "box"
        self.keeper = Keeper(self._run)

    def up(self) -> Engines:
        """Start it if it does not run, and wait until it answers."""
        if os.geteuid() != 0:
            raise EnginesMissing(
                "The box needs root. Run as root, start Docker, or set BAIJIA_MONGO_URI and BAIJIA_AMQP_URI."
            )
        root = build()
        with state_files.locked(self._run / "up.lock"):
            if self.keeper.pid(NAME) is None:
                self._choose_ports()
            environment = {f"BOX_{name.upper()}_PORT": str(port) for name, port in self._ports().items()}
            environment |= {"BOX_PG_PASSWORD": self._password(), "BOX_AMQP_PASSWORD": self._password()}
            command = (str(FOLDER / "start"), str(root), str(self._data))
            self.keeper.keep([Program(NAME, command, environment, stop_wait_s=60, as_group=True)])
        engines = self.engines()
        for complaint in (
            readiness.until(lambda: readiness.mongo_complaint(engines.mongo), timeout_s=READY_S),
            readiness.until(lambda: readiness.amqp_complaint(engines.amqp), timeout_s=READY_S),
        ):
            if complaint:
                raise EnginesMissing(f"The box did not come up: {complaint}. Its log: {self.keeper.logs / 'box.log'}")
        return engines

    def down(self) -> None:
        self.keeper.stop()

    def engines(self) -> Engines:
        """Where it answers when it is up."""
        port, password = self._ports(), self._password()
        return Engines(
            mongo=f"mongodb://127.0.0.1:{port['mongo']}/?directConnection=true",
            amqp=f"amqp://baijia:{password}@127.0.0.1:{port['amqp']}//",
            pg=f"postgresql://bench:{password}@127.0.0.1:{port['pg']}/bench",
        )

    def processes(self) -> dict[str, int]:
        """The engines inside, as this machine numbers them: for tests that stop one of them for a while."""
        outer = self.keeper.pid(NAME)
        found: dict[str, int] = {}
        for first in _children(outer) if outer else []:
            for pid in _children(first):
                name = (Path("/proc") / str(pid) / "comm").read_text().strip()
                found[{"beam.smp": "rabbit"}.get(name, name)] = pid
        return {name: pid for name, pid in found.items() if name in ("postgres", "rabbit", "wire")}

    def _choose_ports(self) -> None:
        kept = self._ports()
        chosen = ports.assign({name: kept.get(name) for name in PORTS}, owner=str(self._run))
        if chosen != kept:
            state_files.write_json(self._run / "ports.json", chosen)

    def _ports(self) -> dict[str, int]:
        return state_files.read_json(self._run / "ports.json")

    def _password(self) -> str:
        # Beside the data, since it is written into them at the first start.
        path = self._data / "password"
        if not path.exists():
            state_files.write(path, secrets.token_hex(16))
        return path.read_text(encoding="utf-8")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in re.findall(r"\d+", Path(f"/proc/{pid}/task/{pid}/children").read_text())]
    except FileNotFoundError:
        return []
