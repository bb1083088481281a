"""The protocol of the HTTP server: uvicorn's, with a deadline for headers, and deaf to offers of other protocols.

uvicorn 0.54 waits without end for the rest of a request's header. And its fast parser (httptools 0.9) loses the body of
a request whose header offers another protocol (RFC 9110, 7.8), as the HTTP clients of some languages do by default over
plain http. A server may ignore such an offer: so a connection on which one comes goes on with uvicorn's other parser,
h11, which does.

Promises: a connection ends `HEADER_S` after it began, or after the first byte of a request's header, unless the header
is complete by then, or as soon as it is longer than `HEADER_BYTES` and a segment; the wait between two requests is
uvicorn's `timeout_keep_alive`. A request that offers another protocol is answered as any other. Pages and API use no
WebSocket. No answer names the server's software.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_S = 10.0
HEADER_BYTES = 64 * 1024  # as of uvicorn's other parser; the fast one knows no limit


class _HeaderDeadline(asyncio.Protocol):
    """Close the connection if the header of a request does not come in time. Stands before one of uvicorn's protocols.

    A subclass says in `_awaits_header` whether the connection has no request that is being read or answered.
    """

    header_s = HEADER_S
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _deadline: asyncio.TimerHandle | None = None

    def _awaits_header(self) -> bool:
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if not self._awaits_header():
            self._stop_watching()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.header_s, self._close)

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        self._deadline = None
        self.transport.close()


class SlowParserProtocol(_HeaderDeadline, H11Protocol):
    """uvicorn's protocol with the parser h11, for a connection on which another protocol was offered."""

    def _awaits_header(self) -> bool:
        return self.cycle is None or (self.cycle.response_complete and self.conn.their_state.__name__ == "IDLE")

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: an offer that is ignored is no fault."""


class ServerProtocol(_HeaderDeadline, HttpToolsProtocol):
    """uvicorn's protocol with the parser httptools, for all other connections."""

    header_bytes = HEADER_BYTES
    _reads_body = _handed_over = False
    _reads_header, _header_length = True, 0

    def _awaits_header(self) -> bool:
        if self._handed_over or self._reads_body:
            return False
        return self.cycle is None or self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """Parse what has come; hand the connection to the other parser if another protocol is offered."""
        self._unset_keepalive_if_required()
        began_before = self._reads_header
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._hand_over(data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        # The segment in which a later header begins also has the end of the request before, so it is not counted.
        self._header_length = self._header_length + len(data) if self._reads_header and began_before else 0
        if self._header_length > self.header_bytes and not self.transport.is_closing():
            self.send_400_response("The header is too long.")
        self._watch()

    def on_message_begin(self) -> None:
        """Note that a header begins."""
        self._reads_header = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer the request, unless the other parser will."""
        self._reads_header = False
        if self.parser.should_upgrade():
            self.scope["method"] = self.parser.get_method().decode("ascii")
            return
        self._reads_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note the end of the request."""
        if self._reads_body:
            self._reads_body = False
            super().on_message_complete()

    def _hand_over(self, rest: bytes) -> None:
        """Let the other parser read the header again, what followed it, and whatever comes later."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # the request before is not answered yet, and has the connection
            return
        self._handed_over = True
        self.connections.discard(self)
        lines = [self.scope["method"].encode() + b" " + self.url + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers]
        slow = SlowParserProtocol(config=self.config, server_state=self.server_state, app_state=self.app_state)
        slow.header_s = self.header_s
        self.transport.set_protocol(slow)
        slow.connection_made(self.transport)
        slow.data_received(b"\r\n".join([*lines, b"", rest]))


#: What a gateway's uvicorn gets besides its address.
SERVING: dict[str, Any] = {"http": ServerProtocol, "ws": "none", "server_header": False}
