"""What a mini-program's page hands over from WeChat: signed by the session key, or sealed with it.

Promises: data is taken only if its watermark names this mini-program. The session key never leaves the server.
"""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.wechat.crypto import from_base64, unpadded
from gateway.wechat.errors import Undecipherable

BLOCK = 16


def sign(raw_data: str, session_key: str) -> str:
    """SHA-1 over both as they came, the key still in base64."""
    return hashlib.sha1(f"{raw_data}{session_key}".encode()).hexdigest()


def decrypt(data: str, *, iv: str, session_key: str, appid: str) -> dict[str, Any]:
    """`encryptedData`, as WeChat's page gave it. Raises Undecipherable."""
    sealed, key, start = from_base64(data), from_base64(session_key), from_base64(iv)
    if len(key) != BLOCK or len(start) != BLOCK:
        raise Undecipherable("session key and iv have 16 bytes each")
    if not sealed or len(sealed) % BLOCK:
        raise Undecipherable(f"{len(sealed)} bytes are no whole number of blocks")
    cipher = Cipher(AES128(key), CBC(start)).decryptor()
    clear = unpadded(cipher.update(sealed) + cipher.finalize(), BLOCK)
    try:
        told = json.loads(clear)
        watermark = told["watermark"]["appid"]
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Undecipherable("no data with a watermark") from problem
    if watermark != appid:
        raise Undecipherable("made for another mini-program")
    return dict(told)
