"""Generate the alert rules for Prometheus, and their tests for promtool."""

from typing import Any

from deploy.prometheus import kernel, letters, likes, media, privacy, security, wechat
from deploy.prometheus.alert import STEP_S, Alert

GROUPS: dict[str, tuple[Alert, ...]] = {
    "likes": likes.ALERTS,
    "wechat": wechat.ALERTS,
    "media": media.ALERTS,
    "letters": letters.ALERTS,
    "privacy": privacy.ALERTS,
    "security": security.ALERTS,
    "kernel": kernel.ALERTS,
}
ALERTS = tuple(alert for group in GROUPS.values() for alert in group)
RULES = "rules.yml"


def rules() -> dict[str, Any]:
    """Return the content of rules.yml, which has all alerts in groups, as data."""
    return {"groups": [{"name": name, "rules": [each.rule() for each in group]} for name, group in GROUPS.items()]}


def tests() -> dict[str, Any]:
    """Return the content of rules.test.yml, which has promtool's tests of all alerts, as data."""
    return {
        "rule_files": [RULES],
        "evaluation_interval": f"{STEP_S}s",
        "tests": [test for alert in ALERTS for test in alert.tests()],
    }
