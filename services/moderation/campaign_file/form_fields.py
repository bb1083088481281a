"""The fields of the form that writes a campaign file: steps, their fields, and the kind of each value. Data only.

A path names a key from the root of the file, with `*` for each row of a list of tables.
Does not promise that every key of a file has a field: what has none (`[admission]`, `[wechat]`, and what the opening
decides) is edited in the text of the file, and `form_values.kept_paths` names it.
"""

from dataclasses import dataclass

from services.moderation import campaign as rules
from services.moderation.campaign_file.page_theme import COLOUR
from services.moderation.letter_texts import DEFAULTS, LANGUAGES

TEXT, WHOLE, NUMBER, FLAG, MOMENT, TEXTS, DAYS, CHOICE, LINES, TABLE, PICTURE = (
    "text", "whole", "number", "flag", "moment", "texts", "days", "choice", "lines", "table", "picture",
)  # fmt: skip
NUMBERS = frozenset({"points", "share"})  # columns of a TABLE that hold numbers


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its path, the kind of its value, the values of a choice, and what holds if it is left empty.

    A TABLE is a short list of tables, typed as a line each, whose cells are `columns`.
    """

    path: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    default: str = ""
    columns: tuple[str, ...] = ()


def _windows() -> tuple[Field, ...]:
    return tuple(Field(f"windows.{phase}.{edge}", MOMENT) for phase in rules.PHASES for edge in ("start", "end"))


def _named(table: str) -> tuple[Field, ...]:
    return tuple(Field(f"{table}.*.{key}") for key in ("code", "zh", "en"))


def _letters() -> tuple[Field, ...]:
    parts = [(part, lang) for lang in LANGUAGES for part in ("title", "words")]
    return tuple(
        Field(
            f"letters.{kind}.{part}_{lang}",
            TEXT if part == "title" else LINES,
            default=DEFAULTS[kind][lang][part == "words"],
        )
        for kind in DEFAULTS
        for part, lang in parts
    )


#: Step → its fields, in the order of the form.
STEPS: dict[str, tuple[Field, ...]] = {
    "basics": (
        Field("title_zh"),
        Field("title_en"),
        Field("organiser"),
        Field("id"),
        Field("zone", default="Asia/Shanghai"),
        Field("staff.second_factor", TEXTS),
        Field("theme.organiser"),
        Field("theme.contact"),
        Field("theme.filing"),
    ),
    "windows": (
        *_windows(),
        Field("windows.notice_days", WHOLE, default="5"),
        Field("windows.holidays", DAYS),
        Field("windows.workdays", DAYS),
        Field("windows.overlaps_allowed", FLAG, default="false"),
    ),
    "units": (
        Field("quota.total", WHOLE),
        *_named("unit_types"),
        Field("unit_types.*.quota", WHOLE),
        Field("quota.refill", CHOICE, rules.REFILLS, "next_best_overall"),
        Field("quota.min_score", NUMBER),
        *_named("themes"),
        Field("eligible_levels", TEXTS, default="grassroots"),
        Field("excluded_levels", TEXTS),
    ),
    "entries": (
        Field("entry.text_max_chars", WHOLE, default="3000"),
        Field("entry.pictures_min", WHOLE, default="1"),
        Field("entry.pictures_max", WHOLE, default="30"),
        Field("entry.picture_max_bytes", WHOLE, default="10485760"),
        Field("entry.video_max_s", WHOLE, default="480"),
        Field("entry.video_max_bytes", WHOLE, default="524288000"),
        Field("entry.video_containers", TEXTS, default="mp4, mov, wmv, webm"),
        Field("entry.audio_max_bytes", WHOLE, default="52428800"),
        Field("entry.audio_containers", TEXTS, default="mp3, m4a, wma"),
        Field("entry.picture_containers", TEXTS, default=", ".join(rules.PICTURE_CONTAINERS)),
        Field("shortlist.rule", CHOICE, rules.SHORTLIST_RULES, "every_approved"),
        Field("shortlist.top_n", WHOLE),
        Field("moderation.second_opinion", TEXTS),
        Field("moderation.two_for_disqualification", FLAG, default="false"),
        Field("moderation.reasons", TABLE, columns=("item", "zh", "en")),
    ),
    "likes": (
        Field("weights.like", NUMBER, default="0.3"),
        Field("weights.expert", NUMBER),
        Field("likes.per_day", WHOLE, default="20"),
        Field("likes.per_type", WHOLE),
        Field("likes.totals", CHOICE, rules.TOTALS, "daily"),
        Field("likes.totals_at", default="18:00"),
        Field("likes.embargo", FLAG, default="true"),
        Field("likes.outage_hours", WHOLE, default="24"),
        Field("likes.order_time_limit_s", WHOLE, default="30"),
        Field("likes.partitions", WHOLE, default="8"),
        Field("conversion.name", CHOICE, rules.CONVERSIONS, "rank_percentile"),
        Field("conversion.start", NUMBER),
        Field("conversion.step", NUMBER),
        Field("conversion.floor", NUMBER),
        Field("conversion.percentile", NUMBER),
        Field("conversion.bands", TABLE, columns=("share", "points")),
        Field("conversion.population", CHOICE, rules.POPULATIONS, "type"),
        Field("conversion.zero_allowed", FLAG, default="false"),
        Field("popularity_list", FLAG, default="false"),
    ),
    "judging": (
        Field("judging.criteria.*.code"),
        Field("judging.criteria.*.zh"),
        Field("judging.criteria.*.en"),
        Field("judging.criteria.*.weight", WHOLE),
        Field("judging.criteria.*.anchors", TABLE, columns=("points", "zh", "en")),
        Field("judging.method", CHOICE, rules.METHODS, "mean"),
        Field("judging.min_marks", WHOLE, default="3"),
        Field("judging.max_entries_per_judge", WHOLE, default="120"),
        Field("judging.anchor_entries", WHOLE, default="0"),
        Field("judging.third_reading", NUMBER),
        Field("judging.same_city_conflicts", FLAG, default="false"),
        Field("judging.words_below", WHOLE, default="60"),
        Field("judging.words_above", WHOLE, default="95"),
        Field("cohort.rule", CHOICE, rules.COHORT_RULES, "all_shortlisted"),
        Field("cohort.top_n", WHOLE),
        Field("tie_order", TEXTS, default=", ".join(rules.TIE_RULES)),
        Field("certificate_places", FLAG, default="false"),
    ),
    "look": (
        Field("theme.name_zh"),
        Field("theme.name_en"),
        Field("theme.colour", default=COLOUR),
        Field("theme.logo", PICTURE),
        Field("theme.banner", PICTURE),
    ),
    "letters": _letters(),
}
FIELDS: dict[str, Field] = {each.path: each for fields in STEPS.values() for each in fields}
#: Each list of tables that the form shows as rows, with the keys of a row.
ROWS: dict[str, tuple[str, ...]] = {
    table: tuple(path.removeprefix(f"{table}.*.") for path in FIELDS if path.startswith(f"{table}.*."))
    for table in ("unit_types", "themes", "judging.criteria")
}


def step_of(path: str) -> str:
    """Return the step whose fields a path of a file names, holds or lies in; "file" for a path that no field has."""
    pattern = ".".join("*" if each.isdecimal() else each for each in path.split("."))
    for matches in (_is_same, _lies_in, _holds):
        for step, fields in STEPS.items():
            if pattern and any(matches(pattern, each.path) for each in fields):
                return step
    return "file"


def _is_same(pattern: str, field: str) -> bool:
    return field == pattern


def _lies_in(pattern: str, field: str) -> bool:
    return pattern.startswith(f"{field}.")


def _holds(pattern: str, field: str) -> bool:
    return field.startswith(f"{pattern}.")
