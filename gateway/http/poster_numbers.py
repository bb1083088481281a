"""`赞 A012` as people type it: which poster number does a message name?

Promises: full-width letters and digits, blanks and common signs anywhere around or between, and small letters name the
same number; a message that says more than a like names none, for a question is no like.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

TEXT_MAX_CHARS = 64  # no like is longer
_LIKES = ("赞", "点赞", "点个赞", "投", "like")
_BEFORE = "|".join(
    [*_LIKES, "给", "我给", "我要给", *(f"我要{each}" for each in _LIKES), *(f"我{each}" for each in _LIKES)]
)
_AFTER = "|".join(("号", *_LIKES))
_NUMBER = re.compile(rf"(?:{_BEFORE})?([A-Z])(0*[0-9]{{1,6}})(?:{_AFTER})?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s\u200b-\u200f\ufeff:,.!+#~*_\-/|;'\"、。·《》「」『』【】()\[\]<>“”‘’]+")


@lru_cache(maxsize=8_192)  # all poster numbers are read for every message
def number_in(text: str) -> tuple[str, int] | None:
    """The letter and the count of the poster number that a message likes; None where it is no like."""
    if len(text) > TEXT_MAX_CHARS:
        return None
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text).replace("讚", "赞"))
    found = _NUMBER.fullmatch(plain)
    return None if found is None else (found[1].upper(), int(found[2]))


def entry_in(text: str, by_number: Mapping[str, str]) -> str | None:
    """The poster number, as the posters write it, that a message likes. `A12` finds `A012`."""
    named = number_in(text)
    if named is None:
        return None
    return next((number for number in by_number if number_in(number) == named), None)
