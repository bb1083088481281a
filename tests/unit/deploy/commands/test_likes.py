"""Command `baijia likes` when the broker is unreachable."""

import socket

import pytest
from click.testing import CliRunner

from deploy.cli import main


@pytest.mark.parametrize("word", ["dead", "redrive"])
def test_broker_that_is_away_is_said(word: str, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # without listening: no other test can take the port
        port = nobody.getsockname()[1]
        monkeypatch.setenv("BAIJIA_MONGO_URI", "mongodb://127.0.0.1:1/")
        monkeypatch.setenv("BAIJIA_AMQP_URI", f"amqp://127.0.0.1:{port}//")

        result = CliRunner().invoke(main, ["likes", word])

    assert result.exit_code == 3
    at = f"127.0.0.1:{port}"
    assert result.stderr.splitlines()[0] == (
        f"错误 / Error: 消息队列（RabbitMQ）连接不上：{at} / the broker (RabbitMQ) is unreachable: {at} [broker-away]"
    )
