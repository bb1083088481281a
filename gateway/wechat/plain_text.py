"""User texts in chat replies, in which WeChat makes a link of `<a href>`, of an address and of a bare domain.

Promises: a text from a unit or a page stands in the reply as one line that WeChat does not link and that no reader
takes for a link of the account: `<`, `>`, `://` and the dot of a domain are written in full width.
Does not promise to keep the bytes. Only the texts of `wechat_chat_texts.py` may hold links.
"""

import re

from shared.short_text import one_line

_DOMAIN_DOT = re.compile(r"(?<=[0-9A-Za-z\-])[.\u2024\uff61\u3002](?=[A-Za-z]{2})")
_WIDE = str.maketrans({"<": "＜", ">": "＞"})


def plain(text: str) -> str:
    """Return a text as one line without anything that WeChat would make a link of."""
    line = one_line(text).translate(_WIDE).replace("://", "：//")
    return _DOMAIN_DOT.sub("．", line)
