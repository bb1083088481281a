"""Signed names of handoffs and links: only ours are accepted, each for its purpose and until it expires."""

import hypothesis
import pytest
from hypothesis import strategies as st

from gateway.voters import signed_links

KEY, NOW = b"k" * 32, 1_600_000_000
NAME = "0123456789abcdef01234567"


def test_handoff_is_of_one_browser_until_its_end():
    handoff = signed_links.make_handoff(KEY, "cookie", now_s=NOW)

    assert len(handoff) == 36
    assert signed_links.expires_at(handoff) == (NOW + signed_links.LIFE_S) * 1000
    assert signed_links.is_of_browser(KEY, handoff, "cookie", now_s=NOW + signed_links.LIFE_S - 1)
    assert not signed_links.is_of_browser(KEY, handoff, "cookie", now_s=NOW + signed_links.LIFE_S)
    assert not signed_links.is_of_browser(KEY, handoff, "other", now_s=NOW)
    assert not signed_links.is_of_browser(KEY, handoff, "", now_s=NOW)
    assert not signed_links.is_of_browser(KEY, signed_links.make_handoff(KEY, "", now_s=NOW), "", now_s=NOW)


def test_link_names_its_pseudonym_until_its_end():
    link = signed_links.make_link(KEY, NAME, now_s=NOW)

    assert signed_links.read_link(KEY, link, now_s=NOW) == NAME
    assert signed_links.read_link(KEY, link, now_s=NOW + signed_links.LINK_LIFE_S) is None


def test_name_of_one_purpose_serves_no_other():
    assert not signed_links.is_handoff(KEY, signed_links.make_link(KEY, NAME, now_s=NOW), now_s=NOW)
    assert signed_links.read_link(KEY, signed_links.make_handoff(KEY, "cookie", now_s=NOW), now_s=NOW) is None


@hypothesis.given(st.data())
def test_any_change_of_a_name_makes_it_none(data: st.DataObject):
    handoff = signed_links.make_handoff(KEY, "cookie", now_s=NOW)
    at = data.draw(st.integers(0, len(handoff) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_=+/ "))
    changed = handoff[:at] + letter + handoff[at + 1 :]

    assert signed_links.is_handoff(KEY, changed, now_s=NOW) == (changed == handoff)


@hypothesis.given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str):
    assert not signed_links.is_handoff(KEY, text, now_s=NOW)
    assert signed_links.read_link(KEY, text, now_s=NOW) is None


def test_digits_are_the_handoff_s_own():
    first, second = (signed_links.make_handoff(KEY, "cookie", now_s=NOW) for _ in range(2))

    assert first != second
    assert signed_links.code_of(KEY, first) == signed_links.code_of(KEY, first)
    assert signed_links.code_of(KEY, first).isdigit()
    assert len(signed_links.code_of(KEY, first)) == 4


@pytest.mark.parametrize("text", ["", "a", "é", "\ud800"])
def test_what_is_no_name_is_none(text: str):
    assert not signed_links.is_handoff(KEY, text, now_s=NOW)
