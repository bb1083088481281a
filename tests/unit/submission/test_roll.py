"""Tests of reading a roll from CSV: its rows, its flaws, and its digest."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from services.moderation.campaign import Campaign
from services.moderation.campaign_file.check import check
from services.moderation.campaign_file.defaults import only_unit_type
from services.submission.events import RollRow
from services.submission.roll import (
    COLUMNS,
    MOST_ROWS,
    Flaw,
    access_mark,
    chunks,
    roll_digest,
)
from services.submission.roll import parse as parse_table
from services.submission.roll_table import read_csv

CAMPAIGN = check((Path(__file__).parents[3] / "deploy/campaigns/2021-baijia.toml").read_text())[0]
assert CAMPAIGN is not None
KEY = b"k" * 32
HEADER = ",".join(COLUMNS)
LEVELS = ("grassroots", "city", "county", "township", "street")
TYPES = ("国有 (state)", "非公 (private)", "外资 (foreign)", "机关事业 (public)", "其它 (other)")
LINE = "U1,石家庄第一机床厂工会,grassroots,state,石家庄,石家庄第一机床厂,k3mwp82q"
ROW = RollRow(
    "U1",
    "石家庄第一机床厂工会",
    "grassroots",
    "state",
    "石家庄",
    "石家庄第一机床厂",
    access_mark(KEY, "U1", "k3mwp82q"),
)


def parse(
    text: str, campaign: Campaign, *, key: bytes, in_force: Mapping[str, RollRow] | None = None
) -> tuple[list[RollRow], list[Flaw]]:
    """Read a roll from CSV text; return its rows and its flaws."""
    read = parse_table(read_csv(text), campaign, key=key, in_force=in_force)
    return read.rows, read.flaws


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEADER}\n{LINE}\n", id="plain"),
        pytest.param(f"\ufeff{HEADER}\r\n{LINE}\r\n\r\n,,,,,,\r\n", id="as a spreadsheet saves it"),
        pytest.param(
            "访问码,名称,代码,级别,类型,城市,用人单位\n"
            'k3mwp82q,"石家庄第一机床厂工会",U1,grassroots,国有,石家庄,石家庄第一机床厂',
            id="with Chinese headers in another order, type by its name",
        ),
    ],
)
def test_a_sound_roll_gives_its_rows(text: str) -> None:
    assert parse(text, CAMPAIGN, key=KEY) == ([ROW], [])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("code,name,level,city\nU1,n,grassroots,c\n", id="without the column"),
        pytest.param("code,name,level,type,city\nU1,n,grassroots,,c\n", id="with an empty cell"),
        pytest.param("code,name,level,type,city\nU1,n,grassroots,all,c\n", id="by its code"),
    ],
)
def test_units_of_a_campaign_with_one_unit_type_need_not_name_it(text: str) -> None:
    campaign = replace(CAMPAIGN, unit_types=(only_unit_type(20),))

    rows, flaws = parse(text, campaign, key=KEY)

    assert ([each.type for each in rows], flaws) == (["all"], [])


@pytest.mark.parametrize(
    ("written", "level"),
    [("基层工会", "grassroots"), ("县级", "county"), ("省级", "省级"), ("GRASSROOTS", "grassroots")],
)
def test_a_level_may_be_written_in_chinese_if_the_campaign_has_it(written: str, level: str) -> None:
    rows, flaws = parse(f"{HEADER}\nU1,n,{written},state,c,,\n", CAMPAIGN, key=KEY)

    assert (rows[0].level, [each.code for each in flaws]) == (level, ["not-a-level"] if level == "省级" else [])


def test_a_unit_needs_no_access_code_and_then_has_no_mark() -> None:
    rows, flaws = parse(f"{HEADER}\nU1,n,grassroots,state,c,,\n", CAMPAIGN, key=KEY)

    assert (rows[0].access, flaws) == ("", [])


def test_the_mark_depends_on_unit_and_key() -> None:
    marks = {
        access_mark(KEY, "U1", "k3mwp82q"),
        access_mark(KEY, "U2", "k3mwp82q"),
        access_mark(b"x" * 32, "U1", "k3mwp82q"),
    }

    assert len(marks) == 3


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        pytest.param(",n,county,state,c,,", Flaw(2, "code", "missing"), id="no code"),
        pytest.param("U 1,n,county,state,c,,", Flaw(2, "code", "malformed", "U 1"), id="a blank in the code"),
        pytest.param(
            "U1,n,village,state,c,,", Flaw(2, "level", "not-a-level", "village", LEVELS), id="a level that is not one"
        ),
        pytest.param("U1,n,county,x,c,,", Flaw(2, "type", "not-a-unit-type", "x", TYPES), id="a type that is not one"),
        pytest.param("U1,n,county,state", Flaw(2, "city", "missing"), id="a short line"),
        pytest.param("U1,n,county,state,c,,,x", Flaw(2, "", "too-many-cells", "8"), id="a long line"),
        pytest.param(f"{LINE}\n{LINE}", Flaw(3, "code", "repeated", "U1"), id="a unit twice"),
        pytest.param(f"U1,{'n' * 121},county,state,c,,", Flaw(2, "name", "too-long", "n" * 121), id="a long name"),
        pytest.param("", Flaw(0, "", "empty"), id="no line"),
    ],
)
def test_a_flaw_is_named_by_row_and_column(line: str, flaw: Flaw) -> None:
    expected = replace(flaw, line=flaw.row)

    assert parse(f"{HEADER}\n{line}\n", CAMPAIGN, key=KEY)[1] == [expected]


def test_a_cell_of_just_the_limit_is_taken() -> None:
    assert parse(f"{HEADER}\nU1,{'n' * 120},county,state,c,,\n", CAMPAIGN, key=KEY)[1] == []


def test_a_roll_of_just_the_limit_is_taken_and_one_row_more_is_not() -> None:
    lines = [f"U{k},n,county,state,c,," for k in range(MOST_ROWS + 1)]

    rows, flaws = parse("\n".join([HEADER, *lines[:-1]]), CAMPAIGN, key=KEY)
    beyond = parse("\n".join([HEADER, *lines]), CAMPAIGN, key=KEY)

    assert (len(rows), flaws) == (MOST_ROWS, [])
    assert beyond == ([], [Flaw(MOST_ROWS + 2, "", "too-many-rows", str(MOST_ROWS), line=MOST_ROWS + 2)])


def test_all_flaws_are_named_at_once() -> None:
    _, flaws = parse(f"{HEADER}\n,,county,x,c,,\n{LINE}\nU2,n,,state,c,,\n", CAMPAIGN, key=KEY)

    assert [(each.row, each.column) for each in flaws] == [(2, "code"), (2, "name"), (2, "type"), (4, "level")]


def test_a_broken_header_is_named() -> None:
    _, flaws = parse("code,name,level,city,city,colour\n", CAMPAIGN, key=KEY)

    assert flaws == [
        Flaw(1, "type", "column-missing", line=1),
        Flaw(1, "colour", "column-unknown", "colour", line=1),
        Flaw(1, "city", "column-repeated", "city", line=1),
    ]


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


# Codes


@pytest.mark.parametrize(
    ("other", "code"),
    [
        pytest.param("u1", "repeated-but-for-case", id="by letter case"),
        pytest.param("Ｕ１", "repeated", id="by width"),
        pytest.param("U1\u200b", "repeated", id="by an invisible sign"),
    ],
)
def test_codes_that_a_reader_takes_for_the_same_are_a_flaw(other: str, code: str) -> None:
    _, flaws = parse(f"{HEADER}\n{LINE}\n{other},n,county,state,c,,\n", CAMPAIGN, key=KEY)

    assert [(each.row, each.column, each.code) for each in flaws] == [(3, "code", code)]


@pytest.mark.parametrize("written", ["U1", "u1", "ｕ１", "U1\ufeff"])
def test_a_code_means_the_unit_in_force_however_it_is_written(written: str) -> None:
    rows, flaws = parse(f"{HEADER}\n{written},n,grassroots,state,c,,\n", CAMPAIGN, key=KEY, in_force={"U1": ROW})

    assert ([each.code for each in rows], flaws) == (["U1"], [])


# Rows and lines


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_flaw_behind_a_quoted_line_break_is_named_by_the_row_of_a_spreadsheet_and_the_line_of_an_editor(
    end: str,
) -> None:
    lines = [HEADER, 'U1,"two', 'lines",county,state,c,,', "U2,n,village,state,c,,", "", "U3,,county,state,c,,"]

    _, flaws = parse(end.join(lines), CAMPAIGN, key=KEY)

    assert [(each.row, each.line, each.column) for each in flaws] == [
        (2, 2, "name"),
        (3, 4, "level"),
        (5, 6, "name"),
    ]


@pytest.mark.parametrize("name", ["=SUM(A1)", "+86", "-工会", "@工会"])
def test_text_that_a_spreadsheet_takes_for_a_formula_is_a_flaw(name: str) -> None:
    _, flaws = parse(f"{HEADER}\nU1,{name},county,state,c,,\n", CAMPAIGN, key=KEY)

    assert flaws == [Flaw(2, "name", "like-a-formula", name, line=2)]


def test_header_is_found_by_its_names_below_a_title() -> None:
    rows, flaws = parse(
        f"某省工会名册\n填表日期：2026 年\n\n{HEADER}\n{LINE}\nU2,,county,state,c,,\n", CAMPAIGN, key=KEY
    )

    assert (rows[0], flaws) == (ROW, [Flaw(6, "name", "missing", line=6)])


def test_rows_whose_code_is_written_in_another_way_than_in_force_are_named() -> None:
    text = f"{HEADER}\nｕ 1,n,county,state,c,,\nU2,n,county,state,c,,\n".replace("ｕ 1", "ｕ1")
    read = parse_table(read_csv(text), CAMPAIGN, key=KEY, in_force={"U1": ROW})

    assert (read.matched, [each.code for each in read.rows]) == ([(2, "ｕ1", "U1")], ["U1", "U2"])


# Access codes


@pytest.mark.parametrize(
    ("access", "code"),
    [
        pytest.param("x", "access-too-short", id="one character"),
        pytest.param("k3mwp82", "access-too-short", id="seven characters"),
        pytest.param("k3mwp8\u200b\u200b", "access-too-short", id="eight with invisible ones"),
        pytest.param("11111111", "access-guessable", id="one character eight times"),
        pytest.param("abababab", "access-guessable", id="two characters"),
        pytest.param("12345678", "access-guessable", id="a series"),
        pytest.param("hgfedcba", "access-guessable", id="a series backwards"),
        pytest.param("1234567890", "access-guessable", id="a series around zero"),
        pytest.param("12341234", "access-guessable", id="a series twice"),
        pytest.param("abc12345", "access-guessable", id="two series"),
        pytest.param("Password", "access-guessable", id="a common password"),
        pytest.param("qwertyui", "access-guessable", id="a row of the keyboard"),
        pytest.param("20261130", "access-guessable", id="a date"),
        pytest.param("unit-0001", "access-guessable", id="the code of the unit"),
        pytest.param("UNIT0001", "access-guessable", id="the code of the unit without its dash"),
        pytest.param("unit-0001!!1", "access-guessable", id="the code of the unit with a little added"),
        pytest.param("Ｕnit-0001", "access-guessable", id="the code of the unit in another width"),
    ],
)
def test_an_access_code_that_is_short_or_guessable_is_a_flaw(access: str, code: str) -> None:
    line = f"UNIT-0001,n,grassroots,state,c,,{access}"

    assert parse(f"{HEADER}\n{line}\n", CAMPAIGN, key=KEY)[1] == [Flaw(2, "access", code, line=2)]


@pytest.mark.parametrize("access", ["k3mwp82q", "36817294", "kmxwpzqf", "k3mwp-001", "u1-k3mwp8"])
def test_an_access_code_of_eight_characters_is_taken(access: str) -> None:
    assert parse(f"{HEADER}\nU1,n,grassroots,state,c,,{access}\n", CAMPAIGN, key=KEY)[1] == []


def test_an_access_code_of_two_units_is_a_flaw() -> None:
    lines = [HEADER, "U1,n,grassroots,state,c,,k3mwp82q", "U2,n,grassroots,state,c,,k3mwp82q"]

    assert parse("\n".join(lines), CAMPAIGN, key=KEY)[1] == [Flaw(3, "access", "access-repeated", "2", line=3)]


def test_an_access_code_is_hashed_as_it_is_read_and_not_by_its_width() -> None:
    rows, _ = parse(f"{HEADER}\nU1,n,grassroots,state,c,,ｋ３ｍｗｐ８２ｑ\n", CAMPAIGN, key=KEY)

    assert rows[0].access == access_mark(KEY, "U1", "k3mwp82q")


SECRET = "k3mwp82q-and-more"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEADER}\nU1,n,grassroots,state,c,,{SECRET * 9}", id="too long"),
        pytest.param(f"{HEADER}\nU1,n,grassroots,state,c,,{SECRET},{SECRET}", id="in a cell too many"),
        pytest.param(f"{HEADER}\nU1,n,county,state,c,,{SECRET}\nU2,n,county,state,c,,{SECRET}", id="of two units"),
        pytest.param(f"U1,n,grassroots,state,c,works,{SECRET}\n", id="in a file without a header"),
    ],
)
def test_no_flaw_tells_an_access_code(text: str) -> None:
    _, flaws = parse(text, CAMPAIGN, key=KEY)

    assert flaws != []
    assert SECRET not in repr(flaws)


def test_a_file_without_a_header_is_named_with_the_columns_that_it_needs() -> None:
    assert parse(f"{LINE}\n", CAMPAIGN, key=KEY) == ([], [Flaw(1, "", "header-missing", "", COLUMNS, 1)])


# Unit types and levels


@pytest.mark.parametrize("written", ["state", "国有", "State", "国 有", "STATE-OWNED ENTERPRISES", "「国有」"])
def test_a_unit_type_is_taken_by_its_code_and_its_titles(written: str) -> None:
    rows, flaws = parse(f"{HEADER}\nU1,n,County,{written},c,,\n", CAMPAIGN, key=KEY)

    assert ([(each.level, each.type) for each in rows], flaws) == ([("county", "state")], [])


def test_a_code_means_its_own_unit_type_where_another_has_it_as_a_title() -> None:
    first, *others = CAMPAIGN.unit_types
    campaign = replace(CAMPAIGN, unit_types=(replace(first, zh=others[0].code), *others))

    assert campaign.unit_type_code(others[0].code) == others[0].code
