"""Media packs of exhibited entries: for each channel one archive, with texts, pictures, films, rights and a manifest.

Promises: only what is in the exhibition at this moment has a pack, so a take-down closes it as everything else; the
archive is made while it is sent, and nothing of it is kept here; two are made at once, one for each person.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from starlette.responses import Response, StreamingResponse

from gateway.backends.media_store import media_type
from gateway.html.page import say_in
from gateway.http import responses
from gateway.http.problems import Problem
from gateway.media_packs import pictures
from gateway.media_packs.channels import CHANNELS, Channel, Story, caption
from gateway.media_packs.rights import statement
from gateway.media_packs.zip_stream import Part, zipped
from gateway.public.entries import whole_entry
from gateway.public.feeds import LANG, base_of
from gateway.routing.context import AppContext
from gateway.routing.route import OPERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import ask_service

_ENDINGS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-ms-asf": "wmv",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
}


async def pack(app: AppContext, context: RequestContext) -> Response:
    channel = CHANNELS.get(context.path["channel"])
    if channel is None:
        raise Problem("channel-unknown", field="channel", facts={"channels": sorted(CHANNELS)})
    entry, shown = _exhibited(app, context.path["entry"])
    content = await whole_entry(app, context, entry)
    consent = await ask_service(app, context, "submission", "consent", {"entry": entry})
    story = _story(app, context, content, is_provisional=bool(shown["provisional"]))
    manifest = {
        "campaign": app.settings.campaign,
        "channel": channel.code,
        "entry": entry,
        "number": content["number"],
        "version": content["version"],
        "provisional": bool(shown["provisional"]),
        "consent": {"words": consent["words"], "version": consent["version"], "at": consent["at"]},
        "page": story.url,
    }
    rights = statement(channel, story, number=content["number"] or entry, consent=consent)
    parts = [*_texts(channel, story, rights), *_media(app, channel, content)]
    held = _held(app, context.actor, zipped(parts, at=content["at"], manifest=manifest))
    next(held)  # busy is said before anything is sent
    name = f"{content['number'] or entry}-v{content['version']}-{channel.code}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": responses.PRIVATE,
        **responses.SAFE,
    }
    return StreamingResponse(held, media_type="application/zip", headers=headers)


def _exhibited(app: AppContext, name: str) -> tuple[str, dict[str, Any]]:
    """The entry's id, and the exhibition. Raises Problem."""
    shown, entry = app.views.data("exhibition"), app.views.entry(name)
    if not shown.get("open"):
        raise Problem("exhibition-not-open")
    if entry is None or entry not in shown["entries"]:
        raise Problem("entry-not-exhibited", field="entry")
    return entry, shown


def _held(app: AppContext, who: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks, with a turn taken until the last one, or until nobody wants them any more."""
    with app.packs.taken(who):
        yield b""
        yield from chunks


def _story(app: AppContext, context: RequestContext, content: dict[str, Any], *, is_provisional: bool) -> Story:
    campaign = app.views.campaign
    names = {each["code"]: each[LANG] for what in ("unit_types", "themes") for each in campaign.get(what, ())}
    return Story(
        campaign=campaign[f"title_{LANG}"],
        title=content["title"],
        unit=content["unit"],
        city=content["city"],
        type=names.get(content["type"], content["type"]),
        themes=tuple(names.get(each, each) for each in content["themes"]),
        profile=content["profile"],
        text=content["text"],
        url=f"{base_of(app, context.request)}/entries/{content['number'] or content['entry']}",
        mark=say_in(LANG, "exhibition.mark") if is_provisional else "",
    )


def _texts(channel: Channel, story: Story, rights: str) -> Iterator[Part]:
    for name, text in (("caption.txt", caption(channel, story).lines()), ("rights.txt", rights)):
        # With a byte order mark: Windows' editor takes the text for GBK without it.
        yield Part(name, partial(text.encode, "utf-8-sig"))


def _media(app: AppContext, channel: Channel, content: dict[str, Any]) -> Iterator[Part]:
    """Covers of the first picture, all pictures in the text's width, then films and sound as they were handed in."""
    files = [(each["kind"], app.store.path(each["sha256"])) for each in content["files"]]
    stills = [path for kind, path in files if kind == "picture" and path is not None]
    for size in channel.covers if stills else ():
        yield Part(f"{size.name}-{size.width}x{size.height}.jpg", partial(pictures.cover, stills[0], size))
    for n, path in enumerate(stills, start=1):
        yield Part(f"pictures/{n:02}.jpg", partial(pictures.narrowed, path, channel.widest))
    for kind, ending, n, path in _as_they_are(files):
        yield Part(f"{kind}-{n}.{ending}", path)


def _as_they_are(files: list[tuple[str, Path | None]]) -> Iterator[tuple[str, str, int, Path]]:
    for wanted in ("video", "audio"):
        found = [path for kind, path in files if kind == wanted and path is not None]
        for n, path in enumerate(found, start=1):
            yield wanted, _ENDINGS.get(media_type(path), "bin"), n, path


ROUTES = (
    Route(
        method="GET",
        path="/exhibition/{entry}/packs/{channel}.zip",
        base="",
        roles=frozenset({ORGANISER, OPERATOR}),
        about="What a channel needs to post an exhibited entry, as one archive",
        handle=pack,
        problems=("exhibition-not-open", "entry-not-exhibited", "channel-unknown", "busy"),
    ),
)
