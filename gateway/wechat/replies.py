"""Passive replies: what a person sees in the chat as the answer to a push, as XML.

Promises: any text comes out as well-formed XML that says it, less the characters that XML cannot hold.
Does not promise to be sealed: `callback.answer` does that.
"""

import re
from dataclasses import dataclass

from gateway.wechat import signature
from gateway.wechat.account import Account
from gateway.wechat.messages import Message

#: Nothing to say: WeChat neither sends again nor tells the person that the service is out of order.
SUCCESS = "success"
CONTENT_MAX_BYTES = 2_048
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Article:
    """A card that opens a page."""

    title: str
    description: str
    picture: str
    url: str


def text(asked: Message, content: str, *, now_s: int) -> str:
    """A text, cut where WeChat would refuse its length."""
    cut = content.encode()[:CONTENT_MAX_BYTES].decode(errors="ignore")
    return _xml(asked, now_s, f"<MsgType>{_cdata('text')}</MsgType><Content>{_cdata(cut)}</Content>")


def news(asked: Message, article: Article, *, now_s: int) -> str:
    """One card: WeChat shows no more than one in a reply."""
    parts = {
        "Title": article.title,
        "Description": article.description,
        "PicUrl": article.picture,
        "Url": article.url,
    }
    item = "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in parts.items())
    body = f"<MsgType>{_cdata('news')}</MsgType><ArticleCount>1</ArticleCount><Articles><item>{item}</item></Articles>"
    return _xml(asked, now_s, body)


def sealed(account: Account, encrypted: str, *, timestamp: str, nonce: str) -> str:
    """The envelope of a reply in compatible and safe mode."""
    signed = signature.sign(account.token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt>{_cdata(encrypted)}</Encrypt><MsgSignature>{_cdata(signed)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def _xml(asked: Message, now_s: int, body: str) -> str:
    whose = f"<ToUserName>{_cdata(asked.person)}</ToUserName><FromUserName>{_cdata(asked.account)}</FromUserName>"
    return f"<xml>{whose}<CreateTime>{now_s}</CreateTime>{body}</xml>"


def _cdata(said: str) -> str:
    """A section ends at `]]>`, so that is said in two."""
    return f"<![CDATA[{_NOT_XML.sub('', said).replace(']]>', ']]]]><![CDATA[>')}]]>"
