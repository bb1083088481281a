"""A command that needs the running product says in one sentence that nothing runs, and shows no stack trace."""

import tempfile
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from deploy import cli, engines, manager

#: Nothing was ever started in the data folder of these tests.
COMMANDS = [
    pytest.param(cli.main, ["explain", "A012"], id="baijia explain"),
    pytest.param(cli.main, ["verify"], id="baijia verify"),
    pytest.param(manager.main, ["env"], id="manager env"),
]


@pytest.fixture(autouse=True)
def empty_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BAIJIA_MONGO_URI", "BAIJIA_AMQP_URI", "BAIJIA_CAMPAIGN", "BAIJIA_ENGINES"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory() as folder:  # its path is short enough for the supervisor's socket
        monkeypatch.setenv("XDG_DATA_HOME", folder)
        yield


@pytest.mark.parametrize(("command", "words"), COMMANDS)
def test_command_without_a_running_campaign_says_so(command, words: list[str]):
    result = CliRunner().invoke(command, words)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Campaign demo is not running: run `make up`.\n"


def test_contradiction_in_the_environment_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_MONGO_URI", "mongodb://127.0.0.1")

    result = CliRunner().invoke(engines.main, ["status"])

    assert (result.exit_code, result.stderr) == (1, "Set both BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, or neither.\n")
