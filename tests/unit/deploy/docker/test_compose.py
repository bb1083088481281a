"""The compose file agrees with the process table."""

import re

import pytest
import yaml

from deploy.docker import compose
from deploy.local.paths import CHECKOUT
from deploy.topology.environment import FILES, files_of
from deploy.topology.processes import TABLE
from tests.unit.deploy.names import NAMES_READ

SERVICES = compose.document()["services"]
each_process = pytest.mark.parametrize("process", TABLE, ids=lambda process: process.name)


def test_file_is_up_to_date():
    assert compose.FILE.read_text(encoding="utf-8") == compose.text(), "run `make compose`"


def test_file_reads_back_as_it_was_meant():
    assert yaml.safe_load(compose.text()) == compose.document()


def test_services_are_the_table_the_engines_and_those_who_watch():
    assert list(SERVICES) == ["mongo", "rabbitmq", *(process.name for process in TABLE), "prometheus", "grafana"]


@each_process
def test_process_runs_the_command_of_the_table(process):
    assert SERVICES[process.name]["command"] == ["python", "-m", "deploy.run", *process.words]


@each_process
def test_process_has_the_count_of_the_table(process):
    assert SERVICES[process.name].get("scale", 1) == process.count


@each_process
def test_process_waits_for_healthy_engines(process):
    assert SERVICES[process.name]["depends_on"] == {
        "mongo": {"condition": "service_healthy"},
        "rabbitmq": {"condition": "service_healthy"},
    }


def test_gateway_is_told_every_name_that_the_code_reads():
    others = {file.setting for file in FILES if "gateway" not in file.readers}

    assert set(SERVICES["gateway"]["environment"]) == NAMES_READ - others


@each_process
def test_process_is_told_every_name_but_files_of_others_and_what_its_copies_differ_in(process):
    others = {file.setting for file in FILES if process.name not in file.readers}
    own = {"BAIJIA_PROCESS"} if process.scaled_as else set()
    door = set() if process.http_port else {"BAIJIA_GATEWAY_PORT", "BAIJIA_METRICS_TARGETS"}

    assert NAMES_READ - set(SERVICES[process.name]["environment"]) == others | own | door


@each_process
def test_process_is_told_of_the_files_that_it_is_given_and_of_none_where_there_is_none(process):
    service = SERVICES[process.name]
    given = {each["source"]: each["target"] for each in [*service.get("secrets", []), *service.get("configs", [])]}

    passed = {file.short: service["environment"][file.setting] for file in files_of(process)}

    settings = {file.short: file.setting for file in FILES}
    assert passed == {short: f"${{{settings[short]}:+{target}}}" for short, target in given.items()}


def test_secrets_are_mounted_as_secrets():
    document = compose.document()

    assert document["secrets"] == {
        "wechat": {"file": "${BAIJIA_WECHAT_FILE:-/dev/null}"},
        "storage": {"file": "${BAIJIA_STORAGE_FILE:-/dev/null}"},
        "messages": {"file": "${BAIJIA_MESSAGES_FILE:-/dev/null}"},
    }
    assert document["configs"] == {
        "broker": {"file": "./.broker-definitions.json"},
        "campaign": {"file": "${BAIJIA_CAMPAIGN_FILE:-/dev/null}"},
    }


def test_every_service_has_a_health_check():
    assert [name for name, service in SERVICES.items() if not service.get("healthcheck", {}).get("test")] == []


def test_nothing_is_published_beyond_loopback():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_named_volumes_and_mounted_files_exist():
    document = compose.document()
    sources = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}

    assert {s for s in sources if not s.startswith("./")} == set(document["volumes"])
    assert [s for s in sources if s.startswith("./") and not (CHECKOUT / s).is_file()] == []


def test_dockerfile_copies_only_what_the_context_sends():
    dockerfile = (CHECKOUT / "deploy/docker/Dockerfile").read_text(encoding="utf-8")
    copied = {
        word for line in re.findall(r"^COPY (?!--)(.*) \S+$", dockerfile, flags=re.MULTILINE) for word in line.split()
    }

    sent = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == sent
