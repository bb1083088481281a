"""Compression of answers, by Brotli or gzip as the client takes it. The package starlette-compress does the work.

Promises: an answer whose type does not shrink, such as a picture, leaves as it is; a compressed answer has a weak ETag,
since its bytes are others. What many clients get is compressed once. Likes do not come through here.
"""

from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

LEAST_BYTES = 1_000
COMPRESSED_KNOWN = 64  # bodies whose compressed form is kept


class Compression:
    """ASGI application that compresses the answers of `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = CompressMiddleware(app, minimum_size=LEAST_BYTES, zstd=False, brotli_quality=5, gzip_level=6)
        for responder in (self._app._brotli, self._app._gzip):
            assert responder is not None
            responder.oneshot = lru_cache(maxsize=COMPRESSED_KNOWN)(responder.oneshot)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_weak_etag(message["headers"])}
            await send(message)

        await self._app(scope, receive, send_on)


def _with_weak_etag(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    if not any(name.lower() == b"content-encoding" for name, _ in headers):
        return headers
    return [
        (name, b"W/" + value if name.lower() == b"etag" and not value.startswith(b"W/") else value)
        for name, value in headers
    ]
