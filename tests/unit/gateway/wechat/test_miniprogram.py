"""Data that a mini-program's page hands over."""

import base64
import json
import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from gateway.wechat.crypto import padded
from gateway.wechat.errors import Undecipherable
from gateway.wechat.miniprogram import decrypt, sign

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the oracle is of 2021
    from wechatpy.crypto import WeChatWxaCrypto

APPID, KEY, IV = "wx4f4bc4dec97d474b", b"k" * 16, b"i" * 16


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sealed(clear: bytes) -> str:
    encryptor = Cipher(AES128(KEY), CBC(IV)).encryptor()
    return base64_of(encryptor.update(clear) + encryptor.finalize())


def told(**data: Any) -> bytes:
    return padded(json.dumps(data).encode(), 16)


def opened(data: str, *, iv: bytes = IV, key: bytes = KEY) -> dict[str, Any]:
    return decrypt(data, iv=base64_of(iv), session_key=base64_of(key), appid=APPID)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()))
def test_data_comes_out_as_it_went_in(data: dict[str, Any]):
    full = {**data, "watermark": {"appid": APPID, "timestamp": 1}}

    assert opened(sealed(padded(json.dumps(full).encode(), 16))) == full


@given(st.dictionaries(st.text(max_size=9), st.text() | st.integers()))
def test_wechatpy_opens_the_same(data: dict[str, Any]):
    told = sealed(padded(json.dumps({**data, "watermark": {"appid": APPID}}).encode(), 16))

    assert opened(told) == WeChatWxaCrypto(base64_of(KEY), base64_of(IV), APPID).decrypt_message(told)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(sealed(told(watermark={"appid": "wx0"})), "another mini-program", id="another watermark"),
        pytest.param(sealed(told(openId="o")), "watermark", id="no watermark"),
        pytest.param(sealed(told(watermark=APPID)), "watermark", id="watermark that is a text"),
        pytest.param(sealed(padded(b"[]", 16)), "watermark", id="a list"),
        pytest.param(sealed(padded(b"{", 16)), "watermark", id="half of it"),
        pytest.param(sealed(b"x" * 15 + b"\x00"), "PKCS", id="pad byte 0"),
        pytest.param(sealed(b"x" * 15 + b"\x11"), "PKCS", id="pad byte 17"),
        pytest.param(base64_of(b"x" * 15), "blocks", id="no whole block"),
        pytest.param("", "blocks", id="nothing"),
        pytest.param("数据", "base64", id="no base64"),
    ],
)
def test_data_that_is_not_ours_is_refused(data: str, words: str):
    with pytest.raises(Undecipherable, match=words):
        opened(data)


@pytest.mark.parametrize(("iv", "key"), [(b"", KEY), (IV, b"k" * 32)], ids=["iv", "session key"])
def test_key_and_start_have_sixteen_bytes(iv: bytes, key: bytes):
    with pytest.raises(Undecipherable, match="16 bytes"):
        opened(sealed(told(watermark={"appid": APPID})), iv=iv, key=key)


def test_signature_is_over_the_text_as_it_came():
    assert sign('{"a":1}', "k") != sign('{"a": 1}', "k")
