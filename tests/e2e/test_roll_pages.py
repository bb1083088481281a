"""The pages of the roll in a browser: from a spreadsheet to a cadre who has an account, on a desk and on a phone."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk, DeskTown

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 640}
ROWS = [
    ["HB0001", "石家庄第一机床厂工会", "grassroots", "国有", "石家庄", "石家庄第一机床厂"],
    ["HB0002", "唐山港务工会", "grassroots", "非公", "唐山", "唐山港"],
    ["HB0003", "正定县总工会", "county", "机关事业", "石家庄", ""],
]
PASSWORD = "five green lamps"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with DeskTown(tmp_path_factory.mktemp("roll"), count=1).gateway() as desk:
        yield desk


def spreadsheet(*rows: list[str]) -> dict[str, object]:
    """Return a workbook with a title, a header and these rows, as a file that a browser sends."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["某省基层工会名册"])
    book.active.append(["代码", "名称", "级别", "类型", "城市", "用人单位"])
    for row in rows:
        book.active.append(row)
    book.save(file)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "名册.xlsx", "mimeType": kind, "buffer": file.getvalue()}


def send(page: Page, desk: Desk, *rows: list[str]) -> None:
    page.goto(f"{desk.address}/organiser/roll")
    page.locator("input[type=file]").set_input_files(spreadsheet(*rows))  # type: ignore[arg-type]
    page.get_by_role("button", name="查看变化").click()


def check(page: Page, shots: Path, name: str) -> None:
    """Look at the page at both widths and in both languages, and leave pictures of it."""
    for width, size in (("1366", DESK), ("360", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), overflow_px(page)) == ([], 0), f"{name} at {width}"
        page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_organiser_imports_a_roll_and_a_cadre_opens_an_account(browser: Browser, desk: Desk, tmp_path: Path):
    context = desk.sign_in(browser, "olga")
    page = context.new_page()

    send(page, desk, *ROWS, ["HB0004", "", "grassroots", "国营", "保定", ""])
    expect(page.locator("tbody tr")).to_have_count(2)
    check(page, tmp_path, "faults")

    send(page, desk, *ROWS)
    expect(page.locator("main")).to_contain_text("新增 3，更改 0，不变 0")
    check(page, tmp_path, "difference")
    page.get_by_role("button", name="确认并导入").click()
    expect(page.locator("main")).to_contain_text("✓ 名册已导入。")
    check(page, tmp_path, "roll")

    changed = [["hb0001", "石家庄机床厂工会", *ROWS[0][2:]], *ROWS[1:]]
    send(page, desk, *changed)
    expect(page.locator("main")).to_contain_text("第 3 行写作“hb0001”，名册里是“HB0001”")
    expect(page.locator("main")).to_contain_text("名称由“石家庄第一机床厂工会”改为“石家庄机床厂工会”")
    check(page, tmp_path, "changed")

    page.goto(f"{desk.address}/organiser/roll/invitations")
    page.get_by_role("button", name="给所有还没人能登录的单位发邀请函").click()
    expect(page.locator("main")).to_contain_text("✓ 新发 2 份邀请函。")
    check(page, tmp_path, "invitations")
    page.get_by_role("link", name="打印邀请函").click()
    expect(page.locator(".cut-out")).to_have_count(2)
    check(page, tmp_path, "sheet")
    found = re.search(r"/unit/join/HB0002/[A-Z0-9]{16}", page.content())
    assert found is not None
    context.close()

    phone = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(f"{desk.address}{found[0]}")
    check(page, tmp_path, "join")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_label("您的姓名").fill("王芳")
    page.get_by_label("密码", exact=True).fill("1234567890")
    page.get_by_label("再输一次密码").fill("1234567890")
    page.get_by_role("button", name="开通并登录").click()
    expect(page.locator("main")).to_contain_text("密码太容易被猜到")
    check(page, tmp_path, "join-refused")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次密码").fill(PASSWORD)
    page.get_by_role("button", name="开通并登录").click()
    page.wait_for_url(f"{desk.address}/unit")

    page.goto(f"{desk.address}/unit/cadres")
    expect(page.locator("main")).to_contain_text("王芳")
    page.get_by_role("button", name="邀请一位同事").click()
    expect(page.locator("main")).to_contain_text(f"{desk.address}/unit/join/HB0002/")
    check(page, tmp_path, "cadres")
    phone.close()


@pytest.mark.parametrize(
    "path", ["/organiser/roll", "/organiser/roll/invitations", "/organiser/roll/invitations/sheet"]
)
def test_page_of_the_roll_is_whole_in_english(browser: Browser, desk: Desk, tmp_path: Path, path: str):
    context = desk.sign_in(browser, "olga")
    page = context.new_page()
    page.goto(f"{desk.address}{path}?lang=en")

    assert page.get_attribute("html", "lang") == "en"
    assert violations(page) == []
    page.screenshot(path=tmp_path / "english.png", full_page=True)
    context.close()
