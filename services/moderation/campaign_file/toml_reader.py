"""Read a TOML table key by key: return a typed value, or report a problem with its line and return a stand-in value.

Promises: every wrong, missing or unknown key is reported, in Chinese and English; reading never stops at the first
problem.
Does not promise: that a stand-in makes sense. Check `Report.broken` before comparing a value with another one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, Final

from services.moderation.campaign import Window, instant
from services.moderation.campaign_file.line_numbers import Path
from services.moderation.campaign_file.problems import Report
from shared.short_text import flaw

REQUIRED: Final = object()
DATE_LIKE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)?(?:[Zz]|[+-]\d\d:\d\d)?")
_YEARS = range(2000, 2101)
_DECIMALS = 4
_ANY = r"(?s).*\S.*"


class Table:
    """One table of a campaign file. Each method reads a key, and reports an error if its value is wrong or missing.

    `close` reports the keys that were not read.
    """

    def __init__(self, report: Report, path: Path, data: Mapping[str, Any]) -> None:
        self.report = report
        self.path = path
        self._data = data
        self._known: list[str] = []

    def has(self, key: str) -> bool:
        """Return whether the key is present. `close` then treats it as a known key."""
        self._known.append(key)
        return key in self._data

    def text(self, key: str, *, default: Any = REQUIRED, pattern: str = _ANY) -> str:
        """Return a string that matches the pattern as a whole; by default any string that is not blank."""
        value = self._typed(key, str, default)
        if value is not default and not self.broken(key) and not re.fullmatch(pattern, value):
            zh, en = (
                ("不能为空", "must not be empty") if pattern == _ANY else (f"须符合 {pattern}", f"must match {pattern}")
            )
            self._error(key, "out-of-range", f"{key} {zh}，写的是 {value!r}", f"{key} {en}, not {value!r}")
        elif value is not default and not self.broken(key):
            self._one_line((*self.path, key), key, value)
        return str(value)

    def multiline(self, key: str) -> str:
        """Return a string that may have several lines and is not blank."""
        value = str(self._typed(key, str, REQUIRED))
        if not value.strip() and not self.broken(key):
            self._error(key, "out-of-range", f"{key} 不能为空", f"{key} must not be empty")
        return value

    def flag(self, key: str, *, default: Any = REQUIRED) -> bool:
        """Return a boolean; False as the stand-in."""
        return bool(self._typed(key, bool, default))

    def whole(self, key: str, *, least: int, most: int, default: Any = REQUIRED) -> int:
        """Return a whole number from `least` to `most`; `least` as the stand-in for a number outside."""
        value = self._typed(key, int, default)
        if value is not default and not least <= value <= most:
            self._range(key, value, least, most)
            return least
        return int(value)

    def number(self, key: str, *, least: int, most: int, default: Any = REQUIRED) -> Decimal:
        """Return a number from `least` to `most` with at most four decimals, exactly as written."""
        value: Decimal = self._typed(key, Decimal, default)
        if not value.is_finite() or not least <= value <= most:
            self._range(key, value, least, most)
            return Decimal(least)
        # Check the size first: the fraction for 1e-99999999 would not fit in memory.
        if value and (value.adjusted() < -_DECIMALS or (Fraction(value) * 10**_DECIMALS).denominator > 1):
            zh, en = f"{key} 最多 {_DECIMALS} 位小数", f"{key} may have at most {_DECIMALS} decimals"
            self._error(key, "out-of-range", zh, en)
        return value

    def choice(self, key: str, known: Sequence[str], *, default: Any = REQUIRED) -> str:
        """Return a string that is one of `known`."""
        value = str(self._typed(key, str, default))
        if value not in known and not self.broken(key):
            self._unknown_value(key, value, known)
        return value

    def texts(self, key: str, *, known: Sequence[str] = (), default: Any = REQUIRED) -> tuple[str, ...]:
        """Return a list of strings. A repeated string is an error, and so is one that is not in `known`, if given."""
        values = self._typed(key, list, default)
        for index, value in enumerate(values):
            place = (*self.path, key, index)
            if not isinstance(value, str):
                self._wrong_type(place, str, value)
            elif values.index(value) < index:
                self.report.error(place, "duplicate-code", f"{value!r} 写了两次", f"{value!r} appears twice")
            elif known and value not in known:
                self._unknown_value(key, value, known, index)
            else:
                self._one_line(place, f"{key}[{index}]", value)
        return tuple(str(value) for value in values)

    def days(self, key: str) -> tuple[str, ...]:
        """Return a list of TOML dates without a time, as YYYY-MM-DD. A missing key gives an empty list."""
        found: list[str] = []
        for index, value in enumerate(self._typed(key, list, [])):
            if type(value) is date and value.isoformat() not in found:
                found.append(value.isoformat())
            elif type(value) is date:
                place = (*self.path, key, index)
                self.report.error(place, "duplicate-code", f"{value} 写了两次", f"{value} appears twice")
            else:
                self._wrong_type((*self.path, key, index), date, value)
        return tuple(found)

    def table(self, key: str, *, default: Any = REQUIRED) -> "Table":
        """Return a table inside this table; it is required unless there is a default for it."""
        return Table(self.report, (*self.path, key), self._typed(key, dict, default))

    def tables(self, key: str, *, default: Any = REQUIRED) -> "list[Table]":
        """Return a list of tables inside this table. A `code` that two of them share is an error."""
        found: list[Table] = []
        seen: set[str] = set()
        for index, value in enumerate(self._typed(key, list, default)):
            path = (*self.path, key, index)
            if not isinstance(value, dict):
                self._wrong_type(path, dict, value)
                continue
            code = str(value.get("code", ""))
            if code and code in seen:
                zh, en = f"代码 {code!r} 在 {key} 中重复", f"code {code!r} appears twice in {key}"
                self.report.error((*path, "code"), "duplicate-code", zh, en)
            seen.add(code)
            found.append(Table(self.report, path, value))
        return found

    def window(self, key: str, zone: tzinfo) -> Window:
        """Return a window from a required table with the keys `start` and `end`; the end must be after the start."""
        table = self.table(key)
        window = Window(table.moment("start", zone), table.moment("end", zone))
        table.close()
        if not table.broken() and window.end <= window.start:
            zh, en = f"{key} 的结束不晚于开始", f"{key} ends at or before its start"
            self.report.error((*table.path, "end"), "end-before-start", zh, en)
        return window

    def moment(self, key: str, zone: tzinfo) -> int:
        """Return the instant, in ms since the epoch, of a TOML date (midnight in the zone), local date-time (in the
        zone) or offset date-time; 0 as the stand-in.
        """
        value = self._get(key, REQUIRED)
        if isinstance(value, date):
            return self._instant(key, value, zone)
        if isinstance(value, str) and DATE_LIKE.fullmatch(value) and not is_calendar_date(value):
            zh, en = f"日历上没有 {value}，日期写作 2021-06-07", f"{value} does not exist; write a date as 2021-06-07"
            self._error(key, "impossible-date", zh, en)
        elif value is not None:
            self._wrong_type((*self.path, key), date, value)
        return 0

    def broken(self, *path: str | int) -> bool:
        """Return whether there is an error at this path below the table, inside it or around it."""
        return self.report.broken(*self.path, *path)

    def close(self) -> None:
        """Report every key of the table that was not read as unknown. Call it after the last read."""
        for key in self._data:
            if key not in self._known:
                near = get_close_matches(key, self._known, n=1)
                zh = f"不认识的键 {key!r}" + (
                    f"，是不是 {near[0]!r}？" if near else f"，这里可用：{'、'.join(self._known)}"
                )
                en = f"unknown key {key!r}" + (
                    f": did you mean {near[0]!r}?" if near else f"; allowed keys: {', '.join(self._known)}"
                )
                self._error(key, "unknown-key", zh, en)

    def _one_line(self, path: Path, name: str, value: str) -> None:
        """Report a text that is not one visible line; every text of a campaign file stands in a line somewhere."""
        found = flaw(value)
        if found is not None:
            rule = "须是一行可见的文字，不能含换行、控制字符、方向控制符和自造字"
            zh = f"{name} {rule}：{found.character or '没有可见的文字'}"
            en = (
                f"{name} must be one visible line, without a line break, control, direction or private-use character: "
                f"{found.character or 'it shows nothing'}"
            )
            self.report.error(path, "not-one-line", zh, en)

    def _instant(self, key: str, value: date, zone: tzinfo) -> int:
        if value.year not in _YEARS:
            self._range(key, value.year, _YEARS[0], _YEARS[-1])
            return 0
        when = value if isinstance(value, datetime) else datetime.combine(value, time())
        return instant((when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC))

    def _get(self, key: str, default: Any) -> Any:
        self._known.append(key)
        if key not in self._data and default is REQUIRED and not self.report.lost(self.path):
            where = ".".join(map(str, self.path))
            zh, en = f"{where or '文件'} 缺少 {key!r}", f"{key!r} is missing in {where or 'the file'}"
            self._error(key, "missing-key", zh, en)
        return self._data.get(key, None if default is REQUIRED else default)

    def _typed(self, key: str, kind: type, default: Any) -> Any:
        value = self._get(key, default)
        if kind is Decimal and type(value) is int:
            value = Decimal(value)
        if value is default and default is not REQUIRED:
            return value
        if type(value) is not kind:
            if value is not None:
                self._wrong_type((*self.path, key), kind, value)
            return kind()
        return value

    def _wrong_type(self, path: Path, kind: type, value: Any) -> None:
        (zh, en), (zh_is, en_is) = _kind_names(kind), _kind_names(type(value))
        name = path[-1] if isinstance(path[-1], str) else f"{path[-2]}[{path[-1]}]"
        zh, en = f"{name} 应当是{zh}，写的是{zh_is}", f"{name} must be {en}, not {en_is}"
        self.report.error(path, "wrong-type", zh, en)

    def _range(self, key: str, value: object, least: int, most: int) -> None:
        if not self.broken(key):
            zh, en = (
                f"{key} = {value} 不在 {least} 到 {most} 之间",
                f"{key} = {value} is not between {least} and {most}",
            )
            self._error(key, "out-of-range", zh, en)

    def _unknown_value(self, key: str, value: str, known: Sequence[str], *index: int) -> None:
        near = get_close_matches(value, known, n=1)
        zh = f"{key} 不能是 {value!r}，可选：{'、'.join(known)}" + (f"；是不是 {near[0]!r}？" if near else "")
        en = f"{key} must not be {value!r}; allowed: {', '.join(known)}" + (
            f"; did you mean {near[0]!r}?" if near else ""
        )
        self.report.error((*self.path, key, *index), "unknown-value", zh, en)

    def _error(self, key: str, code: str, zh: str, en: str) -> None:
        self.report.error((*self.path, key), code, zh, en)


_KIND_NAMES = {
    str: ("字符串", "a string"),
    int: ("整数", "a whole number"),
    bool: ("true 或 false", "true or false"),
    Decimal: ("数字", "a number"),
    list: ("列表", "a list"),
    dict: ("表", "a table"),
    date: ("不加引号的日期", "a date without quotes"),
    datetime: ("日期时间", "a date-time"),
    time: ("时刻", "a time of day"),
}


def _kind_names(kind: type) -> tuple[str, str]:
    return _KIND_NAMES[kind]


def is_calendar_date(text: str) -> bool:
    """Return whether the text is a TOML date or date-time that exists in the calendar."""
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True
