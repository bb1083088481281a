"""The entry that a unit works on, as its pages show it: the draft, what was handed in, and until when it may change.

Promises: every limit, name and time comes from a service or from the views; nothing is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.html.page import format_left, names_of, say_in
from gateway.http.problems import Problem
from gateway.read_models.page_frame import Span
from gateway.routing.context import AppContext
from gateway.routing.route import API, RequestContext
from gateway.routing.service_calls import call_service
from gateway.units import entry_progress

NEW = "new"


@dataclass(frozen=True, slots=True)
class Due:
    """Until when the entry may be handed in: the instant (ms), how much is left, if any is, and by what it is due.

    `by` is `window`, `return` or `late-pass`.
    """

    at: int
    left: str
    by: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is worked on: by its own unit, or by one that types it for the unit `managed`.

    `entry` is as in the path of a page: an id, or `new` for the entry that the unit works on.
    """

    entry: str
    managed: str = ""

    @staticmethod
    def of(context: RequestContext) -> "Place":
        """Return the place that the path of a request names."""
        return Place(context.path.get("entry", NEW), context.path.get("unit", ""))

    @property
    def path(self) -> str:
        """The path of the form."""
        return f"/unit/managed/{self.managed}" if self.managed else f"/unit/entries/{self.entry}"

    @property
    def body(self) -> dict[str, str]:
        """What a call about the draft says of the place."""
        return {"entry": NEW, "unit": self.managed} if self.managed else {"entry": self.entry}


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A unit's entry: its draft, and submission's view of what was handed in (None if nothing was)."""

    draft: Mapping[str, Any]
    view: Mapping[str, Any] | None
    due: Due | None
    is_before: bool
    row: Mapping[str, Any]  # of the view of public entries; empty if the entry is not public
    progress: Mapping[str, Any]
    place: "Place"

    @property
    def name(self) -> str:
        """The entry's id."""
        return str(self.draft["entry"])

    @property
    def api(self) -> str:
        """The path of the draft's API. It names the entry, so that whoever signs in meanwhile reaches no other."""
        managed = self.place.managed
        return f"{API}/managed/{managed}/draft" if managed else f"{API}/my/drafts/{self.name}"

    @property
    def status(self) -> str:
        """The entry's status; `draft` if it was never handed in."""
        return str(self.draft["status"])

    @property
    def may_hand_in(self) -> bool:
        """Whether the entry may be handed in now, as far as the time is concerned."""
        return self.due is not None and bool(self.due.left) and not self.is_before

    @property
    def is_changed(self) -> bool:
        """Whether the draft holds anything that was not handed in."""
        return bool(self.draft["unsent"]) if self.draft["version"] else bool(self.draft["fields"])


async def load(app: AppContext, context: RequestContext) -> OwnEntry:
    """Return the entry that a page is about: of the unit that is signed in, or of one that it types for.

    Raises Problem if it is neither.
    """
    place, view = Place.of(context), None
    draft = await call_service(app, context, "submission", "draft", place.body)
    if place.managed:
        progress = (await _managed(app, context, place))["progress"] | {"manager": None}
    else:
        progress = await call_service(app, context, "submission", "progress", {})
        if draft["version"]:
            view = await call_service(app, context, "submission", "entry", {"entry": draft["entry"], "version": None})
    window = app.views.campaign["windows"].get("submission")
    return OwnEntry(
        draft=draft,
        view=view,
        due=_due(draft, context),
        is_before=window is not None and context.at < window["start"],
        row=app.views.data("entries").get("entries", {}).get(draft["entry"], {}),
        progress=progress,
        place=place,
    )


async def _managed(app: AppContext, context: RequestContext, place: Place) -> dict[str, Any]:
    """Return what submission says of a unit for which this one types. Raises Problem if it does not."""
    units = (await call_service(app, context, "submission", "managed_units", {}))["units"]
    found: dict[str, Any] | None = next((each for each in units if each["unit"] == place.managed), None)
    if found is None:
        raise Problem("not-managing")
    return found


async def unit_facts(app: AppContext, context: RequestContext, own: OwnEntry) -> Mapping[str, Any]:
    """Return what the roll says of the unit whose entry it is; of a unit that another types for, only its name."""
    if own.place.managed:
        found = await _managed(app, context, own.place)
        return {"code": found["unit"], "name": found["name"], "city": "", "type": "", "employer": ""}
    return await call_service(app, context, "submission", "roll_unit", {"unit": context.actor})


def _due(draft: Mapping[str, Any], context: RequestContext) -> Due | None:
    """Return the deadline that holds for the entry; None for one that cannot be handed in again."""
    closes = draft["closes"]
    if draft["status"] not in ("draft", "submitted", "returned") or closes is None:
        return None
    left_ms = closes["at"] - context.at
    left = format_left(Span.of(left_ms), context.lang) if left_ms > 0 else ""
    return Due(closes["at"], left, closes["by"])


def labels(lang: str) -> dict[str, str]:
    """Return what the fields of the form are called in a language; what belongs to no field is the whole entry."""
    found = {
        name: say_in(lang, f"unit.field.{name}").partition("（")[0].partition(" (")[0] for name in entry_progress.FIELDS
    }
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
    return type_names(app, context).get(code, code)


def type_names(app: AppContext, context: RequestContext) -> dict[str, str]:
    """Return the names of the unit types by code."""
    return names_of(app, "unit_types", context.lang)
