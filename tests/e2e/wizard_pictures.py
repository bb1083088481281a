"""Take the pictures of the campaign wizard that docs/how-to/organise.md shows: `python -m tests.e2e.wizard_pictures`.

Each picture is a page of the real services in memory, in a small campaign of ten answers.
"""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import running_browser
from tests.e2e import setup_walk
from tests.e2e.setup_town import SetupTown
from tests.files import ROOT

FOLDER = ROOT / "docs" / "how-to"
SIZE = {"width": 1280, "height": 720}
COLOURS = 32
NAMES = ("wizard-start", "wizard-dates", "wizard-judging", "wizard-check", "wizard-lock")


def take(browser: Browser, data: Path) -> Iterator[tuple[str, bytes]]:
    """Walk through the wizard, and yield each picture with its name."""
    town = SetupTown(data)
    with town.gateway() as (address, _):
        context = browser.new_context(locale="zh-CN", viewport=SIZE)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{address}/setup/{town.secret()}")
        page.get_by_role("button", name="开始").click()
        expect(page.get_by_role("button", name="开始填写")).to_be_visible()
        yield NAMES[0], _picture(page)
        page.get_by_role("button", name="开始填写").click()
        expect(page.get_by_role("heading", name="1 名称")).to_be_visible()
        setup_walk.answer(page)
        expect(page.get_by_role("button", name="开通", exact=True)).to_be_visible()
        page.goto(f"{address}/setup?step=windows")
        yield NAMES[1], _picture(page)
        page.goto(f"{address}/setup?step=judging")
        yield NAMES[2], _picture(page)
        page.goto(f"{address}/setup?step=check&rehearse=1")
        yield NAMES[3], _picture(page)
        page.goto(f"{address}/setup?step=check")
        links = setup_walk.open_rehearsal(page)
        town.publish()
        setup_walk.choose_password(page, links[0])
        setup_walk.sign_in(page, address, "olga", "/organiser/campaign?step=check")
        page.get_by_role("heading", name="锁定规则").scroll_into_view_if_needed()
        yield NAMES[4], _picture(page)
        context.close()


def _picture(page: Page) -> bytes:
    """Return what the window shows, in few colours, as a small PNG."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = io.BytesIO()
    shot.quantize(COLOURS).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Write all pictures into the folder of the guide."""
    with running_browser() as browser, tempfile.TemporaryDirectory() as data:
        for name, picture in take(browser, Path(data)):
            (FOLDER / f"{name}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
