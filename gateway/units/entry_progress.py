"""What a unit sees of its entry's way: the steps of the state line, what is due, what is to do, and the messages.

Everything is computed from what submission and the views say; nothing is decided here. The module is pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The steps of an entry that nothing happens to, in their order.
STEPS = ("draft", "submitted", "review", "approved", "shortlisted", "likes", "judging", "result")
ENDED = frozenset({"rejected", "withdrawn", "disqualified"})
#: What `todo` returns.
TODO = frozenset(
    {
        *("before", "late", "draft", "start", "over", "withdrawn", "withdrawn-over", "submitted", "submitted-closed"),
        *("changed", "returned", "returned-over", "approved", "rejected", "disqualified"),
    }
)
#: The keys of messages.
MESSAGES = frozenset({"handed-in", "returned", "approved", "frozen", "shortlisted", *ENDED})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the state line, and whether it is past, now, or coming."""

    name: str
    when: str


def steps(status: str, *, shortlisted: bool, phase: str) -> list[Step]:
    """Return the state line of an entry with this status (`draft` if it was never handed in) in a phase."""
    if status in ENDED:
        return [Step("draft", "past"), Step("submitted", "past"), Step(status, "now")]
    names = [("returned" if name == "review" and status == "returned" else name) for name in STEPS]
    current = names.index(_current(status, shortlisted=shortlisted, phase=phase))
    return [Step(name, "past" if i < current else "now" if i == current else "coming") for i, name in enumerate(names)]


def _current(status: str, *, shortlisted: bool, phase: str) -> str:
    if status in ("draft", "returned"):
        return status
    if status == "submitted":
        return "review"
    if not shortlisted:
        return "approved"
    later = {"likes": "likes", "counting": "likes", "judging": "judging"}
    late = {"result": "result", "exhibition": "result", "over": "result"}
    return {**later, **late}.get(phase, "shortlisted")


def todo(status: str, *, may_hand_in: bool, closes_by: str, is_changed: bool, is_before: bool) -> str:
    """Return the key of what a unit has to do: the last part of a text `unit.todo.<key>`.

    `closes_by` says by which deadline the entry may be handed in: the window's, that of a return, or of a late pass.
    """
    match status:
        case "draft" | "withdrawn" if is_before:
            return "before"
        case "draft" | "withdrawn" if may_hand_in and closes_by == "late-pass":
            return "late"
        case "draft":
            return ("draft" if is_changed else "start") if may_hand_in else "over"
        case "withdrawn":
            return "withdrawn" if may_hand_in else "withdrawn-over"
        case "submitted":
            if not may_hand_in:
                return "submitted-closed"
            return "changed" if is_changed else "submitted"
        case "returned":
            return "returned" if may_hand_in else "returned-over"
    return status


@dataclass(frozen=True, slots=True)
class Message:
    """One message to the unit: the last part of its text key `unit.message.<key>`, figures, and its time if known."""

    key: str
    facts: Mapping[str, Any]
    at: int | None = None


def messages(view: Mapping[str, Any], *, shortlisted: bool) -> list[Message]:
    """Return the messages about an entry, the newest first, from submission's view of it."""
    found = [Message("handed-in", {"version": each["version"]}, each["at"]) for each in view["versions"]]
    decided = view.get("decided_at")
    match view["status"]:
        case "returned":
            found.append(Message("returned", {"until": view["returned"]["until"]}, decided))
        case "approved":
            found.append(Message("approved", {}, decided))
        case "rejected" | "disqualified" as status:
            found.append(Message(status, {"reason": view["reason"] or "—"}, decided))
        case "withdrawn":
            found.append(Message("withdrawn", {}, decided))
    if view["frozen"] and view["status"] not in ENDED:
        found.append(Message("frozen", {}))
    if shortlisted and view["number"] and view["status"] not in ENDED:
        found.append(Message("shortlisted", {"number": view["number"]}))
    return list(reversed(found))


def field_of(item: str) -> str:
    """Return the field of the form that a remark or problem is about, by the name that a service gives it.

    `files/3` and `caption.<hash>` are among the files. What is no field of the form has no place there: "".
    """
    name = item.strip().replace(".", "/").split("/")[0]
    name = {"pictures": "files", "picture": "files", "video": "files", "audio": "files", "caption": "files",
            "alt": "files"}.get(name, name)  # fmt: skip
    return name if name in ("title", "profile", "text", "themes", "files", "h5", "consent") else ""


def by_field(items: Sequence[Mapping[str, Any]], *, name: str) -> dict[str, list[Mapping[str, Any]]]:
    """Return remarks or problems by the field of the form that they are about; `name` is their key that says it."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in items:
        found.setdefault(field_of(each.get(name) or ""), []).append(each)
    return found
