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
    """Decode an EncodingAESKey (43 characters) to the 32 bytes of the AES key. Raise BadAccount if it is malformed."""
    if len(aeskey) != AESKEY_CHARS:
        raise BadAccount(f"an EncodingAESKey has {AESKEY_CHARS} characters, this one has {len(aeskey)}")
    try:
        return base64.b64decode(f"{aeskey}=", validate=True)
    except ValueError as problem:
        raise BadAccount("an EncodingAESKey consists of letters and digits only") from problem


def encrypt(message: bytes, *, key: bytes, receiver: str, random: bytes) -> str:
    """Encrypt a message for the field `Encrypt`, and return it in base64. `random` must be 16 fresh bytes.

    `receiver` is the account's appid. Raise ValueError if `random` has another length.
    """
    if len(random) != RANDOM:
        raise ValueError(f"{RANDOM} random bytes are needed, not {len(random)}")
    clear = pad(random + len(message).to_bytes(LENGTH, "big") + message + receiver.encode(), BLOCK)
    cipher = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(clear) + cipher.finalize()).decode()


def decrypt(encrypted: str, *, key: bytes, receiver: str) -> bytes:
    """Decrypt the text of the field `Encrypt` and return the message. Raise Undecipherable if it is not ours."""
    return decrypt_with_random(encrypted, key=key, receiver=receiver)[1]


def decrypt_with_random(encrypted: str, *, key: bytes, receiver: str) -> tuple[bytes, bytes]:
    """Decrypt like `decrypt`, and return the random bytes before the message too, which test vectors compare."""
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
    """Pad by PKCS#7: append n bytes of the value n, at least one, to reach a multiple of `block` bytes."""
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
