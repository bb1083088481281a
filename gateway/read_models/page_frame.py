"""What stands around every page: the campaign's name and mark, the phase with what is left of it, and who runs it.

Promises: the phase is right at the very instant at which a window begins or ends. Before the views are known the frame
is neutral, so that the page of a problem can be shown at any time.
"""

from dataclasses import dataclass
from typing import NamedTuple

from gateway.read_models.cache import PHASES, Views

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000


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
class PageFrame:
    """The frame of a page: the campaign's names in Chinese and English, its phase, and when that ends (ms)."""

    titles: tuple[str, str] = ("百家", "Baijia")
    phase: str = ""
    until: int | None = None
    left: Span | None = None


NEUTRAL = PageFrame()


def frame_at(views: Views, at: int) -> PageFrame:
    """Return the frame of pages at the campaign time `at` (ms)."""
    if not views.loaded or not views.data("campaign"):
        return NEUTRAL
    campaign, phase = views.campaign, views.phase(at)
    until = campaign["windows"][phase]["end"] if phase in PHASES else None
    return PageFrame(
        titles=(campaign["title_zh"], campaign["title_en"]),
        phase=phase,
        until=until,
        left=None if until is None else Span.of(until - at),
    )
