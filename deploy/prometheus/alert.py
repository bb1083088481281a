"""What an alert is: an expression, how long it must hold, and series under which it fires and is quiet.

Promises: an alert cannot be made without both kinds of series (promtool runs them), and without a sentence that says
what is the matter; its runbook is `deploy/runbooks/<name>.md`.
"""

from dataclasses import dataclass
from typing import Any

STEP_S = 15
#: Samples of a test, fifteen seconds apart: a quarter of an hour.
TICKS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """Series, as promtool writes them, and the labels of the alerts that come of them."""

    series: dict[str, str]
    labels: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    name: str
    expr: str
    for_s: int
    pages: bool  # somebody is woken; otherwise it waits for the morning
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
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": f"{self.for_s}s",
            "labels": {"severity": self.severity},
            "annotations": self._annotations(),
        }

    def tests(self) -> list[dict[str, Any]]:
        """For promtool: it fires, and it does not."""
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
    """The same value all along."""
    return f"{value}x{TICKS}"


def late(*, steps: int) -> str:
    """A counter that stands at 0 for so many steps, and then at 1."""
    return f"0x{steps} 1x{TICKS - steps}"


def growing(by: float) -> str:
    """A counter that grows by so much at each sample."""
    return f"0+{by}x{TICKS}"
