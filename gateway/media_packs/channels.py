"""Limits of each channel for texts and pictures, and the texts of a post within those limits.

Lengths are in characters. The sources, as known at the time of writing, follow; a channel may change its limits at any
time, so check again before posting:
- WeChat article: title 64, author 8, digest 120; cover 900 x 383 (2.35:1), small picture 300 x 300: the limits of the
  platform's own editor, as collected at imagebunk.com/zh/picture_482443.
- Video account (视频号): short title 6 to 16, of letters, digits and a few signs: `format_str_for_short_title` of the
  project dreammis/social-auto-upload.
- Douyin (抖音): title 30: `self.title[:30]` in the same project's `uploader/douyin_uploader/main.py`.
- From memory, without a source: texts of 1,000 in both of these and of 20,000 in an article, five tags, and the shapes
  of the covers of both (3:4 with 16:9, 3:4 with 4:3).

Promises: no text is longer than its channel allows, a shortened text ends in `…`, and the same entry gives the same
texts.
Does not promise a good headline: a person reads it before posting.
"""

import unicodedata
from dataclasses import dataclass

_SHORT_SIGNS = "《》“”:：+＋?？%％°"
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Size:
    """A cover picture that a channel needs: its file name, and its size in pixels."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Channel:
    """The limits of one channel (a platform on which the organiser posts), in characters.

    A length of 0 means that the channel has no such text. `widest` is the greatest width in pixels of the pictures in
    the text.
    """

    code: str
    zh: str
    title: int
    text: int
    covers: tuple[Size, ...]
    short_title: tuple[int, int] = (0, 0)
    digest: int = 0
    author: int = 0
    tags: int = 0
    widest: int = 1080


CHANNELS = {
    each.code: each
    for each in (
        Channel(
            "wechat",
            "微信公众号",
            title=64,
            digest=120,
            author=8,
            text=20_000,
            covers=(Size("cover", 900, 383), Size("cover-small", 300, 300)),
        ),
        Channel(
            "channels",
            "视频号",
            title=0,
            short_title=(6, 16),
            text=1_000,
            tags=5,
            covers=(Size("cover", 1080, 1440), Size("cover-wide", 1080, 608)),
        ),
        Channel(
            "douyin",
            "抖音",
            title=30,
            text=1_000,
            tags=5,
            covers=(Size("cover", 1080, 1440), Size("cover-wide", 1440, 1080)),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Story:
    """The texts of an entry from which posts are made.

    `mark` says that the result is provisional, and is empty once it is final. `ai` names the parts that artificial
    intelligence made or altered; every post must carry it where there are any.
    """

    campaign: str
    title: str
    unit: str
    city: str
    type: str
    themes: tuple[str, ...]
    profile: str
    text: str
    url: str
    mark: str
    ai: str = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """The texts of one post, as pairs: the name of a field in the channel's form, and its text."""

    fields: tuple[tuple[str, str], ...]

    def lines(self) -> str:
        """Return all texts of the post as one, each below the name of its field, for a person to copy from."""
        return "\n\n".join(f"【{name}】\n{text}" for name, text in self.fields) + "\n"


def caption(channel: Channel, story: Story) -> Caption:
    """Return the texts of a post about this entry, within the limits of the channel."""
    tags = "".join(f" #{_tag(each)}" for each in (story.campaign, *story.themes)[: channel.tags])
    whole = {
        "标题": shorten(f"{story.title}｜{story.unit}", channel.title),
        "短标题": short_title(story.title, channel.short_title),
        "作者": shorten(story.unit, channel.author),
        "内容标识": story.ai,
        "摘要": shorten(_with_mark(story.mark, story.profile or story.text), channel.digest),
        "正文": _text(channel, story, tags),
    }
    return Caption(tuple((name, text) for name, text in whole.items() if text))


def shorten(text: str, most: int) -> str:
    """Put a text on one line and cut it to at most `most` characters. A text that was cut ends in `…`.

    With `most=0` return an empty text.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return line if len(line) <= most else line[: most - 1] + _ELLIPSIS if most else ""


def short_title(title: str, lengths: tuple[int, int]) -> str:
    """Reduce a title to the characters that a short title may have, and cut or extend it to the allowed lengths.

    `lengths` are the least and the most characters; with a most of 0 return an empty text.
    """
    least, most = lengths
    if not most:
        return ""
    short = "".join(each for each in unicodedata.normalize("NFC", title) if each.isalnum() or each in _SHORT_SIGNS)
    if len(short) < least:
        short = f"{short or '单位'}{'的' if len(short) == 1 else ''}成果展播"
    return short[:most]


def _text(channel: Channel, story: Story, tags: str) -> str:
    origin = "，".join(filter(None, (story.city, story.type)))
    head = _with_mark(story.mark, f"{story.unit}（{origin}）" if origin else story.unit)
    label = f"{story.ai}\n" if story.ai else ""
    tail = f"\n{label}全文：{story.url}{tags and chr(10)}{tags.strip()}"
    room = channel.text - len(head) - len(tail) - 2
    body = "\n".join(part.strip() for part in (story.profile, story.text) if part.strip())
    body = unicodedata.normalize("NFC", body)
    if len(body) > room:
        body = body[: max(room - 1, 0)] + _ELLIPSIS
    return f"{head}\n{body}\n{tail.strip()}"[: channel.text]


def _with_mark(mark: str, text: str) -> str:
    return f"（{mark}）{text}" if mark else text


def _tag(text: str) -> str:
    """Keep only letters and digits, for a tag ends at the first other character."""
    return "".join(each for each in text if each.isalnum())
