"""A command that needs the running product says in one sentence that nothing runs, and shows no stack trace."""

import tempfile
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from deploy import cli, engines, manager


@pytest.fixture(autouse=True)
def empty_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BAIJIA_MONGO_URI", "BAIJIA_AMQP_URI", "BAIJIA_CAMPAIGN", "BAIJIA_ENGINES"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory() as folder:  # its path is short enough for the supervisor's socket
        monkeypatch.setenv("XDG_DATA_HOME", folder)
        yield


@pytest.mark.parametrize("words", [["explain", "A012"], ["verify"]], ids=" ".join)
def test_command_without_a_running_campaign_says_so_and_what_to_do(words: list[str]):
    result = CliRunner().invoke(cli.main, words)

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.splitlines() == [
        "错误 / Error: 活动没有运行 / Campaign demo is not running: run `make up` [not-running]",
        "怎么办 / What to do: 用 `make status` 查看，用 `make up` 启动，然后重试；什么都没有写入"
        " / Look with `make status`, start it with `make up`, and try again; nothing was written",
    ]


def test_manager_without_a_running_campaign_says_so():
    result = CliRunner().invoke(manager.main, ["env"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Campaign demo is not running: run `make up`.\n"


def test_contradiction_in_the_environment_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BAIJIA_MONGO_URI", "mongodb://127.0.0.1")

    result = CliRunner().invoke(engines.main, ["status"])

    assert (result.exit_code, result.stderr) == (1, "Set both BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, or neither.\n")
