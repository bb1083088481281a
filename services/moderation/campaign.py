"""The rule set of a campaign: part of moderation's published language, beside its events.

It is what `CampaignOpened` and `RulesLocked` carry, so the shape is stored: renaming a field is a migration.
Promises: `from_data(to_data(c)) == c`; one rule set has one `rule_hash`; no floats anywhere, so weights are basis
points (3000 is 0.3), points and steps are decimal strings ("0.5"), instants are milliseconds since the epoch. A field
that came later (`_later`) is not in the data while it has its default, so rules of before keep their bytes and hash.
Does not promise: that the rules make sense. `campaign_file.check` says so before a campaign opens.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from shared.canonical import digest

PHASES = ("submission", "likes", "judging", "exhibition")
# What goes on between a window and the next one.
AFTER = {"submission": "moderation", "likes": "counting", "judging": "result", "exhibition": "over"}
SHORTLIST_RULES = ("every_approved", "top_n_by_grade")
COHORT_RULES = ("all_shortlisted", "top_n_by_likes_per_type")
TOTALS = ("live", "daily", "after_end")
CONVERSIONS = ("rank_percentile", "rank_step", "prop_max", "prop_max_capped", "log_prop", "bands", "none")
POPULATIONS = ("type", "all")
METHODS = ("mean", "median", "trimmed", "zscore", "judge_effect")
REFILLS = ("next_best_overall", "none", "proportional")
TIE_RULES = ("expert_score", "content_mark", "valid_likes", "earlier_hand_in", "lot")
WHOLE_BP = 10_000

_MINUTE_MS = 60_000
_LATER = "later"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _later(default: Any) -> Any:
    return field(default=default, metadata={_LATER: True})


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open, `[start, end)`, in milliseconds since the epoch."""

    start: int
    end: int

    def contains(self, at: int) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Windows:
    submission: Window
    likes: Window
    judging: Window
    exhibition: Window
    notice_days: int  # working days of the publication notice
    holidays: tuple[str, ...] = _later(())  # days off, YYYY-MM-DD, besides those of the national table
    workdays: tuple[str, ...] = _later(())  # working days that the table does not know of


@dataclass(frozen=True, slots=True)
class Theme:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class UnitType:
    code: str
    zh: str
    en: str
    quota: int


@dataclass(frozen=True, slots=True)
class EntryLimits:
    text_max_chars: int  # Unicode code points
    pictures_min: int
    pictures_max: int
    picture_max_bytes: int
    video_max_s: int
    video_max_bytes: int
    video_containers: tuple[str, ...]
    audio_max_bytes: int
    audio_containers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortlist:
    rule: str
    top_n: int | None  # an entry count a unit type; only with top_n_by_grade


@dataclass(frozen=True, slots=True)
class Cohort:
    rule: str
    top_n: int | None  # an entry count a unit type; only with top_n_by_likes_per_type


@dataclass(frozen=True, slots=True)
class LikeRules:
    per_day: int
    per_type: int
    partitions: int
    order_time_limit_s: int
    totals: str
    totals_at: str  # HH:MM in the zone; read when totals are daily


@dataclass(frozen=True, slots=True)
class Band:
    """`points` for the places up to `share` of the field; both decimal strings, the share of (0, 1]."""

    share: str
    points: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A name of CONVERSIONS and its parameters as decimal strings, sorted by name."""

    name: str
    params: tuple[tuple[str, str], ...] = ()
    bands: tuple[Band, ...] = _later(())  # of `bands`: shares ascend, the last is 1
    population: str = _later("type")  # whom an entry is compared with: those of its type, or all

    def param(self, name: str) -> str:
        return dict(self.params)[name]


@dataclass(frozen=True, slots=True)
class Weights:
    like_bp: int
    expert_bp: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a mark of `points` looks like."""

    points: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Criterion:
    code: str
    zh: str
    en: str
    weight: int  # per cent
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class Judging:
    method: str
    min_marks: int
    max_entries_per_judge: int
    same_city_conflicts: bool
    criteria: tuple[Criterion, ...]
    anchor_entries: int = _later(0)  # that every judge without a conflict marks before all others
    third_reading: str | None = _later(None)  # two marks of an entry further apart than this call one judge more
    words_below: int = _later(60)  # a judge's mark below this, or
    words_above: int = _later(95)  # above this, needs words

    def disputed_spread_e2(self, totals_e2: Sequence[int]) -> int | None:
        """How far an entry's marks lie apart, in hundredths of a point, where that calls for a further reading.

        None where they agree well enough, or where the rules know no further reading.
        """
        if self.third_reading is None or not totals_e2:
            return None
        spread_e2 = max(totals_e2) - min(totals_e2)
        return spread_e2 if spread_e2 > 100 * Fraction(self.third_reading) else None


def weighted_e2(points: Mapping[str, int], criteria: Sequence[Criterion]) -> int:
    """A judge's mark in hundredths of a point, from points by criterion; what is missing counts nought.

    Exact, since weights are per cent.
    """
    return sum(each.weight * points.get(each.code, 0) for each in criteria)


@dataclass(frozen=True, slots=True)
class Quota:
    total: int
    refill: str
    min_score: str | None  # a final score below it wins no seat


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    title_zh: str
    title_en: str
    organiser: str
    zone: str
    rehearsal: bool
    windows: Windows
    themes: tuple[Theme, ...]
    unit_types: tuple[UnitType, ...]
    eligible_levels: tuple[str, ...]
    excluded_levels: tuple[str, ...]
    entry: EntryLimits
    shortlist: Shortlist
    cohort: Cohort
    likes: LikeRules
    conversion: Conversion
    weights: Weights
    judging: Judging
    quota: Quota
    tie_order: tuple[str, ...]
    seed_commitment: str = ""  # SHA-256 of the seed of the lot, in hex; empty until the rules are locked
    popularity_list: bool = _later(False)  # likes are published as a list of their own beside the result
    certificate_places: bool = _later(False)  # certificates name the place within the unit type

    def window(self, name: str) -> Window:
        """One of PHASES; another name is a KeyError."""
        if name not in PHASES:
            raise KeyError(name)
        window: Window = getattr(self.windows, name)
        return window

    def moved(self, name: str, window: Window) -> "Campaign":
        """The campaign with one window elsewhere. Its hash is another: a result names the hash that was locked."""
        self.window(name)
        changed: dict[str, Any] = {name: window}
        return replace(self, windows=replace(self.windows, **changed))

    def phase(self, at: int) -> str:
        """The open window that began last, else what follows the one that ended last: see AFTER."""
        opened = [name for name in PHASES if self.window(name).start <= at]
        running = [name for name in opened if self.window(name).contains(at)]
        if running:
            return running[-1]
        return AFTER[opened[-1]] if opened else "before"

    def day_of(self, at: int) -> str:
        """The campaign day of an instant, YYYY-MM-DD."""
        return _day(self.zone, at // _MINUTE_MS)

    def next_midnight(self, at: int) -> int:
        """The first instant of the next campaign day."""
        following = date.fromisoformat(self.day_of(at)) + timedelta(days=1)
        return instant(datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(self.zone)))

    def unit_type(self, code: str) -> UnitType:
        """The unit type of that code; another code is a KeyError."""
        return {each.code: each for each in self.unit_types}[code]


# A minute, since that is what every zone's offset and every change of it has been a multiple of since 1972:
# within one the day cannot change. A replay of a week asks 10,080 different questions.
@lru_cache(maxsize=1 << 14)
def _day(zone: str, minute: int) -> str:
    return (_EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(zone)).date().isoformat()


def instant(when: datetime) -> int:
    """An aware datetime as milliseconds since the epoch, exactly."""
    return (when - _EPOCH) // timedelta(milliseconds=1)


def to_data(campaign: Campaign) -> dict[str, Any]:
    """Plain data that has canonical bytes: objects, lists, strings, integers, booleans, None."""
    data: dict[str, Any] = _plain(campaign)
    return data


def from_data(data: dict[str, Any]) -> Campaign:
    """The inverse of `to_data`. A key too many, or one too few that is not of later, is a TypeError."""
    campaign: Campaign = _built(Campaign, data)
    return campaign


def rule_hash(campaign: Campaign) -> str:
    """SHA-256, in hex, of the canonical bytes of the whole rule set."""
    return digest(to_data(campaign))


def commitment(seed: bytes) -> str:
    """What is published of the seed of the lot before like week."""
    return hashlib.sha256(seed).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if not _left_out(each, value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _left_out(each: Field[Any], value: Any) -> bool:
    return _LATER in each.metadata and getattr(value, each.name) == each.default


def _built(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        kinds = get_type_hints(kind)
        return kind(**{name: _built(kinds.get(name), inner) for name, inner in value.items()})
    if get_origin(kind) is tuple:
        inner, *more = get_args(kind)
        return tuple(_built(inner, each) for each in value) if more == [...] else tuple(value)
    return value
