"""The pages of the roll and of invitations, on the real submission: from a file to a cadre who is signed in."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.unit.gateway.ownership import ForwardingTown, bearer, enter_staff
from tests.unit.gateway.town import Visitor
from tests.unit.submission import hosted
from tests.unit.submission.conftest import ROLL, town  # noqa: F401 -- a fixture

# ruff: noqa: F811 -- a fixture of other tests

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PASSWORD = "five green lamps"


@pytest.fixture
def visitor(tmp_path: Path, town: hosted.Town) -> Iterator[Visitor]:
    """A client of a gateway whose submission is real and has a roll of three units."""
    reply = lambda service, method, call: town.forward(service, method, {**call, "at": 0})  # noqa: E731 -- a port
    visitor = Visitor(tmp_path / "gateway", town=ForwardingTown({"submission"}, reply))
    enter_staff(visitor)
    yield visitor
    visitor.close()


def send_file(visitor: Visitor, content: bytes, *, gone: str = "remove") -> str:
    """Send the form with a roll file, as a browser does, and return the page."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = part.format("gone", "").encode() + gone.encode() + b"\r\n"
    body += part.format("file", '; filename="r.csv"').encode() + content + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return visitor.request("POST", "/organiser/roll", role="organiser", plain=True, content=body, headers=headers).text


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's last form."""
    form = (
        page[page.rindex("<form") :] if "confirm" not in page else page[page.index('action="/organiser/roll/import') :]
    )
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}


def words(page: str) -> str:
    """Return the text of a page's main part."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])))


def test_difference_is_shown_before_it_is_imported_and_nothing_else_is(visitor: Visitor, town: hosted.Town):
    changed = ROLL.replace("唐山港工会", "唐山港务工会") + "U4,新工会,grassroots,国有,保定,新厂,\n"

    page = send_file(visitor, changed.encode("gb18030"))
    assert "导入后名册有 4 个单位：新增 1，更改 1，不变 2，文件里没有而保留 0，移出 0。" in words(page)
    assert "名称由“唐山港工会”改为“唐山港务工会”" in words(page)
    assert len(town.ok("whole_roll", "olga", "organiser")["units"]) == 3
    answer = visitor.request(
        "POST", "/organiser/roll/import", role="organiser", plain=True, data=hidden(page), headers=FORM
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/organiser/roll?done=1")
    assert [each["name"] for each in town.ok("whole_roll", "olga", "organiser")["units"]][1:] == [
        "唐山港务工会", "正定县总工会", "新工会",
    ]  # fmt: skip


def test_every_fault_is_named_with_its_row_column_and_reason(visitor: Visitor, town: hosted.Town):
    page = send_file(visitor, (ROLL + "U4,,grassroots,国营,保定,新厂,\n").encode())

    assert "文件有 2 处要改" in words(page)
    assert "共 4 行：新增 0，更改 0，不变 3，有错 1。" in words(page)
    rows = [words(f"<main{row}</main>") for row in re.findall(r"<tr><td.*?</tr>", page)]
    assert [row.split()[:2] for row in rows] == [["5", "名称"], ["5", "类型"]]
    assert len(town.ok("whole_roll", "olga", "organiser")["units"]) == 3


def test_roll_that_somebody_changed_meanwhile_is_compared_again(visitor: Visitor, town: hosted.Town):
    page = send_file(visitor, (ROLL + "U4,新工会,grassroots,国有,保定,新厂,\n").encode())
    town.import_roll(ROLL + "U5,别的工会,grassroots,国有,保定,别的厂,\n")

    again = visitor.request(
        "POST", "/organiser/roll/import", role="organiser", plain=True, data=hidden(page), headers=FORM
    ).text

    assert "名册刚被别人改过" in words(again)
    assert "新增 1，更改 0，不变 3，文件里没有而保留 0，移出 1" in words(again)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exported_roll_changes_nothing_when_it_is_imported(visitor: Visitor, kind: str):
    exported = visitor.request("GET", f"/roll/roll.{kind}", role="organiser")

    assert "与现有名册没有差别" in words(send_file(visitor, exported.content))


def test_cadre_comes_from_the_printed_invitation_to_a_session(visitor: Visitor, town: hosted.Town):
    issued = visitor.request(
        "POST", "/organiser/roll/invitations", role="organiser", plain=True, data={"unit": "U1"}, headers=FORM
    )
    assert "✓ 新发 1 份邀请函。" in words(issued.text)
    sheet = visitor.request("GET", "/organiser/roll/invitations/sheet", role="organiser", plain=True).text
    (path,) = set(re.findall(r"/unit/join/U1/[A-Z0-9]{16}", sheet))

    page = visitor.request("GET", path, plain=True).text
    fields = dict(re.findall(r'name="(unit|invitation)" type="text" value="([^"]*)"', page))
    weak = {**fields, "name": "王芳", "password": "1234567890", "again": "1234567890"}
    assert "密码太容易被猜到" in visitor.request("POST", "/unit/join", plain=True, data=weak, headers=FORM).text
    sound = {**weak, "password": PASSWORD, "again": PASSWORD}
    answer = visitor.request("POST", "/unit/join", plain=True, data=sound, headers=FORM)

    assert (answer.status_code, answer.headers["location"]) == (303, "/unit")
    assert "baijia=" in answer.headers["set-cookie"]
    again = visitor.request("POST", "/unit/join", plain=True, data=sound | {"name": "李强"}, headers=FORM)
    assert (again.status_code, "邀请码不对、已经用过" in again.text) == (403, True)
    assert [each["name"] for each in town.ok("cadres", "U1", "unit")["cadres"]] == ["王芳"]


def test_cadre_signs_in_by_name_on_the_page_and_invites_a_colleague(visitor: Visitor, town: hosted.Town):
    invitation = town.ok("invite_units", "olga", "organiser", units=["U1"])["invitations"][0]["invitation"]
    town.ok("join_unit", "", unit="U1", invitation=invitation, name="王芳", password=PASSWORD)
    wrong = {"unit": "U1", "person": "王芳", "access_code": "wrong password"}

    assert visitor.request("POST", "/unit/sign-in", plain=True, data=wrong, headers=FORM).status_code == 401
    signed_in = visitor.request(
        "POST", "/unit/sign-in", plain=True, data=wrong | {"access_code": PASSWORD}, headers=FORM
    )
    assert signed_in.status_code == 303

    session = bearer(visitor, "unit", sub="U1")
    invited = visitor.request("POST", "/unit/cadres", plain=True, data={}, headers={**FORM, **session})
    assert re.search(r"/unit/join/U1/[A-Z0-9]{16}", invited.text) is not None
    assert "停用 王芳" in words(invited.text)
