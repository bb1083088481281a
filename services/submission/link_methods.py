"""RPC methods about the H5 links of entries: preview, what a link showed, and what machines noticed.

The media worker fetches the pages (`link_recipe.py`); these methods ask for that, and tell what came of it.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from nameko.rpc import rpc

from services.submission import film_recipe, link_recipe, schemas
from services.submission.entry_checks import link_problems
from services.submission.events import EntrySubmitted
from services.submission.link_store import LinkPages, PageVersion, key_of
from services.submission.log_methods import LogMethods
from services.submission.media_recipes import LINKS
from services.submission.state import APPROVED, RETURNED, SUBMITTED, SubmissionState
from shared.decider import Refused
from shared.media.jobs import Jobs
from shared.rpc import Call, Reply, call, refusal
from shared.stamps import wall_ms

STAFF = ("moderator", "organiser", "auditor")
PREVIEW_AGE_MS = 60_000  # a preview that is older is fetched again
READ_AGE_MS = 600_000  # so is a page that a moderator opens
CHECK_AGE_MS = 6 * 3_600_000  # and the page of any entry that is or may become public
LIVE = (SUBMITTED, APPROVED, RETURNED)
CHANGED = "link-changed"


class LinkMethods(LogMethods):
    """The methods of submission's service that are about links and what became of films."""

    @rpc
    @call(schemas.OneLink, roles=("unit",))
    def preview_link(self, call: Call) -> Reply:
        """Ask for the page of a link that a unit means to hand in, and return how far that is and what it showed."""
        url = call.body["url"]
        for problem in link_problems(url):
            return refusal(Refused(problem.code, "url", problem.detail))
        return {"ok": self._watched(url, PREVIEW_AGE_MS)}

    @rpc
    @call(schemas.OneEntry, roles=(*STAFF, "operator"))
    def entry_link(self, call: Call) -> Reply:
        """Return what the link of an entry showed when its latest version came in, and what it shows now.

        For judges the gateway asks in its own name, once scoring has said that the entry is assigned to the judge.
        """
        state: SubmissionState = self.log.state
        found = state.entries.get(call.body["entry"])
        if found is None:
            return refusal(Refused("entry-unknown", "entry"))
        latest = found.latest
        if latest.h5 is None:
            without = {"watched": None, "first_page": None, "is_changed": False}
            return {"ok": {"entry": latest.entry, "version": latest.version, **without}}
        link = self._watched(latest.h5, READ_AGE_MS)
        begun, changed = self._compared(latest)
        shown = {"first_page": asdict(begun) if begun else None, "is_changed": changed}
        return {"ok": {"entry": latest.entry, "version": latest.version, "watched": link, **shown}}

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def machine_notes(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Have links fetched again that are due, and return what moderators must know of links and films.

        Each note has the fields of moderation's `note_check`, which takes the same note twice as once.
        """
        return {"ok": {"notes": [each for entry in self._live() for each in self._notes(entry)]}}

    def _live(self) -> Iterator[EntrySubmitted]:
        state: SubmissionState = self.log.state
        for entry, found in state.entries.items():
            if state.status(entry) in LIVE:
                yield found.latest

    def _notes(self, latest: EntrySubmitted) -> Iterator[dict[str, Any]]:
        named = {"entry": latest.entry, "version": latest.version}
        if latest.h5 is not None:
            self._watched(latest.h5, CHECK_AGE_MS)
            _, changed = self._compared(latest)
            if changed:
                item = {"item": "h5", "state": "hit", "why": CHANGED, "hits": []}
                yield {**named, "source": "link", "items": [item]}
        films = {each.sha256: each.kind for each in latest.files if each.kind != "picture"}
        standings = Jobs(self.log.database).standings(films)
        failed = [
            {"item": films[sha256], "state": "hit", "why": each.code, "hits": []}
            for sha256 in films
            for each in standings.get(sha256, ())
            if each.recipe == film_recipe.NAME and each.state == "failed"
        ]
        if failed:
            yield {**named, "source": "film", "items": failed}

    def _compared(self, latest: EntrySubmitted) -> tuple[PageVersion | None, bool]:
        """Return the page that a version began with, and whether its link shows something else now."""
        links = LinkPages(self.log.database)
        page = links.find(latest.h5 or "")
        if page is None or page.latest is None:
            return None, False
        begun = links.begun_with(latest.entry, latest.version)
        if begun is None:
            links.begin(latest.entry, latest.version, page.latest)
            return page.latest, False
        now = page.like(begun)
        return begun, now is not None and now.sha256 != begun.sha256

    def _watched(self, url: str, age_ms: int) -> dict[str, Any]:
        """Ask for a link's page if it was not fetched for some time. Return how far that is, and what is known."""
        links, jobs, key = LinkPages(self.log.database), Jobs(self.log.database), key_of(url)
        page = links.find(url)
        if page is None:
            jobs.request(key, link_recipe.NAME, rank=LINKS, data={"url": url})
        elif page.checked < wall_ms() - age_ms:
            jobs.repeat(key, link_recipe.NAME)
        standing = next((each for each in jobs.standings([key]).get(key, []) if each.recipe == link_recipe.NAME), None)
        state = standing.state if standing is not None else "waiting"
        code = standing.code if standing is not None and state == "failed" else ""
        problems = [{"code": code, "field": "url", "detail": {}}] if code else []
        known = {
            "latest_page": asdict(page.latest) if page and page.latest else None,
            "checked": page.checked if page else 0,
        }
        return {"url": url, "state": state, "problems": problems, **known}
