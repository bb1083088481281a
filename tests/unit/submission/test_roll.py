"""Tests of reading a roll from CSV: its rows, its flaws, and its digest."""

from pathlib import Path

import pytest

from services.moderation.campaign_file.check import check
from services.submission.events import RollRow
from services.submission.roll import (
    COLUMNS,
    MOST_ROWS,
    Flaw,
    access_mark,
    chunks,
    parse,
    roll_digest,
)

CAMPAIGN = check((Path(__file__).parents[3] / "deploy/campaigns/2021-baijia.toml").read_text())[0]
assert CAMPAIGN is not None
KEY = b"k" * 32
HEADER = ",".join(COLUMNS)
LINE = "U1,石家庄第一机床厂工会,grassroots,state,石家庄,石家庄第一机床厂,4711"
ROW = RollRow(
    "U1",
    "石家庄第一机床厂工会",
    "grassroots",
    "state",
    "石家庄",
    "石家庄第一机床厂",
    access_mark(KEY, "U1", "4711"),
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEADER}\n{LINE}\n", id="plain"),
        pytest.param(f"\ufeff{HEADER}\r\n{LINE}\r\n\r\n,,,,,,\r\n", id="as a spreadsheet saves it"),
        pytest.param(
            "访问码,名称,代码,级别,类型,城市,用人单位\n"
            '4711,"石家庄第一机床厂工会",U1,grassroots,国有,石家庄,石家庄第一机床厂',
            id="with Chinese headers in another order, type by its name",
        ),
    ],
)
def test_a_sound_roll_gives_its_rows(text: str) -> None:
    assert parse(text, CAMPAIGN, key=KEY) == ([ROW], [])


def test_a_unit_without_an_access_code_has_no_mark() -> None:
    rows, _ = parse(f"{HEADER}\nU1,n,grassroots,state,c,,\n", CAMPAIGN, key=KEY)

    assert rows[0].access == ""


def test_the_mark_depends_on_unit_and_key() -> None:
    marks = {access_mark(KEY, "U1", "4711"), access_mark(KEY, "U2", "4711"), access_mark(b"x" * 32, "U1", "4711")}

    assert len(marks) == 3


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        pytest.param(",n,grassroots,state,c,,", Flaw(2, "code", "missing"), id="no code"),
        pytest.param("U 1,n,grassroots,state,c,,", Flaw(2, "code", "malformed", "U 1"), id="a blank in the code"),
        pytest.param("U1,n,village,state,c,,", Flaw(2, "level", "unknown", "village"), id="a level that is not one"),
        pytest.param("U1,n,grassroots,x,c,,", Flaw(2, "type", "unknown", "x"), id="a type that is not one"),
        pytest.param("U1,n,grassroots,state", Flaw(2, "city", "missing"), id="a short line"),
        pytest.param("U1,n,grassroots,state,c,,,x", Flaw(2, "", "too-many-cells", "8"), id="a long line"),
        pytest.param(f"{LINE}\n{LINE}", Flaw(3, "code", "repeated", "U1"), id="a unit twice"),
        pytest.param(f"U1,{'n' * 121},grassroots,state,c,,", Flaw(2, "name", "too-long", "n" * 121), id="a long name"),
        pytest.param("", Flaw(0, "", "empty"), id="no line"),
    ],
)
def test_a_flaw_is_named_by_row_and_column(line: str, flaw: Flaw) -> None:
    assert [flaw] == parse(f"{HEADER}\n{line}\n", CAMPAIGN, key=KEY)[1]


def test_a_cell_of_just_the_limit_is_taken() -> None:
    assert parse(f"{HEADER}\nU1,{'n' * 120},grassroots,state,c,,\n", CAMPAIGN, key=KEY)[1] == []


def test_a_roll_of_just_the_limit_is_taken_and_one_row_more_is_not() -> None:
    lines = [f"U{k},n,grassroots,state,c,," for k in range(MOST_ROWS + 1)]

    rows, flaws = parse("\n".join([HEADER, *lines[:-1]]), CAMPAIGN, key=KEY)
    beyond = parse("\n".join([HEADER, *lines]), CAMPAIGN, key=KEY)

    assert (len(rows), flaws) == (MOST_ROWS, [])
    assert beyond == ([], [Flaw(MOST_ROWS + 2, "", "too-many-rows", str(MOST_ROWS))])


def test_all_flaws_are_named_at_once() -> None:
    _, flaws = parse(f"{HEADER}\n,,grassroots,x,c,,\n{LINE}\nU2,n,,state,c,,\n", CAMPAIGN, key=KEY)

    assert [(each.row, each.column) for each in flaws] == [(2, "code"), (2, "name"), (2, "type"), (4, "level")]


def test_a_broken_header_is_named() -> None:
    _, flaws = parse("code,name,level,city,city,colour\n", CAMPAIGN, key=KEY)

    assert [Flaw(1, "type", "column-missing"), Flaw(1, "colour", "column-unknown", "colour")] == flaws[:2]
    assert Flaw(1, "city", "column-repeated", "city") == flaws[2]


def test_what_is_no_csv_is_named_by_its_line() -> None:
    _, flaws = parse(f'{HEADER}\n{LINE}\n"open', CAMPAIGN, key=KEY)

    assert [(each.row, each.code) for each in flaws] == [(3, "not-csv")]


def test_a_roll_is_cut_in_chunks_of_a_hundred() -> None:
    assert [len(each) for each in chunks([ROW] * 201)] == [100, 100, 1]


def test_the_digest_is_of_the_rows_in_order() -> None:
    other = RollRow("U2", "n", "grassroots", "state", "c", "", "")

    assert roll_digest([ROW, other]) != roll_digest([other, ROW])
    assert roll_digest([ROW]) == roll_digest((ROW,))


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("name", "工会\u202e", "direction-characters"),
        ("name", '"两\n行"', "line-break"),
        ("city", "石家庄\ue000", "private-characters"),
        ("employer", "机床厂\x1b[1m", "control-characters"),
        ("name", "\u200b", "missing"),
        ("city", "\u3164", "missing"),
    ],
)
def test_name_city_or_employer_that_is_not_one_visible_line_is_a_flaw(column: str, value: str, code: str) -> None:
    cells = dict(zip(COLUMNS, LINE.split(","), strict=True)) | {column: value}

    _, flaws = parse(f"{HEADER}\n{','.join(cells.values())}\n", CAMPAIGN, key=KEY)

    assert [(each.column, each.code) for each in flaws] == [(column, code)]
