"""Security log: one JSON line for each sign-in, refusal, lock-out and reading of sealed words, in one file a day.

It is apart from the event logs, which are kept for ever, and from the process logs, which are kept for days. The files
lie in `<data>/security/<campaign>/`, one a day in UTC, and all processes of a machine append to the same file.

Promises: a line holds no secret, no address and no name that somebody typed: accounts and origins are keyed hashes, by
which lines can be joined. A file is deleted `KEPT_DAYS` days after its day, and not before. A flood is bounded: beyond
`LINES_A_MINUTE` one line counts what was left out. A line is in the file when `record` returns; it is not synced.
Does not promise completeness on a full disk: the error is logged, and the request goes on.

Source for the period: 互联网政务应用安全管理规定 (rules for internet applications of government bodies, in force since
2024-07-01), article 20, ask for at least one year; the Cybersecurity Law asks for at least six months.
"""

import contextlib
import hmac
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from shared import metrics
from shared.logs import logger
from shared.settings import Settings

KEPT_DAYS = 366
LINES_A_MINUTE = 600
MINUTE_MS = 60_000
log_ = logger(__name__)

#: Every event that the log may hold, with what it means.
EVENTS = {
    "signed-in": "somebody signed in with a right password or access code",
    "signed-out": "somebody ended a session",
    "sign-in-refused": "a name and a password did not match",
    "stepped-up": "a member of staff proved again, by password or code, who they are",
    "network-refused": "a member of staff came from a network from which staff may not work",
    "step-up-refused": "the password or code that was asked again was wrong",
    "sign-in-paced": "an attempt was refused unread, after too many failures",
    "session-refused": "a token was forged, has expired or has been ended",
    "role-refused": "somebody who had signed in asked for what the role does not allow",
    "origin-refused": "another site's page sent a request with somebody's cookie",
    "credentials-changed": "a password or a one-time link was made, changed or used",
    "staff-changed": "somebody was appointed, dismissed or given other roles",
    "original-read": "an office read the original of a media file, with all that a camera wrote into it",
    "call-refused": "a service refused a call whose signature does not fit",
    "sealed-words-read": "an office read letters or names that are stored sealed (encrypted)",
    "forgetting-ordered": "an order to forget a person was given",
    "left-out": "so many lines were left out in the last minute",
}


def folder_of(settings: Settings) -> Path:
    """Return the folder of the security log of the settings' campaign."""
    return settings.data / "security" / settings.campaign


class SecurityLog:
    """Appends security events to the day's file in a folder. `key` hashes what may not stand in a line."""

    def __init__(self, folder: Path, key: bytes, *, process: str, wall: Callable[[], int]) -> None:
        self._folder, self._key, self._process, self._wall = folder, key, process, wall
        self._day: date | None = None
        self._minute, self._written, self._left_out = 0, 0, 0
        for event in EVENTS:  # series that begin at 0, so that an alert sees the first event
            metrics.SECURITY.labels(event)

    def record(self, event: str, **facts: str | int) -> None:
        """Append one event with its facts, and count it. Raises ValueError for an event that is not in EVENTS."""
        if event not in EVENTS:
            raise ValueError(f"{event} is not a security event")
        metrics.SECURITY.labels(event).inc()
        now = self._wall()
        minute = now // MINUTE_MS
        if minute != self._minute:
            left_out, self._minute, self._written, self._left_out = self._left_out, minute, 0, 0
            if left_out:
                self._append(now, "left-out", {"lines": left_out})
        if self._written >= LINES_A_MINUTE:
            self._left_out += 1
            return
        self._written += 1
        self._append(now, event, facts)

    def hashed(self, text: str) -> str:
        """Return the keyed hash of a text, 16 characters; equal texts have equal hashes within a campaign."""
        digest = hmac.digest(self._key, f"security log {text}".encode(), "sha256")
        return urlsafe_b64encode(digest[:12]).decode()

    def _append(self, now: int, event: str, facts: Mapping[str, str | int]) -> None:
        at = datetime.fromtimestamp(now / 1000, UTC)
        line = {"time": f"{at:%Y-%m-%dT%H:%M:%S}.{now % 1000:03}Z", "event": event, "process": self._process, **facts}
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            if at.date() != self._day:
                self._begin(at.date())
            # One write to a file opened for appending: lines of several processes do not mix.
            file = os.open(self._file(at.date()), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, text.encode())
            finally:
                os.close(file)
        except OSError as problem:
            log_.error("a line of the security log could not be written", security_event=event, problem=repr(problem))

    def _begin(self, day: date) -> None:
        """Make the folder, and delete the files that are older than KEPT_DAYS."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        first = self._file(day - timedelta(days=KEPT_DAYS)).name
        for each in self._folder.glob("????-??-??.jsonl"):
            if each.name < first:
                with contextlib.suppress(FileNotFoundError):  # another process was first
                    each.unlink()
        self._day = day

    def _file(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.jsonl"
