"""What a unit has to do, and which field of the form a remark or problem is about. The module is pure.

Where the entry stands and what happened to it, submission says (`progress`).
"""

from collections.abc import Mapping
from typing import Any

#: How an entry may end, and the steps of the state line: those of submission's `progress`.
ENDS = ("rejected", "withdrawn", "disqualified", "not-shortlisted")
STEPS = ("draft", "submitted", "review", "returned", "approved", "shortlisted", "likes", "judging", "result")
#: The kinds of messages that have words of their own; any other is shown as `other`.
MESSAGES = frozenset(
    {
        *("handed-in", "withdrawn", "late-pass-granted", "manager-appointed", "unit-claimed", "approved", "returned"),
        *(
            "rejected",
            "frozen",
            "unfrozen",
            "disqualified",
            "type-corrected",
            "unit-name-corrected",
            "shortlisted",
            "likes-voided",
        ),
        "other",
    }
)
#: What `todo` returns.
TODO = frozenset(
    {
        *("before", "late", "draft", "start", "over", "submitted", "submitted-closed", "changed", "returned"),
        *("returned-over", "approved", "rejected", "disqualified"),
    }
)
#: The fields of the form to which remarks and problems lead.
FIELDS = ("title", "profile", "text", "themes", "files", "h5", "ai", "declare")
_FILES = frozenset({"pictures", "picture", "video", "audio", "caption", "alt", "subtitles"})


def todo(status: str, *, may_hand_in: bool, closes_by: str, is_changed: bool, is_before: bool) -> str:
    """Return the key of what a unit has to do: the last part of a text `unit.todo.<key>`.

    `closes_by` says by which deadline the entry may be handed in: the window's, that of a return, or of a late pass.
    """
    match status:
        case "draft" if is_before:
            return "before"
        case "draft" if may_hand_in and closes_by == "late-pass":
            return "late"
        case "draft":
            return ("draft" if is_changed else "start") if may_hand_in else "over"
        case "submitted":
            if not may_hand_in:
                return "submitted-closed"
            return "changed" if is_changed else "submitted"
        case "returned":
            return "returned" if may_hand_in else "returned-over"
    return status


def message_key(message: Mapping[str, Any]) -> str:
    """Return the last part of the key of a message's text."""
    return str(message["kind"]) if message["kind"] in MESSAGES else "other"


def field_of(item: str) -> str:
    """Return the field of the form that a remark or problem is about, by the name that a service gives it.

    `files/3` and `caption.<hash>` are among the files. What is no field of the form has no place there: "".
    """
    name = item.strip().replace(".", "/").split("/")[0]
    name = "files" if name in _FILES else "declare" if name == "consent" else name
    return name if name in FIELDS else ""
