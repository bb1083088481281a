"""The exhibition as feeds: Atom (RFC 4287) and JSON Feed 1.1.

Promises: the same views (published parts of ranking's table) give the same bytes. An item keeps the id of its entry for
ever. Times are the times of events: an item is `published` when the exhibition opened and `updated` when its entry last
became visible or the result became final; the feed is `updated` when an entry joined or left it. So an entry that was
taken down leaves the feed, and the feed's time shows the change. Until the result is final, the feed and its items say
that it is provisional. Enclosures are the files of entries that are shown, and no others.
Does not promise the full texts of an entry: they are on the page that an item links to.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from starlette.responses import Response

from gateway.html.page import say_in
from gateway.http import responses
from gateway.http.problems import Problem
from gateway.load.shedding import Shed
from gateway.public.exhibition import current_exhibition
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.view_responses import wait_for_views
from shared.short_text import one_line

ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"
LANG = "zh"
_VIEWS = ("exhibition", "entries", "result", "campaign")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A media file of a feed's item: its URL, its media type, and its size in bytes if that is known."""

    url: str
    kind: str
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One exhibited entry in a feed, in the terms that Atom and JSON Feed have in common."""

    id: str
    url: str
    title: str
    unit: str
    summary: str
    tags: tuple[str, ...]
    published: datetime
    updated: datetime
    enclosures: tuple[Enclosure, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """The exhibition as a feed, before it is written as Atom or JSON.

    `note` says that the result is provisional, and is empty once it is final.
    """

    id: str
    home: str
    title: str
    organiser: str
    note: str
    rights: str
    updated: datetime
    items: tuple[Item, ...]


async def atom(app: AppContext, context: RequestContext) -> Response:
    """Return the exhibition as an Atom feed. Raises Problem before the exhibition is open."""
    return await _serve(app, context, ATOM, lambda feed, url: as_atom(feed, url=url))


async def json(app: AppContext, context: RequestContext) -> Response:
    """Return the exhibition as a JSON Feed. Raises Problem before the exhibition is open."""
    return await _serve(app, context, JSON_FEED, lambda feed, url: as_json(feed, url=url))


async def _serve(app: AppContext, context: RequestContext, kind: str, write: Callable[[Feed, str], bytes]) -> Response:
    await wait_for_views(app, context, *_VIEWS)
    if not app.views.data("exhibition").get("open"):
        raise Problem("exhibition-not-open")
    base = public_urls.base(app, context.request)
    sources = tuple(app.views.view(name).digest for name in _VIEWS)
    url = base + context.request.url.path
    look = partial(
        app.response_cache.get, (context.route.name, base), sources, lambda: write(build_feed(app, base), url)
    )
    cached = look() if app.copies.is_local else await asyncio.to_thread(look)  # a store on a network is waited for
    return responses.conditional(
        context.request, cached.body, cached.etag, public=True, media_type=f"{kind}; charset=utf-8"
    )


def build_feed(app: AppContext, base: str) -> Feed:
    """Build the feed of the entries that are exhibited now. `base` is the gateway's public URL."""
    shown, campaign = current_exhibition(app.views), app.views.campaign
    names = {each["code"]: each[LANG] for what in ("unit_types", "themes") for each in campaign.get(what, ())}
    note = say_in(LANG, "exhibition.provisional") if shown["provisional"] else ""
    id_ = f"urn:baijia:{campaign['id']}:exhibition"
    opened = shown["at"]
    marked = int(app.views.data("exhibition").get("final_at", 0))  # when the items stopped being marked as provisional

    def item(row: dict[str, Any]) -> Item:
        seen = app.views.data("entries")["entries"][row["entry"]]
        kinds = tuple(names.get(code, code) for code in (row["type"], *row["themes"]))
        parts = (row["unit"], row["city"], *kinds, *([say_in(LANG, "exhibition.mark")] if note else []))
        return Item(
            id=f"{id_}:{row['entry']}",
            url=f"{base}/entries/{row['number'] or row['entry']}",
            title=one_line(row["title"]),
            unit=one_line(row["unit"]),
            summary=one_line(" · ".join(filter(None, parts))),
            tags=kinds,
            published=_utc(opened),
            updated=_utc(max(opened, marked, seen.get("at", 0))),
            enclosures=_enclosures(app, base, seen),
        )

    return Feed(
        id=id_,
        home=f"{base}/exhibition",
        title=f"{campaign[f'title_{LANG}']} · {say_in(LANG, 'exhibition')}",
        organiser=campaign[f"title_{LANG}"],
        note=note,
        rights=say_in(LANG, "exhibition.rights"),
        updated=_utc(shown["changed"]),
        items=tuple(map(item, shown["entries"])),
    )


def as_atom(feed: Feed, *, url: str) -> bytes:
    """Write the feed as Atom XML. `url` is the URL at which it is served."""
    generator = FeedGenerator()
    generator.id(feed.id)
    generator.title(feed.title)
    generator.subtitle(feed.note or None)
    generator.language("zh-CN")
    generator.author(name=feed.organiser)
    generator.rights(feed.rights)
    generator.updated(feed.updated)
    generator.link([{"href": url, "rel": "self", "type": ATOM}, {"href": feed.home, "rel": "alternate"}])
    for item in feed.items:
        entry = generator.add_entry(_Entry(), order="append")
        entry.id(item.id)
        entry.title(item.title)
        entry.author(name=item.unit)
        entry.summary(item.summary)
        entry.category([{"term": tag} for tag in item.tags] + ([{"term": "provisional"}] if feed.note else []))
        entry.published(item.published)
        entry.updated(item.updated)
        entry.link(href=item.url, rel="alternate")
        for each in item.enclosures:
            length = {} if each.bytes is None else {"length": str(each.bytes)}
            entry.link(href=each.url, rel="enclosure", type=each.kind, **length)
    atom_bytes: bytes = generator.atom_str(pretty=True)
    return atom_bytes


class _Entry(FeedEntry):
    """An entry whose links keep their attributes.

    feedgen 1.0.0 writes the links of an entry without `rel`, `type` and `length`, so that an enclosure is lost.
    """

    def atom_entry(self, extensions: bool = True) -> Any:
        entry = super().atom_entry(extensions=extensions)
        for written, link in zip(entry.findall("link"), self.link(), strict=True):
            written.attrib.update(link)
        return entry


def as_json(feed: Feed, *, url: str) -> bytes:
    return orjson.dumps(
        {
            "version": VERSION,
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": url,
            "description": feed.note or feed.rights,
            "language": "zh-CN",
            "authors": [{"name": feed.organiser}],
            "_baijia": {"id": feed.id, "provisional": bool(feed.note), "updated": feed.updated.isoformat()},
            "items": [_json_item(each, is_provisional=bool(feed.note)) for each in feed.items],
        }
    )


def _json_item(item: Item, *, is_provisional: bool) -> dict[str, Any]:
    image = next((each.url for each in item.enclosures if each.kind.startswith("image/")), None)
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_text": item.summary,
        **({"image": image} if image else {}),
        "date_published": item.published.isoformat(),
        "date_modified": item.updated.isoformat(),
        "authors": [{"name": item.unit}],
        "tags": list(item.tags),
        "attachments": [
            {
                "url": each.url,
                "mime_type": each.kind,
                **({} if each.bytes is None else {"size_in_bytes": each.bytes}),
            }
            for each in item.enclosures
        ],
        "_baijia": {"provisional": is_provisional},
    }


def _enclosures(app: AppContext, base: str, seen: dict[str, Any]) -> tuple[Enclosure, ...]:
    """Return the video, then the pictures of an entry, without those that are missing from the store.

    What is served is the copy of a file. Before it is prepared its size is not known, nor the type of a video.
    """
    found = []
    for sha256 in filter(None, (seen.get("video"), *(seen.get("pictures") or ()))):
        copy, url = app.copies.find(sha256), f"{base}/media/{sha256}"
        if copy is not None:
            found.append(Enclosure(url, copy.media_type, copy.path.stat().st_size))
        elif app.copies.stat_original(sha256) is not None:
            found.append(Enclosure(url, "video/mp4" if sha256 == seen.get("video") else "image/jpeg", None))
    return tuple(found)


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


ROUTES = (
    Route(
        method="GET",
        path="/exhibition/feed.atom",
        base="",
        roles=ANYONE,
        about="Get the exhibition as an Atom feed",
        handle=atom,
        problems=("exhibition-not-open", "shed"),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/exhibition/feed.json",
        base="",
        roles=ANYONE,
        about="Get the exhibition as a JSON Feed",
        handle=json,
        problems=("exhibition-not-open", "shed"),
        shed=Shed.SEARCH,
    ),
)
