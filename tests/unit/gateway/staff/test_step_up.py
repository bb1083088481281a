"""Commands that sign, disqualify, void or release ask again for the password: by API, and on pages."""

import importlib
import pkgutil
from html import unescape
from typing import Any

import pytest

import gateway.staff
from gateway.admission.sign_in_limits import BY_DEVICE, BY_NAME_AND_NETWORK
from gateway.routes import ROUTES
from gateway.routing.route import ANYONE, STAFF, Route
from gateway.staff import moderation_desk, organiser_forms
from gateway.staff.sign_in import me
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import Visitor, code

#: Every command that needs a fresh proof. A new one is added here on purpose.
PROVED = {
    "POST /api/v1/result/signatures",
    "POST /api/v1/result/release",
    "POST /api/v1/result/publication",
    "POST /api/v1/result/final",
    "POST /api/v1/moderation/entries/{entry}/disqualification",
    "POST /api/v1/moderation/entries/{entry}/disqualification/confirmation",
    "POST /api/v1/certificates/{certificate}/revocation",
    "POST /api/v1/forgettings",
    "POST /api/v1/staff",
    "POST /api/v1/staff/changes/{change}/confirmation",
    "POST /desk/moderation/entries/{entry}",
    "POST /api/v1/my/authenticator/new",
    "POST /api/v1/my/authenticator",
    "DELETE /api/v1/my/authenticator",
    "POST /desk/security/authenticator/new",
    "POST /desk/security/authenticator",
    "POST /desk/security/authenticator/removal",
    "POST /api/v1/changes/{changes}/application",
    "POST /organiser/changes/{changes}/apply",
    "POST /organiser/result",
    "POST /organiser/disqualification",
    "POST /organiser/staff",
    "POST /organiser/final",
    "POST /organiser/certificates",
    "POST /api/v1/judging/exclusions",
    "POST /organiser/judging/marks",
    "POST /api/v1/campaign/outages",
    "POST /api/v1/campaign/outages/{outage}/revocation",
    "POST /organiser/outage",
    "POST /organiser/outage/{outage}/revocation",
    "POST /api/v1/signal-openings",
    "POST /api/v1/signal-openings/{opening}/decision",
    "POST /analysis/cohorts",
    "POST /desk/contact",
}
#: Every other command of staff, by the reason why it does not ask. A new one is added here, or above, on purpose.
_ENTRY, _DESK = "POST /api/v1/moderation/entries/{entry}", "POST /desk/moderation"
NOT_ASKED = {
    "of one's own session or account, and a new password asks for the old one": {
        "DELETE /api/v1/my/sessions", "DELETE /api/v1/my/sessions/{session}", "POST /api/v1/my/step-up",
        "POST /sign-out", "POST /api/v1/my/password", "POST /desk/security/password", "POST /desk/security/sessions",
    },
    "of an entry that is still written": {
        "POST /api/v1/my/pasted-texts", "POST /api/v1/managed", "PATCH /api/v1/managed/{unit}/draft",
        "POST /api/v1/managed/{unit}/draft/check", "POST /api/v1/managed/{unit}/draft/hand-in",
    },
    "everyday review, which can be undone, appealed or decided again": {
        *(f"{_ENTRY}/{act}" for act in (
            "claim", "approval", "return", "rejection", "second-opinion", "flags", "undo", "type-correction",
            "unit-name", "type",
        )),
        "DELETE /api/v1/moderation/entries/{entry}/flags/{flag}", "POST /api/v1/moderation/bulk/preview",
        "POST /api/v1/moderation/bulk", "POST /api/v1/moderation/bulk/{bulk}/undo", "POST /api/v1/moderation/shares",
        f"{_DESK}/bulk", f"{_DESK}/bulk/{{bulk}}/undo", f"{_DESK}/pace",
    },
    "hides at once what must not be seen, and can be taken back": {
        f"{_ENTRY}/freeze", f"{_ENTRY}/unfreeze", "POST /api/v1/exhibition/{entry}/take-down",
    },
    "answers to people": {
        f"{_DESK}/complaints", f"{_DESK}/complaints/answers",
        "POST /api/v1/moderation/complaints/{complaint}/answer", "POST /api/v1/moderation/complaints/answers",
        "POST /api/v1/result/objections/{objection}/decision", "POST /api/v1/result/objections/decisions",
        "POST /organiser/notice", "POST /organiser/questions",
        *(f"POST /api/v1/question-desk/{{question}}/{act}" for act in ("claim", "answer", "removal", "letters")),
        "POST /api/v1/question-desk/publications",
        "POST /api/v1/stock-answers", "POST /api/v1/stock-answers/{stock}/removal",
    },
    "letters, which are listed before they are sent": {
        "POST /organiser/messages", "POST /organiser/messages/new", "POST /organiser/messages/reminders",
        "POST /organiser/messages/contact",
        *(f"POST /api/v1/letters/{act}" for act in ("drafts", "approval", "withdrawal", "retry")),
    },
    "a judge's own work": {
        *(f"POST /api/v1/judging/{act}" for act in ("independence", "practice", "sheet")),
        *(f"POST /api/v1/judging/entries/{{entry}}/{act}" for act in ("score", "draft", "reading", "recusal")),
        "PATCH /api/v1/judging/entries/{entry}/sheet", "POST /judge/entries/{entry}",
        *(f"POST /judge/{act}" for act in ("independence", "practice", "sheet")),
    },
    "who judges what": {
        "POST /api/v1/judges", "POST /api/v1/assignments", "POST /api/v1/judges/{judge}/reassignment",
        "POST /api/v1/judging/third-readings", "POST /organiser/judging", "POST /organiser/judging/judges",
        "POST /organiser/judging/assignment",
    },
    "the roll and the units' access": {
        "POST /api/v1/roll/check", "POST /api/v1/roll", "POST /api/v1/invitations", "DELETE /api/v1/cadres/{cadre}",
        "POST /organiser/roll", "POST /organiser/roll/import", "POST /organiser/roll/invitations",
    },
    "the campaign's course before a result, in public, with reasons and hashes": {
        "POST /api/v1/campaign/clock", "POST /api/v1/campaign/windows", "POST /api/v1/campaign/rules-lock",
        "POST /api/v1/campaign/rules-versions", "POST /api/v1/shortlist", "POST /api/v1/late-passes",
        "POST /api/v1/cohort", "POST /organiser/schedule", "POST /organiser/late-passes", "POST /organiser/shortlist",
        "POST /organiser/campaign", "POST /organiser/campaign/notice", "POST /organiser/campaign/lock",
        "POST /organiser/campaign/amend", "POST /organiser/campaign/look", "POST /organiser/campaign/picture",
        "POST /organiser/campaign/replace", "PUT /api/v1/campaign/rules",
    },
    "proposes or computes, and another person or act decides": {
        "POST /api/v1/result/proposal", "POST /api/v1/recounts", "POST /api/v1/scenarios", "POST /analysis/recount",
        "POST /api/v1/changes", "POST /api/v1/changes/{changes}/drop", "POST /organiser/changes",
        "POST /organiser/changes/{changes}/drop", "POST /api/v1/campaign/outages/preview",
    },
    "follows from the final result, which was asked for": {
        "POST /api/v1/exhibition", "POST /organiser/exhibition", "POST /api/v1/certificates",
    },
}  # fmt: skip
#: The services' methods that ask again, wherever a form or a route calls them.
ASKED_METHODS = {
    *(("ranking", name) for name in (
        "sign_result", "schedule_release", "publish_result", "finalise_result", "revoke_certificate",
    )),
    *(("moderation", name) for name in (
        "disqualify", "confirm_disqualification", "forget_subject", "appoint_staff", "confirm_staff_change",
        "declare_outage", "revoke_outage", "apply_changes",
    )),
    ("scoring", "exclude_score"),
}  # fmt: skip
DESK_PAGES = [
    found
    for module in pkgutil.iter_modules(gateway.staff.__path__, "gateway.staff.")
    for found in vars(importlib.import_module(module.name)).values()
    if isinstance(found, organiser_forms.DeskPage)
]
PROVED_ROUTES = [route for route in ROUTES if route.step_up]
SIGN: dict[str, Any] = {"proposal": "p1", "digest": "d" * 64}
ENTRY = "/desk/moderation/entries/u1-1"
#: What the page asks to be proved, where a page has several forms.
ACTIONS = {
    "/organiser/result": "sign", "/organiser/disqualification": "order", "/organiser/staff": "appoint",
    "/organiser/final": "finalise", "/organiser/certificates": "revoke", "/organiser/judging/marks": "exclude",
}  # fmt: skip
LAST_STEP = {"sure": "yes", "step": "declare"}  # of a page that shows first what would happen
FORM = {"do": "disqualify", "reason": "抄袭", "words": "<b>见附件</b>\n第二行", "form": "n" * 22}


def answer_with_proof(visitor: Visitor, token: str) -> None:
    """Let moderation give a proof for the session of this token when the password is right."""

    def prove(call: dict[str, Any]) -> dict[str, Any]:
        if call["body"].get("password") != "quiet lantern":
            return {"refused": {"code": "step-up-refused", "field": "password", "detail": {}}}
        return {"ok": {"proof": visitor.proof(token), "until": 7}}

    visitor.town.answers["moderation", "prove_again"] = prove


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookies(token: str) -> dict[str, str]:
    return {"Cookie": f"baijia={token}", "Sec-Fetch-Site": "same-origin"}


def test_commands_that_ask_again_are_these():
    assert {route.name for route in PROVED_ROUTES} == PROVED


def test_every_other_command_of_staff_is_classed_with_the_reason_why_it_does_not_ask():
    commands = {route.name for route in ROUTES if route.changes and route.roles & STAFF and not route.is_open}
    classed = [name for names in NOT_ASKED.values() for name in names]

    assert sorted(classed) == sorted(commands - PROVED)


def test_page_asks_again_for_the_same_acts_as_the_api():
    acts = {
        f"{desk.path} {name}": ((action.service, action.method), action.proves)
        for desk in DESK_PAGES
        for name, action in desk.actions.items()
    }

    wrong = {act for act, (method, proves) in acts.items() if proves != (method in ASKED_METHODS)}
    assert wrong == {"/organiser/result cancel"}  # nothing is released then


def test_reader_of_entries_asks_again_for_the_same_acts_as_the_api():
    (route,) = [each for each in PROVED_ROUTES if each.path == "/desk/moderation/entries/{entry}"]
    assert route.step_up_if is not None

    asked = {name for name in moderation_desk.ACTIONS if route.step_up_if({"do": name})}

    methods = {name: ("moderation", action.method) for name, action in moderation_desk.ACTIONS.items()}
    assert asked == {name for name, method in methods.items() if method in ASKED_METHODS}


@pytest.mark.parametrize("route", PROVED_ROUTES, ids=lambda route: route.name)
def test_command_without_a_proof_is_refused_before_any_service_is_called(visitor: Visitor, route: Route):
    role = sorted(route.roles)[0]
    form = {"data": {**FORM, "do": ACTIONS.get(route.path, "disqualify"), **LAST_STEP}} if route.base == "" else {}

    answer = visitor.request(route.method, url(route), role=role, plain=True, proved=False, **form)

    asked = [method for _, method, _ in visitor.town.calls if method not in ("staff", "use_session", "step_up_needs")]
    assert (answer.status_code, asked) == (401, [])


def test_refusal_says_what_is_needed(visitor: Visitor):
    answer = visitor.request("POST", "/result/signatures", role="organiser", key="k1", json=SIGN, proved=False)

    assert code(answer) == "step-up-needed"
    assert answer.json()["facts"] == {"needs": "password"}
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age="300"'


def test_api_goes_on_with_the_proof_that_the_password_gives(visitor: Visitor):
    token = visitor.token("organiser")
    answer_with_proof(visitor, token)

    given = visitor.request(
        "POST", "/my/step-up", headers=bearer(token), json={"password": "quiet lantern"}, proved=False
    )
    headers = {**bearer(token), "Step-Up-Proof": given.json()["proof"]}
    visitor.request("POST", "/result/signatures", headers=headers, key="k1", json=SIGN, proved=False)

    assert given.status_code == 201
    assert [call["body"] for call in visitor.town.calls_to("ranking", "sign_result")] == [SIGN]


def test_proof_of_another_session_is_none(visitor: Visitor):
    token, other = visitor.token("organiser"), visitor.token("organiser")
    headers = {**bearer(token), "Step-Up-Proof": visitor.proof(other)}

    answer = visitor.request("POST", "/result/signatures", headers=headers, key="k1", json=SIGN, proved=False)

    assert code(answer) == "step-up-needed"


def test_wrong_passwords_are_paced(visitor: Visitor):
    token = visitor.token("organiser")
    answer_with_proof(visitor, token)

    codes = [
        code(visitor.request("POST", "/my/step-up", headers=bearer(token), json={"password": "x"}, proved=False))
        for _ in range(max(BY_DEVICE, BY_NAME_AND_NETWORK) + 1)
    ]

    assert codes == ["step-up-refused"] * BY_NAME_AND_NETWORK + ["login-attempts"]


def test_page_asks_and_keeps_the_form_that_was_sent(visitor: Visitor):
    headers = cookies(visitor.token("organiser"))

    page = visitor.request("POST", ENTRY, plain=True, headers=headers, data=FORM, proved=False)

    assert page.status_code == 401
    assert "请再次确认是您本人" in page.text
    kept = {name: f'name="{name}" value="{value}"' in unescape(page.text) for name, value in FORM.items()}
    assert kept == dict.fromkeys(FORM, True)
    assert visitor.town.calls_to("moderation", "disqualify") == []


def test_page_goes_on_at_once_with_the_form_and_the_password(visitor: Visitor):
    token = visitor.token("organiser")
    answer_with_proof(visitor, token)

    sent = visitor.request(
        "POST",
        ENTRY,
        plain=True,
        headers=cookies(token),
        data={**FORM, "step-up-secret": "quiet lantern"},
        proved=False,
    )

    (call,) = visitor.town.calls_to("moderation", "disqualify")
    again = {"Cookie": f"baijia={token}; baijia-proof={sent.cookies['baijia-proof']}", "Sec-Fetch-Site": "same-origin"}
    more = visitor.request("POST", ENTRY, plain=True, headers=again, data={**FORM, "form": "m" * 22}, proved=False)
    assert (sent.status_code, more.status_code) == (303, 303)
    assert call["body"] == {"entry": "u1-1", "reason": FORM["reason"], "words": FORM["words"]}


def test_page_asks_no_more_while_the_proof_of_the_browser_holds(visitor: Visitor):
    token = visitor.token("organiser")
    headers = {"Cookie": f"baijia={token}; baijia-proof={visitor.proof(token)}", "Sec-Fetch-Site": "same-origin"}

    sent = visitor.request("POST", ENTRY, plain=True, headers=headers, data=FORM, proved=False)

    assert (sent.status_code, len(visitor.town.calls_to("moderation", "disqualify"))) == (303, 1)


def test_wrong_password_on_the_page_says_so_and_loses_nothing(visitor: Visitor):
    token = visitor.token("organiser")
    answer_with_proof(visitor, token)

    page = visitor.request(
        "POST", ENTRY, plain=True, headers=cookies(token), data={**FORM, "step-up-secret": "quiet lamp"}, proved=False
    )

    assert page.status_code == 403
    assert "密码或验证码不对" in page.text
    assert 'name="reason" value="抄袭"' in page.text
    assert "quiet lamp" not in page.text
    assert visitor.town.calls_to("moderation", "disqualify") == []


def test_form_of_the_same_page_that_needs_no_proof_is_not_held_up(visitor: Visitor):
    headers = cookies(visitor.token("moderator"))

    sent = visitor.request("POST", ENTRY, plain=True, headers=headers, data={"do": "claim"}, proved=False)

    assert (sent.status_code, len(visitor.town.calls_to("moderation", "claim"))) == (303, 1)


def test_proofs_and_wrong_passwords_are_in_the_security_log(visitor: Visitor):
    token = visitor.token("organiser")
    answer_with_proof(visitor, token)
    for password in ("quiet lantern", "x"):
        visitor.request("POST", "/my/step-up", headers=bearer(token), json={"password": password}, proved=False)
    visitor.request(
        "POST", ENTRY, plain=True, headers=cookies(token), data={**FORM, "step-up-secret": "y"}, proved=False
    )

    (file,) = (visitor.app_context.settings.data / "security" / "demo").iterdir()
    events = [line.partition('"event":"')[2].partition('"')[0] for line in file.read_text().splitlines()]
    assert events == ["stepped-up", "step-up-refused", "step-up-refused"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"method": "GET", "roles": frozenset({"organiser"})}, id="that only reads"),
        pytest.param({"method": "POST", "roles": ANYONE}, id="that is open to anybody"),
        pytest.param({"method": "POST", "roles": frozenset({"unit"})}, id="of a unit"),
        pytest.param(
            {"method": "POST", "roles": frozenset({"organiser"}), "step_up_if": bool}, id="of the API for some forms"
        ),
    ],
)
def test_route_that_cannot_ask_again_is_not_declared(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match="asks for a proof"):
        Route(path="/x", about="", handle=me, step_up=True, **wrong)
