"""Run work on files of strangers in child processes whose time, processor time, memory and output are limited.

A small server process (`job_server.py`) holds the decoders and forks one child for each job, which takes milliseconds
instead of the tenth of a second of a new interpreter. The child is a process group of its own: it is killed as a group
when its time is over, and with the server when this process ends. The server gets no setting of this process, so that
no secret lies beside a decoder.

Promises: `run` returns within the limit of time and of waiting, whatever the file does; at most CHILDREN children run
at once for each process that calls it. It may be called from any thread, and from green threads of eventlet. A child
has no network, and a program opens no files but those of its job, where the kernel can keep it from them
(`confinement.py`).
"""

import atexit
import contextlib
import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

CHILDREN = 2
WAIT_S = 20.0  # for one of the children to end
GRACE_S = 5.0  # after the limit of time, for the server to kill the child and answer
OUTPUT_BYTES = 64 * 1024 * 1024
OUT_OF_MEMORY = 77  # the exit code of a job that met its limit of memory
NOT_STORED = 78  # the exit code of a job that our own storage failed, as a full disk does
OUR_STORAGE = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOENT, errno.EACCES, errno.EPERM)
)
WATCH_S = 1.0
WATCHED_BYTES = 4_096
Watch = Callable[[bytes], None]
_PATH = "/usr/local/bin:/usr/bin:/bin"  # where ffmpeg and ffprobe are looked for
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use: seconds of processor time, seconds on the clock, bytes of memory and bytes of a file."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    file_bytes: int = OUTPUT_BYTES


@dataclass(frozen=True, slots=True)
class Finished:
    """A child that ended by itself: its exit code, and its standard output."""

    exit_code: int
    output: bytes
    peak_bytes: int = field(default=0, compare=False)  # the most memory that it had at once


@dataclass(frozen=True, slots=True)
class Stopped:
    """A child that was ended: by a limit of time or memory, by a crash of its own, by the system, which had no memory
    left (killed), or that never began (busy).
    """

    reason: Literal["time", "memory", "crash", "killed", "busy"]


class RunWatched(Protocol):
    """What runs a job in a limited process, as `run` does."""

    def __call__(self, job: Mapping[str, Any], limits: Limits, watch: Watch | None = None, /) -> Finished | Stopped:
        """Run one job in a child, and wait for its end."""


class JobServer:
    """The server process that forks the children of this process. It starts with the first job."""

    def __init__(self, children: int = CHILDREN) -> None:
        self._slots, self._lock = threading.BoundedSemaphore(children), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        atexit.register(self.close)

    def run(self, job: Mapping[str, Any], limits: Limits, watch: Watch | None = None) -> Finished | Stopped:
        """Run one job in a child, and wait for its end. `job_server.py` lists the jobs.

        `watch` gets the end of what the child has written, every WATCH_S seconds while it runs. Raise OSError if no
        child can be started.
        """
        if not self._slots.acquire(timeout=WAIT_S):
            return Stopped("busy")
        try:
            control = self._connected()
            try:
                return self._run(control, job, limits, watch)
            except (EOFError, OSError):
                self._leave(control)  # the server itself was killed, perhaps for want of memory: once more with another
                return self._run(self._connected(), job, limits, watch)
        except EOFError as problem:
            raise OSError("the server of limited processes does not stay alive") from problem
        finally:
            self._slots.release()

    def close(self) -> None:
        """End the server, and with it all children. The next job starts another one."""
        self._leave(self._control)

    def _leave(self, server: socket.socket | None) -> None:
        """End the server behind this socket, unless another thread has ended it, and perhaps started the next."""
        with self._lock:
            if server is not self._control:
                return
            control, process = self._control, self._process
            self._control = self._process = None
        if control is not None:
            control.close()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=GRACE_S)

    def _run(
        self, control: socket.socket, job: Mapping[str, Any], limits: Limits, watch: Watch | None
    ) -> Finished | Stopped:
        ours, theirs = socket.socketpair()
        output = os.memfd_create("job")
        try:
            with ours, theirs:
                message = json.dumps({**job, "limits": asdict(limits)}).encode()
                socket.send_fds(control, [message], [theirs.fileno(), output])
                theirs.close()
                status = _outcome(ours, output, limits.wall_s + GRACE_S, watch)
            if not status:
                raise EOFError
            ended = json.loads(status)
            if ended["reason"]:
                return Stopped(ended["reason"])
            if ended["exit"] == OUT_OF_MEMORY:
                return Stopped("memory")
            with os.fdopen(os.dup(output), "rb") as file:
                file.seek(0)
                return Finished(ended["exit"], file.read(), ended["peak"])
        except TimeoutError:
            return Stopped("time")
        finally:
            os.close(output)

    def _connected(self) -> socket.socket:
        with self._lock:
            if self._control is None:
                self._process, self._control = _start()
            return self._control


def _outcome(ours: socket.socket, output: int, within_s: float, watch: Watch | None) -> bytes:
    """Return what the server says of a child. Raise TimeoutError if it says nothing in time."""
    until_s = time.monotonic() + within_s
    while True:
        left_s = until_s - time.monotonic()
        ours.settimeout(max(0.001, min(left_s, WATCH_S) if watch else left_s))
        try:
            return ours.recv(1024)
        except TimeoutError:
            if not watch or left_s <= 0:
                raise
            watch(os.pread(output, WATCHED_BYTES, max(0, os.fstat(output).st_size - WATCHED_BYTES)))


def _start() -> tuple["subprocess.Popen[bytes]", socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "shared.media.job_server", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={"PATH": _PATH, "PYTHONPATH": str(_ROOT)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return process, ours


_SERVER = JobServer()


def run(job: Mapping[str, Any], limits: Limits, watch: Watch | None = None) -> Finished | Stopped:
    """Run one job in a child of this process's server. See `JobServer.run`."""
    return _SERVER.run(job, limits, watch)
