"""Exports of the analysis as CSV and JSON lines, with a data dictionary that is made from their schema.

Promises: the columns of every export are those of its schema, in its order, and the dictionary describes each by the
schema's own texts; a cell that a spreadsheet would compute stands behind an apostrophe in CSV.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from marshmallow import fields

from gateway.http.response_schemas import ExportedRow

CSV, JSON_LINES = "text/csv; charset=utf-8", "application/jsonl; charset=utf-8"
_KINDS = {fields.Integer: "integer", fields.Boolean: "boolean", fields.String: "text"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def columns() -> list[str]:
    """Return the columns of the exported table."""
    return list(ExportedRow().fields)


def dictionary() -> list[dict[str, Any]]:
    """Return the data dictionary: for each column its kind, whether it may be empty, and what it means."""
    return [
        {
            "column": name,
            "kind": next(kind for base, kind in _KINDS.items() if isinstance(field, base)),
            "may_be_empty": bool(field.allow_none),
            "meaning": field.metadata["description"],
            "meaning_zh": field.metadata["description_zh"],
        }
        for name, field in ExportedRow().fields.items()
    ]


def as_csv(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark, by which spreadsheets know the encoding."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_json_lines(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    """Return rows as JSON, one a line."""
    return b"".join(orjson.dumps({name: row[name] for name in names}) + b"\n" for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
