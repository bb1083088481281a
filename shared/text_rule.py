"""The rule for the texts of an entry: its normal form, what counts as a character, and which characters are refused.

The service counts with these functions, and a page with `gateway/static/text_rule.js`, which gets `published()` from
the service. Both are tested against the same examples (`tests/unit/shared/text_rule.json`).

Promises: the same text has the same length whatever system or keyboard it was typed on; a Chinese character counts as
one, even outside the basic plane; each refused character is named with its line and column. The functions are pure.
Does not promise the number of characters that a reader sees: an emoji that is joined from several code points counts
as several, and blanks and line ends count.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

#: Each stands for one line end. A vertical tab is the line break of Word within a paragraph.
LINE_ENDS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
#: What is dropped at both ends of a text of one line. The sets of the two languages differ, so it is spelled out.
BLANKS = "\t\n \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
CONTROL, ZERO_WIDTH, DIRECTION, PRIVATE, BROKEN, LINE_BREAK = (
    "control",
    "zero-width",
    "direction",
    "private",
    "broken",
    "line-break",
)
JOINER = 0x200D
#: Between two of these the joiner makes one emoji of them, and is not refused.
JOINED = ((0x00A9, 0x00A9), (0x00AE, 0x00AE), (0x2190, 0x2BFF), (0x3030, 0x303D), (0xFE0F, 0xFE0F), (0x1F000, 0x1FAFF))
_PLANES_END = tuple((plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF) for plane in range(1, 17))
#: First and last code point, kind, and what the character is, in Chinese and English. In ascending order.
REFUSED: tuple[tuple[int, int, str, str, str], ...] = tuple(
    sorted(
        (
            (0x00, 0x08, CONTROL, "控制字符", "control character"),
            (0x0E, 0x1F, CONTROL, "控制字符", "control character"),
            (0x7F, 0x84, CONTROL, "控制字符", "control character"),
            (0x86, 0x9F, CONTROL, "控制字符", "control character"),
            (0xAD, 0xAD, ZERO_WIDTH, "软连字符", "soft hyphen"),
            (0x034F, 0x034F, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0x061C, 0x061C, DIRECTION, "文字方向控制符", "direction mark"),
            (0x115F, 0x1160, ZERO_WIDTH, "不可见的填充符", "invisible filler"),
            (0x17B4, 0x17B5, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0x180E, 0x180E, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0x200B, 0x200B, ZERO_WIDTH, "零宽空格", "zero-width space"),
            (0x200C, 0x200C, ZERO_WIDTH, "零宽不连字", "zero-width non-joiner"),
            (0x200D, 0x200D, ZERO_WIDTH, "零宽连字", "zero-width joiner"),
            (0x200E, 0x200F, DIRECTION, "文字方向控制符", "direction mark"),
            (0x202A, 0x202E, DIRECTION, "文字方向控制符", "direction mark"),
            (0x2060, 0x2064, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0x2066, 0x2069, DIRECTION, "文字方向控制符", "direction mark"),
            (0x206A, 0x206F, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0x3164, 0x3164, ZERO_WIDTH, "不可见的填充符", "invisible filler"),
            (0xD800, 0xDFFF, BROKEN, "残缺字符", "half of a character"),
            (0xE000, 0xF8FF, PRIVATE, "自造字（别人看不到）", "private-use character, which others cannot see"),
            (0xFDD0, 0xFDEF, BROKEN, "无效字符", "invalid character"),
            (0xFEFF, 0xFEFF, ZERO_WIDTH, "字节顺序标记", "byte order mark"),
            (0xFFA0, 0xFFA0, ZERO_WIDTH, "不可见的填充符", "invisible filler"),
            (0xFFF9, 0xFFFB, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0xFFFE, 0xFFFF, BROKEN, "无效字符", "invalid character"),
            (0x1BCA0, 0x1BCA3, ZERO_WIDTH, "零宽字符", "zero-width character"),
            (0x1D173, 0x1D17A, ZERO_WIDTH, "零宽字符", "zero-width character"),
            *((first, last, BROKEN, "无效字符", "invalid character") for first, last in _PLANES_END),
            (0xE0000, 0xE007F, ZERO_WIDTH, "不可见的标签字符", "invisible tag character"),
            (0xF0000, 0xFFFFD, PRIVATE, "自造字（别人看不到）", "private-use character, which others cannot see"),
            (0x100000, 0x10FFFD, PRIVATE, "自造字（别人看不到）", "private-use character, which others cannot see"),
        )
    )
)
#: What breaks a text of one line.
BREAKS = ((0x09, "制表符", "tab"), (0x0A, "换行", "line break"))
PLACES_NAMED = 10
_FIRSTS = [each[0] for each in REFUSED]
_LINE_END = re.compile("|".join(map(re.escape, LINE_ENDS)))


@dataclass(frozen=True, slots=True)
class RefusedCharacter:
    """A character that is refused, with its place in the normal form: line and column count from 1."""

    line: int
    column: int
    character: str  # as U+200B
    kind: str
    zh: str
    en: str


def normal_form(text: str) -> str:
    """Return the text as it is counted and stored: each line end becomes LF, then Unicode form NFC."""
    return unicodedata.normalize("NFC", _LINE_END.sub("\n", text))


def one_line_form(text: str) -> str:
    """Return a text of one line as it is counted and stored: the normal form, without blanks at its ends."""
    return normal_form(text).strip(BLANKS)


def length(text: str) -> int:
    """Return the number of characters of a text: of Unicode code points of its normal form."""
    return len(normal_form(text))


def refused_characters(text: str, *, one_line: bool = False) -> list[RefusedCharacter]:
    """Return every refused character of a text, in order. In a text of one line, tabs and line ends are refused too."""
    found = []
    signs, line, column = normal_form(text), 1, 0
    for at, sign in enumerate(signs):
        column += 1
        number = ord(sign)
        named = _break(number) if one_line else None
        if named is None and not (number == JOINER and _joins(signs, at)):
            named = _refused(number)
        if named is not None:
            found.append(RefusedCharacter(line, column, f"U+{number:04X}", *named))
        if sign == "\n":
            line, column = line + 1, 0
    return found


def counter_text(counted: int, allowed: int) -> str:
    """Return a count and its limit as a counter shows them: `2,876 / 3,000 字`."""
    return f"{counted:,} / {allowed:,} 字"


def published() -> dict[str, Any]:
    """Return the rule as plain data, for the page's counter: what `text_rule.js` takes as `rule`."""
    return {
        "line_ends": list(LINE_ENDS),
        "blanks": BLANKS,
        "refused": [list(each) for each in REFUSED],
        "breaks": [list(each) for each in BREAKS],
        "joiner": JOINER,
        "joined": [list(each) for each in JOINED],
        "zh": "按 Unicode NFC 规范化后的字符数计算：汉字、字母、数字、标点、空格和换行各算一个字；回车换行算一个。",
        "en": "Characters are counted in Unicode form NFC: each Chinese character, letter, digit, punctuation mark, "
        "blank and line end counts as one.",
    }


def _break(number: int) -> tuple[str, str, str] | None:
    return next(((LINE_BREAK, zh, en) for each, zh, en in BREAKS if each == number), None)


def _refused(number: int) -> tuple[str, str, str] | None:
    i = bisect_right(_FIRSTS, number) - 1
    return REFUSED[i][2:] if i >= 0 and number <= REFUSED[i][1] else None


def _joins(signs: str, at: int) -> bool:
    """Return whether the joiner at this place stands between two parts of an emoji."""
    return 0 < at < len(signs) - 1 and _is_joined(signs[at - 1]) and _is_joined(signs[at + 1])


def _is_joined(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in JOINED)
