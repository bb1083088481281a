"""Keeping programs alive: a thin face on supervisord, one daemon a folder.

Promises: a program that ends, by itself or by kill -9, is started again; `keep` changes only what differs, so adding
one program disturbs no other; `stop` leaves no process; when the daemon itself is killed its programs go with it, so
that the next `keep` never meets a second copy. Logs are rotated in `folder/logs`.
Does not promise that a program answers: it watches processes, not health.
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

# startretries: a program is never given up; the pause between tries grows by a second each.
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
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_wait_s: int = 15
    as_group: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What supervisord says of one program."""

    name: str
    state: str
    pid: int
    up_s: int


class Keeper:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "socket"
        self._conf = folder / "supervisord.conf"
        # The kernel's limit on the path of a socket; supervisord adds its pid while it makes one.
        if len(os.fsencode(self._socket)) > 96:
            raise DeployError(f"The path {self._socket} is too long for a socket: set XDG_DATA_HOME to a shorter one.")

    @property
    def logs(self) -> Path:
        return self._folder / "logs"

    def keep(self, programs: Sequence[Program]) -> None:
        """Make what runs equal to this list."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with state_files.locked(self._folder / "lock"):
            state_files.write(self._conf, configuration(self._folder, programs))
            if not self.alive():
                self._start()
            else:
                self._change()

    def stop(self) -> None:
        with state_files.locked(self._folder / "lock"):
            if self.alive():
                with self._ask() as ask:
                    pid = ask.getPID()
                    # All at once; a shutdown alone would stop one after the other, a second each.
                    ask.stopAllProcesses()
                    ask.shutdown()
                # Longer than the longest stop_wait_s: supervisord itself turns to kill -9 after that.
                if readiness.until(lambda: _complaint_of_life(pid), timeout_s=120):
                    os.kill(pid, signal.SIGKILL)
            self._socket.unlink(missing_ok=True)

    def alive(self) -> bool:
        try:
            with self._ask() as ask:
                return int(ask.getState()["statecode"]) >= 0
        except NotRunning:
            return False

    def programs(self) -> list[Kept]:
        """In the order of their names; none if the daemon is not there."""
        try:
            with self._ask() as ask:
                rows = ask.getAllProcessInfo()
        except NotRunning:
            return []
        kept = [Kept(r["name"], r["statename"].lower(), r["pid"], _up_s(r)) for r in rows]
        return sorted(kept, key=lambda program: program.name)

    def pid(self, name: str) -> int | None:
        return next((p.pid for p in self.programs() if p.name == name and p.pid), None)

    def halt(self, name: str) -> None:
        """Stop one program until `resume`."""
        with self._ask() as ask, _ignoring(Faults.NOT_RUNNING):
            ask.stopProcess(name)

    def resume(self, name: str) -> None:
        """Start one program now, whether it was halted or waits for its next try."""
        with self._ask() as ask, _ignoring(Faults.ALREADY_STARTED):
            ask.startProcess(name, False)

    def _start(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(self._conf)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        if done.returncode:
            raise DeployError(f"supervisord did not start: {done.stderr.strip() or done.stdout.strip()}")
        if readiness.until(lambda: None if self.alive() else "no answer", timeout_s=20, every_s=0.02):
            raise DeployError(f"supervisord does not answer; its log is in {self.logs}.")

    def _change(self) -> None:
        with self._ask() as ask:
            ((added, changed, removed),) = ask.reloadConfig()
            for name in [*changed, *removed]:
                ask.stopProcessGroup(name)
                ask.removeProcessGroup(name)
            for name in [*added, *changed]:
                ask.addProcessGroup(name)
            for row in ask.getAllProcessInfo():
                if row["statename"] in ("BACKOFF", "STOPPED", "FATAL", "EXITED"):
                    with _ignoring(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR):
                        ask.startProcess(row["name"], False)

    @contextmanager
    def _ask(self) -> Iterator[Any]:
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
    """The text of supervisord.conf."""
    places = {"folder": _escaped(str(folder)), "checkout": _escaped(str(CHECKOUT))}
    return _DAEMON.format(**places) + "".join(
        _PROGRAM.format(
            name=program.name,
            command=_escaped(shlex.join(program.command)),
            environment=",".join(f'{name}="{_quotable(value)}"' for name, value in program.environment.items()),
            stop_wait_s=program.stop_wait_s,
            as_group=str(program.as_group).lower(),
            **places,
        )
        for program in programs
    )


def _escaped(text: str) -> str:
    if "\n" in text or " ;" in text:
        raise ValueError(f"supervisord cannot be told {text!r}")
    return text.replace("%", "%%")


def _quotable(text: str) -> str:
    # supervisord strips quotes at both ends and knows no escapes.
    if '"' in text or "'" in text:
        raise ValueError("a quote in an environment variable cannot be told to supervisord")
    return _escaped(text)


def _up_s(row: Mapping[str, Any]) -> int:
    return int(row["now"] - row["start"]) if row["pid"] else 0


def _complaint_of_life(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    return "still there"


@contextmanager
def _ignoring(*codes: int) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        if fault.faultCode not in codes:
            raise
