"""The page of one's own account: authenticators, and what staff reach who must set one up first."""

from typing import Any

from tests.unit.gateway.town import Visitor, code

PAGE = "/desk/security"
NAME, SECRET = "a" * 16, "A" * 32
STAFF: dict[str, Any] = {"staff": "li", "password": "x"}


def signed_in(visitor: Visitor, *, sub: str = "") -> dict[str, str]:
    token = visitor.token("organiser", sub=sub)
    return {"Cookie": f"baijia={token}; baijia-proof={visitor.proof(token)}", "Sec-Fetch-Site": "same-origin"}


def must_add(visitor: Visitor) -> None:
    people = [{"staff": "organiser-li", "name": "李", "roles": ["organiser"], "must_add_authenticator": True}]
    visitor.town.answers["moderation", "staff"] = {"ok": {"staff": people}}


def test_page_shows_the_code_to_scan_and_takes_the_first_digits(visitor: Visitor):
    headers = signed_in(visitor)

    begun = visitor.request("POST", f"{PAGE}/authenticator/new", plain=True, headers=headers)
    form = {"authenticator": NAME, "made_from": "1", "code": "123 456", "form": "n" * 22}
    added = visitor.request("POST", f"{PAGE}/authenticator", plain=True, headers=headers, data=form)

    assert ("<svg" in begun.text, f'value="{NAME}"' in begun.text) == (True, True)
    (call,) = visitor.town.calls_to("moderation", "add_authenticator")
    assert {name: call["body"][name] for name in ("authenticator", "made_from", "code")} == {
        "authenticator": NAME, "made_from": 1, "code": "123456",
    }  # fmt: skip
    assert "ABCD-EFGH-2345" in added.text


def test_wrong_digits_are_said_and_the_same_code_stays(visitor: Visitor):
    visitor.town.answers["moderation", "add_authenticator"] = {
        "refused": {"code": "code-refused", "field": "code", "detail": {}}
    }
    form = {"authenticator": NAME, "made_from": "0", "code": "000000", "form": "n" * 22}

    page = visitor.request("POST", f"{PAGE}/authenticator", plain=True, headers=signed_in(visitor), data=form)

    assert (page.status_code, "验证码不对" in page.text) == (422, True)
    assert 'name="made_from" value="0"' in page.text  # as it was begun, whatever holds by now
    assert [call["body"] for call in visitor.town.calls_to("moderation", "begin_authenticator")] == [
        {"authenticator": NAME}
    ]


def test_whoever_must_set_one_up_is_led_there_and_reaches_nothing_else(visitor: Visitor):
    must_add(visitor)
    headers = signed_in(visitor)

    desk = visitor.request("GET", "/desk/moderation", plain=True, headers=headers)
    refused = visitor.request("GET", "/staff", role="organiser")
    reached = [visitor.request("GET", path, plain=True, headers=headers).status_code for path in (PAGE, "/api/v1/me")]

    assert (desk.status_code, desk.headers["location"]) == (303, PAGE)
    assert code(refused) == "authenticator-missing"
    assert reached == [200, 200]


def test_desk_opens_at_once_when_it_is_set_up(visitor: Visitor):
    must_add(visitor)
    headers = signed_in(visitor)
    before = visitor.request("GET", "/desk", plain=True, headers=headers).status_code
    form = {"authenticator": NAME, "made_from": "1", "code": "123456", "form": "n" * 22}
    del visitor.town.answers["moderation", "staff"]

    visitor.request("POST", f"{PAGE}/authenticator", plain=True, headers=headers, data=form)

    assert (before, visitor.request("GET", "/desk", plain=True, headers=headers).status_code) == (303, 200)


def test_sign_in_asks_for_the_code_and_sends_it(visitor: Visitor):
    visitor.town.answers["moderation", "login"] = {"refused": {"code": "code-needed", "field": "code", "detail": {}}}

    answer = visitor.request("POST", "/sessions", json=STAFF)
    page = visitor.request("POST", "/desk/sign-in", plain=True, data={**STAFF, "code": " 123 456 "})

    assert code(answer) == "code-needed"
    assert (page.status_code, 'id="code-error"' in page.text) == (401, True)
    assert [call["body"]["code"] for call in visitor.town.calls_to("moderation", "login")] == [None, "123 456"]


def test_few_recovery_codes_are_said(visitor: Visitor):
    visitor.town.answers["moderation", "my_security"] = {
        "ok": {"has_authenticator": True, "is_demanded": False, "recovery_left": 2, "made_from": 2}
    }

    page = visitor.request("GET", PAGE, plain=True, headers=signed_in(visitor))

    assert "还剩 2 个恢复码" in page.text
    assert "请更换验证器" in page.text
