"""Find the characters of a text that a font has no glyph for, and a font that has them all.

typst 0.15 prints a box for a missing glyph, or takes the glyph from any other font, without a word. It names a missing
glyph only where it makes a document by a PDF/A standard from the second part on (seen with 0.15.2), and only with
`fallback: false` it does not look into other fonts. So each check typesets the text by itself in that way.
Promises: a text without missing characters is set by that one font alone, upright and bold.
A variant that a selector asks for counts as missing: typst does not say whether it printed the variant or the usual
form.
Does not promise that the glyph is the right one: a font may be wrong. Private-use characters, which mean something else
in each font, are refused before by `shared.short_text`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import typst

from gateway.certificates import fonts
from shared.names import is_invisible

STANDARD = "a-2u"
_PROBE = b"""#set text(font: sys.inputs.family, fallback: false, lang: "zh", region: "cn")
#set document(title: "probe", date: datetime(year: 2000, month: 1, day: 1))
#text(sys.inputs.text)
#strong(sys.inputs.text)"""
_NOT_DISPLAYED = "could not be displayed"
_VARIANT = re.compile("[^\\s][\ufe00-\ufe0d\U000e0100-\U000e01ef]")  # a character and the selector of a variant of it


def is_missing_glyph(problem: typst.TypstError) -> bool:
    """Return whether typst refused a document because a font lacks a glyph."""
    return _NOT_DISPLAYED in str(problem)


def has_variant(text: str) -> bool:
    """Return whether a text asks for the variant of a character, which typst may replace by its usual form."""
    return bool(_VARIANT.search(text))


def face_of(text: str, families: Iterable[str]) -> str | None:
    """Return the first of the families that can set the whole text, or None: a name never changes its font midway."""
    return next((each for each in families if _sets(text, each)), None)


def missing(text: str, family: str) -> list[str]:
    """Return the characters of a text that the family has no glyph for, each once, in their order.

    A text that cannot be set although each character can, such as a joined emoji, is returned as one string.
    """
    if _sets(text, family):
        return []
    variants = _VARIANT.findall(text)
    signs = [each for each in _VARIANT.sub("", text) if not each.isspace() and not is_invisible(each)]
    return [each for each in dict.fromkeys((*variants, *signs)) if not _sets(each, family)] or [text]


@lru_cache(maxsize=4_096)
def _sets(text: str, family: str) -> bool:
    if has_variant(text):
        return False
    compiler = typst.Compiler(font_paths=fonts.installed())
    try:
        compiler.compile(
            input=_PROBE,
            sys_inputs={"text": text, "family": family},
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=0,
        )
    except typst.TypstError as problem:
        if is_missing_glyph(problem):
            return False
        raise
    return True
