"""Units' cadres in WeChat: linking an account, and signing in by it."""

from urllib.parse import parse_qs, urlsplit

from tests.unit.gateway.voters.office import Office, identity

KNOWN = {"unit": "u1", "name": "炼钢的工会", "cadre": "王芳", "session": "s1", "type": "state", "city": "c"}


def state_of(office: Office) -> str:
    """Send the browser to WeChat as a cadre, and return the state that comes back with it."""
    there = urlsplit(office.open("/wechat/unit").headers["location"])
    return parse_qs(there.query)["state"][0]


def test_cadre_whose_account_is_linked_is_signed_in(office: Office):
    office.town.answers["submission", "wechat_login"] = {"ok": KNOWN}
    office.phones.codes["c"] = identity("o-wang")

    back = office.open("/wechat/callback", params={"code": "c", "state": state_of(office)})

    assert (back.status_code, back.headers["location"]) == (303, "/unit")
    session = office.open("/api/v1/me").json()
    assert (session["sub"], session["roles"], session["name"]) == ("u1", ["unit"], "炼钢的工会 王芳")


def test_pseudonym_of_a_cadre_is_not_the_one_of_the_same_person_as_a_voter(office: Office):
    office.town.answers["submission", "wechat_login"] = {"ok": KNOWN}
    office.phones.codes["c"] = identity("o-wang")
    office.open("/wechat/callback", params={"code": "c", "state": state_of(office)})

    (sent,) = office.town.calls_to("submission", "wechat_login")
    assert sent["actor"] == "gateway"
    assert len(sent["body"]["account"]) == 24
    assert sent["body"]["account"] != office.voter("o-wang")


def test_cadre_who_is_signed_in_links_the_account(office: Office):
    office.phones.codes["c"] = identity("o-wang")
    headers = {"Authorization": f"Bearer {office.token('unit')}"}

    back = office.open("/wechat/callback", params={"code": "c", "state": state_of(office)}, headers=headers)

    assert back.headers["location"] == "/unit/cadres?linked=1"
    assert len(office.town.calls_to("submission", "link_cadre")) == 1
    assert office.town.calls_to("submission", "wechat_login") == []


def test_account_that_is_not_linked_is_told_what_to_do(office: Office):
    refused = {"refused": {"code": "wechat-not-linked", "field": "", "detail": {}}}
    office.town.answers["submission", "wechat_login"] = refused
    office.phones.codes["c"] = identity("o-wang")

    back = office.open("/wechat/callback", params={"code": "c", "state": state_of(office)})
    page = office.open(back.headers["location"])

    assert page.status_code == 403
    assert "这个微信还没有绑定单位账号" in page.text
    assert 'href="/unit/sign-in"' in page.text
