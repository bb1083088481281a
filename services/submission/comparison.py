"""The difference between two versions of an entry, for a page that shows them side by side.

Promises: the pieces of a text that are `same` or `removed` make up the text before, those that are `same` or `added`
the text after. The functions are pure, and their time is bounded: long paragraphs that differ are not compared by
character.
"""

from difflib import SequenceMatcher
from typing import Any

from services.submission.events import EntrySubmitted, File

CHARACTER_PRODUCT_MAX = 1_000_000  # of the lengths of two paragraphs that are compared by character
SAME, REMOVED, ADDED = "same", "removed", "added"

Piece = dict[str, str]


def differences(before: EntrySubmitted, after: EntrySubmitted) -> dict[str, Any]:
    """Return what changed from one version to another: each text that differs in pieces, and the lists that differ."""
    texts = {
        name: text_pieces(one, other)
        for name, one, other in (
            ("title", before.title, after.title),
            ("profile", before.profile, after.profile),
            ("text", before.text, after.text),
            ("h5", before.h5 or "", after.h5 or ""),
        )
        if one != other
    }
    uses = [{each.part: each.extent for each in version.ai or ()} for version in (before, after)]
    return {
        "texts": texts,
        "themes": {
            "added": [each for each in after.themes if each not in before.themes],
            "removed": [each for each in before.themes if each not in after.themes],
        },
        "files": file_differences(before.files, after.files),
        "ai": [
            {"part": part, "before": uses[0].get(part), "after": uses[1].get(part)}
            for part in sorted({*uses[0], *uses[1]})
            if uses[0].get(part) != uses[1].get(part)
        ],
    }


def text_pieces(before: str, after: str) -> list[Piece]:
    """Return a text as pieces `{"op", "text"}` that are the same, removed, or added: by line, and within changed lines
    by character.
    """
    one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    for op, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        removed, added = "".join(one[a:b]), "".join(other[c:d])
        if op == "replace" and len(removed) * len(added) <= CHARACTER_PRODUCT_MAX:
            for kind, i, j, k, m in SequenceMatcher(None, removed, added, autojunk=False).get_opcodes():
                _append(pieces, kind, removed[i:j], added[k:m])
        else:
            _append(pieces, op, removed, added)
    return pieces


def file_differences(before: tuple[File, ...], after: tuple[File, ...]) -> list[dict[str, Any]]:
    """Return each file that was added or removed, stands in another place, or has another name, caption, alt text or
    captions of a film.
    """
    places = [{each.sha256: place for place, each in enumerate(files)} for files in (before, after)]
    found = []
    for sha256 in [*places[0], *(each for each in places[1] if each not in places[0])]:
        was, now = (index.get(sha256) for index in places)
        old = before[was] if was is not None else None
        new = after[now] if now is not None else None
        changes = [
            {"field": field, "before": getattr(old, field), "after": getattr(new, field)}
            for field in ("name", "caption", "alt", "subtitles")
            if old is not None and new is not None and getattr(old, field) != getattr(new, field)
        ]
        if was != now or changes:
            shown = new or old
            assert shown is not None  # it is in one of the two
            found.append(
                {
                    "sha256": sha256,
                    "name": shown.name,
                    "kind": shown.kind,
                    "before": was,
                    "after": now,
                    "changes": changes,
                }
            )
    return found


def _append(pieces: list[Piece], op: str, removed: str, added: str) -> None:
    new = [(SAME, removed)] if op == "equal" else [(REMOVED, removed), (ADDED, added)]
    for kind, text in new:
        if not text:
            continue
        if pieces and pieces[-1]["op"] == kind:
            pieces[-1]["text"] += text
        else:
            pieces.append({"op": kind, "text": text})
