"""Write every file that is made from code and kept in the repository, or compare them: `make dashboards`, `make check`.

They are kept so that whoever runs Prometheus, Grafana or a cluster, or writes a client, needs no Python of ours, and
so that a change is seen in review.
"""

import difflib
import json
from itertools import islice
from pathlib import Path
from typing import Any

import click
import yaml

from deploy.docker import compose
from deploy.grafana import kernel, like_week, provisioning
from deploy.k8s import manifests
from deploy.local.paths import CHECKOUT
from deploy.prometheus import rules, scrape
from deploy.reference import pages
from gateway.routes import ROUTES
from gateway.routing import openapi

_PROMETHEUS, _GRAFANA = CHECKOUT / "deploy" / "prometheus", CHECKOUT / "deploy" / "grafana"
_SAID = "# Made by `make dashboards` from deploy/{}; change that file, not this one.\n"
DASHBOARDS = (like_week.DASHBOARD, kernel.DASHBOARD)
OPENAPI = CHECKOUT / "docs" / "reference" / "openapi.json"
DIFF_LINES = 40


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
        OPENAPI: _json(openapi.document(ROUTES), sort_keys=True),
        **pages.files(),
    }


def differences(wanted: dict[Path, str]) -> list[str]:
    """For each file that is missing or not what the code says: how to renew it, and the first lines that differ."""
    found = []
    for path, content in wanted.items():
        name = str(path.relative_to(CHECKOUT))
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        if written != content:
            lines = difflib.unified_diff(written.splitlines(), content.splitlines(), name, "the code", lineterm="", n=1)
            shown = "\n".join(islice(lines, DIFF_LINES))
            target = "openapi" if path == OPENAPI else "reference" if path.parent == pages.FOLDER else "dashboards"
            found.append(f"{name} is not what the code says: run `make {target}`\n{shown}")
    return found


def _yaml(source: str, *documents: dict[str, Any]) -> str:
    return _SAID.format(source) + yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=120)


def _json(document: dict[str, Any], *, sort_keys: bool = False) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=sort_keys) + "\n"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a file is not what the code says.")
@click.argument("names", nargs=-1)
def main(check: bool, names: tuple[str, ...]) -> None:
    """Write the files of these names, or all."""
    wanted = {path: content for path, content in files().items() if not names or path.name in names}
    if check:
        if found := differences(wanted):
            raise click.ClickException("\n\n".join(found))
        return
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        click.echo(path.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
