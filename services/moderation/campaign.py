"""The rule set of a campaign. Other services read it, as they do moderation's events.

`CampaignOpened` and `RulesLocked` carry the rule set, so its shape is stored: renaming a field is a migration.
Promises: `from_data(to_data(c)) == c`; equal rules have equal `rule_hash`; there are no floats, so weights are
basis points (3000 is 0.3), points and steps are decimal strings ("0.5"), and instants are milliseconds since the epoch.
A field that was added later (`_later`) is left out of the data while it has its default, so older rule sets keep their
bytes and their hash.
Does not promise: that the rules make sense. `campaign_file.check` checks that before a campaign opens.
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
from shared.names import comparable_name, same_name

PHASES = ("submission", "likes", "judging", "exhibition")
# The name of the phase between the end of a window and the start of the next one.
AFTER = {"submission": "moderation", "likes": "counting", "judging": "result", "exhibition": "over"}
SHORTLIST_RULES = ("every_approved", "top_n_by_grade")
COHORT_RULES = ("all_shortlisted", "top_n_by_likes_per_type")
TOTALS = ("live", "daily", "after_end")
CONVERSIONS = ("rank_percentile", "rank_step", "prop_max", "prop_max_capped", "log_prop", "bands", "none")
POPULATIONS = ("type", "all")
METHODS = ("mean", "median", "trimmed", "zscore", "judge_effect")
REFILLS = ("next_best_overall", "none", "proportional")
CONFLICTS = DECLARED, EMPLOYER, CITY = ("declared", "employer", "city")  # why a judge may not mark a unit's entry
STAFF_ROLES = ("moderator", "judge", "organiser", "auditor", "operator")
SECOND_OPINIONS = BY_REJECTION, BY_SYMBOLS = ("rejection", "symbols")  # decisions that need a second person
TIE_RULES = ("expert_score", "content_mark", "valid_likes", "earlier_hand_in", "lot")
WHOLE_BP = 10_000

_MINUTE_MS = 60_000
_LATER = "later"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


#: The formats of pictures that a campaign may accept, and accepts unless it says less.
PICTURE_CONTAINERS = ("jpeg", "png", "webp", "heic", "avif")


def _later(default: Any) -> Any:
    return field(default=default, metadata={_LATER: True})


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time, `[start, end)`, in milliseconds since the epoch."""

    start: int
    end: int

    def contains(self, at: int) -> bool:
        """Return whether the instant lies in the window."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Windows:
    """The four windows of a campaign, and the working days of the publication notice: how many it lasts, and which days
    are working days.
    """

    submission: Window
    likes: Window
    judging: Window
    exhibition: Window
    notice_days: int  # working days of the publication notice
    holidays: tuple[str, ...] = _later(())  # days off, YYYY-MM-DD, besides those of the national table
    workdays: tuple[str, ...] = _later(())  # working days, besides those of the national table


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme that an entry may belong to."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class UnitType:
    """A type of unit, with the number of seats (`quota`) that it may win."""

    code: str
    zh: str
    en: str
    quota: int


@dataclass(frozen=True, slots=True)
class EntryLimits:
    """Limits on the text and the files of an entry."""

    text_max_chars: int  # Unicode code points
    pictures_min: int
    pictures_max: int
    picture_max_bytes: int
    video_max_s: int
    video_max_bytes: int
    video_containers: tuple[str, ...]
    audio_max_bytes: int
    audio_containers: tuple[str, ...]
    picture_containers: tuple[str, ...] = _later(PICTURE_CONTAINERS)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The rule that selects the shortlist from the approved entries: a name from SHORTLIST_RULES, and its number."""

    rule: str
    top_n: int | None  # entries per unit type; only with top_n_by_grade


@dataclass(frozen=True, slots=True)
class Cohort:
    """The rule that selects the cohort, the entries that experts judge: a name from COHORT_RULES, and its number."""

    rule: str
    top_n: int | None  # entries per unit type; only with top_n_by_likes_per_type


@dataclass(frozen=True, slots=True)
class LikeRules:
    """The rules of likes: how many a voter may give per day and per unit type, the number of vote partitions, and when
    like totals are shown (a name from TOTALS).

    With `embargo`, likes and places are hidden from the close of likes until the result is published, so that judges
    mark without them.
    """

    per_day: int
    per_type: int
    partitions: int
    order_time_limit_s: int
    totals: str
    totals_at: str  # HH:MM in the campaign's zone; used when totals are daily
    embargo: bool = _later(True)
    outage_hours: int = _later(24)  # by so many hours in all, outages may make like week longer


@dataclass(frozen=True, slots=True)
class Band:
    """A band of the conversion `bands`: the like points of all places up to `share` of the compared entries.

    Both are decimal strings; the share lies in (0, 1].
    """

    share: str
    points: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """How likes become points: a name from CONVERSIONS, and its parameters as decimal strings, sorted by name."""

    name: str
    params: tuple[tuple[str, str], ...] = ()
    bands: tuple[Band, ...] = _later(())  # only for `bands`: shares ascend, and the last is 1
    population: str = _later("type")  # the entries that an entry is compared with: those of its type, or all

    def param(self, name: str) -> str:
        """Return a parameter by name. Raise KeyError if the conversion does not have it."""
        return dict(self.params)[name]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of likes and of expert marks in the final score, in basis points."""

    like_bp: int
    expert_bp: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A guide for judges: describes the work that deserves `points` in a criterion."""

    points: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of the rubric that judges mark by, with its weight in per cent and its anchors."""

    code: str
    zh: str
    en: str
    weight: int  # per cent
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class Judging:
    """The rules for judges and for how their marks are combined."""

    method: str
    min_marks: int
    max_entries_per_judge: int
    same_city_conflicts: bool
    criteria: tuple[Criterion, ...]
    anchor_entries: int = _later(0)  # how many entries every judge without a conflict marks before all others
    third_reading: str | None = _later(None)  # two marks of an entry further apart than this need a further judge
    words_below: int = _later(60)  # a mark below this needs words
    words_above: int = _later(95)  # a mark above this needs words

    def disputed_spread_e2(self, totals_e2: Sequence[int]) -> int | None:
        """Return the spread of an entry's marks, in hundredths of a point, if it calls for a third reading.

        Return None if the marks are close enough, or if the rules provide no third readings.
        """
        if self.third_reading is None or not totals_e2:
            return None
        spread_e2 = max(totals_e2) - min(totals_e2)
        return spread_e2 if spread_e2 > 100 * Fraction(self.third_reading) else None


def conflict_reason(
    *, declared: bool, employers: tuple[str, str], cities: tuple[str, str], same_city: bool
) -> str | None:
    """Return why a judge may not mark a unit's entry, one of CONFLICTS, or None.

    `employers` and `cities` are those of judge and unit, compared as people read them; an unknown name is no conflict.
    `declared` says that the judge declared the unit. The city counts only with `same_city`.
    """
    if declared:
        return DECLARED
    if same_name(*employers):
        return EMPLOYER
    return CITY if same_city and same_name(*cities) else None


def weighted_e2(points: Mapping[str, int], criteria: Sequence[Criterion]) -> int:
    """Return a judge's weighted mark in hundredths of a point, from points by criterion. A missing criterion counts as
    0.

    It is exact, because weights are per cent.
    """
    return sum(each.weight * points.get(each.code, 0) for each in criteria)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many seats there are, and how seats that a unit type cannot fill are given out."""

    total: int
    refill: str
    min_score: str | None  # an entry with a lower final score wins no seat


@dataclass(frozen=True, slots=True)
class ReasonTemplate:
    """A reason that moderators may start from, about an item of an entry."""

    item: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ModerationRules:
    """What moderators need a second person for, and the campaign's own reasons."""

    second_opinion: tuple[str, ...] = ()  # of SECOND_OPINIONS
    two_for_disqualification: bool = False
    reasons: tuple[ReasonTemplate, ...] = ()


_ALONE = ModerationRules()


@dataclass(frozen=True, slots=True)
class Campaign:
    """The whole rule set of one campaign: its windows, who may enter, and how likes and marks become a result."""

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
    popularity_list: bool = _later(False)  # likes are published as a separate list beside the result
    certificate_places: bool = _later(False)  # certificates name the place within the unit type
    moderation: ModerationRules = _later(_ALONE)  # noqa: RUF009 -- a frozen value
    second_factor: tuple[str, ...] = _later(())  # roles whose holders must have an authenticator

    def window(self, name: str) -> Window:
        """Return a window by its name in PHASES. Raise KeyError for any other name."""
        if name not in PHASES:
            raise KeyError(name)
        window: Window = getattr(self.windows, name)
        return window

    def with_window(self, name: str, window: Window) -> "Campaign":
        """Return the campaign with one window replaced. This changes its hash; a result names the hash of the rules as
        they were locked.
        """
        self.window(name)
        changed: dict[str, Any] = {name: window}
        return replace(self, windows=replace(self.windows, **changed))

    def phase(self, at: int) -> str:
        """Return the phase at the instant `at` (ms since the epoch): the name of the open window, or of the phase that
        follows the window that ended last (AFTER), or "before". Of two open windows, the later window counts.
        """
        opened = [name for name in PHASES if self.window(name).start <= at]
        running = [name for name in opened if self.window(name).contains(at)]
        if running:
            return running[-1]
        return AFTER[opened[-1]] if opened else "before"

    def day_of(self, at: int) -> str:
        """Return the campaign day of an instant as YYYY-MM-DD, in the campaign's zone."""
        return _day(self.zone, at // _MINUTE_MS)

    def next_midnight(self, at: int) -> int:
        """Return the first instant of the next campaign day, in milliseconds since the epoch."""
        following = date.fromisoformat(self.day_of(at)) + timedelta(days=1)
        return instant(datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(self.zone)))

    def unit_type_code(self, text: str) -> str | None:
        """Return the code of the unit type that a person means by its code or one of its titles, or None. A code comes
        before a title: campaigns of earlier versions could have one that is both.
        """
        form = comparable_name(text)
        named = [(each.code, each.code) for each in self.unit_types]
        named += [(title, each.code) for each in self.unit_types for title in (each.zh, each.en)]
        return next((code for name, code in named if form and form == comparable_name(name)), None)

    def unit_type(self, code: str) -> UnitType:
        """Return the unit type with this code. Raise KeyError if there is none."""
        return {each.code: each for each in self.unit_types}[code]


# Cached by the minute: since 1972 every zone's offset, and every change of it, has been a multiple of a minute, so the
# day cannot change within one. A replay of a week needs 10,080 cache entries.
@lru_cache(maxsize=1 << 14)
def _day(zone: str, minute: int) -> str:
    return (_EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(zone)).date().isoformat()


def instant(when: datetime) -> int:
    """Convert an aware datetime to whole milliseconds since the epoch, rounded down."""
    return (when - _EPOCH) // timedelta(milliseconds=1)


def to_data(campaign: Campaign) -> dict[str, Any]:
    """Convert a rule set to plain data that has canonical bytes: objects, lists, strings, integers, booleans, None."""
    data: dict[str, Any] = _to_plain(campaign)
    return data


def from_data(data: dict[str, Any]) -> Campaign:
    """Convert plain data back to a rule set; the inverse of `to_data`. Raise TypeError for an unknown key, or for a
    missing key that has no default.
    """
    campaign: Campaign = _build(Campaign, data)
    return campaign


def rule_hash(campaign: Campaign) -> str:
    """Return the hash by which people know a rule set: the SHA-256, in hex, of the canonical bytes of the rules.

    It is the same for a file, its rehearsal, its opening and its lock: it covers neither the rehearsal flag nor the
    commitment to the seed of the lot, which are no rules and are shown beside it.
    """
    return rule_hash_of(to_data(campaign))


def rule_hash_of(data: dict[str, Any]) -> str:
    """Return `rule_hash` of a rule set that is plain data."""
    return digest({**data, "rehearsal": False, "seed_commitment": ""})


def stored_hash(campaign: Campaign) -> str:
    """Return the SHA-256, in hex, of the whole rule set as `RulesLocked` stores it, with its commitment and rehearsal
    flag. The digest of a result covers this hash; people are shown `rule_hash`.
    """
    return digest(to_data(campaign))


def commitment(seed: bytes) -> str:
    """Return the SHA-256, in hex, of the seed of the lot. It is published before like week, so that the seed cannot be
    changed.
    """
    return hashlib.sha256(seed).hexdigest()


def _to_plain(value: Any) -> Any:
    if is_dataclass(value):
        return {
            each.name: _to_plain(getattr(value, each.name)) for each in fields(value) if not _is_left_out(each, value)
        }
    if isinstance(value, tuple):
        return [_to_plain(each) for each in value]
    return value


def _is_left_out(each: Field[Any], value: Any) -> bool:
    return _LATER in each.metadata and getattr(value, each.name) == each.default


def _build(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        kinds = get_type_hints(kind)
        return kind(**{name: _build(kinds.get(name), inner) for name, inner in value.items()})
    if get_origin(kind) is tuple:
        inner, *more = get_args(kind)
        return tuple(_build(inner, each) for each in value) if more == [...] else tuple(value)
    return value
