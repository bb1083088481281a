"""Everything of Kubernetes, from the process table: `make dashboards` writes `baijia.yaml`.

Promises: what runs there is what the table says; the engines are somebody else's (their operators'), and are named only
by two secrets. Does not promise to have been run on a cluster: see README.md.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from deploy.docker.compose import METRICS_PORT
from deploy.k8s import pods, scaling
from deploy.topology import environment
from deploy.topology.processes import GATEWAY_PORT, TABLE, Process

MONGO_PORT, AMQP_PORT, HTTPS_PORT, DNS_PORT = 27017, 5672, 443, 53
#: Who may read metrics.
PROMETHEUS = {"app.kubernetes.io/name": "prometheus"}
_ALL = {"app.kubernetes.io/part-of": pods.PART_OF}


def documents(table: Sequence[Process] = TABLE) -> list[dict[str, Any]]:
    """In the order in which they can be applied."""
    return [_config(), _claim(), *_policies(table), *(each for process in table for each in _of(process))]


def _of(process: Process) -> Iterator[dict[str, Any]]:
    scaled = process.http_port is not None or process.scaled_as is not None
    yield pods.deployment(process, replicas=None if scaled else process.count)
    yield _headless(process)
    if process.http_port:
        yield _service(process)
        yield scaling.gateways(process)
    if process.scaled_as:
        yield scaling.writers(process)
    if scaled:
        yield scaling.disruption(process)


def _config() -> dict[str, Any]:
    """What is no secret. `baijia-engines`, which holds BAIJIA_MONGO_URI and BAIJIA_AMQP_URI, is made by hand."""
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
            # The fewest: with more, the pace of a session is a little wider, and nobody is refused for their number.
            "BAIJIA_GATEWAYS": str(scaling.GATEWAYS[0]),
        },
    }


def _claim() -> dict[str, Any]:
    """Keys and media, which all share."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": pods.meta(pods.CLAIM),
        "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "200Gi"}}},
    }


def _headless(process: Process) -> dict[str, Any]:
    """All copies of a process under its name, ready or not: Prometheus asks each."""
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
    """What the ingress sends clients to: ready copies alone."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": pods.meta(f"{process.name}-http"),
        "spec": {"selector": pods.labels(process), "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }


def _policies(table: Sequence[Process]) -> list[dict[str, Any]]:
    doors = [process for process in table if process.http_port]
    asking = [process for process in table if process.name in environment.WECHAT.readers]
    inside = {
        "podSelector": {"matchLabels": _ALL},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": PROMETHEUS}}], "ports": [_port(METRICS_PORT)]}],
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
        for process in doors
    ]
    outside = [
        {
            "podSelector": {"matchLabels": pods.labels(process)},
            "policyTypes": ["Egress"],
            "egress": [{"ports": [_port(HTTPS_PORT)]}],  # WeChat's interfaces
        }
        for process in asking
    ]
    named = [
        ("baijia-closed", inside),
        *((f"{p.name}-open", spec) for p, spec in zip(doors, opened, strict=True)),
        *((f"{p.name}-wechat", spec) for p, spec in zip(asking, outside, strict=True)),
    ]
    return [
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": pods.meta(name), "spec": spec}
        for name, spec in named
    ]


def _port(port: int | str, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": port, "protocol": protocol}
