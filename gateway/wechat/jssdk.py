"""The signature with which a page may use WeChat's JavaScript (`wx.config`).

Promises: the page's address is signed without its fragment, as WeChat's client does. Keeps no ticket.
"""

import hashlib
import secrets

from gateway.wechat.account import Account

NONCE_BYTES = 8


def sign(*, ticket: str, noncestr: str, timestamp: str, url: str) -> str:
    """SHA-1 over the four, in this order, unescaped; `url` as the browser shows it."""
    page, _, _ = url.partition("#")
    said = f"jsapi_ticket={ticket}&noncestr={noncestr}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(said.encode()).hexdigest()


def config(account: Account, *, ticket: str, url: str, now_s: int) -> dict[str, str | int]:
    """What a page hands to `wx.config`, besides the list of what it wants to call."""
    noncestr = secrets.token_hex(NONCE_BYTES)
    signature = sign(ticket=ticket, noncestr=noncestr, timestamp=str(now_s), url=url)
    return {"appId": account.appid, "timestamp": now_s, "nonceStr": noncestr, "signature": signature}
