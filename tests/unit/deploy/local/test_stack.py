"""A real process manager with stub processes: what it restarts, what it leaves alone and what it stops.

There are few tests, each with a whole story, because supervisord takes a second for most operations.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.errors import DeployError, NotRunning
from deploy.local import readiness
from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from deploy.topology.processes import Process

pytestmark = pytest.mark.slow  # starts processes and opens sockets

TABLE = (
    Process("relay", ("relay",), 29106),
    Process("gateway", ("gateway",), 29109, http_port=28321),
    Process("vote-writer", ("vote-writer",), 29120, count=2, scaled_as="voting"),
)
ENGINES = Engines("mongodb://nowhere/?x=%2F", "amqp://nowhere")


@pytest.fixture
def home() -> Iterator[Path]:
    # Not tmp_path, which is too long a path for a socket.
    with TemporaryDirectory(prefix="baijia-") as folder:
        yield Path(folder)


@pytest.fixture
def stack(home) -> Iterator[Stack]:
    stack = Stack("stub", table=TABLE, module="tests.unit.deploy.stub", home=home)
    with closing(_Stopping(stack)):
        yield stack


class _Stopping:
    def __init__(self, stack: Stack) -> None:
        self.close = stack.stop


def test_scaling_leaves_the_others_alone(stack):
    stack.start(ENGINES)
    stack.wait_ready(20)
    before = {name: stack.pids(name) for name in ("relay", "gateway", "vote-writer")}

    stack.scale("voting", 3)
    stack.wait_ready(20)
    more = stack.pids("vote-writer")
    stack.scale("voting", 1)
    fewer = stack.pids("vote-writer")

    assert more[:2] == before["vote-writer"]
    assert len(more) == 3
    assert fewer == more[:1]
    assert [stack.pids(name) for name in ("relay", "gateway")] == [before["relay"], before["gateway"]]


def test_killed_process_comes_back_on_its_port(stack):
    stack.start(ENGINES)
    stack.wait_ready(20)
    url, (old,) = stack.metrics_url("relay"), stack.pids("relay")

    os.kill(old, signal.SIGKILL)

    assert readiness.until(lambda: None if stack.pids("relay") not in ([], [old]) else "away", timeout_s=60) is None
    stack.wait_ready(20)
    assert stack.metrics_url("relay") == url


def test_killed_daemon_takes_its_programs_along_and_start_brings_all_back(stack, home):
    stack.start(ENGINES)
    stack.wait_ready(20)
    old = [pid for process in TABLE for pid in stack.pids(process.name)]
    daemon = int((home / "campaigns/stub/run/pid").read_text())

    os.kill(daemon, signal.SIGKILL)

    assert readiness.until(lambda: "there" if any(_lives(pid) for pid in old) else None, timeout_s=60) is None
    stack.start(ENGINES)
    stack.wait_ready(20)
    assert len(stack.pids("vote-writer")) == 2


def test_process_is_told_where_it_is(stack, home, monkeypatch: pytest.MonkeyPatch):
    for name in ("BAIJIA_BOX_PG_URI", "BAIJIA_ENGINES"):  # `make test` sets them for the tests of the engines
        monkeypatch.delenv(name, raising=False)
    stack.start(ENGINES, data=home / "media")
    (pid,) = stack.pids("gateway")
    readiness.until(
        lambda: None if b"tests.unit.deploy.stub" in Path(f"/proc/{pid}/cmdline").read_bytes() else "starting",
        timeout_s=60,
    )

    environment = dict(line.split("=", 1) for line in Path(f"/proc/{pid}/environ").read_text().split("\0") if line)

    assert {
        name: value
        for name, value in environment.items()
        if name.startswith("BAIJIA_") and "PORT" not in name and name != "BAIJIA_METRICS_TARGETS"
    } == {
        "BAIJIA_CAMPAIGN": "stub",
        "BAIJIA_DATA": str(home / "media"),
        "BAIJIA_MONGO_URI": ENGINES.mongo,
        "BAIJIA_AMQP_URI": ENGINES.amqp,
        "BAIJIA_PROCESS": "gateway",
    }
    assert environment["BAIJIA_GATEWAY_PORT"] == stack.gateway_url().rpartition(":")[2]
    targets = Path(environment["BAIJIA_METRICS_TARGETS"].removeprefix("@")).read_text()
    own = next(each for each in targets.split(",") if each.startswith("gateway="))
    assert stack.metrics_url("gateway") == f"http://{own.removeprefix('gateway=')}/metrics"


def test_process_is_its_own_user_at_the_broker_and_a_command_the_administrator(stack):
    stack.start(replace(ENGINES, amqp_of_processes={"gateway": "amqp://gateway@nowhere"}))
    users = {}
    for name in ("gateway", "relay"):
        (pid,) = stack.pids(name)
        command = Path(f"/proc/{pid}/cmdline")
        readiness.until(
            lambda c=command: None if b"tests.unit.deploy.stub" in c.read_bytes() else "starting", timeout_s=60
        )
        text = Path(f"/proc/{pid}/environ").read_text()
        users[name] = next(line for line in text.split("\0") if line.startswith("BAIJIA_AMQP_URI="))

    assert users == {"gateway": "BAIJIA_AMQP_URI=amqp://gateway@nowhere", "relay": f"BAIJIA_AMQP_URI={ENGINES.amqp}"}
    assert stack.environment()["BAIJIA_AMQP_URI"] == ENGINES.amqp


def test_wechat_is_simulated_beside_a_stack_until_the_next_start(stack):
    stack.start(ENGINES, simulate=True)
    stack.wait_ready(20)
    beside, environment = stack.pids("wechat-sim"), stack.environment()

    stack.start(ENGINES)
    stack.wait_ready(20)

    assert len(beside) == 1
    assert (environment["BAIJIA_WECHAT_API"], environment["BAIJIA_PUBLIC_URL"]) == (
        stack.wechat_url(),
        stack.gateway_url(),
    )
    assert "wechat-sim" not in {row.name for row in stack.statuses()}
    assert "BAIJIA_WECHAT_FILE" not in stack.environment()


@pytest.mark.parametrize(("name", "count"), [("voting", 0), ("voting", 33), ("relay", 2), ("nobody", 2)])
def test_scale_that_cannot_be_is_refused(stack, name, count):
    with pytest.raises(DeployError):
        stack.scale(name, count)


def test_scale_of_what_is_down_says_so(stack):
    with pytest.raises(NotRunning, match="make up"):
        stack.scale("voting", 3)


@pytest.mark.parametrize("name", ["", "A", "a_b", "../x", "x" * 41])
def test_name_that_is_no_campaign_is_refused(name, home):
    with pytest.raises(DeployError, match="campaign"):
        Stack(name, home=home)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
