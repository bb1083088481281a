"""Complaints and suggestions to the moderators, about an entry or the whole campaign.

Anybody may file one at any time; `contact_forms.py` handles the form.
"""

from gateway.html.page import page
from gateway.http import request_schemas, response_schemas
from gateway.load.shedding import Shed
from gateway.public.contact_forms import ContactForm
from gateway.routing.route import ANYONE, MODERATOR, ORGANISER, Route
from gateway.routing.service_calls import NUMBER_PROBLEMS, forward, forward_look_up

COMPLAINT_FORM = ContactForm(
    singular="complaint",
    plural="complaints",
    service="moderation",
    fields=("kind", "entry", "words", "contact"),
    schema=request_schemas.Complaint,
)
ANSWERING_STAFF = frozenset({MODERATOR, ORGANISER})
ROUTES = (
    Route(
        method="POST",
        path="/complaints",
        roles=ANYONE,
        about="File a complaint or suggestion about an entry or the campaign; keep the number to look it up later",
        handle=COMPLAINT_FORM.file_request,
        headers=("Challenge-Solution",),
        command=True,
        body=request_schemas.Complaint,
        answer=response_schemas.ComplaintDone,
        problems=("entry-unknown", "words-missing", "letter-challenge", "busy", "campaign-not-open"),
        status=201,
    ),
    Route(
        method="GET",
        path="/complaints/{complaint}",
        roles=ANYONE,
        about="Get the state of a complaint by its number",
        handle=forward_look_up("moderation", "complaint", number=True),
        answer=response_schemas.Complaint,
        problems=("complaint-unknown", "shed", *NUMBER_PROBLEMS),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/moderation/complaints",
        roles=ANSWERING_STAFF,
        about="List complaints and suggestions, oldest first",
        handle=forward("moderation", "complaints"),
        security_event="sealed-words-read",
        query=request_schemas.Complaints,
        answer=response_schemas.Complaints,
        problems=("cursor-unknown",),
    ),
    Route(
        method="POST",
        path="/moderation/complaints/{complaint}/answer",
        roles=ANSWERING_STAFF,
        about="Answer a complaint; anyone with its number can read the latest answer",
        handle=forward("moderation", "answer_complaint"),
        command=True,
        body=request_schemas.ComplaintAnswer,
        answer=response_schemas.ComplaintDone,
        problems=("complaint-unknown", "words-missing"),
    ),
    Route(
        method="POST",
        path="/moderation/complaints/answers",
        roles=ANSWERING_STAFF,
        about="Give up to 200 complaints the same answer at once, all of them or none",
        handle=forward("moderation", "answer_complaints"),
        command=True,
        body=request_schemas.ComplaintAnswers,
        answer=response_schemas.ComplaintsAnswered,
        problems=("complaint-unknown", "words-missing"),
    ),
    Route(
        method="GET",
        path="/complaints",
        base="",
        roles=ANYONE,
        about="Form for a complaint or suggestion",
        raw=page(COMPLAINT_FORM.form),
    ),
    Route(
        method="POST",
        path="/complaints",
        base="",
        roles=ANYONE,
        about="File a complaint or suggestion by form",
        raw=page(COMPLAINT_FORM.file_page),
    ),
    Route(
        method="GET",
        path="/complaints/{complaint}",
        base="",
        roles=ANYONE,
        about="State of a complaint",
        raw=page(COMPLAINT_FORM.state_page),
    ),
)
