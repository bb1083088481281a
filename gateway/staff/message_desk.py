"""The pages of organisers for letters: what is proposed and what became of each, broadcasts, reminders, contacts.

Promises: nothing is preselected; letters are approved only after a page has listed each with its receiver and its text,
and only as they were read; an empty selection sends nothing. Each page works without scripts.
Does not promise that a letter arrives: a channel says that it took it.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page, say_in
from gateway.http import form_nonces, request_schemas
from gateway.http.forms import contact_fields, read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff import desk_forms
from gateway.staff.unit_names import with_unit_names

PATH = "/organiser/messages"
LETTER_PAGE, NEW_PAGE = f"{PATH}/letter", f"{PATH}/new"
REMINDERS_PAGE, CONTACT_PAGE = f"{PATH}/reminders", f"{PATH}/contact"
ORGANISERS = frozenset({ORGANISER})
READERS = frozenset({ORGANISER, AUDITOR})
STATES = ("proposed", "waiting", "unaddressed", "sending", "failed", "unsure", "sent", "withdrawn")
KINDS = request_schemas.LETTER_KINDS
#: What may be done with letters of a state.
DEEDS = {
    "proposed": ("approve", "drop"), "waiting": ("drop",), "unaddressed": ("drop",),
    "failed": ("resume", "drop"), "unsure": ("resume", "drop"),
}  # fmt: skip
METHODS = {"approve": "approve_letters", "drop": "withdraw_letters", "resume": "resume_letters"}
PAGE_ROWS = 100
MOST_PICKED = 500
LETTER_CHARS = 4_000


async def outbox(app: AppContext, context: RequestContext) -> Response:
    """Return the page of letters in one state. Raises Problem."""
    return await _list(app, context)


async def act(app: AppContext, context: RequestContext) -> Response:
    """List the letters that were picked, or, when that list is confirmed, approve, drop or resume them.

    Raises Problem.
    """
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=MOST_PICKED + 20)
    picked = {name.removeprefix("pick-"): value for name, value in sent.items() if name.startswith("pick-")}
    deed, state = sent.get("do", ""), sent.get("state", "")
    if state not in DEEDS or deed not in DEEDS[state]:
        raise Problem("invalid")
    if not picked:
        return await _list(app, context, state=state, problem=Problem("letters-empty", field="letters"))
    if sent.get("step") != "confirm":
        return await _confirm(app, context, state, deed, picked)
    body: dict[str, Any] = {"letters": sorted(picked)}
    if deed == "approve":
        body = {"letters": [{"letter": name, "digest": digest} for name, digest in sorted(picked.items())]}
    try:
        desk_forms.begin_command(app, context, sent, deed, body)
        await call_service(app, context, "moderation", METHODS[deed], body)
    except Problem as problem:
        desk_forms.require_mendable(context, problem)
        return await _list(app, context, state=state, problem=problem)
    return pages.redirect(pages.with_query(PATH, {"state": state, "did": deed, "count": str(len(picked))}))


async def letter(app: AppContext, context: RequestContext) -> Response:
    """Return the page of one letter: its text, its receiver, and what each channel answered. Raises Problem."""
    name = context.request.query_params.get("name", "")
    found = await call_service(app, context, "moderation", "letter", {"letter": name or "-"})
    (found,) = await with_unit_names(app, [found])
    return await pages.desk_page(
        app,
        context,
        "staff/messages/letter.html",
        path=pages.with_query(LETTER_PAGE, {"name": name}),
        letter=found,
        deeds=DEEDS.get(found["state"], ()) if _may_act(context) else (),
        form=form_nonces.new_nonce(),
    )


async def new(app: AppContext, context: RequestContext) -> Response:
    """Return the form of a letter to many units. Raises Problem."""
    return await _new_page(app, context)


async def draft(app: AppContext, context: RequestContext) -> Response:
    """Propose a letter to the units of the groups that were chosen, and lead to the outbox. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=200)
    groups = await _audiences(app, context)
    units = {unit for each in groups if f"to-{each['key']}" in sent for unit in each["units"]}
    units |= set(sent.get("units", "").replace(",", " ").replace("，", " ").split())
    return await _propose(app, context, sent, "broadcast", [f"contact.{unit}" for unit in sorted(units)], _new_page)


async def reminders(app: AppContext, context: RequestContext) -> Response:
    """Return the page of judges who will be late by the forecast, and the form to remind them. Raises Problem."""
    return await _reminders_page(app, context)


async def remind(app: AppContext, context: RequestContext) -> Response:
    """Propose a reminder to the judges who were chosen, and lead to the outbox. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=MOST_PICKED)
    judges = sorted(name.removeprefix("to-") for name in sent if name.startswith("to-"))
    return await _propose(app, context, sent, "reminder", [f"staff.{judge}" for judge in judges], _reminders_page)


async def _propose(
    app: AppContext,
    context: RequestContext,
    sent: Mapping[str, str],
    kind: str,
    to: Sequence[str],
    form_page: Callable[..., Awaitable[Response]],
) -> Response:
    """Propose a letter of this kind to these receivers and lead to the outbox; show its form again if it is refused."""
    body = {
        "kind": kind,
        "to": list(to),
        "title": sent.get("title", "").strip(),
        "words": desk_forms.text_of(sent, "words"),
    }
    try:
        desk_forms.begin_command(app, context, sent, kind, body)
        await call_service(app, context, "moderation", "draft_letters", body)
    except Problem as problem:
        desk_forms.require_mendable(context, problem)
        return await form_page(app, context, typed=sent, problem=problem)
    return pages.redirect(pages.with_query(PATH, {"kind": kind, "did": "draft", "count": str(len(to))}))


async def contact(app: AppContext, context: RequestContext) -> Response:
    """Return the form of one receiver's addresses. Raises Problem."""
    return await _contact_page(app, context, _contact_of(context.request.query_params.get("to", "")))


async def set_contact(app: AppContext, context: RequestContext) -> Response:
    """Set the addresses of one receiver by form. Raises Problem."""
    sent = await read_form(context.request)
    name = _contact_of(sent.get("to", ""))
    body = {"contact": name, **contact_fields(sent)}
    try:
        desk_forms.begin_command(app, context, sent, "contact", body)
        await call_service(app, context, "moderation", "set_message_contact", body)
    except Problem as problem:
        desk_forms.require_mendable(context, problem)
        return await _contact_page(app, context, name, typed=sent, problem=problem)
    return pages.redirect(pages.with_query(CONTACT_PAGE, {"to": name, "saved": "yes"}))


def _contact_of(typed: str) -> str:
    """Return the contact that somebody typed: a unit's code alone is that unit's."""
    typed = typed.strip()
    return typed if typed.startswith(("contact.", "staff.")) else f"contact.{typed}"


async def _list(
    app: AppContext, context: RequestContext, *, state: str = "", problem: Problem | None = None
) -> Response:
    query = context.request.query_params
    state = state or (query.get("state", "") if query.get("state", "") in STATES else "proposed")
    kind = query.get("kind", "") if query.get("kind", "") in KINDS else ""
    wanted: dict[str, Any] = {"state": state, "limit": PAGE_ROWS}
    wanted |= {name: value for name, value in (("kind", kind), ("after", query.get("after", ""))) if value}
    found = await call_service(app, context, "moderation", "letters", wanted)
    found = {**found, "letters": await with_unit_names(app, found["letters"])}
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    here = {"state": state, **({"kind": kind} if kind else {})}
    return await pages.desk_page(
        app,
        context,
        "staff/messages/outbox.html",
        path=pages.with_query(PATH, here),
        status=200 if problem is None else problem.status,
        found=found,
        state=state,
        states=STATES,
        kind=kind,
        kinds=KINDS,
        deeds=DEEDS.get(state, ()) if _may_act(context) else (),
        did=query.get("did", "") if query.get("did", "") in (*METHODS, "draft") else "",
        count=query.get("count", "") if query.get("count", "").isdecimal() else "",
        error=next(iter(errors.values()), ""),
        form=form_nonces.new_nonce(),
        next_page=pages.with_query(PATH, {**here, "after": found["next"] or ""}),
    )


async def _confirm(
    app: AppContext, context: RequestContext, state: str, deed: str, picked: Mapping[str, str]
) -> Response:
    wanted: dict[str, Any] = {"state": state, "limit": MOST_PICKED}
    chosen: list[dict[str, Any]] = []
    while True:
        found = await call_service(app, context, "moderation", "letters", wanted)
        chosen += [each for each in found["letters"] if each["letter"] in picked]
        if found["next"] is None or len(chosen) >= len(picked):
            break
        wanted["after"] = found["next"]
    changed = len(picked) - len(chosen)
    if deed == "approve":
        changed += sum(each["digest"] != picked[each["letter"]] for each in chosen)
    return await pages.desk_page(
        app,
        context,
        "staff/messages/confirm.html",
        path=pages.with_query(PATH, {"state": state}),
        chosen=await with_unit_names(app, chosen),
        changed=changed,
        reached=sum(bool(each["channels"]) for each in chosen),
        state=state,
        deed=deed,
        form=form_nonces.new_nonce(),
    )


async def _audiences(app: AppContext, context: RequestContext) -> list[dict[str, Any]]:
    found = (await call_service(app, context, "moderation", "letter_audiences", {}))["audiences"]
    types = pages.names_of(app, "unit_types", context.lang)

    return [
        {**each, "key": f"{each['by']}-{each['code']}", "type": types.get(each["code"], each["code"])} for each in found
    ]


async def _new_page(
    app: AppContext, context: RequestContext, *, typed: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    return await pages.desk_page(
        app,
        context,
        "staff/messages/new.html",
        path=NEW_PAGE,
        status=200 if problem is None else problem.status,
        groups=await _audiences(app, context),
        typed=defaultdict(str, typed or {}),
        errors=defaultdict(str, errors),
        most=LETTER_CHARS,
        form=form_nonces.new_nonce(),
    )


async def _reminders_page(
    app: AppContext, context: RequestContext, *, typed: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    try:
        progress = await call_service(app, context, "scoring", "progress", {})
    except Problem as refused:
        if refused.status >= 500:
            raise
        progress = {"judges": []}  # before judging is set up there is nobody to remind
    late = [each for each in progress.get("judges", ()) if each.get("late")]
    title, words = say_in(context.lang, "reminder.title"), say_in(context.lang, "reminder.words")
    return await pages.desk_page(
        app,
        context,
        "staff/messages/reminders.html",
        path=REMINDERS_PAGE,
        status=200 if problem is None else problem.status,
        judges=late,
        typed=defaultdict(str, typed or {"title": title, "words": words}),
        errors=defaultdict(str, errors),
        most=LETTER_CHARS,
        form=form_nonces.new_nonce(),
    )


async def _contact_page(
    app: AppContext,
    context: RequestContext,
    name: str,
    *,
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    known: Mapping[str, str] = typed or {}
    if typed is None and name != "contact.":
        try:
            known = await call_service(app, context, "moderation", "message_contact", {"contact": name})
        except Problem as refused:
            if refused.status >= 500:
                raise
            errors = {"": " ".join(pages.field_errors(refused, context.lang, zone=context.zone).values())}
    return await pages.desk_page(
        app,
        context,
        "staff/messages/contact.html",
        path=pages.with_query(CONTACT_PAGE, {"to": name}),
        status=200 if problem is None else problem.status,
        to="" if name == "contact." else name,
        known=defaultdict(str, known),
        errors=defaultdict(str, errors),
        saved=context.request.query_params.get("saved") == "yes",
        form=form_nonces.new_nonce(),
    )


def _may_act(context: RequestContext) -> bool:
    return context.session is not None and ORGANISER in context.session.roles


ROUTES = (
    Route(
        method="GET", path=PATH, base="", roles=READERS, about="Page of the letters in one state, for organisers",
        raw=page(outbox),
    ),
    Route(
        method="POST", path=PATH, base="", roles=ORGANISERS,
        about="List the letters that were picked, and approve, drop or resume them once the list is confirmed",
        raw=page(act),
    ),
    Route(
        method="GET", path=LETTER_PAGE, base="", roles=READERS,
        about="Page of one letter with what each channel answered", raw=page(letter),
    ),
    Route(
        method="GET", path=NEW_PAGE, base="", roles=ORGANISERS, about="Form of a letter to many units", raw=page(new),
    ),
    Route(
        method="POST", path=NEW_PAGE, base="", roles=ORGANISERS, about="Propose a letter to many units by form",
        raw=page(draft),
    ),
    Route(
        method="GET", path=REMINDERS_PAGE, base="", roles=ORGANISERS,
        about="Page of judges who will be late by the forecast, with a reminder to them", raw=page(reminders),
    ),
    Route(
        method="POST", path=REMINDERS_PAGE, base="", roles=ORGANISERS, about="Propose a reminder to judges by form",
        raw=page(remind),
    ),
    Route(
        method="GET", path=CONTACT_PAGE, base="", roles=ORGANISERS,
        about="Form of the addresses to which letters to a unit or a member of staff go", raw=page(contact),
        security_event="sealed-words-read",
    ),
    Route(
        method="POST", path=CONTACT_PAGE, base="", roles=ORGANISERS,
        about="Set the addresses of a unit or a member of staff by form", raw=page(set_contact),
    ),
)  # fmt: skip
