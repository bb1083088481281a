"""Check the content of an entry: return every problem at once, in the order of the form.

Promises: the check of a draft and its submission report the same problems, because both call this module; each problem
names its field, the figure that was counted, and the figure that is allowed.
Does not check who submits, or when. `eligibility.py` does.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.moderation.campaign import Campaign, EntryLimits
from services.submission.declaration import CURRENT, KINDS, WORDS
from services.submission.events import AiUse, Declared, File
from shared.decider import Refused
from shared.names import is_visible
from shared.subtitles import FLAWS_NAMED, read_subtitles, vtt_form
from shared.subtitles import MOST_CHARS as SUBTITLES_MAX_CHARS
from shared.text_rule import LINE_BREAK, PLACES_NAMED, length, one_line_form, refused_characters
from shared.web_links import is_https, is_public_https

TITLE_MAX_CHARS = 100
PROFILE_MAX_CHARS = 1_000
CAPTION_MAX_CHARS = 200
ALT_MAX_CHARS = 500
EXTENTS = MADE, ALTERED = ("made", "altered")
#: What a file may say about itself by which it was surely made, or put together, by a machine (`shared/media`).
CERTAIN_AI_LABELS = frozenset(
    {
        "aigc:1",
        "generator",
        "iptc:trainedAlgorithmicMedia",
        "iptc:compositeWithTrainedAlgorithmicMedia",
        "iptc:algorithmicMedia",
        "iptc:compositeSynthetic",
    }
)
TEXT_PARTS = ("title", "profile", "text", "h5")
H5_MAX_CHARS = 500
UPLOAD_ENTRIES = 3
FILMS_ROOM = 4
#: By so much a film may be longer than the rules say: an encoder adds a picture, a container rounds up to one, and
#: sound ends with its packet, so a film that was cut at 8:00 comes out as 8:00.04.
VIDEO_TOLERANCE_MS = 1_000

REFUSALS = frozenset(
    {
        "title-missing",
        "title-too-long",
        "title-not-one-line",
        "profile-missing",
        "profile-too-long",
        "text-missing",
        "text-too-long",
        "themes-missing",
        "theme-unknown",
        "theme-repeated",
        "h5-not-https",
        "h5-not-public",
        "file-repeated",
        "too-few-pictures",
        "too-many-pictures",
        "picture-too-large",
        "video-too-large",
        "audio-too-large",
        "video-too-long",
        "media-not-allowed",
        "consent-missing",
        "consent-outdated",
        "declaration-missing",
        "declaration-outdated",
        "characters-refused",
        "caption-too-long",
        "caption-not-one-line",
        "alt-too-long",
        "alt-not-one-line",
        "subtitles-too-long",
        "subtitles-broken",
        "subtitles-without-film",
        "ai-part-unknown",
        "ai-part-repeated",
        "ai-undeclared",
        "upload-unknown",
        "file-lost",
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of an entry as a unit has filled it in so far, complete or not.

    `consent` is the hash of the whole declaration that the unit was shown and accepted; a draft names instead the parts
    that it accepted, in `declared`. `lost` are the problems of files that are named and not stored, each at its place;
    `places` are the places of `files` among all that are named, if any is lost.
    """

    title: str = ""
    profile: str = ""
    text: str = ""
    themes: tuple[str, ...] = ()
    h5: str | None = None
    files: tuple[File, ...] = ()
    consent: str | None = None
    declared: tuple[Declared, ...] | None = None
    ai: tuple[AiUse, ...] = ()
    lost: tuple[Refused, ...] = ()
    places: tuple[int, ...] = ()


def problems(draft: Draft, campaign: Campaign) -> list[Refused]:
    """Return every problem of the content that prevents the draft from being submitted, in the order of the form."""
    found = [
        *_text_problems("title", one_line_form(draft.title), TITLE_MAX_CHARS),
        *_line_problems("title", "title", one_line_form(draft.title)),
        *_text_problems("profile", draft.profile, PROFILE_MAX_CHARS),
        *_character_problems("profile", draft.profile),
    ]
    found += _text_problems("text", draft.text, campaign.entry.text_max_chars)
    found += _character_problems("text", draft.text)
    found += _themes(draft.themes, {each.code for each in campaign.themes})
    if draft.h5 is not None:
        found += link_problems(draft.h5)
    found += _files(draft, campaign.entry)
    found += _ai_problems(draft)
    found += _consent(draft.consent) if draft.declared is None else _declarations(draft.declared)
    return found


def _consent(consent: str | None) -> Iterator[Refused]:
    if not consent:
        yield Refused("consent-missing", "consent")
    elif consent != WORDS:
        yield Refused("consent-outdated", "consent")


def _declarations(declared: tuple[Declared, ...]) -> Iterator[Refused]:
    accepted = {each.kind: each.words for each in declared}
    for kind in KINDS:
        if kind not in accepted:
            yield Refused("declaration-missing", f"declare.{kind}", {"kind": kind})
        elif accepted[kind] != CURRENT[kind]:
            yield Refused("declaration-outdated", f"declare.{kind}", {"kind": kind})


def file_problems(file: File, limits: EntryLimits, *, place: str = "files") -> list[Refused]:
    """Return the problems of one file by itself, so that the unit learns of them at the upload, before it submits.

    A video passes while it is less than VIDEO_TOLERANCE_MS over its limit.
    """
    containers = {
        "picture": limits.picture_containers,
        "video": limits.video_containers,
        "audio": limits.audio_containers,
    }
    most_bytes = {
        "picture": limits.picture_max_bytes,
        "video": limits.video_max_bytes,
        "audio": limits.audio_max_bytes,
    }[file.kind]
    found = []
    if file.container not in containers[file.kind]:
        allowed = {"container": file.container, "allowed": list(containers[file.kind])}
        found.append(Refused("media-not-allowed", place, allowed))
    if file.bytes > most_bytes:
        found.append(Refused(f"{file.kind}-too-large", place, {"bytes": file.bytes, "allowed": most_bytes}))
    if file.kind == "video" and file.duration_ms >= limits.video_max_s * 1000 + VIDEO_TOLERANCE_MS:
        compared = {"duration_ms": file.duration_ms, "allowed_s": limits.video_max_s}
        found.append(Refused("video-too-long", place, compared))
    return found


def upload_allowance(limits: EntryLimits) -> tuple[int, int]:
    """Return how many bytes and how many files a unit may have uploaded: room for UPLOAD_ENTRIES full entries.

    The rules limit the pictures of an entry and not its films; FILMS_ROOM of each kind are reckoned with.
    """
    films = FILMS_ROOM * (limits.video_max_bytes + limits.audio_max_bytes)
    in_bytes = limits.pictures_max * limits.picture_max_bytes + films
    return UPLOAD_ENTRIES * in_bytes, UPLOAD_ENTRIES * (limits.pictures_max + 2 * FILMS_ROOM)


def _text_problems(field: str, value: str, most: int) -> Iterator[Refused]:
    counted = length(value)
    if not is_visible(value):
        yield Refused(f"{field}-missing", field)
    elif counted > most:
        yield Refused(f"{field}-too-long", field, {"counted": counted, "allowed": most})


def _line_problems(field: str, kind: str, value: str) -> Iterator[Refused]:
    """Yield what is wrong with the characters of a text of one line; `kind` names it in the code of a line break."""
    if any(each.kind == LINE_BREAK for each in refused_characters(value, one_line=True)):
        yield Refused(f"{kind}-not-one-line", field)
    yield from _character_problems(field, value)


def _character_problems(field: str, value: str) -> Iterator[Refused]:
    """Yield one problem for all characters of a text that nobody can see, with the places of the first ones."""
    found = refused_characters(value)
    if found:
        places = [
            {
                "line": each.line,
                "column": each.column,
                "character": each.character,
                "kind": each.kind,
                "zh": f"第 {each.line} 行第 {each.column} 个字是{each.zh}（{each.character}）",
                "en": f"line {each.line}, character {each.column}: {each.en} ({each.character})",
            }
            for each in found[:PLACES_NAMED]
        ]
        yield Refused("characters-refused", field, {"count": len(found), "places": places})


def link_problems(address: str) -> Iterator[Refused]:
    """Yield why an address cannot be the link of an entry, judged by its text alone."""
    if len(address) > H5_MAX_CHARS or not is_https(address):
        yield Refused("h5-not-https", "h5")
    elif not is_public_https(address):
        yield Refused("h5-not-public", "h5")


def _themes(themes: tuple[str, ...], known: set[str]) -> Iterator[Refused]:
    if not themes:
        yield Refused("themes-missing", "themes")
    for i, theme in enumerate(themes):
        if theme not in known:
            yield Refused("theme-unknown", f"themes/{i}", {"theme": theme})
        elif theme in themes[:i]:
            yield Refused("theme-repeated", f"themes/{i}", {"theme": theme})


def _files(draft: Draft, limits: EntryLimits) -> Iterator[Refused]:
    yield from draft.lost
    files = draft.files
    for i, file in enumerate(files):
        place = f"files/{draft.places[i] if draft.places else i}"
        if file.sha256 in {each.sha256 for each in files[:i]}:
            yield Refused("file-repeated", place, {"name": file.name})
        yield from file_problems(file, limits, place=place)
        for kind, value, most in (("caption", file.caption, CAPTION_MAX_CHARS), ("alt", file.alt, ALT_MAX_CHARS)):
            if (counted := length(value)) > most:
                yield Refused(f"{kind}-too-long", f"{place}/{kind}", {"counted": counted, "allowed": most})
            yield from _line_problems(f"{place}/{kind}", kind, value)
        yield from subtitles_problems(file, place=f"{place}/subtitles")
    pictures = Counter(each.kind for each in files)["picture"]
    if pictures < limits.pictures_min:
        yield Refused("too-few-pictures", "files", {"counted": pictures, "required": limits.pictures_min})
    if pictures > limits.pictures_max:
        yield Refused("too-many-pictures", "files", {"counted": pictures, "allowed": limits.pictures_max})


def subtitles_problems(file: File, *, place: str) -> Iterator[Refused]:
    """Yield what is wrong with the captions of a file; only a film may have any.

    Their length is that of the WebVTT that a version stores, so that what was handed in once can be handed in again.
    """
    if not file.subtitles.strip():
        return
    if file.kind != "video":
        yield Refused("subtitles-without-film", place, {"name": file.name})
    elif (counted := length(vtt_form(file.subtitles))) > SUBTITLES_MAX_CHARS:
        yield Refused("subtitles-too-long", place, {"counted": counted, "allowed": SUBTITLES_MAX_CHARS})
    elif flaws := read_subtitles(file.subtitles, film_ms=file.duration_ms).flaws:
        places = [
            {
                "line": each.line,
                "column": each.column,
                "zh": f"第 {each.line} 行第 {each.column} 列：{each.zh}",
                "en": f"line {each.line}, column {each.column}: {each.en}",
            }
            for each in flaws[:FLAWS_NAMED]
        ]
        yield Refused("subtitles-broken", place, {"name": file.name, "count": len(flaws), "places": places})


def _ai_problems(draft: Draft) -> Iterator[Refused]:
    parts = {*TEXT_PARTS, *(each.sha256 for each in draft.files)}
    for i, use in enumerate(draft.ai):
        if use.part not in parts:
            yield Refused("ai-part-unknown", f"ai.{use.part}", {"part": use.part})
        elif use.part in {each.part for each in draft.ai[:i]}:
            yield Refused("ai-part-repeated", f"ai.{use.part}", {"part": use.part})
    declared = {each.part for each in draft.ai}
    for file in draft.files:
        if CERTAIN_AI_LABELS & {*file.ai_labels} and file.sha256 not in declared:
            yield Refused("ai-undeclared", f"ai.{file.sha256}", {"name": file.name})
