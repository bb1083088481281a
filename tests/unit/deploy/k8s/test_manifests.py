"""The Kubernetes manifests agree with the process table and with the schemas of Kubernetes."""

import json

import jsonschema
import kubernetes_validate
import pytest

from deploy.docker.compose import METRICS_PORT
from deploy.k8s import broker_secrets, manifests, pods, scaling
from deploy.local.paths import CHECKOUT
from deploy.topology.environment import FILES, MESSAGES, SET_BY_OPERATOR, STORAGE, WECHAT
from deploy.topology.processes import TABLE, Process
from tests.unit.deploy.names import NAMES_READ

DOCUMENTS = manifests.documents()
SCHEMA = json.loads((CHECKOUT / "deploy/k8s/schemas/scaledobject.json").read_text())
VERSIONS = ("1.31", "1.34")
SCALED = {"gateway", "vote-writer"}
processes = {process.name: process for process in TABLE}
each_process = pytest.mark.parametrize("process", TABLE, ids=lambda process: process.name)


def name_of(document: dict) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def find_document(kind: str, name: str) -> dict:
    return next(each for each in DOCUMENTS if name_of(each) == f"{kind} {name}")


def container(process: Process) -> dict:
    return find_document("Deployment", process.name)["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each["kind"] != "ScaledObject"], ids=name_of)
def test_document_is_valid_to_the_letter(document: dict, version: str):
    kubernetes_validate.validate(document, version, strict=True)


def test_scaled_object_is_what_keda_reads():
    jsonschema.validate(find_document("ScaledObject", "vote-writer"), SCHEMA)


def test_schema_refuses_a_trigger_without_its_query():
    broken = json.loads(json.dumps(find_document("ScaledObject", "vote-writer")))
    del broken["spec"]["triggers"][0]["metadata"]["query"]

    with pytest.raises(jsonschema.ValidationError, match="query"):
        jsonschema.validate(broken, SCHEMA)


def test_names_are_unique_among_their_kind():
    names = [name_of(each) for each in DOCUMENTS]

    assert len(names) == len(set(names))


def test_deployments_are_the_table():
    assert [e["metadata"]["name"] for e in DOCUMENTS if e["kind"] == "Deployment"] == [p.name for p in TABLE]


@each_process
def test_process_runs_the_command_of_the_table(process: Process):
    assert container(process)["command"] == ["python", "-m", "deploy.run", *process.words]


@each_process
def test_probes_ask_the_paths_of_the_table_on_the_metrics_port(process: Process):
    probes = container(process)
    paths = {name: probes[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}

    assert {name: each["path"] for name, each in paths.items()} == {
        "startup": process.health,
        "liveness": process.health,
        "readiness": process.ready,
    }
    assert {each["port"] for each in paths.values()} == {"metrics"}
    assert probes["ports"][0] == {"name": "metrics", "containerPort": METRICS_PORT}


@each_process
def test_process_asks_for_memory_and_has_a_limit_of_it(process: Process):
    resources = container(process)["resources"]

    assert set(resources["requests"]) == {"cpu", "memory"}
    assert set(resources["limits"]) == {"memory"}


@each_process
def test_process_knows_its_engines_by_configuration_and_secret_alone(process: Process):
    assert container(process)["envFrom"] == [
        {"configMapRef": {"name": pods.CONFIG}},
        {"secretRef": {"name": pods.SECRET}},
        {"secretRef": {"name": f"baijia-broker-{process.name}"}},
    ]


def test_secrets_of_the_broker_give_each_process_a_user_of_its_own():
    made = {
        each["metadata"]["name"]: each["stringData"] for each in broker_secrets.documents("rabbitmq:5672", "0" * 32)
    }

    assert {f"baijia-broker-{process.name}" for process in TABLE} < set(made)
    assert made["baijia-broker-relay"]["BAIJIA_AMQP_URI"].startswith("amqp://baijia-relay:")
    assert made["baijia-broker-relay"]["BAIJIA_AMQP_URI"].endswith("@rabbitmq:5672//")


def test_gateway_is_told_every_name_that_the_code_reads():
    configured = set(find_document("ConfigMap", pods.CONFIG)["data"])
    engines = {"BAIJIA_MONGO_URI", "BAIJIA_AMQP_URI"}  # in the secret that is made by hand
    named = {each["name"] for each in container(processes["gateway"])["env"]}

    others = {file.setting for file in FILES if "gateway" not in file.readers}

    assert configured | engines | named == NAMES_READ - others
    assert configured & named == set()


@each_process
def test_process_is_told_every_choice_and_only_the_files_that_it_reads(process: Process):
    named = {each["name"] for each in container(process)["env"]}

    files = {file.setting for file in FILES if process.name in file.readers}
    assert named == {"BAIJIA_PROCESS", *set(SET_BY_OPERATOR) - {"BAIJIA_GATEWAYS"}, *files}


@pytest.mark.parametrize("name", sorted(WECHAT.readers))
def test_secrets_of_wechat_are_a_read_only_volume_of_those_who_read_them(name: str):
    spec = find_document("Deployment", name)["spec"]["template"]["spec"]
    mounted = {each["name"]: each for each in spec["containers"][0]["volumeMounts"]}
    volume = next(each for each in spec["volumes"] if each["name"] == "wechat")

    assert mounted["wechat"] == {"mountPath": "/etc/baijia/wechat", "name": "wechat", "readOnly": True}
    assert (volume["secret"]["secretName"], volume["secret"]["defaultMode"]) == ("baijia-wechat", 0o440)


def test_secrets_of_wechat_are_mounted_nowhere_else():
    having = {
        each["metadata"]["name"]
        for each in DOCUMENTS
        if each["kind"] == "Deployment" and '"baijia-wechat"' in json.dumps(each)
    }

    assert having == WECHAT.readers


def test_way_out_is_open_to_those_who_call_wechat_or_an_s3_server_and_to_the_sender_of_letters():
    out = {
        each["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
        for each in DOCUMENTS
        if each["kind"] == "NetworkPolicy"
        and any(port["port"] == 443 for rule in each["spec"].get("egress", ()) for port in rule["ports"])
    }

    assert out == WECHAT.readers | STORAGE.readers | MESSAGES.readers


def test_no_document_holds_a_secret():
    text = json.dumps(DOCUMENTS)

    assert ("mongodb://" in text, "amqp://" in text, '"Secret"' in text) == (False, False, False)


@pytest.mark.parametrize("name", sorted(pods.ALONE))
def test_process_that_is_alone_is_stopped_before_the_next_starts(name: str):
    spec = find_document("Deployment", name)["spec"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


@each_process
def test_what_is_scaled_has_no_fixed_count_and_a_disruption_budget(process: Process):
    fixed = "replicas" in find_document("Deployment", process.name)["spec"]
    budgets = {each["metadata"]["name"] for each in DOCUMENTS if each["kind"] == "PodDisruptionBudget"}

    assert (fixed, process.name in budgets) == (process.name not in SCALED, process.name in SCALED)


def test_writers_are_scaled_by_the_age_of_the_queue_and_by_each_queue_s_depth():
    triggers = find_document("ScaledObject", "vote-writer")["spec"]["triggers"]

    assert [each["type"] for each in triggers] == ["prometheus", *["rabbitmq"] * scaling.PARTITIONS]
    assert "baijia_queue_oldest_age_seconds" in triggers[0]["metadata"]["query"]
    assert scaling.WRITERS[1] <= scaling.PARTITIONS


def test_policies_let_metrics_in_from_prometheus_and_the_page_of_operations_alone():
    closed = find_document("NetworkPolicy", "baijia-closed")["spec"]

    assert closed["podSelector"] == {"matchLabels": {"app.kubernetes.io/part-of": "baijia"}}
    gateway = next(pods.labels(process) for process in TABLE if process.http_port)
    readers = [{"podSelector": {"matchLabels": each}} for each in (manifests.PROMETHEUS, gateway)]
    assert [rule["from"] for rule in closed["ingress"]] == [readers]


def test_every_selector_finds_a_deployment():
    labelled = [each["spec"]["template"]["metadata"]["labels"] for each in DOCUMENTS if each["kind"] == "Deployment"]
    selectors = [each["spec"]["selector"] for each in DOCUMENTS if each["kind"] == "Service"]

    assert [selector for selector in selectors if selector not in labelled] == []


def test_vote_writer_only_reads_keys_and_uploads():
    having = {
        process.name
        for process in TABLE
        if {"mountPath": pods.DATA, "name": "data", "readOnly": True} in container(process)["volumeMounts"]
    }

    assert having == {"vote-writer"}


def test_only_processes_that_need_keys_or_uploads_mount_the_data_folder():
    deployments = [each for each in DOCUMENTS if each["kind"] == "Deployment"]
    pods = {each["metadata"]["name"]: each["spec"]["template"]["spec"] for each in deployments}

    without = {name for name, pod in pods.items() if "data" not in {volume["name"] for volume in pod["volumes"]}}
    mounts = {name: {each["name"] for each in pod["containers"][0]["volumeMounts"]} for name, pod in pods.items()}

    assert without == {name for name, mounted in mounts.items() if "data" not in mounted} == {"relay", "projector"}
