"""Devices: a random first-party cookie, and how many voters came with it today. No fingerprint of anything.

Promises: the first voters of a device pay nothing, whoever else comes with it later. Does not promise to know a device
that throws its cookie away; a client with a token instead of a cookie session has none. Each gateway counts what it
sees: a browser keeps its connection, so that is mostly all.
"""

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import Headers, cookie

COOKIE, SECURE_COOKIE = "baijia-device", "__Host-baijia-device"
LIFE_S = 180 * 86_400
DAY_MS, SHANGHAI_MS = 86_400_000, 8 * 3_600_000
_VALUE = re.compile(r"[A-Za-z0-9_-]{16,64}")
Seen = dict[str, dict[str, int]]


def device_of(headers: Headers, scheme: str) -> str:
    """The cookie's value; empty where there is none, or a bearer token speaks."""
    if b"authorization" in headers or b"cookie" not in headers:
        return ""
    value = cookie(headers, SECURE_COOKIE if scheme == "https" else COOKIE)
    return value if value is not None and _VALUE.fullmatch(value) else ""


def mark(request: Request, response: Response) -> None:
    """Give a browser its device cookie, where it has none."""
    headers, scheme = dict(request.scope["headers"]), request.url.scheme
    if b"authorization" in headers or device_of(headers, scheme):
        return
    secure = scheme == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, secrets.token_urlsafe(16), max_age=LIFE_S, path="/", secure=secure,
        httponly=True, samesite="lax",
    )  # fmt: skip


class Devices:
    """Today's voters by device, in the order of their coming."""

    TOP = 3

    def __init__(self, free: int, *, step: int, most: int = 50_000) -> None:
        self._bounds = [free * step**k for k in range(self.TOP)]
        self._most, self._day = most, 0
        self._seen: Seen = {}

    def level(self, device: str, voter: str, wall_ms: int) -> int:
        """0 for the first voters of a device, then 1, 2 and TOP as they become more by `step`."""
        if not device:
            return 0
        day = (wall_ms + SHANGHAI_MS) // DAY_MS
        if day != self._day:
            self._day, self._seen = day, {}
        voters = self._seen.get(device)
        if voters is None:
            if len(self._seen) >= self._most:
                self._seen.pop(next(iter(self._seen)))
            voters = self._seen[device] = {}
        place = voters.get(voter, len(voters))
        if place < self._bounds[-1]:
            voters[voter] = place
        return next((level for level, bound in enumerate(self._bounds) if place < bound), self.TOP)
