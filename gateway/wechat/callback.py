"""WeChat's callback: verify that a push comes from WeChat, read its message, and encode the reply.

Promises: a push becomes a message only if it is signed with the account's token; in compatible and safe mode the
signature must also cover the ciphertext, and the ciphertext must be made for this account. The plain half of a push in
compatible mode is never read, and a plain push to an account in safe mode is refused.
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
    """A verified message that WeChat pushed. `is_repeat` says that the identical request came before.

    `message.key` also identifies repeats that differ in their nonce or ciphertext.
    """

    message: messages.Message
    is_repeat: bool


def check(account: Account, query: Query, *, now_s: int) -> str:
    """Verify WeChat's check of the callback URL, and return the `echostr` to answer it with. Raise NotWeChat."""
    signature.check(query.get("signature", ""), account.token, query.get("timestamp", ""), query.get("nonce", ""))
    signature.check_time(query.get("timestamp", ""), now_s=now_s)
    return query.get("echostr", "")


def read(account: Account, query: Query, body: bytes, *, nonces: Nonces, now_s: int) -> Push:
    """Verify that a push comes from WeChat, decrypt it and return its message. Raise NotWeChat.

    `nonces` remembers the requests that were accepted, so that a replay with another body is refused.
    """
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if account.mode == "plain":
        signature.check(query.get("signature", ""), account.token, timestamp, nonce)
        clear = body
    else:
        encrypted = _ciphertext(body)
        signature.check(query.get("msg_signature", ""), account.token, timestamp, nonce, encrypted)
        key = crypto.decode_key(account.aeskey)
        clear = crypto.decrypt(encrypted, key=key, receiver=account.appid)
    message = messages.read(clear)
    if account.original_id and message.account != account.original_id:
        raise BadMessage("addressed to another account")
    return Push(message, is_repeat=not nonces.admit(timestamp, nonce, body=clear, now_s=now_s))


def reply_body(account: Account, reply: str | None, *, now_s: int) -> str:
    """Return the response body for a push: the reply, encrypted unless the account is in plain mode.

    Without a reply it is `success`, which tells WeChat not to push the message again.
    """
    if reply is None:
        return replies.SUCCESS
    if account.mode == "plain":
        return reply
    key = crypto.decode_key(account.aeskey)
    random = secrets.token_hex(crypto.RANDOM // 2).encode()
    encrypted = crypto.encrypt(reply.encode(), key=key, receiver=account.appid, random=random)
    return replies.envelope(account, encrypted, timestamp=str(now_s), nonce=str(secrets.randbelow(10**10)))


def _ciphertext(body: bytes) -> str:
    encrypted = messages.fields(body).get("Encrypt")
    if not encrypted:
        raise BadSignature("no ciphertext, and the account is not in plain mode")
    return encrypted
