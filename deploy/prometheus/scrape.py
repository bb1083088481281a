"""Generate Prometheus's configuration from the process table; one file serves Docker Compose and Kubernetes.

Both list all copies of a process in DNS: Compose under the service's name, Kubernetes under the headless Service of
`deploy/k8s`.
Promises: every copy of every process of the table is scraped, and RabbitMQ; our samples have the label `process`.
"""

from collections.abc import Sequence
from typing import Any

from deploy.docker.compose import METRICS_PORT
from deploy.prometheus.alert import STEP_S
from deploy.prometheus.rules import RULES
from deploy.topology.processes import BROKER_METRICS_PORT, BROKER_TARGET, TABLE, Process


def config(table: Sequence[Process] = TABLE) -> dict[str, Any]:
    """Return the content of prometheus.yml, which says where Prometheus finds each process of `table`, as data."""
    found = [{"names": [p.name], "type": "A", "port": METRICS_PORT, "refresh_interval": f"{STEP_S}s"} for p in table]
    processes = {
        "job_name": "baijia",
        "dns_sd_configs": found,
        "relabel_configs": [{"source_labels": ["__meta_dns_name"], "target_label": "process"}],
    }
    broker = {
        "job_name": "rabbitmq",
        "static_configs": [{"targets": [f"{BROKER_TARGET}:{BROKER_METRICS_PORT}"]}],
    }
    return {
        "global": {"scrape_interval": f"{STEP_S}s", "evaluation_interval": f"{STEP_S}s"},
        "rule_files": [RULES],
        "scrape_configs": [processes, broker],
    }
