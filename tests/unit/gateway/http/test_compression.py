"""Compression of answers: what is compressed, how, and with which validators."""

import gzip
from typing import Any

import brotli
import pytest
from starlette.types import Receive, Scope, Send

from gateway.html.static_files import static_url
from gateway.http.compression import Compression
from tests.unit.gateway.town import PICTURE, Visitor

DECODE = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(("accepts", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")])
@pytest.mark.parametrize("path", ["/boards", "/api/v1/openapi.json", static_url("baijia.css")])
def test_page_is_compressed_as_the_client_takes_it(visitor: Visitor, path: str, accepts: str, encoding: str):
    plain = visitor.request("GET", path, plain=True, headers={"Accept-Encoding": "identity"})
    answer = visitor.request("GET", path, plain=True, headers={"Accept-Encoding": accepts})

    assert "content-encoding" not in plain.headers
    assert answer.headers["content-encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert int(answer.headers["content-length"]) < len(plain.content) / 2


def test_compressed_answer_has_a_weak_validator_that_the_server_knows(visitor: Visitor):
    accepts = {"Accept-Encoding": "br"}
    etag = visitor.request("GET", "/boards", plain=True, headers=accepts).headers["etag"]

    again = visitor.request("GET", "/boards", plain=True, headers={**accepts, "If-None-Match": etag})

    assert etag.startswith('W/"')
    assert again.status_code == 304


def test_body_that_many_get_is_compressed_once():
    body = b"a line of a page\n" * 200
    answers = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 -- ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": body})

    async def collect(message: Any) -> None:
        if message["type"] == "http.response.body":
            answers.append(message["body"])

    compressed = Compression(app)
    for name in DECODE:
        for _ in range(2):
            scope = {"type": "http", "headers": [(b"accept-encoding", name.encode())]}
            run = compressed(scope, None, collect)  # type: ignore[arg-type]
            with pytest.raises(StopIteration):
                run.send(None)

    assert [DECODE[name](each) for name, each in zip(("br", "br", "gzip", "gzip"), answers, strict=True)] == [body] * 4
    assert answers[0] is answers[1]
    assert answers[2] is answers[3]


def test_small_answer_leaves_as_it_is(visitor: Visitor):
    answer = visitor.request("GET", f"/media/{PICTURE}", plain=True, headers={"Accept-Encoding": "br"})

    assert answer.status_code == 404 or "content-encoding" not in answer.headers
    assert "content-encoding" not in visitor.request("GET", "/healthz", plain=True).headers
