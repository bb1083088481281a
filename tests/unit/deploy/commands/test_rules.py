"""Command `baijia rules try`: the shape of its output, and its messages about malformed lists."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from deploy.commands.rules import rules
from tests.files import CAMPAIGN_FILE
from tests.unit.deploy.commands.screen import columns
from tests.unit.ranking.trying import called, entry, rows_by_id, tried

MARKS = [[80, 80, 80], [82, 82, 82], [84, 84, 84]]
ROW = {"id", "type", "place", "like_points", "expert", "final", "winner", "why"}
MOVE = {"seat", "from", "to", "entry", "why"}


def single_entry(**changes: Any) -> list[dict[str, Any]]:
    """Return a list of one valid entry, with changes."""
    return [{**entry("A012", 812, MARKS, type="state"), **changes}]


def field(*sizes: int) -> list[dict[str, Any]]:
    kinds = ("state", "private", "foreign", "public", "other")
    return [
        entry(f"{kind}-{n}", 100 - n, MARKS, type=kind)
        for kind, size in zip(kinds, sizes, strict=False)
        for n in range(size)
    ]


def test_answer_has_rows_and_the_quota_trace() -> None:
    answer = tried(field(22, 18))

    assert answer.keys() >= {"rows", "quota_trace"}
    assert all(each.keys() >= ROW for each in answer["rows"])
    assert all(each.keys() >= MOVE for each in answer["quota_trace"])


def test_trace_has_the_seats_that_moved_or_stayed_empty_and_no_other() -> None:
    answer = tried(field(22, 18))

    seats = {each["seat"]: each["id"] for each in answer["rows"] if each["winner"]}
    moved = {each["seat"]: each["entry"] for each in answer["quota_trace"] if each["entry"]}
    assert len(seats) == 40
    assert moved == {"private-19": "state-20", "private-20": "state-21"}
    assert moved.items() <= seats.items()
    assert sum(each["entry"] is None for each in answer["quota_trace"]) == 60
    assert {each["why"] for each in answer["quota_trace"]} == {"refill-next-best-overall", "empty-no-entry-left"}


@pytest.mark.parametrize("method", ["mean", "median", "trimmed", "zscore", "judge_effect"])
@pytest.mark.parametrize(
    "conversion",
    ["rank_percentile", "rank_step(100,0.5,0)", "prop_max", "prop_max_capped(95)", "log_prop", "bands(1:9)"],
)
def test_exact_values_are_fractions_and_floats_stand_beside(method: str, conversion: str) -> None:
    answer = tried(field(5, 3), "--method", method, "--conversion", conversion)

    for row in answer["rows"]:
        for name in ("like_points", "expert", "final"):
            assert isinstance(row[name], str)
            assert row[f"{name}_float"] == float(Fraction(row[name]))
        assert Fraction(row["final"]) == (3 * Fraction(row["like_points"]) + 7 * Fraction(row["expert"])) / 10


@pytest.mark.parametrize("written", ["国有", "State", "state-owned enterprises", " 国有 "])
def test_a_unit_type_is_taken_by_its_titles_as_well_as_by_its_code(written: str) -> None:
    assert tried(single_entry(type=written)) == tried(single_entry(type="state"))


def test_places_run_from_1_within_a_type() -> None:
    answer = tried(field(4, 3))

    assert [(each["type"], each["place"]) for each in answer["rows"]] == [
        *(("private", place) for place in (1, 2, 3)),
        *(("state", place) for place in (1, 2, 3, 4)),
    ]


def test_why_says_how_a_seat_was_won_or_missed() -> None:
    answer = rows_by_id(tried(field(101)))

    assert {answer[f"state-{n}"]["why"] for n in range(20)} == {"type-quota"}
    assert {answer[f"state-{n}"]["why"] for n in range(20, 100)} == {"refill-next-best-overall"}
    assert (answer["state-100"]["winner"], answer["state-100"]["why"]) == (False, "below-quota")


def test_list_may_stand_under_entries_and_begin_with_the_mark_of_windows() -> None:
    text = "\ufeff" + json.dumps({"entries": single_entry()})

    result = called(text, "--json")

    assert result.exit_code == 0
    assert json.loads(result.output) == tried(single_entry())


def test_same_numbers_give_the_same_bytes_in_any_order() -> None:
    there, back = (called(json.dumps(each), "--json").output for each in (field(9, 4), field(9, 4)[::-1]))

    assert there == back


def test_table_for_people_names_places_seats_and_moves() -> None:
    result = called(json.dumps(field(21)))

    assert result.exit_code == 0
    assert ["private-01", "private", "state", "state-20", "递补：总分次高"] in [
        line.split() for line in result.output.splitlines()
    ]
    assert "state-20" in result.output


def test_id_may_begin_with_a_hash() -> None:
    assert [each["id"] for each in tried(single_entry(id="#7"))["rows"]] == ["#7"]


WRONG_ENTRIES = [
    pytest.param(single_entry(id=""), "id", id="an empty id"),
    pytest.param(single_entry(id=" "), "id", id="an id of a space"),
    pytest.param(single_entry(id=7), "id", id="a number as id"),
    pytest.param(single_entry(id=["A"]), "id", id="a list as id"),
    pytest.param(single_entry(id="A\nB"), "id", id="an id of two lines"),
    pytest.param(single_entry(id="\ud800"), "id", id="half a character as id"),
    pytest.param(single_entry(type="martian"), "type", id="an unknown type"),
    pytest.param(single_entry(type=None), "type", id="no type"),
    pytest.param(single_entry(type=["state"]), "type", id="a list as type"),
    pytest.param(single_entry(likes=-1), "likes", id="likes below 0"),
    pytest.param(single_entry(likes=1.5), "likes", id="half a like"),
    pytest.param(single_entry(likes="812"), "likes", id="likes in quotes"),
    pytest.param(single_entry(likes=True), "likes", id="likes of truth"),
    pytest.param(single_entry(likes=float("nan")), "likes", id="likes that are no number"),
    pytest.param(single_entry(likes=float("inf")), "likes", id="likes without end"),
    pytest.param(single_entry(likes=2**53), "likes", id="more likes than a number of JSON holds"),
    pytest.param(single_entry(likes=10**400), "likes", id="likes beyond all numbers"),
    pytest.param(single_entry(handed_in="yesterday"), "handed_in", id="a day in words"),
    pytest.param(single_entry(handed_in=float("nan")), "handed_in", id="a time that is no number"),
    pytest.param(single_entry(handed_in=["2021-05-20"]), "handed_in", id="a list as time"),
    pytest.param(single_entry(marks=None), "marks", id="no marks at all"),
    pytest.param(single_entry(marks="90"), "marks", id="marks in quotes"),
    pytest.param(single_entry(marks=[*MARKS, [101, 0, 0]]), "marks[4]", id="a mark over 100"),
    pytest.param(single_entry(marks=[[-1, 0, 0], *MARKS]), "marks[1]", id="a mark below 0"),
    pytest.param(single_entry(marks=[[True, 0, 0], *MARKS]), "marks[1]", id="a mark of truth"),
    pytest.param(single_entry(marks=[[80.5, 80, 80], *MARKS]), "marks[1]", id="half a point"),
    pytest.param(single_entry(marks=[[float("nan"), 80, 80], *MARKS]), "marks[1]", id="a mark that is no number"),
    pytest.param(single_entry(marks=[[10**400, 80, 80], *MARKS]), "marks[1]", id="a mark beyond all numbers"),
    pytest.param(single_entry(marks=[[80, 80], *MARKS]), "marks[1]", id="a criterion too few"),
    pytest.param(single_entry(marks=[[80, 80, 80, 80], *MARKS]), "marks[1]", id="a criterion too many"),
    pytest.param(single_entry(marks=[80, 80, 80]), "marks[1]", id="marks without judges"),
    pytest.param(
        single_entry(marks=[{"judge": "J", "marks": [1, 2, 3], "at": 0}]), "marks[1]", id="a mark with more to it"
    ),
    pytest.param(single_entry(marks=[{"marks": [1, 2, 3]}]), "marks[1]", id="a mark of nobody"),
    pytest.param(single_entry(marks=[{"judge": "J", "marks": [1, 2, 3]}] * 2), "marks[2]", id="a judge twice"),
    pytest.param(single_entry(vote=1), "vote", id="an unknown field"),
]


@pytest.mark.parametrize(("entries", "name"), WRONG_ENTRIES)
def test_wrong_entry_is_named_with_its_field_in_both_languages(entries: list[Any], name: str) -> None:
    result = called(json.dumps([*single_entry(id="B001"), *entries]), "--json")

    line = next(line for line in result.output.splitlines() if "item" in line)
    assert result.exit_code == 1
    assert line.startswith("第 2 项 / item 2")
    assert f" {name}：" in line
    assert " / " in line.split("：", 1)[1]
    if entries[0]["id"] == "A012":
        assert "(A012)" in line


@pytest.mark.parametrize("name", ["id", "type", "likes", "marks"])
def test_missing_field_is_named(name: str) -> None:
    [sound] = single_entry()
    del sound[name]

    result = called(json.dumps([sound]))

    assert result.exit_code == 1
    assert f"{name}：缺少 / is missing" in result.output


def test_every_problem_is_told_at_once() -> None:
    result = called(json.dumps([*single_entry(likes=-1), *single_entry(id="B001", type="martian"), "C001"]))

    assert result.exit_code == 1
    assert [line.split("：")[0] for line in result.output.splitlines()[1:]] == [
        "第 1 项 / item 1 (A012) likes",
        "第 2 项 / item 2 (B001) type",
        "第 3 项 / item 3",
    ]


def test_entry_twice_is_named() -> None:
    result = called(json.dumps(single_entry() + single_entry()))

    assert result.exit_code == 1
    assert "编号 id 重复：A012 / duplicate id: A012" in result.output


def test_too_few_marks_are_named_with_their_entries() -> None:
    result = called(
        json.dumps([*single_entry(marks=MARKS[:2]), *single_entry(id="B001"), *single_entry(id="C001", marks=[])])
    )

    assert result.exit_code == 1
    assert result.stderr == (
        "错误 / Error: 评分（marks）不足 3 个，不能排名 / too few marks to rank, 3 are needed [too-few-marks]\n"
        "  A012, C001\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "不是 JSON / not JSON", id="an empty file"),
        pytest.param("[{", "不是 JSON / not JSON", id="half a list"),
        pytest.param('[{"id": "A", "id": "B"}]', "键重复 / duplicate key: /0/id", id="a key twice"),
        pytest.param('[{"likes": ' + "9" * 5000 + "}]", "不是 JSON / not JSON", id="a number beyond all length"),
        pytest.param("[" * 100_000, "嵌套太深 / nested too deep", id="lists beyond all depth"),
        pytest.param("成果".encode("gbk"), "不是 JSON / not JSON", id="another encoding"),
        pytest.param("[]", "列表里没有成果 / the list has no entries", id="no entry"),
        pytest.param("null", "应是成果的列表", id="nothing"),
        pytest.param("3", "a list of entries", id="a number"),
        pytest.param('{"rows": []}', "an object with an `entries` list", id="an object of something else"),
        pytest.param('["A012"]', "应是对象 / must be an object", id="an id alone"),
    ],
)
def test_text_that_is_no_list_of_entries_is_told_in_both_languages(text: str | bytes, words: str) -> None:
    result = called(text)

    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--weights", "0.3/0.6"), id="weights that do not sum"),
        pytest.param(("--weights", "nan/1"), id="weights that are no numbers"),
        pytest.param(("--conversion", "bands(0.1:100,0.5:60)"), id="bands that do not end in 1"),
        pytest.param(("--conversion", "bands(0.5:60,1:100)"), id="bands that rise"),
        pytest.param(("--conversion", "prop_max_capped(0)"), id="a percentile of nothing"),
        pytest.param(("--conversion", "prop_max_capped(101)"), id="a percentile beyond all"),
        pytest.param(("--conversion", "rank_step(1e9999,1,0)"), id="a huge step"),
        pytest.param(("--conversion", "by_lot"), id="an unknown conversion"),
        pytest.param(("--method", "guess"), id="an unknown method"),
        pytest.param(("--seed", "xyz"), id="a seed that is not hexadecimal"),
    ],
)
def test_rule_that_cannot_be_read_is_a_usage_error_in_both_languages(options: Sequence[str]) -> None:
    result = called(json.dumps(single_entry()), *options)

    words = result.output.split("Invalid value for")[1]
    assert result.exit_code == 2
    assert options[0] in words
    assert " / " in words
    assert not words.isascii()


def test_weight_of_likes_that_are_not_converted_is_refused() -> None:
    result = called(json.dumps(single_entry()), "--conversion", "none")

    assert result.exit_code == 1
    assert "点赞权重必须为 0" in result.output
    assert "the like weight must be 0" in result.output


def test_likes_that_are_not_converted_need_the_weight_of_experts_alone() -> None:
    [row] = tried(single_entry(), "--conversion", "none", "--weights", "0/1")["rows"]

    assert (row["like_points"], row["expert"], row["final"]) == ("0", "82", "82")


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_list_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(rules, ["try", str(tmp_path / name), "--campaign", str(CAMPAIGN_FILE)])

    assert result.exit_code == 1
    assert "读不了 / cannot be read" in result.output


@pytest.mark.parametrize("text", [None, "id = ", 'id = "a"\n'], ids=["not there", "not TOML", "no campaign"])
def test_campaign_that_is_none_is_told(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "campaign.toml"
    if text is not None:
        file.write_text(text)

    result = called(json.dumps(single_entry()), file=file)

    assert result.exit_code == 1
    assert " / " in result.output


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("state"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "likes", "marks", "judge", "handed_in", "x"]), inner, max_size=6
        )
    ),
    max_leaves=20,
)


@given(_values)
def test_whatever_json_comes_no_traceback_goes(value: Any) -> None:
    result = called(json.dumps(value), "--json")

    assert result.exit_code in (0, 1)
    assert (result.exit_code == 0) == result.output.startswith("{")


@given(st.data())
def test_one_field_of_a_sound_list_may_be_anything(data: st.DataObject) -> None:
    entries = field(3, 2)
    entries[data.draw(st.integers(0, 4))][data.draw(st.sampled_from(["id", "type", "likes", "handed_in", "marks"]))] = (
        data.draw(_values)
    )

    result = called(json.dumps(entries), "--json")

    assert result.exit_code in (0, 1)
    assert (result.exit_code == 0) == result.output.startswith("{")


@pytest.mark.parametrize("id", ["[/a]", "[bold]A", ":smile:", "成果（1）"])
def test_id_stands_in_the_table_as_it_is_written(id: str) -> None:
    result = called(json.dumps(single_entry(id=id)))

    assert result.exit_code == 0
    assert id in result.output


def test_long_id_goes_on_in_the_next_line() -> None:
    result = called(json.dumps(single_entry(id="A" * 60)))

    table = result.output.partition("规则")[0]
    assert table.count("A") == 60
    assert max(map(columns, result.output.splitlines())) <= 80


TIED = {"type": "state", "likes": 5, "marks": [[80, 80, 80]] * 3}


def test_missing_hand_in_is_no_earliest_and_the_tie_goes_to_the_next_rule():
    listed = [{"id": "A", **TIED, "handed_in": 7}, {"id": "B", **TIED, "handed_in": None}, {"id": "C", **TIED}]

    told = tried(listed)

    assert told["without_hand_in"] == ["A", "B", "C"]
    assert {row["id"]: row["handed_in"] for row in told["rows"]} == {"A": 7, "B": None, "C": None}
    assert [row["decided_by"] for row in sorted(told["rows"], key=lambda row: row["place"])] == ["first", "lot", "lot"]


def test_missing_hand_in_outside_a_tie_changes_nothing():
    listed = [{"id": "A", **TIED, "handed_in": 7}, {"id": "B", **TIED, "handed_in": 6}, {"id": "C", **TIED, "likes": 1}]

    told = tried(listed)

    assert told["without_hand_in"] == []
    assert rows_by_id(told)["A"]["decided_by"] == "earlier_hand_in"


def test_missing_hand_in_is_told_in_words():
    said = called(json.dumps([{"id": "A", **TIED, "handed_in": 7}, {"id": "B", **TIED}])).output

    assert "同分而缺少提交时间（handed_in），改由下一项规则决定：A、B" in said
    assert "with a hand-in time missing, so the next rule decides: A, B" in said


def test_tie_with_an_entry_without_marks_goes_to_the_next_rule_and_says_so(tmp_path):
    file = tmp_path / "likes.toml"
    file.write_text(
        CAMPAIGN_FILE.read_text().replace("like = 0.3", "like = 1").replace("expert = 0.7", "expert = 0"), "utf-8"
    )
    listed = [{"id": "A", **TIED, "handed_in": 2}, {"id": "B", **TIED, "marks": [], "handed_in": 1}]

    told = tried(listed, file=file)

    assert told["without_marks"] == ["A", "B"]
    assert [(rows_by_id(told)[each]["place"], rows_by_id(told)[each]["decided_by"]) for each in "BA"] == [
        (1, "first"),
        (2, "earlier_hand_in"),
    ]
    said = called(json.dumps(listed), file=file).output
    assert "同分而有成果没有评分（marks），不比评分，改由下一项规则决定：A、B" in said
    assert "tied, with an entry without marks, so the next rule decides: A, B" in said


def test_entry_without_marks_has_no_expert_score_rather_than_none_of_the_points(tmp_path):
    file = tmp_path / "likes.toml"
    file.write_text(
        CAMPAIGN_FILE.read_text().replace("like = 0.3", "like = 1").replace("expert = 0.7", "expert = 0"), "utf-8"
    )
    listed = [{"id": "A", "type": "state", "likes": 5, "marks": []}]

    row = rows_by_id(tried(listed, file=file))["A"]

    assert (row["expert"], row["expert_float"]) == (None, None)
    assert "—" in called(json.dumps(listed), file=file).output
