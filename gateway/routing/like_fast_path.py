"""Dispatch likes to their handlers before Starlette's router.

Starlette matches the expression of every route in turn and wraps each handler once more; for a like that is a quarter
of this process's time. A route with a `raw` handler handles all its errors itself (`voters/likes.py`), so it needs
neither. The table of routes remains the only source: the fast path is built from it, and requests that match none of
its routes go to the router as usual.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class LikeFastPath:
    """ASGI application that answers likes itself and passes every other request on to `app`.

    `route_apps` has the application of each like route by method and path; each path has exactly one parameter,
    `{name}`.
    """

    def __init__(self, app: ASGIApp, route_apps: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._route_apps = [(method, *_split_path(path), route_app) for (method, path), route_app in route_apps.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            for method, start, name, end, route_app in self._route_apps:
                if scope["method"] == method and path.startswith(start) and path.endswith(end):
                    value = path[len(start) : len(path) - len(end)]
                    if value and "/" not in value:
                        scope["path_params"] = {name: value}
                        await route_app(scope, receive, send)
                        return
        await self._app(scope, receive, send)


def _split_path(path: str) -> tuple[str, str, str]:
    start, _, rest = path.partition("{")
    name, _, end = rest.partition("}")
    return start, name, end
