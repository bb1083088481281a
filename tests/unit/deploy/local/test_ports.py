"""Ports stay the same while they are free, and none is assigned twice."""

import socket

import pytest

from deploy.local import ports


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine on which no port is claimed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def busy_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_port_is_kept():
    (port,) = ports.assign({"a": None}).values()

    assert ports.assign({"a": port}) == {"a": port}


def test_taken_port_gives_way(busy_port):
    assert ports.assign({"a": busy_port})["a"] != busy_port


def test_no_port_is_given_twice():
    (port,) = ports.assign({"a": None}).values()

    both = ports.assign({"a": port, "b": port})

    assert both["a"] == port
    assert both["b"] != port


def test_port_of_another_that_does_not_listen_yet_is_left_to_it():
    (port,) = ports.assign({"a": None}).values()

    assert ports.assign({"b": port}, busy=[port])["b"] != port


@pytest.mark.usefixtures("machine")
def test_port_that_another_owner_is_about_to_use_is_left_to_it():
    (port,) = ports.assign({"gateway": None}, owner="one").values()

    assert ports.assign({"gateway": port}, owner="two")["gateway"] != port
    assert ports.assign({"gateway": port}, owner="one") == {"gateway": port}


@pytest.mark.usefixtures("machine")
def test_claim_that_was_not_used_ends(monkeypatch):
    (port,) = ports.assign({"gateway": None}, owner="one").values()

    later = ports.time.time() + ports.CLAIM_S + 1
    monkeypatch.setattr(ports.time, "time", lambda: later)

    assert ports.assign({"gateway": port}, owner="two") == {"gateway": port}
