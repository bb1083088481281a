"""What holds where a campaign file says nothing, so that a small campaign needs few answers.

A file must say: id, title, organiser, the windows of submission, likes and judging, and how many seats there are
(`quota.total`, or the quotas of its unit types).
Promises: a default is one value for every campaign, whatever else the file says, except for the exhibition's window,
for the only unit type, which has all the seats, and for the likes within a unit type, which are never more than those
of a day. A file that says a value keeps it.
"""

from decimal import Decimal

from services.moderation.campaign import Criterion, EntryLimits, Theme, UnitType, Window

ZONE = "Asia/Shanghai"
ELIGIBLE_LEVELS = ["grassroots"]
THEME = Theme("general", "综合", "General")
LIKES_PER_TYPE = 5
LIKE_WEIGHT = Decimal("0.3")
CRITERIA = (
    Criterion("content", "内容", "Content", 50, ()),
    Criterion("form", "形式", "Form", 20, ()),
    Criterion("quality", "质量", "Quality", 30, ()),
)
ENTRY = EntryLimits(
    text_max_chars=3_000,
    pictures_min=1,
    pictures_max=30,
    picture_max_bytes=10_485_760,
    video_max_s=480,
    video_max_bytes=524_288_000,
    video_containers=("mp4", "mov", "wmv", "webm"),
    audio_max_bytes=52_428_800,
    audio_containers=("mp3", "m4a", "wma"),
)
_DAY_MS = 86_400_000
RESULT_DAYS, EXHIBITION_DAYS = 14, 90


def only_unit_type(seats: int) -> UnitType:
    """Return the unit type of a campaign whose file names none: all units, with all the seats."""
    return UnitType("all", "全部单位", "All units", seats)


def likes_per_type(per_day: int, types: int) -> int:
    """Return how many likes a voter has for one unit type in a day, where the file does not say: with one type all."""
    return per_day if types <= 1 else min(LIKES_PER_TYPE, per_day)


def exhibition(judging: Window) -> Window:
    """Return the window of an exhibition that the file does not name: two weeks after judging, for ninety days."""
    start = judging.end + RESULT_DAYS * _DAY_MS
    return Window(start, start + EXHIBITION_DAYS * _DAY_MS)
