"""Random cookies that recognise a browser for some minutes, or for one browser session. They identify no person."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import cookie

OAUTH, HANDOFF = "baijia-oauth", "baijia-handoff"
LIFE_S = 600
_CHARS = 22


def value_of(request: Request, name: str) -> str:
    """Return the value of the random cookie `name` in the request, or "" if it is missing or malformed."""
    value = cookie(dict(request.scope["headers"]), _full_name(request, name))
    return value if value is not None and len(value) == _CHARS else ""


def set_cookie(request: Request, response: Response, name: str, value: str, *, life_s: int | None = LIFE_S) -> None:
    """Set the cookie `name` on the response for `life_s` seconds; with None it lasts until the browser is closed."""
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        _full_name(request, name), value, max_age=life_s, path="/", secure=secure, httponly=True, samesite="lax"
    )


def new_value() -> str:
    """Return a new random value for a cookie, which cannot be guessed."""
    return secrets.token_urlsafe(16)


def _full_name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.scope["scheme"] == "https" else name
