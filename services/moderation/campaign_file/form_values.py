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
    NUMBERS,
    PICTURE,
    ROWS,
    TABLE,
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
_PIECES = re.compile(r"\\[\\|n]|.", re.DOTALL)
_ESCAPED = {r"\\": "\\", r"\|": "|", r"\n": "\n"}
_CELL = Field("")
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


def kept_paths(text: str) -> list[str]:
    """Return what the file holds that no field of the form shows, as short paths (`admission`); it stays as it is.

    Raises UnreadableFile.
    """
    document = _parse(text.removeprefix(_BOM))
    shown = read_values(text)
    return sorted({_shortest(_pattern(path)) for path in _leaves(document) if path not in shown})


def _leaves(found: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each value. A list of tables that is one field of the form is one value."""
    if isinstance(found, dict):
        for key in found:
            yield from _leaves(found[key], f"{path}.{key}".strip("."))
    elif isinstance(found, list) and _pattern(path) not in FIELDS and any(isinstance(each, dict) for each in found):
        for index, each in enumerate(found):
            yield from _leaves(each, f"{path}.{index}")
    else:
        yield path


def _shortest(pattern: str) -> str:
    """Return the first part of a path of which the form has no field."""
    parts = pattern.split(".")
    for length in range(1, len(parts) + 1):
        start = ".".join(parts[:length])
        if not any(field == start or field.startswith(f"{start}.") for field in FIELDS):
            return start
    return pattern


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
    if field.kind == TABLE and found is not None:
        return _rows_text(found, field.columns)
    return None if found is None or isinstance(found, dict) else _text_of(found, field)


def _rows_text(found: Any, columns: Sequence[str]) -> str | None:
    """Return a list of tables as a line each, with `|` between the cells; None if it has more than these cells."""
    lines = []
    for row in found if isinstance(found, list) else (None,):
        if not isinstance(row, dict) or not row.keys() <= set(columns):
            return None
        cells = [row.get(name, "") for name in columns]
        if any(isinstance(cell, dict | list) for cell in cells):
            return None
        lines.append(_line([_text_of(cell, _CELL) for cell in cells]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    escaped = [each.strip().replace("\\", r"\\").replace("|", r"\|").replace("\n", r"\n") for each in cells]
    while escaped and not escaped[-1]:
        escaped.pop()
    return " | ".join(escaped)


def _cells(line: str) -> list[str]:
    """Return the cells of a line, in which `\\|`, `\\n` and `\\\\` stand for a bar, a new line and a backslash."""
    cells = [""]
    for piece in _PIECES.findall(line):
        if piece in ("|", "｜"):
            cells.append("")
        else:
            cells[-1] += _ESCAPED.get(piece, piece)
    return [each.strip() for each in cells]


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
    if field.kind == TABLE:
        return "\n".join(tidied for each in value.split("\n") if (tidied := _line(_cells(each))))
    if field.kind in (TEXTS, DAYS):
        return ", ".join(each.strip() for each in _SEPARATORS.split(value) if each.strip())
    if field.kind == MOMENT and (found := _MOMENT.fullmatch(value.strip())):
        seconds = found[3] if found[3] not in (None, ":00") else ""
        return f"{found[1]}T{found[2] or '00:00'}{seconds}"
    return value if field.kind in (LINES, PICTURE) and value.strip() else value.strip()


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
        held = table.get(last)
        table[last] = _tables(value, field, held) if field.kind == TABLE else _item(value, field)


def _tables(value: str, field: Field, held: Any) -> Any:
    """Return the tables that the lines of a value mean, in the notation (`[[…]]` or one array) that is held now."""
    rows: Any = tomlkit.aot() if isinstance(held, items.AoT) else tomlkit.array()
    for line in value.split("\n"):
        cells = _cells(line)
        pairs = list(zip(field.columns, cells, strict=False))
        if len(cells) > len(pairs):  # a bar too many: the check reports the text as it was typed
            pairs[-1] = (pairs[-1][0], " | ".join(cells[len(pairs) - 1 :]))
        row = tomlkit.table() if isinstance(rows, items.AoT) else tomlkit.inline_table()
        for name, cell in pairs:
            if cell:
                row[name] = _literal(cell) if name in NUMBERS and _NUMBER.fullmatch(cell) else tomlkit.item(cell)
        rows.append(row)
    return rows if isinstance(rows, items.AoT) else rows.multiline(True)


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
