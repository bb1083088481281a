"""Keep programs running: a thin wrapper around supervisord, with one daemon for each folder.

Promises: a program that ends, by itself or by kill -9, is started again. `keep` changes only what differs, so adding
one program does not disturb the others. `stop` leaves no process. If the daemon itself is killed, the kernel kills its
programs too, so that the next `keep` never meets a second copy. Logs are rotated in `folder/logs`.
Does not promise that a program answers: it watches processes, not their health.
"""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

from deploy.errors import DeployError, NotRunning
from deploy.local import readiness, state_files
from deploy.local.paths import CHECKOUT

_DAEMON = """\
[unix_http_server]
file={folder}/socket
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile={folder}/logs/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={folder}/pid
childlogdir={folder}/logs
directory={checkout}
"""

# startretries: supervisord never gives up on a program; the pause grows by a second with each attempt.
# setpriv: the kernel kills the program when the daemon dies.
_PROGRAM = """
[program:{name}]
command=setpriv --pdeathsig KILL -- {command}
directory={checkout}
environment={environment}
autorestart=true
startsecs=1
startretries=1000000
stopsignal=TERM
stopwaitsecs={stop_wait_s}
stopasgroup={as_group}
killasgroup={as_group}
redirect_stderr=true
stdout_logfile={folder}/logs/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=3
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A program for the supervisor to run: its name, command and environment, and how it is stopped.

    After `stop_wait_s` seconds it is killed; with `as_group`, its child processes are stopped and killed with it.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_wait_s: int = 15
    as_group: bool = False


@dataclass(frozen=True, slots=True)
class ProgramState:
    """State of one program, as supervisord reports it; `pid` is 0 if it does not run."""

    name: str
    state: str
    pid: int
    up_s: int


class Supervisor:
    """Control of the supervisord daemon of one folder.

    Raises DeployError if the folder's path is too long for a socket.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "socket"
        self._conf = folder / "supervisord.conf"
        # The kernel limits the path of a socket to 107 bytes, and supervisord appends its pid while it creates one.
        if len(os.fsencode(self._socket)) > 96:
            raise DeployError(f"The path {self._socket} is too long for a socket: set XDG_DATA_HOME to a shorter one.")

    @property
    def logs(self) -> Path:
        return self._folder / "logs"

    def keep(self, programs: Sequence[Program]) -> None:
        """Start, restart and stop programs so that exactly these run from now on. Raises DeployError.

        Starts the daemon if it does not run.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with state_files.locked(self._folder / "lock"):
            state_files.write(self._conf, configuration(self._folder, programs))
            if not self.alive():
                self._start()
            else:
                self._change()

    def stop(self) -> None:
        """Stop all programs and the daemon, and return when they have ended.

        Does nothing if the daemon does not run.
        """
        with state_files.locked(self._folder / "lock"):
            if self.alive():
                with self._rpc() as rpc:
                    pid = rpc.getPID()
                    # Stop all at once: a shutdown alone would stop them one after the other, a second each.
                    rpc.stopAllProcesses()
                    rpc.shutdown()
                # Longer than the longest stop_wait_s, after which supervisord itself sends SIGKILL.
                if readiness.until(lambda: _complaint_if_running(pid), timeout_s=120):
                    os.kill(pid, signal.SIGKILL)
            self._socket.unlink(missing_ok=True)

    def alive(self) -> bool:
        """Return whether the daemon answers and is not shutting down."""
        try:
            with self._rpc() as rpc:
                return int(rpc.getState()["statecode"]) >= 0
        except NotRunning:
            return False

    def programs(self) -> list[ProgramState]:
        """Return the state of all programs, sorted by name, or an empty list if the daemon does not run."""
        try:
            with self._rpc() as rpc:
                rows = rpc.getAllProcessInfo()
        except NotRunning:
            return []
        found = [ProgramState(r["name"], r["statename"].lower(), r["pid"], _up_s(r)) for r in rows]
        return sorted(found, key=lambda program: program.name)

    def pid(self, name: str) -> int | None:
        """Return the process id of a program, or None if it does not run."""
        return next((p.pid for p in self.programs() if p.name == name and p.pid), None)

    def halt(self, name: str) -> None:
        """Stop one program until `resume`. Raises NotRunning if the daemon does not run."""
        with self._rpc() as rpc, _ignoring(Faults.NOT_RUNNING):
            rpc.stopProcess(name)

    def resume(self, name: str) -> None:
        """Start one program now, whether it was halted or waits for its next attempt. Raises NotRunning."""
        with self._rpc() as rpc, _ignoring(Faults.ALREADY_STARTED):
            rpc.startProcess(name, False)

    def _start(self) -> None:
        result = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(self._conf)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        if result.returncode:
            raise DeployError(f"supervisord did not start: {result.stderr.strip() or result.stdout.strip()}")
        if readiness.until(lambda: None if self.alive() else "no answer", timeout_s=20, every_s=0.02):
            raise DeployError(f"supervisord does not answer; its log is in {self.logs}.")

    def _change(self) -> None:
        with self._rpc() as rpc:
            ((added, changed, removed),) = rpc.reloadConfig()
            for name in [*changed, *removed]:
                rpc.stopProcessGroup(name)
                rpc.removeProcessGroup(name)
            for name in [*added, *changed]:
                rpc.addProcessGroup(name)
            for row in rpc.getAllProcessInfo():
                if row["statename"] in ("BACKOFF", "STOPPED", "FATAL", "EXITED"):
                    with _ignoring(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR):
                        rpc.startProcess(row["name"], False)

    @contextmanager
    def _rpc(self) -> Iterator[Any]:
        if not self._socket.exists():
            raise NotRunning(f"Nothing runs in {self._folder}.")
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            yield ServerProxy("http://127.0.0.1", transport=transport).supervisor
        except (OSError, HTTPException) as error:
            raise NotRunning(f"Nothing answers in {self._folder}.") from error
        except Fault as fault:
            if fault.faultCode == Faults.SHUTDOWN_STATE:
                raise NotRunning(f"What runs in {self._folder} is stopping.") from fault
            raise
        finally:
            transport.close()


def configuration(folder: Path, programs: Sequence[Program]) -> str:
    """Return the text of supervisord.conf for these programs. Raises ValueError for text that it cannot represent."""
    folders = {"folder": _escaped(str(folder)), "checkout": _escaped(str(CHECKOUT))}
    return _DAEMON.format(**folders) + "".join(
        _PROGRAM.format(
            name=program.name,
            command=_escaped(shlex.join(program.command)),
            environment=",".join(f'{name}="{_quotable(value)}"' for name, value in program.environment.items()),
            stop_wait_s=program.stop_wait_s,
            as_group=str(program.as_group).lower(),
            **folders,
        )
        for program in programs
    )


def _escaped(text: str) -> str:
    if "\n" in text or " ;" in text:
        raise ValueError(f"supervisord cannot represent {text!r} in its configuration")
    return text.replace("%", "%%")


def _quotable(text: str) -> str:
    # supervisord strips quotes at both ends and has no escape for them.
    if '"' in text or "'" in text:
        raise ValueError("supervisord cannot represent a quote in an environment variable")
    return _escaped(text)


def _up_s(row: Mapping[str, Any]) -> int:
    return int(row["now"] - row["start"]) if row["pid"] else 0


def _complaint_if_running(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    return "still running"


@contextmanager
def _ignoring(*codes: int) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        if fault.faultCode not in codes:
            raise
