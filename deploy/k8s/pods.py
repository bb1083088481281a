"""A process of the table as a Kubernetes Deployment.

Promises: command, ports and probes are the table's; nothing runs as root, nothing writes but to its data and to /tmp; a
process that is to be alone is stopped before the next one starts.
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
#: What the operator may make, by hand: without it there are the defaults.
CHOICES = "baijia-choices"
#: More of these would only do the same twice.
ALONE = frozenset({"relay", "projector", "clock"})
#: What one copy asks for: CPU in thousandths, memory in MiB, and the most memory. Others are DEFAULT.
DEFAULT = 100, 192, 512
NEEDS = {
    "gateway": (500, 256, 768),
    "vote-writer": (500, 256, 1536),  # the votes of two days are in its memory
    "projector": (250, 384, 1536),
    "ranking": (200, 384, 1536),
}
#: What the operator may choose elsewhere, and here follows from how the gateways are scaled.
SAID_BY_CONFIG = frozenset({"BAIJIA_GATEWAYS"})
GRACE_S = 30
LEAVE_S = 5  # a gateway goes on answering while the balancer learns that it goes
_OPEN = {"mountPath": "/tmp", "name": "tmp"}


def labels(process: Process) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": PART_OF, "app.kubernetes.io/component": process.name}


def meta(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "labels": {"app.kubernetes.io/part-of": PART_OF}, **more}


def deployment(process: Process, *, replicas: int | None) -> dict[str, Any]:
    """`replicas` None: somebody else scales it."""
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
            {"name": "data", "persistentVolumeClaim": {"claimName": CLAIM}},
            {"name": "tmp", "emptyDir": {}},
            *map(_volume, environment.files_of(process)),
        ],
    }


def _container(process: Process) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": process.name,
        "image": IMAGE,
        "command": ["python", "-m", "deploy.run", *process.words],
        "envFrom": [{"configMapRef": {"name": CONFIG}}, {"secretRef": {"name": SECRET}}],
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
            {"mountPath": DATA, "name": "data"},
            _OPEN,
            *({"mountPath": _folder(f), "name": f.short, "readOnly": True} for f in environment.files_of(process)),
        ],
    }
    if process.http_port:
        container["ports"].append({"name": "http", "containerPort": process.http_port})
        container["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", str(LEAVE_S)]}}}
    return container


def _environment(process: Process) -> list[dict[str, Any]]:
    """What `baijia-config` does not say: the copy's name, what the operator has chosen, and where the files are."""
    chosen = [name for name in environment.CHOSEN if name not in SAID_BY_CONFIG]
    return [
        {"name": "BAIJIA_PROCESS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        *({"name": name, "valueFrom": {"configMapKeyRef": _optional(CHOICES, name)}} for name in chosen),
        # Beside the file in the same object, so that a process is told of a file that is there, and of no other.
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
    """The operator's file, for the process's group to read."""
    held = {"optional": True, "defaultMode": 0o440, "items": [{"key": file.name, "path": file.name}]}
    if file.secret:
        return {"name": file.short, "secret": {"secretName": _owner(file), **held}}
    return {"name": file.short, "configMap": {"name": _owner(file), **held}}


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
    # No limit on CPU: a like that waits for a throttled process is late for nothing.
    return {"requests": {"cpu": f"{cpu}m", "memory": f"{memory}Mi"}, "limits": {"memory": f"{most}Mi"}}
