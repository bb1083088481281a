"""The fast path of reads: the same response as the full pipeline, for requests with nothing but a URL."""

from typing import Any

import pytest

from gateway.load.shedding import LIMITS, Pressure
from gateway.read_models.read_fast_path import RecordedResponses
from tests.unit.gateway.town import Visitor, board, code

PATHS = ["/leaderboard", "/leaderboard?type=state", "/leaderboard?theme=home", "/exhibition", "/entries", "/popularity"]
SAME = ("etag", "cache-control", "content-type", "content-length", "x-content-type-options")


def comparable(answer: Any) -> tuple[Any, ...]:
    return (answer.status_code, answer.content, {name: answer.headers.get(name) for name in SAME})


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that collects the paths that the fast path serves; other requests take the full pipeline."""
    found: list[str] = []
    get = RecordedResponses.get

    def observe(self: RecordedResponses, scope: Any, version: int) -> Any:
        response = get(self, scope, version)
        if response is not None:
            found.append(scope["path"])
        return response

    monkeypatch.setattr(RecordedResponses, "get", observe)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_lane_answers_as_the_whole_way_does(visitor: Visitor, lane: list[str], path: str):
    whole = visitor.request("GET", path)

    again = visitor.request("GET", path)

    assert comparable(whole) == comparable(again)
    assert len(lane) == 1
    assert whole.headers["x-request-id"] != again.headers["x-request-id"]


@pytest.mark.parametrize("said", ["{etag}", "W/{etag}", '"x", {etag}', "*"])
def test_lane_sends_nothing_twice(visitor: Visitor, lane: list[str], said: str):
    plain = {"Accept-Encoding": "identity"}  # a compressed answer has a weak validator, since its bytes are others
    etag = visitor.request("GET", "/leaderboard", headers=plain).headers["etag"]

    again = visitor.request("GET", "/leaderboard", headers=plain | {"If-None-Match": said.format(etag=etag)})

    assert (again.status_code, again.content, again.headers["etag"], len(lane)) == (304, b"", etag, 1)


def test_lane_has_nothing_once_a_view_was_told(visitor: Visitor, lane: list[str]):
    visitor.request("GET", "/leaderboard")
    cut = {"moderation": 6, "submission": 9}
    visitor.views.apply({"view": "board", "cut": cut, "data": board({"u1-1": 8})})

    answer = visitor.request("GET", "/leaderboard").json()

    assert (answer["types"]["state"][0]["likes"], lane) == (8, [])


@pytest.mark.parametrize("name", ["Campaign-Time", "Authorization"])
def test_request_that_says_more_goes_the_whole_way(visitor: Visitor, name: str):
    visitor.request("GET", "/leaderboard")

    assert code(visitor.request("GET", "/leaderboard", headers={name: "nonsense"})) in (
        "clock-invalid",
        "session-invalid",
    )


def test_request_for_a_position_is_never_noted(visitor: Visitor, lane: list[str]):
    for _ in range(2):
        token = visitor.app_context.position_tokens.make("moderation", 5)
        visitor.request("GET", f"/leaderboard?at_least={token}")

    assert lane == []


def test_refusal_is_never_noted(visitor: Visitor, lane: list[str]):
    for _ in range(2):
        assert code(visitor.request("GET", "/leaderboard?type=kings")) == "type-unknown"

    assert lane == []


def test_under_pressure_the_lane_sheds_as_the_whole_way_does(visitor: Visitor):
    visitor.request("GET", "/leaderboard")
    visitor.app_context.shedding.record(Pressure(loop_lag_ms=LIMITS.loop_lag_ms), 0.0)

    assert code(visitor.request("GET", "/leaderboard")) == "shed"


def test_answer_that_time_may_change_is_never_noted(visitor: Visitor, lane: list[str]):
    for _ in range(2):
        visitor.request("GET", "/campaign")

    assert lane == []


def test_lane_holds_so_many_and_no_more():
    quick = RecordedResponses(most=1)
    scopes = [{"path": path, "query_string": b""} for path in ("/a", "/b")]

    for scope in scopes:
        quick.record(scope, 1, route="GET /x", body=b"", headers={"ETag": '"e"'})

    assert [quick.get(scope, 1) is not None for scope in scopes] == [True, False]
