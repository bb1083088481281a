"""Circuit breaker for one kind of WeChat call: stop calling after repeated failures, or while an answer cannot change.

Promises: after the pause one probing call is admitted, and only one at a time; its success closes the breaker, its
failure opens it again. Does not promise that other calls wait: while the breaker is open they are refused at once.
"""

FAILURES_MOST = 5  # in a row
PAUSE_S = 10.0


class Breaker:
    """State of one circuit breaker. All times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._shut_until: float | None = None  # None: closed, calls are admitted
        self._finding_out = False

    @property
    def is_open(self) -> bool:
        return self._shut_until is not None

    def admits(self, now: float) -> bool:
        """Return whether a call may be made now.

        The caller must then report its end by one of the four methods below.
        """
        if self._shut_until is None:
            return True
        if now < self._shut_until or self._finding_out:
            return False
        self._finding_out = True
        return True

    def came_through(self) -> None:
        """Close the breaker: an answer came, whatever it says."""
        self._failures, self._shut_until, self._finding_out = 0, None, False

    def failed(self, now: float) -> None:
        """Count a call that got no answer, or "busy". Open the breaker after FAILURES_MOST in a row."""
        self._failures += 1
        if self._finding_out or self._failures >= FAILURES_MOST:
            self.shut(now, PAUSE_S)

    def shut(self, now: float, pause_s: float) -> None:
        """Open the breaker for `pause_s`, because another call would get the same answer until then."""
        self._shut_until, self._finding_out = now + pause_s, False

    def left(self) -> None:
        """End a call that taught nothing, because its caller was cancelled. The next call may probe."""
        self._finding_out = False
