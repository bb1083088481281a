"""Sealed fields: a field opens with its own key alone, and its text reveals nothing of what it seals."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Corrupt
from shared.events import Sealed
from shared.sealing import Sealer, key_id_of

KEY = bytes(range(32))
SEALER = Sealer(KEY)


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_to_the_same_bytes(clear: bytes) -> None:
    sealed = SEALER.seal(clear)

    assert Sealer(KEY).open(sealed) == clear


def test_text_that_was_sealed_opens_to_the_same_text() -> None:
    assert SEALER.open_text(SEALER.seal_text("王安 «é»")) == "王安 «é»"


def test_sealed_field_names_its_key_and_does_not_show_what_it_holds() -> None:
    sealed = SEALER.seal(b"13800138000")

    key_id, _, text = sealed.partition(".")
    assert key_id == "c1"
    assert b"13800138000" not in base64.urlsafe_b64decode(text)


def test_same_text_sealed_twice_looks_different() -> None:
    """Otherwise a reader of the log could count the likes that come from one address."""
    assert SEALER.seal(b"10.0.0.1") != SEALER.seal(b"10.0.0.1")


def test_key_of_a_field_is_read_off_it_also_where_its_id_has_dots() -> None:
    assert key_id_of(Sealer(KEY, key_id="p.staff.mo.li.0a").seal(b"x")) == "p.staff.mo.li.0a"


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Corrupt, match="sealed with 'c1' cannot be opened"):
        Sealer(bytes(32)).open(SEALER.seal(b"x"))


def test_field_that_claims_another_key_does_not_open() -> None:
    _, _, text = SEALER.seal(b"x").partition(".")

    with pytest.raises(Corrupt):
        SEALER.open(Sealed(f"c2.{text}"))


@given(st.integers(0, 28), st.integers(0, 7))
def test_any_altered_bit_is_found(place: int, bit: int) -> None:
    box = bytearray(base64.urlsafe_b64decode(SEALER.seal(b"x").partition(".")[2]))
    box[place] ^= 1 << bit

    with pytest.raises(Corrupt):
        SEALER.open(Sealed(f"c1.{base64.urlsafe_b64encode(bytes(box)).decode()}"))


@pytest.mark.parametrize("text", ["", "c1", "c1.", "c1.x", "c1.AAAA", "c1.键"], ids=repr)
def test_text_that_is_no_sealed_field_is_corrupt(text: str) -> None:
    with pytest.raises(Corrupt):
        SEALER.open(Sealed(text))
