"""Tests of the defaults of a campaign file, of its templates, and of `baijia campaign new`."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from deploy.commands.campaign import campaign
from services.moderation.campaign_file import defaults
from services.moderation.campaign_file.check import check
from services.moderation.campaign_file.form_values import read_values, write_values
from services.moderation.campaign_file.problems import ERROR
from services.moderation.campaign_file.templates import TEMPLATES, new_file

TEN_ANSWERS = """\
id = "reading"
title_zh = "读书月"
organiser = "某市总工会"

[windows]
submission = { start = 2026-03-01, end = 2026-04-01 }
likes = { start = 2026-04-01, end = 2026-04-08 }
judging = { start = 2026-04-08, end = 2026-04-15 }

[quota]
total = 12
"""


def test_ten_answers_make_a_campaign_with_the_defaults_for_all_the_rest():
    found, problems = check(TEN_ANSWERS)

    assert [each.code for each in problems] == ["gap", "no-time-for-review"]
    assert found is not None
    assert (found.title_en, found.zone, found.eligible_levels) == ("读书月", "Asia/Shanghai", ("grassroots",))
    assert [(each.code, each.quota) for each in found.unit_types] == [("all", 12)]
    assert found.themes == (defaults.THEME,)
    assert found.entry == defaults.ENTRY
    assert (found.weights.like_bp, found.weights.expert_bp) == (3_000, 7_000)
    assert [(each.code, each.weight) for each in found.judging.criteria] == [
        ("content", 50), ("form", 20), ("quality", 30),
    ]  # fmt: skip
    assert found.shortlist.rule == "every_approved"
    assert found.cohort.rule == "all_shortlisted"
    assert found.windows.exhibition == defaults.exhibition(found.windows.judging)


@pytest.mark.parametrize(
    ("more", "per_type"),
    [
        pytest.param("", 20, id="one type, all likes of a day"),
        pytest.param("[likes]\nper_day = 3\n", 3, id="one type and a limit a day"),
        pytest.param("[likes]\nper_type = 4\n", 4, id="as the file says"),
    ],
)
def test_likes_within_the_only_unit_type_are_those_of_a_day(more: str, per_type: int):
    found, _ = check(TEN_ANSWERS + more)

    assert found is not None
    assert found.likes.per_type == per_type


def test_likes_within_a_type_are_five_but_no_more_than_in_a_day():
    types = 'unit_types = [{ code = "a", zh = "甲", quota = 3 }, { code = "b", zh = "乙", quota = 4 }]\n'
    file = types + TEN_ANSWERS.replace("[quota]\ntotal = 12\n", "")

    limits = [check(file + more)[0] for more in ("", "[likes]\nper_day = 3\n")]

    assert [each.likes.per_type for each in limits if each is not None] == [5, 3]


def test_seats_without_a_total_are_those_of_the_types():
    types = 'unit_types = [{ code = "a", zh = "甲", quota = 3 }, { code = "b", zh = "乙", quota = 4 }]\n'

    found, _ = check(types + TEN_ANSWERS.replace("[quota]\ntotal = 12\n", ""))

    assert found is not None
    assert found.quota.total == 7
    assert [each.en for each in found.unit_types] == ["甲", "乙"]


def test_neither_total_nor_types_is_a_missing_total():
    _, problems = check(TEN_ANSWERS.replace("[quota]\ntotal = 12\n", ""))

    assert [each.code for each in problems if each.level == ERROR] == ["missing-key"]


@pytest.mark.parametrize(("given_weight", "expected"), [("like = 0.15", (1_500, 8_500)), ("expert = 1", (0, 10_000))])
def test_weight_that_is_missing_is_what_the_other_leaves(given_weight: str, expected: tuple[int, int]):
    found, _ = check(f"{TEN_ANSWERS}\n[weights]\n{given_weight}\n")

    assert found is not None
    assert (found.weights.like_bp, found.weights.expert_bp) == expected


@pytest.mark.parametrize("template", TEMPLATES)
@given(today=st.dates(date(2021, 1, 1), date(2035, 1, 1)))
def test_template_passes_the_check_on_any_day(template: str, today: date):
    found, problems = check(new_file(template, id="next", today=today))

    assert [each for each in problems if each.level == ERROR] == []
    assert found is not None


def test_small_template_says_ten_things_and_nothing_that_stands_beside_the_answers():
    text = new_file("small", id="next", today=date(2021, 1, 1))
    dates = ("2030-03-01", "2030-04-01", "2030-04-10", "2030-04-17", "2030-04-17", "2030-04-24")
    edges = [f"windows.{phase}.{edge}" for phase in ("submission", "likes", "judging") for edge in ("start", "end")]

    found, problems = check(write_values(text, dict(zip(edges, dates, strict=True))))

    assert len(read_values(text)) == 10
    assert [each for each in problems if each.level == ERROR] == []
    assert found is not None
    assert (found.title_en, found.windows.exhibition) == ("新活动", defaults.exhibition(found.windows.judging))


@pytest.mark.parametrize("template", TEMPLATES)
def test_new_writes_a_commented_file_that_passes_the_check(template: str, tmp_path: Path):
    file = tmp_path / "Reading Month.toml"

    result = CliRunner().invoke(campaign, ["new", "--template", template, str(file)])
    checked = CliRunner().invoke(campaign, ["check", str(file)])

    assert (result.exit_code, checked.exit_code) == (0, 0)
    assert 'id = "reading-month"' in file.read_text()
    assert file.read_text().startswith("# ")


def test_new_never_overwrites_a_file(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text("mine")

    result = CliRunner().invoke(campaign, ["new", str(file)])

    assert (result.exit_code, file.read_text()) == (1, "mine")
