"""Sessions, passwords, files and like tickets: what belongs to one account is refused to another of the same role."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from gateway.routing.route import API, STAFF
from shared.media.copies import PublicCopies
from tests.unit.gateway.ownership import EVERYBODY, NAMED, ForwardingTown, OwnershipCounts, bearer, enter_staff, send
from tests.unit.gateway.town import Visitor, code
from tests.unit.submission import hosted
from tests.unit.submission.conftest import town, upload  # noqa: F401 -- fixtures
from tests.unit.submission.hosted import PASSWORD
from tests.unit.submission.test_service import Put, form

pytestmark = pytest.mark.slow  # works on passwords, which is expensive on purpose

# ruff: noqa: F811 -- fixtures of other tests

HOUR_MS = 3_600_000
LIST, END_OTHERS = f"GET {API}/my/sessions", f"DELETE {API}/my/sessions"
END_ONE = f"DELETE {API}/my/sessions/{{session}}"
MEDIA = "GET /media/{sha256}"
RENDITION = "GET /media/{sha256}/{rendition}"
PREPARATION = f"GET {API}/files/{{sha256}}/preparation"
HAND_IN, CHECK, OWN_LIST = f"POST {API}/my/entries", f"POST {API}/my/entries/check", f"GET {API}/my/entries"
OWN_DRAFTS = f"GET {API}/my/drafts"
SET, CHANGE = f"POST {API}/passwords", f"POST {API}/my/password"
MY_SECURITY, NEW = f"GET {API}/my/security", f"POST {API}/my/authenticator/new"
ADD, REMOVE_AUTHENTICATOR = f"POST {API}/my/authenticator", f"DELETE {API}/my/authenticator"
SET_PAGE, FORM = "POST /password", "GET /password/{staff}/{link}"
NEW_PASSWORD = "quiet lantern"
ACCESS = {"U1": "k3mwp82q", "U2": "v7tnx45r"}
CADRES, INVITE, REMOVE = f"GET {API}/my/cadres", f"POST {API}/my/invitations", f"DELETE {API}/my/cadres/{{cadre}}"
JOIN, JOIN_FORM = f"POST {API}/unit-accounts", "GET /unit/join/{unit}/{invitation}"
OWN_LIKES, ISSUE = f"GET {API}/me/likes", f"GET {API}/like-tickets"
LIKE, UNLIKE = f"POST {API}/entries/{{entry}}/like", f"DELETE {API}/entries/{{entry}}/like"
BEGIN, PARTIAL = f"POST {API}/uploads", f"{API}/uploads/{{upload}}"
UPLOADS = [f"{method} {PARTIAL}" for method in ("GET", "PATCH", "POST", "DELETE")] + [f"GET {PARTIAL}/file"]
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
SEES_ALL_FILES = frozenset({"moderator", "organiser", "auditor"})
ROUTES_OF_ACCOUNTS = {
    LIST, END_OTHERS, END_ONE, MEDIA, RENDITION, PREPARATION, HAND_IN, CHECK, OWN_LIST, OWN_DRAFTS, SET, CHANGE,
    SET_PAGE, FORM, MY_SECURITY, NEW, ADD, REMOVE_AUTHENTICATOR,
    OWN_LIKES, ISSUE, LIKE, UNLIKE, CADRES, INVITE, REMOVE, JOIN, JOIN_FORM, BEGIN, *UPLOADS,
}  # fmt: skip


@pytest.fixture
def visitor(tmp_path: Path, town: hosted.Town) -> Iterator[Visitor]:
    """A client of a gateway whose submission and moderation are real, with their accounts and sessions."""
    reply = lambda service, method, call: town.forward(service, method, {**call, "at": 0})  # noqa: E731 -- a port
    visitor = Visitor(tmp_path / "gateway", town=ForwardingTown({"submission", "moderation"}, reply, accounts=True))
    yield visitor
    visitor.close()


def signed_in(town: hosted.Town, person: str) -> str:
    """Sign a unit or an organiser in, and return the name of the session."""
    if person in ACCESS:
        return str(town.ok("unit_login", unit=person, access=ACCESS[person], agent="", life_ms=HOUR_MS)["session"])
    return str(town.ok("login", staff=person, password=PASSWORD, agent="", life_ms=HOUR_MS)["session"])


@pytest.mark.parametrize("role", sorted(STAFF | {"unit"}))
def test_session_is_seen_and_ended_by_its_person_alone(
    visitor: Visitor,
    town: hosted.Town,
    role: str,
    ownership: OwnershipCounts,
):
    person, stranger = ("U1", "U2") if role == "unit" else ("olga", "otto")
    first, second = signed_in(town, person), signed_in(town, person)
    own = bearer(visitor, role, sub=person, session=first)
    other = bearer(visitor, role, sub=stranger, session=signed_in(town, stranger))

    def standing() -> set[str]:
        listed = send(visitor, LIST, own, {})
        assert listed.status_code == 200, listed.text
        ownership.add(LIST, role, "own")
        return {each["session"] for each in listed.json()["sessions"]}

    for name in (LIST, END_ONE, END_OTHERS):
        answer = send(visitor, name, other, {"session": second})
        assert (answer.status_code < 300, second in answer.text) == (True, False), answer.text
        assert standing() == {first, second}, name
        ownership.add(name, role, "other")

    assert send(visitor, END_ONE, own, {"session": second}).status_code == 204
    assert standing() == {first}
    third = signed_in(town, person)
    assert standing() == {first, third}
    assert send(visitor, END_OTHERS, own, {}).status_code == 204
    assert standing() == {first}
    for name in (END_ONE, END_OTHERS):
        ownership.add(name, role, "own")


@pytest.mark.parametrize("name", [LIST, END_ONE, END_OTHERS])
def test_voter_and_nobody_have_no_list_of_sessions(visitor: Visitor, name: str, ownership: OwnershipCounts):
    for role, status in (("", 401), ("voter", 403)):
        assert send(visitor, name, bearer(visitor, role), {"session": "s"}).status_code == status
        ownership.add(name, role, "another role")


@pytest.fixture
def plain_visitor(tmp_path: Path, town: hosted.Town) -> Iterator[Visitor]:
    """A client of a gateway whose submission is real, and whose sessions stand."""
    reply = lambda service, method, call: town.forward(service, method, {**call, "at": 0})  # noqa: E731 -- a port
    visitor = Visitor(tmp_path / "gateway", town=ForwardingTown({"submission"}, reply))
    enter_staff(visitor)
    yield visitor
    visitor.close()


@pytest.mark.parametrize("is_handed_in", [False, True])
def test_file_that_is_not_shown_is_its_unit_s_and_staff_s_with_its_original(
    plain_visitor: Visitor,
    town: hosted.Town,
    upload: Put,
    tmp_path: Path,
    ownership: OwnershipCounts,
    is_handed_in: bool,
):
    if is_handed_in:
        draft = form(upload)
        town.ok("hand_in", "U1", "unit", **draft)
        sha256 = draft["files"][0]["sha256"]
    else:
        sha256 = upload("U1", 1)
    stored = town.data / "media" / "town" / sha256[:2] / sha256
    served = tmp_path / "gateway" / "media" / "demo" / sha256[:2] / sha256
    served.parent.mkdir(parents=True, exist_ok=True)
    served.write_bytes(stored.read_bytes())

    for query in ("", "?original=1"):
        for role, sub in (*((role, "") for role in EVERYBODY if role != "unit"), ("unit", "U1"), ("unit", "U2")):
            answer = send(plain_visitor, MEDIA, bearer(plain_visitor, role, sub=sub), {"sha256": sha256}, query=query)
            may_see = sub == "U1" or (is_handed_in and role in SEES_ALL_FILES)
            assert answer.status_code == (200 if may_see else 404), (role, sub, query, answer.text[:200])
            assert (answer.content == stored.read_bytes()) == (may_see and bool(query)), (role, sub, query)
            if not may_see:
                assert code(answer) == "upload-unknown"
            ownership.add(MEDIA, role, "own" if may_see else "other")


def test_rendition_of_a_file_that_is_not_shown_is_its_unit_s_and_staff_s(
    plain_visitor: Visitor, town: hosted.Town, upload: Put, tmp_path: Path, ownership: OwnershipCounts
):
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    sha256 = draft["files"][0]["sha256"]
    (tmp_path / "draft").write_bytes(b"a rendition")
    PublicCopies(tmp_path / "gateway" / "media" / "demo").put_rendition(sha256, "480.jpg", tmp_path / "draft")

    for role, sub in (*((role, "") for role in EVERYBODY if role != "unit"), ("unit", "U1"), ("unit", "U2")):
        place = {"sha256": sha256, "rendition": "480.jpg"}
        answer = send(plain_visitor, RENDITION, bearer(plain_visitor, role, sub=sub), place)
        may_see = sub == "U1" or role in SEES_ALL_FILES
        assert answer.status_code == (200 if may_see else 404), (role, sub, answer.text[:200])
        ownership.add(RENDITION, role, "own" if may_see else "other")


def test_preparation_of_a_file_is_told_to_its_unit_and_once_it_is_handed_in_to_staff(
    plain_visitor: Visitor, town: hosted.Town, upload: Put, ownership: OwnershipCounts
):
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    sha256 = draft["files"][0]["sha256"]
    roles = NAMED[PREPARATION].roles
    for role, sub in (*((role, "") for role in EVERYBODY if role != "unit"), ("unit", "U1"), ("unit", "U2")):
        answer = send(plain_visitor, PREPARATION, bearer(plain_visitor, role, sub=sub), {"sha256": sha256})
        is_own = sub == "U1" or (role in roles and not sub)
        case = "another role" if role not in roles else "own" if is_own else "other"
        ownership.add(PREPARATION, role, case)
        expected = 200 if is_own else 404 if role in roles else 403 if role else 401
        assert answer.status_code == expected, (role, sub, answer.text)


def test_unit_hands_in_checks_and_lists_nothing_of_another(
    plain_visitor: Visitor,
    town: hosted.Town,
    upload: Put,
    ownership: OwnershipCounts,
):
    draft = form(upload)
    for name in (HAND_IN, CHECK, OWN_LIST, OWN_DRAFTS):
        for role in EVERYBODY:
            if role != "unit":
                refused = send(plain_visitor, name, bearer(plain_visitor, role), {}, key=f"k-{role}")
                assert refused.status_code == (403 if role else 401), (name, role)
                ownership.add(name, role, "another role")
    town.ok("hand_in", "U1", "unit", **draft)
    town.ok("change_draft", "U1", "unit", entry="U1-1", revision=0, fields={"title": "改"})

    for sub, case in (("U2", "other"), ("U1", "own")):
        unit = bearer(plain_visitor, "unit", sub=sub)
        checked = send(plain_visitor, CHECK, unit, {}, json={n: draft[n] for n in draft if n != "consent"})
        codes = {each["code"] for each in checked.json()["problems"]}
        assert ("upload-unknown" in codes) == (sub == "U2"), checked.text
        listed = send(plain_visitor, OWN_LIST, unit, {}).json()["entries"]
        assert [each["entry"] for each in listed] == (["U1-1"] if sub == "U1" else [])
        drafts = send(plain_visitor, OWN_DRAFTS, unit, {}).json()["drafts"]
        assert [each["entry"] for each in drafts] == (["U1-1"] if sub == "U1" else [])
        handed_in = send(plain_visitor, HAND_IN, unit, {}, key=f"k-{sub}", json=draft)
        assert (handed_in.status_code < 300) == (sub == "U1"), handed_in.text
        for name in (HAND_IN, CHECK, OWN_LIST, OWN_DRAFTS):
            ownership.add(name, "unit", case)


@pytest.mark.parametrize("name", UPLOADS)
def test_upload_is_found_by_its_unit_alone(plain_visitor: Visitor, name: str, ownership: OwnershipCounts):
    plain_visitor.town.answers["moderation", "campaign"] = {"ok": {"entry": {"picture_max_bytes": 1_000}}}
    headers = TUS | {"Upload-Length": "100", "Upload-Metadata": "filename eC5qcGc=", "X-HTTP-Method-Override": "PATCH"}

    def answer(name: str, role: str, sub: str, upload: str = "") -> httpx.Response:
        credentials = bearer(plain_visitor, role, sub=sub)
        return send(plain_visitor, name, headers | credentials, {"upload": upload}, content=b"x" * 7 * bool(upload))

    for role in EVERYBODY:
        if role != "unit":
            assert [answer(each, role, "", "0" * 32).status_code for each in (BEGIN, name)] == [
                403 if role else 401
            ] * 2
            ownership.add(BEGIN, role, "another role")
            ownership.add(name, role, "another role")
    begun = answer(BEGIN, "unit", "U1")
    upload = begun.json()["upload"]

    foreign, own = answer(name, "unit", "U2", upload), answer(name, "unit", "U1", upload)

    assert (begun.status_code, foreign.status_code, code(foreign)) == (201, 404, "upload-unknown")
    assert own.status_code == (409 if name.endswith("/file") else 200 if name.startswith("GET") else 204), own.text
    for case in ("own", "other"):
        ownership.add(BEGIN, "unit", case)
        ownership.add(name, "unit", case)


def test_password_link_sets_its_owner_s_password_alone(
    visitor: Visitor,
    town: hosted.Town,
    tmp_path: Path,
    ownership: OwnershipCounts,
):
    link = town.ok("appoint_staff", "olga", "organiser", staff="mo", name="莫", roles=["moderator"])["link"]

    for n, role in enumerate(EVERYBODY):
        client = Visitor(tmp_path / f"client{n}", town=visitor.town)  # attempts are counted by gateway
        session = signed_in(town, "otto") if role in STAFF else signed_in(town, "U1") if role == "unit" else ""
        sub = "otto" if role in STAFF else "U1" if role == "unit" else ""
        headers = bearer(client, role, sub=sub, session=session)
        body = {"staff": "otto", "link": link, "password": NEW_PASSWORD}
        refused = send(client, SET, headers, {}, key="k", json=body)
        assert code(refused) == "link-spent", (role, refused.text)
        page = send(client, SET_PAGE, headers, {}, data={**body, "again": NEW_PASSWORD})
        assert page.status_code == refused.status_code, (role, page.text)
        shown = send(client, FORM, headers, {"staff": "otto", "link": link})
        assert (shown.status_code, "莫" in shown.text, "奥托" in shown.text) == (200, False, False)
        for name in (SET, SET_PAGE, FORM):
            ownership.add(name, role, "other")
        client.close()

    assert signed_in(town, "otto")  # the password is as it was
    done = send(visitor, SET, {}, {}, key="k", json={"staff": "mo", "link": link, "password": NEW_PASSWORD})
    assert done.status_code == 200, done.text
    ownership.add(SET, "", "own")


@pytest.mark.parametrize("role", sorted(STAFF))
def test_own_password_alone_is_changed_and_with_the_own_one(
    visitor: Visitor,
    town: hosted.Town,
    role: str,
    ownership: OwnershipCounts,
):
    town.appoint("mo", "莫", "moderator", password="battery staple")
    otto = bearer(visitor, role, sub="otto", session=signed_in(town, "otto"))

    foreign = send(
        visitor, CHANGE, otto, {}, key="k1", json={"password": "battery staple", "new_password": NEW_PASSWORD}
    )
    own = send(visitor, CHANGE, otto, {}, key="k2", json={"password": PASSWORD, "new_password": NEW_PASSWORD})

    assert (code(foreign), own.status_code) == ("login-refused", 200), own.text
    assert town.ok("login", staff="mo", password="battery staple")["staff"] == "mo"
    assert town.ok("login", staff="otto", password=NEW_PASSWORD)["staff"] == "otto"
    ownership.add(CHANGE, role, "other")
    ownership.add(CHANGE, role, "own")


@pytest.mark.parametrize("role", sorted(STAFF))
def test_authenticator_is_set_up_seen_and_removed_by_its_person_alone(
    visitor: Visitor, town: hosted.Town, role: str, ownership: OwnershipCounts
):
    olga, otto = (bearer(visitor, role, sub=each, session=signed_in(town, each)) for each in ("olga", "otto"))

    def has_one(headers: dict[str, str]) -> bool:
        return bool(send(visitor, MY_SECURITY, headers, {}).json()["has_authenticator"])

    begun = send(visitor, NEW, olga, {}, json={}).json()
    body = {
        "authenticator": begun["authenticator"],
        "code": pyotp.TOTP(begun["secret"]).now(),
        "made_from": begun["made_from"],
    }
    foreign = send(visitor, ADD, otto, {}, key="k1", json=body)
    own = send(visitor, ADD, olga, {}, key="k2", json=body)

    assert (code(foreign), own.status_code) == ("code-refused", 200), own.text
    assert (has_one(olga), has_one(otto)) == (True, False)
    assert send(visitor, REMOVE_AUTHENTICATOR, otto, {}, key="k3").status_code == 200  # there is none
    assert has_one(olga)
    assert send(visitor, REMOVE_AUTHENTICATOR, olga, {}, key="k4").status_code == 200
    assert not has_one(olga)
    for name in (MY_SECURITY, NEW, ADD, REMOVE_AUTHENTICATOR):
        ownership.add(name, role, "own")
        ownership.add(name, role, "other")


@pytest.mark.parametrize("name", [LIKE, UNLIKE, OWN_LIKES, ISSUE])
def test_voter_s_order_goes_out_in_no_other_name(plain_visitor: Visitor, name: str, ownership: OwnershipCounts):
    for role in EVERYBODY:
        if role != "voter":
            refused = send(plain_visitor, name, bearer(plain_visitor, role), {"entry": "A001"})
            assert refused.status_code == (403 if role else 401), (name, role)
            ownership.add(name, role, "another role")
    ann, ben = (bearer(plain_visitor, "voter", sub=each * 24) for each in "ab")
    for headers, case in ((ann, "own"), (ben, "other")):
        # Both send a ticket that was issued to the first.
        more = {"Like-Ticket": plain_visitor.ticket(ann)} if name == LIKE else {}
        answer = send(plain_visitor, name, headers | more, {"entry": "A001"})
        assert (answer.status_code < 300) == (case == "own" or name != LIKE), answer.text
        if name == LIKE and case == "other":
            assert code(answer) == "ticket-foreign"
        ownership.add(name, "voter", case)
    sent = [order["voter"] for order in plain_visitor.town.orders]
    assert sent == {LIKE: ["a" * 24], ISSUE: []}.get(name, ["a" * 24, "b" * 24])


def test_cadres_of_a_unit_are_seen_invited_and_removed_by_that_unit_alone(
    visitor: Visitor, town: hosted.Town, ownership: OwnershipCounts
):
    own = bearer(visitor, "unit", sub="U1", session=signed_in(town, "U1"))
    other = bearer(visitor, "unit", sub="U2", session=signed_in(town, "U2"))
    invitation = send(visitor, INVITE, own, {}, json={}, key="k1").json()
    ownership.add(INVITE, "unit", "own")
    account = {"invitation": invitation["invitation"], "name": "王芳", "password": NEW_PASSWORD}

    assert code(send(visitor, JOIN, {}, {}, json={"unit": "U2", **account}, key="k2")) == "invitation-spent"
    assert send(visitor, JOIN, {}, {}, json={"unit": "U1", **account}, key="k3").status_code == 201
    for case in ("own", "other"):
        ownership.add(JOIN, "", case)
    assert send(visitor, JOIN_FORM, {}, {"unit": "U1", "invitation": "A" * 16}).status_code == 200
    ownership.add(JOIN_FORM, "", "other")

    assert [each["cadre"] for each in send(visitor, CADRES, own, {}).json()["cadres"]] == ["U1.1"]
    assert send(visitor, CADRES, other, {}).json() == {"unit": "U2", "cadres": []}
    assert code(send(visitor, REMOVE, other, {"cadre": "U1.1"}, key="k4")) == "cadre-unknown"
    assert [each["cadre"] for each in send(visitor, CADRES, own, {}).json()["cadres"]] == ["U1.1"]
    assert send(visitor, REMOVE, own, {"cadre": "U1.1"}, key="k5").status_code == 200
    assert send(visitor, CADRES, own, {}).json() == {"unit": "U1", "cadres": []}
    for name in (CADRES, REMOVE):
        for case in ("own", "other"):
            ownership.add(name, "unit", case)


@pytest.mark.parametrize("name", [CADRES, INVITE, REMOVE])
@pytest.mark.parametrize("role", sorted(set(EVERYBODY) - {"unit"}))
def test_nobody_but_a_unit_has_cadres_of_its_own(visitor: Visitor, name: str, role: str, ownership: OwnershipCounts):
    enter_staff(visitor)
    answer = send(visitor, name, bearer(visitor, role), {"cadre": "U1.1"})

    assert answer.status_code in ((401,) if not role else (401, 403))
    ownership.add(name, role, "another role")
