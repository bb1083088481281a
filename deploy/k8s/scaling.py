"""What makes more or fewer of a process, and how many must stay: gateways by CPU, vote writers by the wait for them.

Vote writers are scaled by KEDA: it reads the age from Prometheus, and the depth from the broker itself, so that scaling
goes on while Prometheus is away.
"""

from typing import Any

from deploy.k8s import pods
from deploy.topology.processes import Process

GATEWAYS = 2, 8
#: Two, so that one may go; no more than there are partitions, for the rest would have none.
WRITERS = 2, 8
PARTITIONS = 8  # the campaign's, fixed at its opening
CAMPAIGN = "demo"
#: A like that waits longer asks for another writer; the alert QueueOld comes at five times as much.
AGE_S = 1
DEPTH = 500
PROMETHEUS = "http://prometheus:9090"
CALM_S = 300  # before there are fewer: each change moves partitions


def gateways(process: Process) -> dict[str, Any]:
    least, most = GATEWAYS
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": pods.meta(process.name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": process.name},
            "minReplicas": least,
            "maxReplicas": most,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                }
            ],
            "behavior": _behavior(),
        },
    }


def writers(process: Process) -> dict[str, Any]:
    least, most = WRITERS
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": pods.meta(process.name),
        "spec": {
            "scaleTargetRef": {"name": process.name},
            "minReplicaCount": least,
            "maxReplicaCount": most,
            "pollingInterval": 15,
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior()}},
            "triggers": [_by_age(), *(_by_depth(p) for p in range(PARTITIONS))],
        },
    }


def disruption(process: Process) -> dict[str, Any]:
    """A node that is emptied takes one copy at a time."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": pods.meta(process.name),
        "spec": {"minAvailable": 1, "selector": {"matchLabels": pods.labels(process)}},
    }


def _by_age() -> dict[str, Any]:
    return {
        "type": "prometheus",
        "name": "age",
        # The ratio to the threshold times the copies that run; the default would divide the age among them.
        "metricType": "Value",
        "metadata": {
            "serverAddress": PROMETHEUS,
            "query": "max(baijia_queue_oldest_age_seconds)",
            "threshold": str(AGE_S),
        },
    }


def _by_depth(partition: int) -> dict[str, Any]:
    return {
        "type": "rabbitmq",
        "name": f"depth-{partition}",
        "metadata": {
            "protocol": "amqp",
            "hostFromEnv": "BAIJIA_AMQP_URI",
            "queueName": f"{CAMPAIGN}.vote.{partition}",
            "mode": "QueueLength",
            "value": str(DEPTH),
        },
    }


def _behavior() -> dict[str, Any]:
    return {
        "scaleUp": {"stabilizationWindowSeconds": 0},
        "scaleDown": {"stabilizationWindowSeconds": CALM_S, "policies": [_one_a_minute()]},
    }


def _one_a_minute() -> dict[str, Any]:
    return {"type": "Pods", "value": 1, "periodSeconds": 60}
