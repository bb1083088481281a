"""Devices on which somebody signed in before, recognised by a signed cookie that names their accounts by keyed hashes.

Promises: a device counts as known only for accounts that signed in on it. Does not promise to recognise a program,
which keeps no cookie. The cookie opens nothing: it only says how an attempt to sign in is counted.
"""

import hashlib
import hmac
import secrets

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.sessions import Headers, cookie

COOKIE, SECURE_COOKIE = "baijia-known", "__Host-baijia-known"
LIFE_S = 90 * 86_400
ACCOUNTS = 5  # of one device; the earliest is forgotten first
MAX_CHARS = 1_000


class KnownDevices:
    """Read and write the cookie of one campaign, signed with its session key."""

    def __init__(self, key: bytes, campaign: str) -> None:
        self._key = key
        self._signer = URLSafeSerializer(
            key, salt=f"devices of {campaign}", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def device(self, request: Request, account: str) -> str:
        """Return the name of the device if this account signed in on it before, else an empty text."""
        name, accounts = self._read(request)
        return name if self._mark(account) in accounts else ""

    def remember(self, request: Request, response: Response, account: str) -> None:
        """Let the browser remember, by a cookie on the response, that this account signed in on it."""
        name, accounts = self._read(request)
        mark, secure = self._mark(account), request.scope["scheme"] == "https"
        accounts = [*(each for each in accounts if each != mark), mark][-ACCOUNTS:]
        packed = self._signer.dumps([name or secrets.token_urlsafe(12), accounts])
        value = packed if isinstance(packed, str) else packed.decode()
        response.set_cookie(
            SECURE_COOKIE if secure else COOKIE, value, max_age=LIFE_S, path="/", secure=secure, httponly=True,
            samesite="lax",
        )  # fmt: skip

    def _mark(self, account: str) -> str:
        return hmac.digest(self._key, f"known account {account}".encode(), "sha256").hex()[:16]

    def _read(self, request: Request) -> tuple[str, list[str]]:
        headers: Headers = dict(request.scope["headers"])
        value = cookie(headers, SECURE_COOKIE if request.scope["scheme"] == "https" else COOKIE)
        if value is None or len(value) > MAX_CHARS:
            return "", []
        try:
            name, accounts = self._signer.loads(value)
        except (BadSignature, ValueError, TypeError):
            return "", []
        return str(name), list(accounts)
