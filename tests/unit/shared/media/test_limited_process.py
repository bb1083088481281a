"""Work on files of strangers ends by its limits. Tried with ordinary pictures and programs, and low limits."""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from shared.media import confinement, limited_process
from shared.media.limited_process import Finished, JobServer, Limits, Stopped
from tests.files import ROOT

pytestmark = pytest.mark.slow  # starts processes

MIB = 1024 * 1024
ROOMY = Limits(cpu_s=10, wall_s=20.0, memory_bytes=768 * MIB)


@pytest.fixture
def server() -> Iterator[JobServer]:
    """Return a server of limited processes of this test's own, and end it afterwards."""
    server = JobServer()
    yield server
    server.close()


def stored(folder: Path, size: tuple[int, int] = (640, 480)) -> Path:
    path = folder / "picture"
    Image.linear_gradient("L").resize(size).convert("RGB").save(path, "PNG")
    return path


def picture_job(path: Path) -> dict[str, object]:
    return {"picture": str(path), "target": str(path.with_name("copy")), "outlet": ["copy"]}


def ends(pid: int) -> bool:
    """Return whether a process that was killed is gone, or ends within five seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 5.0)[0])
    finally:
        os.close(handle)


def test_ordinary_picture_is_prepared_within_the_limits(server: JobServer, tmp_path: Path):
    ended = server.run(picture_job(stored(tmp_path)), ROOMY)

    assert isinstance(ended, Finished)
    facts = {"container": "png", "width": 640, "height": 480, "look": "8000000000000000", "ai_labels": []}
    assert (ended.exit_code, json.loads(ended.output)) == (0, facts)


def test_picture_that_needs_more_memory_than_its_limit_is_stopped(server: JobServer, tmp_path: Path):
    little = Limits(cpu_s=10, wall_s=20.0, memory_bytes=48 * MIB)

    assert Stopped("memory") == server.run(picture_job(stored(tmp_path, (2_400, 2_400))), little)


def test_copy_larger_than_its_limit_is_not_written(server: JobServer, tmp_path: Path):
    little = Limits(cpu_s=10, wall_s=20.0, memory_bytes=768 * MIB, file_bytes=1_000)

    ended = server.run(picture_job(stored(tmp_path)), little)

    assert not isinstance(ended, Finished) or ended.exit_code != 0


def test_program_that_works_for_too_long_is_stopped(server: JobServer):
    busy = ["sh", "-c", "while :; do :; done"]

    assert Stopped("time") == server.run({"command": busy}, Limits(cpu_s=1, wall_s=20.0, memory_bytes=768 * MIB))


def test_program_that_waits_for_too_long_is_stopped_with_all_that_it_started(server: JobServer, tmp_path: Path):
    note = tmp_path / "pid"
    idle = ["sh", "-c", f"sleep 60 & echo $! > {note}; wait"]

    began = time.monotonic()
    ended = server.run(
        {"command": idle, "writes": [str(tmp_path)]}, Limits(cpu_s=10, wall_s=0.5, memory_bytes=768 * MIB)
    )

    assert Stopped("time") == ended
    assert time.monotonic() - began < 30
    assert ends(int(note.read_text()))


def test_program_that_ends_by_itself_when_its_processor_time_is_over_is_stopped_by_time(server: JobServer):
    """ffmpeg does so, and would else be taken for one that found a broken file."""
    busy = ["bash", "-c", "trap 'exit 255' XCPU; while :; do :; done"]

    assert Stopped("time") == server.run({"command": busy}, Limits(cpu_s=1, wall_s=20.0, memory_bytes=768 * MIB))


def test_child_that_the_system_killed_met_no_limit_of_its_own(server: JobServer):
    assert Stopped("killed") == server.run({"command": ["sh", "-c", "kill -KILL $$"]}, ROOMY)


def test_server_that_another_thread_has_replaced_already_is_not_ended(server: JobServer):
    server.run({"command": ["true"]}, ROOMY)
    before = server._control
    server.close()
    server.run({"command": ["true"]}, ROOMY)
    after = server._process

    server._leave(before)

    assert after is not None
    assert after is server._process
    assert after.poll() is None


def test_server_ends_when_its_owner_closes_it():
    server = JobServer()
    assert isinstance(server.run({"command": ["true"]}, ROOMY), Finished)
    process = server._process
    assert process is not None

    server.close()

    assert process.returncode == 0


def test_server_that_was_killed_is_replaced(server: JobServer):
    server.run({"command": ["true"]}, ROOMY)
    assert server._process is not None
    server._process.kill()
    server._process.wait()

    assert Finished(0, b"") == server.run({"command": ["true"]}, ROOMY)


def test_child_knows_no_setting_of_this_process(server: JobServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_MONGO_URI", "mongodb://user:word@localhost")

    ended = server.run({"command": ["env"]}, ROOMY)

    assert isinstance(ended, Finished)
    assert b"BAIJIA" not in ended.output
    assert os.environ["BAIJIA_MONGO_URI"].encode() not in ended.output


def test_program_that_is_not_installed_is_told_by_its_exit_code(server: JobServer):
    ended = server.run({"command": ["no-such-program"]}, ROOMY)

    assert isinstance(ended, Finished)
    assert ended.exit_code == 127


def test_file_that_is_gone_is_no_program_that_is_missing(server: JobServer, tmp_path: Path):
    ended = server.run({"command": ["true"], "reads": [str(tmp_path / "gone")]}, ROOMY)

    assert Finished(limited_process.NOT_STORED, b"") == ended


def test_program_that_runs_is_watched(server: JobServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(limited_process, "WATCH_S", 0.01)
    go, seen = tmp_path / "go", list[bytes]()
    os.mkfifo(go)

    def watch(output: bytes) -> None:
        if output and not seen:
            seen.append(output)
            go.write_bytes(b"on\n")  # the program goes on only after it was watched

    talk = ["sh", "-c", f"echo half; read word < {go}; echo whole"]
    ended = server.run({"command": talk, "reads": [str(go)]}, ROOMY, watch)

    assert (ended, seen) == (Finished(0, b"half\nwhole\n"), [b"half\n"])


def test_memory_that_a_child_had_is_told(server: JobServer):
    ended = server.run({"command": ["true"]}, ROOMY)

    assert isinstance(ended, Finished)
    assert 100_000 < ended.peak_bytes < 200 * MIB


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/{port}"], id="a shell"),
        pytest.param(["ffprobe", "-v", "error", "tcp://127.0.0.1:{port}"], id="ffprobe without a list of protocols"),
        pytest.param(["ffmpeg", "-v", "error", "-i", "http://127.0.0.1:{port}/", "-f", "null", "-"], id="ffmpeg"),
    ],
)
def test_program_reaches_no_server(server: JobServer, command: list[str]):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = str(listening.getsockname()[1])

        ended = server.run({"command": [each.replace("{port}", port) for each in command]}, ROOMY)

        assert isinstance(ended, Finished)
        assert ended.exit_code != 0
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.skipif(not confinement.files_can_be_taken(), reason="this kernel has no Landlock")
def test_program_reads_and_writes_only_the_files_of_its_job(server: JobServer, tmp_path: Path):
    given, other, target = (tmp_path / each for each in ("given", "other", "target"))
    for each in (given, other, target):
        each.write_bytes(each.name.encode())

    def run(*command: str) -> int | None:
        job = {"command": list(command), "reads": [str(given)], "writes": [str(target)]}
        ended = server.run(job, ROOMY)
        return ended.exit_code if isinstance(ended, Finished) else None

    assert [run("cat", str(each)) for each in (given, target, other, ROOT / "README.md")] == [0, 0, 1, 1]
    assert [run("cp", str(given), str(each)) for each in (target, other, tmp_path / "new")] == [0, 1, 1]
    assert [target.read_bytes(), other.read_bytes()] == [b"given", b"other"]


# Six jobs of green threads on two children, while another green thread counts.
GREEN = """
import eventlet
eventlet.monkey_patch()
from shared.media import limited_process
from shared.media.limited_process import Limits
ticks = []
def count():
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)
eventlet.spawn(count)
limits = Limits(cpu_s=10, wall_s=20.0, memory_bytes=1 << 30)
jobs = [eventlet.spawn(limited_process.run, {"command": ["sleep", "0.2"]}, limits) for _ in range(6)]
print([job.wait().exit_code for job in jobs], len(ticks) > 20)
"""


@pytest.mark.slow
def test_green_threads_wait_for_children_and_let_others_work():
    command = [sys.executable, "-W", "ignore", "-c", GREEN]

    ended = subprocess.run(command, capture_output=True, timeout=30, check=True, cwd=ROOT)

    assert ended.stdout == b"[0, 0, 0, 0, 0, 0] True\n"


def test_job_that_finds_no_child_free_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limited_process, "WAIT_S", 0.0)
    server = JobServer(children=0)

    assert Stopped("busy") == server.run({"command": ["true"]}, ROOMY)
