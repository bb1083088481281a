"""The marks that say which parts of an entry artificial intelligence made or altered, as the law asks for them.

人工智能生成合成内容标识办法 (in force since 2025-09-01), article 6, tells those who spread content to mark it
beside it: as made by AI if the file's own metadata say so, as perhaps made by AI if its publisher declares it,
and as suspected if there is another trace of it.
Promises: a part that the unit declared, or a file whose metadata name AI, has a mark; what the file says comes before
what the unit says. Does not promise that a part without a mark was made by people.
"""

from collections.abc import Iterable, Mapping
from typing import Any

MARKS = MADE, ALTERED, CERTAIN, SUSPECTED = ("made", "altered", "certain", "suspected")
_CERTAIN = frozenset({
    "aigc:1", "generator", "iptc:trainedAlgorithmicMedia", "iptc:compositeWithTrainedAlgorithmicMedia",
    "iptc:algorithmicMedia", "iptc:compositeSynthetic",
})  # fmt: skip
_SUSPECTED = frozenset({"aigc:2", "aigc:3"})


def marks(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the mark of each part of an entry that has one: `title`, `profile`, `text`, `h5`, or the hash
    of a file. `content` is submission's public entry.
    """
    found = {each["part"]: MADE if each["extent"] == MADE else ALTERED for each in content.get("ai", ())}
    for file in content.get("files", ()):
        labels = set(file.get("ai_labels", ()))
        if labels & _CERTAIN:
            found[file["sha256"]] = CERTAIN
        elif labels & _SUSPECTED:
            found.setdefault(file["sha256"], SUSPECTED)
    return found


def parts_in_words(content: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what each marked part is called, with its mark, in the order of the entry.

    `names` names the parts of text, and `picture`, `video` and `audio`, which get their number: `图 2`.
    """
    found = marks(content)
    words = [(names[part], found[part]) for part in ("title", "profile", "text", "h5") if part in found]
    for kind in ("picture", "video", "audio"):
        files = [each["sha256"] for each in content.get("files", ()) if each["kind"] == kind]
        words += [(f"{names[kind]} {n}", found[each]) for n, each in enumerate(files, 1) if each in found]
    return words


def sentence(parts: Iterable[tuple[str, str]], say: Mapping[str, str]) -> str:
    """Return one sentence that names the marked parts, for a text that leaves this site; empty without any."""
    by_mark: dict[str, list[str]] = {}
    for name, mark in parts:
        by_mark.setdefault(mark, []).append(name)
    return "；".join(f"{'、'.join(by_mark[mark])}：{say[mark]}" for mark in MARKS if mark in by_mark)
