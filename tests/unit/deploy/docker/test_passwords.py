"""The engines of Docker Compose have passwords of their own, which are made once, and each process its own user."""

import json
from pathlib import Path

import pytest

from deploy.docker import passwords
from deploy.docker.compose import AMQP_PASSWORD, MONGO_PASSWORD, amqp_password_of, document
from deploy.topology import broker_accounts
from deploy.topology.processes import TABLE

VARIABLES = (AMQP_PASSWORD, MONGO_PASSWORD, *(amqp_password_of(process.name) for process in TABLE))
NAMES = [process.name for process in TABLE]


@pytest.fixture(autouse=True)
def no_passwords_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def prepare(folder: Path) -> dict[str, str]:
    return passwords.prepare(folder / ".env", folder / "definitions.json")


def test_passwords_are_made_once_for_their_owner_alone(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("BAIJIA_CAMPAIGN=spring")

    first, again = prepare(tmp_path), prepare(tmp_path)

    assert first == again
    assert file.read_text().splitlines() == ["BAIJIA_CAMPAIGN=spring", *(f"{name}={first[name]}" for name in VARIABLES)]
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(set(first.values())) == len(VARIABLES)
    (tmp_path / "other").mkdir()
    assert not set(prepare(tmp_path / "other").values()) & set(first.values())


def test_passwords_that_an_earlier_version_did_not_make_are_added(tmp_path: Path):
    (tmp_path / ".env").write_text(f"{AMQP_PASSWORD}=old\n")

    made = prepare(tmp_path)

    assert made[AMQP_PASSWORD] == "old"
    assert [line.partition("=")[0] for line in (tmp_path / ".env").read_text().splitlines()] == list(VARIABLES)


def test_password_of_the_environment_counts_and_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(AMQP_PASSWORD, "given")

    made = prepare(tmp_path)

    assert made[AMQP_PASSWORD] == "given"
    assert made[amqp_password_of("relay")] == broker_accounts.password("given", "relay")
    assert f"{AMQP_PASSWORD}=" not in (tmp_path / ".env").read_text()


def test_broker_makes_a_user_for_each_process(tmp_path: Path):
    prepare(tmp_path)

    users = {each["name"] for each in json.loads((tmp_path / "definitions.json").read_text())["users"]}

    assert {broker_accounts.user(name) for name in NAMES} < users


def test_compose_file_holds_no_password_and_does_not_start_without_one():
    services = document()["services"]

    named = {
        services["mongo"]["environment"][MONGO_PASSWORD]: MONGO_PASSWORD,
        **{services[name]["environment"]["BAIJIA_AMQP_URI"]: amqp_password_of(name) for name in NAMES},
        **{services[name]["environment"]["BAIJIA_MONGO_URI"]: MONGO_PASSWORD for name in NAMES},
    }

    assert [text for text, variable in named.items() if f"${{{variable}:?" not in text] == []


def test_each_process_is_a_user_of_its_own_at_the_broker():
    services = document()["services"]
    users = {name: services[name]["environment"]["BAIJIA_AMQP_URI"].split("/")[2].split(":")[0] for name in NAMES}

    assert users == {name: broker_accounts.user(name) for name in NAMES}


def test_vote_writer_cannot_change_keys_and_uploads():
    services = document()["services"]

    assert {name for name, each in services.items() if each.get("volumes") == ["data:/var/lib/baijia:ro"]} == {
        "vote-writer"
    }


def test_process_that_needs_no_key_gets_no_data_folder():
    services = document()["services"]

    assert {name for name, each in services.items() if "build" in each and "volumes" not in each} == {
        "relay",
        "projector",
    }
