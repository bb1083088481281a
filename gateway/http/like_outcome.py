"""What became of a like that was sent together with the sign-in, for the next page to say once.

The browser comes back from WeChat by a redirect, so the outcome waits in a cookie for two minutes. Promises: only this
server sets it, so that no link can make a page claim something; it holds no person's data. What it says was true when
it was set: a page that shows the state of a like reads that anew.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import cookie

NAME = "baijia-outcome"
LIFE_S = 120
ONCE_MORE, SIGNED_IN = "once-more", "signed-in"
_MAX_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class LikeOutcome:
    """The writer's status of a like, `once-more`, `signed-in`, or `refused` with the problem's code and facts."""

    status: str
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def set_outcome(request: Request, response: Response, outcome: LikeOutcome) -> None:
    """Let the next page of an entry in this browser say the outcome."""
    packed = orjson.dumps([outcome.status, outcome.code, dict(outcome.facts)], default=str)
    text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(text) <= _MAX_CHARS:
        _set(request, response, text, life_s=LIFE_S)


def take_outcome(request: Request) -> LikeOutcome | None:
    """Return the outcome that waits in this browser, or None. `clear_outcome` lets it be said no second time."""
    text = cookie(dict(request.scope["headers"]), _full_name(request))
    if not text or len(text) > _MAX_CHARS:
        return None
    try:
        status, code, facts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    if not isinstance(status, str) or not isinstance(code, str) or not isinstance(facts, dict):
        return None
    return LikeOutcome(status, code, facts)


def clear_outcome(request: Request, response: Response) -> None:
    """Remove the outcome from the browser."""
    _set(request, response, "", life_s=0)


def _set(request: Request, response: Response, value: str, *, life_s: int) -> None:
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        _full_name(request), value, max_age=life_s, path="/", secure=secure, httponly=True, samesite="lax"
    )


def _full_name(request: Request) -> str:
    return f"__Host-{NAME}" if request.scope["scheme"] == "https" else NAME
