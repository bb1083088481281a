"""The broker of Docker Compose has a password of its own, which is made once."""

from pathlib import Path

import pytest

from deploy.docker import passwords
from deploy.docker.compose import AMQP_PASSWORD, document


def test_password_is_made_once_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(AMQP_PASSWORD, raising=False)
    file = tmp_path / ".env"
    file.write_text("BAIJIA_CAMPAIGN=spring")

    first, again = passwords.broker(file), passwords.broker(file)

    assert (first == again, len(first)) == (True, 32)
    assert file.read_text() == f"BAIJIA_CAMPAIGN=spring\n{AMQP_PASSWORD}={first}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert passwords.broker(tmp_path / "other") != first


def test_password_of_the_environment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(AMQP_PASSWORD, "given")

    assert (passwords.broker(tmp_path / ".env"), (tmp_path / ".env").exists()) == ("given", False)


def test_compose_file_holds_no_password_and_does_not_start_without_one():
    services = document()["services"]

    processes = [each["environment"]["BAIJIA_AMQP_URI"] for each in services.values() if "build" in each]
    passwords_of_all = [services["rabbitmq"]["environment"]["RABBITMQ_DEFAULT_PASS"], *processes]

    assert [each for each in passwords_of_all if f"${{{AMQP_PASSWORD}:?" not in each] == []


def test_process_that_needs_no_key_gets_no_data_folder():
    services = document()["services"]

    assert {name for name, each in services.items() if "build" in each and "volumes" not in each} == {
        "relay",
        "projector",
    }
