"""Metrics of how far this gateway's views lag behind the event logs.

A view is a published part of ranking's table; its cut says up to which commit each log was read for it.

`baijia_lag_*` of the role `gateway` is the distance to the positions that this gateway knows to exist, from its own
commands and the cuts of views. It knows of no others; the distance to the relay's position is the full lag, in commits.
"""

from gateway.read_models.cache import Views
from shared import metrics

ROLE = "gateway"


class LagMetrics:
    """Report to Prometheus how many commits, and for how many seconds, the views are behind each log."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._since_s: dict[str, float] = {}

    def update(self, now_s: float) -> None:
        """Set the metrics from the views. `now_s` is the time, in seconds of the same monotonic clock in every call."""
        for log, (known, covered) in self._views.progress().items():
            if known > covered:
                self._since_s.setdefault(log, now_s)
            else:
                self._since_s.pop(log, None)
            metrics.POSITION.labels(ROLE, log).set(covered)
            metrics.LAG_COMMITS.labels(ROLE, log).set(known - covered)
            metrics.LAG_S.labels(ROLE, log).set(now_s - self._since_s.get(log, now_s))
        if self._views.updated_s is not None:
            metrics.VIEWS_AGE_S.set(max(0.0, now_s - self._views.updated_s))
