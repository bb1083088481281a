"""The texts of letters: defaults in Chinese and English, and how a text's places are filled.

Promises: only the places that are listed here are filled, in one pass, so that what a unit typed is never read as a
place; a text names no person. Does not promise that a campaign's own text says what the default says.
"""

import re
from collections.abc import Mapping
from typing import Any

#: What a text may name in braces. `{link}` is filled in when the letter is sent, since it is a secret.
PLACES = frozenset(
    {
        "answer", "campaign", "end", "entry", "letter", "link", "number", "organiser", "page", "reasons", "start",
        "unit", "until",
    }
)  # fmt: skip
LANGUAGES = ("zh", "en")
_PLACE = re.compile(r"\{([a-z]+)\}")
_END = {"zh": "\n\n{organiser}", "en": "\n\n{organiser}"}
#: Titles of cards in WeChat, which hold at most 15 characters.
_TOPICS = {
    "review": {"zh": "审核进度通知", "en": "Entry review"},
    "result": {"zh": "评选结果通知", "en": "Result"},
    "news": {"zh": "活动通知", "en": "Campaign news"},
}
#: kind -> language -> title and words.
DEFAULTS: dict[str, dict[str, tuple[str, str]]] = {
    "invitation": {
        "zh": (
            "{campaign}：邀请贵单位参加",
            "诚邀贵单位参加{campaign}。请在 {until} 之前打开下面的链接开通账号，链接只能使用一次，请勿转发：\n{link}",
        ),
        "en": (
            "{campaign}: an invitation to take part",
            "Your union is invited to take part in {campaign}. Please open this link before {until} to set up "
            "your account. It works once; please do not pass it on:\n{link}",
        ),
    },
    "approved": {
        "zh": ("《{entry}》审核通过", "{unit}：\n\n贵单位的成果《{entry}》已通过审核。\n进度见 {page}"),
        "en": ("“{entry}” has been approved", "To {unit}:\n\nYour entry “{entry}” has been approved.\nSee {page}"),
    },
    "returned": {
        "zh": (
            "《{entry}》退回修改，{until} 前重新提交",
            "{unit}：\n\n贵单位的成果《{entry}》需要修改：\n{reasons}\n\n请在 {until} 之前修改并重新提交：{page}",
        ),
        "en": (
            "“{entry}” needs changes by {until}",
            "To {unit}:\n\nYour entry “{entry}” needs changes:\n{reasons}\n\n"
            "Please hand it in again before {until}: {page}",
        ),
    },
    "rejected": {
        "zh": (
            "《{entry}》未通过审核",
            "{unit}：\n\n贵单位的成果《{entry}》未通过审核：\n{reasons}\n\n如有异议，可在 {page} 提出申诉。",
        ),
        "en": (
            "“{entry}” has not been accepted",
            "To {unit}:\n\nYour entry “{entry}” has not been accepted:\n{reasons}\n\n"
            "If you disagree, you can appeal at {page}.",
        ),
    },
    "disqualified": {
        "zh": (
            "《{entry}》被取消资格",
            "{unit}：\n\n贵单位的成果《{entry}》被取消资格：\n{reasons}\n\n如有异议，可在 {page} 提出申诉。",
        ),
        "en": (
            "“{entry}” has been disqualified",
            "To {unit}:\n\nYour entry “{entry}” has been disqualified:\n{reasons}\n\n"
            "If you disagree, you can appeal at {page}.",
        ),
    },
    "shortlisted": {
        "zh": (
            "《{entry}》入围，编号 {number}",
            "{unit}：\n\n贵单位的成果《{entry}》已入围，海报编号 {number}。海报和二维码见 {page}",
        ),
        "en": (
            "“{entry}” is on the shortlist as {number}",
            "To {unit}:\n\nYour entry “{entry}” is on the shortlist with the poster number {number}. "
            "The poster and its QR code are at {page}",
        ),
    },
    "result": {
        "zh": (
            "{campaign}：结果开始公示",
            "{unit}：\n\n{campaign}的结果已开始公示。贵单位的成果《{entry}》（{number}）的结果见 {page}，"
            "公示期内可提出异议。",
        ),
        "en": (
            "{campaign}: the result is on public notice",
            "To {unit}:\n\nThe result of {campaign} is on public notice. For your entry “{entry}” ({number}) "
            "see {page}. Objections are taken during the notice.",
        ),
    },
    "outage": {
        "zh": (
            "{campaign}：点赞延长至 {until}",
            "{unit}：\n\n{start} 至 {end} 无法点赞，原因：{reasons}。点赞因此延长至 {until}。"
            "已有的点赞照常有效，贵单位的成果《{entry}》（{number}）无需任何操作。",
        ),
        "en": (
            "{campaign}: likes are open until {until}",
            "To {unit}:\n\nLikes could not be given from {start} to {end}, because of: {reasons}. They are therefore "
            "open until {until}. Likes so far count as before; you need not do anything for your entry “{entry}” "
            "({number}).",
        ),
    },
    "outage-revoked": {
        "zh": (
            "{campaign}：点赞不再延长，{until} 结束",
            "{unit}：\n\n此前的通知“{letter}”作废：点赞不延长，仍于 {until} 结束。",
        ),
        "en": (
            "{campaign}: likes end at {until} after all",
            "To {unit}:\n\nOur earlier letter “{letter}” no longer holds: likes are not open for longer, and end at "
            "{until}.",
        ),
    },
    "answered": {
        "zh": (
            "主办方答复了贵单位的提问",
            "{unit}：\n\n您的提问已有答复：\n{answer}\n\n提问和答复见 {page}",
        ),
        "en": (
            "The organiser has answered your question",
            "To {unit}:\n\nYour question has been answered:\n{answer}\n\nYou can read both at {page}",
        ),
    },
    "corrected": {
        "zh": (
            "更正：此前的通知“{letter}”不再有效",
            "{unit}：\n\n此前发给贵单位的通知“{letter}”所述的决定已撤销，请以本通知为准。"
            "成果《{entry}》将重新审核，进度见 {page}",
        ),
        "en": (
            "Correction: “{letter}” no longer holds",
            "To {unit}:\n\nThe decision in our earlier letter “{letter}” has been taken back. Your entry “{entry}” "
            "is being reviewed again; see {page}",
        ),
    },
}  # fmt: skip
_ITEMS = {
    "title": ("标题", "Title"), "profile": ("单位简介", "Profile"), "text": ("正文", "Text"),
    "themes": ("主题", "Themes"), "pictures": ("图片", "Pictures"), "video": ("视频", "Video"),
    "audio": ("音频", "Audio"), "h5": ("H5 链接", "H5 link"), "declarations": ("声明", "Declarations"),
    "other": ("其它", "Other"),
}  # fmt: skip
#: Items of which an entry may have several, by what stands before their place, which counts from 0.
_NUMBERED = {"files": ("文件 {n}", "File {n}"), "captions": ("文件 {n} 的字幕", "Captions of file {n}")}
Texts = Mapping[str, Mapping[str, Any]]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return a text whose places are filled; a place without a fact stays as it is."""
    return _PLACE.sub(lambda found: facts.get(found[1], found[0]), text)


def unknown_places(text: str) -> list[str]:
    """Return the places of a text that nothing fills."""
    return sorted({found for found in _PLACE.findall(text)} - PLACES)


def letter(kind: str, lang: str, facts: Mapping[str, str], own: Texts) -> tuple[str, str]:
    """Return title and words of a letter of this kind. `own` are the campaign's own texts, kind -> key -> text."""
    title, words = DEFAULTS[kind][lang]
    texts = own.get(kind, {})
    title, words = texts.get(f"title_{lang}", title), texts.get(f"words_{lang}", words + _END[lang])
    return " ".join(fill(title, facts).split()), fill(words, facts).strip()


def topic_title(topic: str, lang: str) -> str:
    """Return the title of a card in WeChat about a topic, of at most 15 characters."""
    return _TOPICS[topic][lang]


def item_name(item: str, lang: str) -> str:
    """Return what people call an item of an entry: `files/0` is the first file, `captions/0` are its captions."""
    at = LANGUAGES.index(lang)
    part, _, place = item.partition("/")
    if part in _NUMBERED:
        return _NUMBERED[part][at].format(n=int(place) + 1 if place.isdecimal() else 0)
    return _ITEMS.get(item, (item, item))[at]
