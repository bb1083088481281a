"""The ciphers of safe mode: round trips, and comparison with wechatpy."""

import base64
import warnings

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from gateway.wechat import signature
from gateway.wechat.crypto import (
    decode_key,
    decrypt,
    decrypt_with_random,
    encrypt,
    pad,
    unpad,
)
from gateway.wechat.errors import BadAccount, Undecipherable
from tests.unit.gateway.wechat.phones import (
    ACCOUNT,
    NOW_S,
    RANDOM,
    encrypted,
    envelope,
    like,
    query,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # wechatpy is of 2021
    from wechatpy.crypto import WeChatCrypto

KEY = decode_key(ACCOUNT.aeskey)
AT = str(NOW_S)
#: wechatpy strips the text that it decrypts, and its XML has no control characters.
SAYABLE = st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cc", "Zs")), min_size=1)


def oracle() -> WeChatCrypto:
    return WeChatCrypto(ACCOUNT.token, ACCOUNT.aeskey, ACCOUNT.appid)


def with_padding(clear: bytes, pad: bytes) -> str:
    """Return a ciphertext with the given padding."""
    cipher = Cipher(AES256(KEY), CBC(KEY[:16])).encryptor()
    return base64.b64encode(cipher.update(clear + pad) + cipher.finalize()).decode()


@given(st.binary(max_size=500), st.binary(min_size=16, max_size=16), st.text(max_size=40))
def test_what_was_encrypted_is_decrypted(message: bytes, random: bytes, receiver: str):
    assert (random, message) == decrypt_with_random(
        encrypt(message, key=KEY, receiver=receiver, random=random), key=KEY, receiver=receiver
    )


@given(st.binary(max_size=200), st.sampled_from([16, 32]))
def test_padding_comes_off_as_it_went_on(clear: bytes, block: int):
    assert clear == unpad(pad(clear, block), block)


@given(SAYABLE)
def test_wechatpy_reads_what_we_encrypt(text: str):
    ciphertext = encrypted(text.encode())

    assert text == oracle().decrypt_message(
        envelope(ciphertext).decode(), signature.sign(ACCOUNT.token, AT, "n", ciphertext), AT, "n"
    )


@given(SAYABLE)
def test_we_read_what_wechatpy_encrypts(text: str):
    sealed = oracle().encrypt_message(text, "n", AT)
    ciphertext = sealed.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]

    assert text.encode() == decrypt(ciphertext, key=KEY, receiver=ACCOUNT.appid)
    assert f"<![CDATA[{signature.sign(ACCOUNT.token, AT, 'n', ciphertext)}]]></MsgSignature>" in sealed


@given(st.integers(0, 8 * 96 - 1))
def test_any_flipped_bit_of_a_pushed_ciphertext_breaks_its_signature(bit: int):
    sealed = bytearray(base64.b64decode(encrypted(b"like")))
    sealed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    changed = base64.b64encode(sealed).decode()

    assert query(encrypted(b"like"))["msg_signature"] != signature.sign(ACCOUNT.token, AT, "415670741", changed)


@pytest.mark.parametrize("pad", [0, 33, 255], ids=["pad byte 0", "pad byte 33", "pad byte 255"])
def test_padding_beyond_the_block_is_refused(pad: int):
    clear = RANDOM + (4).to_bytes(4, "big") + b"like" + ACCOUNT.appid.encode()
    filler = 32 - len(clear) % 32

    with pytest.raises(Undecipherable, match="PKCS"):
        decrypt(with_padding(clear, b"x" * (filler - 1) + bytes([pad])), key=KEY, receiver=ACCOUNT.appid)


def test_padding_of_a_block_and_one_byte_is_refused_though_every_byte_says_so():
    message = RANDOM + (1).to_bytes(4, "big") + b"m" + ACCOUNT.appid.encode()
    short = message + b"\0" * (-(len(message) + 33) % 32)

    with pytest.raises(Undecipherable, match="padding"):
        decrypt(with_padding(short, b"\x21" * 33), key=KEY, receiver=ACCOUNT.appid)


@pytest.mark.parametrize("strange", ["\n", " ", "*", "é"])
def test_ciphertext_is_spelled_in_one_way_only(strange: str):
    sealed = encrypted(b"m")

    with pytest.raises(Undecipherable):
        decrypt(f"{sealed[:8]}{strange}{sealed[8:]}", key=KEY, receiver=ACCOUNT.appid)


def test_padding_with_one_wrong_byte_is_refused():
    with pytest.raises(Undecipherable, match="PKCS"):
        unpad(b"x" * 28 + b"\x03\x04\x04\x04", 32)


def test_length_beyond_the_end_is_refused():
    clear = pad(RANDOM + (5_000).to_bytes(4, "big") + b"like" + ACCOUNT.appid.encode(), 32)

    with pytest.raises(Undecipherable, match="length"):
        decrypt(with_padding(clear, b""), key=KEY, receiver=ACCOUNT.appid)


def test_ciphertext_too_short_for_a_length_is_refused():
    with pytest.raises(Undecipherable, match="too short"):
        decrypt(with_padding(pad(b"like", 32), b""), key=KEY, receiver=ACCOUNT.appid)


@pytest.mark.parametrize("receiver", ["wx0000000000000000", "", ACCOUNT.appid[:-1], f"{ACCOUNT.appid}0"])
def test_message_for_another_receiver_is_refused(receiver: str):
    with pytest.raises(Undecipherable, match="receiver"):
        decrypt(encrypted(like(), receiver=receiver), key=KEY, receiver=ACCOUNT.appid)


@given(st.binary(max_size=200).map(lambda sealed: base64.b64encode(sealed).decode()) | st.text(max_size=200))
def test_anything_else_is_undecipherable(text: str):
    with pytest.raises(Undecipherable):
        decrypt(text, key=KEY, receiver=ACCOUNT.appid)


@pytest.mark.parametrize("aeskey", ["", "a" * 42, "a" * 44, "-" * 43, "键" * 43])
def test_key_that_is_none_is_refused(aeskey: str):
    with pytest.raises(BadAccount):
        decode_key(aeskey)
