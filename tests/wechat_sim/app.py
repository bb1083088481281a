"""The simulator as one ASGI application, and a way to run it in a thread beside a test."""

import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from tests.wechat_sim import api, control, pages
from tests.wechat_sim.pushes import Pusher
from tests.wechat_sim.world import World

ENDING_S = 10
CONNECTIONS_MOST = 200
#: Uvicorn's default of 5 s would close a connection under a client that is only slow to use it again.
SERVING: dict[str, Any] = {"timeout_keep_alive": 75, "ws": "none"}


def app(world: World) -> Starlette:
    """Return the application that simulates the platform for this world."""
    pushers: list[Pusher] = []
    drive = control.ControlHandlers(world, lambda: pushers[-1])

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # A new connection for each push, because under load httpx may close a pooled one that it has just given to a
        # request.
        limits = httpx.Limits(max_connections=CONNECTIONS_MOST, max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=None, limits=limits, trust_env=False, verify=_authorities()) as http:
            pushers.append(Pusher(world, http))
            yield
            await drive.close()

    routes = [*api.routes(world), *pages.routes(world), *control.routes(world, drive)]
    return Starlette(routes=routes, lifespan=lifespan)


@lru_cache
def _authorities() -> ssl.SSLContext:
    """Read the certificate authorities, only once: that takes longer than starting a simulator."""
    return ssl.create_default_context()


@contextmanager
def running(application: Any) -> Iterator[str]:
    """Serve any ASGI application in a thread, on a free port of the loopback; yields its URL."""
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)  # so that a client may connect before the thread is ready
        config = uvicorn.Config(application, log_level="error", timeout_graceful_shutdown=1, **SERVING)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(ENDING_S)
            if thread.is_alive():
                raise TimeoutError(f"the server did not end within {ENDING_S} s")
