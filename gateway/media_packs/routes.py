"""Media packs of exhibited entries: a ZIP archive per channel with texts, pictures, videos, rights and a manifest.

Promises: only an entry that is in the exhibition at this moment has a pack, so a take-down ends it like everything
else. The archive is produced while it is sent, and nothing is stored. At most two are produced at once, and one for
each person. Pictures, video and sound are those of the pages: prepared by the same functions, without metadata.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from starlette.responses import Response, StreamingResponse

from gateway.html.page import say_in
from gateway.http import responses
from gateway.http.problems import Problem
from gateway.media_packs.channels import CHANNELS, Channel, Story, caption
from gateway.media_packs.rights import rights_statement
from gateway.media_packs.zip_stream import Part, stream_zip
from gateway.public import ai_marks
from gateway.public.entries import full_entry
from gateway.public.feeds import LANG
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import OPERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service

PART_NAMES = {
    "title": "标题", "profile": "单位简介", "text": "典型材料", "h5": "H5", "picture": "图", "video": "视频",
    "audio": "音频",
}  # fmt: skip
FILM_S = 60.0  # to copy a film that was handed in before there were copies


async def pack(app: AppContext, context: RequestContext) -> Response:
    """Handle the download of a media pack: stream what one channel needs to post one exhibited entry, as a ZIP archive.

    Raises Problem if the channel is unknown, the entry is not exhibited, or too many packs are being produced.
    """
    channel = CHANNELS.get(context.path["channel"])
    if channel is None:
        raise Problem("channel-unknown", field="channel", facts={"channels": sorted(CHANNELS)})
    entry, shown = _exhibited_entry(app, context.path["entry"])
    content = await full_entry(app, context, entry)
    consent = await call_service(app, context, "submission", "consent", {"entry": entry})
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
    rights = rights_statement(channel, story, number=content["number"] or entry, consent=consent, zone=context.zone)
    parts = [*_texts(channel, story, rights), *await _pictures(app, channel, content), *await _films(app, content)]
    chunks = _hold_turn(app, context.actor, stream_zip(parts, at=content["at"], manifest=manifest))
    next(chunks)  # raises `busy` before anything is sent
    name = f"{content['number'] or entry}-v{content['version']}-{channel.code}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": responses.PRIVATE,
        **responses.SAFE,
    }
    return StreamingResponse(chunks, media_type="application/zip", headers=headers)


def _exhibited_entry(app: AppContext, name: str) -> tuple[str, dict[str, Any]]:
    """Return the id of an exhibited entry, and the exhibition. Raises Problem."""
    shown, entry = app.views.data("exhibition"), app.views.entry(name)
    if not shown.get("open"):
        raise Problem("exhibition-not-open")
    if entry is None or entry not in shown["entries"]:
        raise Problem("entry-not-exhibited", field="entry")
    return entry, shown


def _hold_turn(app: AppContext, who: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass the chunks on while holding a turn, until the last one or until the client goes away."""
    with app.packs.slot(who):
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
        url=f"{public_urls.base(app, context.request)}/entries/{content['number'] or content['entry']}",
        mark=say_in(LANG, "exhibition.mark") if is_provisional else "",
        ai=_ai_label(content),
    )


def _ai_label(content: dict[str, Any]) -> str:
    words = {each: say_in(LANG, f"ai.{each}") for each in ai_marks.MARKS}
    return ai_marks.sentence(ai_marks.parts_in_words(content, PART_NAMES), words)


def _texts(channel: Channel, story: Story, rights: str) -> Iterator[Part]:
    for name, text in (("caption.txt", caption(channel, story).lines()), ("rights.txt", rights)):
        # With a byte order mark, for Windows' editor would otherwise read the text as GBK.
        yield Part(name, partial(text.encode, "utf-8-sig"))


async def _pictures(app: AppContext, channel: Channel, content: dict[str, Any]) -> list[Part]:
    """Return covers of the first picture, then all pictures in the width of the text."""
    stills, parts = await _stored(app, content, "picture"), []
    for size in channel.covers if stills else ():
        source = partial(app.copies.picture_for, stills[0], "cover", size.width, size.height)
        parts.append(Part(f"{size.name}-{size.width}x{size.height}.jpg", source))
    for n, sha256 in enumerate(stills, start=1):
        parts.append(Part(f"pictures/{n:02}.jpg", partial(app.copies.picture_for, sha256, "narrow", channel.widest)))
    return parts


async def _films(app: AppContext, content: dict[str, Any]) -> list[Part]:
    """Return the public copies of video and audio, without metadata and else as they were handed in, and captions.

    Raise Problem if one cannot be prepared now.
    """
    parts = []
    for kind in ("video", "audio"):
        for n, sha256 in enumerate(await _stored(app, content, kind), start=1):
            copy = await app.copies.get(sha256, within_s=FILM_S)
            parts.append(Part(f"{kind}-{n}.{copy.container}", copy.path))
            if subtitles := next((each.get("subtitles") for each in content["files"] if each["sha256"] == sha256), ""):
                parts.append(Part(f"{kind}-{n}.vtt", partial(subtitles.encode, "utf-8")))
    return parts


async def _stored(app: AppContext, content: dict[str, Any], kind: str) -> list[str]:
    files = [each["sha256"] for each in content["files"] if each["kind"] == kind]
    return [each for each in files if await app.copies.stored_original(each) is not None]


ROUTES = (
    Route(
        method="GET",
        path="/exhibition/{entry}/packs/{channel}.zip",
        base="",
        roles=frozenset({ORGANISER, OPERATOR}),
        about="Download what a channel needs to post an exhibited entry, as one archive",
        handle=pack,
        problems=(
            "exhibition-not-open",
            "entry-not-exhibited",
            "channel-unknown",
            "busy",
            "media-unshowable",
            "media-not-ready",
        ),
    ),
)
