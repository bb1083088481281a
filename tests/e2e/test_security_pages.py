"""Pages of the accounts of staff in a browser: the proof that is asked again, authenticators and sessions."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk, DeskTown
from tests.unit.submission.hosted import PASSWORD

pytestmark = pytest.mark.slow

PASSWORDS = {"olga": PASSWORD, "mo": "battery staple"}
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
    expect(page.get_by_role("heading", level=1)).to_have_text("请再次确认是您本人")
    check(page, tmp_path, "asked")

    page.get_by_label("密码").fill("wrong password")
    page.get_by_role("button", name="确认并提交").click()
    expect(page.locator("main")).to_contain_text("密码或验证码不对")
    check(page, tmp_path, "wrong")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认并提交").click()

    expect(page.locator("main")).to_contain_text("抄袭\u201c兄弟单位\u201d成果")
    held = desk.town.town.ok("desk", "olga", "organiser", entry=entry)
    assert held["status"] == "disqualified"


#: Who does it, in which language, and what the pages say then.
ZH = {
    "account": "账号与安全", "set-up": "设置验证器", "password": "密码", "prove": "确认并提交",
    "digits": "应用显示的六位数字", "confirm": "确认启用", "wrong": "验证码不对", "codes": "恢复码", "name": "账号",
    "code": "验证码", "sign-in": "登录", "needed": "请输入验证码", "left": "验证器已启用。 还剩 9 个恢复码。",
}  # fmt: skip
EN = {
    "account": "Account and security", "set-up": "Set up an authenticator", "password": "Password",
    "prove": "Confirm and send", "digits": "Six digits from the app", "confirm": "Confirm", "wrong": "Wrong code",
    "codes": "Recovery codes", "name": "Account name", "code": "Code", "sign-in": "Sign in", "needed": "Enter a code",
    "left": "Your authenticator is set up. 9 recovery codes are left.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("staff", "lang", "words"),
    [pytest.param("olga", "zh", ZH, id="Chinese"), pytest.param("mo", "en", EN, id="English")],
)
def test_person_sets_an_authenticator_up_and_signs_in_with_it(
    browser: Browser, desk: Desk, tmp_path: Path, staff: str, lang: str, words: dict[str, str]
):
    page = desk.sign_in(browser, staff, is_proved=False).new_page()
    page.goto(f"{desk.address}/desk?lang={lang}")
    page.get_by_role("link", name=words["account"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["account"])
    check(page, tmp_path, "security")
    page.get_by_role("button", name=words["set-up"]).click()
    page.get_by_label(words["password"]).fill(PASSWORDS[staff])
    page.get_by_role("button", name=words["prove"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["set-up"])
    check(page, tmp_path, "authenticator")
    secret = "".join((page.locator("details code").text_content() or "").split())

    page.get_by_label(words["digits"]).fill("000000")
    page.get_by_role("button", name=words["confirm"]).click()
    expect(page.locator("main .error")).to_contain_text(words["wrong"])
    page.get_by_label(words["digits"]).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name=words["confirm"]).click()
    expect(page.locator(".codes li")).to_have_count(10)
    check(page, tmp_path, "codes")
    recovery = page.locator(".codes li").first.inner_text()

    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{desk.address}/desk/sign-in?lang={lang}")
    page.get_by_label(words["name"]).fill(staff)
    page.get_by_label(words["password"]).fill(PASSWORDS[staff])
    page.get_by_role("button", name=words["sign-in"]).click()
    expect(page.locator("main .error")).to_contain_text(words["needed"])
    check(page, tmp_path, "sign-in")
    page.get_by_label(words["password"]).fill(PASSWORDS[staff])
    page.get_by_label(words["code"]).fill(recovery)
    page.get_by_role("button", name=words["sign-in"]).click()
    expect(page.get_by_role("link", name=words["account"])).to_be_visible()
    page.goto(f"{desk.address}/desk/security")

    expect(page.locator("main")).to_contain_text(words["left"])
    check(page, tmp_path, "set-up")
