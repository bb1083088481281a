"""The demo's generated data: determined by the seed, in the promised numbers, and with the promised faults."""

import csv
import io
import json
import subprocess
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

import pytest
from PIL import ExifTags, Image

from deploy.demo import demo_data, phrases
from deploy.demo.place_names import CITIES
from shared.text_rule import length, normal_form

SEED = 2021
TYPES = {"state", "private", "foreign", "public", "other"}
DAYS = [date(2021, 6, day) for day in range(7, 14)]
WINDOW_START_MS = 1_622_995_200_000  # 7 June 2021, midnight in Shanghai
DAY_MS = 86_400_000
N_LIKES = 20_000


@pytest.fixture(scope="module")
def rows():
    return demo_data.roll(SEED)


@pytest.fixture(scope="module")
def entries(rows):
    return demo_data.entries(SEED, rows)


@pytest.fixture(scope="module")
def steps(entries):
    return list(demo_data.likes(SEED, entries, demo_data.voters(SEED, 4_000), DAYS, N_LIKES))


def test_roll_is_the_same_by_seed_and_another_by_another(rows):
    assert rows == demo_data.roll(SEED)
    assert rows != demo_data.roll(SEED + 1)


def test_roll_has_400_units_of_all_types_in_all_cities(rows):
    assert len(rows) == 400
    assert {row.type for row in rows} == TYPES
    assert {row.city for row in rows} == {city.name for city in CITIES}
    assert len(CITIES) == 12


def test_roll_has_unique_codes_names_and_access_codes(rows):
    assert len({row.code for row in rows}) == len({row.name for row in rows}) == len(rows)
    assert len({row.access_code for row in rows}) == len(rows)
    assert min(len(row.access_code) for row in rows) >= 16


def test_roll_has_federations_that_may_not_take_part(rows):
    levels = Counter(row.level for row in rows)

    assert levels == {"grassroots": 380, "city": 7, "county": 7, "township": 6}


def test_roll_csv_gives_back_the_rows(rows):
    page = demo_data.roll_csv(rows)

    assert page.startswith("code,name,level,type,city,employer,access_code\n")
    assert [demo_data.RollRow(**row) for row in csv.DictReader(io.StringIO(page))] == rows


@pytest.mark.parametrize("seed", [1, 7, SEED])
def test_entries_leave_no_type_under_45(seed):
    drafts = demo_data.entries(seed, demo_data.roll(seed))

    counts = Counter(draft.unit.type for draft in drafts)

    assert len(drafts) == 320
    assert set(counts) == TYPES
    assert min(counts.values()) >= 45


def test_entries_are_the_same_by_seed_and_a_shorter_list_begins_alike(rows, entries):
    assert entries == demo_data.entries(SEED, rows)
    assert entries[:40] == demo_data.entries(SEED, rows, 40)


def test_entries_keep_the_limits_of_the_notice(entries):
    for draft in entries:
        assert 300 <= length(draft.text) <= 3000
        assert draft.text == normal_form(draft.text)
        assert 1 <= len(draft.themes) <= 3
        assert set(draft.themes) <= set(phrases.BANKS)
        assert 4 <= draft.pictures <= 6
        assert draft.unit.level == "grassroots"
        assert not {"{", "}"} & set(draft.title + draft.profile + draft.text)


def test_entries_vary(entries):
    lengths = [length(draft.text) for draft in entries]

    assert lengths.count(3000) == 20
    assert min(lengths) < 800
    assert sum(draft.video for draft in entries) == 107
    assert {draft.pictures for draft in entries} == {4, 5, 6}
    assert {theme for draft in entries for theme in draft.themes} == set(phrases.BANKS)
    assert 80 <= sum(draft.h5 is not None for draft in entries) <= 180
    assert len({draft.title for draft in entries}) == len({draft.text for draft in entries}) == len(entries)


def test_entries_beyond_the_roll_are_refused(rows):
    with pytest.raises(ValueError, match="380 units"):
        demo_data.entries(SEED, rows, 381)


def test_bad_entries_break_the_rule_that_they_name(rows, entries):
    bad = demo_data.bad_entries(SEED, rows)

    assert Counter(kind for kind, _ in bad) == demo_data.BAD_COUNTS
    assert len(bad) == 40
    for kind, draft in bad:
        assert (length(draft.text) == 3001) == (kind == "text-too-long")
        assert (draft.pictures == 3) == (kind == "too-few-pictures")
        assert (draft.unit.level != "grassroots") == (kind == "ineligible-level")
        assert draft.video == (kind in ("video-too-long", "not-a-video"))
    codes = {draft.unit.code for _, draft in bad}
    assert len(codes) == 40
    assert not codes & {draft.unit.code for draft in entries}


def test_picture_is_a_small_jpeg_of_its_own():
    pictures = [demo_data.picture(SEED, k) for k in range(12)]

    assert pictures[3] == demo_data.picture(SEED, 3)
    assert len(set(pictures)) == len(pictures)
    for data in pictures:
        assert 10_000 <= len(data) <= 120_000
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", (960, 720))


@pytest.mark.slow
def test_photos_are_large_turned_and_say_where_they_were_taken():
    turned, upright = demo_data.phone_photo(SEED, 1), demo_data.phone_photo(SEED, 2, turned=False)

    for data, size, orientation in ((turned, (3024, 4032), 6), (upright, (4032, 3024), 1)):
        assert 6_000_000 <= len(data) <= 12_000_000
        with Image.open(io.BytesIO(data)) as image:
            exif = image.getexif()
            assert (image.size, exif[ExifTags.Base.Orientation]) == (size, orientation)
            assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (38.0, 2.0, 30.0)
    with Image.open(io.BytesIO(demo_data.phone_heic(SEED, 3))) as image:
        assert (image.format, image.size) == ("HEIF", (2016, 1512))
        assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo) != {}


@pytest.mark.slow
def test_wmv_is_a_film_with_sound(tmp_path):
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    probed = subprocess.run([*command, str(demo_data.wmv(tmp_path, 2))], capture_output=True, text=True, check=True)

    assert sorted(probed.stdout.split()) == ["wmav2", "wmv2"]


def test_likes_are_the_same_by_seed(entries, steps):
    again = demo_data.likes(SEED, entries, demo_data.voters(SEED, 4_000), DAYS, N_LIKES)

    assert steps == list(again)


@pytest.mark.parametrize("n_likes", [1, 7, 500, 3_000])
def test_likes_are_exactly_as_many_as_asked(entries, n_likes):
    some = demo_data.likes(SEED, entries, demo_data.voters(SEED, 600), DAYS, n_likes)

    assert Counter(step.action for step in some)["like"] == n_likes


def test_likes_that_the_voters_cannot_come_to_are_refused(entries):
    with pytest.raises(ValueError, match="3 voters"):
        list(demo_data.likes(SEED, entries, demo_data.voters(SEED, 3), DAYS, 1_000))


def test_likes_of_one_voter_are_strictly_increasing_and_all_in_order(steps):
    own = defaultdict(list)
    for step in steps:
        own[step.voter].append(step.at_ms)

    assert all(before < after for times in own.values() for before, after in pairwise(times))
    assert [step.at_ms for step in steps] == sorted(step.at_ms for step in steps)
    assert len(own) == 4_000


def test_likes_lie_in_the_day_that_they_name(steps):
    for step in steps:
        assert step.day_index == (step.at_ms - WINDOW_START_MS) // DAY_MS
        assert (step.day_index == len(DAYS)) == (step.expect == "window-closed")


def test_likes_expect_what_the_rules_answer(entries, steps):
    """Derive the expected answers a second time, from whole days and standing likes only."""
    standing = defaultdict(set)
    for step in steps:
        day = standing[step.voter, step.day_index]
        kind = entries[step.entry_index].unit.type
        of_type = sum(entries[other].unit.type == kind for other in day)
        if step.action == "unlike":
            expected = "retracted" if step.entry_index in day else "no such like"
            day.discard(step.entry_index)
        elif step.day_index == len(DAYS):
            expected = "window-closed"
        elif step.entry_index in day:
            expected = "already"
        elif len(day) == 20 or of_type == 5:
            expected = "daily-limit" if len(day) == 20 else "type-limit"
        else:
            expected = "counted"
            day.add(step.entry_index)
        assert expected == step.expect


def test_likes_have_a_natural_shape(steps):
    outcomes = Counter(step.expect for step in steps)
    likes_of = Counter(step.entry_index for step in steps if step.expect == "counted")
    hours = Counter(step.at_ms // 3_600_000 % 24 for step in steps)  # UTC: noon in Shanghai is 4

    assert 0.015 < outcomes["already"] / N_LIKES < 0.03
    assert 0.015 < outcomes["retracted"] / N_LIKES < 0.03
    assert outcomes["window-closed"] == N_LIKES // 200
    assert outcomes["daily-limit"] >= 4
    assert outcomes["type-limit"] >= 16
    assert len(likes_of) == 320
    assert max(likes_of.values()) > 20 * sorted(likes_of.values())[160]
    assert hours[12] > 10 * hours[18]


def test_voters_are_unique_and_the_same_by_seed():
    voters = demo_data.voters(SEED, 2_000)

    assert len(set(voters)) == 2_000
    assert voters == demo_data.voters(SEED, 2_000)
    assert {len(voter) for voter in voters} == {28}


def test_judges_are_twelve_with_some_conflicts(rows):
    panel = demo_data.judges(SEED)

    assert panel == demo_data.judges(SEED)
    assert len({judge.code for judge in panel}) == len({judge.name for judge in panel}) == 12
    assert sum(judge.employer in {row.employer for row in rows} for judge in panel) == 4
    assert {judge.city for judge in panel} <= {city.name for city in CITIES}


def test_mark_follows_from_seed_judge_and_entry(entries):
    panel = demo_data.judges(SEED)
    marks = [demo_data.mark(SEED, judge, entry) for entry in entries[:60] for judge in panel]

    assert marks == [demo_data.mark(SEED, judge, entry) for entry in entries[:60] for judge in panel]
    assert all(set(mark) == {"content", "form", "quality"} for mark in marks)
    assert all(0 <= points <= 100 for mark in marks for points in mark.values())
    assert len({mark["content"] for mark in marks}) > 15


def test_demo_marks_outside_the_band_have_words_and_no_others(entries):
    weights = {"content": 50, "form": 20, "quality": 30}
    panel = demo_data.judges(SEED)
    wholes = [demo_data.weighted(demo_data.mark(SEED, judge, entry), weights) for entry in entries for judge in panel]

    words = {whole: demo_data.required_explanation(whole, below=60, above=95) for whole in wholes}

    assert {whole for whole, text in words.items() if text} == {each for each in wholes if not 60 <= float(each) <= 95}


@pytest.mark.parametrize(("whole", "required"), [("59.99", True), ("60", False), ("95.00", False), ("95.01", True)])
def test_edges_of_the_band_are_the_products(whole: str, required: bool):
    assert (demo_data.required_explanation(whole, below=60, above=95) is not None) == required


def test_demo_mark_is_weighted_exactly():
    assert demo_data.weighted(
        {"content": 33, "form": 33, "quality": 34}, {"content": 50, "form": 20, "quality": 30}
    ) == ("33.3")


@pytest.mark.slow
def test_video_is_a_real_film_of_its_own_bytes(tmp_path):
    first, twin, other = (demo_data.video(seed, 3, tmp_path) for seed in (5, 17, 6))  # 5 and 17 share a film

    assert len({path.read_bytes() for path in (first, twin, other)}) == 3
    assert [_shape(path) for path in (first, twin, other)] == [("h264", "3.000000")] * 3
    assert first.read_bytes() == demo_data.video(5, 3, tmp_path / "again").read_bytes()


@pytest.mark.slow
def test_long_video_is_a_second_too_long(tmp_path):
    path = demo_data.long_video(tmp_path)

    assert _shape(path) == ("h264", "481.000000")
    assert path.stat().st_size < 1_000_000


def _shape(path):
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration:stream=codec_name", "-of", "json", path]
    probed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return probed["streams"][0]["codec_name"], probed["format"]["duration"]
