"""Provisioning of Grafana: the URL of Prometheus, and the folder of our dashboards."""

from typing import Any

from deploy.grafana.panel import SOURCE

FOLDER = "/etc/baijia/dashboards"
SOURCES: dict[str, Any] = {
    "apiVersion": 1,
    "datasources": [
        {
            "name": "Baijia",
            "uid": SOURCE["uid"],
            "type": SOURCE["type"],
            "access": "proxy",
            "url": "http://prometheus:9090",
            "isDefault": True,
        }
    ],
}
DASHBOARDS: dict[str, Any] = {
    "apiVersion": 1,
    "providers": [{"name": "baijia", "type": "file", "options": {"path": FOLDER}}],
}
