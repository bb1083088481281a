"""Poster numbers in likes by text message, such as `赞 A012`, in the many ways that people type them.

Promises: full-width and lower-case letters, and blanks and common punctuation anywhere, name the same number. A message
with any other text names no number, since a question is not a like.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

TEXT_MAX_CHARS = 64  # no message that is a like is longer
_LIKES = ("赞", "点赞", "点个赞", "投", "like")
_BEFORE = "|".join(
    [*_LIKES, "给", "我给", "我要给", *(f"我要{each}" for each in _LIKES), *(f"我{each}" for each in _LIKES)]
)
_AFTER = "|".join(("号", *_LIKES))
_NUMBER = re.compile(rf"(?:{_BEFORE})?([A-Z])(0*[0-9]{{1,6}})(?:{_AFTER})?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\u200b-\u200f\ufeff:,.!+#~*_\-/|;'\"、。·《》「」『』【】()\[\]<>“”‘’]+")


@lru_cache(maxsize=8_192)  # every message is compared with all poster numbers
def number_in(text: str) -> tuple[str, int] | None:
    """Return the letter and the number of the poster that a text message likes, or None if it is no like."""
    if len(text) > TEXT_MAX_CHARS:
        return None
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text).replace("讚", "赞"))
    match = _NUMBER.fullmatch(plain)
    return None if match is None else (match[1].upper(), int(match[2]))


def entry_in(text: str, by_number: Mapping[str, str]) -> str | None:
    """Return the poster number that a text message likes, as printed on the poster: `A12` finds `A012`.

    `by_number` has all poster numbers as keys. Return None if the message is not a like or no poster has its number.
    """
    named = number_in(text)
    if named is None:
        return None
    return next((number for number in by_number if number_in(number) == named), None)
