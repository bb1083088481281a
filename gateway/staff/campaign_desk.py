"""The pages by which organisers run a campaign: schedule, staff, late passes and the shortlist.

Promises: a window is moved only with a reason, after the page has shown it before and after; a change of an office that
takes two people waits on the page for the second; a link for a password is shown once. The shortlist is confirmed as
the page showed it, or refused.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.html import page as pages
from gateway.http import request_schemas
from gateway.http.problems import Problem
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import ORGANISER, RequestContext
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff import desk_forms
from gateway.staff.organiser import PASSWORD_PAGE
from gateway.staff.organiser_forms import STAFF_READERS, Action, DeskPage, Effect, Sent, Values, entry_names, routes
from gateway.staff.unit_names import with_unit_names
from shared.zones import local_time, to_the_minute

WINDOWS = ("submission", "likes", "judging", "exhibition")
ROLES = request_schemas.ROLE_WORDS


# Schedule


async def load_schedule(app: AppContext, context: RequestContext) -> Values:
    """Return the windows as they stand, and the clock of a rehearsal. Raises Problem."""
    campaign = await call_service(app, context, "moderation", "campaign", {})
    windows = {name: campaign["windows"][name] for name in WINDOWS}
    return {
        "windows": windows,
        "inputs": {
            name: {side: as_input(each[side], context.zone) for side in ("start", "end")}
            for name, each in windows.items()
        },
        "now": campaign["now"],
        "rehearsal": campaign["rehearsal"],
        "clock_input": as_input(campaign["now"], context.zone),
    }


def as_input(at: int, zone: str) -> str:
    """Return an instant as an input of type `datetime-local` holds it."""
    return f"{local_time(at, zone):%Y-%m-%dT%H:%M}"


def _window(sent: Sent, zone: str) -> Values:
    times = {side: desk_forms.instant(sent.get(side, ""), zone) for side in ("start", "end")}
    return {"window": sent.get("window", ""), **times, "reason": sent.get("reason", "").strip()}


async def _before_and_after(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    campaign, lang = await call_service(app, context, "moderation", "campaign", {}), context.lang
    present = campaign["windows"][body["window"]]

    def span(each: Values) -> str:
        return " – ".join(to_the_minute(each[side], context.zone) for side in ("start", "end"))

    return [
        (pages.say_in(lang, "org.window"), pages.say_in(lang, f"phase.{body['window']}")),
        (pages.say_in(lang, "org.before"), span(present)),
        (pages.say_in(lang, "org.after"), span(body)),
        (pages.say_in(lang, "org.reason"), body["reason"]),
    ]


def _clock(sent: Sent, zone: str) -> Values:
    return {"now": desk_forms.instant(sent.get("now", ""), zone)}


def _note_clock(app: AppContext, _context: RequestContext, moved: Values) -> None:
    app.views.note_clock(moved["now"])


SCHEDULE = DeskPage(
    "schedule",
    load_schedule,
    {
        "move": Action(
            "moderation",
            "move_window",
            request_schemas.Window,
            _window,
            asks=True,
            effects=_before_and_after,
        ),
        "clock": Action("moderation", "move_clock", request_schemas.Clock, _clock, after=_note_clock),
    },
    about="the schedule and its windows",
)


# Staff


async def load_staff(app: AppContext, context: RequestContext) -> Values:
    """Return who holds which office, and the changes that wait for a second person. Raises Problem."""
    found = await call_service(app, context, "moderation", "staff", {})
    return {"members": found["staff"], "staff_changes": found["changes"], "roles": ROLES, "issued": None}


def _appointment(sent: Sent, _zone: str) -> Values:
    roles = [role for role in ROLES if sent.get(f"role-{role}")]
    if not roles:
        raise Problem("invalid", errors={"roles": ["required"]})
    link = {"new_link": True} if sent.get("new_link") else {}
    return {"staff": sent.get("staff", "").strip(), "name": sent.get("name", "").strip(), "roles": roles, **link}


def _dismissal(sent: Sent, _zone: str) -> Values:
    return {"staff": sent.get("staff", ""), "name": sent.get("name", ""), "roles": []}


async def _who(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:  # noqa: ARG001
    lang = context.lang
    roles = [pages.say_in(lang, f"role.{each}") for each in body["roles"]]
    return [
        (pages.say_in(lang, "org.person"), f"{body['name']} ({body['staff']})"),
        (pages.say_in(lang, "org.roles"), ", ".join(roles) or pages.say_in(lang, "org.roles.none")),
    ]


def _changed(app: AppContext, context: RequestContext, changed: Values) -> Values | None:
    """Use the new roles at once, and show a link or what waits for a second person."""
    staff, link = changed["staff"], changed["link"]
    if changed["change"] is None:
        app.roster.update(staff, frozenset(changed["roles"]))
    if link:  # the old password ended, and its sessions with it
        app.session_watch.ask_again()
    if not link and not changed["code"]:
        return None
    base = public_urls.base(app, context.request)
    address = public_urls.page(base, f"{PASSWORD_PAGE}/{staff}/{link}") if link else ""
    return {"issued": {**changed, "page": address}}


STAFF = DeskPage(
    "staff",
    load_staff,
    {
        "appoint": Action(
            "moderation",
            "appoint_staff",
            request_schemas.Staff,
            _appointment,
            after=_changed,
            security_event="staff-changed",
            proves=True,
        ),
        "dismiss": Action(
            "moderation",
            "appoint_staff",
            request_schemas.Staff,
            _dismissal,
            asks=True,
            effects=_who,
            after=_changed,
            security_event="staff-changed",
            proves=True,
        ),
        "confirm": Action(
            "moderation",
            "confirm_staff_change",
            request_schemas.Nothing,
            lambda _sent, _zone: {},
            named=lambda _app, sent: {"change": sent.get("change", "")},
            after=_changed,
            security_event="staff-changed",
            proves=True,
        ),
    },
    readers=STAFF_READERS,
    about="staff and their roles",
)


# Late passes


async def load_late_passes(app: AppContext, context: RequestContext) -> Values:
    """Return the late passes that were granted. Raises Problem."""
    found, campaign = await asyncio.gather(
        call_service(app, context, "submission", "late_passes", {"unit": None}),
        call_service(app, context, "moderation", "campaign", {}),
    )
    return {"late_passes": found["late_passes"], "closes": campaign["windows"]["submission"]["end"]}


def _late_pass(sent: Sent, zone: str) -> Values:
    until = desk_forms.instant(sent.get("until", ""), zone)
    return {"unit": sent.get("unit", "").strip(), "until": until, "reason": sent.get("reason", "").strip()}


LATE_PASSES = DeskPage(
    "late-passes",
    load_late_passes,
    {"grant": Action("submission", "grant_late_pass", request_schemas.LatePass, _late_pass)},
    about="late passes",
)


# Shortlist


async def load_shortlist(app: AppContext, context: RequestContext) -> Values:
    """Return the shortlist that the rule proposes, and how it differs from the confirmed one. Raises Problem."""
    proposed, confirmed = await asyncio.gather(
        call_service(app, context, "moderation", "propose_shortlist", {}, deadline_s=LONG_S),
        call_service(app, context, "moderation", "shortlist", {}, deadline_s=LONG_S),
    )
    proposed = {**proposed, "entries": await with_unit_names(app, proposed["entries"])}
    return {
        "proposed": proposed,
        "types": pages.names_of(app, "unit_types", context.lang),
        "names": entry_names(app),
        **difference(proposed["entries"], confirmed["entries"]),
    }


def difference(proposed: Sequence[Values], confirmed: Sequence[Values]) -> dict[str, Any]:
    """Return which entries the proposal adds to the confirmed list, and which it lacks, by poster number."""
    listed, wanted = {each["entry"] for each in confirmed}, {each["entry"] for each in proposed}
    return {
        "confirmed": len(confirmed),
        "added": [each for each in proposed if each["entry"] not in listed],
        "removed": [each for each in confirmed if each["entry"] not in wanted],
    }


async def _what_is_listed(app: AppContext, context: RequestContext, body: Values) -> Sequence[Effect]:
    confirmed = await call_service(app, context, "moderation", "shortlist", {}, deadline_s=LONG_S)
    entries = [{"entry": each} for each in body["entries"]]
    change, lang = difference(entries, confirmed["entries"]), context.lang
    return [
        (pages.say_in(lang, "org.shortlist.entries"), str(len(entries))),
        (pages.say_in(lang, "org.shortlist.added"), str(len(change["added"]))),
        (pages.say_in(lang, "org.shortlist.removed"), str(len(change["removed"]))),
    ]


SHORTLIST = DeskPage(
    "shortlist",
    load_shortlist,
    {
        "confirm": Action(
            "moderation",
            "confirm_shortlist",
            request_schemas.Shortlist,
            lambda sent, _zone: {"entries": sent.get("entries", "").split()},
            asks=True,
            effects=_what_is_listed,
        )
    },
    readers=frozenset({ORGANISER, "auditor"}),
    about="the shortlist",
)
ROUTES = (*routes(SCHEDULE), *routes(STAFF), *routes(LATE_PASSES), *routes(SHORTLIST))
