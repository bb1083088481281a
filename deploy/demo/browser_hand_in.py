"""Hand in one entry as a cadre does: in a browser of a phone's size, from the invitation to the receipt.

Promises: nothing is sent but what the pages send; photos are those of a phone.
"""

import asyncio
from pathlib import Path
from typing import Any

from deploy.demo import demo_data
from deploy.demo.client import DemoFailed
from deploy.demo.context import DemoContext
from deploy.demo.entry_drafts import EntryDraft

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 740}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
CADRE, PASSWORD = "王芳", "five green lamps"
PHOTOS = 4
WITHIN_MS = 120_000  # for the photos to be sent and looked at


async def hand_in(context: DemoContext, draft: EntryDraft, url: str, pictures: Path) -> str:
    """Hand the draft in, and return the id of its entry. Leaves pictures of the pages in the folder `pictures`.

    Raises DemoFailed.
    """
    from playwright.async_api import Error, async_playwright  # the product itself runs without it

    unit = draft.unit.code
    issued = await context.organiser.do("/invitations", {"units": [unit]})
    invitation = next(each["invitation"] for each in issued["invitations"] if each["unit"] == unit)
    photos = await asyncio.gather(*(asyncio.to_thread(demo_data.phone_photo, context.seed, k) for k in range(PHOTOS)))
    await asyncio.to_thread(pictures.mkdir, parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport=PHONE, locale="zh-CN", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
        page.set_default_timeout(WITHIN_MS)
        try:
            await _open_account(page, f"{url}/unit/join/{unit}/{invitation}")
            await page.screenshot(path=pictures / "1-unit.png", full_page=True)
            await _fill(page, draft, photos)
            await page.screenshot(path=pictures / "2-form.png", full_page=True)
            await page.get_by_role("button", name="检查并提交").click()
            await page.locator(".declare input").first.wait_for()  # the form saves what was typed before it goes on
            for box in await page.locator(".declare input").all():
                await box.check()
            await page.screenshot(path=pictures / "3-declarations.png", full_page=True)
            await page.locator("main form button.button").click()
            await page.wait_for_url("**/receipts/*")
            await page.screenshot(path=pictures / "4-receipt.png", full_page=True)
            entry = page.url.split("/entries/")[1].split("/")[0]
        except Error as problem:
            await page.screenshot(path=pictures / "failed.png", full_page=True)
            raise DemoFailed(f"the browser could not hand in: {problem.message}") from problem
        finally:
            await browser.close()
    megabytes = sum(map(len, photos)) / 1_000_000
    context.output.print_line(
        f"{CADRE} handed in {entry} in a browser, with {PHOTOS} photos of {megabytes:.0f} MB (pages: {pictures})"
    )
    return entry


async def _open_account(page: Any, address: str) -> None:
    await page.goto(address)
    await page.get_by_label("您的姓名").fill(CADRE)
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.get_by_label("再输一次密码").fill(PASSWORD)
    await page.get_by_role("button", name="开通并登录").click()
    await page.wait_for_url("**/unit")


async def _fill(page: Any, draft: EntryDraft, photos: list[bytes]) -> None:
    await page.locator(".main-action a").click()
    await page.locator("[name=title]").fill(draft.title)
    await page.locator("[name=profile]").fill(draft.profile)
    await page.locator("[name=text]").fill(draft.text)
    for theme in draft.themes:
        await page.locator(f"[name='theme.{theme}']").check()
    files = [{"name": f"IMG_{k:04}.JPG", "mimeType": "image/jpeg", "buffer": data} for k, data in enumerate(photos, 1)]
    await page.locator("[data-originals]").check()  # the demo shows what the service does with a phone's own files
    await page.locator("#pick-picture").set_input_files(files)
    # A file is ready when the service has looked at it: then it stands in the form by its hash.
    await page.wait_for_function(
        "count => document.querySelectorAll('[data-kind=picture] li[id^=file-]').length === count",
        arg=PHOTOS,
    )
