"""How often a session may ask for tickets and challenges, and look at its likes: each look is an order in a partition's
queue. By the `limits` library, whose 30 µs such a route bears.
"""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from gateway.admission.turnstile import too_fast

PER_MIN = 60


class Asking:
    """One gateway's share of PER_MIN, for each session and each thing that is asked for."""

    def __init__(self, *, gateways: int = 1) -> None:
        self._pace = RateLimitItemPerMinute(max(1, PER_MIN // gateways))
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def refuse_if_often(self, what: str, sub: str) -> None:
        """Count one. Raises Problem where they are too many."""
        if not self._limiter.hit(self._pace, what, sub):
            until = self._limiter.get_window_stats(self._pace, what, sub).reset_time
            raise too_fast(max(1.0, until - time.time()))
