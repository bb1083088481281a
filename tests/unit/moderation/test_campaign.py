"""Tests of the rule set: its stored shape, its hash, and its calendar."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.campaign import (
    Campaign,
    Conversion,
    Window,
    commitment,
    from_data,
    instant,
    rule_hash,
    stored_hash,
    to_data,
    weighted_e2,
)
from services.moderation.campaign_file.check import check
from shared.canonical import canonical

NOTICE = Path(__file__).parents[3] / "deploy" / "campaigns" / "2021-baijia.toml"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    read, _ = check(NOTICE.read_text())
    assert read is not None
    return read


def at(text: str, zone: str = "Asia/Shanghai") -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def test_campaign_survives_the_way_through_json(campaign):
    changed = replace(campaign, conversion=Conversion("rank_step", (("floor", "0"), ("start", "100"), ("step", "0.5"))))

    back = from_data(json.loads(canonical(to_data(changed))))

    assert changed == back


def test_rule_set_that_was_ever_stored_still_reads_and_hashes_the_same():
    """The rule set is stored in `CampaignOpened` and `RulesLocked`, and results name its hash: the golden file never
    changes.
    """
    golden = json.loads((Path(__file__).parent / "golden" / "campaign.json").read_text())

    read = from_data(golden["campaign"])

    assert to_data(read) == golden["campaign"]
    assert stored_hash(read) == golden["rule_hash"]


def test_campaign_of_stored_data_refuses_an_unknown_key(campaign):
    data = to_data(campaign) | {"surprise": 1}

    with pytest.raises(TypeError):
        from_data(data)


def test_rule_hash_is_the_digest_of_plain_canonical_json(campaign):
    text = json.dumps(to_data(campaign), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert sha256(text.encode()).hexdigest() == rule_hash(campaign)


def test_rule_hash_changes_with_one_limit(campaign):
    changed = replace(campaign, likes=replace(campaign.likes, per_day=21))

    assert rule_hash(campaign) != rule_hash(changed)


def test_commitment_is_the_digest_of_the_seed():
    assert commitment(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("when", "inside"),
    [
        pytest.param("2021-06-06T23:59:59.999", False, id="a millisecond before the start"),
        pytest.param("2021-06-07T00:00:00", True, id="the start"),
        pytest.param("2021-06-13T23:59:59.999", True, id="the last millisecond"),
        pytest.param("2021-06-14T00:00:00", False, id="the end"),
    ],
)
def test_window_is_half_open(campaign, when, inside):
    assert inside == campaign.window("likes").contains(at(when))


def test_window_of_an_unknown_name_is_a_key_error(campaign):
    with pytest.raises(KeyError):
        campaign.window("notice_days")


@pytest.mark.parametrize(
    ("when", "phase"),
    [
        ("2021-04-14T23:59:59", "before"),
        ("2021-04-15T00:00:00", "submission"),
        ("2021-05-29T00:00:00", "moderation"),
        ("2021-06-07T00:00:00", "likes"),
        ("2021-06-14T00:00:00", "judging"),
        ("2021-06-19T00:00:00", "result"),
        ("2021-06-21T00:00:00", "exhibition"),
        ("2021-10-01T00:00:00", "over"),
    ],
)
def test_phase_follows_the_notice(campaign, when, phase):
    assert phase == campaign.phase(at(when))


def test_phase_of_a_gap_after_likes_is_counting(campaign):
    moved = campaign.with_window("judging", Window(at("2021-06-15T00:00:00"), at("2021-06-19T00:00:00")))

    assert moved.phase(at("2021-06-14T12:00:00")) == "counting"


def test_phase_of_overlapping_windows_is_the_later_one_while_both_run(campaign):
    longer = campaign.with_window("submission", Window(at("2021-04-15T00:00:00"), at("2021-06-20T00:00:00")))

    phases = [longer.phase(at(when)) for when in ("2021-06-01T00:00:00", "2021-06-08T00:00:00", "2021-06-19T12:00:00")]

    assert phases == ["submission", "likes", "submission"]


def test_moved_window_leaves_the_others_alone(campaign):
    moved = campaign.with_window("judging", Window(1, 2))

    assert Window(1, 2) == moved.window("judging")
    assert campaign.window("likes") == moved.window("likes")
    assert campaign.window("judging") != moved.window("judging")


def test_unit_type_is_found_by_its_code(campaign):
    assert campaign.unit_type("foreign").zh == "外资"


@pytest.mark.parametrize(
    ("when", "day"),
    [("2021-06-07T23:59:59.999", "2021-06-07"), ("2021-06-08T00:00:00", "2021-06-08")],
)
def test_day_turns_at_midnight_of_the_zone(campaign, when, day):
    assert day == campaign.day_of(at(when))


def test_next_midnight_of_a_midnight_is_a_day_later(campaign):
    midnight = at("2021-06-08T00:00:00")

    assert midnight + DAY_MS == campaign.next_midnight(midnight)


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        pytest.param("Europe/Berlin", "2021-03-28T00:00:00", 23, id="an hour is lost"),
        pytest.param("Europe/Berlin", "2021-10-31T00:00:00", 25, id="an hour is won"),
        pytest.param("America/Sao_Paulo", "2018-11-03T00:00:00", 24, id="the midnight itself does not exist"),
        pytest.param("Australia/Lord_Howe", "2021-10-03T00:00:00", 23.5, id="half an hour is lost"),
    ],
)
def test_next_midnight_follows_the_clocks_of_the_zone(campaign, zone, evening, hours):
    elsewhere, start = replace(campaign, zone=zone), at(evening, zone)

    following = elsewhere.next_midnight(start)

    assert hours * 3_600_000 == following - start
    assert elsewhere.day_of(start) == elsewhere.day_of(following - 1) != elsewhere.day_of(following)


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "America/Havana"]),
)
def test_day_is_that_of_the_zone_at_any_instant(campaign, when, zone):
    when = when.replace(microsecond=when.microsecond // 1000 * 1000)

    day = replace(campaign, zone=zone).day_of(instant(when))

    assert when.astimezone(ZoneInfo(zone)).date().isoformat() == day


@pytest.mark.parametrize(
    ("allowed", "totals_e2", "expected"),
    [
        pytest.param("15", [8_000, 9_501], 1_501, id="further apart than allowed"),
        pytest.param("15", [8_000, 9_500], None, id="as far apart as allowed"),
        pytest.param("0.5", [8_000, 8_051, 8_020], 51, id="the widest two of three"),
        pytest.param("15", [], None, id="no marks"),
        pytest.param(None, [0, 10_000], None, id="no third readings by these rules"),
    ],
)
def test_third_reading_is_called_where_marks_lie_too_far_apart(campaign, allowed, totals_e2, expected):
    judging = replace(campaign.judging, third_reading=allowed)

    assert expected == judging.disputed_spread_e2(totals_e2)


def test_mark_is_weighted_exactly_and_a_criterion_without_points_counts_nought(campaign):
    criteria = campaign.judging.criteria
    points = {each.code: 50 + k for k, each in enumerate(criteria)}

    assert weighted_e2(points, criteria) == sum(each.weight * (50 + k) for k, each in enumerate(criteria))
    assert weighted_e2({criteria[0].code: 80}, criteria) == 80 * criteria[0].weight
