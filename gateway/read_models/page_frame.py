"""What stands around every page: the campaign's name and mark, the phase with what is left of it, and who runs it.

Promises: the phase is right at the very instant at which a window begins or ends. Before the views are known the frame
is neutral, so that the page of a problem can be shown at any time.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.read_models.cache import PHASES, View, Views

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
HASH_CHARS = 12
PICTURES = ("logo", "banner")
STYLES = "colours"
_SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/webp": "webp", "image/jpeg": "jpg"}


class Span(NamedTuple):
    """A span of time as people read it: days and hours, or hours and minutes within the last day; rounded down."""

    days: int
    hours: int
    minutes: int

    @staticmethod
    def of(ms: int) -> "Span":
        """Return a span of so many milliseconds. Minutes are left out where there is a whole day."""
        days, rest = divmod(ms, DAY_MS)
        hours, rest = divmod(rest, HOUR_MS)
        return Span(days, hours, 0 if days else rest // MINUTE_MS)


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A picture of the theme, or the style sheet with its colour, as it is served under `name` with its hash."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class PageTheme:
    """How the pages look and who runs the campaign, as the organiser set it; empty texts and no files by default."""

    names: tuple[str, str] = ("", "")
    organiser: str = ""
    contact: str = ""
    filing: str = ""
    files: tuple[tuple[str, ThemeFile], ...] = ()

    @property
    def sharing_picture(self) -> str:
        """The path of the picture that stands for the campaign where a page is shared: the banner, else the logo; empty
        if there is none that chats can show, which is a drawing (SVG).
        """
        paths = [self.file_path(what) for what in ("banner", "logo")]
        return next((each for each in paths if each and not each.endswith(".svg")), "")

    def file_path(self, what: str) -> str:
        """Return the path of the logo, the banner or the style sheet; empty if the theme has none."""
        file = dict(self.files).get(what)
        return f"/theme/{file.name}" if file is not None else ""


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The frame of a page: the campaign's names in Chinese and English, its theme, its phase and when that ends."""

    titles: tuple[str, str] = ("百家", "Baijia")
    theme: PageTheme = PageTheme()
    phase: str = ""
    until: int | None = None  # ms
    left: Span | None = None
    origin: str = ""  # of the campaign's public address, where it is known


NEUTRAL = PageFrame()


def frame_at(views: Views, at: int, origin: str = "") -> PageFrame:
    """Return the frame of pages at the campaign time `at` (ms), of a campaign with this public address."""
    if not views.loaded or not views.data("campaign"):
        return NEUTRAL
    campaign, phase = views.campaign, views.phase(at)
    until = campaign["windows"][phase]["end"] if phase in PHASES else None
    return PageFrame(
        titles=(campaign["title_zh"], campaign["title_en"]),
        theme=theme_of(views),
        phase=phase,
        until=until,
        left=None if until is None else Span.of(until - at),
        origin=origin,
    )


def theme_of(views: Views) -> PageTheme:
    """Return the theme of the pages. Raises Problem before the first views were read."""
    return _theme(views.view("page_theme"))


@lru_cache(maxsize=2)  # keyed by the view itself, which is replaced and never changed
def _theme(view: View) -> PageTheme:
    data = view.data
    files = {what: file for what in PICTURES if (file := _picture(what, data.get(what)))}
    if colour := data.get("colour"):
        files[STYLES] = _file(STYLES, "css", "text/css", f":root{{--brand:{colour}}}\n".encode())
    return PageTheme(
        names=(data.get("name_zh", ""), data.get("name_en", "")),
        organiser=data.get("organiser", ""),
        contact=data.get("contact", ""),
        filing=data.get("filing", ""),
        files=tuple(files.items()),
    )


def _picture(what: str, stored: Mapping[str, Any] | None) -> ThemeFile | None:
    suffix = _SUFFIXES.get((stored or {}).get("type", ""))
    return _file(what, suffix, stored["type"], base64.b64decode(stored["data"])) if stored and suffix else None


def _file(what: str, suffix: str, media_type: str, body: bytes) -> ThemeFile:
    return ThemeFile(f"{what}.{hashlib.sha256(body).hexdigest()[:HASH_CHARS]}.{suffix}", media_type, body)
