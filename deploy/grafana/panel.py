"""Panels and dashboards in Grafana's format, limited to what our dashboards need.

Promises: panels are laid out automatically, in rows of twenty-four columns; the same code gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA = 39  # Grafana 11
SOURCE = {"type": "prometheus", "uid": "baijia"}
WIDTH, HEIGHT = 24, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A chart over time on a dashboard. `lines` maps the legend of each line to its Prometheus expression."""

    title: str
    about: str
    lines: dict[str, str]
    unit: str = "short"
    limit: float | None = None  # drawn as a red line: the limit of an alert or an SLO
    width: int = 8


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard of Grafana: named rows of panels."""

    uid: str
    title: str
    rows: dict[str, Sequence[Panel]]

    @property
    def panels(self) -> list[Panel]:
        return [panel for row in self.rows.values() for panel in row]

    def document(self) -> dict[str, Any]:
        """Return the dashboard as the JSON object that Grafana reads."""
        return {
            "uid": self.uid,
            "title": self.title,
            "tags": ["baijia"],
            "schemaVersion": SCHEMA,
            "timezone": "Asia/Shanghai",
            "refresh": "10s",
            "time": {"from": "now-1h", "to": "now"},
            "editable": False,
            "panels": self._laid_out(),
        }

    def _laid_out(self) -> list[dict[str, Any]]:
        laid_out: list[dict[str, Any]] = []
        y = 0
        for title, row in self.rows.items():
            laid_out.append({"type": "row", "title": title, "id": len(laid_out) + 1, "gridPos": _at(0, y, WIDTH, 1)})
            x, y = 0, y + 1
            for panel in row:
                if x + panel.width > WIDTH:
                    x, y = 0, y + HEIGHT
                laid_out.append(_panel(panel, len(laid_out) + 1, _at(x, y, panel.width, HEIGHT)))
                x += panel.width
            y += HEIGHT
        return laid_out


def _panel(panel: Panel, number: int, where: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    threshold = {"mode": "line"} if panel.limit is not None else {"mode": "off"}
    return {
        "type": "timeseries",
        "id": number,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": where,
        "targets": [
            {"refId": chr(ord("A") + n), "expr": expr, "legendFormat": name, "datasource": SOURCE}
            for n, (name, expr) in enumerate(panel.lines.items())
        ],
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": threshold, "lineWidth": 2, "fillOpacity": 8},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    }


def _at(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def quantiles(metric: str, by: str = "", where: str = "") -> dict[str, str]:
    """Return a panel's lines p50, p95 and p99 of a histogram metric.

    With `by`, each line is drawn for every label value.
    """
    grouped, name = (f"le, {by}", f" {{{{{by}}}}}") if by else ("le", "")
    return {
        f"p{share}{name}": f"histogram_quantile(0.{share}, sum by ({grouped}) (rate({metric}_bucket{where}[1m])))"
        for share in (50, 95, 99)
    }
