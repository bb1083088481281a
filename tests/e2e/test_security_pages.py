"""Pages of the accounts of staff in a browser: the proof that is asked again, authenticators and sessions."""

from collections.abc import Iterator
from pathlib import Path

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
