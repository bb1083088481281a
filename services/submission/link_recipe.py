"""The recipe of H5 links for the media worker: fetch the page within the guard, and note what it shows.

A page is fetched twice where there is a browser: plainly, which says whether the link may be opened at all, and by the
browser, whose text and picture count then, since many pages of this kind are made by scripts.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.submission.link_store import BROWSER, SERVER, LinkPages, PageVersion
from shared.link_pages.browser import Browser, NoBrowser, Visit
from shared.link_pages.fetch import Fetched, Fetcher
from shared.link_pages.guard import LinkRefused
from shared.logs import logger
from shared.media.limited_process import Finished, Limits
from shared.media.work import Recipe, Work, WorkFailed

NAME = "link-1"
PAGE_LIMITS = Limits(cpu_s=5, wall_s=10.0, memory_bytes=512 * 1024 * 1024)
PICTURE_LIMITS = Limits(cpu_s=20, wall_s=30.0, memory_bytes=768 * 1024 * 1024)
log_ = logger(__name__)


def do(work: Work) -> Mapping[str, Any]:
    """Fetch a link's page, note what it shows, and return it. Raises WorkFailed and OSError.

    The shell passes `links`, and may pass another `fetcher` and `browser`.
    """
    links: LinkPages = work.others["links"]
    fetcher: Fetcher = work.others.get("fetcher") or Fetcher()
    browser: Browser = work.others.get("browser") or Browser()
    url = str(work.job.data["url"])
    try:
        fetched = fetcher.fetch(url)
    except LinkRefused as problem:
        links.note(url, None, code=problem.code, at=_now_ms())
        raise WorkFailed(problem.code, problem.detail) from problem
    work.progress = 30
    facts = _read(work, fetched)
    try:
        visit = browser.show(url)
    except NoBrowser as problem:
        log_.info("no browser showed a link", url=url, problem=str(problem))
        visit = None
    work.progress = 80
    picture = _store_picture(work, visit.picture) if visit else ""
    seen = _version(fetched, facts, visit, picture)
    for dropped in links.note(url, seen, code="", at=seen.at):
        if dropped.picture and dropped.picture != picture:
            work.copies.remove(dropped.picture)
    return asdict(seen) | {"text": ""}


def _version(fetched: Fetched, facts: Mapping[str, str], visit: Visit | None, picture: str) -> PageVersion:
    shown = visit.facts if visit else facts
    title, description = shown["title"] or facts["title"], shown["description"] or facts["description"]
    final = visit.url if visit else fetched.url
    via = BROWSER if visit else SERVER
    return PageVersion(_now_ms(), via, final, title, description, shown["text"], shown["sha256"], picture)


def _read(work: Work, fetched: Fetched) -> dict[str, str]:
    """Return what a page says, read in a limited process. Raises WorkFailed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page"
        path.write_bytes(fetched.body)
        ended = work.run({"page": str(path), "charset": fetched.charset}, PAGE_LIMITS)
    if not isinstance(ended, Finished) or ended.exit_code:
        raise WorkFailed("link-not-page", repr(ended)[:200])
    facts: dict[str, str] = json.loads(ended.output)
    return facts


def _store_picture(work: Work, data: bytes) -> str:
    """Store the picture of a page like the poster of a film, and return its SHA-256; empty if it cannot be read."""
    sha256 = hashlib.sha256(data).hexdigest()
    with work.copies.draft_folder() as folder:
        path, target = folder / "page.png", folder / "of-page"
        path.write_bytes(data)
        target.mkdir()
        ended = work.run({"frames_of_film": [str(path)], "folder": str(target)}, PICTURE_LIMITS)
        if not isinstance(ended, Finished) or ended.exit_code:
            return ""
        for each in sorted(target.glob("poster-*")):
            work.copies.put_rendition(sha256, each.name, each)
    return sha256


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def recipe(rank: int) -> Recipe:
    """Return the recipe. Nobody waits longer for a picture because of it: links have a lane of their own."""
    return Recipe(NAME, frozenset(), rank, is_long=False, do=do, lane="links")
