"""The processes of one campaign on this machine.

Promises: what runs equals the table and the counts; a process that dies comes back; more or fewer of one leave the
others alone; ports stay the same over restarts while they are free. Two campaigns run side by side.
Does not promise that the engines are there: `start` is given where they answer.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.errors import DeployError, NotRunning
from deploy.local import (
    paths,
    ports,
    readiness,
    simulated_wechat,
    state_files,
)
from deploy.local.engine_uris import Engines
from deploy.local.supervisor import Keeper, Program
from deploy.topology.processes import TABLE, Process

# It becomes part of a database's name, where - turns to _.
_CAMPAIGN = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_COPIES = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `status`."""

    name: str
    state: str
    pid: int
    up_s: int
    metrics_port: int
    complaint: str | None


class Stack:
    def __init__(
        self, campaign: str, *, table: Sequence[Process] = TABLE, module: str = "deploy.run", home: Path | None = None
    ) -> None:
        if not _CAMPAIGN.fullmatch(campaign):
            raise DeployError(f"{campaign!r} names no campaign: up to 40 small letters, digits and hyphens.")
        self.campaign = campaign
        self._table = table
        self._module = module
        self._folder = (home or paths.home()) / "campaigns" / campaign
        self._keeper = Keeper(self._folder / "run")
        self._state_file = self._folder / "run" / "stack.json"

    def start(self, engines: Engines, *, data: Path | None = None, simulate: bool = False) -> None:
        """Start what is not running. What runs and need not change is left alone. `simulate`: WeChat too."""
        with state_files.locked(self._folder / "run" / "stack.lock"):
            state = self._state()
            state["engines"], state["simulated"] = engines.environment(), simulate
            state["data"] = str((data or Path(state.get("data") or self._folder / "data")).resolve())
            Path(state["data"]).mkdir(parents=True, exist_ok=True)
            self._apply(state)

    def scale(self, name: str, count: int) -> None:
        """As many of `name` (a process, or its word in `make scale`) from now on, until `stop`."""
        if not 1 <= count <= MOST_COPIES:
            raise DeployError(f"{name} can run 1 to {MOST_COPIES} times, not {count}.")
        process = next((p for p in self._table if p.scaled_as and name in (p.name, p.scaled_as)), None)
        if process is None:
            words = ", ".join(p.scaled_as for p in self._table if p.scaled_as)
            raise DeployError(f"{name} cannot be scaled; what can: {words}.")
        with state_files.locked(self._folder / "run" / "stack.lock"):
            state = self._running()
            state.setdefault("counts", {})[process.name] = count
            self._apply(state)

    def restart(self, name: str) -> None:
        """One process, by its name or its copy's."""
        for copy in self._copies_of(name):
            self._keeper.halt(copy)
            self._keeper.resume(copy)

    def halt(self, name: str) -> None:
        """Leave a process away until `resume`, or the next `start`."""
        for copy in self._copies_of(name):
            self._keeper.halt(copy)

    def resume(self, name: str) -> None:
        for copy in self._copies_of(name):
            self._keeper.resume(copy)

    def stop(self) -> None:
        self._keeper.stop()
        with state_files.locked(self._folder / "run" / "stack.lock"):
            state = self._state()
            state.pop("counts", None)
            state_files.write_json(self._state_file, state)

    def alive(self) -> bool:
        return self._keeper.alive()

    def pids(self, name: str) -> list[int]:
        """The process numbers of all copies of `name` that run now."""
        copies = self._copies_of(name)
        return [kept.pid for kept in self._keeper.programs() if kept.name in copies and kept.pid]

    def copies(self, name: str) -> list[str]:
        """The names of its copies, as many as run now."""
        return self._copies_of(name)

    def gateway_url(self) -> str:
        return _gateway(self._state())

    def wechat_url(self) -> str:
        """Where WeChat is simulated, in a stack that was started so."""
        return _wechat(self._state())

    def metrics_url(self, copy: str) -> str:
        return f"http://127.0.0.1:{self._state()['ports'][copy]}/metrics"

    def environment(self) -> dict[str, str]:
        """What a command needs to speak to this campaign as its processes do."""
        state = self._running()
        return {**self._common(state), "BAIJIA_GATEWAY_PORT": str(state["ports"]["gateway.http"])}

    def rows(self) -> list[Row]:
        state = self._state()
        ready = {copy: process.ready for process in self._all(state) for copy in self._copies(process, state)}
        rows = []
        for kept in self._keeper.programs():
            port = state["ports"][kept.name]
            complaint = readiness.http_complaint(f"http://127.0.0.1:{port}{ready[kept.name]}")
            rows.append(Row(kept.name, kept.state, kept.pid, kept.up_s, port, complaint))
        return rows

    def wait_ready(self, timeout_s: float = 60) -> None:
        """Return when every process says that it is ready."""
        self._running()

        def complaint() -> str | None:
            return next((f"{row.name} is not ready ({row.complaint})" for row in self.rows() if row.complaint), None)

        if last := readiness.until(complaint, timeout_s=timeout_s, every_s=0.25):
            raise DeployError(f"{last}; the logs are in {self.logs}.")

    @property
    def logs(self) -> Path:
        return self._keeper.logs

    def _apply(self, state: dict[str, Any]) -> None:
        self._choose_ports(state)
        state_files.write_json(self._state_file, state)
        self._keeper.keep([self._program(p, copy, state) for p in self._all(state) for copy in self._copies(p, state)])

    def _all(self, state: dict[str, Any]) -> Sequence[Process]:
        return (*self._table, simulated_wechat.PROCESS) if state.get("simulated") else self._table

    def _program(self, process: Process, copy: str, state: dict[str, Any]) -> Program:
        environment = {
            **self._common(state),
            "BAIJIA_PROCESS": copy,
            "BAIJIA_METRICS_PORT": str(state["ports"][copy]),
            "BAIJIA_GATEWAY_PORT": str(state["ports"].get("gateway.http", 0)),
            "PYTHONUNBUFFERED": "1",
        }
        return Program(copy, (sys.executable, "-m", self._module, *process.words), environment)

    def _common(self, state: dict[str, Any]) -> dict[str, str]:
        common = {"BAIJIA_CAMPAIGN": self.campaign, "BAIJIA_DATA": state["data"], **state["engines"]}
        if not state.get("simulated"):
            return common
        data = Path(state["data"])
        return common | simulated_wechat.environment(data, wechat=_wechat(state), gateway=_gateway(state))

    def _choose_ports(self, state: dict[str, Any]) -> None:
        """Ports for what has none; all anew, if they are taken, when nothing of ours runs."""
        kept: dict[str, int] = state.get("ports", {})
        wanted: dict[str, int | None] = {}
        for process in self._all(state):
            for n, copy in enumerate(self._copies(process, state)):
                wanted[copy] = kept.get(copy, process.metrics_port + n)
            if process.http_port:
                wanted[f"{process.name}.http"] = kept.get(f"{process.name}.http", process.http_port)
        if self._keeper.alive():
            wanted = {name: port for name, port in wanted.items() if name not in kept}
        state["ports"] = kept | ports.assign(
            wanted, busy=set(kept.values()) - set(wanted.values()), owner=str(self._folder)
        )

    def _copies(self, process: Process, state: dict[str, Any]) -> list[str]:
        return process.copies(state.get("counts", {}).get(process.name))

    def _copies_of(self, name: str) -> list[str]:
        state = self._running()
        for process in self._all(state):
            copies = self._copies(process, state)
            if name == process.name:
                return copies
            if name in copies:
                return [name]
        raise DeployError(f"There is no process {name!r}; there are {', '.join(p.name for p in self._table)}.")

    def _running(self) -> dict[str, Any]:
        if not self._keeper.alive():
            raise NotRunning(f"Campaign {self.campaign} is not up: run `make up`.")
        return self._state()

    def _state(self) -> dict[str, Any]:
        return state_files.read_json(self._state_file)


def _gateway(state: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{state['ports']['gateway.http']}"


def _wechat(state: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{state['ports'][simulated_wechat.PROCESS.name]}"
