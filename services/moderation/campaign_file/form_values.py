"""Read a campaign file into the values of a form, and write changed values back into the same text.

Promises: text that no value changes stays byte for byte, with its comments, its order and its tables that the form does
not know; a value that is written and read again is the same; whatever was typed is stored, and where it is not of its
kind it is stored as text, so that the check reports it at its line.
Does not promise that the file passes the check, nor that a changed line keeps its spacing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

import tomlkit
from tomlkit import items
from tomlkit.exceptions import TOMLKitError

from services.moderation.campaign_file.form_fields import (
    DAYS,
    FIELDS,
    FLAG,
    LINES,
    MOMENT,
    NUMBER,
    ROWS,
    TEXT,
    TEXTS,
    WHOLE,
    Field,
)

Key = str | int
_BOM = "\ufeff"
_WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?")
_SEPARATORS = re.compile(r"[,，、;；\n]")
_DATE_BEFORE_BRACE = re.compile(r"(\d{4}-\d\d-\d\d)\}")
MOST_ROWS = 200


class UnreadableFile(ValueError):
    """The text is no TOML, so that it has no values; the check says where it is broken."""


def read_values(text: str) -> dict[str, str]:
    """Return the value of each field that the file has, as text, by its path (`unit_types.0.zh`).

    Raises UnreadableFile.
    """
    document = _parse(text.removeprefix(_BOM))
    return {path: value for path, field in _fields_of(document) if (value := _read(document, path, field)) is not None}


def rows_of(text: str) -> dict[str, int]:
    """Return how many rows each list of tables has that the form shows. Raises UnreadableFile."""
    document = _parse(text.removeprefix(_BOM))
    return {table: len(_rows(document, table)) for table in ROWS}


def write_values(text: str, values: Mapping[str, str]) -> str:
    """Return the file with these values; a path that is not named keeps its value, and an empty value removes its key.

    A row whose fields are all empty is removed. Paths that no field has are ignored. Raises UnreadableFile.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    plain = text.removeprefix(_BOM)
    document, before = _parse(plain), read_values(plain)
    changed = [
        (path, field, value)
        for path, value in values.items()
        if (field := _field(path)) is not None and _tidy(value, field) != _tidy(before.get(path, ""), field)
    ]
    if not changed:
        return text
    for path, field, value in changed:
        _write(document, _keys(path), _tidy(value, field), field)
    _drop_empty_rows(document, {path.split(".*.")[0] for path in map(_pattern, values) if ".*." in path})
    return mark + _keep_lines(plain, tomlkit.dumps(document))


def _parse(text: str) -> Any:
    try:
        return tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError) as problem:
        raise UnreadableFile(str(problem)) from problem


def _keep_lines(before: str, written: str) -> str:
    """Return the written text with the spacing that unchanged lines had before.

    tomlkit 0.15.2 drops the blanks between a date and the brace that closes an inline table.
    """
    printed = tomlkit.dumps(tomlkit.parse(before))
    old, plain, new = (each.split("\n") for each in (before, printed, written))
    if len(old) != len(plain):
        return written
    lines: list[str] = []
    for kind, first, last, start, end in SequenceMatcher(None, plain, new, autojunk=False).get_opcodes():
        lines += old[first:last] if kind == "equal" else [_DATE_BEFORE_BRACE.sub(r"\1 }", x) for x in new[start:end]]
    return "\n".join(lines)


def _keys(path: str) -> tuple[Key, ...]:
    return tuple(int(each) if each.isdecimal() else each for each in path.split("."))


def _pattern(path: str) -> str:
    return ".".join("*" if each.isdecimal() and len(each) <= 3 else each for each in path.split("."))


def _field(path: str) -> Field | None:
    found = FIELDS.get(_pattern(path))
    return None if any(isinstance(each, int) and each >= MOST_ROWS for each in _keys(path)) else found


def _fields_of(document: Any) -> Iterator[tuple[str, Field]]:
    for pattern, field in FIELDS.items():
        table, is_row, key = pattern.partition(".*.")
        if not is_row:
            yield pattern, field
            continue
        for index in range(min(len(_rows(document, table)), MOST_ROWS)):
            yield f"{table}.{index}.{key}", field


def _rows(document: Any, table: str) -> Sequence[Any]:
    found = _get(document, tuple(table.split(".")))
    return found if isinstance(found, list) else ()


def _get(document: Any, keys: Sequence[Key]) -> Any:
    for key in keys:
        if isinstance(key, int):
            if not isinstance(document, list) or key >= len(document):
                return None
        elif not isinstance(document, dict) or key not in document:
            return None
        document = document[key]
    return document


def _read(document: Any, path: str, field: Field) -> str | None:
    found = _get(document, _keys(path))
    return None if found is None or isinstance(found, dict) else _text_of(found, field)


def _text_of(found: Any, field: Field) -> str:
    if isinstance(found, list):
        return ", ".join(_text_of(each, field) for each in found)
    if isinstance(found, bool | items.Bool):
        return "true" if found else "false"
    if isinstance(found, datetime):
        shown = found.isoformat()
        return shown.removesuffix(":00") if found.tzinfo is None and len(shown) > 16 else shown
    if isinstance(found, date):
        return f"{found.isoformat()}T00:00" if field.kind == MOMENT else found.isoformat()
    if isinstance(found, items.Float):
        return str(found.as_string())
    return str(found)


def _tidy(value: str, field: Field) -> str:
    """Return a typed value in the one spelling in which values are read."""
    value = value.replace("\r\n", "\n")
    if field.kind in (TEXTS, DAYS):
        return ", ".join(each.strip() for each in _SEPARATORS.split(value) if each.strip())
    if field.kind == MOMENT and (found := _MOMENT.fullmatch(value.strip())):
        seconds = found[3] if found[3] not in (None, ":00") else ""
        return f"{found[1]}T{found[2] or '00:00'}{seconds}"
    return value if field.kind == LINES and value.strip() else value.strip()


def _write(document: Any, keys: tuple[Key, ...], value: str, field: Field) -> None:
    *around, last = keys
    if not value:
        table = _get(document, around)
        if isinstance(table, dict) and last in table:
            del table[last]
        return
    table = document
    for key, following in zip(around, keys[1:], strict=True):
        table = _child(table, key, following)
        if table is None:
            return
    if isinstance(table, dict):
        table[last] = _item(value, field)


def _child(table: Any, key: Key, following: Key) -> Any:
    """Return the table or list below `key`, which is added if it is missing; None where another value stands."""
    if isinstance(key, int):
        if not isinstance(table, list):
            return None
        if key >= len(table):
            table.append(tomlkit.table() if isinstance(table, items.AoT) else tomlkit.inline_table())
        return table[min(key, len(table) - 1)]
    if not isinstance(table, dict):
        return None
    if key not in table:
        if isinstance(following, int):
            table[key] = tomlkit.aot()
        else:
            table[key] = tomlkit.table() if not isinstance(table, items.InlineTable) else tomlkit.inline_table()
    found = table[key]
    if isinstance(following, int) != isinstance(found, list):
        return None
    return found


def _item(value: str, field: Field) -> Any:
    if field.kind == FLAG and value in ("true", "false"):
        return tomlkit.item(value == "true")
    if field.kind in (WHOLE, NUMBER) and (_WHOLE if field.kind == WHOLE else _NUMBER).fullmatch(value):
        return _literal(value)
    if field.kind == MOMENT and (found := _MOMENT.fullmatch(value)):
        clock = f"{found[2]}{found[3] or ':00'}" if found[2] else ""
        written = found[1] if clock in ("", "00:00:00") else f"{found[1]}T{clock}"
        return _literal(written)
    if field.kind == MOMENT:
        return _literal(value) if re.fullmatch(r"[0-9T:.Z+-]+", value) else tomlkit.item(value)
    if field.kind in (TEXTS, DAYS):
        array = tomlkit.array()
        for each in value.split(", "):
            array.append(_literal(each) if field.kind == DAYS and _DAY.fullmatch(each) else tomlkit.item(each))
        return array
    return tomlkit.string(value, multiline="\n" in value) if field.kind != TEXT else tomlkit.item(value)


def _literal(written: str) -> Any:
    """Return the TOML value that this text is, or a string if it is none, such as a day that does not exist."""
    try:
        return tomlkit.value(written)
    except (TOMLKitError, ValueError):
        return tomlkit.item(written)


def _drop_empty_rows(document: Any, tables: set[str]) -> None:
    for table in tables & ROWS.keys():
        rows: Any = _rows(document, table)
        for index in reversed(range(len(rows))):
            row = rows[index]
            if isinstance(row, dict) and not any(str(row.get(key, "")) for key in ROWS[table]):
                del rows[index]
        if not len(rows) and _get(document, tuple(table.split("."))) is not None:
            *around, last = table.split(".")
            del _get(document, around)[last]
