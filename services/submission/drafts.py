"""Drafts of entries: what a unit has typed and not handed in yet, field by field, each field with its revision.

A draft is no fact of the competition, so it is a document beside the log (`draft_store.py`) and no event. It holds only
what differs from its base: the latest version that the unit handed in, or nothing.

Promises: a change is stored whole or not at all; a field that somebody else changed since the revision that a writer
names is not overwritten, unless with the same value; fields that do not overlap are merged; a repeated change, or one
of the same device that arrives late, changes nothing. The functions are pure.
Does not promise that a draft could be handed in: `entry_checks.py` says what it lacks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.submission.declaration import KINDS
from services.submission.entry_checks import EXTENTS
from services.submission.events import AiUse, Declared, EntrySubmitted
from shared.canonical import canonical
from shared.decider import Refused

REFUSALS = frozenset({"draft-changed", "draft-field-unknown", "draft-field-invalid", "draft-too-large"})
#: The most characters of each field that is a text. They are far above what can be handed in, so that nobody loses what
#: is too long: the check says by how much it is.
TEXT_MAX_CHARS = {
    "title": 2_000,
    "profile": 20_000,
    "text": 60_000,
    "h5": 2_000,
    "caption": 2_000,
    "alt": 2_000,
    "subtitles": 60_000,
}
FILE_TEXTS = ("caption", "alt", "subtitles")
THEMES_MAX, FILES_MAX, THEME_MAX_CHARS, NAME_MAX_CHARS = 50, 250, 60, 255
DRAFT_MAX_BYTES = 512 * 1024
_FILE_FIELD = re.compile(r"(caption|alt|subtitles)\.([0-9a-f]{64})")
_AI_FIELD = re.compile(r"ai\.(title|profile|text|h5|[0-9a-f]{64})")
_DECLARE_FIELD = re.compile(rf"declare\.({'|'.join(KINDS)})")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EMPTY: tuple[Any, ...] = (None, "", [], ())

Value = Any  # a text, a list of theme codes, a list of {"sha256", "name"}, or None


@dataclass(frozen=True, slots=True)
class DraftField:
    """The value of a field, the revision of the draft in which it changed, and who changed it when (campaign time, ms).

    `device` and `sequence` name the change among those of one page that was open, so that a late one is recognised.
    """

    value: Value
    revision: int
    at: int
    by: str
    device: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """The fields of one entry that changed since it was last handed in. `revision` counts the changes, for ever.

    `cleared` is the revision as of the last hand-in: fields that have not changed since have this revision.
    """

    unit: str
    entry: str
    revision: int = 0
    cleared: int = 0
    at: int = 0
    fields: Mapping[str, DraftField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A writer's change: the fields with their new values, and the revision of the draft that the writer has seen."""

    revision: int
    fields: Mapping[str, Value]
    by: str
    at: int
    device: str = ""
    sequence: int = 0


def changed(draft: StoredDraft, base: Mapping[str, Value], change: Change) -> StoredDraft | Refused:
    """Return the draft after a change, the same draft if it changes nothing, or the refusal of the whole change.

    `draft-changed` names, in `fields`, each field that somebody else has changed: the value that was sent (`yours`) and
    the stored field (`stored`).
    """
    accepted, conflicts = {}, {}
    for name, value in change.fields.items():
        if refused := flaw(name, value):
            return refused
        current = present(draft, base, name)
        if same(value, current.value):
            continue
        if change.device and current.device == change.device:
            # A page sends one change after the other, so it has seen its own, and a smaller number arrives late.
            if change.sequence > current.sequence:
                accepted[name] = value
        elif current.revision > change.revision or change.revision > draft.revision:
            conflicts[name] = {"yours": value, "stored": field_view(current)}
        else:
            accepted[name] = value
    if conflicts:
        return Refused("draft-changed", None, {"revision": draft.revision, "fields": conflicts})
    if not accepted:
        return draft
    revision = draft.revision + 1
    fields = {
        name: DraftField(value, revision, change.at, change.by, change.device, change.sequence)
        for name, value in accepted.items()
    }
    after = replace(draft, revision=revision, at=change.at, fields={**draft.fields, **fields})
    size = len(canonical([each.value for each in after.fields.values()]))
    return (
        Refused("draft-too-large", None, {"bytes": size, "allowed": DRAFT_MAX_BYTES})
        if size > DRAFT_MAX_BYTES
        else after
    )


def handed_in(draft: StoredDraft, revision: int) -> StoredDraft:
    """Return the draft after what it was at `revision` has been handed in: what changed later stays in it."""
    if draft.revision == 0:
        return draft  # nothing was stored
    later = {name: each for name, each in draft.fields.items() if each.revision > revision}
    following = draft.revision + 1
    return replace(draft, revision=following, cleared=max(draft.cleared, revision), fields=later)


def present(draft: StoredDraft, base: Mapping[str, Value], name: str) -> DraftField:
    """Return a field as it stands: as it was typed since the last hand-in, or as it was handed in, or empty."""
    stored = draft.fields.get(name)
    return stored if stored is not None else DraftField(base.get(name), draft.cleared, draft.at, draft.unit)


def values(draft: StoredDraft, base: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of all fields that are not empty, by name."""
    found = {**base, **{name: each.value for name, each in draft.fields.items()}}
    return {name: value for name, value in found.items() if value not in _EMPTY}


def unsent(draft: StoredDraft, base: Mapping[str, Value]) -> list[str]:
    """Return the names of the fields that differ from what was handed in last, in their order."""
    return sorted(name for name, each in draft.fields.items() if not same(each.value, base.get(name)))


def base_of(version: EntrySubmitted | None) -> dict[str, Value]:
    """Return the fields of a version that was handed in, as a draft names them; none without a version."""
    if version is None:
        return {}
    found = {
        "title": version.title,
        "profile": version.profile,
        "text": version.text,
        "themes": list(version.themes),
        "h5": version.h5,
        "files": [{"sha256": each.sha256, "name": each.name} for each in version.files],
        **{f"caption.{each.sha256}": each.caption for each in version.files},
        **{f"alt.{each.sha256}": each.alt for each in version.files},
        **{f"subtitles.{each.sha256}": each.subtitles for each in version.files},
        **{f"ai.{each.part}": each.extent for each in version.ai or ()},
    }
    return {name: value for name, value in found.items() if value not in _EMPTY}


def ai_uses(found: Mapping[str, Value]) -> tuple[AiUse, ...]:
    """Return the parts that a draft's values mark as made or altered by AI. A file that was taken out is left out."""
    files = {each["sha256"] for each in found.get("files") or ()}
    parts = {name.partition(".")[2]: value for name, value in found.items() if _AI_FIELD.fullmatch(name)}
    return tuple(AiUse(part, parts[part]) for part in sorted(parts) if len(part) < 64 or part in files)


def declarations(found: Mapping[str, Value]) -> tuple[Declared, ...]:
    """Return the declarations that a draft's values accept, each with the hash of its wording."""
    return tuple(Declared(kind, found[f"declare.{kind}"]) for kind in KINDS if found.get(f"declare.{kind}"))


def hashes(draft: StoredDraft) -> Iterator[str]:
    """Yield the SHA-256 of each file that the draft names."""
    named = draft.fields.get("files")
    yield from (each["sha256"] for each in (named.value if named is not None else None) or ())


def same(one: Value, other: Value) -> bool:
    """Return whether two values of a field are the same. An empty value is the same as none."""
    return one == other or (one in _EMPTY and other in _EMPTY)


def field_view(each: DraftField) -> dict[str, Any]:
    """Return a field as plain data: its value, the revision in which it changed, and when and by whom."""
    return {"value": each.value, "revision": each.revision, "at": each.at, "by": each.by}


def flaw(name: str, value: Value) -> Refused | None:
    """Return why a field cannot be stored, or None. It is refused for its shape and size alone."""
    found = _FILE_FIELD.fullmatch(name)
    kind = found[1] if found else name
    if kind in TEXT_MAX_CHARS and (found is not None) == (kind in FILE_TEXTS):
        return None if value is None or _is_text(value, TEXT_MAX_CHARS[kind]) else _invalid(name)
    if _AI_FIELD.fullmatch(name):
        return None if value is None or (isinstance(value, str) and value in EXTENTS) else _invalid(name)
    if _DECLARE_FIELD.fullmatch(name):
        return None if value is None or (isinstance(value, str) and _SHA256.fullmatch(value)) else _invalid(name)
    if name == "themes":
        return None if value is None or _is_list(value, THEMES_MAX, _is_theme) else _invalid(name)
    if name == "files":
        return None if value is None or _is_list(value, FILES_MAX, _is_file) else _invalid(name)
    return Refused("draft-field-unknown", name)


def _invalid(name: str) -> Refused:
    return Refused("draft-field-invalid", name)


def _is_text(value: Value, most: int) -> bool:
    # What no store holds is refused; other control characters are stored, and named by the check.
    return isinstance(value, str) and len(value) <= most and not re.search(r"[\0\ud800-\udfff]", value)


def _is_list(value: Value, most: int, fits: Any) -> bool:
    return isinstance(value, list) and len(value) <= most and all(fits(each) for each in value)


def _is_theme(value: Value) -> bool:
    return _is_text(value, THEME_MAX_CHARS)


def _is_file(value: Value) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"sha256", "name"}
        and isinstance(value.get("sha256"), str)
        and _SHA256.fullmatch(value["sha256"]) is not None
        and (value.get("name") is None or _is_text(value["name"], NAME_MAX_CHARS))
    )
