"""The reference for the like path: a bare Starlette application, JSON in and JSON out.

Run it with `python -m tests.bench.bare_app PORT`.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

READY = "/ready"


async def like(request: Request) -> JSONResponse:
    await request.json()
    return JSONResponse({"status": "counted", "receipt": "", "remaining": 0})


async def ready(_: Request) -> JSONResponse:
    return JSONResponse({"ready": True})


app = Starlette(routes=[Route("/api/v1/entries/{entry}/like", like, methods=["POST"]), Route(READY, ready)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
