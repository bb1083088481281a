"""Tests of the later keys of judging and ranking: reading, refusals, and unchanged hashes of older rules."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.moderation.campaign import (
    Band,
    Campaign,
    Conversion,
    from_data,
    rule_hash,
    to_data,
)
from services.moderation.campaign_file.check import check
from tests.files import CAMPAIGN_FILE, ROOT

SOUND = (ROOT / "tests" / "unit" / "moderation" / "campaign_file" / "sound.toml").read_text()
HASH_OF_2021 = (
    "165e665883b00e5081b7c0d5484ff2255c2ac2244386b65c2ae574a4ba33f7ac"  # the hash from before these keys existed
)
CRITERIA = "criteria = [{"
STEPS = "{{ share = {}, points = {} }}"


def judged(*lines: str) -> str:
    """Return the sound campaign file with these lines in its judging table."""
    return SOUND.replace(CRITERIA, "\n".join([*lines, CRITERIA]))


def converted(*lines: str) -> str:
    """Return the sound campaign file with another conversion."""
    return SOUND.replace('name = "rank_percentile"', "\n".join(lines))


def banded(*steps: tuple[object, object]) -> str:
    inside = ", ".join(STEPS.format(*each) for each in steps)
    return converted('name = "bands"', f"bands = [{inside}]")


def windowed(*lines: str) -> str:
    return SOUND.replace("[windows]", "\n".join(["[windows]", *lines]))


def listed(*lines: str) -> str:
    return SOUND.replace('id = "small"', "\n".join(['id = "small"', *lines]))


def read(text: str) -> Campaign:
    campaign, problems = check(text)
    assert campaign is not None, problems
    return campaign


def problems_of(text: str) -> list[tuple[str, str]]:
    return [(each.level, each.code) for each in check(text)[1]]


def test_notice_of_2021_has_the_hash_that_it_had_before_the_later_keys() -> None:
    assert rule_hash(read(CAMPAIGN_FILE.read_text())) == HASH_OF_2021


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(judged("anchor_entries = 0", "words_below = 60", "words_above = 95"), id="judging"),
        pytest.param(windowed("holidays = []", "workdays = []"), id="days off"),
        pytest.param(listed("popularity_list = false"), id="no popularity list"),
        pytest.param(converted('name = "rank_percentile"', 'population = "type"'), id="the population"),
    ],
)
def test_default_that_is_written_out_is_the_same_rule(text: str) -> None:
    assert to_data(read(SOUND)) == to_data(read(text))
    assert rule_hash(read(SOUND)) == rule_hash(read(text))


LATER = [
    pytest.param(judged("anchor_entries = 5"), ("judging", "anchor_entries"), 5, id="anchor entries"),
    pytest.param(judged("third_reading = 12.50"), ("judging", "third_reading"), "12.5", id="a third reading"),
    pytest.param(judged("words_below = 0"), ("judging", "words_below"), 0, id="no words below"),
    pytest.param(judged("words_above = 100"), ("judging", "words_above"), 100, id="no words above"),
    pytest.param(
        windowed("holidays = [2021-06-21, 2021-06-22]"),
        ("windows", "holidays"),
        ("2021-06-21", "2021-06-22"),
        id="days off",
    ),
    pytest.param(
        windowed("workdays = [2021-06-26]"), ("windows", "workdays"), ("2021-06-26",), id="a working Saturday"
    ),
    pytest.param(
        SOUND.replace("[entry]\n", '[entry]\npicture_containers = ["jpeg", "heic"]\n'),
        ("entry", "picture_containers"),
        ("jpeg", "heic"),
        id="fewer formats of pictures",
    ),
    pytest.param(listed("popularity_list = true"), ("popularity_list",), True, id="a popularity list"),
    pytest.param(
        converted('name = "prop_max_capped"', "percentile = 95.0"),
        ("conversion",),
        Conversion("prop_max_capped", (("percentile", "95"),)),
        id="a percentile",
    ),
    pytest.param(
        converted('name = "log_prop"', 'population = "all"'),
        ("conversion",),
        Conversion("log_prop", population="all"),
        id="all as the population",
    ),
    pytest.param(
        banded(("0.10", 100), (1, "60.5")),
        ("conversion",),
        Conversion("bands", bands=(Band("0.1", "100"), Band("1", "60.5"))),
        id="bands",
    ),
]


@pytest.mark.parametrize(("text", "path", "value"), LATER)
def test_later_key_is_read_and_changes_the_hash_and_survives_its_storage(
    text: str, path: tuple[str, ...], value: object
) -> None:
    campaign = read(text)

    kept: Any = campaign
    for name in path:
        kept = getattr(kept, name)
    assert value == kept
    assert rule_hash(read(SOUND)) != rule_hash(campaign)
    assert campaign == from_data(to_data(campaign))


def test_two_spellings_of_the_same_bands_have_one_hash() -> None:
    assert rule_hash(read(banded(("0.1", 100), (1, 60)))) == rule_hash(
        read(banded(("0.10", "100.0"), ("1.0", "60.00")))
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(judged("anchor_entries = -1"), "out-of-range", id="anchors below 0"),
        pytest.param(judged("anchor_entries = 101"), "out-of-range", id="anchors beyond reason"),
        pytest.param(judged("anchor_entries = 1.5"), "wrong-type", id="half an anchor"),
        pytest.param(judged("anchor_entries = 5", "max_entries_per_judge = 4"), "anchors-exceed-limit", id="anchors"),
        pytest.param(judged("third_reading = -1"), "out-of-range", id="a spread below 0"),
        pytest.param(judged("third_reading = 0.00001"), "out-of-range", id="a spread of too many decimals"),
        pytest.param(judged("third_reading = nan"), "out-of-range", id="a spread that is no number"),
        pytest.param(judged("words_below = 101"), "out-of-range", id="words below 101"),
        pytest.param(judged("words_below = true"), "wrong-type", id="words for truth"),
        pytest.param(judged("words_below = 96"), "words-limits-cross", id="words below the words above"),
        pytest.param(windowed('holidays = ["2021-06-21"]'), "wrong-type", id="a day in quotes"),
        pytest.param(windowed("holidays = [2021-06-21T08:00:00]"), "wrong-type", id="an hour off"),
        pytest.param(windowed("holidays = [2021-06-21, 2021-06-21]"), "duplicate-code", id="a day off twice"),
        pytest.param(
            windowed("holidays = [2021-06-21]", "workdays = [2021-06-22, 2021-06-21]"),
            "day-twice",
            id="off and working",
        ),
        pytest.param(listed('popularity_list = "yes"'), "wrong-type", id="a list by words"),
        pytest.param(converted('name = "prop_max_capped"'), "missing-key", id="no percentile"),
        pytest.param(converted('name = "prop_max_capped"', "percentile = 0"), "out-of-range", id="percentile 0"),
        pytest.param(converted('name = "prop_max_capped"', "percentile = 101"), "out-of-range", id="percentile 101"),
        pytest.param(converted('name = "prop_max"', "percentile = 95"), "unknown-key", id="a percentile of prop_max"),
        pytest.param(converted('name = "log_prop"', 'population = "city"'), "unknown-value", id="a city's population"),
        pytest.param(converted('name = "bands"'), "missing-key", id="no bands"),
        pytest.param(banded(), "empty-list", id="bands without one"),
        pytest.param(banded(("0.1", 100), ("0.9", 60)), "bands-end", id="bands that do not end in 1"),
        pytest.param(banded(("0.3", 100), ("0.3", 80), (1, 60)), "bands-order", id="shares that stand still"),
        pytest.param(banded(("0.5", 100), ("0.3", 80), (1, 60)), "bands-order", id="shares that fall"),
        pytest.param(banded(("0.5", 60), (1, 80)), "bands-order", id="points that rise"),
        pytest.param(banded((0, 100), (1, 80)), "out-of-range", id="a share of nobody"),
        pytest.param(banded(("1.5", 100)), "out-of-range", id="a share beyond the field"),
        pytest.param(banded(("1", 101)), "out-of-range", id="more than all points"),
    ],
)
def test_senseless_value_is_one_error_in_both_languages(text: str, code: str) -> None:
    campaign, problems = check(text)

    assert campaign is None
    assert [("error", code)] == [(each.level, each.code) for each in problems if each.level == "error"]
    assert all(each.en.isascii() and not each.zh.isascii() for each in problems)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(judged('method = "trimmed"', "min_marks = 4"), "trimmed-falls-back", id="four marks to trim"),
        pytest.param(judged('method = "zscore"', "max_entries_per_judge = 9"), "zscore-pools-all", id="nine a judge"),
        pytest.param(judged('method = "judge_effect"', "min_marks = 1"), "judges-not-compared", id="a judge an entry"),
        pytest.param(judged("third_reading = 100"), "limit-never-bites", id="a spread that no marks have"),
    ],
)
def test_method_that_cannot_do_its_work_is_warned_of(text: str, code: str) -> None:
    assert [("warning", code)] == problems_of(text)
    assert check(text)[0] is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(judged('method = "trimmed"', "min_marks = 5"), id="five marks to trim"),
        pytest.param(judged('method = "zscore"', "max_entries_per_judge = 10"), id="ten a judge"),
        pytest.param(
            judged('method = "judge_effect"', "min_marks = 1", "anchor_entries = 1"), id="compared by anchors"
        ),
        pytest.param(judged("anchor_entries = 5", "max_entries_per_judge = 5"), id="nothing but anchors"),
        pytest.param(judged("words_below = 95"), id="words for all but one mark"),
        pytest.param(banded((1, 0)), id="one band of nothing"),
        pytest.param(banded(("0.0001", 60), (1, 60)), id="bands of the same points"),
        pytest.param(converted('name = "prop_max_capped"', "percentile = 0.0001"), id="the least percentile"),
    ],
)
def test_edge_of_sense_passes_without_a_word(text: str) -> None:
    assert check(text)[1] == []


def test_every_problem_names_the_line_of_its_key() -> None:
    text = banded(("0.5", 60), ("0.4", 80))

    lines = {each.code: text.split("\n")[each.line - 1] for each in check(text)[1]}

    assert lines.keys() == {"bands-order", "bands-end"}
    assert all(line.startswith("bands = ") for line in lines.values())


def test_rules_without_a_later_key_are_stored_without_it() -> None:
    campaign = read(SOUND)

    stored = to_data(campaign)

    assert {"anchor_entries", "third_reading", "words_below", "words_above"}.isdisjoint(stored["judging"])
    assert {"holidays", "workdays"}.isdisjoint(stored["windows"])
    assert {"bands", "population"}.isdisjoint(stored["conversion"])
    assert "picture_containers" not in stored["entry"]
    assert "popularity_list" not in stored
    assert to_data(replace(campaign, popularity_list=True)) == stored | {"popularity_list": True}
    assert Decimal(stored["weights"]["like_bp"]) == 3000
