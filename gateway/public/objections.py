"""Objections (异议) to the published result, filed with the organisers during the notice period.

`contact_forms.py` handles the form; ranking decides whether the notice period is still running.
"""

from gateway.html.page import page
from gateway.http import request_schemas, response_schemas
from gateway.load.shedding import Shed
from gateway.public.contact_forms import ContactForm
from gateway.public.notice import RUNNING, notice_state
from gateway.routing.route import ANYONE, ORGANISER, Route
from gateway.routing.service_calls import NUMBER_PROBLEMS, forward, forward_look_up

OBJECTION_FORM = ContactForm(
    singular="objection",
    plural="objections",
    service="ranking",
    fields=("entry", "words", "contact"),
    schema=request_schemas.Objection,
    form_context=lambda app, context: {"state": notice_state(app.views, context.at)},
    takes_letters=lambda app, context: notice_state(app.views, context.at) == RUNNING,
)
ORGANISERS = frozenset({ORGANISER})
ROUTES = (
    Route(
        method="POST",
        path="/objections",
        roles=ANYONE,
        about="Object to the published result or an entry in it before the notice ends; keep the number for later",
        handle=OBJECTION_FORM.file_request,
        headers=("Challenge-Solution",),
        command=True,
        body=request_schemas.Objection,
        answer=response_schemas.ObjectionDone,
        problems=(
            "result-not-published",
            "objection-late",
            "entry-unknown",
            "words-missing",
            "letter-challenge",
            "busy",
        ),
        status=201,
    ),
    Route(
        method="GET",
        path="/objections/{objection}",
        roles=ANYONE,
        about="Get the state of an objection by its number",
        handle=forward_look_up("ranking", "objection", number=True),
        answer=response_schemas.Objection,
        problems=("objection-unknown", "shed", *NUMBER_PROBLEMS),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/result/objections",
        roles=ORGANISERS,
        about="List objections, oldest first",
        handle=forward("ranking", "objections"),
        security_event="sealed-words-read",
        query=request_schemas.Objections,
        answer=response_schemas.Objections,
        problems=("cursor-unknown",),
    ),
    Route(
        method="POST",
        path="/result/objections/{objection}/decision",
        roles=ORGANISERS,
        about="Uphold or dismiss an objection; anyone with its number can read the reasons",
        handle=forward("ranking", "decide_objection"),
        command=True,
        body=request_schemas.ObjectionDecision,
        answer=response_schemas.ObjectionDone,
        problems=("objection-unknown", "objection-settled", "words-missing", "not-an-organiser"),
    ),
    Route(
        method="POST",
        path="/result/objections/decisions",
        roles=ORGANISERS,
        about="Uphold or dismiss up to 200 objections at once, all of them or none, with reasons that hold for each",
        handle=forward("ranking", "decide_objections"),
        command=True,
        body=request_schemas.ObjectionDecisions,
        answer=response_schemas.ObjectionsDecided,
        problems=("objection-unknown", "objection-settled", "words-missing", "not-an-organiser"),
    ),
    Route(
        method="GET",
        path="/objections",
        base="",
        roles=ANYONE,
        about="Form for an objection to the result",
        raw=page(OBJECTION_FORM.form),
    ),
    Route(
        method="POST",
        path="/objections",
        base="",
        roles=ANYONE,
        about="File an objection by form",
        raw=page(OBJECTION_FORM.file_page),
    ),
    Route(
        method="GET",
        path="/objections/{objection}",
        base="",
        roles=ANYONE,
        about="State of an objection",
        raw=page(OBJECTION_FORM.state_page),
    ),
)
