"""One-time subscription messages (一次性订阅消息): WeChat's page on which a person agrees to one message.

Promises: the URL has the parameters in WeChat's order, and the fragment that WeChat requires.
Does not promise that the openid which comes back is that of the person in this browser: WeChat adds it to the URL in
clear. A message to an openid that did not agree is refused by WeChat (43101).
"""

from urllib.parse import urlencode

from gateway.wechat.account import Account

PAGE = "/mp/subscribemsg"
CONFIRM = "confirm"  # the action of a person who agreed


def subscribe_url(account: Account, *, base: str, scene: int, redirect: str, reserved: str) -> str:
    """Return the URL of WeChat's page, on the host `base`, that asks a person to agree to one message.

    `scene` is the number of what the message is about; WeChat counts one consent for each. The page sends the browser
    back to the URL `redirect`, with `openid`, `template_id`, `action`, `scene` and `reserved`, which has at most 128
    letters and digits.
    """
    query = {
        "action": "get_confirm",
        "appid": account.appid,
        "scene": str(scene),
        "template_id": account.template_id,
        "redirect_url": redirect,
        "reserved": reserved,
    }
    return f"{base}{PAGE}?{urlencode(query)}#wechat_redirect"
