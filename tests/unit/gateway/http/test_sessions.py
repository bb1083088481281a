"""Session tokens, cookies, and protection against requests from other sites."""

import pytest

from gateway.http.limits import FailedAttempts
from gateway.http.problems import Problem
from gateway.http.sessions import LIFE_MS, Session, Sessions, is_foreign
from tests.unit.gateway.town import VIEWS, Visitor, campaign, code

KEY = b"k" * 32
STAFF = {"staff": "wang", "password": "correct horse"}


SIGNED_IN = {"staff": "wang", "name": "王", "roles": ["organiser"], "session": "s1"}
REFUSED = {"refused": {"code": "login-refused", "field": None, "detail": {}}}


@pytest.fixture
def signed_in(visitor: Visitor) -> Visitor:
    """Return a visitor with the cookie of an organiser."""
    visitor.town.answers["moderation", "login"] = {"ok": SIGNED_IN}
    visitor.town.staff["wang"] = ["organiser"]
    visitor.request("POST", "/sessions", json=STAFF)
    return visitor


def test_token_gives_back_its_session():
    sessions = Sessions(KEY, "demo")

    token, session = sessions.issue("u1", frozenset({"unit"}), name="炼钢的工会", door="web")

    assert session == sessions.read(token)
    assert (session.kind, session.unit) == ("unit", "u1")


@pytest.mark.parametrize(
    "spoil",
    [
        # Not the last letter, because some of its bits are not part of the signature.
        pytest.param(lambda token: token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1], id="one letter signed"),
        pytest.param(lambda token: "A" + token[1:], id="one letter of the content"),
        pytest.param(lambda token: token.split(".")[0], id="no signature"),
        pytest.param(lambda _: "", id="nothing"),
        pytest.param(lambda token: token * 40, id="a very long one"),
    ],
)
def test_spoilt_token_is_no_session(spoil):
    sessions = Sessions(KEY, "demo")
    token, _ = sessions.issue("u1", frozenset({"unit"}))

    with pytest.raises(Problem, match="session-invalid"):
        sessions.read(spoil(token))


def test_token_of_another_campaign_is_no_session():
    token, _ = Sessions(KEY, "other").issue("u1", frozenset({"unit"}))

    with pytest.raises(Problem, match="session-invalid"):
        Sessions(KEY, "demo").read(token)


def test_token_ends_also_when_it_was_read_before(monkeypatch: pytest.MonkeyPatch):
    sessions = Sessions(KEY, "demo")
    token, session = sessions.issue("u1", frozenset({"unit"}))
    sessions.read(token)
    monkeypatch.setattr("gateway.http.sessions.wall_ms", lambda: session.expires)

    with pytest.raises(Problem, match="session-expired"):
        sessions.read(token)


def test_staff_sign_in_and_are_known(signed_in: Visitor):
    answer = signed_in.request("GET", "/me")

    assert answer.status_code == 200
    assert {"sub": "wang", "roles": ["organiser"], "unit": None}.items() <= answer.json().items()
    assert answer.headers["cache-control"] == "private, no-store"


def test_units_sign_in_by_their_access_code(visitor: Visitor):
    visitor.town.answers["submission", "unit_login"] = {
        "ok": {"unit": "u1", "name": "炼钢的工会", "eligible": True, "session": "s2"}
    }

    answer = visitor.request("POST", "/sessions", json={"unit": "u1", "access_code": "k3mwp82q"})

    assert answer.status_code == 201
    assert tuple(answer.json()[name] for name in ("sub", "roles", "unit")) == ("u1", ["unit"], "u1")
    assert {"unit": "u1", "access": "k3mwp82q", "agent": "python", "life_ms": LIFE_MS["unit"]} == (
        visitor.town.calls_to("submission", "unit_login")[0]["body"]
    )
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert visitor.request("GET", "/me", headers=headers).json()["sub"] == "u1"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"#/staff", "#/password"}),
        ({"staff": "wang"}, {"#/password"}),
        ({"unit": "u1"}, {"#/access_code"}),
        ({**STAFF, "unit": "u1"}, {"#/access_code"}),
        ({**STAFF, "access_code": "1"}, {"#/access_code"}),
        ({"staff": 1, "password": None}, {"#/staff", "#/password"}),
        ({"staff": "", "password": "x"}, {"#/staff"}),
    ],
)
def test_half_a_pair_is_refused_before_anybody_is_asked(visitor: Visitor, body: dict, pointers: set[str]):
    answer = visitor.request("POST", "/sessions", json=body)

    assert code(answer) == "invalid"
    assert pointers == {each["pointer"] for each in answer.json()["errors"]}
    assert visitor.town.calls == []


def test_cookie_is_out_of_reach_for_scripts_and_other_sites(signed_in: Visitor):
    answer = signed_in.request("POST", "/sessions", json=STAFF)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_sign_out_takes_the_cookie_away(signed_in: Visitor):
    answer = signed_in.request("DELETE", "/sessions", headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 204
    assert signed_in.request("GET", "/me").status_code == 401


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="our page"),
        pytest.param({"Origin": "http://baijia.test"}, 200, id="our page in an old browser"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a neighbour's page"),
        pytest.param({"Origin": "http://evil.test"}, 403, id="another site, old browser"),
        pytest.param({"Origin": "https://baijia.test"}, 403, id="another scheme"),
        pytest.param({"Origin": "null"}, 403, id="nowhere"),
        pytest.param({}, 403, id="nothing said"),
    ],
)
def test_cookie_changes_something_from_our_own_pages_only(signed_in: Visitor, headers: dict, expected: int):
    answer = signed_in.request("POST", "/cohort", headers=headers, key="k1", json={})

    assert expected == answer.status_code
    if expected == 403:
        assert code(answer) == "cross-site"


def test_over_https_only_the_cookie_that_is_bound_to_the_host_counts():
    """A page on a sibling domain or a plain connection can set the other cookie."""
    sessions = Sessions(KEY, "demo")
    token, session = sessions.issue("u1", frozenset({"unit"}))

    def read(cookie: str, scheme: str) -> Session | None:
        headers = {b"cookie": f"{cookie}={token}".encode()}
        return sessions.from_headers(headers, scheme=scheme, changes=False, demanded=False)

    assert (read("baijia", "http"), read("__Host-baijia", "https")) == (session, session)
    assert (read("baijia", "https"), read("__Host-baijia", "http")) == (None, None)


def test_token_longer_than_any_of_ours_is_refused_though_it_is_signed():
    sessions = Sessions(KEY, "demo")
    token, _ = sessions.issue("u1", frozenset({"unit"}), name="".join(map(chr, range(0x4E00, 0x5600))))

    with pytest.raises(Problem, match="session-invalid"):
        sessions.read(token)


def test_cookie_reads_from_anywhere(signed_in: Visitor):
    assert signed_in.request("GET", "/staff", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_bearer_needs_no_origin(visitor: Visitor):
    assert visitor.request("POST", "/cohort", role="organiser", key="k1", json={}).status_code == 200


def test_broken_bearer_is_said_even_where_anyone_may_read(visitor: Visitor):
    assert visitor.request("GET", "/campaign", headers={"Authorization": "Bearer x.y"}).status_code == 401
    assert visitor.request("GET", "/campaign", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_stale_cookie_does_not_close_the_public_pages(visitor: Visitor):
    assert visitor.request("GET", "/campaign", headers={"Cookie": "baijia=stale"}).status_code == 200
    assert visitor.request("GET", "/me", headers={"Cookie": "baijia=stale"}).status_code == 401


def test_guesses_run_out_and_the_answer_says_when_to_come_again(visitor: Visitor):
    visitor.town.answers["moderation", "login"] = REFUSED

    codes = [code(visitor.request("POST", "/sessions", json=STAFF)) for _ in range(9)]

    assert codes == ["login-refused"] * 8 + ["login-attempts"]
    assert len(visitor.town.calls_to("moderation", "login")) == 8
    assert int(visitor.request("POST", "/sessions", json=STAFF).headers["retry-after"]) > 1


def test_guesses_at_a_unit_run_out_however_its_code_is_written(visitor: Visitor):
    visitor.town.answers["submission", "unit_login"] = REFUSED
    written = ["u1", "U1", "ｕ１", "Ｕ１", "u1 ", " U1", "u1\u200b", "U１", "ｕ1"]

    codes = [code(visitor.request("POST", "/sessions", json={"unit": each, "access_code": "x"})) for each in written]

    assert codes == ["login-refused"] * 8 + ["login-attempts"]


def test_guesses_before_the_right_one_are_forgotten(visitor: Visitor):
    def guess(*, right: bool) -> str:
        said = {"ok": SIGNED_IN}
        visitor.town.answers["moderation", "login"] = said if right else REFUSED
        answer = visitor.request("POST", "/sessions", json=STAFF)
        return "in" if answer.status_code == 201 else code(answer)

    guesses = [guess(right=k == 7) for k in range(16)]

    assert guesses == ["login-refused"] * 7 + ["in"] + ["login-refused"] * 8


def test_guesses_at_one_name_leave_others_alone(visitor: Visitor):
    visitor.town.answers["moderation", "login"] = REFUSED
    for _ in range(9):
        visitor.request("POST", "/sessions", json=STAFF)

    assert code(visitor.request("POST", "/sessions", json={**STAFF, "staff": "zhao"})) == "login-refused"


def test_guesses_are_forgotten_in_time():
    now = [0.0]
    attempts = FailedAttempts(2, window_s=60, now=lambda: now[0])
    attempts.record_failure("a")
    attempts.record_failure("a")
    with pytest.raises(Problem, match="login-attempts"):
        attempts.refuse_if_spent("a")

    now[0] = 61.0

    attempts.refuse_if_spent("a")


def test_attempts_keep_a_bounded_number_of_names():
    attempts = FailedAttempts(1, kept=3)
    for name in "abcd":
        attempts.record_failure(name)

    attempts.refuse_if_spent("a")
    with pytest.raises(Problem):
        attempts.refuse_if_spent("d")


OURS = "http://baijia.test"
SITES = {None: False, "same-origin": False, "none": False, "same-site": True, "cross-site": True, "": True, "x": True}
ORIGINS = {
    None: False, OURS: False, "HTTP://BAIJIA.test": False, "null": None, "https://baijia.test": True,
    "http://baijia.test:8080": True, "http://evil.test": True, "http://baijia.test.evil.test": True, "": True,
    "http://[": True, "baijia.test": True, "http://baijia.test/": True, "\xff": True,
}  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS, ids=repr)
@pytest.mark.parametrize("site", SITES, ids=repr)
def test_request_is_foreign_where_either_witness_says_so(site: str | None, origin: str | None):
    headers = {b"host": b"baijia.test"}
    if site is not None:
        headers[b"sec-fetch-site"] = site.encode()
    if origin is not None:
        headers[b"origin"] = origin.encode("latin-1")

    # An Origin of null proves nothing: it counts as foreign only without Sec-Fetch-Site.
    by_origin = site is None if ORIGINS[origin] is None else ORIGINS[origin]

    assert (SITES[site] or by_origin) == is_foreign(headers, "http")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        ("same-origin", OURS, 200), ("same-origin", "null", 200), ("same-origin", None, 200), ("none", None, 200),
        (None, OURS, 200), (None, None, 403), (None, "null", 403), ("same-site", OURS, 403), ("cross-site", None, 403),
        ("cross-site", OURS, 403), ("same-origin", "http://evil.test", 403), (None, "http://evil.test", 403),
    ],
)  # fmt: skip
def test_like_by_cookie_comes_from_our_own_pages_only(
    visitor: Visitor, method: str, site: str | None, origin: str | None, status: int
):
    token = visitor.token("voter")
    said = {"Sec-Fetch-Site": site, "Origin": origin}
    headers = {"Cookie": f"baijia={token}", **{name: each for name, each in said.items() if each is not None}}

    answer = visitor.request(method, "/entries/A001/like", headers=headers)

    assert status == answer.status_code
    assert len(visitor.town.orders) == (status == 200)


def test_rehearsal_door_makes_voters_who_are_the_same_persons_each_time(visitor: Visitor):
    first = visitor.request("POST", "/rehearsal/voters", json={"openids": ["o1", "o2"]}).json()["voters"]
    again = visitor.request("POST", "/rehearsal/voters", json={"openids": ["o1"]}).json()["voters"]

    assert [each["openid"] for each in first] == ["o1", "o2"]
    assert first[0]["voter"] == again[0]["voter"] != first[1]["voter"]
    headers = {"Authorization": f"Bearer {first[0]['token']}"}
    assert visitor.request("GET", "/me", headers=headers).json()["roles"] == ["voter"]


def test_rehearsal_door_takes_a_thousand_and_no_more(visitor: Visitor):
    openids = [f"openid-{i:06d}" for i in range(1001)]

    assert len(visitor.request("POST", "/rehearsal/voters", json={"openids": openids[:1000]}).json()["voters"]) == 1000
    assert code(visitor.request("POST", "/rehearsal/voters", json={"openids": openids})) == "invalid"


@pytest.mark.parametrize("body", [{"openids": ["o1"]}, {"openids": []}, {}], ids=["good", "empty", "none"])
def test_rehearsal_door_does_not_exist_in_a_live_campaign_whatever_is_sent(visit, body: dict[str, object]):
    live = visit(views={**VIEWS, "campaign": campaign(rehearsal=False, clock=None)})

    assert code(live.request("POST", "/rehearsal/voters", json=body)) == "not-found"
