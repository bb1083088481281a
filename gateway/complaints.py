"""Complaints and suggestions: a form for anybody, a number to ask by, and the desk that answers.

Promises: nobody needs an account, and who asks is not stored: the order is the gateway's own; the same form sent twice
is one complaint; the state is told to whoever has the number, and what was said to the desk alone. Filing is paced by
session, else by network, and in all (`asking.py`). Does not promise that a network's neighbours never wait a minute.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from starlette.responses import Response

from gateway import answer_schemas as told
from gateway import answers, numbers, pages, schemas
from gateway.admission.asking import ALL_COMPLAINTS, COMPLAINTS
from gateway.calls import ask_as_gateway, ask_service
from gateway.doors.forms import form_of
from gateway.gate import Gate
from gateway.idempotency import command_id
from gateway.pages import page
from gateway.problems import Problem
from gateway.relay import relay
from gateway.route import ANYONE, MODERATOR, ORGANISER, Ask, Route
from gateway.shedding import Shed
from gateway.signals import network
from shared.rpc import flat

FORM_BYTES = 32 * 1024  # 2,000 Chinese characters are 18 KB in a form
FIELDS = ("kind", "entry", "words", "contact")
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")


async def file(gate: Gate, ask: Ask) -> Response:
    return answers.command(await _filed(gate, ask, ask.body, ask.command), status=201)


async def _filed(gate: Gate, ask: Ask, said: Mapping[str, Any], command: str) -> dict[str, Any]:
    """File what was said. Raises Problem."""
    entry = gate.views.entry(said["entry"]) if said.get("entry") else None
    if said.get("entry") and entry is None:
        raise Problem("entry-unknown", field="entry")
    if not said["words"].strip():
        raise Problem("words-missing", field="words")
    who = f"session {ask.session.sub}" if ask.session else f"network {network(ask.request)}"
    gate.asking.refuse_if_often(COMPLAINTS, who)
    gate.asking.refuse_if_often(ALL_COMPLAINTS, "")
    body = {"kind": said["kind"], "entry": entry, "words": said["words"], "contact": said.get("contact") or None}
    return await ask_as_gateway(gate, "moderation", "file_complaint", body, id=command)


# The pages


async def form(gate: Gate, ask: Ask) -> Response:
    """The form; with a number in the address, on to its state."""
    query = ask.request.query_params
    if "number" in query:
        return pages.sent_on(f"/complaints/{_read(query['number'])}")
    number = query.get("entry", "")
    found = gate.views.entry(number) if gate.views.loaded else None
    body = pages.render(
        "complaints.html",
        ask,
        path=pages.address("/complaints", {"entry": number} if found else {}),
        entry=number if found else "",
        form=secrets.token_urlsafe(16),
    )
    return pages.shown(ask, body)


async def file_page(gate: Gate, ask: Ask) -> Response:
    """What a form files, and its number."""
    sent = await form_of(ask.request, limit=FORM_BYTES)
    said = {name: sent[name].replace("\r\n", "\n") for name in FIELDS if sent.get(name)}
    try:
        schemas.Complaint().load({"words": " ", **said})
    except ValidationError as problem:
        raise Problem("invalid", errors=flat(problem.messages)) from problem
    nonce = sent.get("form", "")
    key = nonce if _NONCE.fullmatch(nonce) else secrets.token_urlsafe(16)
    command = command_id(actor="form", route=ask.route.name, key=key, content=said)
    return _state_page(gate, ask, await _filed(gate, ask, {"words": "", **said}, command), is_new=True)


async def state_page(gate: Gate, ask: Ask) -> Response:
    gate.shedding.refuse(Shed.SEARCH)
    asked = {"complaint": _read(ask.path["complaint"])}
    return _state_page(gate, ask, await ask_service(gate, ask, "moderation", "complaint", asked), is_new=False)


def _state_page(gate: Gate, ask: Ask, found: Mapping[str, Any], *, is_new: bool) -> Response:
    entry = found["entry"] or ""
    seen = gate.views.data("entries").get("entries", {}).get(entry, {})
    number = found["complaint"]
    body = pages.render(
        "complaint.html",
        ask,
        path=f"/complaints/{number}",
        complaint=found,
        shown=numbers.grouped(number),
        entry=seen.get("number") or entry,
        title=seen.get("title", ""),
        is_new=is_new,
    )
    return pages.shown(ask, body)


def _read(number: str) -> str:
    """A number as people type it. Raises Problem."""
    return numbers.plain(number, unknown="complaint-unknown", field="complaint")


DESK = frozenset({MODERATOR, ORGANISER})
ROUTES = (
    Route(
        method="POST",
        path="/complaints",
        roles=ANYONE,
        about="File a complaint or a suggestion, about an entry or the campaign; its number is to be kept",
        handle=file,
        command=True,
        body=schemas.Complaint,
        answer=told.ComplaintDone,
        problems=("entry-unknown", "words-missing", "too-fast", "campaign-not-open"),
        status=201,
    ),
    Route(
        method="GET",
        path="/complaints/{complaint}",
        roles=ANYONE,
        about="What became of a complaint, by its number",
        handle=relay("moderation", "complaint"),
        answer=told.Complaint,
        problems=("complaint-unknown", "shed"),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/moderation/complaints",
        roles=DESK,
        about="Complaints and suggestions, oldest first",
        handle=relay("moderation", "complaints"),
        query=schemas.Complaints,
        answer=told.Complaints,
    ),
    Route(
        method="POST",
        path="/moderation/complaints/{complaint}/answer",
        roles=DESK,
        about="Answer a complaint; the last answer is read by whoever has its number",
        handle=relay("moderation", "answer_complaint"),
        command=True,
        body=schemas.ComplaintAnswer,
        answer=told.ComplaintDone,
        problems=("complaint-unknown", "words-missing"),
    ),
    Route(method="GET", path="/complaints", base="", roles=ANYONE, about="Complain or suggest", raw=page(form)),
    Route(method="POST", path="/complaints", base="", roles=ANYONE, about="File it by a form", raw=page(file_page)),
    Route(
        method="GET",
        path="/complaints/{complaint}",
        base="",
        roles=ANYONE,
        about="What became of a complaint",
        raw=page(state_page),
    ),
)
