"""Objections (异议) to the published result: a form for anybody, a number to ask by, and the organisers who answer.

Promises: as for complaints: no account is needed, who objects is not stored, a form that is sent twice is one
objection, filing is paced, and state and answer are told to whoever has the number. Ranking says whether the notice
still runs. Does not promise that an entry that is no longer shown can be named: then the objection is to the whole.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from starlette.responses import Response

from gateway import answer_schemas as told
from gateway import answers, numbers, pages, schemas
from gateway.admission.asking import ALL_OBJECTIONS, OBJECTIONS
from gateway.calls import ask_as_gateway, ask_service
from gateway.complaints import FORM_BYTES
from gateway.doors.forms import form_of
from gateway.gate import Gate
from gateway.idempotency import command_id
from gateway.notice import standing
from gateway.pages import page
from gateway.problems import Problem
from gateway.relay import relay
from gateway.route import ANYONE, ORGANISER, Ask, Route
from gateway.shedding import Shed
from gateway.signals import network
from shared.rpc import flat

FIELDS = ("entry", "words", "contact")
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
    gate.asking.refuse_if_often(OBJECTIONS, who)
    gate.asking.refuse_if_often(ALL_OBJECTIONS, "")
    body = {"entry": entry, "words": said["words"], "contact": said.get("contact") or None}
    return await ask_as_gateway(gate, "ranking", "file_objection", body, id=command)


# The pages


async def form(gate: Gate, ask: Ask) -> Response:
    """The form, while objections are taken; with a number in the address, on to its state."""
    query = ask.request.query_params
    if "number" in query:
        return pages.sent_on(f"/objections/{_read(query['number'])}")
    number = query.get("entry", "")
    found = gate.views.entry(number) if gate.views.loaded else None
    body = pages.render(
        "objections.html",
        ask,
        path=pages.address("/objections", {"entry": number} if found else {}),
        entry=number if found else "",
        form=secrets.token_urlsafe(16),
        standing=standing(gate.views, ask.at),
    )
    return pages.shown(ask, body)


async def file_page(gate: Gate, ask: Ask) -> Response:
    """What a form files, and its number."""
    sent = await form_of(ask.request, limit=FORM_BYTES)
    said = {name: sent[name].replace("\r\n", "\n") for name in FIELDS if sent.get(name)}
    try:
        schemas.Objection().load({"words": " ", **said})
    except ValidationError as problem:
        raise Problem("invalid", errors=flat(problem.messages)) from problem
    nonce = sent.get("form", "")
    key = nonce if _NONCE.fullmatch(nonce) else secrets.token_urlsafe(16)
    command = command_id(actor="form", route=ask.route.name, key=key, content=said)
    return _state_page(gate, ask, await _filed(gate, ask, {"words": "", **said}, command), is_new=True)


async def state_page(gate: Gate, ask: Ask) -> Response:
    gate.shedding.refuse(Shed.SEARCH)
    asked = {"objection": _read(ask.path["objection"])}
    return _state_page(gate, ask, await ask_service(gate, ask, "ranking", "objection", asked), is_new=False)


def _state_page(gate: Gate, ask: Ask, found: Mapping[str, Any], *, is_new: bool) -> Response:
    entry = found["entry"] or ""
    seen = gate.views.data("entries").get("entries", {}).get(entry, {})
    number = found["objection"]
    body = pages.render(
        "objection.html",
        ask,
        path=f"/objections/{number}",
        objection=found,
        shown=numbers.grouped(number),
        entry=seen.get("number") or entry,
        title=seen.get("title", ""),
        is_new=is_new,
    )
    return pages.shown(ask, body)


def _read(number: str) -> str:
    """A number as people type it. Raises Problem."""
    return numbers.plain(number, unknown="objection-unknown", field="objection")


ORGANISERS = frozenset({ORGANISER})
ROUTES = (
    Route(
        method="POST",
        path="/objections",
        roles=ANYONE,
        about="Object to the published result, or to an entry in it, until the notice ends; the number is to be kept",
        handle=file,
        command=True,
        body=schemas.Objection,
        answer=told.ObjectionDone,
        problems=("result-not-published", "objection-late", "entry-unknown", "words-missing", "too-fast"),
        status=201,
    ),
    Route(
        method="GET",
        path="/objections/{objection}",
        roles=ANYONE,
        about="What became of an objection, by its number",
        handle=relay("ranking", "objection"),
        answer=told.Objection,
        problems=("objection-unknown", "shed"),
        shed=Shed.SEARCH,
    ),
    Route(
        method="GET",
        path="/result/objections",
        roles=ORGANISERS,
        about="Objections, oldest first",
        handle=relay("ranking", "objections"),
        query=schemas.Objections,
        answer=told.Objections,
    ),
    Route(
        method="POST",
        path="/result/objections/{objection}/decision",
        roles=ORGANISERS,
        about="Uphold or dismiss an objection, with words that whoever has its number reads",
        handle=relay("ranking", "decide_objection"),
        command=True,
        body=schemas.ObjectionDecision,
        answer=told.ObjectionDone,
        problems=("objection-unknown", "objection-settled", "words-missing", "not-an-organiser"),
    ),
    Route(method="GET", path="/objections", base="", roles=ANYONE, about="Object to the result", raw=page(form)),
    Route(method="POST", path="/objections", base="", roles=ANYONE, about="Object by a form", raw=page(file_page)),
    Route(
        method="GET",
        path="/objections/{objection}",
        base="",
        roles=ANYONE,
        about="What became of an objection",
        raw=page(state_page),
    ),
)
