"""Tests that a campaign file goes through the form without loss, and that what is typed arrives in the file."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.campaign_file.check import check
from services.moderation.campaign_file.form_fields import (
    CHOICE,
    DAYS,
    FIELDS,
    FLAG,
    MOMENT,
    NUMBER,
    NUMBERS,
    TABLE,
    TEXTS,
    WHOLE,
)
from services.moderation.campaign_file.form_values import UnreadableFile, kept_paths, read_values, rows_of, write_values
from services.moderation.campaign_file.templates import TEMPLATES, new_file
from tests.files import ROOT

SHIPPED = sorted(
    {
        *ROOT.glob("deploy/campaigns/*.toml"),
        *ROOT.glob("tests/campaigns/*.toml"),
        *ROOT.glob("tests/unit/moderation/campaign_file/**/*.toml"),
    }
)
READABLE = [each for each in SHIPPED if each.name != "impossible-date.toml"]
YEAR_2027 = datetime.fromisoformat("2027-01-01"), datetime.fromisoformat("2027-12-31")
NOTICE = ROOT / "deploy" / "campaigns" / "2021-baijia.toml"
_WORDS = st.text(st.characters(categories=("L", "N"), include_characters=" '\"\\#=[]{}"), min_size=1, max_size=12)
_VALUES: dict[str, st.SearchStrategy[str]] = {
    WHOLE: st.integers(0, 99_999).map(str),
    NUMBER: st.sampled_from(["0", "0.3", "12.5", "100"]),
    FLAG: st.sampled_from(["true", "false"]),
    MOMENT: st.datetimes(*YEAR_2027).map(lambda each: each.isoformat()[:16]),
    DAYS: st.lists(st.dates().map(lambda each: each.replace(year=2028).isoformat()), min_size=1, max_size=3).map(
        ", ".join
    ),
    TEXTS: st.lists(st.sampled_from(["mp4", "mov", "级别"]), min_size=1, unique=True).map(", ".join),
}


def files() -> list[Any]:
    return [pytest.param(each, id=str(each.relative_to(ROOT)).replace("/", "-")) for each in READABLE]


def _value_of(path: str) -> st.SearchStrategy[str]:
    field = FIELDS[path]
    if field.kind == CHOICE:
        return st.sampled_from(field.choices)
    if field.kind == TABLE:
        return st.lists(_row(field.columns), min_size=1, max_size=3).map("\n".join)
    return _VALUES.get(field.kind, _WORDS.map(str.strip).filter(bool))


@st.composite
def _row(draw: st.DrawFn, columns: tuple[str, ...]) -> str:
    """Draw a line of a list of tables, spelled as values are read: no blanks around cells, signs escaped."""
    cells = []
    for name in columns:
        words = _VALUES[NUMBER] if name in NUMBERS else _WORDS.map(str.strip).filter(bool)
        cells.append(draw(words).replace("\\", r"\\").replace("|", r"\|"))
    return " | ".join(cells)


@st.composite
def changes(draw: st.DrawFn, rows: dict[str, int]) -> dict[str, str]:
    patterns = draw(st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=6))
    values = {}
    for pattern in patterns:
        table, is_row, key = pattern.partition(".*.")
        index = draw(st.integers(0, rows[table])) if is_row else 0
        values[f"{table}.{index}.{key}" if is_row else pattern] = draw(_value_of(pattern))
    return values


@pytest.mark.parametrize("file", files())
def test_file_that_goes_through_the_form_unchanged_stays_byte_for_byte(file: Path):
    text = file.read_bytes().decode()

    assert write_values(text, read_values(text)) == text


@pytest.mark.parametrize("file", files())
@settings(max_examples=5)
@given(data=st.data())
def test_values_that_are_written_are_read_again_and_nothing_else_changes(file: Path, data: st.DataObject):
    text = file.read_text()
    values = data.draw(changes(rows_of(text)))

    written = write_values(text, values)

    assert read_values(written) == read_values(text) | values
    assert _comments(written) == _comments(text)
    assert write_values(written, values) == written


@pytest.mark.parametrize("file", files())
@settings(max_examples=5)
@given(data=st.data())
def test_changes_that_are_taken_back_leave_the_rules_of_the_file(file: Path, data: st.DataObject):
    text = file.read_text()
    before = read_values(text)
    rows = {table: max(0, count - 1) for table, count in rows_of(text).items()}
    values = {path: value for path, value in data.draw(changes(rows)).items() if path in before}

    back = write_values(write_values(text, values), {path: before[path] for path in values})

    assert tomllib.loads(back) == tomllib.loads(text)


def test_line_that_changes_keeps_its_comment():
    text = NOTICE.read_text()

    written = write_values(text, {"windows.likes.end": "2021-06-15T00:00"})

    assert _difference(text, written) == [
        (
            "likes = { start = 2021-06-07, end = 2021-06-14 }        # «点赞阶段(6月7日—13日)»; 9 days before it for"
            " moderation",
            "likes = { start = 2021-06-07, end = 2021-06-15 }        # «点赞阶段(6月7日—13日)»; 9 days before it for"
            " moderation",
        )
    ]


def test_moment_within_a_day_is_a_local_date_time():
    written = write_values(NOTICE.read_text(), {"windows.likes.start": "2021-06-07T08:00"})

    assert "start = 2021-06-07T08:00:00," in written
    assert read_values(written)["windows.likes.start"] == "2021-06-07T08:00"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("entry.text_max_chars", "三千", "wrong-type"),
        ("windows.likes.end", "2021-06-31T00:00", "impossible-date"),
        ("weights.like", "三成", "wrong-type"),
        ("conversion.name", "rank", "unknown-value"),
    ],
)
def test_what_is_not_of_its_kind_is_stored_and_explained_by_the_check(path: str, value: str, code: str):
    written = write_values(NOTICE.read_text(), {path: value})

    assert code in {each.code for each in check(written)[1]}
    assert read_values(written)[path] in (value, value[:10])


def test_row_whose_fields_are_emptied_leaves_the_list_and_a_new_one_joins():
    text = NOTICE.read_text()
    empty = {f"unit_types.1.{key}": "" for key in ("code", "zh", "en", "quota")}
    added = {"unit_types.5.code": "school", "unit_types.5.zh": "学校", "unit_types.5.quota": "20"}

    written = write_values(text, empty | added)

    codes = [each["code"] for each in tomllib.loads(written)["unit_types"]]
    assert codes == ["state", "foreign", "public", "other", "school"]
    found, _ = check(written)
    assert found is not None


def test_small_file_gets_tables_that_it_did_not_have():
    text = new_file("small", id="x", today=_day())
    values = {"judging.criteria.0.code": "content", "judging.criteria.0.zh": "内容", "judging.criteria.0.weight": "100"}

    written = write_values(text, values | {"likes.per_day": "10", "unit_types.0.zh": "全部", "unit_types.0.code": "all",
                                           "unit_types.0.quota": "20"})  # fmt: skip

    found, _ = check(written)
    assert found is not None
    assert (found.likes.per_day, found.judging.criteria[0].zh) == (10, "内容")
    assert [each.zh for each in found.unit_types] == ["全部"]


def test_unknown_paths_are_ignored():
    text = NOTICE.read_text()

    assert write_values(text, {"admission.step": "1", "x": "1", "unit_types.999.zh": "x"}) == text


ANCHORS = "judging.criteria.0.anchors"


def test_anchors_bands_and_reasons_are_lines_with_bars_between_their_cells():
    values = read_values(NOTICE.read_text())

    assert values[ANCHORS].split("\n")[2] == (
        "60 | 以工作总结为主，特色不明显 | Mostly a work report, little of its own"
    )
    written = write_values(
        NOTICE.read_text(),
        {
            ANCHORS: "80｜有数据\n\n50 | 只有 A\\|B | No figures",
            "conversion.name": "bands",
            "conversion.bands": "0.1 | 100\n1 | 60",
            "moderation.reasons": "text | 请补充数据",
        },
    )
    found, problems = check(written)
    assert found is not None, problems
    anchors = [(each.points, each.zh, each.en) for each in found.judging.criteria[0].anchors]
    assert anchors == [(80, "有数据", "有数据"), (50, "只有 A|B", "No figures")]
    assert [(each.share, each.points) for each in found.conversion.bands] == [("0.1", "100"), ("1", "60")]
    assert [(each.item, each.zh) for each in found.moderation.reasons] == [("text", "请补充数据")]
    assert "anchors" not in tomllib.loads(write_values(written, {ANCHORS: ""}))["judging"]["criteria"][0]


def test_anchors_below_their_criterion_stay_in_that_notation():
    text = (
        NOTICE.read_text().split("[[judging.criteria]]")[0]
        + '[[judging.criteria]]\ncode = "a"\nzh = "甲"\nweight = 100\n'
        + '[[judging.criteria.anchors]]\npoints = 90\nzh = "好"\n'
    )

    written = write_values(text, {ANCHORS: "90 | 好\n60 | 一般", "judging.criteria.0.en": "A"})

    criterion = tomllib.loads(written)["judging"]["criteria"][0]
    assert criterion == {
        "code": "a", "zh": "甲", "weight": 100, "en": "A",
        "anchors": [{"points": 90, "zh": "好"}, {"points": 60, "zh": "一般"}],
    }  # fmt: skip


def test_list_with_more_than_its_cells_is_kept_and_not_shown():
    text = NOTICE.read_text().replace("{ points = 90, zh", "{ points = 90, note = 1, zh", 1)

    assert ANCHORS not in read_values(text)
    assert "judging.criteria.*.anchors" in kept_paths(text)
    assert write_values(text, read_values(text)) == text


def test_what_no_field_shows_is_named():
    assert kept_paths(NOTICE.read_text() + "\n[mine.own]\nx = 1\n") == ["admission", "mine", "rehearsal", "wechat"]


def test_text_that_is_no_toml_has_no_values():
    with pytest.raises(UnreadableFile):
        read_values("id = ")


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_goes_through_the_form_unchanged(template: str):
    text = new_file(template, id="x", today=_day())

    assert write_values(text, read_values(text)) == text


def _day() -> date:
    return date(2026, 1, 5)


def _comments(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip().startswith("#")]


def _difference(before: str, after: str) -> list[tuple[str, str]]:
    pairs = zip(before.split("\n"), after.split("\n"), strict=True)
    return [(old, new) for old, new in pairs if old != new]
