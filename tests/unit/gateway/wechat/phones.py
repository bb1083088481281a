"""Requests that the tests of this folder send as WeChat's servers would."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.wechat import crypto, signature
from gateway.wechat.account import Account

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text())
NOW_S = 1_714_112_445
ACCOUNT = Account(
    appid="wxba5fad812f8e6fb9",
    original_id="gh_97417a04a28d",
    secret="a secret",
    token="AAAAA",
    aeskey="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
)
PLAIN = replace(ACCOUNT, mode="plain")
RANDOM = b"0123456789abcdef"


def vector(id: str) -> dict[str, Any]:
    return next(each for each in VECTORS if each["id"] == id)


def xml(**fields: Any) -> bytes:
    """Return the XML of a push from a person to the account."""
    said = {"ToUserName": ACCOUNT.original_id, "FromUserName": "oPerson", "CreateTime": NOW_S, **fields}
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in said.items())}</xml>".encode()


def like(text: str = "赞 A012", **fields: Any) -> bytes:
    return xml(MsgType="text", Content=text, MsgId="6054768590064713728", **fields)


def query(*parts: str, at_s: int = NOW_S, nonce: str = "415670741") -> dict[str, str]:
    """Return the query of a push; with a ciphertext among the parts, that of safe mode."""
    said = {"timestamp": str(at_s), "nonce": nonce}
    said["signature"] = signature.sign(ACCOUNT.token, str(at_s), nonce)
    if parts:
        said |= {"encrypt_type": "aes", "msg_signature": signature.sign(ACCOUNT.token, str(at_s), nonce, *parts)}
    return said


def encrypted(clear: bytes, *, receiver: str = ACCOUNT.appid) -> str:
    return crypto.encrypt(clear, key=crypto.decode_key(ACCOUNT.aeskey), receiver=receiver, random=RANDOM)


def envelope(ciphertext: str) -> bytes:
    said = f"<ToUserName>{ACCOUNT.original_id}</ToUserName><Encrypt><![CDATA[{ciphertext}]]></Encrypt>"
    return f"<xml>{said}</xml>".encode()
