"""The plain form of a draft: from the draft to the fields of the form, and from a sent form to the changed fields.

Promises: a field that the person did not touch is not sent on, whatever it has become meanwhile, because the form holds
a mark of each value as it was shown. The module is pure.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

TEXTS = ("title", "profile", "text", "h5")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed meanwhile: the value that was sent, and the stored one with its time."""

    name: str
    mine: Any
    theirs: Any
    at: int | None


def values_of(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a draft's fields by name; the fields of the form that it lacks are empty."""
    stored = {name: each["value"] for name, each in draft["fields"].items()}
    texts = {name: stored.get(name) or "" for name in TEXTS}
    lists = {name: stored.get(name) or [] for name in ("themes", "files")}
    return {**{name: value or "" for name, value in stored.items()}, **texts, **lists}


def mark(value: Any) -> str:
    """Return a short mark of a value, by which a form tells whether it was changed. All empty values have the same."""
    return hashlib.sha256(orjson.dumps(value or None, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def marks(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the marks that a form holds, by field."""
    return {name: mark(value) for name, value in values.items()}


def changes(sent: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a draft that were changed in a form that was sent. `values` are those of the draft now."""
    typed: dict[str, Any] = {name: _lines(sent[name]) for name in TEXTS if name in sent}
    typed |= {name: _lines(value) for name, value in sent.items() if name.startswith(("caption.", "ai.", "subtitles."))}
    if "was.themes" in sent:
        typed["themes"] = [name.removeprefix("theme.") for name in sent if name.startswith("theme.")]
    if any(name.startswith("place.") for name in sent):
        typed["files"] = _files(sent, values["files"])
    return {name: value for name, value in typed.items() if mark(value) != sent.get(f"was.{name}", mark(None))}


def _files(sent: Mapping[str, str], files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files in the places that were typed, without those to be removed.

    A file that the form did not show, because it was added meanwhile, stays at the end.
    """

    def place(sha256: str) -> int:
        typed = sent.get(f"place.{sha256}", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 999

    left = [each for each in files if not sent.get(f"remove.{each['sha256']}")]
    return sorted(left, key=lambda each: place(each["sha256"]))


def _lines(text: str) -> str:
    """Return a text with the line ends that a draft stores; browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def conflicts(facts: Mapping[str, Any]) -> list[Conflict]:
    """Return the fields of a refused change (`draft-changed`) that somebody else changed."""
    return [
        Conflict(name, each["yours"], each["stored"]["value"], each["stored"].get("at"))
        for name, each in facts["fields"].items()
    ]


def choices(sent: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return what was chosen of fields that two devices changed, and the fields for which nothing was chosen.

    Fields for which the stored value was chosen are in neither.
    """
    chosen, missing = {}, []
    for name in [each.removeprefix("mine.") for each in sent if each.startswith("mine.")]:
        mine, theirs = (unpacked(sent.get(f"{side}.{name}", "")) for side in ("mine", "theirs"))
        match sent.get(f"keep.{name}"):
            case "mine":
                chosen[name] = mine
            case "both":
                chosen[name] = joined(name, mine, theirs)
            case "theirs":
                pass
            case _:
                missing.append(name)
    return chosen, missing


def joined(name: str, mine: Any, theirs: Any) -> Any:
    """Return both values of a field as one: the stored one first."""
    if name == "files":
        known = {each["sha256"] for each in theirs or ()}
        return [*(theirs or ()), *(each for each in mine or () if each["sha256"] not in known)]
    if name == "themes":
        return list(dict.fromkeys([*(theirs or ()), *(mine or ())]))
    return f"{theirs or ''}\n\n{mine or ''}"


def packed(value: Any) -> str:
    """Return a value as the text that a hidden field holds."""
    return orjson.dumps(value).decode()


def unpacked(text: str) -> Any:
    """Return the value that a hidden field holds; None if it holds something else."""
    try:
        return orjson.loads(text)
    except ValueError:
        return None
