"""What is wrong with the content of an entry: every problem at once, in the order of the form.

Promises: the draft check and the hand-in say the same, since both ask here; each problem names its field and what was
counted against what is allowed. Does not promise anything about who hands in, or when: `domain.py` does.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.moderation.campaign import Campaign, EntryLimits
from services.submission.declaration import WORDS
from services.submission.events import File
from shared.decider import Refused

TITLE_MAX_CHARS = 100
PROFILE_MAX_CHARS = 1_000
H5_MAX_CHARS = 500

REFUSALS = frozenset(
    {
        "title-missing",
        "title-too-long",
        "profile-missing",
        "profile-too-long",
        "text-missing",
        "text-too-long",
        "themes-missing",
        "theme-unknown",
        "theme-repeated",
        "h5-not-https",
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
    """What a unit has filled in so far. `consent` is the hash of the declaration that it was shown and accepted."""

    title: str = ""
    profile: str = ""
    text: str = ""
    themes: tuple[str, ...] = ()
    h5: str | None = None
    files: tuple[File, ...] = ()
    consent: str | None = None


def problems(draft: Draft, campaign: Campaign) -> list[Refused]:
    """Everything that keeps the draft from being handed in."""
    found = [*_words("title", draft.title, TITLE_MAX_CHARS), *_words("profile", draft.profile, PROFILE_MAX_CHARS)]
    found += _words("text", draft.text, campaign.entry.text_max_chars)
    found += _themes(draft.themes, {each.code for each in campaign.themes})
    if draft.h5 is not None and not _is_https(draft.h5):
        found.append(Refused("h5-not-https", "h5"))
    found += _files(draft.files, campaign.entry)
    if not draft.consent:
        found.append(Refused("consent-missing", "consent"))
    elif draft.consent != WORDS:
        found.append(Refused("consent-outdated", "consent"))
    return found


def file_problems(file: File, limits: EntryLimits, *, place: str = "files") -> list[Refused]:
    """What is wrong with one file by itself: an upload is told at once, not at the hand-in.

    A video's length is counted in whole seconds, the rest dropped: with a limit of 8 minutes everything under 8:01
    passes. An encoder adds a frame, and a container rounds up to one, so that a film cut at 8:00 comes out longer.
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
    if file.kind == "video" and file.duration_ms // 1000 > limits.video_max_s:
        spoken = {"duration_ms": file.duration_ms, "allowed_s": limits.video_max_s}
        found.append(Refused("video-too-long", place, spoken))
    return found


def _words(field: str, value: str, most: int) -> Iterator[Refused]:
    counted = length(value)
    if not value.strip():
        yield Refused(f"{field}-missing", field)
    elif counted > most:
        yield Refused(f"{field}-too-long", field, {"counted": counted, "allowed": most})


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


def _is_https(address: str) -> bool:
    """An https URL with a host, and no name or password in it."""
    if len(address) > H5_MAX_CHARS or not address.isprintable() or any(map(str.isspace, address)):
        return False
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 -- raises where the port is not one
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def normal(text: str) -> str:
    """Return the form that is counted and stored: line ends made one (CRLF and CR become LF), then NFC."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def length(text: str) -> int:
    """Return the number of Unicode code points of the normal form: the one count of characters.

    The notice says "at most 3,000 characters". Every place that counts (the form, the refusal, the page) counts with
    this function, so that no two places give different numbers.

    Promises: the same text typed on another system, or with accents stored apart, has the same length; a Chinese
    character is one whether or not it lies outside the first plane. A browser gets the same number by
    `[...text.replace(/\\r\\n?/g, "\\n").normalize("NFC")].length`.

    Does not promise: what a reader would call one sign. An emoji joined of several counts as several, and blanks and
    line ends count. Nothing is trimmed.
    """
    return len(normal(text))
