"""Reading the table of a roll from CSV and from workbooks, as spreadsheets save them."""

import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from services.submission import roll_table
from services.submission.roll import TableBroken, TableRow
from services.submission.roll_table import EXACT_DIGITS, read, rows_of, table_of

HEADER = ("代码", "名称")


def workbook(fill: Callable[[Worksheet], None]) -> bytes:
    """Return the bytes of a workbook whose one sheet was filled."""
    book, file = openpyxl.Workbook(), BytesIO()
    assert book.active is not None
    fill(book.active)
    book.save(file)
    return file.getvalue()


def rows(data: bytes, folder: Path) -> list[TableRow]:
    """Return the rows of a workbook, read in this process."""
    path = folder / "roll.xlsx"
    path.write_bytes(data)
    return table_of(rows_of(path))


def cell(folder: Path, value: object, number_format: str = "General") -> TableRow:
    """Return what is read of a workbook with one cell."""

    def fill(sheet: Worksheet) -> None:
        sheet["A1"].value = value
        sheet["A1"].number_format = number_format

    (row,) = rows(workbook(fill), folder)
    return row


def with_part(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """Return the workbook with one of its parts changed as text."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, change(content.decode()).encode() if each == name else content)
    return file.getvalue()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_each_encoding_that_spreadsheets_save(codec: str):
    assert read("代码,名称\r\nU1,炼钢㐀\r\n".encode(codec)) == [
        TableRow(1, 1, HEADER),
        TableRow(2, 2, ("U1", "炼钢㐀")),
    ]


def testrows_of_csv_have_the_numbers_of_a_spreadsheet_and_the_lines_of_an_editor():
    assert read('代码,名称\n\nU1,"a\nb"\nU2,c\n'.encode()) == [
        TableRow(1, 1, HEADER),
        TableRow(3, 3, ("U1", "a\nb")),
        TableRow(4, 5, ("U2", "c")),
    ]


def test_rows_of_a_workbook_have_its_numbers_and_empty_ones_are_left_out():
    def fill(sheet: Worksheet) -> None:
        sheet.append(HEADER)
        sheet["A3"].value, sheet["B3"].value, sheet["D3"].value = "U1", " 炼钢 ", "  "

    assert read(workbook(fill)) == [TableRow(1, 1, HEADER), TableRow(3, 3, ("U1", "炼钢"))]


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        pytest.param(123, "000000", TableRow(1, 1, ("000123",)), id="leading zeros that the format shows"),
        pytest.param(123, "General", TableRow(1, 1, ("123",)), id="a whole number"),
        pytest.param(123, "@", TableRow(1, 1, ("123",)), id="a number in a column of text"),
        pytest.param("007", "@", TableRow(1, 1, ("007",)), id="text of figures"),
        pytest.param(10**EXACT_DIGITS - 1, "0", TableRow(1, 1, ("9" * EXACT_DIGITS,)), id="the longest exact number"),
        pytest.param(
            911301001234567936,
            "0",
            TableRow(1, 1, ("911301001234567936",), {0: "cell-digits-lost"}),
            id="a code of 18 digits",
        ),
        pytest.param(123, '"GH"000', TableRow(1, 1, ("123",), {0: "cell-format"}), id="a format that adds letters"),
        pytest.param(0.5, "0%", TableRow(1, 1, ("0.5",), {0: "cell-fraction"}), id="a fraction"),
        pytest.param(True, "General", TableRow(1, 1, ("TRUE",), {0: "cell-truth-value"}), id="a truth value"),
        pytest.param("#N/A", "General", TableRow(1, 1, ("#N/A",), {0: "cell-error"}), id="an error"),
        pytest.param("=A2&1", "General", TableRow(1, 1, ("=A2&1",), {0: "cell-formula"}), id="a formula unsaved"),
        pytest.param(
            date(2026, 3, 8), "yyyy-mm-dd", TableRow(1, 1, ("2026-03-08 00:00:00",), {0: "cell-date"}), id="a date"
        ),
    ],
)
def test_cell_of_a_workbook_is_what_it_shows_or_says_what_is_wrong(
    tmp_path: Path, value: object, number_format: str, expected: TableRow
):
    assert cell(tmp_path, value, number_format) == expected


def test_phonetic_readings_are_no_part_of_a_name_and_escapes_are_resolved(tmp_path: Path):
    data = with_part(
        workbook(lambda sheet: sheet.append(["name"])),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(
            "<t>name</t>", '<r><t>机</t></r><r><t>床_x0041_</t></r><rPh sb="0" eb="2"><t>jichuang</t></rPh>'
        ),
    )

    assert rows(data, tmp_path) == [TableRow(1, 1, ("机床A",))]


def test_first_visible_sheet_is_read(tmp_path: Path):
    book, file = openpyxl.Workbook(), BytesIO()
    hidden, shown = book.active, book.create_sheet("名册")
    assert hidden is not None
    hidden.append(["旧"])
    hidden.sheet_state = "hidden"
    shown.append(["新"])
    book.save(file)

    assert rows(file.getvalue(), tmp_path) == [TableRow(1, 1, ("新",))]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(roll_table.OLE + b"x" * 100, "roll-file-unknown", id="xls, or a workbook with a password"),
        pytest.param(b"PK\x03\x04" + b"x" * 100, "roll-file-broken", id="the beginning of a zip alone"),
        pytest.param("炼钢".encode("utf-16"), "text-broken", id="UTF-16"),
    ],
)
def test_file_that_is_no_roll_says_why(data: bytes, code: str):
    with pytest.raises(TableBroken) as refused:
        read(data)

    assert refused.value.code == code


def test_zip_that_is_no_workbook_is_refused(tmp_path: Path):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")

    with pytest.raises(TableBroken) as refused:
        rows(file.getvalue(), tmp_path)

    assert refused.value.code == "roll-file-unknown"


def test_workbook_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(roll_table, "MOST_UNPACKED_BYTES", 100)
    path = tmp_path / "roll.xlsx"
    path.write_bytes(workbook(lambda sheet: sheet.append(HEADER)))

    assert rows_of(path) == {"problem": "roll-file-too-large"}
