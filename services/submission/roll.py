"""Read the roll, the list of eligible units, from the table of a file: return its rows, or every flaw in it.

The header is found by its names, also below a title, within the first HEADER_WITHIN rows.

Promises: all flaws are returned at once, each with its row, its line in the file and its column; the same rows have the
same digest; no two new rows of a roll without flaws have codes that a reader takes for the same. A row holds its access
code only as a keyed hash, and no flaw holds an access code, nor a cell of a file whose header is missing.
Does not promise: that the units exist.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice, pairwise

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from services.moderation.campaign import Campaign
from services.submission.events import RollRow
from shared.canonical import digest
from shared.names import comparable_code, is_invisible, is_visible
from shared.short_text import NOTHING, flaw

CHUNK_ROWS = 100
MOST_ROWS = 20_000
HEADER_WITHIN = 10
COLUMNS = ("code", "name", "level", "type", "city", "employer", "access")
ALSO_CALLED = dict(zip(("代码", "名称", "级别", "类型", "城市", "用人单位", "访问码"), COLUMNS, strict=True))
ALSO_CALLED["access_code"] = "access"
#: Levels by their Chinese names, for campaigns that name the levels by these codes.
LEVELS_IN_CHINESE = {
    **dict.fromkeys(("基层", "基层工会", "基层级"), "grassroots"),
    **dict.fromkeys(("省", "省级"), "province"),
    **dict.fromkeys(("市", "市级"), "city"),
    **dict.fromkeys(("县", "县级", "区县", "区县级"), "county"),
    **dict.fromkeys(("乡镇", "乡镇级"), "township"),
    **dict.fromkeys(("街道", "街道级"), "street"),
}
REQUIRED = COLUMNS[:5]
LINES = COLUMNS[:6]  # one visible line each; the access code is compared and never shown
MOST_CHARS = {"code": 40, "name": 120, "level": 40, "type": 40, "city": 40, "employer": 120, "access": 64}
ACCESS_MIN_CHARS = 8
ACCESS_MIN_DISTINCT = 4  # different characters
ACCESS_MIN_TURNS = 5  # characters that do not continue a series
ACCESS_MIN_BESIDE = 4  # letters and figures beside the unit's own code or name
_COMMON = frozenset(each for each in FREQUENCY_LISTS["passwords"] if len(each) >= ACCESS_MIN_CHARS)
_DATE = re.compile(r"(19|20)\d\d[-./]?[01]\d[-./]?[0-3]\d")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table. `faults` names what is wrong with a cell, by its index."""

    number: int  # as a spreadsheet counts rows, from 1
    line: int  # the line of a text file on which the row begins, from 1; the row's number in a workbook
    cells: tuple[str, ...]
    faults: dict[int, str] = field(default_factory=dict)


class TableBroken(Exception):
    """The file cannot be read as a table at all. `code` is stable, and `row` and `line` say where, or are 0."""

    def __init__(self, code: str, row: int = 0, line: int = 0, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.row, self.line, self.detail = code, row, line, detail


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw in the file of a roll. `row` 0 means the file as a whole.

    `row` is the row of the table, as a spreadsheet counts it, and `line` the line of the file on which that row begins,
    as an editor counts it. Both count from 1, the header; they differ after a line break inside a cell. `value` is
    never an access code; `allowed` are the values that would be accepted.
    """

    row: int
    column: str
    code: str
    value: str = ""
    allowed: tuple[str, ...] = ()
    line: int = 0


@dataclass(slots=True)
class RollReading:
    """What was read of a roll file: its rows, its flaws, and codes that were written in another way than in force.

    `rows` may be used only if there are no flaws. `refused` are the numbers of the rows with a flaw.
    """

    rows: list[RollRow] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    matched: list[tuple[int, str, str]] = field(default_factory=list)  # row, code as written, code in force
    refused: list[int] = field(default_factory=list)
    sound: list[RollRow] = field(default_factory=list)  # the rows without a flaw
    # Where each code and each access code stood first.
    codes: dict[str, tuple[int, str]] = field(default_factory=dict)  # comparable code -> row, code as written
    access: dict[str, tuple[int, str]] = field(default_factory=dict)  # access code -> row, code


def parse(
    rows: Iterable[TableRow], campaign: Campaign, *, key: bytes, in_force: Mapping[str, RollRow] | None = None
) -> RollReading:
    """Read the table of a roll. Return its rows and all flaws; the rows may be used only if there are no flaws.

    `key` hashes the access codes. `in_force` is the roll in force, by code: a row whose code differs from one of its
    codes only by width, letter case or invisible signs is that unit, without an access code
    of its own it keeps the one in force.
    """
    units, read = in_force or {}, RollReading()
    known = {comparable_code(code): code for code in units}
    table = iter(rows)
    try:
        header_row, header = _find_header(table)
        if header_row is None:
            return RollReading(flaws=[Flaw(0, "", "empty")])
        if flaws := _header_flaws(header_row, header, campaign):
            return RollReading(flaws=flaws)
        for each in table:
            if len(read.rows) == MOST_ROWS:
                flaw = Flaw(each.number, "", "too-many-rows", str(MOST_ROWS), line=each.line)
                return RollReading(flaws=[flaw])
            _read_row(each, header, campaign, units, known, read, key)
    except TableBroken as problem:
        broken = Flaw(problem.row, "", problem.code, problem.detail, line=problem.line)
        return RollReading(flaws=[*read.flaws, broken])
    if not read.rows:
        read.flaws.append(Flaw(0, "", "empty"))
    return read


def _read_row(
    table_row: TableRow,
    header: Sequence[str],
    campaign: Campaign,
    units: Mapping[str, RollRow],
    known: Mapping[str, str],
    read: RollReading,
    key: bytes,
) -> None:
    """Read one row of the table into `read`, with its flaws."""
    cells, number = table_row.cells, table_row.number
    extra = any(cells[len(header) :])
    found = [Flaw(number, "", "too-many-cells", str(len(cells)))] if extra else []
    named = dict(zip(header, cells, strict=False))
    row = _row(named, campaign, units, known)
    faults = {header[i]: code for i, code in table_row.faults.items() if i < len(header)}
    found += [
        Flaw(number, column, code, "" if column == "access" else cells[header.index(column)])
        for column, code in faults.items()
    ]
    found += [replace(each, row=number) for each in row_flaws(row, campaign) if each.column not in faults]
    found += [each for each in _access_flaws(row, number, read) if each.column not in faults]
    found += [Flaw(number, each, "like-a-formula", getattr(row, each)) for each in _formulas(row)]
    found += _repeated(row, number, units, read)
    read.flaws += [replace(each, line=table_row.line) for each in found]
    written = named.get("code", "")
    if written != row.code and row.code in units:
        read.matched.append((number, written, row.code))
    row = replace(row, access=access_mark(key, row.code, row.access))
    read.rows.append(row)
    if found:
        read.refused.append(number)
    else:
        read.sound.append(row)


def _formulas(row: RollRow) -> Iterator[str]:
    """Yield the columns whose text a spreadsheet would take for a formula, once the roll is exported."""
    for column in LINES[1:]:
        if getattr(row, column).startswith(("=", "+", "-", "@")):
            yield column


def _find_header(table: Iterator[TableRow]) -> tuple[TableRow | None, list[str]]:
    """Return the first row that has more than half of the required columns, and its columns. Rows above are a title.

    If there is none, return the first row of all.
    """
    first: tuple[TableRow, list[str]] | None = None
    for row in islice(table, HEADER_WITHIN):
        header = [_column(each) for each in row.cells]
        if sum(each in header for each in REQUIRED) > len(REQUIRED) // 2:
            return row, header
        first = first or (row, header)
    return first or (None, [])


def row_flaws(row: RollRow, campaign: Campaign) -> Iterator[Flaw]:
    """Yield each flaw of one row by itself, without its number. The access code may be clear text or a hash."""
    cells = asdict(row)
    for column in REQUIRED:
        if not is_visible(cells[column]):
            yield Flaw(0, column, "missing")
    for column, most in MOST_CHARS.items():
        if len(cells[column]) > most:
            yield Flaw(0, column, "too-long", "" if column == "access" else cells[column])
    for column in LINES:
        found = flaw(cells[column])
        if found is not None and found.code != NOTHING:  # which is missing, or may be
            yield Flaw(0, column, found.code, cells[column])
    if row.code and not _CODE.fullmatch(row.code):
        yield Flaw(0, "code", "malformed", row.code)
    levels = (*campaign.eligible_levels, *campaign.excluded_levels)
    if row.level and row.level not in levels:
        yield Flaw(0, "level", "not-a-level", row.level, levels)
    if row.type and row.type not in {each.code for each in campaign.unit_types}:
        allowed = tuple(f"{each.zh} ({each.code})" for each in campaign.unit_types)
        yield Flaw(0, "type", "not-a-unit-type", row.type, allowed)


def _access_flaws(row: RollRow, number: int, read: RollReading) -> Iterator[Flaw]:
    """Yield what is wrong with the access code of a row, in clear: too short, easily guessed, another unit's.

    A unit needs none: its cadres come by invitation.
    """
    access = row.access
    if not access:
        return
    if len(access) < ACCESS_MIN_CHARS:
        yield Flaw(number, "access", "access-too-short")
    elif _is_guessable(access, row):
        yield Flaw(number, "access", "access-guessable")
    first, other = read.access.setdefault(access, (number, row.code))
    if other != row.code:
        yield Flaw(number, "access", "access-repeated", str(first))


def _is_guessable(access: str, row: RollRow) -> bool:
    """Return whether an access code is a common password, a date, the unit's own code or name with a little added, of
    few different characters, or made of plain series such as 1234567890 or abc12345.
    """
    folded = access.casefold()
    steps = [ord(after) - ord(before) for before, after in pairwise(folded)]
    turns = 2 + sum(before != after for before, after in pairwise(steps))  # characters that those before do not tell
    if len(set(folded)) < ACCESS_MIN_DISTINCT or turns < ACCESS_MIN_TURNS:
        return True
    if folded in _COMMON or _DATE.fullmatch(folded):
        return True
    plain = _letters_and_figures(access)
    own = filter(None, map(_letters_and_figures, (row.code, row.name, row.employer)))
    return any(each in plain and len(plain) - len(each) < ACCESS_MIN_BESIDE for each in own)


def _letters_and_figures(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _repeated(row: RollRow, number: int, in_force: Mapping[str, RollRow], read: RollReading) -> Iterator[Flaw]:
    """Yield a flaw if an earlier row has the same code, or one that differs from it by letter case alone."""
    first = read.codes.setdefault(comparable_code(row.code), (number, row.code))
    if first[0] == number or not row.code:
        return
    if first[1] == row.code:
        yield Flaw(number, "code", "repeated", row.code)
    elif not (row.code in in_force and first[1] in in_force):  # rolls of earlier versions could have both
        yield Flaw(number, "code", "repeated-but-for-case", row.code)


def normal_access(access: str) -> str:
    """Return an access code as it is hashed: uniform width, without invisible signs and without blanks around it."""
    return "".join(each for each in unicodedata.normalize("NFKC", access) if not is_invisible(each)).strip()


def access_mark(key: bytes, unit: str, access: str) -> str:
    """Return the keyed hash of a unit's access code, which a login is compared with; empty for an empty code."""
    return hmac.digest(key, f"{unit}\0{access}".encode(), "sha256").hex() if access else ""


def roll_digest(rows: Iterable[RollRow]) -> str:
    """Return the digest of a roll: the SHA-256, in hex, of the canonical bytes of its rows, in order."""
    return digest([asdict(each) for each in rows])


def chunks(rows: Sequence[RollRow]) -> list[tuple[RollRow, ...]]:
    """Split the rows of a roll into parts of at most CHUNK_ROWS, as many as one command may import."""
    return [tuple(rows[i : i + CHUNK_ROWS]) for i in range(0, len(rows), CHUNK_ROWS)]


def repeated_code(rows: Iterable[RollRow], in_force: Mapping[str, RollRow]) -> str | None:
    """Return the code of a row that an earlier row has too, or has but for width or letter case, or None.

    Two units in force with such codes come from rolls of earlier versions, and may stay.
    """
    seen: dict[str, str] = {}
    for row in rows:
        form = comparable_code(row.code)
        first = seen.get(form)
        if first is not None and (first == row.code or not (first in in_force and row.code in in_force)):
            return row.code
        seen[form] = row.code
    return None


def _row(
    cells: Mapping[str, str], campaign: Campaign, in_force: Mapping[str, RollRow], known: Mapping[str, str]
) -> RollRow:
    """Return a row as it is stored: unit type and level by their codes, and the code of the unit that it means.

    A row without a unit type has the campaign's only one, if there is only one.
    """
    row = RollRow(**{each: cells.get(each, "") for each in COLUMNS})
    code = "".join(each for each in unicodedata.normalize("NFKC", row.code) if not is_invisible(each)).strip()
    levels = {comparable_code(each): each for each in (*campaign.eligible_levels, *campaign.excluded_levels)}
    named = comparable_code(row.level)
    return replace(
        row,
        code=code if code in in_force else known.get(comparable_code(code), code),
        level=levels.get(named) or levels.get(LEVELS_IN_CHINESE.get(named, ""), row.level),
        type=campaign.unit_type_code(row.type) or row.type or _only_type(campaign),
        access=normal_access(row.access),
    )


def _only_type(campaign: Campaign) -> str:
    """Return the code of the only unit type of a campaign; empty if there are several."""
    return campaign.unit_types[0].code if len(campaign.unit_types) == 1 else ""


def _column(title: str) -> str:
    """Return the name of a column from its title in the header; an unknown title is returned in its comparable form."""
    name = comparable_code(title)
    return ALSO_CALLED.get(name, name)


def _header_flaws(row: TableRow, header: Sequence[str], campaign: Campaign) -> list[Flaw]:
    """Return the flaws of the header. A first row that has few of the columns is no header, and is not repeated."""
    missing = [each for each in REQUIRED if each not in header and not (each == "type" and _only_type(campaign))]
    if len(missing) > len(REQUIRED) // 2:
        return [Flaw(row.number, "", "header-missing", allowed=COLUMNS, line=row.line)]
    found = [Flaw(row.number, each, "column-missing") for each in missing]
    found += [Flaw(row.number, each, "column-unknown", each) for each in header if each and each not in COLUMNS]
    repeated = [each for i, each in enumerate(header) if each and each in header[:i]]
    found += [Flaw(row.number, each, "column-repeated", each) for each in repeated]
    return [replace(each, line=row.line) for each in found]
