"""WeChat's callback: is it WeChat that speaks, what does it say, and how is it answered.

Promises: nothing that is not signed with the account's token gets out of here as a message, and in compatible and safe
mode nothing that is not signed with its ciphertext and made for this account: the plain half of compatible mode is
never read, and a plain push to an account in safe mode is refused.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.wechat import crypto, messages, replies, signature
from gateway.wechat.account import Account
from gateway.wechat.errors import BadMessage, BadSignature
from gateway.wechat.signature import Nonces

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Push:
    """A message that is WeChat's. `again`: the very same request came before; `message.key` tells other repeats."""

    message: messages.Message
    again: bool


def check(account: Account, query: Query, *, now_s: int) -> str:
    """What to answer when WeChat checks the address, word for word. Raises NotWeChat."""
    signature.check(query.get("signature", ""), account.token, query.get("timestamp", ""), query.get("nonce", ""))
    signature.check_time(query.get("timestamp", ""), now_s=now_s)
    return query.get("echostr", "")


def read(account: Account, query: Query, body: bytes, *, nonces: Nonces, now_s: int) -> Push:
    """The message in a push. Raises NotWeChat."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if account.mode == "plain":
        signature.check(query.get("signature", ""), account.token, timestamp, nonce)
        clear = body
    else:
        encrypted = _ciphertext(body)
        signature.check(query.get("msg_signature", ""), account.token, timestamp, nonce, encrypted)
        key = crypto.key_of(account.aeskey)
        clear = crypto.decrypt(encrypted, key=key, receiver=account.appid)
    message = messages.read(clear)
    if account.original_id and message.account != account.original_id:
        raise BadMessage("told to another account")
    return Push(message, again=not nonces.admit(timestamp, nonce, body=clear, now_s=now_s))


def answer(account: Account, reply: str | None, *, now_s: int) -> str:
    """The body of the answer to a push: the reply, sealed where the account's messages are; `success` for none."""
    if reply is None:
        return replies.SUCCESS
    if account.mode == "plain":
        return reply
    key = crypto.key_of(account.aeskey)
    random = secrets.token_hex(crypto.RANDOM // 2).encode()
    encrypted = crypto.encrypt(reply.encode(), key=key, receiver=account.appid, random=random)
    return replies.sealed(account, encrypted, timestamp=str(now_s), nonce=str(secrets.randbelow(10**10)))


def _ciphertext(body: bytes) -> str:
    encrypted = messages.fields(body).get("Encrypt")
    if not encrypted:
        raise BadSignature("no ciphertext, and the account is not in plain mode")
    return encrypted
