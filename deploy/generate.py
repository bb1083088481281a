"""Every file that is made from code and kept in the repository: `make dashboards` writes them, a test compares.

Kept, so that who runs Prometheus, Grafana or a cluster needs no Python of ours, and so that a change is seen in review.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from deploy.docker import compose
from deploy.grafana import kernel, like_week, provisioning
from deploy.k8s import manifests
from deploy.local.paths import CHECKOUT
from deploy.prometheus import rules, scrape

_PROMETHEUS, _GRAFANA = CHECKOUT / "deploy" / "prometheus", CHECKOUT / "deploy" / "grafana"
_SAID = "# Made by `make dashboards` from deploy/{}; change that file, not this one.\n"
DASHBOARDS = (like_week.DASHBOARD, kernel.DASHBOARD)


def files() -> dict[Path, str]:
    """Path and content."""
    return {
        compose.FILE: compose.text(),
        _PROMETHEUS / rules.RULES: _yaml("prometheus/{likes,wechat,privacy,kernel}.py", rules.rules()),
        _PROMETHEUS / "rules.test.yml": _yaml("prometheus/{likes,wechat,privacy,kernel}.py", rules.tests()),
        _PROMETHEUS / "prometheus.yml": _yaml("prometheus/scrape.py", scrape.config()),
        **{_GRAFANA / "dashboards" / f"{each.uid}.json": _json(each.document()) for each in DASHBOARDS},
        _GRAFANA / "provisioning/datasources/baijia.yml": _yaml("grafana/provisioning.py", provisioning.SOURCES),
        _GRAFANA / "provisioning/dashboards/baijia.yml": _yaml("grafana/provisioning.py", provisioning.DASHBOARDS),
        CHECKOUT / "deploy" / "k8s" / "baijia.yaml": _yaml("k8s/manifests.py", *manifests.documents()),
    }


def _yaml(source: str, *documents: dict[str, Any]) -> str:
    return _SAID.format(source) + yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=120)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for path, content in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        print(path.relative_to(CHECKOUT))
