"""Tell browsers that came by https to come by https from now on (RFC 6797).

Promises: an answer over plain http never says so, for a browser must ignore it there, and a rehearsal on one machine
has no certificate. The scheme is that of the trusted proxies (BAIJIA_TRUSTED_PROXIES). Likes do not come through here:
whoever likes has loaded a page.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

YEAR_S = 365 * 86_400
HEADER = (b"strict-transport-security", b"max-age=%d" % YEAR_S)


class StrictTransport:
    """ASGI application that adds the header to every answer of `app` over https."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], HEADER]}
            await send(message)

        is_secure = scope["type"] == "http" and scope["scheme"] == "https"
        await self._app(scope, receive, send_on if is_secure else send)
