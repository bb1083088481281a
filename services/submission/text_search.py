"""Search in the texts of entries, as people search: width, letter case, blanks and signs make no difference.

Promises: only the version of an entry that the public may see is searched. The same words find the same entries in
every order of asking. The form of a text is computed once for each version.
Does not promise: to find a word that is written in traditional characters by its simplified ones.
"""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from services.submission.events import EntrySubmitted
from shared.names import is_invisible

AROUND = 24  # characters before and after a match that are shown
EXACT_MOST = 50  # matches of one search whose place is looked up sign by sign; it costs a millisecond each
_OTHER_SIGNS = frozenset("\"'`´.·‧•∙⋅・᛫⸱⸳ꞏ●。")


class Match(NamedTuple):
    """Where a text matches: the words before, the match as it is written, and the words after; empty if not known."""

    before: str
    match: str
    after: str


class _Signs(dict[int, str]):
    """What becomes of each sign in the form that texts are compared in: itself, another one, or nothing."""

    def __missing__(self, code: int) -> str:
        sign, kind = chr(code), unicodedata.category(chr(code))
        is_left_out = sign.isspace() or is_invisible(sign) or sign in _OTHER_SIGNS or kind in ("Ps", "Pe", "Pi", "Pf")
        self[code] = "" if is_left_out else "-" if kind == "Pd" or sign == "\u2212" else sign
        return self[code]


_SIGNS = _Signs()


def text_form(text: str) -> str:
    """Return the form in which texts are compared; empty for a text of blanks and punctuation."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)


class TextIndex:
    """The forms of the texts of entries, each computed when it is first searched."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[EntrySubmitted, tuple[str, ...]]] = {}

    def find(self, q: str, shown: Iterable[tuple[str, EntrySubmitted]]) -> dict[str, Match]:
        """Return the entries whose profile or text holds the words `q`, each with its first match.

        `shown` are the entries with the version that the public may see. Nothing matches a query without a letter.
        """
        wanted = text_form(q)
        found: dict[str, Match] = {}
        looked_up = 0
        for entry, version in shown if wanted else ():
            texts = (version.profile, version.text)
            forms = self._form_of(entry, version, texts)
            for text, form in zip(texts, forms, strict=True):
                if wanted in form:
                    match = _as_written(text, q)
                    if match is None and looked_up < EXACT_MOST:
                        looked_up += 1
                        match = _sign_by_sign(text, wanted)
                    found[entry] = match or Match("", "", "")
                    break
        return found

    def _form_of(self, entry: str, version: EntrySubmitted, texts: tuple[str, ...]) -> tuple[str, ...]:
        known = self._forms.get(entry)
        if known is None or known[0] is not version:
            known = self._forms[entry] = (version, tuple(text_form(each) for each in texts))
        return known[1]


def _as_written(text: str, q: str) -> Match | None:
    at = text.find(q.strip())
    return None if at < 0 else _around(text, at, at + len(q.strip()))


def _sign_by_sign(text: str, wanted: str) -> Match | None:
    """Return the place of a match that is written in another way than the query."""
    form, places = "", []
    for i, sign in enumerate(text):
        part = text_form(sign)
        form += part
        places += [i] * len(part)
    at = form.find(wanted)
    return None if at < 0 else _around(text, places[at], places[at + len(wanted) - 1] + 1)


def _around(text: str, start: int, end: int) -> Match:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Match(_one_line(before), _one_line(text[start:end]), _one_line(after))


def _one_line(text: str) -> str:
    return " ".join(text.split())
