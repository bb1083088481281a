"""Links of entries: previewed, noted as they were handed in, and told to moderators when their page changes."""

import hashlib
import io
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from deploy.clock import loop
from services.submission import film_recipe, link_recipe
from services.submission.events import File
from services.submission.link_methods import CHECK_AGE_MS, PREVIEW_AGE_MS
from services.submission.link_store import LinkPages, PageVersion, key_of
from services.submission.media_worker import LANES, MediaWorker
from services.submission.uploads import Uploads
from shared.link_pages.browser import NoBrowser, Visit
from shared.link_pages.fetch import Fetcher
from shared.media.copies import PublicCopies
from shared.media.jobs import Jobs
from shared.media.page_text import described
from shared.stamps import wall_ms
from tests.memory_documents import MemoryDatabase
from tests.unit.shared.link_pages.web_server import PAGE, Site, guard_of, running
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_service import Put, approve, form

pytestmark = pytest.mark.slow  # decodes in child processes


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, ssl.SSLContext]]:
    with running(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def site(server: tuple[Site, ssl.SSLContext]) -> Site:
    server[0].answers.clear()
    return server[0]


class Pictured:
    """A browser whose picture and text are given: the port of the real one, which has tests of its own."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def show(self, url: str) -> Visit:
        if self.text is None:
            raise NoBrowser("none is installed")
        page = io.BytesIO()
        Image.linear_gradient("L").resize((780, 1_688)).save(page, "PNG")
        return Visit(url, described("显示的标题", "", self.text), page.getvalue())


def database_of(town: Town) -> Any:
    return town._services["submission"].log.database


def fetch(town: Town, tls: ssl.SSLContext, text: str | None = None) -> int:
    """Let the media worker do all jobs of links; return how many there were."""
    database = database_of(town)
    others = {"links": LinkPages(database), "fetcher": Fetcher(guard_of(), tls), "browser": Pictured(text)}
    copies = PublicCopies(town.data / "media" / "town")
    worker = MediaWorker("w1", database, copies, [link_recipe.recipe(1)], **others)
    return sum(iter(lambda: worker.do_next(LANES[2]), False))


def age(town: Town, url: str, by_ms: int) -> None:
    """Make the last look at a link older than it is."""
    database_of(town)["link_pages"].kept[key_of(url)]["checked"] -= by_ms


def test_preview_shows_the_page_once_the_worker_has_fetched_it(
    town: Town, site: Site, server: tuple[Site, ssl.SSLContext]
):
    site.serve("/", PAGE, Content_Type="text/html; charset=utf-8")
    before = town.ok("preview_link", "U1", "unit", url=site.url("/"))

    done = fetch(town, server[1])
    after = town.ok("preview_link", "U1", "unit", url=site.url("/"))

    assert (before["state"], before["latest_page"], done) == ("waiting", None, 1)
    assert (after["state"], after["problems"]) == ("done", [])
    seen = {
        name: after["latest_page"][name] for name in ("via", "final_url", "title", "description", "text", "picture")
    }
    assert seen == {
        "via": "server", "final_url": site.url("/"), "title": "百家工会", "description": "简介", "text": "五一 行动",
        "picture": "",
    }  # fmt: skip


def test_page_of_a_browser_counts_and_has_a_picture_for_staff_and_units(
    town: Town, site: Site, server: tuple[Site, ssl.SSLContext]
):
    site.serve("/", PAGE)
    town.ok("preview_link", "U1", "unit", url=site.url("/"))

    fetch(town, server[1], "由脚本写出")
    page = town.ok("preview_link", "U1", "unit", url=site.url("/"))["latest_page"]

    assert (page["via"], page["title"], page["text"]) == ("browser", "显示的标题", "由脚本写出")
    picture = PublicCopies(town.data / "media" / "town").rendition(page["picture"], "poster-480.webp")
    assert picture is not None
    with Image.open(picture) as image:
        assert image.width == 480
    assert town.ok("media", "mo", "moderator", sha256=page["picture"])["shown_in"] == []
    assert town.no("media", "", "", sha256=page["picture"]) == "upload-unknown"


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://h5.example.cn/", "h5-not-https"), ("https://10.0.0.1/", "h5-not-public"), ("x", "h5-not-https")],
)
def test_link_that_cannot_be_handed_in_is_not_fetched(town: Town, url: str, code: str):
    assert code == town.no("preview_link", "U1", "unit", url=url)
    assert Jobs(database_of(town)).counts()["waiting"] == 0


def test_link_that_does_not_open_says_why_and_is_tried_again_later(
    town: Town, site: Site, server: tuple[Site, ssl.SSLContext]
):
    url = site.url("/later")
    town.ok("preview_link", "U1", "unit", url=url)
    fetch(town, server[1])
    failed = town.ok("preview_link", "U1", "unit", url=url)
    site.serve("/later", PAGE)
    age(town, url, PREVIEW_AGE_MS + 1)

    again = town.ok("preview_link", "U1", "unit", url=url)["state"]
    fetch(town, server[1])

    assert (failed["state"], [each["code"] for each in failed["problems"]]) == ("failed", ["link-status"])
    assert again == "waiting"
    assert town.ok("preview_link", "U1", "unit", url=url)["state"] == "done"


def notes(town: Town) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.ok("machine_notes", "clock", "operator")["notes"]
    return found


@pytest.mark.parametrize("is_approved", [False, True])
def test_page_that_changes_after_the_hand_in_is_told_with_both_texts(
    town: Town, upload: Put, site: Site, server: tuple[Site, ssl.SSLContext], *, is_approved: bool
):
    site.serve("/h5", PAGE)
    url = site.url("/h5")
    town.ok("hand_in", "U1", "unit", **form(upload) | {"h5": url})
    if is_approved:
        approve(town)
    assert notes(town) == []
    fetch(town, server[1])
    assert notes(town) == []

    site.serve("/h5", PAGE.replace("行动", "广告"))
    age(town, url, CHECK_AGE_MS + 1)
    assert notes(town) == []  # it asks for the page
    fetch(town, server[1])
    (note,) = notes(town)

    item = {"item": "h5", "state": "hit", "why": "link-changed", "hits": []}
    assert note == {"entry": "U1-1", "version": 1, "source": "link", "items": [item]}
    assert town.ok("note_check", "clock", "operator", **note)["entry"] == "U1-1"
    seen = town.ok("entry_link", "mo", "moderator", entry="U1-1")
    assert (seen["first_page"]["text"], seen["watched"]["latest_page"]["text"], seen["is_changed"]) == (
        "五一 行动",
        "五一 广告",
        True,
    )
    assert seen["first_page"]["sha256"] != seen["watched"]["latest_page"]["sha256"]
    assert town.no("entry_link", "j1", "judge", entry="U1-1") == "role-missing"  # the gateway asks for a judge's own


def test_next_version_of_an_entry_begins_with_the_page_of_its_time(
    town: Town, upload: Put, site: Site, server: tuple[Site, ssl.SSLContext]
):
    site.serve("/h5", PAGE)
    draft = form(upload) | {"h5": site.url("/h5")}
    town.ok("hand_in", "U1", "unit", **draft)
    notes(town)
    fetch(town, server[1])
    notes(town)
    site.serve("/h5", PAGE.replace("行动", "新行动"))
    age(town, site.url("/h5"), CHECK_AGE_MS + 1)
    notes(town)
    fetch(town, server[1])

    town.ok("hand_in", "U1", "unit", entry="U1-1", **draft | {"title": "改后的标题"})

    assert notes(town) == []
    assert town.ok("entry_link", "mo", "moderator", entry="U1-1")["first_page"]["text"] == "五一 新行动"


def test_page_that_is_read_without_a_browser_is_not_compared_with_one_of_a_browser():
    links = LinkPages(MemoryDatabase())  # type: ignore[arg-type]
    by_browser = PageVersion(1, "browser", "https://a.cn/", "t", "", "x", "1" * 64, "")
    by_server = PageVersion(2, "server", "https://a.cn/", "t", "", "y", "2" * 64, "")
    links.note("https://a.cn/", by_browser, code="", at=1)
    links.note("https://a.cn/", by_server, code="", at=2)

    page = links.find("https://a.cn/")

    assert page is not None
    assert (page.latest, page.like(by_browser)) == (by_server, by_browser)


def test_film_without_a_rendition_is_told_to_moderators(town: Town, upload: Put):
    data, database = b"a film", database_of(town)
    sha256 = hashlib.sha256(data).hexdigest()
    path = town.data / "media" / "town" / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    Uploads(database).save("U1", File(sha256, "video", "wmv", "a.wmv", len(data), 320, 180, 2_000), at=wall_ms())
    draft = form(upload)
    draft["files"].append({"sha256": sha256, "name": "a.wmv"})
    town.ok("hand_in", "U1", "unit", **draft)
    jobs = Jobs(database)
    jobs.request(sha256, film_recipe.NAME, rank=2)
    job = jobs.claim("w1", [film_recipe.NAME])
    assert job is not None
    before = notes(town)
    jobs.fail(job, "rendition-broken")

    (note,) = notes(town)

    item = {"item": "video", "state": "hit", "why": "rendition-broken", "hits": []}
    assert (before, note) == ([], {"entry": "U1-1", "version": 1, "source": "film", "items": [item]})
    assert town.ok("note_check", "clock", "operator", **note)["entry"] == "U1-1"


class InTown:
    """The client of the clock, with services in memory instead of a broker."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def call(self, service: str, method: str, call: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        assert timeout_s > 0
        heads = {log: self._town.ledger.head(log) for log in ("submission", "moderation", "ranking")}
        answer: dict[str, Any] = getattr(self._town._services[service], method)({**call, "at_least": heads})
        return answer


def test_clock_passes_each_change_to_moderation_once(
    town: Town, upload: Put, site: Site, server: tuple[Site, ssl.SSLContext]
):
    site.serve("/h5", PAGE)
    town.ok("hand_in", "U1", "unit", **form(upload) | {"h5": site.url("/h5")})
    services: Any = InTown(town)
    heads = []
    for text in ("行动", "广告", "广告"):
        site.serve("/h5", PAGE.replace("行动", text))
        loop._pass_notes_on(services)  # it asks for the page
        fetch(town, server[1])
        loop._pass_notes_on(services)
        heads.append(town.ledger.head("moderation"))
        age(town, site.url("/h5"), CHECK_AGE_MS + 1)

    assert [after - heads[0] for after in heads] == [0, 1, 1]
