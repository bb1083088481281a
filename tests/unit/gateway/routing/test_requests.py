"""Requests that the pipeline refuses on any route: broken, unknown, too large, too slow, or at a wrong time."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import generate_latest

from gateway.backends.ports import ServiceAway, ServiceBroken, ServiceLate
from gateway.http import limits
from gateway.routes import ROUTES
from gateway.routing.route import Route
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import (
    CLOCK,
    VIEWS,
    Visitor,
    campaign,
    code,
)

#: Routes of which the pipeline reads a JSON body and validates it.
READING_JSON = [each for each in ROUTES if each.body and each.reads_body and each.body_type == "application/json"]

WITHDRAWAL = "/my/entries/u1-1/withdrawal"


def nothing_was_asked(visitor: Visitor) -> bool:
    return [method for _, method, _ in visitor.town.calls if method not in ("staff", "use_session")] == []


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param(b"{", 400, "json-broken", id="half an object"),
        pytest.param(b"[1]", 400, "json-broken", id="a list"),
        pytest.param(b"null", 400, "json-broken", id="null"),
        pytest.param(b"\xff\xfe", 400, "json-broken", id="no UTF-8"),
        pytest.param(b'{"reason": "\\ud800"}', 400, "json-broken", id="half a surrogate pair"),
        pytest.param(b"[" * 100_000, 413, "body-too-large", id="a deep one that is too large"),
        pytest.param(b'{"a":' * 5_000, 400, "json-broken", id="a deep one"),
        pytest.param(b'{"reason": 1}', 422, "invalid", id="a number for a text"),
        pytest.param(b'{"reason": ["x"]}', 422, "invalid", id="a list for a text"),
        pytest.param(b'{"reason": "x\\u0000"}', 422, "invalid", id="a NUL in a text"),
        pytest.param(b'{"reason": "x", "by": "me"}', 422, "invalid", id="an unknown field"),
    ],
)
def test_broken_body_is_refused_and_nothing_is_asked(visitor: Visitor, body: bytes, status: int, expected: str):
    headers = {"Content-Type": "application/json"}

    answer = visitor.request("POST", WITHDRAWAL, role="unit", key="k1", content=body, headers=headers)

    assert (status, expected) == (answer.status_code, code(answer))
    assert nothing_was_asked(visitor)


@pytest.mark.parametrize(
    ("body", "pointer", "why"),
    [
        ({"now": True}, "#/now", "not-whole"),
        ({"now": 1.5}, "#/now", "not-whole"),
        ({"now": "1623038400000"}, "#/now", "not-whole"),
        ({"now": -1}, "#/now", "out-of-range"),
        ({"now": 10**16}, "#/now", "out-of-range"),
        ({"now": None}, "#/now", "null"),
        ({}, "#/now", "required"),
        ({"now": 1, "when": 2}, "#/when", "unknown"),
    ],
)
def test_wrong_date_is_told_by_field_and_reason(visitor: Visitor, body: dict, pointer: str, why: str):
    answer = visitor.request("POST", "/campaign/clock", role="organiser", key="k1", json=body)

    assert answer.status_code == 422
    assert [(pointer, why)] == [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("method", "path", "role", "how", "told"),
    [
        pytest.param("GET", "/entries/Z999", "", {}, {"parameter": "entry", "in": "path"}, id="in the path"),
        pytest.param(
            "GET", "/campaign", "", {"headers": {"Campaign-Time": "noon"}},
            {"parameter": "Campaign-Time", "in": "header"}, id="in a header",
        ),
        pytest.param(
            "POST", WITHDRAWAL, "unit", {}, {"parameter": "Idempotency-Key", "in": "header"}, id="in no header",
        ),
        pytest.param("GET", "/campaign?at_least=x", "", {}, {"parameter": "at_least", "in": "query"}, id="in query"),
        pytest.param("GET", "/entries?type=x", "", {}, {"parameter": "type", "in": "query"}, id="unknown to the views"),
        pytest.param(
            "POST", f"{WITHDRAWAL}?x=1", "unit", {}, {"parameter": "x", "in": "query"}, id="in the query of a command",
        ),
        pytest.param("POST", WITHDRAWAL, "unit", {"json": {"a.b/c~": 1}}, {"pointer": "#/a.b~1c~0"}, id="in the body"),
        pytest.param(
            "POST", "/judging/entries/u1-1/score", "judge", {"json": {"marks": {"f.1": "x"}}},
            {"pointer": "#/marks/f.1"}, id="in a table in the body",
        ),
        pytest.param(
            "POST", "/judging/entries/u1-1/score", "judge", {"json": {"marks": {"内容": 1}}},
            {"pointer": "#/marks/%E5%86%85%E5%AE%B9"}, id="a key of a table in the body",
        ),
    ],
)  # fmt: skip
def test_problem_names_the_part_of_the_request_that_it_is_about(
    visitor: Visitor, method: str, path: str, role: str, how: dict, told: dict
):
    errors = visitor.request(method, path, role=role, **how).json()["errors"]

    assert [told] == [{name: each[name] for name in each if name not in ("code", "zh", "en")} for each in errors]


@pytest.mark.parametrize("route", READING_JSON, ids=lambda route: route.name)
def test_key_that_a_body_has_twice_is_refused_with_its_place(visitor: Visitor, route: Route):
    role = "" if route.is_open else sorted(route.roles)[0]
    body = b'{"a": [{"b": 1, "b": 1}], "c": 2}'

    answer = visitor.request(
        route.method, url(route), role=role, key="k1", plain=True, content=body,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [("#/a/0/b", "repeated")]
    assert nothing_was_asked(visitor)


def test_field_that_a_form_has_twice_is_refused(visitor: Visitor):
    answer = visitor.request(
        "POST", "/complaints", plain=True, content="words=a&words=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert nothing_was_asked(visitor)


def test_number_beyond_64_bits_is_no_json_of_ours(visitor: Visitor):
    answer = visitor.request(
        "POST", "/campaign/clock", role="organiser", key="k1", content=b'{"now": 1%s}' % (b"0" * 400),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert 400 <= answer.status_code < 500
    assert nothing_was_asked(visitor)


def test_form_is_not_taken_for_json(visitor: Visitor):
    answer = visitor.request("POST", WITHDRAWAL, role="unit", key="k1", data={"reason": "x"})

    assert (answer.status_code, code(answer)) == (415, "media-type-unknown")


def test_command_without_fields_needs_no_body(visitor: Visitor):
    assert visitor.request("POST", "/cohort", role="organiser", key="k1").status_code == 200


def test_announced_body_is_refused_before_it_is_read(visitor: Visitor):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    answer = visitor.request(
        "POST", WITHDRAWAL, role="unit", key="k1", content=never(),
        headers={"Content-Type": "application/json", "Content-Length": "65537"},
    )  # fmt: skip

    assert (answer.status_code, answer.json()["facts"]) == (413, {"allowed": 65536})


def test_body_of_just_the_limit_is_read(visitor: Visitor):
    body = b'{"reason": "x"}'.ljust(65_536)

    answer = visitor.request(
        "POST", WITHDRAWAL, role="unit", key="k1", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 200
    assert visitor.town.calls_to("submission", "withdraw")[0]["body"]["reason"] == "x"


def test_body_without_a_length_is_read_no_further_than_its_limit(visitor: Visitor):
    sent = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 16_384

    answer = visitor.request(
        "POST", WITHDRAWAL, role="unit", key="k1", content=flood(), headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, code(answer)) == (413, "body-too-large")
    assert sent <= 6


def test_slow_body_is_given_up(visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "BODY_S", 0.02)

    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    answer = visitor.request(
        "POST", WITHDRAWAL, role="unit", key="k1", content=trickle(), headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, code(answer)) == (408, "body-too-slow")


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "9" * 30])
def test_length_that_is_none_is_refused(visitor: Visitor, length: str):
    answer = visitor.request(
        "POST", WITHDRAWAL, role="unit", key="k1", content=b"{}",
        headers={"Content-Type": "application/json", "Content-Length": length},
    )  # fmt: skip

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("key", "expected"),
    [("", "idempotency-key-missing"), ("x" * 129, "idempotency-key-invalid"), ("a b", "idempotency-key-invalid")],
)
def test_command_wants_a_key(visitor: Visitor, key: str, expected: str):
    answer = visitor.request("POST", WITHDRAWAL, role="unit", key=key, json={})

    assert (400, expected) == (answer.status_code, code(answer))
    assert nothing_was_asked(visitor)


@pytest.mark.parametrize(
    ("query", "name", "why"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=501", "limit", "out-of-range"),
        ("limit=ten", "limit", "not-whole"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("color=red", "color", "unknown"),
        ("type=../x", "type", "malformed"),
        ("type=a%0A", "type", "malformed"),
    ],
)
def test_query_is_checked_like_a_body(visitor: Visitor, query: str, name: str, why: str):
    answer = visitor.request("GET", f"/entries?{query}")

    assert (422, [(name, "query", why)]) == (
        answer.status_code,
        [(each["parameter"], each["in"], each["code"]) for each in answer.json()["errors"]],
    )


def test_query_of_a_route_that_takes_none_is_refused(visitor: Visitor):
    assert code(visitor.request("GET", "/campaign?x=1")) == "invalid"


@pytest.mark.parametrize("path", ["/nothing", "/entries/a/b/c", "/my/entries/", "/entries/%00", "/entries/a%20b"])
def test_unknown_address_is_a_problem_too(visitor: Visitor, path: str):
    answer = visitor.request("GET", path)

    assert (answer.status_code, code(answer)) == (404, "not-found")


def test_wrong_method_is_told_the_right_ones(visitor: Visitor):
    answer = visitor.request("PATCH", "/entries/u1-1/like")

    assert (answer.status_code, code(answer)) == (405, "method-not-allowed")
    assert {"POST", "DELETE"} == {each.strip() for each in answer.headers["allow"].split(",")}


def test_head_answers_as_get_does(visitor: Visitor):
    answer = visitor.request("HEAD", "/campaign")

    assert answer.status_code == 200
    assert visitor.request("GET", "/campaign").headers["etag"] == answer.headers["etag"]


# Campaign time.


def test_rehearsal_takes_the_time_that_is_said(visitor: Visitor):
    visitor.request("POST", WITHDRAWAL, role="unit", key="k1", json={}, headers={"Campaign-Time": str(CLOCK + 5)})
    visitor.request("POST", WITHDRAWAL, role="unit", key="k2", json={})

    assert [call["at"] for call in visitor.town.calls_to("submission", "withdraw")] == [CLOCK + 5, CLOCK]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(str(CLOCK - 1), "clock-before", id="before the clock"),
        pytest.param("noon", "clock-invalid", id="a word"),
        pytest.param("٣", "clock-invalid", id="another script's digit"),
        # A service would refuse it as an instant, and a vote writer would drop the whole batch because of it.
        pytest.param("32503680000001", "clock-invalid", id="after the year 3000"),
    ],
)
def test_rehearsal_refuses_a_time_before_its_clock_and_one_that_is_none(visitor: Visitor, said: str, expected: str):
    headers = {"Campaign-Time": said.encode()}

    answer = visitor.request("POST", WITHDRAWAL, role="unit", key="k1", json={}, headers=headers)

    assert (400, expected) == (answer.status_code, code(answer))
    assert nothing_was_asked(visitor)


def test_live_campaign_runs_on_the_wall_clock(visit):
    live = visit(views={**VIEWS, "campaign": campaign(rehearsal=False, clock=None)})

    live.request("POST", WITHDRAWAL, role="unit", key="k1", json={})
    refused = live.request("POST", WITHDRAWAL, role="unit", key="k2", json={}, headers={"Campaign-Time": str(CLOCK)})

    assert [call["at"] for call in live.town.calls_to("submission", "withdraw")] == [CLOCK + 1]
    assert (refused.status_code, code(refused)) == (400, "clock-is-real")


def test_clock_that_was_moved_here_counts_at_once(visitor: Visitor):
    visitor.town.answers["moderation", "move_clock"] = {"ok": {"now": CLOCK + 99}, "log": "moderation", "n": 6}

    visitor.request("POST", "/campaign/clock", role="organiser", key="k1", json={"now": CLOCK + 99})
    visitor.request("POST", WITHDRAWAL, role="unit", key="k2", json={})

    assert visitor.town.calls_to("submission", "withdraw")[0]["at"] == CLOCK + 99


# Services.


@pytest.mark.parametrize(
    ("said", "status", "expected"),
    [
        pytest.param(ServiceAway("nobody"), 503, "service-away", id="away"),
        pytest.param(ServiceLate("late"), 503, "service-timeout", id="late"),
        pytest.param({"refused": {"code": "overdue", "field": None, "detail": {}}}, 503, "overdue", id="overdue"),
        pytest.param({"refused": {"code": "not-yours", "field": "entry", "detail": {}}}, 403, "not-yours", id="no"),
        pytest.param({"invalid": {"/entry": ["Longer than maximum length 100."]}}, 422, "invalid", id="invalid"),
    ],
)
def test_answer_of_a_service_becomes_a_problem(visitor: Visitor, said: object, status: int, expected: str):
    visitor.town.answers["submission", "withdraw"] = said

    answer = visitor.request("POST", WITHDRAWAL, role="unit", key="k1", json={})

    assert (status, expected) == (answer.status_code, code(answer))
    assert (status == 503) == ("retry-after" in answer.headers)


def test_number_of_a_letter_in_an_address_stands_in_no_log_line(visitor: Visitor, capfd: pytest.CaptureFixture[str]):
    visitor.town.answers["moderation", "complaint"] = RuntimeError("unforeseen")

    answer = visitor.request("GET", "/complaints/ABCDEFGH23456722")

    logged = "".join(capfd.readouterr())
    assert code(answer) == "internal"
    assert ("/complaints/{complaint}" in logged, "ABCDEFGH23456722" in logged) == (True, False)


@pytest.mark.parametrize("failure", [ServiceBroken("KeyError: 'secret'"), RuntimeError("secret")])
def test_what_nobody_foresaw_is_told_by_a_number_and_nothing_else(
    visitor: Visitor, failure: Exception, capsys: pytest.CaptureFixture[str]
):
    visitor.town.answers["submission", "withdraw"] = failure

    answer = visitor.request("POST", WITHDRAWAL, role="unit", key="k1", json={})

    number = answer.json()["instance"].rpartition(":")[2]
    assert (answer.status_code, code(answer)) == (500, "internal")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert number in answer.json()["detail"]
    assert number == answer.headers["x-request-id"]
    said = capsys.readouterr()
    assert number in said.out + said.err


def test_command_is_decided_on_what_was_written_before_it(visitor: Visitor):
    visitor.request("POST", WITHDRAWAL, role="unit", key="k1", json={})
    visitor.request("POST", "/moderation/entries/u1-1/claim", role="moderator", key="k2", json={})

    call = visitor.town.calls_to("moderation", "claim")[0]
    assert call["seen"] == {"submission": 101}
    assert call["at_least"] == {"submission": 101, "moderation": 5}


def test_service_is_told_of_no_log_that_it_does_not_follow(visitor: Visitor):
    visitor.views.note_position("vote.0", 7)
    visitor.request("POST", "/cohort", role="organiser", key="k1", json={})

    assert {"moderation", "submission"} == set(visitor.town.calls_to("ranking", "fix_cohort")[0]["seen"])


def test_envelope_names_who_asks_and_until_when(visitor: Visitor):
    visitor.request("POST", "/cohort", role="organiser", key="k1", json={})

    call = visitor.town.calls_to("ranking", "fix_cohort")[0]
    assert (call["actor"], call["roles"]) == ("organiser-li", ["organiser"])
    assert call["deadline"] > call["at"]
    assert call["correlation"]


def test_answer_to_a_command_carries_its_position(visitor: Visitor):
    answer = visitor.request("POST", "/cohort", role="organiser", key="k1", json={})

    token = answer.json()["position"]
    assert answer.json() == {"repeated": False, "position": token}
    assert visitor.app_context.position_tokens.read(token, frozenset()) == {"ranking": 101}


@pytest.mark.parametrize("text", ["submission", "submission:", "submission:x", "kings:1", "submission:1;moderation:2"])
def test_position_that_is_none_is_refused(visitor: Visitor, text: str):
    assert code(visitor.request("GET", f"/campaign?at_least={text}", role="organiser")) == "position-invalid"


@pytest.mark.parametrize("n", [10, 999_999])
def test_position_that_nobody_knows_reaches_no_service(visitor: Visitor, monkeypatch: pytest.MonkeyPatch, n: int):
    defaults = "gateway.read_models.cache.Views.wait_until_known.__kwdefaults__"
    monkeypatch.setattr(defaults, {"within_s": 0.02}, raising=False)

    token = visitor.app_context.position_tokens.make("submission", n)
    answer = visitor.request("GET", f"/my/entries?at_least={token}", role="unit")

    assert (answer.status_code, code(answer)) == (503, "position-not-reached")
    assert nothing_was_asked(visitor)


def test_before_the_views_are_read_commands_wait_and_pages_say_so(visit):
    waiting = visit(loaded=False)

    assert code(waiting.request("POST", WITHDRAWAL, role="unit", key="k1", json={})) == "views-away"
    assert code(waiting.request("GET", "/leaderboard")) == "views-away"
    assert waiting.request("GET", "/", plain=True).status_code == 503
    assert waiting.request("GET", "/readyz", plain=True).json() == {"ready": False, "missing": ["views"]}
    assert waiting.request("GET", "/healthz", plain=True).status_code == 200


def test_before_the_campaign_is_open_staff_can_sign_in(visit):
    closed = visit(views={})
    closed.town.answers["moderation", "login"] = {
        "ok": {"staff": "wang", "name": "王", "roles": ["operator"], "session": "s1"}
    }

    assert closed.request("POST", "/sessions", json={"staff": "wang", "password": "long enough"}).status_code == 201
    assert code(closed.request("GET", "/campaign")) == "campaign-not-open"


def test_metrics_count_answers_by_route_and_never_by_entry(visitor: Visitor):
    visitor.request("GET", "/entries/u1-1")

    told = generate_latest().decode()

    assert 'baijia_http_answers_total{route="GET /api/v1/entries/{entry}",status="200"}' in told
    assert "u1-1" not in told


def test_metrics_count_likes_and_are_not_on_the_public_port(visitor: Visitor):
    assert visitor.request("GET", "/metrics", plain=True).status_code == 404


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ("", {}, "zh"),
        ("", {"Accept-Language": "en-GB,en;q=0.9"}, "en"),
        ("", {"Accept-Language": "en;q=0.5, zh-CN;q=0.8"}, "zh"),
        ("", {"Accept-Language": "de, *;q=0.1"}, "zh"),
        ("", {"Accept-Language": "en;q=high"}, "zh"),
        ("?lang=en", {}, "en"),
        ("?lang=zh", {"Accept-Language": "en"}, "zh"),
        ("", {"Cookie": "lang=en"}, "en"),
        ("?lang=fr", {"Accept-Language": "en"}, "en"),
    ],
)
def test_problem_speaks_the_language_that_is_wanted(visitor: Visitor, query: str, headers: dict, expected: str):
    answer = visitor.request("GET", f"/me{query}", headers=headers)

    assert answer.json()["title"] == answer.json()[f"title_{expected}"]
    assert {"zh": "zh-CN", "en": "en"}[expected] == answer.headers["content-language"]


def test_wrong_method_is_told_every_method_that_the_address_takes(visitor: Visitor):
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    wrong = {}
    for path in sorted({url(route) for route in ROUTES} | {"/healthz", "/api/v1/openapi.json", "/static/baijia.css"}):
        answers = {method: visitor.request(method, path, plain=True) for method in methods}
        taken = {method for method, answer in answers.items() if answer.status_code != 405}
        for answer in answers.values():
            if answer.status_code == 405 and set(answer.headers["allow"].split(", ")) != taken:
                wrong[path] = answer.headers["allow"], taken

    assert wrong == {}


def test_address_of_two_routes_lists_the_methods_of_both(visitor: Visitor):
    answer = visitor.request("DELETE", "/my/entries/check")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST, PUT")


def test_whole_number_may_be_spelled_with_a_fraction_of_nothing(visitor: Visitor):
    visitor.request(
        "POST", "/judging/entries/u1-1/score", role="judge", key="k1", content=b'{"marks": {"form": 80.0}}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    (call,) = visitor.town.calls_to("scoring", "give_score")
    assert repr(call["body"]["marks"]) == "{'form': 80}"
