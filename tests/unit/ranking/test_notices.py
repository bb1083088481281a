"""Rules of real notices, customary rules, and worked examples, with their numbers.

Each is checked as the rule values that a campaign file holds, and through `baijia rules try` on a plain list.
"""

from fractions import Fraction

import pytest

from services.moderation.campaign import Campaign
from services.moderation.campaign_file.check import check
from services.ranking.calculation.cohort import Contender, choose_cohort
from services.ranking.calculation.conversions import like_points
from services.ranking.calculation.final_ranking import format_score
from tests.files import CAMPAIGN_FILE
from tests.unit.ranking.trying import (
    CAMPAIGNS,
    entry,
    field,
    rows_by_id,
    tried,
)

HALF = Fraction(1, 2)
FILE_2022 = CAMPAIGNS / "notice-2022.toml"


def campaign(name: str) -> Campaign:
    read, problems = check((CAMPAIGNS / f"{name}.toml").read_text())
    assert read is not None, problems
    return read


def points_tried(name: str, size: int, *options: str) -> list[Fraction]:
    """Return the like points by place, for entries without ties."""
    told = tried(field(size, judges=7), *options, file=CAMPAIGNS / f"{name}.toml")
    return [Fraction(each["like_points"]) for each in sorted(told["rows"], key=lambda row: str(row["id"]))]


# Published notices


def test_c1_rank_step_of_2023_gives_30_29_28_and_nothing_from_place_31() -> None:
    """准格尔旗 2023."""
    points = points_tried("notice-2023", 33, "--conversion", "rank_step(30,1,0)")

    assert points == [max(0, 31 - place) for place in range(1, 34)]


def test_c1_sum_of_2023_is_rank_points_and_seven_tenths_of_seven_experts() -> None:
    """准格尔旗 2023: first with a mean of 90 has 30 + 63, second with 95 has 29 + 66.5."""
    entries = [
        entry("first", 900, [[each] for each in (90, 92, 88, 91, 89, 90, 90)]),
        entry("second", 800, [[each] for each in (95, 95, 95, 96, 94, 95, 95)]),
        entry("third", 700, [[80]] * 7),
    ]

    rows = rows_by_id(tried(entries, file=CAMPAIGNS / "notice-2023.toml"))

    assert {name: format_score(Fraction(row["final"])) for name, row in rows.items()} == {
        "first": "93.00",
        "second": "95.50",
        "third": "84.00",
    }
    published = {"first": Fraction(93), "second": Fraction("95.5"), "third": Fraction(84)}
    for places, name in enumerate(published):
        assert Fraction(rows[name]["final"]) - published[name] == Fraction("0.00001") * places


def test_c2_rank_step_of_2021_takes_half_a_point_a_place_and_all_from_place_201() -> None:
    """书香雄安 2021: 100-0.5·(rank-1)."""
    points = points_tried("notice-2021", 203)

    assert points == [max(Fraction(0), 100 - HALF * (place - 1)) for place in range(1, 204)]
    assert points[199:] == [HALF, 0, 0, 0]


def test_c2_weighs_its_points_30_to_the_jury_s_70() -> None:
    """书香雄安 2021: × 30 %; + 70 % jury."""
    rows = rows_by_id(tried(field(3), file=CAMPAIGNS / "notice-2021.toml"))

    assert {name: Fraction(row["final"]) for name, row in rows.items()} == {
        "E001": 30 + 56,
        "E002": Fraction("29.85") + 56,
        "E003": Fraction("29.7") + 56,
    }


def test_c3_rank_from_a_floor_of_2011_fits_35_places() -> None:
    """2011: 10 + 0.5·(35-rank)."""
    published = [10 + HALF * (35 - place) for place in range(1, 36)]

    assert published == points_tried("notice-2011", 35)
    assert [*published, 10, 10] == points_tried("notice-2011", 37)


def test_c4_proportion_to_the_most_votes_of_2022() -> None:
    """人民网 2022: 100·votes/max votes, × 30 % + jury × 70 %."""
    entries = [entry("A", 1200, [[80]]), entry("B", 300, [[90]]), entry("C", 400, [[90]]), entry("D", 0, [[100]])]

    rows = rows_by_id(tried(entries, file=FILE_2022))

    assert {name: (row["like_points"], row["final"]) for name, row in rows.items()} == {
        "A": ("100", "86"),
        "B": ("25", "141/2"),
        "C": ("100/3", "73"),
        "D": ("0", "70"),
    }


def test_c4_trap_one_void_at_the_top_moves_all_scores() -> None:
    before = [entry("A", 1000, [[80]]), entry("B", 400, [[80]]), entry("C", 200, [[80]])]
    after = [entry("A", 500, [[80]]), *before[1:]]

    points = [
        {name: row["like_points"] for name, row in rows_by_id(tried(each, file=FILE_2022)).items()}
        for each in (before, after)
    ]

    assert points == [{"A": "100", "B": "40", "C": "20"}, {"A": "100", "B": "80", "C": "40"}]


def test_c4_capped_is_deaf_to_one_bought_entry() -> None:
    """The winsorised form that the research offers beside it: p95 of twenty entries is the second highest."""
    entries = [entry("bought", 100_000, [[80]]), *(entry(f"E{n:02}", 10 * n, [[80]]) for n in range(1, 20))]

    rows = rows_by_id(tried(entries, "--conversion", "prop_max_capped(95)", file=FILE_2022))

    assert {name: rows[name]["like_points"] for name in ("bought", "E19", "E01")} == {
        "bought": "100",
        "E19": "100",
        "E01": "100/19",
    }


@pytest.mark.parametrize(
    ("likes", "judged"),
    [
        pytest.param([100 - n for n in range(40)], 30, id="thirty of forty"),
        pytest.param([*range(100, 70, -1), 71, 70], 31, id="whoever ties with the thirtieth is in"),
        pytest.param([5] * 29, 29, id="fewer than thirty"),
    ],
)
def test_c5_the_first_thirty_by_votes_are_judged(likes: list[int], judged: int) -> None:
    """新华网四川."""
    contenders = [Contender(f"E{n:02}", "all", each) for n, each in enumerate(likes)]

    entries = choose_cohort(contenders, campaign("notice-gate").cohort)

    assert entries == {f"E{n:02}" for n in range(judged)}


@pytest.mark.parametrize(
    ("weights", "final"),
    [
        pytest.param("0.3/0.7", "86", id="30 % of F1, F2, F4, F11"),
        pytest.param("0.15/0.85", "83", id="15 % of 泸州总工会 F5"),
        pytest.param("60/40", "92", id="60 % of F12"),
        pytest.param("70/30", "94", id="70 % of F6"),
        pytest.param("0/1", "80", id="none, as the rules of 2026 ask of public bodies"),
        pytest.param("1/0", "100", id="likes alone"),
    ],
)
def test_c6_weights_that_notices_have_are_taken_exactly(weights: str, final: str) -> None:
    rows = rows_by_id(tried([entry("A", 9, [[80]]), entry("B", 1, [[80]])], "--weights", weights, file=FILE_2022))

    assert rows["A"]["final"] == final


# Customary rules


def test_highest_and_lowest_of_seven_are_dropped_and_two_decimals_are_shown() -> None:
    """Chinese practice: 去掉一个最高分和一个最低分, two decimals."""
    entries = [entry("A", 0, [[each] for each in (99, 92, 91, 90, 90, 88, 40)])]

    row = rows_by_id(tried(entries, file=CAMPAIGNS / "notice-gate.toml"))["A"]

    assert (row["expert"], row["expert_method"]) == ("451/5", "trimmed")
    assert format_score(Fraction(row["final"])) == "90.20"


def test_highest_and_lowest_of_five_are_dropped_where_thirds_remain() -> None:
    entries = [entry("A", 0, [[each] for each in (100, 92, 91, 91, 0)])]

    row = rows_by_id(tried(entries, file=CAMPAIGNS / "notice-gate.toml"))["A"]

    assert (row["expert"], format_score(Fraction(row["expert"]))) == ("274/3", "91.33")


def test_drop_of_high_and_low_needs_five_marks_and_says_so() -> None:
    """LiveJudge [LJ1]: only with at least five judges."""
    entries = [entry("A", 0, [[each] for each in (100, 90, 80, 30)])]

    row = rows_by_id(tried(entries, "--method", "trimmed", file=FILE_2022))["A"]

    assert (row["expert"], row["expert_method"]) == ("75", "mean")


# Ten entries. Judge 1 gives 60 or 80 (mean 70, sigma 10), judge 2 gives 85 or 95 (mean 90, sigma 5).
TWO_JUDGES = [("low", 60, 85)] * 4 + [("mild", 60, 95)] + [("strict", 80, 85)] + [("high", 80, 95)] * 4


def test_z_score_of_two_judges_is_refitted_to_the_raw_ends() -> None:
    """Evalato [EV2]: mean of z an entry, refitted so that the least and the greatest are the raw 72.5 and 87.5.

    Means of z are -1, 0, 0 and 1: the entries of the middle, raw 77.5 and 82.5, both come to 80.
    """
    entries = [entry(f"{name}-{n}", 0, [[one], [two]]) for n, (name, one, two) in enumerate(TWO_JUDGES)]

    rows = rows_by_id(tried(entries, "--method", "zscore", file=FILE_2022))

    assert {name.split("-")[0]: row["expert"] for name, row in rows.items()} == {
        "low": "145/2",
        "mild": "80",
        "strict": "80",
        "high": "175/2",
    }


def test_z_score_of_a_judge_with_nine_marks_is_on_the_scale_of_all() -> None:
    """Judge 2 has nine marks, too few for a scale of its own; all nineteen marks make the scale of all."""
    entries = [entry(f"E{n}", 0, [[60 + 10 * (n % 3)], [85 + n % 2]]) for n in range(9)]
    entries.append(entry("E9", 0, [[70]]))
    marks = [each[0] for one in entries for each in one["marks"]]
    middle = Fraction(sum(marks), len(marks))
    of_all = float(sum((each - middle) ** 2 for each in marks) / len(marks)) ** 0.5
    own = [one["marks"][0][0] for one in entries]
    of_one = float(sum((each - Fraction(sum(own), 10)) ** 2 for each in own) / 10) ** 0.5

    rows = rows_by_id(tried(entries, "--method", "zscore", file=FILE_2022))

    z = {
        one["id"]: sum(
            [
                (one["marks"][0][0] - sum(own) / 10) / of_one,
                *((two[0] - float(middle)) / of_all for two in one["marks"][1:]),
            ]
        )
        / len(one["marks"])
        for one in entries
    }
    raw = [sum(each[0] for each in one["marks"]) / len(one["marks"]) for one in entries]
    scale = (max(raw) - min(raw)) / (max(z.values()) - min(z.values()))
    for name, value in z.items():
        assert rows[name]["expert_float"] == pytest.approx(min(raw) + (value - min(z.values())) * scale, abs=1e-9)


def test_strictness_of_a_judge_is_taken_off_shrunk_by_how_few_marks_show_it() -> None:
    """With k = 5, judges ten points apart: effects 5 and -5, shrunk by 6/11 and 5/10.

    Both marked: (80 - 30/11 + 70 + 5/2) / 2 = 74.886…; the mild one alone: 80 - 30/11 = 77.27….
    """
    entries = [*(entry(f"both-{n}", 0, [[80], [70]]) for n in range(5)), entry("mild", 0, [[80]])]

    rows = rows_by_id(tried(entries, "--method", "judge_effect", file=FILE_2022))

    assert {name: row["expert"] for name, row in rows.items()} == {
        **{f"both-{n}": str(Fraction("74.8863636364")) for n in range(5)},
        "mild": str(Fraction("77.2727272727")),
    }


# The rules themselves


@pytest.mark.parametrize("options", [(), ("--conversion", "rank_percentile")], ids=["the default", "by name"])
def test_example_of_the_rules_rank_percentile(options: tuple[str, ...]) -> None:
    """Likes 90, 70, 70, 10, 0 give 100, 62.5, 62.5, 25, 0."""
    entries = [
        entry(name, likes, [[80, 80, 80]] * 3, type="state")
        for name, likes in zip("ABCDE", (90, 70, 70, 10, 0), strict=True)
    ]

    rows = rows_by_id(tried(entries, *options))

    assert [rows[name]["like_points_float"] for name in "ABCDE"] == [100, 62.5, 62.5, 25, 0]
    assert [rows[name]["like_points"] for name in "ABCDE"] == ["100", "125/2", "125/2", "25", "0"]


def test_example_of_the_rules_a_single_entry_has_100() -> None:
    row = rows_by_id(tried([entry("A", 0, [[80, 80, 80]] * 3, type="state")]))["A"]

    assert (row["like_points"], row["final"]) == ("100", "86")


def test_defaults_of_the_rules_are_those_of_the_campaign_file() -> None:
    """Rules, sections 1 to 4: percentile, 0.3 and 0.7, 50 and 20 and 30, three marks, 20 seats of five types."""
    rules, _ = check(CAMPAIGN_FILE.read_text())

    assert rules is not None
    assert (rules.conversion.name, rules.conversion.population) == ("rank_percentile", "type")
    assert (rules.weights.like_bp, rules.weights.expert_bp) == (3000, 7000)
    assert [(each.code, each.weight) for each in rules.judging.criteria] == [
        ("content", 50),
        ("form", 20),
        ("quality", 30),
    ]
    assert (rules.judging.method, rules.judging.min_marks) == ("mean", 3)
    assert ([each.quota for each in rules.unit_types], rules.quota.total) == ([20] * 5, 100)
    assert rules.quota.refill == "next_best_overall"
    assert rules.tie_order == ("expert_score", "content_mark", "valid_likes", "earlier_hand_in", "lot")
    assert (rules.likes.per_day, rules.likes.per_type, rules.windows.notice_days) == (20, 5, 5)


def test_rubric_of_the_rules_weighs_50_20_30() -> None:
    row = rows_by_id(tried([entry("A", 0, [[90, 73, 79]] * 3, type="state")]))["A"]

    assert Fraction(row["expert"]) == Fraction("83.3")


def test_bands_give_points_by_share_of_the_field() -> None:
    """Ten entries: the first tenth 100, up to three tenths 80, all others 60; a tie at places 3 and 4 is beyond 0.3."""
    likes = [10, 9, 8, 8, 6, 5, 4, 3, 2, 1]
    entries = [entry(f"E{n}", each, [[80]]) for n, each in enumerate(likes)]

    rows = rows_by_id(tried(entries, "--conversion", "bands(0.1:100,0.3:80,1:60)", file=FILE_2022))

    assert [rows[f"E{n}"]["like_points"] for n in range(10)] == ["100", "80", *["60"] * 8]


def test_log_prop_halves_the_distance_of_a_square_root() -> None:
    """ln(1 + 9) is half of ln(1 + 99)."""
    entries = [entry("A", 99, [[80]]), entry("B", 9, [[80]]), entry("C", 0, [[80]])]

    rows = rows_by_id(tried(entries, "--conversion", "log_prop", file=FILE_2022))

    assert {name: row["like_points"] for name, row in rows.items()} == {"A": "100", "B": "50", "C": "0"}


def test_conversion_of_each_file_gives_the_same_without_the_command() -> None:
    assert [
        round(each * Fraction(3, 10), 3) for each in like_points(campaign("notice-2023").conversion, [3, 2, 1])
    ] == [30, 29, 28]
    assert like_points(campaign("notice-2011").conversion, [3, 2, 1]) == [27, 26 + HALF, 26]
    assert like_points(campaign("notice-2021").conversion, [3, 2, 1]) == [100, 99 + HALF, 99]
    assert like_points(campaign("notice-2022").conversion, [4, 2, 1]) == [100, 50, 25]
    assert like_points(campaign("notice-gate").conversion, [4, 2, 1]) == [0, 0, 0]
