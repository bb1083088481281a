"""A cadre's whole journey in a browser on the real engines and processes: from sign-in to approval, and back once."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pillow_heif import register_heif_opener
from playwright.sync_api import Page, expect

from gateway.html.texts import WORDS
from tests.browser import running_browser
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.submission.conftest import ROLL

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}
CODE = "k3mwp82q"  # of the unit U1 in the roll
EVENING = datetime(2021, 5, 26, 18, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TITLE, TEXT = "炉火旁的职工之家", "第一段写会员怎样建家。\n第二段写职工怎样用家。"
NOTE, TURNED, GPS = "SECRET-NOTE", 6, 0x8825


def say(key: str, **values: object) -> str:
    return WORDS[key][0].format(**values)


def ok(answer: dict[str, Any]) -> dict[str, Any]:
    assert "ok" in answer, answer
    result: dict[str, Any] = answer["ok"]
    return result


def photos(folder: Path) -> Iterator[Path]:
    """Write photos as phones do, with a place, and yield them: three JPEGs that are turned, and a HEIC.

    The encoder of HEIC writes no turn.
    """
    register_heif_opener()
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = NOTE, TURNED
    exif.get_ifd(GPS)[1] = "N"
    for n, ending in enumerate(("jpg", "jpg", "jpg", "heic"), start=1):
        page = io.BytesIO()
        Image.new("RGB", (1_600, 1_200), (40 * n, 60, 60)).save(page, {"jpg": "JPEG"}.get(ending, "HEIF"), exif=exif)
        path = folder / f"IMG_{n:04}.{ending}"
        path.write_bytes(page.getvalue())
        yield path


def open_campaign(caller: Caller) -> None:
    """Open a rehearsal with a roll, two days before the submission window ends."""
    ok(caller.call("moderation", "open_campaign", {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True}))
    ok(caller.call("moderation", "move_clock", {"now": int(EVENING.timestamp() * 1000)}))
    wait(lambda: "ok" in caller.call("submission", "entry_rule", roles=()), what="submission knows the rules")
    confirm = ok(caller.call("submission", "compare_roll", {"csv": ROLL}))["confirm"]
    ok(caller.call("submission", "import_roll", {"csv": ROLL, "confirm": confirm}))


def is_saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def hand_in(page: Page) -> str:
    """Accept the declarations and hand in; return the number of the receipt."""
    page.get_by_role("button", name=say("unit.check")).click()
    expect(page.get_by_role("button", name=say("unit.hand-in.now"))).to_be_visible()
    for box in page.locator(".declare input").all():
        box.check()
    page.get_by_role("button", name=say("unit.hand-in.now")).click()
    page.get_by_text(say("unit.receipt.done")).wait_for()
    return page.locator(".digits").inner_text()


def test_cadre_signs_in_uploads_hands_in_corrects_and_is_approved(place: Place, tmp_path: Path) -> None:
    with ExitStack() as stack:
        caller, _ = stack.enter_context(running_services(place, "moderation", "submission", "ranking"))
        open_campaign(caller)
        others = [stack.enter_context(process(place, each)) for each in ("relay", "projector", "media-worker")]
        gateway = stack.enter_context(process(place, "gateway"))
        for each in (*others, gateway):
            each.wait_ready()
        url = f"http://127.0.0.1:{gateway.environment['BAIJIA_GATEWAY_PORT']}"
        browser = stack.enter_context(running_browser())
        page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()  # type: ignore[arg-type]

        page.goto(f"{url}/unit")
        page.get_by_label(say("sign-in.unit.name")).fill("U1")
        page.get_by_label(say("sign-in.unit.secret")).fill(CODE)
        page.get_by_role("button", name=say("sign-in"), exact=True).click()
        page.get_by_role("link", name=say("unit.act.start")).click()
        page.locator("[name=title]").fill(TITLE)
        page.locator("[name=profile]").fill("老厂工会，会员一千二百人。")
        page.locator("[name=text]").fill(TEXT)
        page.get_by_label("职工之家建设").check()
        page.locator("#pick-picture").set_input_files(list(photos(tmp_path)))
        expect(page.locator("[data-kind=picture] li[data-state=stored]")).to_have_count(4, timeout=60_000)
        page.locator("[data-kind=picture] li").first.locator("[data-caption]").fill("炉前合影")
        is_saved(page)

        page.get_by_role("button", name=say("unit.preview"), exact=True).click()
        page.get_by_role("heading", level=1, name=TITLE).wait_for()
        seen = page.locator("figure img")
        expect(seen).to_have_count(4)
        seen.evaluate_all("all => all.forEach(each => { each.loading = 'eager'; })")
        sizes = "all => all.map(each => [each.naturalWidth, each.naturalHeight])"
        wait(lambda: all(width for width, _ in seen.evaluate_all(sizes)), what="the pictures are shown")
        assert [width < height for width, height in seen.evaluate_all(sizes)] == [True, True, True, False]
        page.go_back()
        first = hand_in(page)

        remarks = [{"item": "title", "words": "请写出特色。"}]
        until = int((EVENING + timedelta(days=1)).timestamp() * 1000)
        returned = {"entry": "U1-1", "version": 1, "remarks": remarks, "until": until}
        wait(lambda: "ok" in caller.call("moderation", "return_entry", returned, roles=("moderator",)), what="a return")
        wait(
            lambda: (page.goto(f"{url}/unit"), page.get_by_text("请写出特色。").count())[1], what="the reason is shown"
        )
        page.get_by_role("link", name=say("unit.act.mend")).click()
        page.locator("[name=title]").fill(f"{TITLE}：一家人的十年")
        is_saved(page)
        second = hand_in(page)
        approved = {"entry": "U1-1", "version": 2}
        wait(lambda: "ok" in caller.call("moderation", "approve", approved, roles=("moderator",)), what="an approval")
        wait(
            lambda: (page.goto(f"{url}/unit"), page.get_by_text(say("unit.todo.approved")).count())[1],
            what="the approval is shown",
        )

        assert first != second
        expect(page.locator(".links a", has_text="回执")).to_have_count(2)
        files = [each.read_bytes() for each in (place.settings.data / "media" / place.campaign).rglob("*.webp")]
        assert files
        assert [each for each in files if NOTE.encode() in each] == []
