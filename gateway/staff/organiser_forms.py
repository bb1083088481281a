"""What the pages of organisers share: a page with its actions, the step that asks once more, and the way back.

Promises: an action is one command of a service, and what the form holds is checked by the schema of the API's route. An
action that cannot be undone is sent only from a page that has said what it does. What is refused stands in its form
again, with the reason. Each page works without scripts.
Does not promise that a page decides anything: rules, limits and times are the services'.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema
from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http import form_nonces
from gateway.http.forms import read_form
from gateway.http.problems import Problem, document
from gateway.routing import security_events
from gateway.routing.context import AppContext
from gateway.routing.route import AUDITOR, OPERATOR, ORGANISER, RequestContext, Route
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff import desk_forms

HOME = "/organiser"
READERS, ORGANISERS = frozenset({ORGANISER, AUDITOR}), frozenset({ORGANISER})
STAFF_READERS = READERS | {OPERATOR}
MOST_FIELDS = 400
#: The pages that stand in the tabs above each of them, in the order in which a campaign needs them.
TABS = (
    "schedule", "staff", "late-passes", "shortlist", "judging", "disqualification", "result", "notice", "final",
    "certificates", "exhibition",
)  # fmt: skip

Sent = Mapping[str, str]
Effect = tuple[str, str]  # what the page says before an action is sent: label and text
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One command that a form of a page sends: the service's method, and how the form becomes its body.

    `body` reads the fields into the body that `schema` checks, in a time zone; `named` reads what the API has in its
    path. `asks` says that a page asks once more before it is sent, and shows what `effects` returns.
    """

    service: str
    method: str
    schema: type[Schema]
    body: Callable[[Sent, str], Values]
    named: Callable[[AppContext, Sent], Values] = lambda _app, _sent: {}
    asks: bool = False
    effects: Callable[[AppContext, RequestContext, Values], Awaitable[Sequence[Effect]]] | None = None
    before: Callable[[AppContext, RequestContext, Values], Awaitable[None]] | None = None
    after: Callable[[AppContext, RequestContext, Values], Values | None] | None = None
    security_event: str = ""
    proves: bool = False  # whether it asks again for the password or a code

    def needs_proof(self, sent: Sent) -> bool:
        """Return whether this form, when it comes, must be proved: the last one, where a page asks once more before."""
        return self.proves and (not self.asks or sent.get("sure") == "yes")


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of organisers: its name, what it reads from the services, and its actions by name.

    A page that stands below another has the name of that page and its own: `judging-marks` is `judging/marks`, within
    `judging`. `remembers` are the parameters of its address that stay after an action.
    """

    name: str
    load: Callable[[AppContext, RequestContext], Awaitable[Values]]
    actions: Mapping[str, Action] = field(default_factory=dict)
    readers: frozenset[str] = READERS
    about: str = ""
    within: str = ""
    remembers: tuple[str, ...] = ()
    security_event: str = ""  # recorded whenever the page is read

    @property
    def path(self) -> str:
        """The path of the page."""
        return (
            f"{HOME}/{self.within}/{self.name.removeprefix(self.within + '-')}"
            if self.within
            else f"{HOME}/{self.name}"
        )


async def show(
    app: AppContext,
    context: RequestContext,
    desk: DeskPage,
    *,
    typed: Sent | None = None,
    problem: Problem | None = None,
    more: Values | None = None,
) -> Response:
    """Return a page; after a refusal with what was typed and the reason. Raises Problem."""
    values, did = await desk.load(app, context), context.request.query_params.get("did", "")
    errors = {} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone)
    texts = None if problem is None else document(problem, lang=context.lang, request=context.id, zone=context.zone)
    assert context.session is not None  # the routes are not open
    return await pages.desk_page(
        app,
        context,
        f"staff/organiser/{desk.name}.html",
        path=desk.path,
        status=200 if problem is None else problem.status,
        tab=desk.name,
        tabs=TABS,
        within=desk.within,
        did=did if did in desk.actions else "",
        typed=defaultdict(str, typed or {}),
        errors=defaultdict(str, errors),
        problem=texts,
        form=form_nonces.new_nonce(),
        may_act=bool(context.session.roles & ORGANISERS),
        **{**values, **(more or {})},
    )


async def act(app: AppContext, context: RequestContext, desk: DeskPage) -> Response:
    """Do what a form of the page says, or ask once more, and return to the page. Raises Problem."""
    sent = await read_form(context.request, limit=desk_forms.FORM_BYTES, most_fields=MOST_FIELDS)
    name = sent.get("do", "")
    action = desk.actions.get(name)
    if action is None:
        raise Problem("invalid", errors={"do": ["not-allowed"]})
    if sent.get("sure") == "no":
        return await show(app, context, desk, typed=sent)
    try:
        body = {
            **desk_forms.load_body(action.schema, action.body(sent, context.zone)),
            **action.named(app, sent),
        }
        if action.asks and sent.get("sure") != "yes":
            return await _confirm(app, context, desk, name, action, body, sent)
        if action.before is not None:
            await action.before(app, context, body)
        desk_forms.begin_command(app, context, sent, name, body)
        answer = await call_service(app, context, action.service, action.method, body, deadline_s=LONG_S)
    except Problem as problem:
        desk_forms.require_mendable(context, problem)
        return await show(app, context, desk, typed=sent, problem=problem)
    if action.security_event:
        security_events.record_event(app, action.security_event, context, body)
    more = None if action.after is None else action.after(app, context, answer)
    if more is not None:  # an answer that is shown once, such as a link
        return await show(app, context, desk, more=more)
    query = context.request.query_params
    kept = {each: query[each] for each in desk.remembers if query.get(each)}
    return pages.redirect(pages.with_query(desk.path, {**kept, "did": name}))


async def _confirm(
    app: AppContext, context: RequestContext, desk: DeskPage, name: str, action: Action, body: Values, sent: Sent
) -> Response:
    effects = () if action.effects is None else await action.effects(app, context, body)
    return await pages.desk_page(
        app,
        context,
        "staff/organiser/confirm.html",
        path=desk.path,
        tab=desk.name,
        tabs=TABS,
        within=desk.within,
        question=f"{desk.name}.{name}",
        effects=effects,
        target=pages.current_path(context.request),
        sent={each: value for each, value in sent.items() if each != "sure"},
    )


def routes(desk: DeskPage) -> tuple[Route, ...]:
    """Return the routes of a page: the page itself and, if it has actions, its form."""

    async def get(app: AppContext, context: RequestContext) -> Response:
        return await show(app, context, desk)

    async def post(app: AppContext, context: RequestContext) -> Response:
        return await act(app, context, desk)

    def needs_proof(sent: Sent) -> bool:
        action = desk.actions.get(sent.get("do", ""))
        return action is not None and action.needs_proof(sent)

    found = [
        Route(
            method="GET",
            path=desk.path,
            base="",
            roles=desk.readers,
            about=f"Page of {desk.about}",
            raw=page(get),
            security_event=desk.security_event,
        )
    ]
    if desk.actions:
        about = f"Send a form of the page of {desk.about}"
        proves = any(action.proves for action in desk.actions.values())
        found.append(
            Route(
                method="POST",
                path=desk.path,
                base="",
                roles=ORGANISERS,
                about=about,
                raw=page(post),
                step_up=proves,
                step_up_if=needs_proof if proves else None,
            )
        )
    return tuple(found)


def entry_names(app: AppContext) -> dict[str, dict[str, str]]:
    """Return how people know the entries that the public sees: number, title and unit, by id."""
    entries = app.views.data("entries").get("entries", {})
    return {
        entry: {"number": each.get("number") or "", "title": each["title"], "unit": each["unit"]}
        for entry, each in entries.items()
    }


def entry_id(app: AppContext, sent: Sent, *, name: str = "entry") -> str:
    """Return the id of the entry that a form names by its poster number. Raises Problem."""
    typed = sent.get(name, "").strip()
    if not typed:
        raise Problem("invalid", errors={name: ["required"]})
    found = app.views.entry(typed.upper()) or app.views.entry(typed)
    if found is None:
        raise app.views.unseen_entry(typed)
    return found
