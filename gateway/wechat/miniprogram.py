"""Data that a mini-program's page passes on from WeChat, signed or encrypted with the session key.

Promises: data is accepted only if its watermark names this mini-program. The session key never leaves the server.
"""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.wechat.crypto import from_base64, unpad
from gateway.wechat.errors import Undecipherable

BLOCK = 16


def sign(raw_data: str, session_key: str) -> str:
    """Return the signature (hex SHA-1) of the user data that a mini-program's page passes on.

    Both texts are as they came: `raw_data` unparsed, and `session_key` in base64.
    """
    return hashlib.sha1(f"{raw_data}{session_key}".encode()).hexdigest()


def decrypt(data: str, *, iv: str, session_key: str, appid: str) -> dict[str, Any]:
    """Decrypt the `encryptedData` that a mini-program's page passes on, and return the object in it.

    Raise Undecipherable if it was not made with this session key and for this mini-program (`appid`).
    """
    sealed, key, start = from_base64(data), from_base64(session_key), from_base64(iv)
    if len(key) != BLOCK or len(start) != BLOCK:
        raise Undecipherable("session key and iv must have 16 bytes each")
    if not sealed or len(sealed) % BLOCK:
        raise Undecipherable(f"{len(sealed)} bytes are not a whole number of blocks")
    cipher = Cipher(AES128(key), CBC(start)).decryptor()
    clear = unpad(cipher.update(sealed) + cipher.finalize(), BLOCK)
    try:
        decrypted = json.loads(clear)
        watermark = decrypted["watermark"]["appid"]
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Undecipherable("not data with a watermark") from problem
    if watermark != appid:
        raise Undecipherable("made for another mini-program")
    return dict(decrypted)
