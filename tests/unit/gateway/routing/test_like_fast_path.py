"""The fast path of likes serves the hot routes, and leaves every other request to the router."""

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from gateway.routing.like_fast_path import LikeFastPath


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("behind")(scope, receive, send)


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"door of {scope['path_params']['entry']}")(scope, receive, send)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        pytest.param("POST", "/api/v1/entries/A012/like", "door of A012", id="a like"),
        pytest.param("DELETE", "/api/v1/entries/A012/like", "behind", id="another method"),
        pytest.param("POST", "/api/v1/entries//like", "behind", id="no entry"),
        pytest.param("POST", "/api/v1/entries/A%2F12/like", "behind", id="a slash in the entry"),
        pytest.param("POST", "/api/v1/entries/A012/like/", "behind", id="a slash behind"),
        pytest.param("POST", "/api/v1/entries/A012", "behind", id="another path"),
    ],
)
def test_lane_takes_the_hot_routes_only(method: str, path: str, answer: str) -> None:
    lane = LikeFastPath(behind, {("POST", "/api/v1/entries/{entry}/like"): door})

    async def request() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(lane), base_url="http://gateway") as visitor:
            return (await visitor.request(method, path)).text

    assert asyncio.run(request()) == answer
