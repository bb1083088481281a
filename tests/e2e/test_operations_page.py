"""The page of operations in a browser: it renews itself, and works without a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from shared import health
from shared.settings import Settings
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.judged_town import JudgedTown, Staff

pytestmark = pytest.mark.slow
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}


@pytest.fixture
def ready() -> dict[str, bool]:
    """What the one process that answers says of itself."""
    return {"ledger": True}


@pytest.fixture
def staff(tmp_path: Path, ready: dict[str, bool]) -> Iterator[Staff]:
    """A gateway that knows a process which answers, and one that does not."""
    health.READY.clear()  # of what tests before this one have said in the same process
    port = health.serve(Settings.read({}), {"ledger": lambda: ready["ledger"]})
    with JudgedTown(tmp_path).gateway(targets=f"ranking=127.0.0.1:{port},relay=127.0.0.1:1") as staff:
        yield staff


def test_the_page_renews_itself(staff: Staff, browser: Browser, ready: dict[str, bool]):
    page = staff.sign_in(browser, "ops").new_page()
    page.goto(f"{staff.address}/ops")
    expect(page.get_by_text("ProcessDown", exact=True)).to_be_visible()
    expect(page.get_by_role("row", name="ranking 就绪")).to_be_visible()
    ready["ledger"] = False
    expect(page.get_by_role("row", name="ranking 未就绪")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("deploy/runbooks/NotReady.md")).to_be_visible()


def test_without_a_script_the_link_loads_it_again(staff: Staff, browser: Browser, ready: dict[str, bool]):
    page = staff.sign_in(browser, "ada", java_script_enabled=False).new_page()
    page.goto(f"{staff.address}/ops")
    ready["ledger"] = False
    with page.expect_navigation():
        page.get_by_role("link", name="刷新").click()
    expect(page.get_by_role("heading", name="警报")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_page_fits_and_has_nothing_that_axe_finds_wrong(staff: Staff, browser: Browser, size: str, lang: str):
    complaints: list[str] = []
    page = staff.sign_in(browser, "ops", viewport=SIZES[size]).new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{staff.address}/ops?lang={lang}")
    assert (violations(page), overflow_px(page), complaints) == ([], 0, [])
