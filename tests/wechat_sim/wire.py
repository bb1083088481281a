"""How the platform signs and encrypts.

It is written independently of the product on purpose: a mistake in code that both sides share would not show.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.ElementTree import fromstring

Fields = Mapping[str, str | int]


def sha1(*parts: str) -> str:
    """Return the platform's signature: SHA-1 of the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def seal(message: bytes, *, aeskey: str, receiver: str) -> str:
    """Encrypt a message for the account with this appid."""
    key = base64.b64decode(aeskey + "=")
    clear = os.urandom(16) + len(message).to_bytes(4, "big") + message + receiver.encode()
    pad = 32 - len(clear) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(clear + bytes([pad] * pad)) + encryptor.finalize()).decode()


def unseal(text: str, *, aeskey: str, receiver: str) -> bytes:
    """Decrypt a message. Raises ValueError if it is for another receiver."""
    key, sealed = base64.b64decode(aeskey + "="), base64.b64decode(text, validate=True)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    clear = decryptor.update(sealed) + decryptor.finalize()
    clear = clear[: -clear[-1]]
    length = int.from_bytes(clear[16:20], "big")
    if clear[20 + length :] != receiver.encode():
        raise ValueError("encrypted for another receiver")
    return clear[20 : 20 + length]


def session_seal(data: bytes, *, session_key: str, iv: bytes) -> str:
    """Encrypt data as a phone gets it to pass on to its mini-program's server."""
    pad = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES(base64.b64decode(session_key)), modes.CBC(iv)).encryptor()
    return base64.b64encode(encryptor.update(data + bytes([pad] * pad)) + encryptor.finalize()).decode()


def xml(fields: Fields) -> bytes:
    """Return a push as XML, in the platform's layout."""
    lines = (f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())
    return ("<xml>" + "\n".join(lines) + "\n</xml>").encode()


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"


def body(fields: Fields, *, as_json: bool) -> bytes:
    """Return a push as JSON or as XML."""
    return json.dumps(fields, ensure_ascii=False).encode() if as_json else xml(fields)


def read_xml(content: bytes) -> dict[str, Any]:
    """Return the fields of a reply, nested ones as objects and lists. Raises ValueError if it is not XML."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except SyntaxError as problem:  # ParseError is a SyntaxError
        raise ValueError("no XML") from problem
    return {each.tag: _deep(each) for each in root}


def _deep(element: Element) -> Any:
    if not len(element):
        return element.text or ""
    children = [{each.tag: _deep(each)} if each.tag != "item" else _deep(each) for each in element]
    return children if all(each.tag == "item" for each in element) else {k: v for c in children for k, v in c.items()}
