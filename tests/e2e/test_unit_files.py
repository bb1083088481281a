"""Pictures and films of an entry in a browser: chosen, checked, sent by tus, resumed, ordered, captioned, removed."""

import io
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.media_files import phone_photo
from gateway.html.texts import WORDS
from tests.e2e.accessibility import violations
from tests.e2e.hosted_gateway import CODES, HostedGateway, hosted_gateway

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}
PICTURES = "[data-kind=picture] li"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[HostedGateway]:
    with hosted_gateway(tmp_path) as gateway:
        yield gateway


@pytest.fixture
def phone(browser: Browser, gateway: HostedGateway) -> Iterator[Page]:
    """The form of the unit U1 on a phone."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    pair = {"unit": "U1", "access_code": CODES["U1"]}
    assert context.request.post(f"{gateway.url}/api/v1/sessions", data=pair).status == 201
    page = context.new_page()
    page.goto(f"{gateway.url}/unit/entries/new")
    yield page
    context.close()


def say(key: str, **values: object) -> str:
    return WORDS[key][0].format(**values)


def photo(n: int, *, side: int = 64) -> dict[str, Any]:
    """Return a picture as a file chooser gives it, of about `side` * `side` bytes, the same for each `n`."""
    page = io.BytesIO()
    Image.frombytes("L", (side, side), random.Random(n).randbytes(side * side)).save(page, "PNG")
    return {"name": f"{n}.png", "mimeType": "image/png", "buffer": page.getvalue()}


def choose(page: Page, *files: dict[str, Any], kind: str = "picture") -> None:
    page.locator(f"#pick-{kind}").set_input_files(list(files))


def are_stored(page: Page, count: int) -> None:
    expect(page.locator(f"{PICTURES}[data-state=stored]")).to_have_count(count, timeout=120_000)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def names(page: Page) -> list[str]:
    return page.locator(f"{PICTURES} [data-name]").all_inner_texts()


def stored(gateway: HostedGateway) -> dict[str, Any]:
    draft = gateway.town.ok("draft", "U1", "unit", entry="new")
    return {name: each["value"] for name, each in draft["fields"].items()}


def test_pictures_are_chosen_together_counted_ordered_captioned_and_removed(gateway: HostedGateway, phone: Page):
    choose(phone, *(photo(n) for n in range(1, 4)))
    are_stored(phone, 3)
    counter = phone.locator("[data-kind=picture] [data-count]")
    expect(counter).to_have_text(say("unit.file.count-few", items=3, most=30, missing=1), use_inner_text=True)
    choose(phone, photo(4))
    are_stored(phone, 4)
    expect(counter).to_have_text(say("unit.file.count", items=4, most=30), use_inner_text=True)
    assert sorted(names(phone)) == ["1.png", "2.png", "3.png", "4.png"]

    first, last = names(phone)[0], names(phone)[-1]
    up = phone.get_by_role("button", name=say("unit.file.up-of", name=last))
    up.focus()
    for _ in range(3):
        phone.keyboard.press("Enter")
    expect(phone.locator(f"{PICTURES} [data-name]").first).to_have_text(last)
    expect(phone.locator("[data-kind=picture] [role=status]")).to_have_text(
        say("unit.file.moved", name=last, place=1), use_inner_text=True
    )
    rows = phone.locator(PICTURES)
    handle, target = rows.nth(3).locator("[data-handle]"), rows.nth(0)
    dragged = names(phone)[3]
    handle.scroll_into_view_if_needed()
    handle.hover()
    phone.mouse.down()
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 40, box["y"] + 20, steps=4)
    phone.mouse.up()
    expect(phone.locator(f"{PICTURES} [data-name]").first).to_have_text(dragged)
    phone.get_by_label(say("unit.file.caption-of", name=first)).fill("炉前合影")
    phone.get_by_label(say("unit.file.ai-of", name=first)).select_option("altered")
    phone.get_by_role("button", name=say("unit.file.remove-of", name=last)).click()
    are_stored(phone, 3)

    draft = stored(gateway)
    assert [each["name"] for each in draft["files"]] == names(phone)
    sha256 = next(each["sha256"] for each in draft["files"] if each["name"] == first)
    assert (draft[f"caption.{sha256}"], draft[f"ai.{sha256}"]) == ("炉前合影", "altered")
    phone.reload()
    expect(phone.get_by_label(say("unit.file.caption-of", name=first))).to_have_value("炉前合影")


def test_files_are_checked_at_once(gateway: HostedGateway, phone: Page):
    choose(
        phone,
        {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"},
        {"name": "b.png", "mimeType": "image/png", "buffer": b""},
        {"name": "c.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"},
        {"name": "d.png", "mimeType": "image/png", "buffer": b"no picture"},
    )
    expect(phone.locator(f"{PICTURES}[data-state=refused]")).to_have_count(4, timeout=120_000)

    words = phone.locator(f"{PICTURES} [data-state]").all_inner_texts()
    assert words[:3] == [say(f"unit.file.problem.{code}") for code in ("kind", "empty", "kind")]
    assert words[3] not in ("", say("unit.file.problem.broken"))
    assert stored(gateway) == {}


@pytest.fixture(scope="module")
def large() -> bytes:
    """A photo of 12 million pixels as a phone writes it: on its side, with a place."""
    return phone_photo(1, 1)


def facts(gateway: HostedGateway) -> list[tuple[int, int, bool]]:
    """Return width, height, and whether it is smaller than 3 MB, of each file of the draft."""
    found = gateway.town.ok("draft", "U1", "unit", entry="new")["files"].values()
    return [(each["width"], each["height"], each["bytes"] < 3_000_000) for each in found]


def test_large_photo_is_made_smaller_on_the_phone_and_stands_upright(gateway: HostedGateway, phone: Page, large: bytes):
    choose(phone, {"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": large})
    are_stored(phone, 1)

    assert facts(gateway) == [(2560, 1920, True)]
    expect(phone.locator(f"{PICTURES} [data-facts]")).to_contain_text(re.compile(r"已在手机上缩小，省 \d+\.\d MB"))


@pytest.mark.parametrize("mark", ["", "AIGC"], ids=["as the cadre says", "as a machine made it"])
def test_large_photo_goes_as_it_is(gateway: HostedGateway, phone: Page, large: bytes, mark: str):
    if not mark:
        phone.get_by_label("发送原图").check()
    data = large + mark.encode()
    choose(phone, {"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": data})
    are_stored(phone, 1)

    (sent,) = gateway.town.ok("draft", "U1", "unit", entry="new")["files"].values()
    assert sent["bytes"] == len(data)


def test_photo_that_the_browser_cannot_decode_goes_as_it_is(gateway: HostedGateway, phone: Page, large: bytes):
    phone.evaluate("() => { window.createImageBitmap = () => Promise.reject(new Error('too large')); }")
    choose(phone, {"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": large})
    are_stored(phone, 1)

    (sent,) = gateway.town.ok("draft", "U1", "unit", entry="new")["files"].values()
    assert sent["bytes"] == len(large)


def test_the_same_picture_is_not_taken_twice(gateway: HostedGateway, phone: Page):
    choose(phone, photo(1))
    are_stored(phone, 1)
    choose(phone, {**photo(1), "name": "copy.png"})

    expect(phone.locator(f"{PICTURES} [data-state]").nth(1)).to_have_text(say("unit.file.problem.twice"))
    assert len(stored(gateway)["files"]) == 1


def test_upload_goes_on_by_itself_when_the_network_is_back(gateway: HostedGateway, phone: Page):
    phone.context.set_offline(True)
    choose(phone, photo(1))
    expect(phone.locator(f"{PICTURES}[data-state=sending], {PICTURES}[data-state=broken]")).to_have_count(1)
    assert stored(gateway) == {}
    phone.context.set_offline(False)

    are_stored(phone, 1)
    assert len(stored(gateway)["files"]) == 1


def test_upload_goes_on_by_itself_after_the_page_was_closed_where_it_stopped(gateway: HostedGateway, phone: Page):
    parts = 0

    def cut(route: Route) -> None:
        """Let the first part pass and no other."""
        nonlocal parts
        parts += route.request.method == "PATCH"
        if route.request.method == "PATCH" and parts > 1:
            route.abort()
        else:
            route.continue_()

    phone.route("**/api/v1/uploads/*", cut)
    with phone.expect_event("requestfailed", predicate=lambda request: request.method == "PATCH"):
        choose(phone, photo(1, side=2_950))  # more than one part
    phone.close()
    again, offsets = phone.context.new_page(), list[int]()
    again.on(
        "request",
        lambda request: offsets.append(int(request.headers["upload-offset"])) if request.method == "PATCH" and (
            "upload-offset" in request.headers) else None,
    )  # fmt: skip
    again.goto(f"{gateway.url}/unit/entries/new")

    are_stored(again, 1)
    assert [offset > 0 for offset in offsets] == [True]


def test_person_whose_session_ended_while_a_picture_is_sent_signs_in_and_it_goes_on(
    gateway: HostedGateway, phone: Page
):
    phone.context.clear_cookies()
    choose(phone, photo(1))
    dialog = phone.get_by_role("dialog")
    dialog.get_by_label(say("sign-in.unit.secret")).fill(CODES["U1"])
    dialog.get_by_role("button", name=say("sign-in"), exact=True).click()

    are_stored(phone, 1)
    assert len(stored(gateway)["files"]) == 1


def test_film_that_is_too_long_is_named_before_it_is_sent(phone: Page):
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.method) if "/uploads" in request.url else None)
    seconds = phone.evaluate(
        """async () => {
          const {problemOf} = await import('/static/file_checks.js');
          const rate = 8000, data = new DataView(new ArrayBuffer(44 + rate * 3));
          const put = (at, text) => [...text].forEach((sign, i) => data.setUint8(at + i, sign.charCodeAt(0)));
          put(0, 'RIFF'); data.setUint32(4, 36 + rate * 3, true); put(8, 'WAVEfmt '); data.setUint32(16, 16, true);
          data.setUint16(20, 1, true); data.setUint16(22, 1, true); data.setUint32(24, rate, true);
          data.setUint32(28, rate, true); data.setUint16(32, 1, true); data.setUint16(34, 8, true);
          put(36, 'data'); data.setUint32(40, rate * 3, true);
          const file = new File([data.buffer], 'film.wav', {type: 'video/wav'});
          const found = limit => problemOf(file, 'video', {video_max_s: limit, video_max_bytes: 1e9});
          return [(await found(2)).code, await found(3)];
        }"""
    )

    assert seconds == ["long", None]
    assert asked == []


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x36:rate=5:duration=2"]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *source, "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


def test_captions_are_asked_for_then_read_from_a_file_of_any_encoding(gateway: HostedGateway, phone: Page, film: Path):
    row = phone.locator("[data-kind=video] li")
    choose(phone, {"name": "film.mp4", "mimeType": "video/mp4", "buffer": film.read_bytes()}, kind="video")
    expect(row).to_have_attribute("data-state", "stored", timeout=120_000)
    expect(phone.locator("#saved")).to_have_attribute("data-state", "saved")
    phone.goto(f"{gateway.url}/unit/entries/new/hand-in")
    asked = phone.get_by_role("region", name=say("unit.hand-in.captions"))
    expect(asked.get_by_role("link")).to_have_text("film.mp4")
    asked.get_by_role("link").click()

    expect(row.locator("summary")).to_contain_text(say("unit.file.subtitles-none"))
    row.locator("summary").click()
    srt = "1\r\n00:00:00,500 --> 00:00:01,500\r\n炉前合影\r\n".encode("gb18030")
    captions = {"name": "a.srt", "mimeType": "application/x-subrip", "buffer": srt}
    row.locator("[data-subtitles-file]").set_input_files([captions])
    expect(row.locator("summary")).to_contain_text(say("unit.file.subtitles-lines", count=3))
    expect(phone.locator("#saved")).to_have_attribute("data-state", "saved")

    sha256 = stored(gateway)["files"][0]["sha256"]
    assert stored(gateway)[f"subtitles.{sha256}"] == "1\n00:00:00,500 --> 00:00:01,500\n炉前合影\n"
    assert violations(phone) == []
    phone.goto(f"{gateway.url}/unit/entries/new/hand-in")
    expect(phone.get_by_role("region", name=say("unit.hand-in.captions"))).to_have_count(0)
    answer = phone.request.get(f"{gateway.url}/unit/entries/new/captions/{sha256}")
    assert answer.text() == "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\n炉前合影\n"


def test_captions_are_pasted_into_the_plain_form(gateway: HostedGateway, browser: Browser, phone: Page, film: Path):
    choose(phone, {"name": "film.mp4", "mimeType": "video/mp4", "buffer": film.read_bytes()}, kind="video")
    expect(phone.locator("[data-kind=video] li")).to_have_attribute("data-state", "stored", timeout=120_000)
    expect(phone.locator("#saved")).to_have_attribute("data-state", "saved")
    sha256 = stored(gateway)["files"][0]["sha256"]
    context = browser.new_context(java_script_enabled=False, storage_state=phone.context.storage_state())
    plain = context.new_page()

    plain.goto(f"{gateway.url}/unit/entries/new")
    plain.locator(f"#file-{sha256} summary").click()
    plain.get_by_label(say("unit.file.subtitles.paste")).fill("WEBVTT\n\n00:01.000 --> 00:00.000\n字")
    plain.get_by_role("button", name=say("unit.check")).click()

    broken = plain.locator(f"a[href='/unit/entries/new#file-{sha256}']")
    expect(broken.filter(has_text="第 3 行第 15 列")).to_have_count(1)
    context.close()
