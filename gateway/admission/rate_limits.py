"""Rate limits of a session's reads of tickets, challenges and likes.

Each look at one's likes is an order in a partition's queue. The limits are token buckets (`buckets.py`): a hit takes
the same few µs however many sessions there are, and nothing walks the sessions to clean up. DECISIONS 158 has the
figures. Letters have prices instead (`letters.py`).
"""

import time
from collections.abc import Callable

from gateway.admission.buckets import Buckets
from gateway.admission.turnstile import too_fast

PER_MIN = 60
MOST = 200_000  # sessions that are remembered; a bucket matters for the minute that it needs to fill
_MINUTE_S = 60


class RateLimits:
    """Limit how often each session may make each kind of request: so many at once, and as many again in each minute.

    `what` is the kind of request; each has the limit PER_MIN. Each of the campaign's `gateways` allows an equal share
    of it, at least one request.
    """

    def __init__(self, *, gateways: int = 1, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        share = max(1, PER_MIN // gateways)
        self._buckets = Buckets(share / _MINUTE_S, share, most=MOST)

    def refuse_if_often(self, what: str, sub: str) -> None:
        """Count one request of the kind `what` by `sub`, a session's person or another key.

        Raise Problem `too-fast`, with the seconds until the next request is let in, at the limit.
        """
        wait_s = self._buckets.take(f"{what} {sub}", self._now())
        if wait_s:
            raise too_fast(wait_s)
