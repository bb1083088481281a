"""Generate the Kubernetes Deployment of a process in the process table.

Promises: command, ports and probes come from the table. No container runs as root or writes anywhere except to its data
and to /tmp. A process of which only one copy should run is stopped before its successor starts.
"""

from typing import Any

from deploy.docker.compose import METRICS_PORT
from deploy.topology import environment
from deploy.topology.environment import File
from deploy.topology.processes import Process

IMAGE = "baijia"
PART_OF = "baijia"
DATA = "/var/lib/baijia"
CONFIG, SECRET, CLAIM = "baijia-config", "baijia-engines", "baijia-data"
#: A ConfigMap that the operator may create by hand; without it the defaults apply.
CHOICES = "baijia-choices"
#: Processes of which one copy runs: a second would only repeat the same work.
ALONE = frozenset({"relay", "projector", "clock"})
#: Resources of one copy: CPU request in thousandths, memory request and memory limit in MiB; else DEFAULT.
DEFAULT = 100, 192, 512
NEEDS = {
    # Two children may prepare pictures at once, each with at most 768 MiB (`shared/media/probe.py`).
    "gateway": (500, 256, 2304),
    "submission": (100, 256, 2304),
    # A film and pictures at once, each in a child with at most 1024 MiB (`shared/media/probe.py`).
    "media-worker": (200, 384, 2560),
    # A rehearsal runs beside its work, in a child with at most 768 MiB (`deploy/rehearsal/child.py`).
    "clock": (100, 192, 1280),
    "vote-writer": (500, 256, 1536),  # it holds the votes of two days in memory
    "projector": (250, 384, 1536),
    "ranking": (200, 384, 1536),
}
#: Settings that elsewhere the operator sets, and that here follow from the scaling of the gateways.
SET_BY_CONFIG_MAP = frozenset({"BAIJIA_GATEWAYS"})
GRACE_S = 30
LEAVE_S = 5  # a gateway goes on answering until the load balancer has removed it
_OPEN = {"mountPath": "/tmp", "name": "tmp"}


def broker_secret(process: str) -> str:
    """Return the name of the secret with the URI by which a process reaches the broker as its own user."""
    return f"baijia-broker-{process}"


def labels(process: Process) -> dict[str, str]:
    """Return the labels of a process's pods, by which Kubernetes' selectors find them."""
    return {"app.kubernetes.io/part-of": PART_OF, "app.kubernetes.io/component": process.name}


def meta(name: str, **more: Any) -> dict[str, Any]:
    """Return the `metadata` of a manifest with this name, the product's label, and further fields."""
    return {"name": name, "labels": {"app.kubernetes.io/part-of": PART_OF}, **more}


def deployment(process: Process, *, replicas: int | None) -> dict[str, Any]:
    """Return the Kubernetes Deployment that runs a process; `replicas` is None if an autoscaler sets the number."""
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels(process)},
        "strategy": _strategy(process),
        "template": {"metadata": {"labels": labels(process)}, "spec": _pod(process)},
    }
    if replicas is not None:
        spec = {"replicas": replicas, **spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": process.name, "labels": labels(process)},
        "spec": spec,
    }


def _strategy(process: Process) -> dict[str, Any]:
    if process.name in ALONE:
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def _pod(process: Process) -> dict[str, Any]:
    return {
        "terminationGracePeriodSeconds": GRACE_S,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(process)],
        "volumes": [
            *([{"name": "data", "persistentVolumeClaim": {"claimName": CLAIM}}] if process.data else []),
            {"name": "tmp", "emptyDir": {}},
            *map(_volume, environment.files_of(process)),
        ],
    }


def _container(process: Process) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": process.name,
        "image": IMAGE,
        "command": ["python", "-m", "deploy.run", *process.words],
        "envFrom": [
            {"configMapRef": {"name": CONFIG}},
            {"secretRef": {"name": SECRET}},
            {"secretRef": {"name": broker_secret(process.name)}},
        ],
        "env": _environment(process),
        "ports": [{"name": "metrics", "containerPort": METRICS_PORT}],
        "startupProbe": _probe(process.health, period_s=2, failures=60),
        "livenessProbe": _probe(process.health, period_s=10, failures=3),
        "readinessProbe": _probe(process.ready, period_s=3, failures=2),
        "resources": _resources(process),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            *([_data(process)] if process.data else []),
            _OPEN,
            *({"mountPath": _folder(f), "name": f.short, "readOnly": True} for f in environment.files_of(process)),
        ],
    }
    if process.http_port:
        container["ports"].append({"name": "http", "containerPort": process.http_port})
        container["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", str(LEAVE_S)]}}}
    return container


def _data(process: Process) -> dict[str, Any]:
    return {"mountPath": DATA, "name": "data", **({"readOnly": True} if process.data_read_only else {})}


def _environment(process: Process) -> list[dict[str, Any]]:
    """Return the variables not in `baijia-config`: name of the copy, the operator's settings, paths of files."""
    chosen = [name for name in environment.SET_BY_OPERATOR if name not in SET_BY_CONFIG_MAP]
    return [
        {"name": "BAIJIA_PROCESS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        *({"name": name, "valueFrom": {"configMapKeyRef": _optional(CHOICES, name)}} for name in chosen),
        # The path is stored in the same object as the file, so that it is set exactly if the file exists.
        *(
            {
                "name": file.setting,
                "valueFrom": {
                    "secretKeyRef" if file.secret else "configMapKeyRef": _optional(_owner(file), file.setting)
                },
            }
            for file in environment.files_of(process)
        ),
    ]


def _optional(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "key": key, "optional": True}


def _volume(file: File) -> dict[str, Any]:
    """Return the volume with the operator's file, readable for the group of the process."""
    source = {"optional": True, "defaultMode": 0o440, "items": [{"key": file.name, "path": file.name}]}
    if file.secret:
        return {"name": file.short, "secret": {"secretName": _owner(file), **source}}
    return {"name": file.short, "configMap": {"name": _owner(file), **source}}


def _owner(file: File) -> str:
    return f"baijia-{file.short}"


def _folder(file: File) -> str:
    return f"/etc/baijia/{file.short}"


def _probe(path: str, *, period_s: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "metrics"},
        "periodSeconds": period_s,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }


def _resources(process: Process) -> dict[str, Any]:
    cpu, memory, most = NEEDS.get(process.name, DEFAULT)
    # No CPU limit: throttling a process would only delay likes.
    return {"requests": {"cpu": f"{cpu}m", "memory": f"{memory}Mi"}, "limits": {"memory": f"{most}Mi"}}
