"""Whether whoever sends a request has shown again, within minutes, who they are: a proof in a header or a cookie.

Routes that sign, disqualify, void or release ask for it, so that a browser that somebody left signed in, or a stolen
session, is not enough. Promises: a proof counts for its own session alone.
"""

from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import Headers, Session, cookie
from shared.step_up_proofs import LIFE_MS, StepUpProofs

HEADER = "Step-Up-Proof"
COOKIE, SECURE_COOKIE = "baijia-proof", "__Host-baijia-proof"


class StepUp:
    """Read the proofs that requests bring, and put one into a browser."""

    def __init__(self, proofs: StepUpProofs) -> None:
        self._proofs = proofs

    def is_proved(self, session: Session, headers: Headers, *, scheme: str) -> bool:
        """Return whether the request with these headers brings a proof for its session."""
        in_header = headers.get(HEADER.lower().encode(), b"").decode("latin-1")
        proof = in_header or cookie(headers, SECURE_COOKIE if scheme == "https" else COOKIE) or ""
        return self._proofs.holds(proof, session.id, session.sub)


def set_proof_cookie(response: Response, request: Request, proof: str) -> None:
    """Put a proof into a cookie of the browser, for as long as it holds."""
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, proof, max_age=LIFE_MS // 1000, path="/", secure=secure, httponly=True,
        samesite="strict",
    )  # fmt: skip
