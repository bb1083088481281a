"""Names that only we can make."""

import hypothesis
import pytest
from hypothesis import strategies as st

from gateway.doors import seals

KEY, NOW = b"k" * 32, 1_600_000_000
NAME = "0123456789abcdef01234567"


def test_handoff_is_of_one_browser_until_its_end():
    handoff = seals.make_handoff(KEY, "cookie", now_s=NOW)

    assert len(handoff) == 36
    assert seals.ends_at(handoff) == (NOW + seals.LIFE_S) * 1000
    assert seals.is_of_browser(KEY, handoff, "cookie", now_s=NOW + seals.LIFE_S - 1)
    assert not seals.is_of_browser(KEY, handoff, "cookie", now_s=NOW + seals.LIFE_S)
    assert not seals.is_of_browser(KEY, handoff, "other", now_s=NOW)
    assert not seals.is_of_browser(KEY, handoff, "", now_s=NOW)
    assert not seals.is_of_browser(KEY, seals.make_handoff(KEY, "", now_s=NOW), "", now_s=NOW)


def test_link_names_its_pseudonym_until_its_end():
    link = seals.make_link(KEY, NAME, now_s=NOW)

    assert seals.read_link(KEY, link, now_s=NOW) == NAME
    assert seals.read_link(KEY, link, now_s=NOW + seals.LINK_LIFE_S) is None


def test_name_of_one_purpose_serves_no_other():
    assert not seals.is_handoff(KEY, seals.make_link(KEY, NAME, now_s=NOW), now_s=NOW)
    assert seals.read_link(KEY, seals.make_handoff(KEY, "cookie", now_s=NOW), now_s=NOW) is None


@hypothesis.given(st.data())
def test_any_change_of_a_name_makes_it_none(data: st.DataObject):
    handoff = seals.make_handoff(KEY, "cookie", now_s=NOW)
    at = data.draw(st.integers(0, len(handoff) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_=+/ "))
    changed = handoff[:at] + letter + handoff[at + 1 :]

    assert seals.is_handoff(KEY, changed, now_s=NOW) == (changed == handoff)


@hypothesis.given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str):
    assert not seals.is_handoff(KEY, text, now_s=NOW)
    assert seals.read_link(KEY, text, now_s=NOW) is None


def test_digits_are_the_handoff_s_own():
    first, second = (seals.make_handoff(KEY, "cookie", now_s=NOW) for _ in range(2))

    assert first != second
    assert seals.code_of(KEY, first) == seals.code_of(KEY, first)
    assert seals.code_of(KEY, first).isdigit()
    assert len(seals.code_of(KEY, first)) == 4


@pytest.mark.parametrize("text", ["", "a", "é", "\ud800"])
def test_what_is_no_name_is_none(text: str):
    assert not seals.is_handoff(KEY, text, now_s=NOW)
