"""Pages show pictures in the width that the screen needs, and load no large copy, on a phone and on a desktop."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from shared.media import pictures
from shared.media.copies import Created, PublicCopies
from shared.media.picture_sizes import WIDTHS
from shared.settings import Settings
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.campaign_views import cached_views
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import CONTENT, VIEWS, Town, entry_row

pytestmark = pytest.mark.slow
CARDS = 24
SIDEWAYS = 6
#: What a page has loaded of pictures: the path of each, how large it came, and how it stands on the page.
SHOWN = """() => [...document.images].filter(each => each.currentSrc.includes('/media/')).map(each => ({
  path: new URL(each.currentSrc).pathname, natural: [each.naturalWidth, each.naturalHeight],
  box: [each.clientWidth, each.clientHeight], sized: each.hasAttribute('width') && each.hasAttribute('height')}))"""
SCROLL = """async () => { for (let y = 0; y < document.body.scrollHeight; y += 300) {
  scrollTo(0, y); await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); }
  await Promise.all([...document.images].map(
    each => each.complete || new Promise(end => each.onload = each.onerror = end)));
  scrollTo(0, 0); }"""


def photo(n: int) -> bytes:
    """Return a photo as a phone writes it, lying on its side: a hill under an evening sky."""
    image = Image.new("RGB", (2_400, 1_800))
    draw = ImageDraw.Draw(image)
    for y in range(1_800):
        share = y / 1_800
        draw.line((0, y, 2_400, y), (int(60 + 150 * share), (80 + 7 * n) % 200, int(180 - 120 * share)))
    draw.ellipse((300 + 60 * n % 1_500, 900, 700 + 60 * n % 1_500, 1_300), (255, 214, 120))
    draw.polygon(
        [(0, 1_800), (500 + 37 * n, 1_000), (1_500, 1_500), (2_400, 1_100 + 11 * n), (2_400, 1_800)], (40, 70, 60)
    )
    grain = Image.effect_noise(image.size, 25).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    page = io.BytesIO()
    Image.blend(image, grain, 0.12).transpose(Image.Transpose.ROTATE_90).save(page, "JPEG", quality=92, exif=exif)
    return page.getvalue()


@pytest.fixture(scope="module")
def shas(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Store 24 photos with their copies and widths, as the product does."""
    data = tmp_path_factory.mktemp("data")
    root, found = data / "media" / "demo", []
    copies = PublicCopies(root)
    for n in range(CARDS):
        body = photo(n)
        sha256 = hashlib.sha256(body).hexdigest()
        (root / sha256[:2]).mkdir(parents=True, exist_ok=True)
        (root / sha256[:2] / sha256).write_bytes(body)
        assert isinstance(copies.create(sha256), Created)
        with copies.original_and_folder(sha256) as (original, folder):
            pictures.prepare(original, folder / "p", "widths", *WIDTHS)
            for path in folder.iterdir():
                copies.put_rendition(sha256, path.name.removeprefix("p."), path)
        found.append(sha256)
    return data, found


@pytest.fixture(scope="module")
def address(shas: tuple[Path, list[str]]) -> Iterator[str]:
    data, found = shas
    rows = {
        f"u{n}-1": entry_row(f"A{n:03}", "state", f"山间灯火第 {n} 号", pictures=[each])
        for n, each in enumerate(found, 1)
    }
    rows["u1-1"]["pictures"] = found[:3]
    town = Town()
    files = [
        {"sha256": each, "kind": "picture", "container": "jpeg", "width": 2_400, "height": 1_800} for each in found
    ]
    town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "files": files[:3]}}
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
    views = cached_views({**VIEWS, "entries": {"entries": rows}})
    with ExitStack() as doors:
        yield doors.enter_context(
            running_server(create_app(settings, Ports(town, town, views), folded_logs=FOLDED_LOGS))
        )


SCREENS = {
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 3,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1_366, "height": 768}},
}


@pytest.fixture(params=SCREENS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(**SCREENS[request.param])
    yield context.new_page()
    context.close()


def visited(page: Page, url: str) -> tuple[list[dict[str, Any]], int]:
    """Open a page, scroll through it, and return its pictures and how many bytes of pictures came."""
    bodies: list[int] = []
    page.on("response", lambda each: bodies.append(len(each.body())) if "/media/" in each.url else None)
    page.goto(url)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.evaluate(SCROLL)
    shown: list[dict[str, Any]] = page.evaluate(SHOWN)
    return shown, sum(bodies)


def test_list_of_photos_loads_small_ones(page: Page, address: str, shas: tuple[Path, list[str]], tmp_path: Path):
    shown, received = visited(page, address)
    page.screenshot(path=tmp_path / "list.png", full_page=True)

    copies = PublicCopies(shas[0] / "media" / "demo")
    large = sum(copy.path.stat().st_size for each in shas[1] if (copy := copies.find(each)) is not None)
    assert len(shown) >= CARDS
    assert {each["path"].rpartition("/")[2] for each in shown} == {"480.webp"}
    assert [each for each in shown if each["natural"][0] == 0 or not each["sized"]] == []
    assert {round(each["box"][0] / each["box"][1], 1) for each in shown} == {1.5}
    assert received * 20 <= large * len(shown) / CARDS
    assert overflow_px(page) == 0


def test_entry_page_leaves_room_for_its_pictures_before_they_come(page: Page, address: str, tmp_path: Path):
    page.route("**/media/**", lambda route: route.abort())
    page.goto(f"{address}/entries/A001")
    before = page.evaluate("[...document.querySelectorAll('img.whole')].map(each => each.clientHeight)")
    page.unroute("**/media/**")

    shown, _ = visited(page, f"{address}/entries/A001")
    page.screenshot(path=tmp_path / "entry.png", full_page=True)

    assert [each["box"][1] for each in shown] == before
    assert {each["path"].rpartition(".")[2] for each in shown} == {"webp"}
    ratios = {round(each["natural"][0] / each["natural"][1], 2) for each in shown}
    assert ratios == {1.33}
    assert {each["box"][0] for each in shown} == {page.evaluate("document.querySelector('main h2').clientWidth")}
    assert overflow_px(page) == 0
    assert violations(page) == []
