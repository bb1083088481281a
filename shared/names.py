"""The one form in which names and codes are compared: units, employers, cities, people, titles, codes of a roll.

Promises: names that a reader takes for the same compare as equal: width, letter case, blanks, line breaks, invisible
signs, the kind of a dot, bracket, quotation mark or dash, and whether a dot, bracket or quotation mark is written at
all make no difference. The function is pure, and the form of a form is the form itself.
Does not promise: that simplified and traditional characters, abbreviations, or letters that only look alike compare as
equal. The form is for comparing, never for showing or storing: what people typed is shown as they typed it.
"""

import re
import unicodedata
from functools import lru_cache

#: Signs without a shape of their own that Unicode counts as marks, letters or symbols: joiners, fillers, selectors.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\U00016fe4")
#: Selectors, tags and other signs that Unicode declares to be ignored where nothing knows them.
_IGNORABLE = (range(0xFE00, 0xFE10), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
_DOTS = frozenset(".·‧•∙⋅・᛫⸱⸳ꞏ●。")
_QUOTES = frozenset("\"'`´")
_DECIMAL_POINT = re.compile(r"(?<=[0-9])\.(?=[0-9])")


def is_invisible(sign: str) -> bool:
    """Return whether a character has no shape of its own: control and format characters, joiners, selectors, fillers.

    An unassigned character counts as visible: it may be a rare Chinese character that is younger than this Python.
    """
    return (
        unicodedata.category(sign) in ("Cc", "Cf", "Cs")
        or sign in _BLANK_LETTERS
        or any(ord(sign) in each for each in _IGNORABLE)
    )


def is_visible(text: str) -> bool:
    """Return whether a reader sees anything of a text: one sign that is neither blank nor invisible."""
    return any(not (sign.isspace() or is_invisible(sign)) for sign in text)


@lru_cache(maxsize=1 << 14)  # an assignment compares every unit with every judge, and a search every title
def comparable_code(text: str) -> str:
    """Return a code in the form in which codes are compared: uniform width and case, no blank or invisible sign.

    Dots and dashes count, since `1.1` and `11` are two codes.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(_dash(sign) for sign in folded if not (sign.isspace() or is_invisible(sign)))
    # What stood apart may compose now, and what a composition gives may fold again: until nothing changes.
    return seen if seen == text else comparable_code(seen)


@lru_cache(maxsize=1 << 14)
def comparable_name(text: str) -> str:
    """Return a name in the form in which names are compared; empty where a name has no letter, figure or symbol.

    A dot between two figures counts, since 103.9 and 1039 are two numbers.
    """
    code = comparable_code(text)
    points = {each.start() for each in _DECIMAL_POINT.finditer(code)}
    form = "".join(sign for i, sign in enumerate(code) if i in points or not _is_punctuation(sign))
    return form if form == text else comparable_name(form)


def same_name(one: str, other: str) -> bool:
    """Return whether two names are the same to a reader. An empty name is the same as none, not even as itself."""
    return bool(form := comparable_name(one)) and form == comparable_name(other)


def _is_punctuation(sign: str) -> bool:
    return sign in _DOTS or sign in _QUOTES or unicodedata.category(sign) in ("Ps", "Pe", "Pi", "Pf")


def _dash(sign: str) -> str:
    return "-" if sign == "\u2212" or unicodedata.category(sign) == "Pd" else sign
