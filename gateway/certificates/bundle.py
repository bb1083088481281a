"""A zip archive of all valid certificates, with a table of contents.

Promises: the same certificates give the same bytes, as each document does; file names are valid on every system, and
the CSV table in the archive maps each certificate to its file.
"""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from shared.short_text import one_line

TABLE = "certificates.csv"
COLUMNS = ("certificate", "entry", "unit", "title", "type", "place", "day", "file")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*.\s]+')
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠]")  # a spreadsheet would evaluate such a cell


def file_name(certificate: Mapping[str, Any], *, ending: str = "pdf") -> str:
    """Return a file name for a certificate that is valid on every system: number, unit's name, and `ending`."""
    unit = _UNSAFE.sub("", one_line(certificate["unit"]))[:40]
    return f"{certificate['certificate']}-{unit}.{ending}"


def zip_certificates(papers: Sequence[tuple[Mapping[str, Any], bytes]]) -> bytes:
    """Return a ZIP archive of these certificates, given as pairs of facts and PDF, with a CSV table of its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        for certificate, paper in papers:
            bundle.writestr(_entry(file_name(certificate), certificate["day"]), paper)
        last = max((certificate["day"] for certificate, _ in papers), default="1980-01-01")
        bundle.writestr(_entry(TABLE, last), _table([certificate for certificate, _ in papers]))
    return buffer.getvalue()


def _entry(name: str, day: str) -> zipfile.ZipInfo:
    year, month, date = map(int, day.split("-"))
    return zipfile.ZipInfo(name, date_time=(year, month, date, 0, 0, 0))


def _table(certificates: Sequence[Mapping[str, Any]]) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for each in certificates:
        row = {**each, "file": file_name(each)}
        writer.writerow(
            [_FORMULA.sub(r"'\g<0>", one_line(str("" if row[name] is None else row[name]))) for name in COLUMNS]
        )
    return lines.getvalue().encode("utf-8-sig")  # office spreadsheets need the byte order mark
