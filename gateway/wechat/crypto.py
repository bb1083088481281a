"""Encrypt and decrypt messages of safe mode: AES-256-CBC over random bytes, length, message and receiver.

Promises: a message that decrypts was made with this account's key and for this receiver, and its padding is exactly
PKCS#7 to 32 bytes. Does not promise who made it: CBC alone authenticates nothing, so check `msg_signature` first, as
`callback.py` does. That is also why each failure may have its own error text: nobody without the signing token can
reach this code.
"""

import base64
import binascii
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.wechat.errors import BadAccount, Undecipherable

BLOCK = 32  # WeChat pads to 32 bytes, twice the AES block
RANDOM = 16
AESKEY_CHARS = 43
LENGTH = 4


def decode_key(aeskey: str) -> bytes:
    """Decode an EncodingAESKey to its 32 bytes. Raise BadAccount."""
    if len(aeskey) != AESKEY_CHARS:
        raise BadAccount(f"an EncodingAESKey has {AESKEY_CHARS} characters, this one has {len(aeskey)}")
    try:
        return base64.b64decode(f"{aeskey}=", validate=True)
    except ValueError as problem:
        raise BadAccount("an EncodingAESKey consists of letters and digits only") from problem


def encrypt(message: bytes, *, key: bytes, receiver: str, random: bytes) -> str:
    """Encrypt a message and return the base64 text of `Encrypt`. `random` must be fresh for each message."""
    if len(random) != RANDOM:
        raise ValueError(f"{RANDOM} random bytes are needed, not {len(random)}")
    clear = pad(random + len(message).to_bytes(LENGTH, "big") + message + receiver.encode(), BLOCK)
    cipher = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(clear) + cipher.finalize()).decode()


def decrypt(encrypted: str, *, key: bytes, receiver: str) -> bytes:
    """Decrypt the text of `Encrypt` and return the message. Raise Undecipherable."""
    return decrypt_with_random(encrypted, key=key, receiver=receiver)[1]


def decrypt_with_random(encrypted: str, *, key: bytes, receiver: str) -> tuple[bytes, bytes]:
    """Decrypt the text of `Encrypt` and return the random bytes and the message. Raise Undecipherable."""
    sealed = from_base64(encrypted)
    if not sealed or len(sealed) % BLOCK:
        raise Undecipherable(f"{len(sealed)} bytes are not a whole number of blocks")
    cipher = Cipher(AES256(key), CBC(key[:16])).decryptor()
    clear = unpad(cipher.update(sealed) + cipher.finalize(), BLOCK)
    start = RANDOM + LENGTH
    if len(clear) < start:
        raise Undecipherable("too short to hold a length")
    end = start + int.from_bytes(clear[RANDOM:start], "big")
    if end > len(clear):
        raise Undecipherable("the length is greater than the message")
    if not hmac.compare_digest(clear[end:], receiver.encode()):
        raise Undecipherable("made for another receiver")
    return clear[:RANDOM], clear[start:end]


def pad(clear: bytes, block: int) -> bytes:
    """Pad by PKCS#7: append n bytes of value n to reach a multiple of `block`; a whole block if it is one already."""
    missing = block - len(clear) % block
    return clear + bytes([missing]) * missing


def unpad(clear: bytes, block: int) -> bytes:
    """Remove PKCS#7 padding. Raise Undecipherable unless every byte of it is right."""
    pad = clear[-1] if clear else 0
    if not 1 <= pad <= block or clear[-pad:] != bytes([pad]) * pad:
        raise Undecipherable("the padding is not PKCS#7")
    return clear[:-pad]


def from_base64(text: str) -> bytes:
    """Decode strict base64. Raise Undecipherable if the text contains any other character."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as problem:
        raise Undecipherable("not base64") from problem
