"""Generate docker-compose.yml from the process table; `python -m deploy.docker.compose` writes it.

A test fails when the checked-in file is out of date.
Promises: one service for each process, with the command, count, ports and health check of the table, and the engines
with their health checks.
Does not promise that the file works: it was written on machines without a Docker engine (see `docker/README.md`).
"""

from collections.abc import Sequence
from typing import Any

import yaml

from deploy.local.paths import CHECKOUT
from deploy.topology import broker_accounts, environment
from deploy.topology.environment import FILES, File
from deploy.topology.processes import BROKER_METRICS_PORT, BROKER_TARGET, TABLE, Process

FILE = CHECKOUT / "docker-compose.yml"
#: The passwords of the broker's administrator and of MongoDB, from the environment or from `.env`, which
#: `deploy/docker/passwords.py` makes.
AMQP_PASSWORD, MONGO_PASSWORD = "BAIJIA_AMQP_PASSWORD", "BAIJIA_MONGO_PASSWORD"
#: The broker's users with their rights and the hashes of their passwords, which `deploy/docker/passwords.py` writes.
DEFINITIONS = CHECKOUT / ".broker-definitions.json"
METRICS_PORT = 9100
_DATA = "/var/lib/baijia"

_HEADER = """\
# Generated from deploy/topology/processes.py by `make compose`; edit that file, not this one.
# `docker compose up` runs everything; `make up` uses only the two engines.
# Linted, but not run: see deploy/docker/README.md.
"""

# Members of a replica set know each other by a key file, without which MongoDB asks nobody for a password.
_WITH_KEY_FILE = (
    'printf %s "$$BAIJIA_MONGO_PASSWORD" > /tmp/key && chown mongodb:mongodb /tmp/key && chmod 400 /tmp/key'
    " && exec docker-entrypoint.sh mongod --replSet baijia --bind_ip_all --keyFile /tmp/key"
)
# The health check also creates the replica set and the user, because the image leaves the first to its user, and makes
# the second only where there are no data yet. MongoDB allows both from inside the container while there is no user.
_REPLICA_SET = (
    "const admin = db.getSiblingDB('admin'), pwd = process.env.BAIJIA_MONGO_PASSWORD;"
    " try { admin.auth('baijia', pwd) } catch {"
    " try { rs.initiate({_id: 'baijia', members: [{_id: 0, host: 'mongo:27017'}]}) } catch {}"
    " admin.createUser({user: 'baijia', pwd, roles: ['root']}); admin.auth('baijia', pwd) }"
    " rs.status().ok"
)


def amqp_password_of(process: str) -> str:
    """Return the name of the variable that holds the password of a process's user at the broker."""
    return f"{AMQP_PASSWORD}_{process.upper().replace('-', '_')}"


def _required(variable: str) -> str:
    return f"${{{variable}:?python3 -m deploy.docker.passwords makes it}}"


def document(table: Sequence[Process] = TABLE) -> dict[str, Any]:
    """Return docker-compose.yml as data: a service for each process of `table`, the engines, and the monitoring."""
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
        "configs": {
            "broker": {"file": f"./{DEFINITIONS.name}"},
            **{file.short: _source(file) for file in FILES if not file.secret},
        },
    }


def text(table: Sequence[Process] = TABLE) -> str:
    """Return docker-compose.yml as text, with a header that says how to change it."""
    return _HEADER + yaml.safe_dump(document(table), sort_keys=False, allow_unicode=True, width=120)


def _mongo() -> dict[str, Any]:
    return {
        "image": "mongo:8.0",
        "entrypoint": ["bash", "-c", _WITH_KEY_FILE],
        "environment": {MONGO_PASSWORD: _required(MONGO_PASSWORD)},
        "ports": ["127.0.0.1::27017"],
        "volumes": ["mongo:/data/db"],
        "healthcheck": _check(["CMD", "mongosh", "--quiet", "--eval", _REPLICA_SET]),
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
    }


def metrics_targets(table: Sequence[Process]) -> str:
    """Return where the page of operations finds the metrics of all processes and of RabbitMQ, by their names in DNS."""
    targets = [f"{each.name}={each.name}:{METRICS_PORT}" for each in table]
    return ",".join([*targets, f"{BROKER_TARGET}={BROKER_TARGET}:{BROKER_METRICS_PORT}"])


def _rabbitmq() -> dict[str, Any]:
    return {
        "image": "rabbitmq:4.3",
        # RabbitMQ names its data folder after the host.
        "hostname": "rabbitmq",
        "ports": ["127.0.0.1::5672"],
        "configs": [{"source": "broker", "target": "/etc/rabbitmq/definitions.json"}],
        "volumes": [
            "rabbitmq:/var/lib/rabbitmq",
            "./deploy/docker/enabled_plugins:/etc/rabbitmq/enabled_plugins:ro",
            "./deploy/docker/definitions.conf:/etc/rabbitmq/conf.d/20-definitions.conf:ro",
        ],
        "healthcheck": _check(["CMD", "rabbitmq-diagnostics", "--quiet", "check_port_connectivity"]),
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
    }


def _prometheus() -> dict[str, Any]:
    """Return the Prometheus service; `deploy/generate.py` writes the configuration and rules that it mounts."""
    mounted = [f"./deploy/prometheus/{name}:/etc/prometheus/{name}:ro" for name in ("prometheus.yml", "rules.yml")]
    return {
        "image": "prom/prometheus:v3.5.0",
        "volumes": ["prometheus:/prometheus", *mounted],
        "ports": ["127.0.0.1::9090"],
        "healthcheck": _check(["CMD", "wget", "--quiet", "--spider", "http://127.0.0.1:9090/-/healthy"]),
        "restart": "unless-stopped",
    }


def _grafana() -> dict[str, Any]:
    """Return the Grafana service. Anyone on this machine may read it, and it stores nothing of its own."""
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
            "BAIJIA_MONGO_URI": (
                f"mongodb://baijia:{_required(MONGO_PASSWORD)}@mongo:27017/?replicaSet=baijia&authSource=admin"
            ),
            "BAIJIA_AMQP_URI": (
                f"amqp://{broker_accounts.user(process.name)}:{_required(amqp_password_of(process.name))}"
                "@rabbitmq:5672//"
            ),
            "BAIJIA_DATA": _DATA,
            # Inside the container only; `ports` decides what is published.
            "BAIJIA_HOST": "0.0.0.0",
            "BAIJIA_METRICS_PORT": str(METRICS_PORT),
            **{name: f"${{{name}:-}}" for name in environment.SET_BY_OPERATOR},
        },
        "depends_on": {name: {"condition": "service_healthy"} for name in ("mongo", "rabbitmq")},
        **({"volumes": [f"data:{_DATA}{':ro' if process.data_read_only else ''}"]} if process.data else {}),
        "healthcheck": _check(["CMD", "python", "-m", "deploy.healthcheck", str(METRICS_PORT), process.health]),
        "restart": "unless-stopped",
        "stop_grace_period": "15s",
    }
    if process.scaled_as is None:
        service["environment"]["BAIJIA_PROCESS"] = process.name
    else:
        # No BAIJIA_PROCESS: all copies share this environment, and a copy is named after its host.
        service["scale"] = process.count
    if process.http_port:
        service["environment"]["BAIJIA_GATEWAY_PORT"] = str(process.http_port)
        service["environment"]["BAIJIA_METRICS_TARGETS"] = metrics_targets(TABLE)
        service["ports"] = [f"127.0.0.1:{process.http_port}:{process.http_port}"]
    for file in environment.files_of(process):
        kind, place = ("secrets", "/run/secrets") if file.secret else ("configs", "/etc/baijia")
        service.setdefault(kind, []).append({"source": file.short, "target": f"{place}/{file.name}"})
        # Empty if the operator has named no file, so the process does not look for one.
        service["environment"][file.setting] = f"${{{file.setting}:+{place}/{file.name}}}"
    return service


def _source(file: File) -> dict[str, str]:
    """Return the source of an operator's file. Compose requires one, so an unset file is the unused /dev/null."""
    return {"file": f"${{{file.setting}:-/dev/null}}"}


def _check(test: list[str]) -> dict[str, Any]:
    return {"test": test, "interval": "5s", "timeout": "10s", "retries": 12, "start_period": "20s"}


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
