"""When not to ask: after failures in a row, or where the answer is known to be the same for a while.

Promises: after the pause one call, and only one at a time, may find out; its success closes the breaker, its failure
opens it again. Does not promise that others wait: they are refused at once.
"""

FAILURES_MOST = 5  # in a row
PAUSE_S = 10.0


class Breaker:
    """Times are those of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._failures = 0
        self._shut_until: float | None = None  # None: calls flow
        self._finding_out = False

    @property
    def is_open(self) -> bool:
        return self._shut_until is not None

    def admits(self, now: float) -> bool:
        """Whether this call may be made. Who is admitted must end in one of the four below."""
        if self._shut_until is None:
            return True
        if now < self._shut_until or self._finding_out:
            return False
        self._finding_out = True
        return True

    def came_through(self) -> None:
        """An answer came, whatever it says."""
        self._failures, self._shut_until, self._finding_out = 0, None, False

    def failed(self, now: float) -> None:
        """No answer, or busy."""
        self._failures += 1
        if self._finding_out or self._failures >= FAILURES_MOST:
            self.shut(now, PAUSE_S)

    def shut(self, now: float, pause_s: float) -> None:
        """Asking again brings nothing before the pause is over."""
        self._shut_until, self._finding_out = now + pause_s, False

    def left(self) -> None:
        """The call ended without an answer to learn from: its caller went away."""
        self._finding_out = False
