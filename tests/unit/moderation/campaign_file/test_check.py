"""Tests of `check` on campaign files: the values that are read, and the explanation of each mistake."""

import random
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import Conversion, Weights, instant
from services.moderation.campaign_file.check import Problem, check, lines
from services.moderation.campaign_file.line_numbers import lines_of

HERE = Path(__file__).parent
NOTICE = HERE.parents[3] / "deploy" / "campaigns" / "2021-baijia.toml"
SOUND = (HERE / "sound.toml").read_text()
RANK_STEP = 'name = "rank_step"\nstart = {start}\nstep = {step}\nfloor = {floor}\n{more}'


def changed(*pairs: tuple[str, str], text: str = SOUND) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} should stand once"
        text = text.replace(old, new)
    return text


def problems_of(text: str) -> list[tuple[int, str, str]]:
    """Return the problems as (line, level, code)."""
    return [(each.line, each.level, each.code) for each in check(text)[1]]


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), start=1) if words in line)


def rank_step(*, start: object = 100, step: object = "0.5", floor: object = 0, more: str = "") -> str:
    return changed(
        ('name = "rank_percentile"', RANK_STEP.format(start=start, step=step, floor=floor, more=more)), text=SOUND
    )


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")))


def test_notice_is_read_without_errors_and_the_days_that_belong_to_no_phase_are_a_warning():
    text = NOTICE.read_text()

    campaign, _ = check(text)

    assert campaign is not None
    assert [
        (line_of(text, "exhibition = {"), "warning", "gap"),
    ] == problems_of(text)


def test_notice_says_what_the_notice_said():
    campaign, _ = check(NOTICE.read_text())

    assert campaign is not None
    assert (at("2021-04-15"), at("2021-05-29")) == (campaign.windows.submission.start, campaign.windows.submission.end)
    assert (at("2021-06-07"), at("2021-06-14")) == (campaign.windows.likes.start, campaign.windows.likes.end)
    assert (at("2021-06-14"), at("2021-06-19")) == (campaign.windows.judging.start, campaign.windows.judging.end)
    assert (at("2021-06-21"), at("2021-10-01")) == (campaign.windows.exhibition.start, campaign.windows.exhibition.end)
    assert [each.zh for each in campaign.unit_types] == ["国有", "非公", "外资", "机关事业", "其它"]
    assert [each.quota for each in campaign.unit_types] == [20] * 5
    assert len(campaign.themes) == 8
    assert (campaign.entry.text_max_chars, campaign.entry.pictures_min, campaign.entry.video_max_s) == (3000, 4, 480)
    assert campaign.entry.video_containers == ("mp4", "mov", "wmv", "webm")
    assert campaign.entry.audio_containers == ("mp3", "m4a", "wma")
    assert [(c.code, c.weight) for c in campaign.judging.criteria] == [("content", 50), ("form", 20), ("quality", 30)]
    assert Weights(3000, 7000) == campaign.weights
    assert Conversion("rank_percentile") == campaign.conversion


def test_sound_file_has_nothing_to_tell_and_takes_the_defaults_of_the_rules():
    campaign, problems = check(SOUND)

    assert problems == []
    assert campaign is not None
    assert (
        campaign.likes.per_day,
        campaign.likes.per_type,
        campaign.likes.partitions,
        campaign.likes.totals,
        campaign.likes.totals_at,
    ) == (20, 5, 8, "daily", "18:00")
    assert (
        campaign.judging.method,
        campaign.judging.min_marks,
        campaign.judging.max_entries_per_judge,
    ) == ("mean", 3, 120)
    assert campaign.tie_order == ("expert_score", "content_mark", "valid_likes", "earlier_hand_in", "lot")
    assert campaign.quota.refill == "next_best_overall"


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("unknown-key", "unknown-key", "per_dya ="),
        ("overlap", "overlap", "judging = {"),
        ("weights", "weights-sum", "[weights]"),
        ("rank-step", "step-reaches-zero", "step = 1"),
        ("impossible-date", "impossible-date", "2021-06-31"),
    ],
)
def test_broken_file_gives_one_error_at_its_line(name, code, words):
    text = (HERE / "broken" / f"{name}.toml").read_text()

    campaign, _ = check(text)

    assert campaign is None
    assert [(line_of(text, words), "error", code)] == problems_of(text)


def test_every_mistake_of_a_file_is_told_at_once():
    text = changed(
        ("2021-04-15", "2021-02-30"),
        ("per_day", "per_dya"),
        ("expert = 0.7", "expert = 0.8"),
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Shijiazhuang"'),
        ("total = 20", "total = 100"),
        ("video_max_s = 480", 'video_max_s = "480"'),
    )

    assert [
        (line_of(text, "zone ="), "error", "unknown-zone"),
        (line_of(text, "submission ="), "error", "impossible-date"),
        (line_of(text, "video_max_s"), "error", "wrong-type"),
        (line_of(text, "per_dya"), "error", "unknown-key"),
        (line_of(text, "[weights]"), "error", "weights-sum"),
        (line_of(text, "total ="), "error", "quota-sum"),
    ] == problems_of(text)


ONE_ERROR = [
    pytest.param('title_zh = "小型活动"', "# nothing", "missing-key", "#", id="a missing key"),
    pytest.param("[windows]", "[windovs]", "missing-key", "#", id="a missing table is one problem, the other unknown"),
    pytest.param("text_max_chars = 3000", "text_max_chars = 3000.0", "wrong-type", "3000.0", id="a float for a count"),
    pytest.param("text_max_chars = 3000", "text_max_chars = true", "wrong-type", "= true", id="a flag for a count"),
    pytest.param("text_max_chars = 3000", "text_max_chars = -1", "out-of-range", "= -1", id="a count below its range"),
    pytest.param('id = "small"', 'id = "Small Campaign"', "out-of-range", "Small C", id="an id that no queue can have"),
    pytest.param('title_zh = "小型活动"', 'title_zh = " "', "out-of-range", "title_zh", id="an empty title"),
    pytest.param('["mp4"]', '["mp4", "mp4"]', "duplicate-code", "video_containers", id="a container twice"),
    pytest.param('["mp4"]', "[4]", "wrong-type", "video_containers", id="a number for a container"),
    pytest.param('code = "private"', 'code = "state"', "duplicate-code", "非公", id="a unit type twice"),
    pytest.param('zh = "非公"', 'zh = "国 有"', "duplicate-title", "private", id="a title of two unit types"),
    pytest.param('zh = "非公"', 'zh = "State"', "duplicate-title", "private", id="a title that is another type's code"),
    pytest.param('["city", "county"]', '["grassroots"]', "duplicate-code", "excluded", id="a level in and out"),
    pytest.param("quota = 8", "quota = 9", "quota-sum", "total =", id="quotas that do not sum"),
    pytest.param("2021-06-19, end", "2021-06-18, end", "overlap", "exhibition", id="exhibition before judging ends"),
    pytest.param("end = 2021-06-19", "end = 2021-06-14", "end-before-start", "judging", id="a window without time"),
    pytest.param("end = 2021-06-19", 'end = "2021-06-19"', "wrong-type", "judging", id="a date in quotes"),
    pytest.param("end = 2021-06-19", 'end = "2021-02-30"', "impossible-date", "judging", id="an impossible one too"),
    pytest.param("end = 2021-06-19", "end = 2021-6-19", "impossible-date", "judging", id="a date without noughts"),
    pytest.param("end = 2021-06-19", "end = 2021-13-19", "impossible-date", "judging", id="a thirteenth month"),
    pytest.param("end = 2021-06-19", "end = 0021-06-19", "out-of-range", "judging", id="a year of the Han"),
    pytest.param("end = 2021-06-19", "end = 19", "wrong-type", "judging", id="a number for a date"),
    pytest.param('"rank_percentile"', '"none"', "weight-without-points", "like = 0.3", id="a weight without points"),
    pytest.param('"rank_percentile"', '"rank_percentil"', "unknown-value", "rank_percentil", id="a new conversion"),
    pytest.param("total = 20", 'total = 20\nrefill = "any"', "unknown-value", "refill", id="a new refill"),
    pytest.param("[judging]", '[judging]\nmethod = "mode"', "unknown-value", "method", id="a new method"),
    pytest.param("weight = 100", "weight = 99", "rubric-sum", "criteria", id="a rubric that does not sum"),
    pytest.param('code = "content"', 'code = "form"', "tie-order", "criteria", id="a tie rule without its criterion"),
    pytest.param("expert = 0.7", "expert = 0.70001", "out-of-range", "0.70001", id="a fifth decimal"),
    pytest.param("expert = 0.7", f"expert = 0.7{'0' * 40}1", "out-of-range", "expert", id="a forty-second decimal"),
    pytest.param("expert = 0.7", "expert = 1e-99999999", "out-of-range", "expert", id="a number next to nothing"),
    pytest.param("expert = 0.7", "expert = nan", "out-of-range", "nan", id="not a number"),
    pytest.param("expert = 0.7", "expert = 1e99999999999999999999", "out-of-range", "1e9", id="a monstrous number"),
    pytest.param("like = 0.3", "like = 0.29", "weights-sum", "[weights]", id="weights that fall short"),
    pytest.param('rule = "all_shortlisted"', 'rule = "top_n_by_likes_per_type"', "missing-key", "[cohort]", id="no n"),
    pytest.param("pictures_max = 30", "pictures_max = 3", "out-of-range", "pictures_min", id="minimum above maximum"),
]


@pytest.mark.parametrize(("old", "new", "code", "words"), ONE_ERROR)
def test_mistake_is_explained_at_its_line(old, new, code, words):
    text = changed((old, new))

    campaign, problems = check(text)

    assert campaign is None
    assert (line_of(text, words), "error", code) in problems_of(text)
    assert {code} | ({"unknown-key"} if new == "[windovs]" else set()) == {each.code for each in problems}


def test_missing_table_is_one_problem_not_one_a_key():
    text = changed(("[windows]", "[windovs]"))

    assert [(1, "error", "missing-key"), (line_of(text, "[windovs]"), "error", "unknown-key")] == problems_of(text)


def test_misspelt_table_that_has_defaults_is_an_error_as_an_unknown_key():
    text = changed(("[entry]", "[entri]"))

    assert [(line_of(text, "[entri]"), "error", "unknown-key")] == problems_of(text)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param('"rank_percentile"', '"prop_max"', "one-void-moves-all", id="prop_max"),
        pytest.param(
            "per_day = 20", "per_day = 4\nper_type = 5", "limit-never-bites", id="a limit a type above the limit a day"
        ),
        pytest.param("[likes]", "[likes]\nembargo = false", "likes-public-while-judging", id="no embargo on likes"),
        pytest.param("end = 2021-06-14", "end = 2021-06-13T23:59:59", "gap", id="an end that was meant to include"),
        pytest.param("end = 2021-06-06", "end = 2021-06-07", "no-time-for-review", id="likes right after submission"),
        pytest.param("[judging]", '[judging]\nmethod = "trimmed"', "trimmed-falls-back", id="too few marks to trim"),
    ],
)
def test_trap_is_a_warning_and_the_campaign_stands(old, new, code):
    campaign, problems = check(changed((old, new)))

    assert campaign is not None
    assert [("warning", code)] == [(each.level, each.code) for each in problems]


@pytest.mark.parametrize("table", ["cohort", "shortlist"])
def test_seats_that_nobody_can_win_are_an_error(table: str):
    rules = {
        "cohort": ("all_shortlisted", "top_n_by_likes_per_type"),
        "shortlist": ("every_approved", "top_n_by_grade"),
    }
    old, new = rules[table]
    limited = (f'rule = "{old}"', f'rule = "{new}"\ntop_n = 10'), ("total = 20", 'total = 20\nrefill = "none"')

    text = changed(*limited)

    assert (line_of(text, "top_n = 10"), "error", "seats-nobody-can-win") in problems_of(text)
    assert "seats-nobody-can-win" not in [each.code for each in check(changed(limited[0]))[1]]


@pytest.mark.parametrize(
    ("conversion", "weights", "reached"),
    [
        ('name = "rank_step"\nstart = 30\nstep = 1\nfloor = 1', ("0.3", "0.7"), 79),
        ('name = "bands"\nbands = [{ share = 1, points = 50 }]', ("0.5", "0.5"), 75),
        ('name = "rank_step"\nstart = 30\nstep = 1\nfloor = 1', ("1", "0"), 30),
    ],
)
def test_minimum_score_that_no_entry_can_reach_is_an_error(conversion: str, weights: tuple[str, str], reached: int):
    rules = (
        ('name = "rank_percentile"', conversion),
        ("like = 0.3", f"like = {weights[0]}"),
        ("expert = 0.7", f"expert = {weights[1]}"),
    )

    above, at = (changed(*rules, ("total = 20", f"total = 20\nmin_score = {each}")) for each in (reached + 1, reached))

    assert (line_of(above, "min_score"), "error", "score-nobody-can-reach") in problems_of(above)
    assert "score-nobody-can-reach" not in [each.code for each in check(at)[1]]


def test_likes_of_no_weight_that_still_gate_are_told():
    text = changed(
        ("like = 0.3", "like = 0"),
        ("expert = 0.7", "expert = 1"),
        ('rule = "all_shortlisted"', 'rule = "top_n_by_likes_per_type"\ntop_n = 30'),
    )

    assert (line_of(text, "top_n_by_likes"), "warning", "likes-still-gate") in problems_of(text)


def test_likes_of_no_weight_that_still_part_ties_are_told():
    tie_order = 'tie_order = ["valid_likes", "lot"]'
    text = changed(
        ("like = 0.3", "like = 0"), ("expert = 0.7", "expert = 1"), ('id = "small"', f'id = "small"\n{tie_order}')
    )

    assert [(line_of(text, "tie_order"), "warning", "likes-still-part-ties")] == problems_of(text)


def test_like_weight_of_zero_without_conversion_is_sound():
    text = changed(
        ("like = 0.3", "like = 0"),
        ("expert = 0.7", "expert = 1"),
        ('"rank_percentile"', '"none"'),
        ('id = "small"', 'id = "small"\ntie_order = ["expert_score", "lot"]'),
    )

    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("submission_end", "declared", "expected"),
    [
        pytest.param("2021-06-08", "", ["error"], id="submission runs into likes"),
        pytest.param("2021-06-08", "overlaps_allowed = true\n", ["warning"], id="and is declared"),
        pytest.param(
            "2021-06-15", "overlaps_allowed = true\n", ["warning", "error"], id="into judging, declared or not"
        ),
    ],
)
def test_overlap_is_an_error_until_it_is_declared(submission_end, declared, expected):
    text = changed(("2021-04-15, end = 2021-06-06", f"2021-04-15, end = {submission_end}"))
    text = changed(("[windows]\n", f"[windows]\n{declared}"), text=text)

    assert [(level, "overlap") for level in expected] == [(level, code) for _, level, code in problems_of(text)]


def test_likes_in_judging_stay_an_error_when_overlaps_are_declared():
    text = (HERE / "broken" / "overlap.toml").read_text().replace("[windows]\n", "[windows]\noverlaps_allowed = true\n")

    assert [(line_of(text, "judging = {"), "error", "overlap")] == problems_of(text)


def test_windows_in_the_wrong_order_are_refused():
    text = changed(
        ("likes = { start = 2021-06-07, end = 2021-06-14 }", "likes = { start = 2021-03-01, end = 2021-03-08 }")
    )

    assert (line_of(text, "likes = {"), "error", "window-order") in problems_of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(rank_step(start=30, step=1), ("error", 31), id="30, 29, 28 (2023)"),
        pytest.param(rank_step(start=100, step="0.5"), ("error", 201), id="100 - 0.5 a place (2021)"),
        pytest.param(rank_step(start=100, step=30), ("error", 5), id="a step that does not divide the start"),
        pytest.param(rank_step(start=0, step=1), ("error", 1), id="a start of nothing"),
        pytest.param(rank_step(more="zero_allowed = true"), ("warning", 201), id="declared"),
        pytest.param(rank_step(floor=10), None, id="a floor above 0"),
        pytest.param(rank_step(step=0), None, id="no step at all"),
    ],
)
def test_rank_step_that_reaches_zero_names_the_place(text, expected):
    _, problems = check(text)

    assert ([] if expected is None else [expected]) == [
        (each.level, int(each.en.split("place ")[1].split()[0])) for each in problems
    ]


@pytest.mark.parametrize(("top_n", "codes"), [(30, []), (31, ["step-reaches-zero"])])
def test_rank_step_is_judged_by_the_field_that_a_type_can_have(top_n, codes):
    text = rank_step(start=30, step=1)
    text = changed(("all_shortlisted", "top_n_by_likes_per_type"), text=text)
    text = changed(("[conversion]", "[conversion]"), ('per_type"', f'per_type"\ntop_n = {top_n}'), text=text)

    assert codes == [code for _, _, code in problems_of(text)]


def test_floor_above_start_is_refused():
    assert [code for _, _, code in problems_of(rank_step(start=10, floor=20))] == ["floor-above-start"]


def test_numbers_are_read_as_written_and_have_one_spelling():
    campaign, _ = check(rank_step(start="1.0e2", step="0.50", floor="1"))

    assert campaign is not None
    assert Conversion("rank_step", (("floor", "1"), ("start", "100"), ("step", "0.5"))) == campaign.conversion


def test_nearest_known_key_is_proposed():
    _, problems = check((HERE / "broken" / "unknown-key.toml").read_text())

    assert problems[0].en == "unknown key 'per_dya': did you mean 'per_day'?"


def test_instant_may_name_an_hour_or_an_offset():
    text = changed(
        ("end = 2021-06-19", "end = 2021-06-18T18:00:00+00:00"), ("2021-06-19, end", "2021-06-19T02:00:00, end")
    )

    campaign, problems = check(text)

    assert problems == []
    assert campaign is not None
    assert at("2021-06-19T02:00") == campaign.windows.judging.end == campaign.windows.exhibition.start


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param('id = "a"\ntitle = “x”\n', 2, id="Chinese quotes"),
        pytest.param('id = "a"\nid = "b"\n', 2, id="a key twice"),
        pytest.param("a = 1\nb = 930日\n", 2, id="the date of the notice as printed"),
        pytest.param("a = 1\nb = 'x", 2, id="a text without its end"),
        pytest.param('a = 1\nb = "2021-02-30" and more\n', 2, id="an impossible date that is not the mistake"),
        pytest.param("a = 1\nb == 1 # since 2021-02-30\n", 2, id="nor is one in a comment"),
        pytest.param("a = " + "[" * 5000, 1, id="lists beyond all depth"),
        pytest.param("a = " + "1" * 5000, 1, id="a number beyond all length"),
    ],
)
def test_text_that_is_not_toml_is_one_error_with_a_line(text, line):
    assert [(line, "error", "syntax")] == problems_of(text)


def test_file_of_another_system_reads_the_same():
    windows = "\ufeff" + SOUND.replace("\n", "\r\n")

    assert check(SOUND) == check(windows)


def test_lines_are_sorted_and_name_path_line_level_and_code():
    problems = [Problem(9, "warning", "gap", "空", "a gap"), Problem(2, "error", "overlap", "重叠", "an overlap")]

    rendered = lines(problems, "a.toml")

    assert rendered == ["a.toml:2: error[overlap]: 重叠 / an overlap", "a.toml:9: warning[gap]: 空 / a gap"]


def paths_of(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from paths_of(inner, (*path, key))


TRICKY = '''
a.b."c d".'e.f' = 1 # [not.a.table]
s = """
x = 1
[y]""\\""""
t = [ # a comment, with ]
  "a]", 'b}', """c
""",
  { u = "}", v = [1, [2]] },
]
[[w]]
k = 1979-05-27 07:32:00
[w.x]
k = '\\'
[[w]]
[[w.z]]
"\\u0041" = -inf
'''


@pytest.mark.parametrize("text", [SOUND, NOTICE.read_text(), TRICKY], ids=["small", "notice", "tricky"])
def test_line_is_known_of_every_path(text):
    assert set(paths_of(tomllib.loads(text))) == set(lines_of(text))


def test_line_is_where_the_key_stands():
    where = lines_of(TRICKY)

    assert [
        where[path]
        for path in [
            ("a", "b", "c d", "e.f"),
            ("s",),
            ("t",),
            ("t", 3, "u"),
            ("t", 3, "v", 1, 0),
            ("w", 0, "k"),
            ("w", 0, "x", "k"),
            ("w", 1, "z", 0, "A"),
        ]
    ] == [2, 3, 6, 9, 9, 12, 14, 17]


@given(st.integers(0, 2**32), st.sampled_from([SOUND, NOTICE.read_text()]))
def test_check_of_a_damaged_file_never_raises(seed, text):
    dice = random.Random(seed)
    rows = text.split("\n")
    for _ in range(dice.randint(1, 4)):
        row = dice.randrange(len(rows))
        spot = dice.randint(0, len(rows[row]))
        rows[row] = (
            rows[row][:spot] + dice.choice(["", "=", "[", "]", '"', "0", "-", "x", "{", ","]) + rows[row][spot + 1 :]
        )

    campaign, problems = check("\n".join(rows))

    assert (campaign is None) == any(each.level == "error" for each in problems)
    assert all(1 <= each.line <= len(rows) for each in problems)


@pytest.mark.parametrize(("line", "expected"), [("", False), ("certificate_places = true\n", True)])
def test_certificates_name_places_only_where_the_file_says_so(line: str, expected: bool):
    campaign, problems = check(line + SOUND)

    assert campaign is not None, problems
    assert campaign.certificate_places is expected


@pytest.mark.parametrize("written", ["小型\\n活动", "小型\\u202e活动", "小型\\uE000活动", "\\u3164"])
def test_text_that_is_not_one_visible_line_is_refused_in_its_line(written: str):
    text = changed(('title_zh = "小型活动"', f'title_zh = "{written}"'))

    assert problems_of(text) == [(line_of(text, "title_zh"), "error", "not-one-line")]
