"""Check the content of an entry: return every problem at once, in the order of the form.

Promises: the check of a draft and its submission report the same problems, because both call this module; each problem
names its field, the figure that was counted, and the figure that is allowed.
Does not check who submits, or when. `eligibility.py` does.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.moderation.campaign import Campaign, EntryLimits
from services.submission.declaration import WORDS
from services.submission.events import File
from shared.decider import Refused
from shared.names import is_visible
from shared.short_text import NOTHING, flaw
from shared.web_links import is_https, is_public_https

TITLE_MAX_CHARS = 100
PROFILE_MAX_CHARS = 1_000
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
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of an entry as a unit has filled it in so far, complete or not.

    `consent` is the hash of the declaration that the unit was shown and accepted.
    """

    title: str = ""
    profile: str = ""
    text: str = ""
    themes: tuple[str, ...] = ()
    h5: str | None = None
    files: tuple[File, ...] = ()
    consent: str | None = None


def problems(draft: Draft, campaign: Campaign) -> list[Refused]:
    """Return every problem of the content that prevents the draft from being submitted, in the order of the form."""
    found = [
        *_text_problems("title", draft.title, TITLE_MAX_CHARS),
        *_line_problems("title", draft.title.strip()),
        *_text_problems("profile", draft.profile, PROFILE_MAX_CHARS),
    ]
    found += _text_problems("text", draft.text, campaign.entry.text_max_chars)
    found += _themes(draft.themes, {each.code for each in campaign.themes})
    if draft.h5 is not None:
        found += link_problems(draft.h5)
    found += _files(draft.files, campaign.entry)
    if not draft.consent:
        found.append(Refused("consent-missing", "consent"))
    elif draft.consent != WORDS:
        found.append(Refused("consent-outdated", "consent"))
    return found


def file_problems(file: File, limits: EntryLimits, *, place: str = "files") -> list[Refused]:
    """Return the problems of one file by itself, so that the unit learns of them at the upload, before it submits.

    A video passes while it is less than VIDEO_TOLERANCE_MS over its limit.
    """
    containers = {"video": limits.video_containers, "audio": limits.audio_containers}
    most_bytes = {
        "picture": limits.picture_max_bytes,
        "video": limits.video_max_bytes,
        "audio": limits.audio_max_bytes,
    }[file.kind]
    found = []
    if file.kind in containers and file.container not in containers[file.kind]:
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


def _line_problems(field: str, value: str) -> Iterator[Refused]:
    found = flaw(value)
    if found is not None and found.code != NOTHING:  # which is missing
        yield Refused(f"{field}-not-one-line", field, {"flaw": found.code, "character": found.character})


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


def _files(files: tuple[File, ...], limits: EntryLimits) -> Iterator[Refused]:
    for i, file in enumerate(files):
        if file.sha256 in {each.sha256 for each in files[:i]}:
            yield Refused("file-repeated", f"files/{i}", {"name": file.name})
        yield from file_problems(file, limits, place=f"files/{i}")
    pictures = Counter(each.kind for each in files)["picture"]
    if pictures < limits.pictures_min:
        yield Refused("too-few-pictures", "files", {"counted": pictures, "required": limits.pictures_min})
    if pictures > limits.pictures_max:
        yield Refused("too-many-pictures", "files", {"counted": pictures, "allowed": limits.pictures_max})


def normalise(text: str) -> str:
    """Return the text as it is counted and stored: line ends become LF, then Unicode form NFC."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def length(text: str) -> int:
    """Return the number of Unicode code points of the normal form.

    The organiser's notice says "at most 3,000 characters". Every place that counts (the form, the refusal, the page)
    uses this function, so that no two places show different numbers.

    Promises: the same text has the same length if it was typed on another system, or with accents stored separately;
    a Chinese character counts as one, even outside the basic plane. A browser gets the same number by
    `[...text.replace(/\\r\\n?/g, "\\n").normalize("NFC")].length`.

    Does not promise: the number of characters that a reader sees. An emoji that is joined from several code points
    counts as several, and blanks and line ends count. Nothing is trimmed.
    """
    return len(normalise(text))
