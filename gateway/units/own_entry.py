"""The entry that a unit works on, as its pages show it: the draft, what was handed in, and until when it may change.

Promises: every limit, name and time comes from a service or from the views; nothing is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.html.page import format_left, names_of, say_in
from gateway.read_models.page_frame import Span
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext
from gateway.routing.service_calls import call_service
from gateway.units import entry_progress
from gateway.units.entry_progress import Step

NEW = "new"
FIELDS = ("title", "profile", "text", "themes", "files", "h5", "consent")


@dataclass(frozen=True, slots=True)
class Due:
    """Until when the entry may be handed in: the instant (ms), how much is left, if any is, and by what it is due.

    `by` is `window`, `return` or `late-pass`.
    """

    at: int
    left: str
    by: str


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A unit's entry: its draft, and submission's view of what was handed in (None if nothing was)."""

    draft: Mapping[str, Any]
    view: Mapping[str, Any] | None
    due: Due | None
    is_before: bool
    row: Mapping[str, Any]  # of the view of public entries; empty if the entry is not public
    steps: list[Step]

    @property
    def name(self) -> str:
        """The entry's id."""
        return str(self.draft["entry"])

    @property
    def status(self) -> str:
        """The entry's status; `draft` if it was never handed in."""
        return str(self.draft["status"])

    @property
    def may_hand_in(self) -> bool:
        """Whether the entry may be handed in now, as far as the time is concerned."""
        return self.due is not None and bool(self.due.left) and not self.is_before

    @property
    def is_shortlisted(self) -> bool:
        """Whether the entry is shortlisted, as the public sees it."""
        return self.row.get("state") == "shortlisted"


async def load(app: AppContext, context: RequestContext, entry: str = NEW) -> OwnEntry:
    """Return an entry of the unit that is signed in; `new` is the one that it works on. Raises Problem."""
    draft = await call_service(app, context, "submission", "draft", {"entry": entry})
    view = None
    if draft["version"]:
        view = await call_service(app, context, "submission", "entry", {"entry": draft["entry"], "version": None})
    return arrange(app, context, draft, view)


def arrange(
    app: AppContext, context: RequestContext, draft: Mapping[str, Any], view: Mapping[str, Any] | None
) -> OwnEntry:
    """Return an entry with what its pages show of it, computed from submission's answers and the views."""
    row = app.views.data("entries").get("entries", {}).get(draft["entry"], {})
    phase = app.views.phase(context.at)
    window = app.views.campaign["windows"].get("submission")
    return OwnEntry(
        draft=draft,
        view=view,
        due=_due(draft, view, window, context),
        is_before=window is not None and context.at < window["start"],
        row=row,
        steps=entry_progress.steps(draft["status"], shortlisted=row.get("state") == "shortlisted", phase=phase),
    )


def _due(
    draft: Mapping[str, Any],
    view: Mapping[str, Any] | None,
    window: Mapping[str, int] | None,
    context: RequestContext,
) -> Due | None:
    """Return the deadline that holds for the entry; None for one that cannot be handed in again."""
    if draft["status"] not in ("draft", "submitted", "returned", "withdrawn"):
        return None
    closes = draft.get("closes")
    if closes is None and draft["status"] == "returned" and view is not None and view["returned"]:
        closes = {"at": view["returned"]["until"], "by": "return"}
    if closes is None and window is not None:
        closes = {"at": window["end"], "by": "window"}
    if closes is None:
        return None
    left_ms = closes["at"] - context.at
    left = format_left(Span.of(left_ms), context.lang) if left_ms > 0 else ""
    return Due(closes["at"], left, closes["by"])


def labels(lang: str) -> dict[str, str]:
    """Return what the fields of the form are called in a language; what belongs to no field is the whole entry."""
    found = {name: say_in(lang, f"unit.field.{name}").partition("（")[0].partition(" (")[0] for name in FIELDS}
    return {**found, "": say_in(lang, "unit.returned.general")}


def returned_remarks(own: OwnEntry, lang: str) -> list[dict[str, str]]:
    """Return the remarks of a returned entry, each with the field's name, its anchor in the form, and its words."""
    if own.view is None or own.status != "returned" or not own.view["returned"]:
        return []
    names = labels(lang)
    found = []
    for each in own.view["returned"]["remarks"]:
        field = entry_progress.field_of(each["item"])
        label = names[field] if field else each["item"]
        found.append({"field": field, "anchor": field, "label": label, "words": each["words"]})
    return found


def theme_names(app: AppContext, context: RequestContext) -> dict[str, str]:
    """Return the names of the themes by code, in the campaign's order."""
    return names_of(app, "themes", context.lang)


def type_name(app: AppContext, context: RequestContext, code: str) -> str:
    """Return the name of a unit type."""
    return names_of(app, "unit_types", context.lang).get(code, code)
