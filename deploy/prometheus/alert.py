"""Definition of an alert: an expression, how long it must hold, and test series for which it fires or stays quiet.

Promises: an alert cannot be defined without both kinds of series, which promtool runs, nor without a sentence that says
what is wrong. Its runbook is `deploy/runbooks/<name>.md`.
"""

from dataclasses import dataclass
from typing import Any

STEP_S = 15
#: Number of samples in a test, fifteen seconds apart: a quarter of an hour.
TICKS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """Input of a test of an alert: series in promtool's notation, and the labels of each alert that they must cause."""

    series: dict[str, str]
    labels: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert of Prometheus: its expression, severity and summary, and the two test cases that promtool runs."""

    name: str
    expr: str
    for_s: int
    pages: bool  # wakes a person; any other alert waits until the morning
    summary: str
    fires: Case
    quiet: Case

    @property
    def runbook(self) -> str:
        return f"deploy/runbooks/{self.name}.md"

    @property
    def severity(self) -> str:
        return "page" if self.pages else "ticket"

    def rule(self) -> dict[str, Any]:
        """Return the alert as an object of Prometheus's rule file."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": f"{self.for_s}s",
            "labels": {"severity": self.severity},
            "annotations": self._annotations(),
        }

    def tests(self) -> list[dict[str, Any]]:
        """Return the alert's two tests for promtool: with one case it must fire, with the other stay quiet."""
        expected = [
            {"exp_labels": {"severity": self.severity, **labels}, "exp_annotations": self._annotations()}
            for labels in self.fires.labels
        ]
        return [
            self._test("fires", self.fires, expected),
            self._test("is quiet", self.quiet, []),
        ]

    def _test(self, what: str, case: Case, expected: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "name": f"{self.name} {what}",
            "interval": f"{STEP_S}s",
            "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
            "alert_rule_test": [
                {"eval_time": f"{STEP_S * TICKS}s", "alertname": self.name, "exp_alerts": expected},
            ],
        }

    def _annotations(self) -> dict[str, str]:
        return {"summary": self.summary, "runbook": self.runbook}


def steady(value: float) -> str:
    """Return the samples, in promtool's notation, of a series with the same value throughout a test."""
    return f"{value}x{TICKS}"


def late(*, steps: int) -> str:
    """Return the samples, in promtool's notation, of a counter that is 0 for this many steps and 1 after them."""
    return f"0x{steps} 1x{TICKS - steps}"


def growing(by: float) -> str:
    """Return the samples, in promtool's notation, of a counter that grows by this amount at each sample."""
    return f"0+{by}x{TICKS}"
