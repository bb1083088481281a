"""Devices, recognised by a random first-party cookie, and how many voters used each today. Nothing is fingerprinted.

Promises: the first voters of a device pay nothing, however many others use it later. Does not promise to recognise a
device that deletes its cookie; a client with a bearer token has no device. Each gateway counts its own requests: since
a browser keeps its connection, that is mostly all of them.
"""

import re
import secrets
from collections import OrderedDict

from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import Headers, cookie
from shared.zones import local_time

COOKIE, SECURE_COOKIE = "baijia-device", "__Host-baijia-device"
LIFE_S = 180 * 86_400
_VALUE = re.compile(r"[A-Za-z0-9_-]{16,64}")
VotersByDevice = OrderedDict[str, dict[str, int]]


def device_of(headers: Headers, scheme: str) -> str:
    """Return the value of the device cookie in these headers.

    It is empty if the cookie is missing or malformed, or if the request has a bearer token, since programs have no
    device.
    """
    if b"authorization" in headers or b"cookie" not in headers:
        return ""
    value = cookie(headers, SECURE_COOKIE if scheme == "https" else COOKIE)
    return value if value is not None and _VALUE.fullmatch(value) else ""


def set_device_cookie(request: Request, response: Response) -> None:
    """Give the browser a random device cookie on this response, unless it has one or uses a bearer token."""
    headers, scheme = dict(request.scope["headers"]), request.scope["scheme"]
    if b"authorization" in headers or device_of(headers, scheme):
        return
    secure = scheme == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, secrets.token_urlsafe(16), max_age=LIFE_S, path="/", secure=secure,
        httponly=True, samesite="lax",
    )  # fmt: skip


class Devices:
    """Count the voters that like from each device today, in the order of their first like.

    The counts start anew at midnight in the campaign's time zone. At most `most` devices are remembered; the oldest is
    forgotten first.
    """

    TOP = 3

    def __init__(self, free: int, *, step: int, most: int = 50_000) -> None:
        self._bounds = [free * step**k for k in range(self.TOP)]
        self._most, self._day = most, 0
        self._seen: VotersByDevice = OrderedDict()

    def level(self, device: str, voter: str, wall_ms: int, zone: str) -> int:
        """Record the voter on this device and return a level by the voter's place among today's voters there.

        `zone` is the campaign's time zone, which decides when today ends.
        The first `free` voters get 0, those up to `free · step` get 1, up to `free · step²` get 2, and all later ones
        TOP. An empty device gets 0.
        """
        if not device:
            return 0
        day = local_time(wall_ms, zone).toordinal()
        if day != self._day:
            self._day, self._seen = day, OrderedDict()
        voters = self._seen.get(device)
        if voters is None:
            if len(self._seen) >= self._most:
                self._seen.popitem(last=False)
            voters = self._seen[device] = {}
        place = voters.get(voter, len(voters))
        if place < self._bounds[-1]:
            voters[voter] = place
        return next((level for level, bound in enumerate(self._bounds) if place < bound), self.TOP)
