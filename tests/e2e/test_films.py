"""Films and sounds of an entry in a real browser: a poster, nothing loaded before it is played, and words else."""

import json
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.html.texts import WORDS
from services.submission import film_recipe
from shared.media.copies import PublicCopies
from shared.media.jobs import Job
from shared.media.work import Work
from shared.settings import Settings
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.campaign_views import SHOWN, cached_views
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import CONTENT, FILM, Town

pytestmark = pytest.mark.slow
VTT = "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n炉前合影\n"
UPRIGHT, WAITING, BROKEN, SOUND = FILM, "a1" * 32, "b2" * 32, "c3" * 32
MOVING = ["-f", "lavfi", "-i", "testsrc2=size=720x1280:rate=25:duration=3", "-f", "lavfi", "-i", "sine=duration=3"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a gateway whose entry has a film, one that waits, one that cannot be converted, and a sound."""
    data = tmp_path_factory.mktemp("data")
    root = data / "media" / "demo"
    copies = PublicCopies(root)
    for sha256, name, how in ((UPRIGHT, "a.wmv", [*MOVING, "-c:v", "wmv2"]), (SOUND, "a.mp3", MOVING[4:])):
        original = root / sha256[:2] / sha256
        original.parent.mkdir(parents=True, exist_ok=True)
        made = data / name
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *how, str(made)], check=True)
        made.rename(original)
        film_recipe.do(Work(Job(sha256, film_recipe.NAME, 1, ""), copies))
    failed = root / "public" / film_recipe.NAME / BROKEN[:2] / f"{BROKEN}.film.json"
    failed.parent.mkdir(parents=True, exist_ok=True)
    failed.write_text(json.dumps({"state": "failed", "code": "rendition-broken"}))
    town = Town()
    files = [
        {"sha256": sha256, "kind": kind, "container": container, "subtitles": VTT if sha256 == UPRIGHT else ""}
        for sha256, kind, container in (
            (UPRIGHT, "video", "wmv"),
            (WAITING, "video", "mov"),
            (BROKEN, "video", "wmv"),
            (SOUND, "audio", "mp3"),
        )
    ]
    town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "files": files}}
    town.answers["submission", "media"] = {"ok": {"own": False, "shown_in": ["u1-1"], "kind": "audio"}}
    settings = Settings.read({"BAIJIA_DATA": str(data), "BAIJIA_CAMPAIGN": "demo"})
    with running_server(create_app(settings, Ports(town, town, cached_views(SHOWN)), folded_logs=FOLDED_LOGS)) as url:
        yield url


@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_film_has_a_poster_and_is_loaded_only_when_it_is_played(
    address: str, browser: Browser, width: int, lang: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/media/")[2]))

    page.goto(f"{address}/entries/A001?lang={lang}", wait_until="networkidle")

    text = page.inner_text("main")
    at = 0 if lang == "zh" else 1
    assert WORDS["video.converting"][at] in text
    assert WORDS["video.failed"][at].format(form="WMV") in text
    assert f"{UPRIGHT}/poster-960.jpg" in asked
    assert [each for each in asked if each.endswith((".mp4", ".m4a"))] == []
    shape = page.eval_on_selector("video", "each => each.clientHeight / each.clientWidth")
    assert abs(shape - 1280 / 720) < 0.02
    assert page.eval_on_selector("video", "each => each.clientHeight") < 700  # an upright film is seen as a whole
    assert (violations(page), overflow_px(page)) == ([], 0)

    played = page.evaluate(
        "async () => { const found = [...document.querySelectorAll('video, audio')];"
        " for (const each of found) { each.muted = true; await each.play(); }"
        " return found.map(each => Math.round(each.duration)); }"
    )
    assert played == [3, 3]
    assert {each for each in asked if each.endswith((".mp4", ".m4a"))} == {f"{UPRIGHT}/film.mp4", f"{SOUND}/sound.m4a"}
    page.close()


def test_browser_shows_the_captions_of_a_film_and_no_others(address: str, browser: Browser) -> None:
    page = browser.new_page()

    page.goto(f"{address}/entries/A001")

    page.wait_for_function("() => (document.querySelector('video').textTracks[0].cues || []).length === 1")
    found = page.evaluate(
        "() => [...document.querySelectorAll('video')].map(each => [...each.textTracks].map(track =>"
        " [track.kind, track.language, track.mode, track.cues[0].text, track.cues[0].startTime]))"
    )
    assert found == [[["captions", "zh-CN", "showing", "炉前合影", 0.5]]]
    page.close()
