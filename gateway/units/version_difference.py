"""Two versions of an entry side by side: what was removed and what was added, by field, marked within texts.

The module is pure. Long texts are compared sentence by sentence first, so that the work stays small.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

FIELDS = ("title", "profile", "text", "themes", "h5", "files")
CLOSE_CHARS = 600  # replaced passages up to this length are compared character by character
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text, and whether the other version has it too."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field of two versions: the passages of each, and whether they are the same."""

    field: str
    left: tuple[Passage, ...]
    right: tuple[Passage, ...]
    same: bool


def differences(
    left: Mapping[str, Any], right: Mapping[str, Any], *, theme_names: Mapping[str, str]
) -> list[FieldDifference]:
    """Return all fields of two versions, each as a service returns it, in the order of the form."""
    found = []
    for name in FIELDS:
        one, other = (_as_text(name, each.get(name), theme_names) for each in (left, right))
        before, after = compare_texts(one, other)
        found.append(FieldDifference(name, before, after, one == other))
    return found


def compare_texts(left: str, right: str) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    """Return both texts as passages; those that the other text lacks are marked as changed."""
    one, other = _SENTENCE.findall(left), _SENTENCE.findall(right)
    lefts, rights = [], []
    for before, after in _blocks(one, other):
        if before == after:
            lefts.append(Passage(before))
            rights.append(Passage(after))
            continue
        parts = [(before, after)] if max(len(before), len(after)) > CLOSE_CHARS else _blocks(before, after)
        for old, new in parts:
            lefts.append(Passage(old, changed=old != new))
            rights.append(Passage(new, changed=old != new))
    return _joined(lefts), _joined(rights)


def _blocks(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the corresponding passages of two sequences of texts, in order."""
    for _, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield "".join(one[a:b]), "".join(other[c:d])


def _joined(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Join neighbours that are alike, and drop empty ones."""
    found: list[Passage] = []
    for each in passages:
        if not each.text:
            continue
        if found and found[-1].changed == each.changed:
            found[-1] = Passage(found[-1].text + each.text, each.changed)
        else:
            found.append(each)
    return tuple(found)


def _as_text(name: str, value: Any, theme_names: Mapping[str, str]) -> str:
    if name == "themes":
        return "\n".join(theme_names.get(each, each) for each in value or ())
    if name == "files":
        return "\n".join(each.get("name") or each["sha256"][:8] for each in value or ())
    return value or ""
