"""Rate limits of a session's reads of tickets, challenges and likes, and of filing complaints and objections.

Each look at one's likes is an order in a partition's queue, and complaints and objections are stored for ever. Uses the
`limits` library, whose 30 µs are affordable on these routes.
"""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from gateway.admission.turnstile import too_fast

PER_MIN = 60
COMPLAINTS, ALL_COMPLAINTS = "complaints", "complaints of all"
OBJECTIONS, ALL_OBJECTIONS = "objections", "objections of all"
OTHER_PACES = {COMPLAINTS: 5, ALL_COMPLAINTS: 60, OBJECTIONS: 5, ALL_OBJECTIONS: 60}


class RateLimits:
    """Limit how often each session may make each kind of request in one minute.

    `what` is the kind of request. `OTHER_PACES` has the limits of complaints and objections; any other kind has
    PER_MIN. Each of the campaign's `gateways` allows an equal share of a limit, at least one request.
    """

    def __init__(self, *, gateways: int = 1) -> None:
        self._rate = RateLimitItemPerMinute(max(1, PER_MIN // gateways))
        self._rates = {what: RateLimitItemPerMinute(max(1, many // gateways)) for what, many in OTHER_PACES.items()}
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def refuse_if_often(self, what: str, sub: str) -> None:
        """Count one request of the kind `what` by `sub`, a session's person or another key.

        Raise Problem `too-fast` at the limit.
        """
        rate = self._rates.get(what, self._rate)
        if not self._limiter.hit(rate, what, sub):
            until = self._limiter.get_window_stats(rate, what, sub).reset_time
            raise too_fast(max(1.0, until - time.time()))
