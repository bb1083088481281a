"""Passive replies as XML: the answer to a push that the person sees in the chat.

Promises: any text becomes well-formed XML with the same content, without the characters that XML cannot hold.
Does not encrypt: `callback.reply_body` does that.
"""

import re
from dataclasses import dataclass

from gateway.wechat import signature
from gateway.wechat.account import Account
from gateway.wechat.messages import Message

#: The empty reply: WeChat does not send the push again, and does not tell the person that the service is broken.
SUCCESS = "success"
CONTENT_MAX_BYTES = 2_048
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Article:
    """A card in the chat that shows a title, a description and a picture, and opens a page."""

    title: str
    description: str
    picture: str
    url: str


def text(push: Message, content: str, *, now_s: int) -> str:
    """Return the XML of a reply to `push` with this text, cut to the length that WeChat accepts."""
    cut = content.encode()[:CONTENT_MAX_BYTES].decode(errors="ignore")
    return _xml(push, now_s, f"<MsgType>{_cdata('text')}</MsgType><Content>{_cdata(cut)}</Content>")


def news(push: Message, article: Article, *, now_s: int) -> str:
    """Return the XML of a reply to `push` with one card; WeChat shows no more than one card in a reply."""
    parts = {
        "Title": article.title,
        "Description": article.description,
        "PicUrl": article.picture,
        "Url": article.url,
    }
    item = "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in parts.items())
    body = f"<MsgType>{_cdata('news')}</MsgType><ArticleCount>1</ArticleCount><Articles><item>{item}</item></Articles>"
    return _xml(push, now_s, body)


def envelope(account: Account, encrypted: str, *, timestamp: str, nonce: str) -> str:
    """Return the XML that carries an encrypted reply in compatible and safe mode. The account's token signs it."""
    signed = signature.sign(account.token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt>{_cdata(encrypted)}</Encrypt><MsgSignature>{_cdata(signed)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def _xml(push: Message, now_s: int, body: str) -> str:
    whose = f"<ToUserName>{_cdata(push.person)}</ToUserName><FromUserName>{_cdata(push.account)}</FromUserName>"
    return f"<xml>{whose}<CreateTime>{now_s}</CreateTime>{body}</xml>"


def _cdata(content: str) -> str:
    """Return the text as CDATA. A section ends at `]]>`, so each `]]>` is split between two sections."""
    return f"<![CDATA[{_NOT_XML.sub('', content).replace(']]>', ']]]]><![CDATA[>')}]]>"
