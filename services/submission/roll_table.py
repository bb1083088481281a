"""Read the table of a roll from a file: CSV in UTF-8 or GB18030, or the first visible sheet of an xlsx workbook.

Only what a person sees in the file is taken. A cell of a workbook that shows something else than it stores, or whose
exact digits are lost, is not guessed: it keeps its text and says what is wrong with it.

Promises: rows have the numbers that a spreadsheet shows, and the lines that an editor shows. A workbook is read in a
child process with limits, so that a crafted one cannot stop the service.
Does not promise: to read xls, ods or protected workbooks; `roll-file-unknown` says so.

What the packages do was measured with openpyxl 3.1.5 and python-calamine 0.9.1 (`findings/`): calamine gives every
number as a float and no number format, so codes shown with leading zeros and long codes are lost; openpyxl gives both,
leaves out phonetic readings, and leaves escapes such as `_x000D_` as they stand.
"""

import csv
import json
import mimetypes
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

from services.submission.roll import TableBroken, TableRow
from shared.media.limited_process import Finished, Limits, run

ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
MOST_CELLS = 400_000
MOST_UNPACKED_BYTES = 200_000_000
EXACT_DIGITS = 15  # a spreadsheet stores numbers as binary floats; further digits become zeros when somebody types them
LIMITS = Limits(cpu_s=30, wall_s=45.0, memory_bytes=1_500_000_000)
#: Folders with the code that the child process runs, and what openpyxl reads when it is imported.
_OURS = (
    str(Path(__file__).resolve().parents[2]),
    str(Path(sys.prefix).resolve()),
    *(each for each in mimetypes.knownfiles if Path(each).exists()),
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN_FORMATS = frozenset({"General", "@", "0", "0_ ", "0_);[Red](0)", "#0", "#", "0_);(0)"})
_ZEROS = re.compile(r"0+")


def decode(data: bytes) -> str:
    """Return the text of a CSV file in UTF-8, with or without a byte order mark, or else in GB18030.

    Raises TableBroken if it is neither.
    """
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise TableBroken("text-broken")


def read(data: bytes) -> list[TableRow]:
    """Return the rows of a roll file, whatever its name says it is. Empty rows are left out.

    Raises TableBroken.
    """
    if data.startswith(ZIP):
        return read_workbook(data)
    if data.startswith(OLE):
        raise TableBroken("roll-file-unknown")
    return list(read_csv(decode(data)))


def read_csv(text: str) -> Iterator[TableRow]:
    """Yield the rows of a CSV text that are not empty. Raises TableBroken where it is not valid CSV."""
    lines = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    number, begins = 1, 1
    try:
        for cells in lines:
            if any(map(str.strip, cells)):
                yield TableRow(number, begins, tuple(map(str.strip, cells)))
            number, begins = number + 1, lines.line_num + 1
    except csv.Error as problem:
        raise TableBroken("not-csv", number, begins, str(problem)) from problem


def read_workbook(data: bytes) -> list[TableRow]:
    """Return the rows of the first visible sheet of an xlsx workbook that are not empty, read in a child process.

    Raises TableBroken.
    """
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-P", "-m", __name__, file.name]
        ended = run({"command": command, "reads": [file.name, *_OURS]}, LIMITS)
    if not isinstance(ended, Finished) or ended.exit_code:
        raise TableBroken("roll-file-broken")
    return table_of(json.loads(ended.output))


def table_of(answer: Mapping[str, Any]) -> list[TableRow]:
    """Return the rows that the child process has answered. Raises TableBroken."""
    if "problem" in answer:
        raise TableBroken(answer["problem"])
    return [
        TableRow(
            each["number"], each["line"], tuple(each["cells"]), {int(i): code for i, code in each["faults"].items()}
        )
        for each in answer["rows"]
    ]


def shown_text(value: object, number_format: str) -> tuple[str, str]:
    """Return the text that a cell of a workbook shows, and a code for what is wrong with it, or ''.

    A date, a truth value, an error, a fraction, a number of more than EXACT_DIGITS digits and a number whose format
    adds anything but leading zeros are wrong: the roll has only texts, and nobody can tell what was meant.
    """
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return str(value).upper(), "cell-truth-value"
    if isinstance(value, int | float):
        if value != int(value):
            return repr(value), "cell-fraction"
        digits = str(int(value))
        if len(digits.lstrip("-")) > EXACT_DIGITS:
            return digits, "cell-digits-lost"
        if _ZEROS.fullmatch(number_format):
            return digits.zfill(len(number_format)), ""
        return digits, "" if number_format in _PLAIN_FORMATS else "cell-format"
    if not isinstance(value, str):
        return str(value), "cell-date"
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value).strip(), ""


def rows_of(path: Path) -> dict[str, Any]:
    """Return the rows of a workbook's first visible sheet as plain data, or a problem. It runs in the child process."""
    import zipfile

    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(each.file_size for each in archive.infolist()) > MOST_UNPACKED_BYTES:
                return {"problem": "roll-file-too-large"}
            if "xl/workbook.xml" not in archive.namelist():
                return {"problem": "roll-file-unknown"}
        book = openpyxl.load_workbook(path, data_only=True, read_only=True)
        formulas = openpyxl.load_workbook(path, data_only=False, read_only=True)
        sheets = [each for each in book.worksheets if each.sheet_state == "visible"]
        if not sheets:
            return {"problem": "roll-file-broken"}
        rows: list[dict[str, Any]] = []
        cells_read = 0
        pairs = zip(sheets[0].iter_rows(), formulas[sheets[0].title].iter_rows(), strict=True)
        for number, (cells, written) in enumerate(pairs, 1):
            shown = [_cell(each, other) for each, other in zip(cells, written, strict=True)]
            cells_read += len(shown)
            if cells_read > MOST_CELLS:
                return {"problem": "roll-file-too-large"}
            while shown and shown[-1] == ("", ""):
                shown.pop()
            if shown:
                faults = {i: code for i, (_, code) in enumerate(shown) if code}
                rows.append(asdict(TableRow(number, number, tuple(text for text, _ in shown), faults)))
    except Exception:  # the parsers of a package, on any bytes
        return {"problem": "roll-file-broken"}
    return {"rows": rows}


def _cell(cell: Any, written: Any) -> tuple[str, str]:
    """Return what a cell shows and what is wrong with it. `written` is the same cell with its formula."""
    if cell.value is None:
        has_formula = isinstance(written.value, str) and written.data_type == "f"
        return (written.value, "cell-formula") if has_formula else ("", "")
    if cell.data_type == "e":
        return str(cell.value), "cell-error"
    return shown_text(cell.value, cell.number_format)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(rows_of(Path(sys.argv[1])), ensure_ascii=True))
