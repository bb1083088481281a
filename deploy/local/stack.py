"""Run the processes of one campaign on this machine.

Promises: the running processes are those of the process table, in the chosen numbers. A process that dies is restarted.
Scaling one process does not disturb the others. Ports stay the same over restarts while they are free. Several
campaigns can run side by side.
Does not promise that the engines run: `start` receives their URIs.
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
from deploy.local.supervisor import Program, Supervisor
from deploy.topology.processes import BROKER_TARGET, TABLE, Process

# The name becomes part of a database's name, in which each - is replaced by _.
_CAMPAIGN = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_COPIES = 32


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """State of one process, as `make status` prints it. `complaint` says why it is not ready, None if it is."""

    name: str
    state: str
    pid: int
    up_s: int
    metrics_port: int
    complaint: str | None


class Stack:
    """Start, stop, scale and inspect the processes of one campaign on this machine.

    Their ports, numbers and settings are stored in the data folder, so that any `Stack` of the campaign finds them.
    """

    def __init__(
        self, campaign: str, *, table: Sequence[Process] = TABLE, module: str = "deploy.run", home: Path | None = None
    ) -> None:
        if not _CAMPAIGN.fullmatch(campaign):
            raise DeployError(
                f"{campaign!r} is not a campaign name: use up to 40 lower-case letters, digits and hyphens."
            )
        self.campaign = campaign
        self._table = table
        self._module = module
        self._folder = (home or paths.home()) / "campaigns" / campaign
        self._supervisor = Supervisor(self._folder / "run")
        self._state_file = self._folder / "run" / "stack.json"

    def start(self, engines: Engines, *, data: Path | None = None, simulate: bool = False) -> None:
        """Start the processes that do not run. Running processes whose settings are unchanged are left alone.

        `data` is the folder for keys and media. With `simulate`, a simulated WeChat runs too.
        """
        with state_files.locked(self._folder / "run" / "stack.lock"):
            state = self._state()
            state["engines"], state["simulated"] = engines.environment(), simulate
            state["broker"] = dict(engines.amqp_of_processes)
            state["broker_metrics"] = engines.broker_metrics
            state["data"] = str((data or Path(state.get("data") or self._folder / "data")).resolve())
            Path(state["data"]).mkdir(parents=True, exist_ok=True)
            self._apply(state)

    def scale(self, name: str, count: int) -> None:
        """Run `count` copies of a process from now until `stop`. `name` is the process or its word in `make scale`.

        Raises DeployError if the process cannot be scaled, NotRunning if the campaign does not run.
        """
        if not 1 <= count <= MOST_COPIES:
            raise DeployError(f"{name} can have 1 to {MOST_COPIES} copies, not {count}.")
        process = next((p for p in self._table if p.scaled_as and name in (p.name, p.scaled_as)), None)
        if process is None:
            words = ", ".join(p.scaled_as for p in self._table if p.scaled_as)
            raise DeployError(f"{name} cannot be scaled; these can: {words}.")
        with state_files.locked(self._folder / "run" / "stack.lock"):
            state = self._running()
            state.setdefault("counts", {})[process.name] = count
            self._apply(state)

    def restart(self, name: str) -> None:
        """Stop and start all copies of a process, or one copy, by its name. Raises NotRunning or DeployError."""
        for copy in self._copies_of(name):
            self._supervisor.halt(copy)
            self._supervisor.resume(copy)

    def halt(self, name: str) -> None:
        """Stop all copies of a process, or one copy, by its name, until `resume` or the next `start`."""
        for copy in self._copies_of(name):
            self._supervisor.halt(copy)

    def resume(self, name: str) -> None:
        """Start the copies that `halt` stopped under this name."""
        for copy in self._copies_of(name):
            self._supervisor.resume(copy)

    def stop(self) -> None:
        """Stop all processes, and return to the usual number of copies. Ports and data stay."""
        self._supervisor.stop()
        with state_files.locked(self._folder / "run" / "stack.lock"):
            state = self._state()
            state.pop("counts", None)
            state_files.write_json(self._state_file, state)

    def alive(self) -> bool:
        """Return whether the campaign's supervisor runs, which keeps its processes running."""
        return self._supervisor.alive()

    def pids(self, name: str) -> list[int]:
        """Return the process ids of the running copies of a process, or of one copy, by its name."""
        copies = self._copies_of(name)
        return [program.pid for program in self._supervisor.programs() if program.name in copies and program.pid]

    def copies(self, name: str) -> list[str]:
        """Return the names of all copies of a process that should run now."""
        return self._copies_of(name)

    def gateway_url(self) -> str:
        """Return the URL of the campaign's gateway."""
        return _gateway(self._state())

    def wechat_url(self) -> str:
        """Return the URL of the simulated WeChat, in a stack that was started with `simulate`."""
        return _wechat(self._state())

    def metrics_url(self, copy: str) -> str:
        """Return the URL of the metrics page of one copy of a process."""
        return f"http://127.0.0.1:{self._state()['ports'][copy]}/metrics"

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which a command reaches this campaign. Raises NotRunning."""
        state = self._running()
        return {**self._common(state), "BAIJIA_GATEWAY_PORT": str(state["ports"]["gateway.http"])}

    def statuses(self) -> list[ProcessStatus]:
        """Return the state of every copy of every process, after asking each whether it is ready."""
        state = self._state()
        ready = {copy: process.ready for process in self._all(state) for copy in self._copies(process, state)}
        statuses = []
        for program in self._supervisor.programs():
            port = state["ports"][program.name]
            complaint = readiness.http_complaint(f"http://127.0.0.1:{port}{ready[program.name]}")
            statuses.append(ProcessStatus(program.name, program.state, program.pid, program.up_s, port, complaint))
        return statuses

    def wait_ready(self, timeout_s: float = 60) -> None:
        """Wait until every process says that it is ready. Raises DeployError if one does not within `timeout_s`."""
        self._running()

        def complaint() -> str | None:
            return next(
                (f"{row.name} is not ready ({row.complaint})" for row in self.statuses() if row.complaint), None
            )

        if last := readiness.until(complaint, timeout_s=timeout_s, every_s=0.25):
            raise DeployError(f"{last}; the logs are in {self.logs}.")

    @property
    def logs(self) -> Path:
        return self._supervisor.logs

    def _apply(self, state: dict[str, Any]) -> None:
        self._choose_ports(state)
        state_files.write_json(self._state_file, state)
        self._supervisor.keep(
            [self._program(p, copy, state) for p in self._all(state) for copy in self._copies(p, state)]
        )

    def _all(self, state: dict[str, Any]) -> Sequence[Process]:
        return (*self._table, simulated_wechat.PROCESS) if state.get("simulated") else self._table

    def _program(self, process: Process, copy: str, state: dict[str, Any]) -> Program:
        environment = {
            **self._common(state),
            **({"BAIJIA_AMQP_URI": state["broker"][process.name]} if process.name in state.get("broker", {}) else {}),
            "BAIJIA_PROCESS": copy,
            "BAIJIA_METRICS_PORT": str(state["ports"][copy]),
            "BAIJIA_GATEWAY_PORT": str(state["ports"].get("gateway.http", 0)),
            "PYTHONUNBUFFERED": "1",
            **({"BAIJIA_METRICS_TARGETS": f"@{self._targets_file}"} if process.http_port else {}),
        }
        return Program(copy, (sys.executable, "-m", self._module, *process.words), environment)

    @property
    def _targets_file(self) -> Path:
        """The file that says where the processes' metrics are: scaling changes it, and restarts no gateway for it."""
        return self._folder / "metrics-targets"

    def _write_targets(self, state: dict[str, Any]) -> None:
        copies = [copy for each in self._all(state) for copy in self._copies(each, state)]
        targets = [f"{copy}=127.0.0.1:{state['ports'][copy]}" for copy in copies]
        if state.get("broker_metrics"):
            targets.append(f"{BROKER_TARGET}={state['broker_metrics']}")
        state_files.write(self._targets_file, ",".join(targets), mode=0o644)

    def _common(self, state: dict[str, Any]) -> dict[str, str]:
        common = {"BAIJIA_CAMPAIGN": self.campaign, "BAIJIA_DATA": state["data"], **state["engines"]}
        if not state.get("simulated"):
            return common
        data = Path(state["data"])
        return common | simulated_wechat.environment(data, wechat=_wechat(state), gateway=_gateway(state))

    def _choose_ports(self, state: dict[str, Any]) -> None:
        """Assign a port to every process without one. If no process runs, also replace ports that are not free."""
        previous: dict[str, int] = state.get("ports", {})
        wanted: dict[str, int | None] = {}
        for process in self._all(state):
            for n, copy in enumerate(self._copies(process, state)):
                wanted[copy] = previous.get(copy, process.metrics_port + n)
            if process.http_port:
                wanted[f"{process.name}.http"] = previous.get(f"{process.name}.http", process.http_port)
        if self._supervisor.alive():
            wanted = {name: port for name, port in wanted.items() if name not in previous}
        state["ports"] = previous | ports.assign(
            wanted, busy=set(previous.values()) - set(wanted.values()), owner=str(self._folder)
        )
        self._write_targets(state)

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
        raise DeployError(f"There is no process {name!r}; the processes are {', '.join(p.name for p in self._table)}.")

    def _running(self) -> dict[str, Any]:
        if not self._supervisor.alive():
            raise NotRunning(f"Campaign {self.campaign} is not running: run `make up`.")
        return self._state()

    def _state(self) -> dict[str, Any]:
        return state_files.read_json(self._state_file)


def _gateway(state: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{state['ports']['gateway.http']}"


def _wechat(state: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{state['ports'][simulated_wechat.PROCESS.name]}"
