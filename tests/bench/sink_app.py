"""The reference for uploads: a bare Starlette application that reads a body to its end and stores nothing.

Run it with `python -m tests.bench.sink_app PORT`.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def sink(request: Request) -> Response:
    async for _ in request.stream():
        pass
    return Response(status_code=204)


async def healthz(_: Request) -> Response:
    return Response(status_code=200)


app = Starlette(routes=[Route("/sink", sink, methods=["PATCH"]), Route("/healthz", healthz)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
