"""Texts as moderators read them: marked hits of machine checks, and two versions side by side.

Promises: pure functions of plain values; joining the parts of a marked text gives the text again, and joining one side
of a comparison gives that side's text again.
Does not promise the shortest difference between two texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

LONGEST_COMPARED = 4_000  # characters of a paragraph that is compared character by character


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is marked: as a hit, or as different from the other side."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph of two versions side by side; None where a version has no such paragraph."""

    before: tuple[Part, ...] | None
    after: tuple[Part, ...] | None

    @property
    def is_same(self) -> bool:
        """Whether both versions have the paragraph, unchanged."""
        return self.before == self.after


def mark_spans(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """Return the text in parts, with the characters of each span (start, end) marked.

    Spans that touch or overlap become one part; what of a span lies outside of the text is ignored.
    """
    parts: list[Part] = []
    place = 0
    for start, end in _merged(sorted((max(0, start), min(end, len(text))) for start, end in spans)):
        parts += [Part(text[place:start]), Part(text[start:end], marked=True)]
        place = end
    return tuple(each for each in (*parts, Part(text[place:])) if each.text)


def marked_paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[Part, ...], ...]:
    """Return the paragraphs of a text that are not empty, with the characters of each span of the whole text marked."""
    found, start = [], 0
    for paragraph in text.split("\n"):
        if paragraph.strip():
            found.append(mark_spans(paragraph, [(a - start, b - start) for a, b in spans]))
        start += len(paragraph) + 1
    return tuple(found)


def side_by_side(before: str, after: str) -> tuple[Pair, ...]:
    """Return the paragraphs of two versions of a text in pairs, with what differs marked on both sides."""
    old, new = before.split("\n"), after.split("\n")
    pairs: list[Pair] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += [Pair(_plain(each), _plain(each)) for each in old[a:b]]
        else:
            pairs += [_pair(*each) for each in zip_longest(old[a:b], new[c:d])]
    return tuple(pairs)


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _plain(text: str, *, marked: bool = False) -> tuple[Part, ...]:
    return (Part(text, marked=marked),) if text else ()


def _pair(before: str | None, after: str | None) -> Pair:
    if before is None or after is None:
        sides = [None if each is None else _plain(each, marked=True) for each in (before, after)]
        return Pair(sides[0], sides[1])
    if max(len(before), len(after)) > LONGEST_COMPARED:
        return Pair(_plain(before, marked=True), _plain(after, marked=True))
    old: list[Part] = []
    new: list[Part] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old += _plain(before[a:b], marked=kind != "equal")
        new += _plain(after[c:d], marked=kind != "equal")
    return Pair(tuple(old), tuple(new))
