"""Generate autoscalers and disruption budgets: gateways scale by CPU, vote writers by the waiting time of likes.

Vote writers are scaled by KEDA. It reads the age of the queues from Prometheus and their depth from the broker itself,
so that scaling still works while Prometheus is unreachable.
"""

from typing import Any

from deploy.k8s import pods
from deploy.topology.processes import Process

GATEWAYS = 2, 8
#: At least two, so that one may fail; at most as many as partitions, because further ones would have none.
WRITERS = 2, 8
PARTITIONS = 8  # of the campaign, fixed when it is opened
CAMPAIGN = "demo"
#: A longer waiting time starts another writer; the alert QueueOld fires at five times as much.
AGE_S = 1
DEPTH = 500
PROMETHEUS = "http://prometheus:9090"
CALM_S = 300  # how long calm must last before a writer is removed, because each change moves partitions


def gateway_autoscaler(process: Process) -> dict[str, Any]:
    """Return the manifest that scales the gateways, so that each uses about 70 % of its requested CPU."""
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


def writer_autoscaler(process: Process) -> dict[str, Any]:
    """Return the KEDA manifest that scales the vote writers by the age and the depth of their queues."""
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


def disruption_budget(process: Process) -> dict[str, Any]:
    """Return the manifest that leaves at least one copy of a process running while nodes are drained."""
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
        # Scales by the ratio of age to threshold. The default would first divide the age by the number of copies.
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
