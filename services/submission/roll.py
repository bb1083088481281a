"""Read the roll, the organiser's list of eligible units, from a CSV file: return its rows, or every flaw in it.

Promises: all flaws are returned at once, each with its line in the file (the header is line 1), its column and its
value; the same rows have the same digest; no two rows of a roll without flaws have the same code. A row holds its
access code only as a keyed hash; but the flaw of a code that is too long holds the code as it was sent.
Does not promise: that the units exist.
"""

import csv
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from io import StringIO

from services.moderation.campaign import Campaign
from services.submission.events import RollRow
from shared.canonical import digest
from shared.names import is_visible
from shared.short_text import NOTHING, flaw

CHUNK_ROWS = 100
MOST_ROWS = 20_000
COLUMNS = ("code", "name", "level", "type", "city", "employer", "access")
ALSO_CALLED = dict(zip(("代码", "名称", "级别", "类型", "城市", "用人单位", "访问码"), COLUMNS, strict=True))
ALSO_CALLED["access_code"] = "access"
REQUIRED = COLUMNS[:5]
LINES = COLUMNS[:6]  # one visible line each; the access code is compared and never shown
MOST_CHARS = {"code": 40, "name": 120, "level": 40, "type": 40, "city": 40, "employer": 120, "access": 64}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw in the CSV file of a roll. `row` is its line in the file, from 1; 0 means the file as a whole."""

    row: int
    column: str
    code: str
    value: str = ""


def parse(text: str, campaign: Campaign, *, key: bytes) -> tuple[list[RollRow], list[Flaw]]:
    """Read the CSV text of a roll. Return its rows and all flaws; the rows may be used only if there are no flaws.

    `key` hashes the access codes.
    """
    lines = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[RollRow] = []
    flaws: list[Flaw] = []
    try:
        header = [ALSO_CALLED.get(each.strip(), each.strip().lower()) for each in next(lines, [])]
        flaws += _header_flaws(header)
        if flaws:
            return [], flaws
        types = {each.zh: each.code for each in campaign.unit_types}
        seen: dict[str, int] = {}
        for line in lines:
            if not any(map(str.strip, line)):
                continue
            if len(rows) == MOST_ROWS:
                return [], [Flaw(lines.line_num, "", "too-many-rows", str(MOST_ROWS))]
            if len(line) > len(header):
                flaws.append(Flaw(lines.line_num, "", "too-many-cells", str(len(line))))
            row = _row(dict(zip(header, map(str.strip, line), strict=False)), types)
            flaws += [Flaw(lines.line_num, column, code, value) for column, code, value in row_flaws(row, campaign)]
            if row.code in seen:
                flaws.append(Flaw(lines.line_num, "code", "repeated", row.code))
            seen[row.code] = lines.line_num
            rows.append(replace(row, access=access_mark(key, row.code, row.access)))
    except csv.Error as problem:
        return [], [*flaws, Flaw(lines.line_num, "", "not-csv", str(problem))]
    return rows, flaws if rows or flaws else [Flaw(0, "", "empty")]


def row_flaws(row: RollRow, campaign: Campaign) -> Iterator[tuple[str, str, str]]:
    """Yield each flaw of one row as (column, code of the flaw, value). The access code may be clear text or a hash."""
    cells = asdict(row)
    for column in REQUIRED:
        if not is_visible(cells[column]):
            yield column, "missing", ""
    for column, most in MOST_CHARS.items():
        if len(cells[column]) > most:
            yield column, "too-long", cells[column]
    for column in LINES:
        found = flaw(cells[column])
        if found is not None and found.code != NOTHING:  # which is missing, or may be
            yield column, found.code, cells[column]
    if row.code and not _CODE.fullmatch(row.code):
        yield "code", "malformed", row.code
    if row.level and row.level not in (*campaign.eligible_levels, *campaign.excluded_levels):
        yield "level", "unknown", row.level
    if row.type and row.type not in {each.code for each in campaign.unit_types}:
        yield "type", "unknown", row.type


def access_mark(key: bytes, unit: str, access: str) -> str:
    """Return the keyed hash of a unit's access code, which a login is compared with; empty for an empty code."""
    return hmac.digest(key, f"{unit}\0{access}".encode(), "sha256").hex() if access else ""


def roll_digest(rows: Iterable[RollRow]) -> str:
    """Return the digest of a roll: the SHA-256, in hex, of the canonical bytes of its rows, in order."""
    return digest([asdict(each) for each in rows])


def chunks(rows: Sequence[RollRow]) -> list[tuple[RollRow, ...]]:
    """Split the rows of a roll into parts of at most CHUNK_ROWS, as many as one command may import."""
    return [tuple(rows[i : i + CHUNK_ROWS]) for i in range(0, len(rows), CHUNK_ROWS)]


def repeated_code(rows: Iterable[RollRow]) -> str | None:
    """Return the code of a unit that occurs more than once in the rows, or None."""
    counted = Counter(each.code for each in rows)
    return next((code for code, count in counted.items() if count > 1), None)


def _row(cells: Mapping[str, str], types: Mapping[str, str]) -> RollRow:
    row = RollRow(**{each: cells.get(each, "") for each in COLUMNS})
    return replace(row, type=types.get(row.type, row.type))


def _header_flaws(header: Sequence[str]) -> list[Flaw]:
    missing = [Flaw(1, each, "column-missing") for each in REQUIRED if each not in header]
    unknown = [Flaw(1, each, "column-unknown", each) for each in header if each and each not in COLUMNS]
    twice = [Flaw(1, each, "column-repeated", each) for i, each in enumerate(header) if each and each in header[:i]]
    return missing + unknown + twice
