"""Rows, differences, positions, curves and exports of the analysts' pages."""

import csv
import io

import orjson

from gateway.http.response_schemas import ExportedRow
from gateway.staff import analysis_exports
from gateway.staff.analysis_tables import (
    like_curve,
    parse_position,
    position_sliders,
    position_text,
    table_difference,
    table_rows,
    two_places,
)

RANKED = {
    "entry": "u1-1", "type": "state", "place": 2, "overall": 3, "likes": 7, "like_points": "100/3", "expert": "81",
    "final": "1587/20", "winner": True, "seat": "state-01",
}  # fmt: skip
ROW = {
    "entry": "u1-1", "type": "state", "place": "2", "overall": 3, "likes": 7, "like_points": "33.33", "expert": "81.00",
    "final": "79.35", "winner": True, "seat": "state-01",
}  # fmt: skip
LIKED = {"entry": "u2-1", "type": "state", "likes": 3, "rank": "3/2", "like_points": "50"}


def test_exact_numbers_are_shown_with_two_decimals():
    assert [two_places(each) for each in ("1587/20", "-1/6", "1/8", "-1/8", "80", None)] == [
        "79.35", "-0.17", "0.13", "-0.13", "80.00", "–",
    ]  # fmt: skip


def test_rows_are_those_of_the_ranking_or_of_likes_alone():
    assert table_rows({"table": {"rows": [RANKED]}}) == [ROW]
    (row,) = table_rows({"table": None, "likes": [LIKED]})
    assert (row["place"], row["like_points"], row["final"], row["winner"]) == ("1.50", "50.00", None, False)


def test_tables_differ_by_what_changed_came_and_went():
    other, gone = {**ROW, "likes": 8}, {**ROW, "entry": "u9-1"}
    came = {**ROW, "entry": "u5-1"}
    assert table_difference([ROW, gone], [other, came]) == [
        {"entry": "u1-1", "before": ROW, "after": other},
        {"entry": "u5-1", "before": None, "after": came},
        {"entry": "u9-1", "before": gone, "after": None},
    ]
    assert table_difference([ROW], [ROW]) == []


def test_a_position_is_read_as_it_is_written():
    cut = {"moderation": 8, "vote.0": 4}
    assert (position_text(cut), parse_position(position_text(cut))) == ("moderation:8,vote.0:4", cut)
    assert [parse_position(each) for each in ("", "moderation", "moderation:x", ":4", "a:1,,")] == [None] * 5


def test_a_curve_has_a_point_for_each_day_of_both_lines():
    days = [{"day": "2021-06-07", "valid": 0, "usual": 2}, {"day": "2021-06-08", "valid": 4, "usual": None}]
    drawn = like_curve(days)
    assert (drawn["most"], drawn["valid"], drawn["usual"]) == (4, "40.0,180.0 600.0,40.0", "40.0,110.0 600.0,180.0")
    assert [each["day"] for each in drawn["labels"]] == ["06-07", "06-08"]
    assert like_curve([])["labels"] == []


def test_the_dictionary_describes_every_column_of_the_export():
    rows = analysis_exports.dictionary()
    assert [each["column"] for each in rows] == analysis_exports.columns() == list(ExportedRow().fields)
    assert [each["column"] for each in rows if not (each["meaning"] and each["meaning_zh"])] == []
    kinds = {each["column"]: (each["kind"], each["may_be_empty"]) for each in rows}
    assert (kinds["likes"], kinds["winner"], kinds["final"]) == (("integer", False), ("boolean", False), ("text", True))


def test_exports_hold_the_columns_in_order_and_no_formulas():
    row = {**ROW, "number": None, "title": "=1+1", "unit": "甲"}
    columns = analysis_exports.columns()
    text = analysis_exports.as_csv([row], columns).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        columns,
        ["", "'=1+1", "甲", "u1-1", "state", "2", "3", "7", "33.33", "81.00", "79.35", "true", "state-01"],
    ]
    assert list(orjson.loads(analysis_exports.as_json_lines([row], columns))) == columns


def test_every_log_has_a_slider_at_its_place_in_the_cut_also_one_that_began_later():
    assert position_sliders({"vote.1": 3, "moderation": 5}, {"moderation": 9, "vote.1": 3, "vote.0": 4}) == [
        {"log": "moderation", "at": 5, "last": 9},
        {"log": "vote.0", "at": 0, "last": 4},
        {"log": "vote.1", "at": 3, "last": 3},
    ]
