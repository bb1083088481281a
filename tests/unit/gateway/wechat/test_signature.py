"""Signatures of pushes, their time window and their nonces."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wechat.errors import BadSignature, Replayed, Stale
from gateway.wechat.signature import Nonces, check, check_time, sign
from tests.unit.gateway.wechat.phones import NOW_S

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # wechatpy is of 2021
    from wechatpy.utils import check_signature


@given(st.lists(st.text(), max_size=4))
def test_order_of_the_parts_does_not_matter(parts: list[str]):
    assert sign(*parts) == sign(*reversed(parts))


@given(st.text(), st.text(), st.text())
def test_wechatpy_takes_our_signature(token: str, timestamp: str, nonce: str):
    assert check_signature(token, sign(token, timestamp, nonce), timestamp, nonce) is None


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", sign("a", "b").upper()])
def test_signature_that_does_not_fit_is_refused(signature: str):
    with pytest.raises(BadSignature):
        check(signature, "a", "b")


@pytest.mark.parametrize("off_s", [-300, 0, 300])
def test_time_within_five_minutes_is_taken(off_s: int):
    assert check_time(str(NOW_S + off_s), now_s=NOW_S) is None


@pytest.mark.parametrize("timestamp", [str(NOW_S - 301), str(NOW_S + 301), "", "-1", "1e9", "١٢٣", "9" * 5000])
def test_time_beyond_five_minutes_is_refused(timestamp: str):
    with pytest.raises(Stale):
        check_time(timestamp, now_s=NOW_S)


def test_nonce_that_comes_again_with_the_same_body_is_known():
    nonces = Nonces()

    came = [nonces.admit(str(NOW_S), "n", body=b"like", now_s=NOW_S + later) for later in (0, 5)]

    assert came == [True, False]


def test_nonce_that_comes_again_with_another_body_is_refused():
    nonces = Nonces()
    nonces.admit(str(NOW_S), "n", body=b"like", now_s=NOW_S)

    with pytest.raises(Replayed):
        nonces.admit(str(NOW_S), "n", body=b"unlike", now_s=NOW_S)


def test_nonce_is_remembered_as_long_as_its_timestamp_holds():
    nonces = Nonces()
    ahead = str(NOW_S + 300)
    nonces.admit(ahead, "n", body=b"like", now_s=NOW_S)

    with pytest.raises(Replayed):
        nonces.admit(ahead, "n", body=b"unlike", now_s=NOW_S + 600)


def test_no_more_nonces_are_kept_than_asked_for():
    nonces = Nonces(most=3)
    for number in range(10):
        nonces.admit(str(NOW_S), str(number), body=b"", now_s=NOW_S)

    assert nonces.size == 3


def test_old_nonces_are_forgotten():
    nonces = Nonces()
    nonces.admit(str(NOW_S), "old", body=b"", now_s=NOW_S)
    nonces.admit(str(NOW_S + 601), "new", body=b"", now_s=NOW_S + 601)

    assert nonces.size == 1
