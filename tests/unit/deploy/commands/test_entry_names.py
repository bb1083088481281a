"""Entries are found by poster numbers as people type them, and shown by them."""

import pytest

from deploy.commands.entry_names import EntryNames
from deploy.commands.refusals import CommandRefused

NAMES = EntryNames(
    {
        "U001-1": {"number": "A012", "unit": "第一机床厂工会", "title": "灯"},
        "U002-1": {"number": "U011", "unit": "港口工会", "title": "读书角"},
        "U003-1": {"number": None, "unit": "纺织厂工会", "title": "夜班食堂"},
    }
)


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("A012", "U001-1"),
        ("a012", "U001-1"),
        ("Ａ０１２", "U001-1"),
        ("ａ０１２", "U001-1"),
        (" a12 ", "U001-1"),
        ("U001-1", "U001-1"),
        ("u001-1", "U001-1"),
        ("Ｕ００１－１", "U001-1"),
        ("u11", "U002-1"),
        ("u003-1", "U003-1"),
    ],
)
def test_entry_is_found_in_whatever_case_and_width_it_is_typed(typed: str, entry: str):
    assert NAMES.find(typed) == entry


@pytest.mark.parametrize("typed", ["A013", "U0011-1", "", "B012", "A 012 A", "*"])
def test_unknown_entry_is_refused_with_the_command_that_lists_them(typed: str):
    with pytest.raises(CommandRefused) as refused:
        NAMES.find(typed)

    assert (refused.value.code, refused.value.exit_code) == ("entry-unknown", 1)
    assert "`baijia rank`" in refused.value.way[0]


def test_entry_is_shown_by_its_number_and_without_one_by_its_names():
    assert [NAMES.short(each) for each in NAMES.entries] == ["A012", "U011", "纺织厂工会《夜班食堂》"]
    assert NAMES.full("U001-1") == "A012 第一机床厂工会《灯》"
