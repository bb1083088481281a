"""The rule for every text that stands in one line of a list, a page, a reply or a certificate.

Titles, names of units, staff, cities and employers, labels, contacts and short reasons are such texts.
Promises: a text without a flaw shows something, stands in one line, and changes neither the direction of what stands
beside it nor anything else around it. The functions are pure.
Does not promise a text without markup: `<b>` is a lawful title. Whoever puts a text into HTML, XML, a chat or a
document escapes it there.
"""

from dataclasses import dataclass
from unicodedata import category

from shared.names import is_visible

LINE_BREAK, CONTROL, DIRECTION, PRIVATE, NOTHING = FLAWS = (
    "line-break",
    "control-characters",
    "direction-characters",
    "private-characters",
    "nothing-visible",
)
_LINE_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class TextFlaw:
    """What is wrong with a short text: a code of FLAWS, and the first character that is at fault, as `U+202E`."""

    code: str
    character: str = ""


def flaw(text: str) -> TextFlaw | None:
    """Return the first flaw of a short text, or None. A text of nothing but blanks has none: it is a missing text."""
    for sign in text:
        code = _flaw_of(sign)
        if code is not None:
            return TextFlaw(code, f"U+{ord(sign):04X}")
    return TextFlaw(NOTHING) if text.strip() and not is_visible(text) else None


def one_line(text: str) -> str:
    """Return a text that was stored before the rule, as one visible line: a break becomes a blank, the rest goes."""
    signs = (" " if sign in _LINE_BREAKS or sign == "\t" else "" if _flaw_of(sign) else sign for sign in text)
    return " ".join("".join(signs).split())


def _flaw_of(sign: str) -> str | None:
    if sign in _LINE_BREAKS:
        return LINE_BREAK
    if sign in _DIRECTIONS:
        return DIRECTION
    kind = category(sign)
    if kind in ("Cc", "Cs") or _is_noncharacter(ord(sign)):
        return CONTROL
    return PRIVATE if kind == "Co" else None


def _is_noncharacter(number: int) -> bool:
    return number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
