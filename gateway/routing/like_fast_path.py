"""Likes do not walk the whole building: the doors of the hot routes stand right behind the entrance.

Starlette matches every route's expression in turn and wraps each handler once more; for a like that is a quarter of
this process's time. A route with a `raw` handler answers for all that goes wrong itself (`voters/likes.py`), so it
needs neither. The table of routes stays the one truth: the lane is made from it, and what it does not know goes on as
before.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class LikeFastPath:
    """`doors`: the application of each method and path; a path has one parameter, `{name}`, between its ends."""

    def __init__(self, app: ASGIApp, doors: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._doors = [(method, *_parted(path), door) for (method, path), door in doors.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            for method, start, name, end, door in self._doors:
                if scope["method"] == method and path.startswith(start) and path.endswith(end):
                    value = path[len(start) : len(path) - len(end)]
                    if value and "/" not in value:
                        scope["path_params"] = {name: value}
                        await door(scope, receive, send)
                        return
        await self._app(scope, receive, send)


def _parted(path: str) -> tuple[str, str, str]:
    start, _, rest = path.partition("{")
    name, _, end = rest.partition("}")
    return start, name, end
