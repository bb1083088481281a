"""Server process that forks one limited child for each job. `limited_process.py` starts it and talks to it.

A job is a JSON object on a socket, with two open files: a socket for the outcome, and the child's standard output. It
is one of

    {"command": ["ffprobe", …], "reads": [path], "writes": [path]}    run a program that opens these files alone
    {"picture": path, "target": path, "outlet": [name, …]}    prepare a picture (`pictures.py`), print its facts
    {"frames": path, "target": path}                          keep the frames of a sound (`mp3_frames.py`)
    {"frames_of_film": [path, …], "folder": path}             write a strip and a poster (`film_frames.py`)
    {"page": path, "charset": name}                           print what a web page says (`page_text.py`)
    {"digest": path}                                          print the size of a file in bytes, its SHA-256, labels

and has the limits of `limited_process.Limits`. The outcome is
`{"exit": code, "reason": why it was ended, or "", "peak": most bytes of memory it had at once}`.

Promises: a child begins with its limits in force, without network, and as its own process group; the group is killed
when its time is over, when the child ends, and when the process that started the server ends. A program opens no file
but the system's and those that the job names, where the kernel can keep it from that (`confinement.py`).
"""

import contextlib
import hashlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from shared.media import confinement, film_frames, mp3_frames, page_text, pictures
from shared.media.ai_labels import labels_in_file
from shared.media.limited_process import NOT_STORED, OUR_STORAGE, OUT_OF_MEMORY

_CANNOT_START = 127


@dataclass(slots=True)
class _Child:
    pid: int
    outcome: socket.socket
    deadline_s: float
    cpu_s: int
    overdue: bool = False


def serve(control: socket.socket) -> None:
    """Fork a child for each job that comes, and report its outcome, until the other end of the socket is closed."""
    children: dict[int, _Child] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(_next_deadline_s(children)):
                if key.fileobj is not control:
                    selector.unregister(key.fd)
                    _reap(key.fd, children.pop(key.fd))
                    continue
                data, files, _, _ = socket.recv_fds(control, 1 << 20, 2)
                if not data:
                    for child in children.values():
                        _kill(child.pid)
                    return
                handle, child = _fork(json.loads(data), files, control)
                children[handle] = child
                selector.register(handle, selectors.EVENT_READ)
            _kill_overdue(children)


def _next_deadline_s(children: dict[int, _Child]) -> float | None:
    due = [child.deadline_s for child in children.values() if not child.overdue]
    return max(0.0, min(due) - time.monotonic()) if due else None


def _kill_overdue(children: dict[int, _Child]) -> None:
    for child in children.values():
        if not child.overdue and child.deadline_s <= time.monotonic():
            child.overdue = True
            _kill(child.pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _fork(job: dict[str, Any], files: list[int], control: socket.socket) -> tuple[int, _Child]:
    outcome, output = files
    pid = os.fork()
    if not pid:
        control.close()
        os.close(outcome)
        _work(job, output)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)  # both sides do it, so that the group exists before either goes on
    os.close(output)
    deadline_s = time.monotonic() + job["limits"]["wall_s"]
    return os.pidfd_open(pid), _Child(pid, socket.socket(fileno=outcome), deadline_s, job["limits"]["cpu_s"])


def _reap(handle: int, child: _Child) -> None:
    os.close(handle)
    _kill(child.pid)  # whatever the child has started and left behind
    _, status, used = os.wait4(child.pid, 0)
    killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    is_spent = killed_by == signal.SIGKILL and used.ru_utime + used.ru_stime >= child.cpu_s / 2  # counts are coarse
    if child.overdue or killed_by == signal.SIGXCPU or is_spent:
        reason = "time"
    elif killed_by:
        reason = "killed" if killed_by == signal.SIGKILL else "crash"  # by the system, which had no memory left
    else:
        reason = ""
    answer = {"exit": os.waitstatus_to_exitcode(status), "reason": reason, "peak": used.ru_maxrss * 1024}
    with child.outcome, contextlib.suppress(OSError):  # nobody may be waiting any more
        child.outcome.sendall(json.dumps(answer).encode())


def _work(job: dict[str, Any], output: int) -> NoReturn:
    """Do the job in the child that was just forked, and end the process."""
    code = 1
    try:
        os.setpgid(0, 0)
        _limit(**job["limits"])
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(nothing, 2)
        os.closerange(3, 64)
        confinement.take_network()
        if "command" in job:
            confinement.take_files(job.get("reads", ()), job.get("writes", ()))
            code = _CANNOT_START
            os.execvp(job["command"][0], job["command"])
        os.write(1, _answer(job))
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    except OSError as problem:
        if code != _CANNOT_START:
            code = NOT_STORED if problem.errno in OUR_STORAGE else 1
    except BaseException as problem:
        with contextlib.suppress(OSError):
            os.write(1, repr(problem).encode())
    os._exit(code)


def _answer(job: dict[str, Any]) -> bytes:
    if "digest" in job:
        with open(job["digest"], "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        return " ".join((str(size), digest, *labels_in_file(Path(job["digest"])))).encode()
    if "page" in job:
        return json.dumps(page_text.read_page(Path(job["page"]), job["charset"])).encode()
    if "frames_of_film" in job:
        frames = [Path(each) for each in job["frames_of_film"]]
        return str(film_frames.compose(frames, Path(job["folder"]))).encode()
    if "frames" in job:
        return str(mp3_frames.keep_frames(Path(job["frames"]), Path(job["target"]))).encode()
    return json.dumps(pictures.prepare(Path(job["picture"]), Path(job["target"]), *job["outlet"])).encode()


def _limit(*, cpu_s: int, wall_s: float, memory_bytes: int, file_bytes: int) -> None:
    del wall_s  # the server watches the clock
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))  # no warning: ffmpeg would end as if the file were broken
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        serve(given)
