"""Pages of the accounts of staff in a browser: the proof that is asked again, authenticators and sessions."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk, DeskTown
from tests.unit.submission.hosted import PASSWORD

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with DeskTown(tmp_path_factory.mktemp("security"), count=3).gateway() as desk:
        yield desk


def check(page: Page, shots: Path, name: str) -> None:
    """Look at the page at both widths, and leave pictures of it."""
    for width, size in (("1366", DESK), ("360", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), overflow_px(page)) == ([], 0), f"{name} at {width}"
        page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_disqualification_asks_for_the_password_and_goes_on_with_what_was_typed(
    browser: Browser, desk: Desk, tmp_path: Path
):
    entry = desk.town.entries[0]
    page = desk.sign_in(browser, "olga", is_proved=False).new_page()
    page.goto(f"{desk.address}/desk/moderation?entry={entry}")
    page.locator("details.measures > summary").click()
    page.fill("#disqualify-reason", "抄袭\u201c兄弟单位\u201d成果")
    page.fill("#disqualify-words", "比对报告见附件。\n第二行")
    page.locator("form:has(#disqualify-reason) button").click()
    check(page, tmp_path, "asked")

    page.get_by_label("密码").fill("wrong password")
    page.get_by_role("button", name="确认并提交").click()
    assert "密码或验证码不对" in page.inner_text("main")
    check(page, tmp_path, "wrong")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认并提交").click()

    held = desk.town.town.ok("desk", "olga", "organiser", entry=entry)
    assert held["status"] == "disqualified"
    assert "抄袭\u201c兄弟单位\u201d成果" in page.inner_text("main")


def test_organiser_sets_an_authenticator_up_and_signs_in_with_it(browser: Browser, desk: Desk, tmp_path: Path):
    page = desk.sign_in(browser, "olga", is_proved=False).new_page()
    page.goto(f"{desk.address}/desk")
    page.get_by_role("link", name="账号与安全").click()
    check(page, tmp_path, "security")
    page.get_by_role("button", name="设置验证器").click()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认并提交").click()
    check(page, tmp_path, "authenticator")
    secret = "".join(page.locator("details code").inner_text().split())  # axe has opened the fold

    page.get_by_label("应用显示的六位数字").fill("000000")
    page.get_by_role("button", name="确认启用").click()
    assert "验证码不对" in page.inner_text("main")
    page.get_by_label("应用显示的六位数字").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="确认启用").click()
    assert page.locator(".codes li").count() == 10
    check(page, tmp_path, "codes")
    recovery = page.locator(".codes li").first.inner_text()

    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{desk.address}/desk/sign-in")
    page.get_by_label("账号").fill("olga")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    assert "请输入验证码" in page.inner_text("main")
    check(page, tmp_path, "sign-in")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("验证码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{desk.address}/desk/security?lang=en")

    assert "Your authenticator is set up. 9 recovery codes are left." in page.inner_text("main")
    check(page, tmp_path, "security-en")
