"""docker-compose.yml from the process table: `python -m deploy.docker.compose` writes it, a test sees that it is up to
date.

Promises: one service a process, with the table's command, count, ports and health; the engines with their checks.
Does not promise to have been run: the machines that this was written on have no Docker engine (see `docker/README.md`).
"""

from collections.abc import Sequence
from typing import Any

import yaml

from deploy.local.paths import CHECKOUT
from deploy.topology import environment
from deploy.topology.environment import FILES, File
from deploy.topology.processes import TABLE, Process

FILE = CHECKOUT / "docker-compose.yml"
# For a broker that is published on loopback alone; a real deployment brings its own broker and its own secret.
AMQP_PASSWORD = "baijia"
METRICS_PORT = 9100
_DATA = "/var/lib/baijia"

_HEADER = """\
# Made from deploy/topology/processes.py by `make compose`; change that file, not this one.
# `docker compose up` runs all of it; `make up` uses the two engines alone.
# Linted, not run: see deploy/docker/README.md.
"""

# The check is also what makes the replica set, since the image leaves that to its user.
_REPLICA_SET = (
    "try { rs.status().ok } catch { rs.initiate({_id: 'baijia', members: [{_id: 0, host: 'mongo:27017'}]}).ok }"
)


def document(table: Sequence[Process] = TABLE) -> dict[str, Any]:
    """The file as data."""
    return {
        "name": "baijia",
        "services": {
            "mongo": _mongo(),
            "rabbitmq": _rabbitmq(),
            **{p.name: _process(p) for p in table},
            "prometheus": _prometheus(),
            "grafana": _grafana(),
        },
        "volumes": {"mongo": {}, "rabbitmq": {}, "data": {}, "prometheus": {}},
        "secrets": {file.short: _source(file) for file in FILES if file.secret},
        "configs": {file.short: _source(file) for file in FILES if not file.secret},
    }


def text(table: Sequence[Process] = TABLE) -> str:
    """The file as it is written."""
    return _HEADER + yaml.safe_dump(document(table), sort_keys=False, allow_unicode=True, width=120)


def _mongo() -> dict[str, Any]:
    return {
        "image": "mongo:8.0",
        "command": ["mongod", "--replSet", "baijia", "--bind_ip_all"],
        "ports": ["127.0.0.1::27017"],
        "volumes": ["mongo:/data/db"],
        "healthcheck": _check(["CMD", "mongosh", "--quiet", "--eval", _REPLICA_SET]),
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
    }


def _rabbitmq() -> dict[str, Any]:
    return {
        "image": "rabbitmq:4.3",
        # The folder of its data bears the name of the host.
        "hostname": "rabbitmq",
        "environment": {"RABBITMQ_DEFAULT_USER": "baijia", "RABBITMQ_DEFAULT_PASS": AMQP_PASSWORD},
        "ports": ["127.0.0.1::5672"],
        "volumes": [
            "rabbitmq:/var/lib/rabbitmq",
            "./deploy/docker/enabled_plugins:/etc/rabbitmq/enabled_plugins:ro",
        ],
        "healthcheck": _check(["CMD", "rabbitmq-diagnostics", "--quiet", "check_port_connectivity"]),
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
    }


def _prometheus() -> dict[str, Any]:
    """Its configuration and rules are made by `generate.py`, as this file is."""
    mounted = [f"./deploy/prometheus/{name}:/etc/prometheus/{name}:ro" for name in ("prometheus.yml", "rules.yml")]
    return {
        "image": "prom/prometheus:v3.5.0",
        "volumes": ["prometheus:/prometheus", *mounted],
        "ports": ["127.0.0.1::9090"],
        "healthcheck": _check(["CMD", "wget", "--quiet", "--spider", "http://127.0.0.1:9090/-/healthy"]),
        "restart": "unless-stopped",
    }


def _grafana() -> dict[str, Any]:
    """Read by anybody on this machine: it keeps nothing of its own."""
    provisioned = [
        f"./deploy/grafana/provisioning/{kind}/baijia.yml:/etc/grafana/provisioning/{kind}/baijia.yml:ro"
        for kind in ("datasources", "dashboards")
    ]
    dashboards = [
        f"./deploy/grafana/dashboards/{name}.json:/etc/baijia/dashboards/{name}.json:ro"
        for name in ("baijia-like-week", "baijia-kernel")
    ]
    return {
        "image": "grafana/grafana:11.6.0",
        "environment": {"GF_AUTH_ANONYMOUS_ENABLED": "true", "GF_ANALYTICS_REPORTING_ENABLED": "false"},
        "volumes": [*provisioned, *dashboards],
        "ports": ["127.0.0.1::3000"],
        "healthcheck": _check(["CMD", "wget", "--quiet", "--spider", "http://127.0.0.1:3000/api/health"]),
        "restart": "unless-stopped",
    }


def _process(process: Process) -> dict[str, Any]:
    service: dict[str, Any] = {
        "image": "baijia",
        "build": {"context": ".", "dockerfile": "deploy/docker/Dockerfile"},
        "command": ["python", "-m", "deploy.run", *process.words],
        "environment": {
            "BAIJIA_CAMPAIGN": "${BAIJIA_CAMPAIGN:-demo}",
            "BAIJIA_MONGO_URI": "mongodb://mongo:27017/?replicaSet=baijia",
            "BAIJIA_AMQP_URI": f"amqp://baijia:{AMQP_PASSWORD}@rabbitmq:5672//",
            "BAIJIA_DATA": _DATA,
            # Inside a container only; what is published is said by `ports`.
            "BAIJIA_HOST": "0.0.0.0",
            "BAIJIA_METRICS_PORT": str(METRICS_PORT),
            **{name: f"${{{name}:-}}" for name in environment.CHOSEN},
        },
        "depends_on": {name: {"condition": "service_healthy"} for name in ("mongo", "rabbitmq")},
        "volumes": [f"data:{_DATA}"],
        "healthcheck": _check(["CMD", "python", "-m", "deploy.healthcheck", str(METRICS_PORT), process.health]),
        "restart": "unless-stopped",
        "stop_grace_period": "15s",
    }
    if process.scaled_as is None:
        service["environment"]["BAIJIA_PROCESS"] = process.name
    else:
        # No BAIJIA_PROCESS: copies share what is written here, and the name of a copy is its host's.
        service["scale"] = process.count
    if process.http_port:
        service["environment"]["BAIJIA_GATEWAY_PORT"] = str(process.http_port)
        service["ports"] = [f"127.0.0.1:{process.http_port}:{process.http_port}"]
    for file in environment.files_of(process):
        kind, place = ("secrets", "/run/secrets") if file.secret else ("configs", "/etc/baijia")
        service.setdefault(kind, []).append({"source": file.short, "target": f"{place}/{file.name}"})
        # Where the operator has named none, the process is told of none.
        service["environment"][file.setting] = f"${{{file.setting}:+{place}/{file.name}}}"
    return service


def _source(file: File) -> dict[str, str]:
    """The operator's file. Compose wants one to be there: an empty one, of which nobody is told."""
    return {"file": f"${{{file.setting}:-/dev/null}}"}


def _check(test: list[str]) -> dict[str, Any]:
    return {"test": test, "interval": "5s", "timeout": "10s", "retries": 12, "start_period": "20s"}


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
