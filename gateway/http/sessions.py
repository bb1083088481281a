"""Sessions as signed tokens, in the Authorization header or in an HttpOnly cookie.

Promises: a token that was not made with the campaign's session key, has expired, or is known here to have ended is
refused. Whether a session has ended elsewhere, `backends/session_watch.py` asks. The roles of staff are compared with
the list of staff (`backends/staff_roster.py`), so that dismissed staff lose access within seconds.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from itsdangerous import BadSignature, URLSafeSerializer

from gateway.http.problems import Problem
from shared.stamps import wall_ms

HOUR_MS = 3_600_000
LIFE_MS = {"voter": 7 * 24 * HOUR_MS, "unit": 12 * HOUR_MS, "staff": 8 * HOUR_MS}
TOKENS_KNOWN = 50_000  # verified tokens that are cached: a signature costs 12 µs, a dictionary 0.1 µs
ENDED_LEAST = 1_000  # ended sessions that are remembered before those that would have expired are dropped
TOKEN_MAX_CHARS = 2_000
COOKIE, SECURE_COOKIE = "baijia", "__Host-baijia"
Headers = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Session:
    """Who sends a request, and with which roles. `sub` is the voter's pseudonym, the unit's code, or the staff name.

    `door` is how a voter came: WeChat's browser, a text message, the mini-program, or another browser.
    """

    sub: str
    roles: frozenset[str]
    expires: int  # wall time, ms
    name: str = ""
    door: str = "web"
    id: str = ""  # by which the session is ended; empty for tokens of earlier versions

    @property
    def kind(self) -> str:
        """The kind of person that the session is for: voter, unit or staff."""
        return next((kind for kind in ("voter", "unit") if kind in self.roles), "staff")

    @property
    def unit(self) -> str | None:
        """The unit's code if the session is that of a unit, else None."""
        return self.sub if self.kind == "unit" else None


class Sessions:
    """Issue and verify the session tokens of one campaign, signed with its session key."""

    def __init__(self, key: bytes, campaign: str) -> None:
        self._signer = URLSafeSerializer(
            key, salt=f"session of {campaign}", signer_kwargs={"digest_method": hashlib.sha256}
        )
        self._read = lru_cache(maxsize=TOKENS_KNOWN)(self._verify)
        self._ended: dict[str, int] = {}  # session -> when it would have expired
        self._ended_most = ENDED_LEAST

    def issue(
        self, sub: str, roles: frozenset[str], *, name: str = "", door: str = "web", id: str = ""
    ) -> tuple[str, Session]:
        """Return a new token for a person with these roles, and the session that the token stands for.

        How long it is valid depends on the kind of person (`LIFE_MS`). `id` is the stored session's name, if a service
        stores it.
        """
        kind = Session(sub, roles, 0).kind
        session = Session(sub, roles, wall_ms() + LIFE_MS[kind], name, door, id or secrets.token_urlsafe(12))
        packed = [session.sub, sorted(session.roles), session.expires, session.name, session.door, session.id]
        token = self._signer.dumps(packed)
        return (token if isinstance(token, str) else token.decode()), session

    def read(self, token: str) -> Session:
        """Return the session that a token stands for. Raise Problem if the token is invalid, has expired or ended."""
        session = self._read(token)
        if session.expires <= wall_ms():
            raise Problem("session-expired")
        if session.id in self._ended:
            raise Problem("session-ended")
        return session

    def end(self, session: Session) -> None:
        """Refuse the session from now on, in this process."""
        self.end_by_id(session.id, expires=session.expires)

    def end_by_id(self, id: str, *, expires: int) -> None:
        """Refuse the session with this name from now on, in this process, until it would have expired anyway."""
        if not id:
            return
        self._ended[id] = expires
        if len(self._ended) > self._ended_most:  # seldom: a gateway that starts reads all that ended in a week
            now = wall_ms()
            self._ended = {each: until for each, until in self._ended.items() if until > now}
            self._ended_most = max(ENDED_LEAST, 2 * len(self._ended))

    def _verify(self, token: str) -> Session:
        if len(token) > TOKEN_MAX_CHARS:
            raise Problem("session-invalid")
        try:
            sub, roles, expires, name, door, *later = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError) as problem:
            raise Problem("session-invalid") from problem
        session = Session(sub, frozenset(roles), expires, name, door, later[0] if later else "")
        if not session.id and session.kind != "voter":  # from before sessions were stored
            raise Problem("session-ended")
        return session

    def from_headers(self, headers: Headers, *, scheme: str, changes: bool, demanded: bool) -> Session | None:
        """Return the session of a request, by its bearer token or else its session cookie, or None if it has none.

        `demanded` says that the route needs a session: then an invalid cookie is a problem, otherwise it is ignored.
        `changes` says that the request may change something: then a cookie counts only if the request comes from our
        own pages. Raise Problem.
        """
        bearer = headers.get(b"authorization")
        if bearer is not None:
            word, _, token = bearer.partition(b" ")
            if word.lower() != b"bearer" or not token.isascii():
                raise Problem("session-invalid")
            return self.read(token.strip().decode())
        if changes and is_foreign(headers, scheme):
            raise Problem("cross-site")
        token_text = cookie(headers, SECURE_COOKIE if scheme == "https" else COOKIE)
        if token_text is None:
            return None
        try:
            session = self.read(token_text)
        except Problem:
            if demanded:
                raise
            return None
        if changes and not _has_origin_headers(headers):
            if demanded:
                raise Problem("cross-site")
            return None
        return session


def cookie(headers: Headers, name: str) -> str | None:
    """Return the value of the cookie `name` in these headers, or None if it is missing or empty."""
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and value:
            return value
    return None


def is_foreign(headers: Headers, scheme: str) -> bool:
    """Return whether the browser says, by Sec-Fetch-Site or Origin, that another site's page sent this request.

    If Sec-Fetch-Site is present, an Origin of `null` is ignored: a page with a strict Referrer-Policy sends it to its
    own site. A proxy that terminates TLS must pass on the scheme and the Host (BAIJIA_TRUSTED_PROXIES).
    """
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None and site not in (b"same-origin", b"none"):
        return True
    if origin is None or (origin == b"null" and site is not None):
        return False
    return origin.lower() != f"{scheme}://".encode() + headers.get(b"host", b"").lower()


def _has_origin_headers(headers: Headers) -> bool:
    return b"sec-fetch-site" in headers or b"origin" in headers
