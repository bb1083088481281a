"""Test vectors: compare this package's results with examples that WeChat published or an organiser recorded.

A vector is a JSON object with `id`, `kind` and the fields of its kind. Fields beyond the inputs are compared with our
results; fields that it leaves out are not.

| kind | inputs | compared |
| --- | --- | --- |
| `url` | token, timestamp, nonce | signature |
| `decrypt` | token, aeskey, receiver, timestamp, nonce, encrypt | signature, msg_signature, random, plain |
| `encrypt` | token, aeskey, receiver, timestamp, nonce, random, plain | signature, msg_signature, encrypt |
| `jssdk` | noncestr, ticket, timestamp, url | signature |
| `wxa_sig` | session_key, raw_data (or rawData) | signature |
| `wxa_data` | appid, session_key, iv, data | openId, unionId, plain (text or object) |

Promises: a broken vector is reported as a difference that says what is wrong with it, never as an exception.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from gateway.wechat import crypto, jssdk, miniprogram, signature
from gateway.wechat.errors import WeChatError

SHOWN_MAX_CHARS = 60
Vector = Mapping[str, Any]
Results = dict[str, Any]


class _MissingField(Exception):
    """A vector lacks a field that its kind needs."""


def differences(vector: Any) -> list[str]:
    """Compare one test vector with this package's results; return each difference as a text, or an empty list."""
    if not isinstance(vector, dict):
        return ["不是对象 / not an object"]
    kind = vector.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        return [f"类型未知 / the kind is none of {', '.join(_KINDS)}"]
    compute, compared = _KINDS[kind]
    expected = {name: vector[name] for name in compared if vector.get(name) is not None}
    try:
        result = compute(vector)
    except _MissingField as missing:
        return [f"缺少字段 / the field {missing} is missing"]
    except (WeChatError, ValueError) as refusal:
        return [f"{type(refusal).__name__}: {refusal}"]
    if not expected and kind not in _PROVE_THEMSELVES:
        return [f"没有可比的字段 / nothing to compare: give {' or '.join(compared)}"]
    return [_difference(name, value, result.get(name)) for name, value in expected.items() if result.get(name) != value]


def _url(vector: Vector) -> Results:
    return {"signature": signature.sign(*_texts(vector, "token", "timestamp", "nonce"))}


def _decrypt(vector: Vector) -> Results:
    encrypted, aeskey, receiver = _texts(vector, "encrypt", "aeskey", "receiver")
    random, clear = crypto.decrypt_with_random(encrypted, key=crypto.decode_key(aeskey), receiver=receiver)
    return {**_signatures(vector, encrypted), "random": random.decode("latin-1"), "plain": clear.decode()}


def _encrypt(vector: Vector) -> Results:
    plain, aeskey, receiver, random = _texts(vector, "plain", "aeskey", "receiver", "random")
    key = crypto.decode_key(aeskey)
    encrypted = crypto.encrypt(plain.encode(), key=key, receiver=receiver, random=random.encode("latin-1"))
    return {**_signatures(vector, encrypted), "encrypt": encrypted}


def _signatures(vector: Vector, encrypted: str) -> Results:
    """Return both signatures if the vector contains one of them, else nothing."""
    if not {"signature", "msg_signature"} & {name for name in vector if vector[name] is not None}:
        return {}
    parts = _texts(vector, "token", "timestamp", "nonce")
    return {"signature": signature.sign(*parts), "msg_signature": signature.sign(*parts, encrypted)}


def _jssdk(vector: Vector) -> Results:
    noncestr, ticket, timestamp, url = _texts(vector, "noncestr", "ticket", "timestamp", "url")
    return {"signature": jssdk.sign(ticket=ticket, noncestr=noncestr, timestamp=timestamp, url=url)}


def _wxa_sig(vector: Vector) -> Results:
    raw = "rawData" if "raw_data" not in vector and "rawData" in vector else "raw_data"
    raw_data, session_key = _texts(vector, raw, "session_key")
    return {"signature": miniprogram.sign(raw_data, session_key)}


def _wxa_data(vector: Vector) -> Results:
    data, iv, session_key, appid = _texts(vector, "data", "iv", "session_key", "appid")
    decrypted = miniprogram.decrypt(data, iv=iv, session_key=session_key, appid=appid)
    wanted = vector.get("plain")
    plain: Any = decrypted
    if isinstance(wanted, str) and _object(wanted) == decrypted:
        plain = wanted  # the same object, with other white space
    return {"openId": decrypted.get("openId"), "unionId": decrypted.get("unionId"), "plain": plain}


_KINDS: dict[str, tuple[Callable[[Vector], Results], tuple[str, ...]]] = {
    "url": (_url, ("signature",)),
    "decrypt": (_decrypt, ("signature", "msg_signature", "random", "plain")),
    "encrypt": (_encrypt, ("signature", "msg_signature", "encrypt")),
    "jssdk": (_jssdk, ("signature",)),
    "wxa_sig": (_wxa_sig, ("signature",)),
    "wxa_data": (_wxa_data, ("openId", "unionId", "plain")),
}

#: Kinds whose input names its receiver, so that decrypting it is a test already, without a result to compare.
_PROVE_THEMSELVES = {"decrypt", "wxa_data"}


def _texts(vector: Vector, *names: str) -> list[str]:
    """Return the named fields as texts; a number, such as a timestamp, as its digits. Raise _MissingField."""
    values = [vector.get(name) for name in names]
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise _MissingField(name)
    return [str(value) for value in values]


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _difference(name: str, expected: Any, result: Any) -> str:
    return f"{name}：应为 / expected {_short(expected)}，得到 / got {_short(result)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_MAX_CHARS else f"{text[:SHOWN_MAX_CHARS]}…"
