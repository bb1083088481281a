"""The roll in force as a file: CSV that spreadsheets open, or xlsx in which every cell is text.

Promises: importing the file changes nothing. Access codes are not in it, since they are stored as hashes only; a row
without one keeps its code.
"""

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

COLUMNS = {"代码": "code", "名称": "name", "级别": "level", "类型": "type", "城市": "city", "用人单位": "employer"}


def as_csv(units: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> bytes:
    """Return the roll as CSV in UTF-8 with a byte order mark. `types` are the titles of the unit types, by code."""
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(units, types))
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(units: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> bytes:
    """Return the roll as a workbook of one sheet. All cells are text, so that no code loses a digit."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    sheet.append(list(COLUMNS))
    for row in _rows(units, types):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = "@"
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(units: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> list[list[str]]:
    return [
        [types.get(unit[name], unit[name]) if name == "type" else unit[name] for name in COLUMNS.values()]
        for unit in units
    ]
