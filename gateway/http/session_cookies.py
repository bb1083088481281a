"""The cookie that carries a session, and a session as its owner sees it."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import COOKIE, SECURE_COOKIE, Session


def described(session: Session) -> dict[str, object]:
    """A session as its owner sees it."""
    return {
        "sub": session.sub,
        "roles": sorted(session.roles),
        "name": session.name,
        "expires": session.expires,
        "unit": session.unit,
    }


def set_cookie(response: Response, request: Request, token: str, *, max_age_s: int) -> None:
    """Keep a session in the browser; without a token, end it there."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, token, max_age=max_age_s, path="/", secure=secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
