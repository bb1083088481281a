"""What the pages of H5 links showed, each time it was something else, and what each entry was handed in with.

Plain documents and no events: the media worker writes the pages, and the service notes which one an entry's version
began with, so that a later change can be told. A link is known by the SHA-256 of its address.

Promises: the latest page of a link, and the one that an entry's version began with, are there; of others the last
MOST_VERSIONS. Each method raises Unreachable if the database does not answer. Times are wall times in ms.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.errors import Unreachable

MOST_VERSIONS = 20
BROWSER, SERVER = "browser", "server"


@dataclass(frozen=True, slots=True)
class PageVersion:
    """What a link's page showed at a time. `via` says whether a browser showed it, or only the server's text was read.

    `picture` is the SHA-256 of the browser's picture, or empty.
    """

    at: int
    via: str
    final_url: str
    title: str
    description: str
    text: str
    sha256: str
    picture: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What is known of a link: its pages, oldest first, when it was last tried, and why that failed, if it did."""

    url: str
    versions: tuple[PageVersion, ...] = ()
    checked: int = 0
    code: str = ""

    @property
    def latest(self) -> PageVersion | None:
        """The page that was seen last, or None."""
        return self.versions[-1] if self.versions else None

    def like(self, begun: PageVersion) -> PageVersion | None:
        """Return the last page that was seen in the same manner as another, and so can be compared with it."""
        return next((each for each in reversed(self.versions) if each.via == begun.via), None)


def key_of(url: str) -> str:
    """Return the SHA-256 by which a link is known."""
    return hashlib.sha256(url.encode()).hexdigest()


class LinkPages:
    """The pages of one campaign's links, in its database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        majority = {"write_concern": WriteConcern(w="majority", j=True), "read_concern": ReadConcern("majority")}
        self._pages = database.get_collection("link_pages", **majority)  # type: ignore[arg-type]
        self._pictures = database.get_collection("link_pictures", **majority)  # type: ignore[arg-type]
        self._begun = database.get_collection("link_baselines", **majority)  # type: ignore[arg-type]

    def find(self, url: str) -> LinkPage | None:
        """Return what is known of a link, or None if it was never tried."""
        with _reached():
            found = self._pages.find_one({"_id": key_of(url)})
        if found is None:
            return None
        versions = tuple(PageVersion(**each) for each in found["versions"])
        return LinkPage(found["url"], versions, found["checked"], found["code"])

    def note(self, url: str, seen: PageVersion | None, *, code: str, at: int) -> list[PageVersion]:
        """Note that a link was tried: what its page showed, or why there was none. Return versions that are dropped.

        A page that shows the same as the last one only renews the time.
        """
        known = self.find(url) or LinkPage(url)
        versions = list(known.versions)
        same = known.like(seen) if seen is not None else None
        if seen is not None and (same is None or same.sha256 != seen.sha256 or known.latest is not same):
            versions.append(seen)
        document = {"_id": key_of(url), "url": url, "checked": at, "code": code}
        if seen is not None and seen.picture:
            with _reached():
                self._pictures.replace_one({"_id": seen.picture}, {"_id": seen.picture, "url": url}, upsert=True)
        kept = versions[:1] + versions[1:][-MOST_VERSIONS + 1 :]
        with _reached():
            self._pages.replace_one(
                {"_id": document["_id"]}, {**document, "versions": [asdict(each) for each in kept]}, upsert=True
            )
        return [each for each in versions if each not in kept]

    def begun_with(self, entry: str, version: int) -> PageVersion | None:
        """Return the page that an entry's version began with, or None if none was seen yet."""
        with _reached():
            found = self._begun.find_one({"_id": f"{entry}/{version}"})
        return PageVersion(**found["page"]) if found is not None else None

    def begin(self, entry: str, version: int, page: PageVersion) -> None:
        """Note which page an entry's version began with, once for all."""
        new = {"page": asdict(page)}
        with _reached():
            self._begun.update_one({"_id": f"{entry}/{version}"}, {"$setOnInsert": new}, upsert=True)

    def has_picture(self, sha256: str) -> bool:
        """Return whether a file is the picture of a link's page."""
        with _reached():
            return self._pictures.find_one({"_id": sha256}) is not None


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except PyMongoError as problem:
        raise Unreachable(str(problem)) from problem
