"""Signature that lets a page use WeChat's JavaScript SDK (`wx.config`).

Promises: the page's URL is signed without its fragment, as WeChat's client does. Stores no JS ticket.
"""

import hashlib
import secrets

from gateway.wechat.account import Account

NONCE_BYTES = 8


def sign(*, ticket: str, noncestr: str, timestamp: str, url: str) -> str:
    """Return the signature (hex SHA-1) with which WeChat's client lets the page at `url` use its functions.

    `ticket` is the JS ticket; `url` is as the browser shows it, and its fragment is left out.
    """
    page, _, _ = url.partition("#")
    text = f"jsapi_ticket={ticket}&noncestr={noncestr}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(text.encode()).hexdigest()


def config(account: Account, *, ticket: str, url: str, now_s: int) -> dict[str, str | int]:
    """Return the arguments of `wx.config` for the page at `url`.

    The page itself adds the functions that it wants to call.
    """
    noncestr = secrets.token_hex(NONCE_BYTES)
    signature = sign(ticket=ticket, noncestr=noncestr, timestamp=str(now_s), url=url)
    return {"appId": account.appid, "timestamp": now_s, "nonceStr": noncestr, "signature": signature}
