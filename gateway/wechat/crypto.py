"""The ciphertexts of safe mode: AES-256-CBC over random, length, message and receiver.

Promises: what is taken was made with this account's key and for this receiver, and its padding is exactly PKCS#7 to 32.
Does not promise who made it: CBC alone proves nothing, so check `msg_signature` before, as `callback.py` does. That is
also why the reasons here may differ from each other: nobody without the signing token gets to see them.
"""

import base64
import binascii
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.wechat.errors import BadAccount, Undecipherable

BLOCK = 32  # WeChat pads to 32, twice what AES asks for
RANDOM = 16
AESKEY_CHARS = 43
LENGTH = 4


def key_of(aeskey: str) -> bytes:
    """The 32 bytes behind an EncodingAESKey. Raises BadAccount."""
    if len(aeskey) != AESKEY_CHARS:
        raise BadAccount(f"an EncodingAESKey has {AESKEY_CHARS} characters, this one {len(aeskey)}")
    try:
        return base64.b64decode(f"{aeskey}=", validate=True)
    except ValueError as problem:
        raise BadAccount("an EncodingAESKey has letters and digits only") from problem


def encrypt(message: bytes, *, key: bytes, receiver: str, random: bytes) -> str:
    """The text of `Encrypt`. `random` is fresh for each message."""
    if len(random) != RANDOM:
        raise ValueError(f"{RANDOM} random bytes are wanted, not {len(random)}")
    clear = padded(random + len(message).to_bytes(LENGTH, "big") + message + receiver.encode(), BLOCK)
    cipher = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(clear) + cipher.finalize()).decode()


def decrypt(encrypted: str, *, key: bytes, receiver: str) -> bytes:
    """The message in `Encrypt`. Raises Undecipherable."""
    return opened(encrypted, key=key, receiver=receiver)[1]


def opened(encrypted: str, *, key: bytes, receiver: str) -> tuple[bytes, bytes]:
    """The random bytes and the message in `Encrypt`. Raises Undecipherable."""
    sealed = from_base64(encrypted)
    if not sealed or len(sealed) % BLOCK:
        raise Undecipherable(f"{len(sealed)} bytes are no whole number of blocks")
    cipher = Cipher(AES256(key), CBC(key[:16])).decryptor()
    clear = unpadded(cipher.update(sealed) + cipher.finalize(), BLOCK)
    start = RANDOM + LENGTH
    if len(clear) < start:
        raise Undecipherable("too short for a length")
    end = start + int.from_bytes(clear[RANDOM:start], "big")
    if end > len(clear):
        raise Undecipherable("the length says more than there is")
    if not hmac.compare_digest(clear[end:], receiver.encode()):
        raise Undecipherable("made for another receiver")
    return clear[:RANDOM], clear[start:end]


def padded(clear: bytes, block: int) -> bytes:
    """PKCS#7: as many bytes as are missing, each saying how many; a whole block where none is missing."""
    missing = block - len(clear) % block
    return clear + bytes([missing]) * missing


def unpadded(clear: bytes, block: int) -> bytes:
    """Raises Undecipherable unless all of the padding is right."""
    pad = clear[-1] if clear else 0
    if not 1 <= pad <= block or clear[-pad:] != bytes([pad]) * pad:
        raise Undecipherable("the padding is not PKCS#7")
    return clear[:-pad]


def from_base64(text: str) -> bytes:
    """Raises Undecipherable where a character is none of base64's."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as problem:
        raise Undecipherable("no base64") from problem
