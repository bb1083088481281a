"""How old this gateway's views are, as metrics tell it.

`baijia_lag_*` of the role `gateway` is the distance to what this gateway knows to be written: its own commands and the
cuts that it was told. It cannot know of more; the distance to the relay's position is the whole of it (in commits).
"""

from gateway.read_models.cache import Views
from shared import metrics

ROLE = "gateway"


class Freshness:
    """Remembers since when a view lags."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._since_s: dict[str, float] = {}

    def tell(self, now_s: float) -> None:
        """Set the metrics; `now_s` is monotonic, of the same clock each time."""
        for log, (known, shown) in self._views.reading().items():
            if known > shown:
                self._since_s.setdefault(log, now_s)
            else:
                self._since_s.pop(log, None)
            metrics.POSITION.labels(ROLE, log).set(shown)
            metrics.LAG_COMMITS.labels(ROLE, log).set(known - shown)
            metrics.LAG_S.labels(ROLE, log).set(now_s - self._since_s.get(log, now_s))
        if self._views.heard_s is not None:
            metrics.VIEWS_AGE_S.set(max(0.0, now_s - self._views.heard_s))
