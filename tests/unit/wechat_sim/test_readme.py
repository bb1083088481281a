"""The README's examples work as they are printed, and the simulator runs as a separate process."""

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.files import ROOT
from tests.integration.threads import wait
from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator
from tests.wechat_sim import accounts
from tests.wechat_sim.__main__ import arguments

pytestmark = pytest.mark.slow  # starts processes or sockets

README = (ROOT / "tests" / "wechat_sim" / "README.md").read_text()
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines()]
CURLS = [line for line in SHELL if line.startswith("curl ")]
MENU = {"button": [{"type": "click", "name": "点赞", "key": "LIKE"}]}


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorClient]:
    with running_simulator() as made:
        made.post("/cgi-bin/menu/create", MENU, access_token=made.stable())
        yield made


def curl(sim: SimulatorClient, line: str) -> httpx.Response:
    words = [word for word in shlex.split(line)[1:] if word != "-s"]
    options = {word: words[place + 1] for place, word in enumerate(words) if word in ("-d", "-X")}
    (address,) = [word for word in words if word not in options and word not in options.values()]
    url, body = urlsplit(f"http://{address}"), options.get("-d")
    method = options.get("-X") or ("GET" if body is None else "POST")
    return sim.http.request(method, f"{url.path}?{url.query}", content=body)


@pytest.mark.parametrize("line", CURLS)
def test_example_is_answered(sim: SimulatorClient, line: str):
    sim.settle()

    answer: Any = curl(sim, line)

    assert answer.status_code == 200, answer.text
    assert answer.json().get("delivered", True)


def test_start_that_is_shown_is_understood():
    (line,) = [line for line in SHELL if not line.startswith("curl ")]

    asked = arguments().parse_args(shlex.split(line)[3:])

    assert (asked.port, asked.callback) == (8400, ["http://127.0.0.1:8321/wechat"])


def test_python_that_is_shown_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    asking = code.replace("...  #", "got = httpx.get(f'{address}/sim/faults', trust_env=False).json()  #")
    seen: dict[str, Any] = {"httpx": httpx}

    exec(asking, seen)

    assert seen["got"] == {"faults": []}


def test_process_writes_the_accounts_that_it_serves(tmp_path: Path):
    file = tmp_path / "wechat.toml"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.wechat_sim", "--port", str(port), "--accounts", str(file)]

    def served() -> dict[str, Any] | None:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/sim/accounts", trust_env=False).json()
        except httpx.TransportError:
            return None

    with subprocess.Popen([*command, "--callback", "subscription=http://127.0.0.1:9/"], cwd=ROOT) as process:
        try:
            said = wait(served, what="the simulator's accounts")
        finally:
            process.terminate()

    assert {each.appid for each in accounts.read(file).values()} == {each["appid"] for each in said.values()}
    assert [kind for kind, each in said.items() if each["callback"]] == ["subscription"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[shop]\n", "none of"),
        ('[service]\nmode = "open"\n', "mode is one of"),
        ("[service]\nkey = 1\n", "a table has"),
    ],
    ids=["unknown account", "unknown mode", "unknown field"],
)
def test_file_that_cannot_be_used_is_explained(tmp_path: Path, content: str, words: str):
    file = tmp_path / "wechat.toml"
    file.write_text(content)

    with pytest.raises(ValueError, match=words):
        accounts.read(file)


def test_what_a_file_leaves_out_is_invented(tmp_path: Path):
    file = tmp_path / "wechat.toml"
    file.write_text('[service]\nappid = "wx0123456789abcdef"\n')

    (service,) = accounts.read(file).values()

    assert (service.appid, len(service.aeskey), service.mode) == ("wx0123456789abcdef", 43, "safe")
