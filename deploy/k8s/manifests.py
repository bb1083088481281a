"""Generate all Kubernetes manifests from the process table; `make dashboards` writes them to `baijia.yaml`.

Promises: the manifests run exactly the processes of the table. They do not contain the engines, which their own
operators run; a secret holds MongoDB's URI, and one for each process that of the broker (`broker_secrets.py`).
Does not promise that the manifests have been run on a cluster: see README.md.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from deploy.docker.compose import METRICS_PORT, metrics_targets
from deploy.k8s import pods, scaling
from deploy.topology import environment
from deploy.topology.processes import BROKER_METRICS_PORT, GATEWAY_PORT, TABLE, Process

MONGO_PORT, AMQP_PORT, HTTPS_PORT, DNS_PORT = 27017, 5672, 443, 53
MAIL_PORTS = (25, 465, 587)
SMS_PORTS = (2775, 3550)
#: Labels of the pods that may read metrics.
PROMETHEUS = {"app.kubernetes.io/name": "prometheus"}
_ALL = {"app.kubernetes.io/part-of": pods.PART_OF}


def documents(table: Sequence[Process] = TABLE) -> list[dict[str, Any]]:
    """Return all Kubernetes manifests of the product, in a sequence in which they can be applied."""
    return [_config(), _claim(), *_policies(table), *(each for process in table for each in _of(process))]


def _of(process: Process) -> Iterator[dict[str, Any]]:
    scaled = process.http_port is not None or process.scaled_as is not None
    yield pods.deployment(process, replicas=None if scaled else process.count)
    yield _headless(process)
    if process.http_port:
        yield _service(process)
        yield scaling.gateway_autoscaler(process)
    if process.scaled_as:
        yield scaling.writer_autoscaler(process)
    if scaled:
        yield scaling.disruption_budget(process)


def _config() -> dict[str, Any]:
    """Return the settings that are not secret. The secrets with the URIs are created by hand."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": pods.meta(pods.CONFIG),
        "data": {
            "BAIJIA_CAMPAIGN": scaling.CAMPAIGN,
            "BAIJIA_DATA": pods.DATA,
            "BAIJIA_HOST": "0.0.0.0",
            "BAIJIA_METRICS_PORT": str(METRICS_PORT),
            "BAIJIA_GATEWAY_PORT": str(GATEWAY_PORT),
            "BAIJIA_METRICS_TARGETS": metrics_targets(TABLE),
            # The smallest number: with more gateways the rate limit of a session is a little wider, never narrower.
            "BAIJIA_GATEWAYS": str(scaling.GATEWAYS[0]),
        },
    }


def _claim() -> dict[str, Any]:
    """Return the claim of the volume for keys and media, which all pods share."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": pods.meta(pods.CLAIM),
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "200Gi"}}},
    }


def _headless(process: Process) -> dict[str, Any]:
    """Return a headless service that lists every copy of a process, ready or not, so that Prometheus scrapes each."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": pods.meta(process.name),
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": pods.labels(process),
            "ports": [{"name": "metrics", "port": METRICS_PORT, "targetPort": "metrics"}],
        },
    }


def _service(process: Process) -> dict[str, Any]:
    """Return the service to which the ingress sends clients; it contains only ready copies."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": pods.meta(f"{process.name}-http"),
        "spec": {"selector": pods.labels(process), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }


def _readers_of_metrics(serving: Sequence[Process]) -> list[dict[str, Any]]:
    """Return who may read metrics: Prometheus, and the processes that have a page of operations."""
    labels = [PROMETHEUS, *(pods.labels(process) for process in serving)]
    return [{"podSelector": {"matchLabels": each}} for each in labels]


def _policies(table: Sequence[Process]) -> list[dict[str, Any]]:
    serving = [process for process in table if process.http_port]
    callers = [
        process
        for process in table
        if process.name in environment.WECHAT.readers | environment.STORAGE.readers | environment.MESSAGES.readers
    ]
    inside = {
        "podSelector": {"matchLabels": _ALL},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": _readers_of_metrics(serving), "ports": [_port(METRICS_PORT)]}],
        "egress": [
            {"ports": [_port(DNS_PORT, "UDP"), _port(DNS_PORT)]},
            {"ports": [_port(MONGO_PORT), _port(AMQP_PORT)]},
        ],
    }
    opened = [
        {
            "podSelector": {"matchLabels": pods.labels(process)},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": [_port("http")]}],
        }
        for process in serving
    ]
    watching = [
        {
            "podSelector": {"matchLabels": pods.labels(process)},
            "policyTypes": ["Egress"],
            "egress": [
                {"to": [{"podSelector": {"matchLabels": _ALL}}], "ports": [_port(METRICS_PORT)]},
                {"ports": [_port(BROKER_METRICS_PORT)]},
            ],
        }
        for process in serving  # their page of operations
    ]
    outside = [
        {
            "podSelector": {"matchLabels": pods.labels(process)},
            "policyTypes": ["Egress"],
            "egress": [{"ports": [_port(HTTPS_PORT)]}],  # WeChat's interfaces, an S3 server
        }
        for process in callers
    ]
    mailing = [process for process in table if process.name in environment.MESSAGES.readers]
    mails = [
        {
            "podSelector": {"matchLabels": pods.labels(process)},
            "policyTypes": ["Egress"],
            "egress": [{"ports": [_port(port) for port in (*MAIL_PORTS, *SMS_PORTS)]}],
        }
        for process in mailing
    ]
    named = [
        ("baijia-closed", inside),
        *((f"{p.name}-open", spec) for p, spec in zip(serving, opened, strict=True)),
        *((f"{p.name}-metrics", spec) for p, spec in zip(serving, watching, strict=True)),
        *((f"{p.name}-https", spec) for p, spec in zip(callers, outside, strict=True)),
        *((f"{p.name}-mail", spec) for p, spec in zip(mailing, mails, strict=True)),
    ]
    return [
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": pods.meta(name), "spec": spec}
        for name, spec in named
    ]


def _port(port: int | str, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": port, "protocol": protocol}
