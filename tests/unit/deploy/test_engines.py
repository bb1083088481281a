"""Which engines are chosen, and the shell script that exports their addresses."""

import subprocess

import pytest

from deploy import engines
from deploy.docker import engines as compose_engines
from deploy.errors import DeployError
from deploy.local.engine_uris import Engines

GIVEN = {"BAIJIA_MONGO_URI": "mongodb://one", "BAIJIA_AMQP_URI": "amqp://two"}


@pytest.mark.parametrize(
    ("environment", "docker", "expected"),
    [
        pytest.param({}, False, "box", id="nothing said and no Docker"),
        pytest.param({}, True, "compose", id="nothing said where Docker answers"),
        pytest.param(GIVEN, True, "given", id="addresses given"),
        pytest.param(
            {**GIVEN, "BAIJIA_ENGINES": "box"}, True, "box", id="a shell that sourced the addresses of our box"
        ),
        pytest.param({"BAIJIA_ENGINES": "box"}, True, "box", id="the box asked for where Docker answers"),
    ],
)
def test_kind_of_engines(monkeypatch, environment, docker, expected):
    monkeypatch.setattr(compose_engines, "is_available", lambda: docker)

    assert engines.kind(environment) == expected


@pytest.mark.parametrize("only", sorted(GIVEN))
def test_half_an_address_is_refused(only):
    with pytest.raises(DeployError, match="both"):
        engines.kind({only: GIVEN[only]})


def test_unknown_kind_is_refused():
    with pytest.raises(DeployError, match="box, compose, given"):
        engines.kind({"BAIJIA_ENGINES": "cloud"})


def test_docker_client_without_an_engine_is_no_docker(tmp_path, monkeypatch):
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not compose_engines.is_available()


def test_no_docker_client_is_no_docker(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not compose_engines.is_available()


def test_script_survives_a_shell():
    odd = "amqp://u:p@h:1/?a=1&b='2'$HOME"
    script = Engines(mongo="mongodb://h/?x=1&y=2", amqp=odd).script("box")

    shell = subprocess.run(
        ["sh", "-c", script + 'printf %s "$BAIJIA_AMQP_URI"'], capture_output=True, text=True, check=True
    )

    assert shell.stdout == odd
