"""The session cookie, and a session as it is shown to its owner."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import COOKIE, SECURE_COOKIE, Session


def session_facts(session: Session) -> dict[str, object]:
    """Return what the owner of a session may read of it: identity, roles, name, unit and expiry."""
    return {
        "sub": session.sub,
        "roles": sorted(session.roles),
        "name": session.name,
        "expires": session.expires,
        "unit": session.unit,
    }


def set_cookie(response: Response, request: Request, token: str, *, max_age_s: int) -> None:
    """Set the cookie that holds the session token, for `max_age_s` seconds.

    An empty token with `max_age_s=0` removes the cookie, which signs the browser out.
    """
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, token, max_age=max_age_s, path="/", secure=secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
