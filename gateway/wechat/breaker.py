"""Circuit breaker for one kind of WeChat call: stop calling after repeated failures, or while an answer cannot change.

Promises: after the pause one probing call is admitted, and only one at a time; its success closes the breaker, its
failure opens it again. Does not promise that other calls wait: while the breaker is open they are refused at once.
"""

FAILURES_MOST = 5  # in a row
PAUSE_S = 10.0


class Breaker:
    """Decide whether one kind of call to WeChat may be made now, from how its last calls ended.

    All times are seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._open_until: float | None = None  # None: closed, calls are admitted
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at present, except for a probing call after the pause."""
        return self._open_until is not None

    def admit(self, now: float) -> bool:
        """Return whether a call may be made now.

        After True the caller must report how the call ended, by one of the four methods below.
        """
        if self._open_until is None:
            return True
        if now < self._open_until or self._probing:
            return False
        self._probing = True
        return True

    def record_success(self) -> None:
        """Report that a call was answered, whatever the answer says. Closes the breaker."""
        self._failures, self._open_until, self._probing = 0, None, False

    def record_failure(self, now: float) -> None:
        """Report that a call got no answer, or "busy". Opens the breaker after FAILURES_MOST such calls in a row."""
        self._failures += 1
        if self._probing or self._failures >= FAILURES_MOST:
            self.open_for(now, PAUSE_S)

    def open_for(self, now: float, pause_s: float) -> None:
        """Report an answer that no further call could change for `pause_s` seconds. Opens the breaker for that time."""
        self._open_until, self._probing = now + pause_s, False

    def record_cancelled(self) -> None:
        """Report that a call was cancelled, which says nothing about WeChat. The next call may probe."""
        self._probing = False
