"""Check a TOML campaign file: return a Campaign, or every reason why the file is not valid.

Promises: `check` never raises, whatever the text; each problem has the line of the key that it is about; a Campaign is
returned only if there are no errors; numbers are read as written, never through a float.
Does not promise: that the file says what the organiser's notice meant. A key that has a default may be missing.

Errors are rules that no campaign can run by (a date that does not exist, likes that overlap judging, weights that do
not add up to 1), what the platform forbids (`inducements.py`), and known traps that the organiser has not declared
(`overlaps_allowed`, `zero_allowed`).
Warnings are rules that are allowed but have surprised people before (a gap, `prop_max`, a declared trap).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from services.moderation import campaign as rules
from services.moderation.campaign import (
    Anchor,
    Band,
    Campaign,
    Cohort,
    Conversion,
    Criterion,
    EntryLimits,
    Judging,
    LikeRules,
    ModerationRules,
    Quota,
    ReasonTemplate,
    Shortlist,
    Theme,
    UnitType,
    Weights,
    Windows,
)
from services.moderation.campaign_file import admission_table, defaults, inducements, letter_table, page_theme
from services.moderation.campaign_file.admission_table import Admission
from services.moderation.campaign_file.cross_checks import DeclaredTraps, cross_check
from services.moderation.campaign_file.line_numbers import lines_of
from services.moderation.campaign_file.page_theme import Theme as PageTheme
from services.moderation.campaign_file.problems import ERROR, Problem, Report, lines
from services.moderation.campaign_file.toml_reader import DATE_LIKE, Table, is_calendar_date
from services.moderation.campaign_file.wechat_menu import Menu, read_menu
from services.moderation.reasons import ITEMS

__all__ = ["Problem", "check", "lines", "menu_of", "operations"]

_CODE = r"[a-z0-9][a-z0-9_-]{0,30}"
# The id is part of the name of the database and of every queue.
_ID = r"[a-z0-9][a-z0-9-]{0,30}"
_GIB = 1 << 30
_LAST = "exhibition"
_PARAMS = {"rank_step": ("floor", "start", "step"), "prop_max_capped": ("percentile",)}


def check(text: str, files: Mapping[str, bytes] | None = None) -> tuple[Campaign | None, list[Problem]]:
    """Check the text of a campaign file. Return the campaign (None if there is an error), and all errors and warnings
    in the order of lines.

    `files` are the pictures beside the file, by name; None if they are not at hand, so that they are not checked.
    """
    found = _check_text(text, files)
    return found.campaign, found.problems


def theme_of(text: str, files: Mapping[str, bytes]) -> tuple[PageTheme | None, list[Problem]]:
    """Return the theme of a campaign file as plain data, and the file's problems. It is None if there is an error."""
    found = _check_text(text, files)
    return (None if found.campaign is None else found.theme), found.problems


def letters_of(text: str) -> dict[str, Any]:
    """Return the texts of letters of a campaign file as plain data; empty if the file has an error."""
    found = _check_text(text, None)
    return {} if found.campaign is None else found.letters


def picture_names(text: str) -> list[str]:
    """Return the names of the pictures beside a campaign file that its theme names."""
    return page_theme.picture_names(_parse(_plain(text))[0])


def menu_of(text: str) -> Menu | None:
    """Return the WeChat menu of a campaign file, or None if the file has an error."""
    found = _check_text(text, None)
    return None if found.campaign is None else found.menu


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a campaign file says, and its problems; the campaign is None if one of them is an error."""

    campaign: Campaign | None
    menu: Menu
    theme: PageTheme
    letters: dict[str, Any]
    problems: list[Problem]


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _check_text(text: str, files: Mapping[str, bytes] | None) -> _Checked:
    data, lines_by_path, problem = _parse(_plain(text))
    if problem is not None:
        return _Checked(None, Menu(), {}, {}, [problem])
    report = Report(lines_by_path)
    root = Table(report, (), data)
    menu, theme = read_menu(root), page_theme.read_theme(root, files)
    letters = letter_table.read(root)
    campaign, declared = _campaign(root)
    cross_check(campaign, declared, report)
    inducements.check_texts(data, report)
    problems = sorted(report.problems, key=lambda each: each.line)
    sound = None if any(each.level == ERROR for each in problems) else campaign
    return _Checked(sound, menu, theme, letters, problems)


def operational_tables(text: str) -> list[str]:
    """Return which tables of a valid campaign file are no rules: they are put in force by commands of their own."""
    data, _, _ = _parse(_plain(text))
    return [name for name in ("admission", "letters", "theme", "wechat") if name in data]


def operations(text: str) -> tuple[Admission | None, list[Problem]]:
    """Return the operational settings (`[admission]`) of a campaign file and their problems. The settings are None if
    there are problems.

    The file may lack the rules: while likes run, the rules are read from the ledger.
    """
    data, lines_by_path, problem = _parse(_plain(text))
    if problem is not None:
        return None, [problem]
    report = Report(lines_by_path)
    found = admission_table.read(Table(report, (), data))
    return (None if report.problems else found), report.problems


def _parse(text: str) -> tuple[dict[str, Any], dict[Any, int], Problem | None]:
    """Return the data, the line of each path, and the problem that stopped the reading, if any.

    tomllib stops at a date that does not exist. Such a date is put in quotes, so that reading goes on: the key's own
    check reports it, and the same run finds all other problems.
    """
    while True:
        try:
            data = tomllib.loads(text, parse_float=_exact_decimal)
            return data, lines_of(text), None
        except tomllib.TOMLDecodeError as refusal:
            number, words = _message_and_line(str(refusal), text)
            mended = _quote_impossible_date(text, number)
            if mended is None:
                zh = f"不是合法的 TOML：{words}"
                return {}, {}, Problem(number, ERROR, "syntax", zh, f"not valid TOML: {words}")
            text = mended
        except (RecursionError, ValueError):
            zh, en = "文件嵌套太深或数字太长", "the file is nested too deeply or contains a number that is too long"
            return {}, {}, Problem(1, ERROR, "syntax", zh, en)


def _exact_decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:  # the exponent is too large for a Decimal
        return Decimal("NaN")


def _message_and_line(message: str, text: str) -> tuple[int, str]:
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if found is None:
        return 1, message
    return int(found[1] or text.count("\n") + 1), message[: found.start()]


def _quote_impossible_date(text: str, number: int) -> str | None:
    """Return the text with the first impossible bare date of the line put in quotes, or None if the line has none."""
    before = text.split("\n")
    line = before[number - 1]
    for found in DATE_LIKE.finditer(line):
        quoted = line[: found.start()].rstrip().endswith(('"', "'"))
        if not quoted and not is_calendar_date(found[0]):
            before[number - 1] = f'{line[: found.start()]}"{found[0]}"{line[found.end() :]}'
            return "\n".join(before)
    return None


def _campaign(root: Table) -> tuple[Campaign, DeclaredTraps]:
    zone_name = root.text("zone", default=defaults.ZONE)
    zone = _zone(root, zone_name)
    windows = root.table("windows")
    conversion = root.table("conversion", default={})
    declared = DeclaredTraps(
        overlaps=windows.flag("overlaps_allowed", default=False),
        zero=conversion.flag("zero_allowed", default=False),
    )
    quota = root.table("quota", default={})
    unit_types = _unit_types(root, quota)
    title_zh = root.text("title_zh")
    campaign = Campaign(
        id=root.text("id", pattern=_ID),
        title_zh=title_zh,
        title_en=root.text("title_en", default=title_zh),
        organiser=root.text("organiser"),
        zone=zone_name,
        rehearsal=root.flag("rehearsal", default=False),
        windows=_windows(windows, zone),
        themes=_themes(root),
        unit_types=unit_types,
        eligible_levels=root.texts("eligible_levels", default=defaults.ELIGIBLE_LEVELS),
        excluded_levels=root.texts("excluded_levels", default=[]),
        entry=_entry(root.table("entry", default={})),
        shortlist=Shortlist(*_rule(root.table("shortlist", default={}), rules.SHORTLIST_RULES)),
        cohort=Cohort(*_rule(root.table("cohort", default={}), rules.COHORT_RULES)),
        likes=_likes(root.table("likes", default={}), types=len(unit_types)),
        conversion=_conversion(conversion),
        weights=_weights(root.table("weights", default={})),
        judging=_judging(root.table("judging", default={})),
        quota=_quota(quota, sum(each.quota for each in unit_types)),
        tie_order=root.texts("tie_order", known=rules.TIE_RULES, default=list(rules.TIE_RULES)),
        seed_commitment=root.text("seed_commitment", pattern="[0-9a-f]{64}", default=""),
        popularity_list=root.flag("popularity_list", default=False),
        certificate_places=root.flag("certificate_places", default=False),
        moderation=_moderation(root.table("moderation")) if root.has("moderation") else ModerationRules(),
        second_factor=_second_factor(root.table("staff")) if root.has("staff") else (),
    )
    admission_table.read(root)
    root.close()
    return campaign, declared


def _zone(root: Table, name: str) -> tzinfo:
    if name in _zone_names():
        return ZoneInfo(name)
    if not root.broken("zone"):
        root.report.error(("zone",), "unknown-zone", f"没有时区 {name!r}", f"time zone {name!r} does not exist")
    return UTC


@cache
def _zone_names() -> frozenset[str]:
    """Return the names of the IANA time zones.

    A machine knows more names, such as `localtime`, that mean another zone on the next machine.
    """
    names = (resources.files("tzdata") / "zones").read_text("utf-8").split()
    return frozenset(names) - {"Factory"}


def _windows(table: Table, zone: tzinfo) -> Windows:
    read = {name: table.window(name, zone) for name in rules.PHASES if name != _LAST or table.has(name)}
    if _LAST not in read:
        read[_LAST] = defaults.exhibition(read["judging"])
    windows = Windows(
        **read,
        notice_days=table.whole("notice_days", least=0, most=60, default=5),
        holidays=table.days("holidays"),
        workdays=table.days("workdays"),
    )
    table.close()
    return windows


def _themes(root: Table) -> tuple[Theme, ...]:
    if not root.has("themes"):
        return (defaults.THEME,)
    return tuple(_theme(each) for each in root.tables("themes"))


def _theme(table: Table) -> Theme:
    code, zh = table.text("code", pattern=_CODE), table.text("zh")
    theme = Theme(code, zh, table.text("en", default=zh))
    table.close()
    return theme


def _unit_types(root: Table, quota: Table) -> tuple[UnitType, ...]:
    """Return the unit types of a file; without any, one type that has all the seats."""
    if not root.has("unit_types"):
        return (defaults.only_unit_type(quota.whole("total", least=1, most=100_000)),)
    return tuple(_unit_type(each) for each in root.tables("unit_types"))


def _unit_type(table: Table) -> UnitType:
    code, zh = table.text("code", pattern=_CODE), table.text("zh")
    en = table.text("en", default=zh)
    unit_type = UnitType(code, zh, en, table.whole("quota", least=0, most=100_000))
    table.close()
    return unit_type


def _entry(table: Table) -> EntryLimits:
    entry = defaults.ENTRY
    limits = EntryLimits(
        text_max_chars=table.whole("text_max_chars", least=1, most=100_000, default=entry.text_max_chars),
        pictures_min=table.whole("pictures_min", least=0, most=200, default=entry.pictures_min),
        pictures_max=table.whole("pictures_max", least=1, most=200, default=entry.pictures_max),
        picture_max_bytes=table.whole("picture_max_bytes", least=1, most=_GIB, default=entry.picture_max_bytes),
        video_max_s=table.whole("video_max_s", least=1, most=36_000, default=entry.video_max_s),
        video_max_bytes=table.whole("video_max_bytes", least=1, most=16 * _GIB, default=entry.video_max_bytes),
        video_containers=table.texts("video_containers", default=list(entry.video_containers)),
        audio_max_bytes=table.whole("audio_max_bytes", least=1, most=4 * _GIB, default=entry.audio_max_bytes),
        audio_containers=table.texts("audio_containers", default=list(entry.audio_containers)),
        picture_containers=table.texts(
            "picture_containers", known=rules.PICTURE_CONTAINERS, default=list(rules.PICTURE_CONTAINERS)
        ),
    )
    table.close()
    return limits


def _rule(table: Table, known: tuple[str, ...]) -> tuple[str, int | None]:
    """Return the name of a rule, and its `top_n` if its name begins with that."""
    rule = table.choice("rule", known, default=known[0])
    top_n = table.whole("top_n", least=1, most=100_000) if rule.startswith("top_n") else None
    table.close()
    return rule, top_n


def _likes(table: Table, *, types: int) -> LikeRules:
    per_day = table.whole("per_day", least=1, most=10_000, default=20)
    likes = LikeRules(
        per_day=per_day,
        per_type=table.whole("per_type", least=1, most=10_000, default=defaults.likes_per_type(per_day, types)),
        partitions=table.whole("partitions", least=1, most=64, default=8),
        order_time_limit_s=table.whole("order_time_limit_s", least=1, most=3_600, default=30),
        totals=table.choice("totals", rules.TOTALS, default="daily"),
        totals_at=table.text("totals_at", pattern="([01][0-9]|2[0-3]):[0-5][0-9]", default="18:00"),
        embargo=table.flag("embargo", default=True),
        outage_hours=table.whole("outage_hours", least=0, most=168, default=24),
    )
    inducements.check_declared_keys(table)
    table.close()
    return likes


def _conversion(table: Table) -> Conversion:
    name = table.choice("name", rules.CONVERSIONS, default="rank_percentile")
    params = tuple((each, _decimal(table.number(each, least=0, most=100))) for each in _PARAMS.get(name, ()))
    bands = tuple(_band(each) for each in table.tables("bands")) if name == "bands" else ()
    population = table.choice("population", rules.POPULATIONS, default="type")
    if not table.broken("name"):  # without a name it is unknown which parameters belong in the table
        table.close()
    return Conversion(name, params, bands, population)


def _band(table: Table) -> Band:
    share, points = table.number("share", least=0, most=1), table.number("points", least=0, most=100)
    table.close()
    return Band(_decimal(share), _decimal(points))


def _weights(table: Table) -> Weights:
    """Return the weights. One that is missing is what the other leaves of 1."""
    given = {each: table.number(each, least=0, most=1) for each in ("like", "expert") if table.has(each)}
    like = given.get("like", 1 - given["expert"] if "expert" in given else defaults.LIKE_WEIGHT)
    expert = given.get("expert", 1 - like)
    table.close()
    return Weights(int(like * rules.WHOLE_BP), int(expert * rules.WHOLE_BP))


def _judging(table: Table) -> Judging:
    judging = Judging(
        method=table.choice("method", rules.METHODS, default="mean"),
        min_marks=table.whole("min_marks", least=1, most=100, default=3),
        max_entries_per_judge=table.whole("max_entries_per_judge", least=1, most=100_000, default=120),
        same_city_conflicts=table.flag("same_city_conflicts", default=False),
        criteria=tuple(_criterion(each) for each in table.tables("criteria"))
        if table.has("criteria")
        else defaults.CRITERIA,
        anchor_entries=table.whole("anchor_entries", least=0, most=100, default=0),
        third_reading=_decimal(table.number("third_reading", least=0, most=100))
        if table.has("third_reading")
        else None,
        words_below=table.whole("words_below", least=0, most=100, default=60),
        words_above=table.whole("words_above", least=0, most=100, default=95),
    )
    table.close()
    return judging


def _moderation(table: Table) -> ModerationRules:
    second = table.texts("second_opinion", known=rules.SECOND_OPINIONS, default=[])
    two = table.flag("two_for_disqualification", default=False)
    reasons = tuple(_reason(each) for each in table.tables("reasons", default=[]))
    table.close()
    return ModerationRules(second, two, reasons)


def _second_factor(table: Table) -> tuple[str, ...]:
    roles = table.texts("second_factor", known=rules.STAFF_ROLES, default=[])
    table.close()
    return roles


def _reason(table: Table) -> ReasonTemplate:
    item, zh = table.choice("item", ITEMS), table.text("zh")
    reason = ReasonTemplate(item, zh, table.text("en", default=zh))
    table.close()
    return reason


def _criterion(table: Table) -> Criterion:
    code, zh = table.text("code", pattern=_CODE), table.text("zh")
    en = table.text("en", default=zh)
    weight = table.whole("weight", least=0, most=100)
    criterion = Criterion(code, zh, en, weight, tuple(_anchor(each) for each in table.tables("anchors", default=[])))
    table.close()
    return criterion


def _anchor(table: Table) -> Anchor:
    points, zh = table.whole("points", least=0, most=100), table.text("zh")
    anchor = Anchor(points, zh, table.text("en", default=zh))
    table.close()
    return anchor


def _quota(table: Table, seats: int) -> Quota:
    """Return the quota; without a total, that is the `seats` of all unit types."""
    total = table.whole("total", least=1, most=100_000, default=seats)
    refill = table.choice("refill", rules.REFILLS, default="next_best_overall")
    least = _decimal(table.number("min_score", least=0, most=100)) if table.has("min_score") else None
    table.close()
    return Quota(total, refill, least)


def _decimal(value: Decimal) -> str:
    """Return the canonical spelling of a value: 0.50 and 0.5 are the same rule, so they must have the same hash."""
    return format(value.normalize(), "f") if value else "0"
